//! Running the pinpad's program once, within a time limit.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout, timeout_at};

use super::slip_file::SLIP_BYTES;

/// How long a child that was ended may take to be gone.
const REAP: Duration = Duration::from_secs(5);
/// How long the output of a child that has ended is still read: a process it left behind may keep
/// the pipe open for ever.
const DRAIN: Duration = Duration::from_millis(500);

/// What is run.
pub(super) struct Job<'a> {
    /// The program.
    pub(super) program: &'a str,
    /// Its arguments.
    pub(super) arguments: &'a [String],
    /// Where it runs; here, when absent.
    pub(super) directory: Option<&'a Path>,
    /// How long it may take.
    pub(super) limit: Duration,
    /// Whether its standard output is wanted.
    pub(super) wants_output: bool,
    /// What the program holds for as long as it runs, even if it outlives this process.
    pub(super) lock: Option<&'a File>,
}

/// How a run ended.
pub(super) enum Run {
    /// The program was never started.
    NotStarted(io::Error),
    /// It was ended, because its time was over.
    TimedOut,
    /// Its end could not be observed.
    Lost(io::Error),
    /// It ended by itself, with this output: at most one byte more than a slip may have.
    Ended(ExitStatus, Vec<u8>),
}

/// Runs `job` to its end, or ends it. No process is left behind that was started here.
pub(super) async fn run(job: &Job<'_>) -> Run {
    let mut command = Command::new(job.program);
    command.args(job.arguments).stderr(Stdio::null()).kill_on_drop(true);
    // An empty file has as little to read as no input at all.
    let input = job.lock.map_or(Ok(Stdio::null()), |lock| lock.try_clone().map(Stdio::from));
    command.stdin(match input {
        Ok(input) => input,
        Err(error) => return Run::NotStarted(error),
    });
    command.stdout(if job.wants_output { Stdio::piped() } else { Stdio::null() });
    if let Some(directory) = job.directory {
        command.current_dir(directory);
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Run::NotStarted(error),
    };
    let deadline = Instant::now() + job.limit;
    let output = child.stdout.take().map(|pipe| tokio::spawn(drain(pipe)));
    let ended = timeout_at(deadline, child.wait()).await;
    match ended {
        Err(_) => {
            end(&mut child).await;
            if let Some(output) = output {
                output.abort();
            }
            Run::TimedOut
        }
        Ok(Err(error)) => Run::Lost(error),
        Ok(Ok(status)) => match output {
            None => Run::Ended(status, Vec::new()),
            Some(mut output) => match timeout(DRAIN, &mut output).await {
                Ok(Ok(Ok(bytes))) => Run::Ended(status, bytes),
                Ok(Ok(Err(error))) => Run::Lost(error),
                Ok(Err(_)) => Run::Lost(io::ErrorKind::Interrupted.into()),
                Err(_) => {
                    output.abort();
                    Run::Lost(io::ErrorKind::TimedOut.into())
                }
            },
        },
    }
}

/// Ends the child and waits until it is gone.
async fn end(child: &mut Child) {
    if let Err(error) = child.start_kill() {
        tracing::warn!(%error, "the pinpad's program could not be ended");
    }
    if timeout(REAP, child.wait()).await.is_err() {
        tracing::warn!("the pinpad's program was ended but is still there");
    }
}

/// Reads all of `pipe`, keeping no more than shows that it is too much.
async fn drain(mut pipe: impl AsyncRead + Unpin) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = pipe.read(&mut piece).await?;
        if read == 0 {
            return Ok(kept);
        }
        let room = (SLIP_BYTES + 1).saturating_sub(kept.len());
        kept.extend_from_slice(&piece[..read.min(room)]);
    }
}
