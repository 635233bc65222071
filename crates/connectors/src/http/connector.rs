//! Opening a connection: TCP, then TLS where the address says so, both within one time limit.
//!
//! The limit covers the TLS handshake too, so that a host that accepts and then says nothing fails
//! the connecting, when no byte of the request can have left, and not the call.

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::http::uri::Scheme;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tower_service::Service;

type BoxError = Box<dyn Error + Send + Sync>;
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Opens connections for the client.
#[derive(Clone)]
pub(super) struct Connector {
    plain: HttpConnector,
    /// Made when first needed, because it reads the machine's root certificates. `None` where there
    /// are none: then only plain HTTP works.
    tls: Arc<OnceLock<Option<HttpsConnector<HttpConnector>>>>,
    limit: Duration,
}

impl Connector {
    /// A connector that gives up after `limit`.
    pub(super) fn new(limit: Duration) -> Self {
        let mut plain = HttpConnector::new();
        plain.enforce_http(false);
        plain.set_nodelay(true);
        Self { plain, tls: Arc::default(), limit }
    }
}

fn tls(tcp: HttpConnector) -> Option<HttpsConnector<HttpConnector>> {
    let builder = HttpsConnectorBuilder::new().try_with_platform_verifier().inspect_err(|error| {
        tracing::error!(%error, "counterparties over HTTPS are out of reach");
    });
    Some(builder.ok()?.https_only().enable_http1().wrap_connector(tcp))
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Both connectors are always ready; what limits them is the client's count of calls.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let mut this = self.clone();
        Box::pin(async move {
            match timeout(this.limit, this.open(address)).await {
                Ok(opened) => opened,
                Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
            }
        })
    }
}

impl Connector {
    async fn open(&mut self, address: Uri) -> Result<Stream, BoxError> {
        if address.scheme() != Some(&Scheme::HTTPS) {
            return Ok(MaybeHttpsStream::Http(self.plain.call(address).await?));
        }
        let (made, tcp) = (Arc::clone(&self.tls), self.plain.clone());
        let ready = spawn_blocking(move || made.get_or_init(|| tls(tcp)).clone()).await?;
        match ready {
            Some(mut tls) => tls.call(address).await,
            None => Err(io::Error::other("this machine has no root certificates").into()),
        }
    }
}
