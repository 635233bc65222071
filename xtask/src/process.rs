//! Starting programs and waiting for them, always without standard input.
//!
//! A program that cannot be started, or that ends badly, is an error that names its command line.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// Lines of a failed program's output that go into the error.
const MAX_LINES: usize = 30;

/// Runs a command with its output shown as it comes; anything but exit 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", line_of(command));
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start {}", line_of(command)))?;
    ensure!(status.success(), "{} ended with {status}", line_of(command));
    Ok(())
}

/// Runs a command silently and returns its standard output; an error carries what it said.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", line_of(command)))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = first_lines(&format!("{text}{said}"));
        bail!("{} ended with {}\n{said}", line_of(command), output.status);
    }
    Ok(text)
}

/// Runs a command with its output shown, killing it when it takes longer than `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    println!("$ {}", line_of(command));
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", line_of(command)))?;
    let Some(status) = wait_within(&mut child, limit)? else {
        child.kill().context("cannot end a program that took too long")?;
        child.wait()?;
        bail!("{} was still running after {} s", line_of(command), limit.as_secs());
    };
    ensure!(status.success(), "{} ended with {status}", line_of(command));
    Ok(())
}

/// Waits for a child at most `limit`; `None` when it is still running then.
pub(crate) fn wait_within(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        // The standard library has no wait with a time limit, so this one looks now and then.
        sleep(Duration::from_millis(20));
    }
}

/// The beginning of what a failed program said; many repeat themselves without end.
fn first_lines(text: &str) -> String {
    let mut lines = text.lines();
    let mut kept: Vec<&str> = lines.by_ref().take(MAX_LINES).collect();
    if lines.next().is_some() {
        kept.push("...");
    }
    kept.join("\n")
}

/// The command as a person would type it, for headings and errors.
fn line_of(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_returned_and_a_bad_end_is_an_error_with_its_words() {
        assert_eq!(output(Command::new("echo").arg("one")).unwrap(), "one\n");
        let error = output(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("why"), "{error}");
        let error = output(Command::new("sh").args(["-c", "seq 1000; exit 1"])).unwrap_err();
        assert_eq!(error.to_string().lines().last(), Some("..."));
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let error =
            run_within(Command::new("sleep").arg("60"), Duration::from_millis(50)).unwrap_err();
        assert!(error.to_string().contains("still running"), "{error}");
    }

    #[test]
    fn a_missing_program_is_an_error_that_names_it() {
        let error = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(error.to_string().contains("no-such-program-here"), "{error}");
    }
}
