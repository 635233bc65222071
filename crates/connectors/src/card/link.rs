//! The link to one card network: a cheap handle, and what can go wrong with a call.

use std::io;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::connection::{self, Job};
use super::request::{CardAnswer, CardRequest};
use super::wire::AnswerError;
use crate::effect::Effect;
use crate::iso8583::EncodeError;

/// How a link behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkSettings {
    /// How long a call may take from [`CardLink::call`] to its answer.
    ///
    /// One of the published test cards is answered after 10 seconds.
    pub call_timeout: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How many calls may wait for their answers at once.
    pub in_flight_max: usize,
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self {
            call_timeout: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(3),
            in_flight_max: 4096,
        }
    }
}

/// A call brought no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// As many calls as may wait already do; nothing was sent.
    #[error("too many calls to the card network are under way")]
    Busy,
    /// No message can carry the request; nothing was sent.
    #[error("the request cannot be written as a message")]
    NotEncodable(#[source] EncodeError),
    /// There is no connection; nothing was sent.
    #[error("no connection to the card network ({0})")]
    NotConnected(io::ErrorKind),
    /// The connection ended, or the time was over, before the first byte was sent.
    #[error("the request was not sent ({0})")]
    NotSent(io::ErrorKind),
    /// The connection ended before the answer came.
    #[error("the connection ended before the answer came ({0})")]
    Lost(io::ErrorKind),
    /// The answer did not come in time.
    #[error("the card network did not answer in time")]
    Timeout,
    /// The answer is of no use.
    #[error("the card network's answer is of no use")]
    BadAnswer(#[source] AnswerError),
}

impl CallError {
    /// What the call may have done at the network.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        match self {
            Self::Busy | Self::NotEncodable(_) | Self::NotConnected(_) | Self::NotSent(_) => {
                Effect::None
            }
            Self::Lost(_) | Self::Timeout | Self::BadAnswer(_) => Effect::Unknown,
        }
    }
}

/// A handle to the one connection to a card network; clones share it.
///
/// It connects when first needed, and again when needed after a loss. Calls are pipelined: those
/// that wait together leave in one write, and answers may come in any order.
#[derive(Clone, Debug)]
pub struct CardLink {
    queue: mpsc::Sender<Job>,
    call_timeout: Duration,
}

impl CardLink {
    /// A link to `address` (`host:port`). It must be made inside a tokio runtime, where its task
    /// lives until the last clone is dropped. Nothing is sent yet.
    #[must_use]
    pub fn new(address: impl Into<String>, settings: LinkSettings) -> Self {
        let (queue, jobs) = mpsc::channel(settings.in_flight_max.max(1));
        tokio::spawn(connection::run(address.into(), settings, jobs));
        Self { queue, call_timeout: settings.call_timeout }
    }

    /// Sends `request` and waits for its answer.
    ///
    /// # Errors
    /// [`CallError`]; its [`CallError::effect`] says whether the network may have acted.
    pub async fn call(&self, request: CardRequest) -> Result<CardAnswer, CallError> {
        let (reply, answer) = oneshot::channel();
        let deadline = Instant::now() + self.call_timeout;
        let job = Job { request, deadline, reply };
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CallError::Busy,
            mpsc::error::TrySendError::Closed(_) => {
                CallError::NotConnected(io::ErrorKind::NotConnected)
            }
        })?;
        // The task drops a reply without using it only when its runtime ends.
        answer.await.unwrap_or(Err(CallError::Lost(io::ErrorKind::Interrupted)))
    }
}
