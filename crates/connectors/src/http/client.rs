//! The client: calls with limits on time, number and size, and errors that say what they mean.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::{Request, Response};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::base_url::BaseUrl;
use super::connector::Connector;
use super::message::{HttpRequest, HttpResponse};
use crate::effect::Effect;

/// How the client behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// How long connecting may take, the TLS handshake included.
    pub connect_timeout: Duration,
    /// How long a whole call may take, connecting included.
    pub call_timeout: Duration,
    /// How long an unused connection is kept. Shorter than servers keep theirs, so that a request
    /// seldom meets a connection that is just being closed.
    pub idle_timeout: Duration,
    /// The largest body of an answer, in bytes.
    pub body_max: usize,
    /// How many calls may be under way at once.
    pub in_flight_max: usize,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            call_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(20),
            body_max: 1024 * 1024,
            in_flight_max: 4096,
        }
    }
}

/// A call brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// As many calls as may be under way already are; nothing was sent.
    #[error("too many calls are under way")]
    Busy,
    /// The path or a header has characters that cannot be sent; nothing was.
    #[error("the request cannot be written")]
    NotEncodable,
    /// There is no connection; nothing was sent.
    #[error("no connection")]
    NotConnected(#[source] legacy::Error),
    /// The connection broke before the answer was there.
    #[error("the connection broke before the answer came")]
    Lost(#[source] Box<dyn Error + Send + Sync>),
    /// The answer is larger than answers may be.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer did not come in time.
    #[error("no answer in time")]
    Timeout,
}

impl HttpError {
    /// What the call may have done at the other side.
    ///
    /// A connection from the pool that dies under a request counts as unknown: its first bytes may
    /// have arrived.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        match self {
            Self::Busy | Self::NotEncodable | Self::NotConnected(_) => Effect::None,
            Self::Lost(_) | Self::TooLarge | Self::Timeout => Effect::Unknown,
        }
    }
}

/// A pool of connections to any number of hosts; clones share it.
#[derive(Clone)]
pub struct HttpClient {
    client: Client<Connector, Full<Bytes>>,
    calls: Arc<Semaphore>,
    settings: HttpSettings,
}

impl HttpClient {
    /// A client; nothing is opened yet. It must be used inside a tokio runtime.
    #[must_use]
    pub fn new(settings: HttpSettings) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(settings.idle_timeout)
            .build(Connector::new(settings.connect_timeout));
        let calls = settings.in_flight_max.clamp(1, Semaphore::MAX_PERMITS);
        Self { client, calls: Arc::new(Semaphore::new(calls)), settings }
    }

    /// Sends `request` to `base` and reads the whole answer, whatever its status.
    ///
    /// It sends once. Only a request of which provably nothing was written, because the pooled
    /// connection was found closed, goes out again on a new connection.
    ///
    /// # Errors
    /// [`HttpError`]; its [`HttpError::effect`] says whether the other side may have acted.
    pub async fn call(
        &self,
        base: &BaseUrl,
        request: HttpRequest,
    ) -> Result<HttpResponse, HttpError> {
        let _permit = self.calls.try_acquire().map_err(|_| HttpError::Busy)?;
        let request = prepare(base, request).ok_or(HttpError::NotEncodable)?;
        let exchange = async {
            let response = self.send(request).await?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), self.settings.body_max);
            match body.collect().await {
                Ok(body) => Ok(HttpResponse { status, body: body.to_bytes().into() }),
                Err(error) if error.is::<LengthLimitError>() => Err(HttpError::TooLarge),
                Err(error) => Err(HttpError::Lost(error)),
            }
        };
        timeout(self.settings.call_timeout, exchange).await.unwrap_or(Err(HttpError::Timeout))
    }

    /// Sends `request` to `base` once, and hands over the answer while it still comes. The time
    /// limit is for its beginning, and then for each piece; there is no limit on its size.
    ///
    /// # Errors
    /// As [`HttpClient::call`].
    pub async fn open(
        &self,
        base: &BaseUrl,
        request: HttpRequest,
    ) -> Result<HttpAnswer, HttpError> {
        let permit = Arc::clone(&self.calls).try_acquire_owned().map_err(|_| HttpError::Busy)?;
        let request = prepare(base, request).ok_or(HttpError::NotEncodable)?;
        let limit = self.settings.call_timeout;
        let response =
            timeout(limit, self.send(request)).await.unwrap_or(Err(HttpError::Timeout))?;
        let status = response.status().as_u16();
        Ok(HttpAnswer { status, body: response.into_body(), limit, _permit: permit })
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, HttpError> {
        self.client.request(request).await.map_err(|error| {
            if error.is_connect() {
                HttpError::NotConnected(error)
            } else {
                HttpError::Lost(error.into())
            }
        })
    }
}

/// An answer that is read piece by piece.
#[derive(Debug)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    body: Incoming,
    limit: Duration,
    _permit: OwnedSemaphorePermit,
}

impl HttpAnswer {
    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// [`HttpError::Lost`] and [`HttpError::Timeout`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        loop {
            let frame = timeout(self.limit, self.body.frame()).await;
            match frame.map_err(|_| HttpError::Timeout)? {
                None => return Ok(None),
                Some(Err(error)) => return Err(HttpError::Lost(error.into())),
                // A frame without data has trailers, which nobody reads.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => return Ok(Some(data)),
                    Err(_) => continue,
                },
            }
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The request as the client library wants it; `None` when it cannot be written.
fn prepare(base: &BaseUrl, request: HttpRequest) -> Option<Request<Full<Bytes>>> {
    let HttpRequest { method, path, headers, body } = request;
    let mut ready = Request::builder().method(method.as_str()).uri(base.join(&path)?);
    for (name, value) in &headers {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        ready = ready.header(*name, value);
    }
    // The body keeps its owner, who wipes it when the last of it is sent.
    ready.body(Full::new(Bytes::from_owner(body))).ok()
}
