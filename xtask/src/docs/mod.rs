//! The examples of the documents, run word for word.
//!
//! A fenced block whose info string is `sh run` is executed; the next block, when its info string
//! is `json output` or `text output`, says what it prints. All blocks of one file share one shell
//! and one fresh server. The documents write http://127.0.0.1:8080, which becomes the address of
//! that server when they are run.

mod blocks;
mod compare;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use self::blocks::Example;
use crate::install::ensure_program;
use crate::process::run_within;
use crate::report::Report;
use crate::scratch::Scratch;
use crate::served::Served;
use crate::workspace::Workspace;

/// The address that the documents use.
const WRITTEN: [&str; 2] = ["127.0.0.1:8080", "localhost:8080"];
/// All examples of one file together may take this long.
const LIMIT: Duration = Duration::from_secs(180);
/// Stands between the outputs of two blocks; no program prints it by accident.
const SEPARATOR: char = '\u{1e}';
/// Programs that an example may use and that a bare Debian lacks.
const TOOLS: [&str; 2] = ["curl", "jq"];

/// Runs the examples of every document that has some, each document counted once.
pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    let mut documents = Vec::new();
    report.gate("find the runnable examples", || {
        documents = find(workspace.root())?;
        ensure!(!documents.is_empty(), "no document has an example marked `sh run`");
        Ok(())
    });
    for (name, examples) in &documents {
        report.gate(&format!("examples of {name}"), || check(workspace, examples));
    }
}

/// README.md and docs/*.md with their examples, as far as they have any.
fn find(root: &Path) -> Result<Vec<(String, Vec<Example>)>> {
    let mut paths = vec![PathBuf::from("README.md")];
    if let Ok(entries) = std::fs::read_dir(root.join("docs")) {
        for entry in entries {
            paths.push(Path::new("docs").join(entry?.file_name()));
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    let mut documents = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(root.join(&path))
            .with_context(|| format!("cannot read {name}"))?;
        let examples = blocks::parse(&text).with_context(|| name.clone())?;
        if !examples.is_empty() {
            documents.push((name, examples));
        }
    }
    Ok(documents)
}

/// Runs the examples of one document in one shell against one fresh server.
fn check(workspace: &Workspace, examples: &[Example]) -> Result<()> {
    for tool in TOOLS {
        if examples.iter().any(|example| example.commands.contains(tool)) {
            ensure_program(tool, tool)?;
        }
    }
    let scratch = Scratch::new("docs")?;
    let folder = scratch.path();
    // The documents say target/release/chorsu and ./chorsu-data, so both are there to be found.
    let programs = folder.join("target/release");
    std::fs::create_dir_all(&programs)?;
    let binary = programs.join("chorsu");
    std::os::unix::fs::symlink(workspace.built_binary()?, &binary)?;
    let served = Served::start(&binary, &folder.join("chorsu-data"), None)?;

    let address = served.address().to_string();
    let actual = |text: &str| WRITTEN.iter().fold(text.to_owned(), |t, w| t.replace(w, &address));
    let script = folder.join("examples.sh");
    std::fs::write(&script, actual(&shell_script(examples)))?;
    let printed = folder.join("examples.out");
    let mut bash = Command::new("bash");
    bash.arg(&script).current_dir(folder).env("PATH", path_with(&programs)?);
    let output = std::fs::File::create(&printed)?;
    let ended = run_within(bash.stdout(output.try_clone()?).stderr(output), LIMIT);

    let bytes = std::fs::read(&printed)?;
    if let Err(error) = judge(examples, &outputs(&String::from_utf8_lossy(&bytes)), ended, actual) {
        bail!("{error:#}\n--- the server said:\n{}", served.log_text());
    }
    println!("{} example(s) ran", examples.len());
    served.stop()
}

/// Compares what each block printed with what the document says.
fn judge(
    examples: &[Example],
    outputs: &[&str],
    ended: Result<()>,
    actual: impl Fn(&str) -> String,
) -> Result<()> {
    for (index, example) in examples.iter().enumerate() {
        let printed = outputs.get(index).copied().unwrap_or_default();
        // The shell stops at the first command that fails, so the last block that began is the one.
        if let (Err(error), true) = (&ended, index + 1 >= outputs.len()) {
            bail!("line {}: {error:#}\n{printed}", example.line);
        }
        let Some(expected) = &example.expected else { continue };
        if let Err(line) = compare::matches(&actual(&expected.text), printed, expected.json) {
            bail!(
                "line {}: the document shows this line, the program did not:\n  {line}\n\
                 it printed:\n{printed}",
                example.line
            );
        }
    }
    ended
}

/// One script of all blocks, each announced by the separator.
fn shell_script(examples: &[Example]) -> String {
    let mut script = String::from("set -euo pipefail\n");
    for example in examples {
        script.push_str("printf '\\036'\n");
        script.push_str(&example.commands);
        script.push('\n');
    }
    script
}

/// What each block printed, in their order; fewer than there are blocks when the shell stopped.
fn outputs(printed: &str) -> Vec<&str> {
    printed.split(SEPARATOR).skip(1).collect()
}

/// `PATH` with a folder in front.
fn path_with(folder: &Path) -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(folders)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
```sh run
name=Chorsu
echo \"{ \\\"name\\\": \\\"$name\\\" }\"
```
```json output
{\"name\": \"Ch…\"}
```
```sh run
echo second $name; echo 127.0.0.1:8080
```
```text output
second Chorsu
http…
```
";

    fn run_script(script: &str) -> (String, Result<()>) {
        let scratch = Scratch::new("docstest").unwrap();
        let file = scratch.path().join("out");
        let output = std::fs::File::create(&file).unwrap();
        let mut bash = Command::new("bash");
        bash.args(["-c", script]).stdout(output);
        let ended = run_within(&mut bash, Duration::from_secs(20));
        (std::fs::read_to_string(&file).unwrap(), ended)
    }

    #[test]
    fn blocks_share_one_shell_and_are_compared_one_by_one() {
        let document = DOCUMENT.replace("http…\n", "127.0.0.1:8080\n");
        let examples = blocks::parse(&document).unwrap();
        let (printed, ended) = run_script(&shell_script(&examples));
        judge(&examples, &outputs(&printed), ended, str::to_owned).unwrap();
    }

    #[test]
    fn a_line_that_is_not_printed_is_an_error_with_its_place() {
        let examples = blocks::parse(DOCUMENT).unwrap();
        let (printed, ended) = run_script(&shell_script(&examples));
        let error = judge(&examples, &outputs(&printed), ended, str::to_owned).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("line 8:") && text.contains("  http…"), "{text}");
    }

    #[test]
    fn a_command_that_fails_is_blamed_on_its_block() {
        let document = "```sh run\ntrue\n```\n\n```sh run\nfalse\n```\n```sh run\ntrue\n```\n";
        let examples = blocks::parse(document).unwrap();
        let (printed, ended) = run_script(&shell_script(&examples));
        let error = judge(&examples, &outputs(&printed), ended, str::to_owned).unwrap_err();
        assert!(error.to_string().starts_with("line 5:"), "{error}");
    }
}
