//! One keep-alive HTTP/1.1 connection with one request in flight.
//! It knows nothing of scenarios, statistics or JSON.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::StatusCode;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;

use super::target::{RequestHead, Target};

/// Answers of the servers measured here are a few KiB, a page of a statement is the better part of
/// a MiB; a longer one is not read to its end.
const ANSWER_BYTES_MAX: usize = 1 << 24;

/// Why a request has no answer that could be looked at.
#[derive(Debug, Error)]
pub(super) enum ExchangeError {
    /// No connection: nobody listens, no descriptors left, no route.
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    /// The server had closed the connection before this request was sent: no fault of either.
    #[error("the server closed the connection between two requests")]
    Closed,
    /// The connection ended while the request was on its way, or what came back is not HTTP.
    #[error("the connection broke")]
    Broken(#[source] hyper::Error),
    /// An answer whose body nobody should read.
    #[error("the answer is longer than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
}

impl ExchangeError {
    /// Whether nobody listens at the address.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Self::Connect(error) if error.kind() == io::ErrorKind::ConnectionRefused)
    }
}

/// The status and the whole body of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// An open connection, driven by the task that uses it: hyper's connection future is polled
/// beside the answer it brings, so a request wakes no second task.
pub(super) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: Driver,
}

impl Connection {
    /// Connects to the first address of `target` that answers, with TCP_NODELAY.
    ///
    /// # Errors
    /// None of them does.
    pub(super) async fn open(target: &Target) -> Result<Self, ExchangeError> {
        let stream =
            TcpStream::connect(&target.addresses[..]).await.map_err(ExchangeError::Connect)?;
        stream.set_nodelay(true).map_err(ExchangeError::Connect)?;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(ExchangeError::Broken)?;
        Ok(Self { sender, driver: Driver(Some(connection)) })
    }

    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// The connection is closed or broke, or the answer is too long. It is then of no more use.
    pub(super) async fn exchange(
        &mut self,
        head: &RequestHead,
        body: Bytes,
    ) -> Result<Answer, ExchangeError> {
        let Self { sender, driver } = self;
        driver.beside(sender.ready()).await.map_err(|_| ExchangeError::Closed)?;
        let response = sender.send_request(head.with_body(Full::new(body)));
        let (parts, incoming) =
            driver.beside(response).await.map_err(ExchangeError::Broken)?.into_parts();
        let body = driver.beside(read_whole(incoming)).await?;
        Ok(Answer { status: parts.status, body })
    }
}

/// Reads a body to its end. One that came in one piece, as almost all do, is not copied.
async fn read_whole(mut incoming: Incoming) -> Result<Bytes, ExchangeError> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(data) = frame.map_err(ExchangeError::Broken)?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > ANSWER_BYTES_MAX {
            return Err(ExchangeError::TooLong);
        }
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
        if incoming.is_end_stream() {
            break;
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    Ok([first, rest.freeze()].concat().into())
}

/// Hyper's side of the connection: it moves the bytes, and only when it is polled.
struct Driver(Option<http1::Connection<TokioIo<TcpStream>, Full<Bytes>>>);

impl Driver {
    /// Awaits `work`, moving bytes meanwhile.
    async fn beside<F: Future>(&mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        std::future::poll_fn(|context| {
            self.advance(context);
            work.as_mut().poll(context)
        })
        .await
    }

    fn advance(&mut self, context: &mut Context<'_>) {
        let Some(connection) = &mut self.0 else { return };
        // How the connection ended is told to whoever awaits the answer; here it only must not
        // be polled again.
        if let Poll::Ready(_end) = Pin::new(connection).poll(context) {
            self.0 = None;
        }
    }
}
