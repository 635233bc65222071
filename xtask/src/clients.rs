//! The conformance scripts of `tests/clients`: published SDKs against the release binary.
//!
//! The SDKs come from the package registry in exact versions, into an environment of their own
//! under the target folder; only their URL is changed. Each script runs on both databases, and
//! after each run the ledger must verify.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::install::{apt_install, ensure_program};
use crate::postgres::Postgres;
use crate::process::{output, run as run_command, run_within};
use crate::report::Report;
use crate::scratch::Scratch;
use crate::served::{SETTINGS, Served};
use crate::workspace::Workspace;

/// A script that takes longer than this hangs.
const SCRIPT_LIMIT: Duration = Duration::from_secs(180);

/// Runs every script, each counted once for each database.
pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    let folder = workspace.root().join("tests/clients");
    let mut found = None;
    report.gate("SDKs for the conformance scripts", || {
        found = Some((environment(workspace, &folder, "clients")?, scripts(&folder)?));
        Ok(())
    });
    let Some((python, scripts)) = found else { return };
    for script in &scripts {
        let name = script.file_name().unwrap_or_default().to_string_lossy().into_owned();
        report.gate(&format!("{name} on SQLite"), || against(workspace, &python, script, None));
        report.gate(&format!("{name} on PostgreSQL"), || {
            let server = Postgres::start()?;
            let url = server.create_database("chorsu")?;
            against(workspace, &python, script, Some(&url))
        });
    }
}

/// One script against one fresh server, then a clean stop and the proof of the ledger.
fn against(
    workspace: &Workspace,
    python: &Path,
    script: &Path,
    database: Option<&str>,
) -> Result<()> {
    let binary = workspace.built_binary()?;
    let scratch = Scratch::new("client")?;
    let data = scratch.path().join("data");
    let served = Served::start(&binary, &data, database)?;
    let mut command = Command::new(python);
    command.arg("-B").arg(script).arg(served.url());
    let result = run_within(&mut command, SCRIPT_LIMIT);
    if let Err(error) = result {
        bail!("{error:#}\n--- the server said:\n{}", served.log_text());
    }
    served.stop()?;
    verify(&binary, &data, database)
}

/// `chorsu verify` on what a server left behind.
pub(crate) fn verify(binary: &Path, data: &Path, database: Option<&str>) -> Result<()> {
    let mut command = Command::new(binary);
    command.arg("verify");
    match database {
        Some(url) => command.args(["--database", url]),
        None => command.arg("--data").arg(data),
    };
    for name in SETTINGS {
        command.env_remove(name);
    }
    run_command(&mut command)
}

/// The scripts, in the order of their names; files that begin with `_` are their helpers.
fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut scripts = Vec::new();
    for entry in std::fs::read_dir(folder).context("there is no folder tests/clients")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".py") && !name.starts_with('_') {
            scripts.push(path);
        }
    }
    ensure!(!scripts.is_empty(), "there is no script in {}", folder.display());
    scripts.sort();
    Ok(scripts)
}

/// The Python of an environment called `name` that holds exactly what the `requirements.txt` of a
/// folder names.
pub(crate) fn environment(workspace: &Workspace, folder: &Path, name: &str) -> Result<PathBuf> {
    let requirements = folder.join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let home = workspace.target().join(name);
    let python = home.join("bin/python");
    let stamp = home.join("installed.txt");
    let installed = std::fs::read_to_string(&stamp).is_ok_and(|text| text == wanted);
    if installed && output(Command::new(&python).arg("--version")).is_ok() {
        println!("{} is up to date", home.display());
        return Ok(python);
    }
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    create_environment(&home)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    run_command(pip.arg(&requirements))?;
    std::fs::write(&stamp, wanted)?;
    Ok(python)
}

/// `python3 -m venv`, after installing what it lacks; Debian ships Python without `ensurepip`.
fn create_environment(home: &Path) -> Result<()> {
    let python = ensure_program("python3", "python3-venv")?;
    let venv = |python: &Path| run_command(Command::new(python).args(["-m", "venv"]).arg(home));
    if venv(&python).is_ok() {
        return Ok(());
    }
    apt_install(&["python3-venv"])?;
    venv(Path::new("/usr/bin/python3")).context("python3 cannot make a virtual environment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_all_python_files_but_the_helpers() {
        let scratch = Scratch::new("scripts").unwrap();
        for name in ["b.py", "a.py", "_checks.py", "requirements.txt"] {
            std::fs::write(scratch.path().join(name), "").unwrap();
        }
        let found = scripts(scratch.path()).unwrap();
        assert_eq!(found, ["a.py", "b.py"].map(|name| scratch.path().join(name)));
        assert!(scripts(&scratch.path().join("nowhere")).is_err());
    }
}
