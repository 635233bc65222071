//! A `chorsu serve` of the release binary on a free loopback port, for checks from outside.
//!
//! It is a child process of ours, stopped by its own process id and in no other way.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::postgres::free_port;
use crate::process::{output, wait_within};
use crate::reaper::Reaper;

/// How long a start may take, an old database with its catch-up included.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a clean stop after SIGTERM may take.
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// Settings of the developer's shell that must not leak into a server under test.
pub(crate) const SETTINGS: [&str; 4] =
    ["CHORSU_LISTEN", "CHORSU_DATA", "CHORSU_DATABASE", "CHORSU_CONFIG"];

/// A running server.
pub(crate) struct Served {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    ready_after: Duration,
    reaper: Reaper,
}

impl Served {
    /// Starts the binary on a data folder, and on a PostgreSQL database where one is given, and
    /// waits until `GET /healthz` answers 200.
    pub(crate) fn start(binary: &Path, data: &Path, database: Option<&str>) -> Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        std::fs::create_dir_all(data)?;
        let log = data.with_extension("log");
        let file = File::create(&log)?;
        let mut command = Command::new(binary);
        command.arg("serve").arg("--listen").arg(address.to_string()).arg("--data").arg(data);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        for name in SETTINGS {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let begin = Instant::now();
        let child =
            command.spawn().with_context(|| format!("cannot start {}", binary.display()))?;
        let pid = child.id().to_string();
        let reaper = Reaper::arm(&["kill", "-KILL", &pid].map(OsStr::new), None)?;
        let mut served = Self { child, address, log, ready_after: Duration::ZERO, reaper };
        served.wait_ready(begin)?;
        Ok(served)
    }

    fn wait_ready(&mut self, begin: Instant) -> Result<()> {
        while !healthy(self.address) {
            if let Some(status) = self.child.try_wait()? {
                bail!("chorsu serve ended at once with {status}\n{}", self.log_text());
            }
            if begin.elapsed() > START_LIMIT {
                bail!("no 200 from {}/healthz in time\n{}", self.url(), self.log_text());
            }
            sleep(Duration::from_millis(5));
        }
        self.ready_after = begin.elapsed();
        Ok(())
    }

    /// The base URL, without a slash at its end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `127.0.0.1:port`.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Time from the start of the process to the first 200 of `/healthz`.
    pub(crate) fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Turns the clock of the sandbox forward by a day.
    pub(crate) fn turn_day(&self) -> Result<()> {
        let turned = is_ok(self.address, "POST /sandbox/clock", r#"{"advance_ms":86400000}"#);
        ensure!(turned, "the clock of the sandbox was not turned\n{}", self.log_text());
        Ok(())
    }

    /// Resident memory in KiB, as the kernel counts it.
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        resident_kib(&status).context("no VmRSS line in /proc")
    }

    /// What the server printed so far.
    pub(crate) fn log_text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Stops with SIGTERM; the server must end by itself, in time and with exit code 0.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        output(Command::new("sh").args(["-c", "kill -TERM \"$1\"", "stop", &pid]))?;
        let Some(status) = wait_within(&mut self.child, STOP_LIMIT)? else {
            let log = self.log_text();
            drop(self.reaper);
            self.child.wait()?;
            bail!("chorsu serve did not stop within {} s of SIGTERM\n{log}", STOP_LIMIT.as_secs());
        };
        let log = self.log_text();
        self.reaper.stopped();
        ensure!(status.success(), "chorsu serve ended with {status} after SIGTERM\n{log}");
        Ok(())
    }
}

/// Whether `GET /healthz` answers 200; any trouble on the way counts as no.
fn healthy(address: SocketAddr) -> bool {
    is_ok(address, "GET /healthz", "")
}

/// Whether a request with this JSON is answered 200.
fn is_ok(address: SocketAddr, verb_and_path: &str, json: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let length = json.len();
        let head = format!(
            "{verb_and_path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
        );
        stream.write_all(head.as_bytes())?;
        // Read to the end, so that the server sees no connection broken off.
        let mut answer = Vec::new();
        stream.take(64 * 1024).read_to_end(&mut answer)?;
        Ok(answer.starts_with(b"HTTP/1.") && answer.get(8..13) == Some(b" 200 "))
    };
    ask().unwrap_or(false)
}

/// The `VmRSS` line of `/proc/PID/status`, in KiB.
fn resident_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn only_a_200_is_healthy() {
        for (answer, healthy_now) in
            [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 Busy\r\n\r\n", false), ("", false)]
        {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 512]).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            });
            assert_eq!(healthy(address), healthy_now, "{answer}");
            server.join().unwrap();
        }
    }

    #[test]
    fn resident_memory_is_read_from_the_status_text() {
        let status = "Name:\tchorsu\nVmPeak:\t  900 kB\nVmRSS:\t  131072 kB\nThreads:\t4\n";
        assert_eq!(resident_kib(status), Some(131_072));
        assert_eq!(resident_kib("Name:\tx\n"), None);
    }
}
