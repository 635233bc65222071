//! A `chorsu serve` of its own for each test: a real process on a free port of loopback.
//!
//! It is ended by its process id when the test lets go of it, and in no other way.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::place::Place;

/// How long a start may take on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a clean stop may take: open requests end first.
const STOP_LIMIT: Duration = Duration::from_secs(45);
/// How much of the log a failed test shows.
const LOG_SHOWN: usize = 16 * 1024;
/// Settings of the developer's shell that must not leak into a server under test.
const SETTINGS: [&str; 6] = [
    "CHORSU_LISTEN",
    "CHORSU_DATA",
    "CHORSU_DATABASE",
    "CHORSU_CONFIG",
    "CHORSU_LOG",
    "CHORSU_LOG_FORMAT",
];

/// The binary under test: the release build when `CHORSU_BIN` names one.
fn binary() -> OsString {
    std::env::var_os("CHORSU_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_chorsu").into())
}

/// A command of the binary, without the settings of the developer's shell.
pub(crate) fn command(name: &str) -> Command {
    let mut command = Command::new(binary());
    command.arg(name).stdin(Stdio::null());
    for name in SETTINGS {
        command.env_remove(name);
    }
    command
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    url: String,
    log: PathBuf,
}

impl Server {
    /// Starts a server and waits until it serves.
    pub(crate) async fn start(place: &Place) -> Self {
        Self::start_with(place, &[]).await
    }

    /// The same with these environment variables.
    pub(crate) async fn start_with(place: &Place, variables: &[(&str, &str)]) -> Self {
        Self::start_on(place, "127.0.0.1:0", variables).await
    }

    /// The same on this address.
    pub(crate) async fn start_on(place: &Place, address: &str, variables: &[(&str, &str)]) -> Self {
        let log = place.log();
        let file = OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut command = command("serve");
        command.args(["--listen", address]).args(place.serve_options());
        command.envs(variables.iter().copied());
        command.stdout(Stdio::piped()).stderr(file.try_clone().unwrap());
        let mut child = command.spawn().unwrap();
        let greeting = follow(child.stdout.take().unwrap(), file);
        let mut server = Self { child, url: String::new(), log };
        server.url = match tokio::time::timeout(START_LIMIT, greeting).await {
            Ok(Ok(url)) => url,
            Ok(Err(_)) => panic!("chorsu serve ended at once"),
            Err(_) => panic!("chorsu serve does not start"),
        };
        let healthy = reqwest::Client::builder().no_proxy().build().unwrap();
        let healthy = healthy.get(format!("{}/healthz", server.url)).send().await.unwrap();
        assert_eq!(healthy.status(), 200);
        server
    }

    /// `http://127.0.0.1:port`, without a slash at its end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether the process is still there.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends the process at once, as a power failure of the process would (SIGKILL).
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to stop (SIGTERM); it must end by itself, in time and well.
    pub(crate) async fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = self.ended(STOP_LIMIT).await.expect("the server stops in time after SIGTERM");
        assert!(status.success(), "the server ended with {status} after SIGTERM");
    }

    /// The standard library has no wait with a time limit, so this one looks now and then.
    async fn ended(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            if Instant::now() > deadline {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that has ended already cannot be killed, which is just as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the server's log ends with\n{}", tail(&self.log));
        }
    }
}

/// Copies what the server prints into the log, and tells the URL once it is there.
fn follow(stdout: impl Read + Send + 'static, mut log: File) -> oneshot::Receiver<String> {
    let (found, url) = oneshot::channel();
    std::thread::spawn(move || {
        let mut found = Some(found);
        // The lines end when the server does.
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some((_, rest)) = line.split_once("Subscribe API")
                && let Some(found) = found.take()
            {
                let _ = found.send(rest.trim().trim_end_matches("/api").to_owned());
            }
            let _ = writeln!(log, "{line}");
        }
    });
    url
}

fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&text[text.len().saturating_sub(LOG_SHOWN)..]).into_owned()
}

/// Runs `chorsu serve` on a place where it must end by itself.
pub(crate) fn try_serve(place: &Place) -> Output {
    let options = place.serve_options();
    command("serve").args(["--listen", "127.0.0.1:0"]).args(options).output().unwrap()
}

/// Runs `chorsu verify` on a place.
pub(crate) fn verify(place: &Place) -> Output {
    command("verify").args(place.verify_options()).output().unwrap()
}

/// Runs `chorsu verify`, which must find nothing wrong.
pub(crate) fn assert_verified(place: &Place) {
    let output = verify(place);
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (status, stdout, stderr) = (output.status, said(&output.stdout), said(&output.stderr));
    assert!(status.success(), "chorsu verify ended with {status}\n{stdout}\n{stderr}");
}
