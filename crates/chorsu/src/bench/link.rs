//! A connection as a scenario uses it: every call is timed, checked, recorded and counted.
//! It decides neither what is sent nor what a right answer is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::StatusCode;

use super::answer::AnswerError;
use super::connection::{Answer, Connection, ExchangeError};
use super::load::Window;
use super::progress::Counters;
use super::recording::{Recording, Sample};
use super::target::{RequestHead, Target};

/// How long a connection rests before it tries again to reach a server that went away.
const RECONNECT_PAUSE: Duration = Duration::from_millis(50);

/// A call did not get the right answer; the record says why.
#[derive(Debug)]
pub(super) struct Interrupted;

/// One request, and the place of its kind in the scenario's list.
pub(super) struct Call<'a> {
    pub(super) kind: usize,
    pub(super) head: &'a RequestHead,
    pub(super) body: Bytes,
}

/// One connection with its record.
pub(super) struct Link {
    /// `None` after it broke: the next call opens another.
    pub(super) connection: Option<Connection>,
    pub(super) target: Arc<Target>,
    pub(super) recording: Recording,
    pub(super) counters: Arc<Counters>,
    pub(super) window: Window,
    /// When the next request was due, in a load of a fixed rate: its latency counts from then.
    pub(super) due: Option<Instant>,
    /// The latency of the last right answer, if it belongs to the measured ones.
    pub(super) last_latency: Option<Duration>,
    /// Single latencies that are kept at most.
    pub(super) samples_max: usize,
}

impl Link {
    /// Sends one request, waits for its answer, and records it as right if it has the status
    /// 200 and passes `check`, which says what the scenario needs from it.
    ///
    /// # Errors
    /// Any other outcome, which is then recorded as an error.
    pub(super) async fn call<T>(
        &mut self,
        call: Call<'_>,
        check: impl FnOnce(&[u8]) -> Result<T, AnswerError>,
    ) -> Result<T, Interrupted> {
        let sent = self.due.take().unwrap_or_else(Instant::now);
        self.last_latency = None;
        let answer = match self.exchange(call.head, call.body).await {
            Ok(answer) => answer,
            Err(error) => {
                self.connection = None;
                if matches!(error, ExchangeError::Connect(_)) {
                    tokio::time::sleep(RECONNECT_PAUSE).await;
                }
                // Alternate form: the error and its causes in one line.
                return Err(self.failed(format!("{:#}", anyhow::Error::from(error))));
            }
        };
        let answered = Instant::now();
        if answer.status != StatusCode::OK {
            let error = AnswerError::unexpected(&answer.body);
            return Err(self.failed(format!("HTTP status {}: {error}", answer.status)));
        }
        let value = check(&answer.body).map_err(|error| self.failed(error.to_string()))?;
        self.counters.answered();
        if answered >= self.window.from {
            let kind = &mut self.recording.kinds[call.kind];
            kind.record(answered - sent);
            kind.completed += u64::from(answered <= self.window.until);
            self.last_latency = Some(answered - sent);
        }
        Ok(value)
    }

    /// Keeps the latency of the last right answer by itself, under `id`.
    pub(super) fn keep_sample(&mut self, id: u64) {
        let Some(latency) = self.last_latency else { return };
        let latency_us = u32::try_from(latency.as_micros()).unwrap_or(u32::MAX);
        self.recording.sample(Sample { id, latency_us }, self.samples_max);
    }

    /// Sends on the open connection, or on a new one if there is none. A connection that the
    /// server closed between two requests is replaced without a word: the request was not sent.
    async fn exchange(&mut self, head: &RequestHead, body: Bytes) -> Result<Answer, ExchangeError> {
        if let Some(connection) = &mut self.connection {
            match connection.exchange(head, body.clone()).await {
                Err(ExchangeError::Closed) => self.connection = None,
                outcome => return outcome,
            }
        }
        let connection = self.connection.insert(Connection::open(&self.target).await?);
        self.recording.reconnects += 1;
        connection.exchange(head, body).await
    }

    fn failed(&mut self, message: String) -> Interrupted {
        self.counters.failed();
        self.recording.error(message);
        Interrupted
    }
}
