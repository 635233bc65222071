//! The task behind a link: it owns the connection and every call in flight, so nothing is locked.
//!
//! It writes all requests that wait in one go, reads all answers that came in one go, and knows of
//! each request whether a byte of it has left, which decides what a loss means.

use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};
use zeroize::Zeroize;

use super::in_flight::{InFlight, Reply, Waiting};
use super::link::{CallError, LinkSettings};
use super::request::CardRequest;
use super::stamp::{Stamp, stamp};
use super::wire::Trace;
use crate::iso8583::{Ascii, Field, Message, next_frame};

/// Calls taken from the queue at once.
const BATCH: usize = 512;
/// Room for at least so many bytes is offered to each read.
const READ_BYTES: usize = 32 * 1024;
/// Room for requests: a batch of them fits.
const WRITE_BYTES: usize = 128 * 1024;

/// A call on its way to the connection.
#[derive(Debug)]
pub(super) struct Job {
    /// What is asked.
    pub(super) request: CardRequest,
    /// When its caller stops waiting.
    pub(super) deadline: Instant,
    /// Where its result goes.
    pub(super) reply: Reply,
}

impl Job {
    fn fail(self, error: CallError) {
        // A caller that has gone away needs no answer; here and below.
        let _ = self.reply.send(Err(error));
    }
}

/// Serves the calls of one link until its last handle is dropped.
pub(super) async fn run(address: String, settings: LinkSettings, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        match connect(&address, settings.connect_timeout).await {
            Ok(stream) => {
                tracing::info!(address, "connected to the card network");
                let mut wire = Wire::new(&settings);
                if let Err(error) = wire.serve(stream, &mut queue, &mut jobs).await {
                    tracing::warn!(address, %error, "the connection to the card network ended");
                    wire.fail_all(error.kind());
                }
            }
            Err(error) => {
                tracing::warn!(address, %error, "no connection to the card network");
                let failure = CallError::NotConnected(error.kind());
                jobs.drain(..).for_each(|job| job.fail(failure));
                while let Ok(job) = queue.try_recv() {
                    job.fail(failure);
                }
            }
        }
    }
}

async fn connect(address: &str, limit: Duration) -> io::Result<TcpStream> {
    let stream = timeout(limit, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// One connection: what is to be written and who waits.
struct Wire {
    in_flight: InFlight,
    /// Requests not yet written, from `sent` on.
    out: Vec<u8>,
    sent: usize,
    /// Bytes written since the connection began.
    written: u64,
    scratch: String,
    /// The last stamp and its second.
    clock: (u64, Stamp),
    tick: Duration,
}

impl Wire {
    fn new(settings: &LinkSettings) -> Self {
        let tick = settings.call_timeout / 50;
        Self {
            in_flight: InFlight::new(settings.in_flight_max),
            out: Vec::with_capacity(WRITE_BYTES),
            sent: 0,
            written: 0,
            scratch: String::new(),
            clock: (0, stamp(0)),
            tick: tick.clamp(Duration::from_millis(5), Duration::from_millis(250)),
        }
    }

    /// Works until the connection is lost (an error) or the last handle is dropped.
    async fn serve(
        &mut self,
        mut stream: TcpStream,
        queue: &mut mpsc::Receiver<Job>,
        jobs: &mut Vec<Job>,
    ) -> io::Result<()> {
        let (mut reader, mut writer) = stream.split();
        let mut input = Vec::with_capacity(2 * READ_BYTES);
        let mut ticks = interval(self.tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.enqueue(jobs);
            input.reserve(READ_BYTES);
            tokio::select! {
                biased;
                read = reader.read_buf(&mut input) => {
                    if read? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    self.receive(&mut input)?;
                }
                written = writer.write(&self.out[self.sent..]), if !self.out.is_empty() => {
                    self.advance(written?);
                }
                received = queue.recv_many(jobs, BATCH) => {
                    if received == 0 {
                        return Ok(());
                    }
                }
                _ = ticks.tick(), if !self.in_flight.is_empty() => self.expire(Instant::now())?,
            }
        }
    }

    /// Writes requests into the outgoing buffer and lets their callers wait.
    fn enqueue(&mut self, jobs: &mut Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        let (now, sent_at) = (Instant::now(), self.stamp());
        for Job { request, deadline, reply } in jobs.drain(..) {
            let start = self.written + (self.out.len() - self.sent) as u64;
            let error = if deadline <= now {
                CallError::NotSent(io::ErrorKind::TimedOut)
            } else if let Some(stan) = self.in_flight.next_stan() {
                match self.encode(&request, stan, sent_at) {
                    Ok(()) => {
                        let expected = request.expected();
                        let waiting = Waiting { stan, sent_at, start, deadline, expected, reply };
                        self.in_flight.add(waiting);
                        continue;
                    }
                    Err(error) => error,
                }
            } else {
                CallError::Busy
            };
            let _ = reply.send(Err(error));
        }
    }

    fn encode(
        &mut self,
        request: &CardRequest,
        stan: u32,
        sent_at: Stamp,
    ) -> Result<(), CallError> {
        let trace = Trace { stan: Ascii::last_digits(stan.into()), sent_at };
        request.encode(&trace, &mut self.scratch, &mut self.out).map_err(CallError::NotEncodable)
    }

    /// Notes that so many bytes have left; requests that are gone are wiped, for the card numbers
    /// in them.
    fn advance(&mut self, written: usize) {
        self.written += written as u64;
        self.sent += written;
        // All of it as a rule; when the network reads slowly, a part now and then.
        if self.sent == self.out.len() || self.sent >= WRITE_BYTES {
            self.out[..self.sent].zeroize();
            self.out.drain(..self.sent);
            self.sent = 0;
        }
    }

    /// Gives the answers in `input` to those who wait for them, and leaves an unfinished one.
    fn receive(&mut self, input: &mut Vec<u8>) -> io::Result<()> {
        let mut rest = input.as_slice();
        while let Some((bytes, used)) = next_frame(rest).map_err(broken)? {
            self.answer(&Message::decode(bytes).map_err(broken)?);
            rest = &rest[used..];
        }
        let used = input.len() - rest.len();
        input.drain(..used);
        Ok(())
    }

    fn answer(&mut self, message: &Message<'_>) {
        let stan = message.get(Field::Stan).and_then(|stan| stan.parse().ok());
        let sent_at = message.get(Field::TransmittedAt).and_then(Stamp::parse);
        let waiting = match (stan, sent_at) {
            (Some(stan), Some(sent_at)) => self.in_flight.take(stan, sent_at),
            _ => None,
        };
        let Some(waiting) = waiting else {
            tracing::warn!(?message, "an answer nobody waits for: late, or sent twice");
            return;
        };
        let result = waiting.expected.read(message).map_err(CallError::BadAnswer);
        let _ = waiting.reply.send(result);
    }

    /// Ends the wait of those whose time is over. A request that has not left in all that time
    /// means that the connection is stuck: it is given up, and so the request never leaves.
    fn expire(&mut self, now: Instant) -> io::Result<()> {
        let written = self.written;
        if self.in_flight.overdue(now).any(|waiting| waiting.start >= written) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        for waiting in self.in_flight.drain_overdue(now) {
            let _ = waiting.reply.send(Err(CallError::Timeout));
        }
        Ok(())
    }

    /// Tells everyone who waits that the connection ended.
    fn fail_all(&mut self, kind: io::ErrorKind) {
        self.out.zeroize();
        let written = self.written;
        for waiting in self.in_flight.drain() {
            let unsent = waiting.start >= written;
            let error = if unsent { CallError::NotSent(kind) } else { CallError::Lost(kind) };
            let _ = waiting.reply.send(Err(error));
        }
    }

    fn stamp(&mut self) -> Stamp {
        let second =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if self.clock.0 != second {
            self.clock = (second, stamp(second));
        }
        self.clock.1
    }
}

/// The stream is out of step: whatever comes next cannot be trusted.
fn broken(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
