//! One connection to a host: requests in, answers out, as many at once as come.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use chorsu_connectors::card::CardRefusal;
use chorsu_connectors::iso8583::{Message, next_frame};
use chorsu_core::Network;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::faults::{Fault, HostControls};
use super::incoming::{Envelope, read_call};
use super::outgoing::write_answer;
use crate::bank::HostAnswer;
use crate::keeper::{HostJob, Keeper};

const READ_BYTES: usize = 32 * 1024;
const BATCH: usize = 512;

/// What all connections of a host share.
pub(super) struct Host {
    pub(super) network: Network,
    pub(super) keeper: Keeper,
    pub(super) controls: Arc<HostControls>,
}

/// The way back from the keeper to the connection a request came by.
///
/// The channel is not bounded by itself: it holds no more than the keeper's queue and batch.
pub(crate) struct ReplyTo {
    replies: UnboundedSender<Reply>,
    envelope: Envelope,
    fault: Option<Fault>,
}

/// An answer on its way out; none closes the connection.
struct Reply {
    envelope: Envelope,
    answer: Option<HostAnswer>,
    fault: Option<Fault>,
    /// Whether its time has come.
    due: bool,
}

impl ReplyTo {
    /// Answers the request.
    pub(crate) fn answer(self, answer: HostAnswer) {
        self.send(Some(answer));
    }

    /// Closes the connection without an answer, for what happened is not known.
    pub(crate) fn close(self) {
        self.send(None);
    }

    fn send(self, answer: Option<HostAnswer>) {
        let answer = answer.filter(|_| self.fault != Some(Fault::DropAfterEffect));
        let reply = Reply { envelope: self.envelope, answer, fault: self.fault, due: false };
        // A connection that is gone needs no answer.
        let _ = self.replies.send(reply);
    }
}

/// Serves a connection until either side ends it.
pub(super) async fn serve(mut stream: TcpStream, host: Arc<Host>) {
    let (replies, waiting) = mpsc::unbounded_channel();
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let (reader, writer) = stream.split();
    let ended = tokio::select! {
        ended = read(reader, &host, replies.clone()) => ended,
        ended = write(writer, &host, replies, waiting) => ended,
    };
    let network = host.network.name();
    match ended {
        Ok(()) => tracing::debug!(network, "a connection to the sandbox's host is closed"),
        Err(error) => tracing::debug!(network, %error, "a connection to the sandbox's host broke"),
    }
}

/// Reads requests until the other side closes, or a fault does.
async fn read(
    mut reader: ReadHalf<'_>,
    host: &Host,
    replies: UnboundedSender<Reply>,
) -> io::Result<()> {
    let mut input = Vec::with_capacity(2 * READ_BYTES);
    loop {
        input.reserve(READ_BYTES);
        if reader.read_buf(&mut input).await? == 0 {
            return Ok(());
        }
        let mut rest = input.as_slice();
        while let Some((bytes, used)) = next_frame(rest).map_err(broken)? {
            let message = Message::decode(bytes).map_err(broken)?;
            if !accept(host, &message, &replies).await {
                return Ok(());
            }
            rest = &rest[used..];
        }
        let used = input.len() - rest.len();
        input.drain(..used);
    }
}

/// Sends a request to the keeper; `false` when the connection is to be closed.
async fn accept(host: &Host, message: &Message<'_>, replies: &UnboundedSender<Reply>) -> bool {
    let Some(envelope) = Envelope::read(message) else {
        return false;
    };
    let Some(call) = read_call(host.network, message) else {
        let reply = ReplyTo { replies: replies.clone(), envelope, fault: None };
        reply.answer(HostAnswer::Refused(CardRefusal::BadMessage));
        return true;
    };
    let fault = host.controls.befall_call(&call);
    let forced = match fault {
        Some(Fault::DropBeforeEffect) => return false,
        Some(Fault::Refuse { reason }) => Some(reason),
        _ => None,
    };
    let reply = ReplyTo { replies: replies.clone(), envelope, fault };
    host.keeper.decide(HostJob { network: host.network, call, forced, reply }).await
}

/// Writes answers, those that are ready together in one go, until one closes the connection.
async fn write(
    mut writer: WriteHalf<'_>,
    host: &Host,
    replies: UnboundedSender<Reply>,
    mut waiting: UnboundedReceiver<Reply>,
) -> io::Result<()> {
    let (mut batch, mut out) = (Vec::with_capacity(BATCH), Vec::new());
    let mut scratch = String::new();
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let mut closing = false;
        for mut reply in batch.drain(..) {
            let delay = if reply.due { Duration::ZERO } else { delay(&reply, &host.controls) };
            if delay > Duration::ZERO {
                reply.due = true;
                send_later(reply, delay, replies.clone());
                continue;
            }
            let Some(answer) = reply.answer else {
                closing = true;
                break;
            };
            let Reply { envelope, fault, .. } = reply;
            write_answer(&envelope, &answer, fault, &mut scratch, &mut out).map_err(broken)?;
        }
        writer.write_all(&out).await?;
        out.clear();
        if closing {
            break;
        }
    }
    Ok(())
}

/// How long an answer is held back: the host's latency, the slow card's ten seconds, a fault.
fn delay(reply: &Reply, controls: &HostControls) -> Duration {
    let wait_ms = match reply.answer {
        Some(HostAnswer::Decided { wait_ms, .. }) => u64::try_from(wait_ms).unwrap_or(0),
        _ => 0,
    };
    let fault_ms = if let Some(Fault::Delay { delay_ms }) = reply.fault { delay_ms } else { 0 };
    let sum = controls.latency_ms().saturating_add(wait_ms).saturating_add(fault_ms);
    Duration::from_millis(sum)
}

fn send_later(reply: Reply, delay: Duration, replies: UnboundedSender<Reply>) {
    tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        // A connection that is gone needs no answer.
        let _ = replies.send(reply);
    });
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
