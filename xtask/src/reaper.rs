//! Cleaning up after ourselves however we end, `kill -9` included.
//!
//! A reaper is a small shell in its own process group that waits on a pipe from us. When the pipe
//! closes, because we let go of it or because we are gone, it stops a server and removes a folder.
//! This needs no signal handler, and Ctrl-C in a terminal does not reach it.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// `$1` is the folder to remove (empty: none); the words after it are the command that stops.
const SCRIPT: &str = r#"
folder=$1; shift
read -r word
if [ "$word" != stopped ] && [ $# -gt 0 ]; then "$@"; fi
if [ -n "$folder" ]; then rm -rf -- "$folder"; fi
"#;

/// Something that will be stopped and removed; dropping it does so and waits for it.
pub(crate) struct Reaper {
    shell: Child,
}

impl Reaper {
    /// Arms a reaper with the command that stops something, and the folder to remove after it.
    pub(crate) fn arm(stop: &[&OsStr], folder: Option<&Path>) -> Result<Self> {
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "reaper"])
            .arg(folder.map_or(OsStr::new(""), Path::as_os_str))
            .args(stop)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start sh for the clean-up")?;
        Ok(Self { shell })
    }

    /// Tells that the thing has stopped by itself, so that its process id is not used any more.
    pub(crate) fn stopped(mut self) {
        if let Some(pipe) = self.shell.stdin.as_mut() {
            // A write fails only when the shell is gone; then there is nothing left to tell it.
            let _ = pipe.write_all(b"stopped\n");
        }
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn dropping_runs_the_stop_command_then_removes_the_folder() {
        let scratch = Scratch::new("reaper").unwrap();
        let folder = scratch.path().join("gone");
        std::fs::create_dir(&folder).unwrap();
        let mark = scratch.path().join("stopped");
        let stop = [OsStr::new("touch"), mark.as_os_str()];
        drop(Reaper::arm(&stop, Some(&folder)).unwrap());
        assert!(mark.exists() && !folder.exists());
    }

    #[test]
    fn what_stopped_by_itself_is_not_stopped_again() {
        let scratch = Scratch::new("reaper").unwrap();
        let mark = scratch.path().join("stopped");
        Reaper::arm(&[OsStr::new("touch"), mark.as_os_str()], None).unwrap().stopped();
        assert!(!mark.exists());
    }
}
