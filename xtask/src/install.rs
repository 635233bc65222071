//! Finding the programs that the tests need, and installing Debian's packages where they miss.
//!
//! A missing program is installed (as root, on a system with apt) or it is an error that says what
//! to install; it is never a reason to leave a test out.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process::{output, run};

/// The first file of that name on `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Makes sure that a program is on `PATH`, installing `package` when it is not.
pub(crate) fn ensure_program(program: &str, package: &str) -> Result<PathBuf> {
    if let Some(found) = find(program) {
        return Ok(found);
    }
    apt_install(&[package])?;
    find(program).with_context(|| format!("{program} is still missing after installing {package}"))
}

/// Installs Debian packages; an error with the words to type where we may not.
pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    ensure!(
        Path::new("/usr/bin/apt-get").is_file(),
        "missing: {names}. There is no apt-get here: install the equivalent by hand"
    );
    ensure!(is_root()?, "missing: {names}. Install with: sudo apt-get install {names}");
    run(apt().args(["update", "-q"]))?;
    run(apt().args(["install", "-q", "-y", "--no-install-recommends"]).args(packages))
}

/// Whether we run as root.
pub(crate) fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}

fn apt() -> Command {
    let mut command = Command::new("/usr/bin/apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program-here").is_none());
    }
}
