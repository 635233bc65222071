//! The ceiling: a bare axum handler that reads a small JSON object into a struct and sends it
//! back. It does what no server of this protocol can do without, and nothing else, in a process
//! of its own as the real server is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result};
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::answer::AnswerError;
use super::link::{Call, Interrupted, Link};
use super::load::{Scenario, Worker};
use super::scenario_receipts::CreateBodies;
use super::target::{RequestHead, Target};

/// The hidden subcommand that becomes the echo process.
const SUBCOMMAND: &str = "bench-echo";

/// The body of a `receipts.create`, as the echo reads and writes it.
#[derive(Deserialize, Serialize)]
struct EchoRequest {
    jsonrpc: String,
    id: u64,
    method: String,
    params: EchoParams,
}

#[derive(Deserialize, Serialize)]
struct EchoParams {
    amount: i64,
    account: EchoAccount,
}

#[derive(Deserialize, Serialize)]
struct EchoAccount {
    order_id: String,
}

/// Serves the echo on `listener` until the future is dropped.
///
/// # Errors
/// The listener failed.
pub(super) async fn serve(listener: TcpListener) -> std::io::Result<()> {
    let router =
        Router::new().route("/api", post(async |Json(body): Json<EchoRequest>| Json(body)));
    let listener = listener.tap_io(|stream| {
        // Without it the echo is slower at worst, which its own figures show.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await
}

/// The life of the echo process: prints the address it listens on, serves until its stdin
/// closes, which it also does when the parent dies.
///
/// # Errors
/// No socket, no thread, or nobody reads the address.
pub(crate) fn run_echo() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime of the echo")?;
    runtime.block_on(async {
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).await.context("the echo needs a port")?;
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{}", listener.local_addr()?)?;
        stdout.flush()?;
        let (sender, stdin_closed) = oneshot::channel::<()>();
        std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            drop(sender);
        })?;
        tokio::select! {
            served = serve(listener) => served.context("the echo stopped"),
            _ = stdin_closed => Ok(()),
        }
    })
}

/// The echo process; it ends when this is dropped.
pub(super) struct EchoProcess {
    child: Child,
    stdin: Option<ChildStdin>,
    /// Where it listens.
    pub(super) address: SocketAddr,
}

impl EchoProcess {
    /// Starts this very program as the echo.
    ///
    /// # Errors
    /// It does not start, or does not say where it listens.
    pub(super) fn start() -> Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let mut child = Command::new(program)
            .arg(SUBCOMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the echo process")?;
        let stdin = child.stdin.take();
        let mut echo = Self { child, stdin, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let stdout = echo.child.stdout.take().context("the echo process has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("cannot read the echo's address")?;
        echo.address = line.trim().parse().context("the echo process did not say its address")?;
        Ok(echo)
    }
}

impl Drop for EchoProcess {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // Closing its stdin ends it; killing it as well keeps a stuck one from being waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The load on the echo: the bodies of `receipts.create`, which must come back unchanged.
pub(super) struct EchoScenario {
    head: RequestHead,
}

impl EchoScenario {
    /// A load on the echo at `target`.
    pub(super) fn new(target: &Target) -> Self {
        Self { head: target.post("/api", &[]) }
    }
}

impl Scenario for EchoScenario {
    const KINDS: &'static [&'static str] = &["echo"];
    const OPERATION: (&'static str, usize) = ("echoes", 0);
    type Worker = EchoWorker;

    fn worker(&self, connection: usize) -> EchoWorker {
        EchoWorker { head: self.head.clone(), bodies: CreateBodies::new("echo", connection) }
    }
}

/// One connection to the echo.
pub(super) struct EchoWorker {
    head: RequestHead,
    bodies: CreateBodies,
}

impl Worker for EchoWorker {
    async fn turn(&mut self, link: &mut Link) -> Result<(), Interrupted> {
        let body = self.bodies.next_body();
        let sent: Bytes = body.clone();
        link.call(Call { kind: 0, head: &self.head, body }, |answer| {
            if *answer == *sent { Ok(()) } else { Err(AnswerError::unexpected(answer)) }
        })
        .await
    }
}
