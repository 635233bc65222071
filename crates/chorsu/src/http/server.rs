//! The listening side: bounded connections, time limits against slow senders, clean stop.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower_service::Service as _;

use super::till::ShortWay;
use super::till_guard::Peer;
use super::{bank, subscribe};
use crate::app::App;

/// Open connections; the next one waits to be accepted.
const CONNECTIONS_MAX: usize = 4_096;
/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long open requests may take to end after the stop was asked for.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait after accepting failed, for example for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `router` until `stop` changes, then lets open requests end.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = connections.clone().acquire_owned().await else { break };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => (stream, peer.ip()),
                Err(error) => {
                    tracing::warn!(%error, "accepting a connection failed");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            _ = stop.changed() => break,
        };
        // Answers are small and complete: waiting to gather more would only add latency.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY refused");
        }
        let (app, router, stop) = (app.clone(), router.clone(), stop.clone());
        tokio::spawn(async move {
            serve_connection(stream, peer, app, router, stop).await;
            drop(permit);
        });
    }
    drop(listener);
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    if tokio::time::timeout(STOP_TIMEOUT, connections.acquire_many(all)).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

/// Serves one connection to its end.
///
/// Payments take the short way past the router: it would box each of their futures and look at
/// the path again, which is a measurable part of a request.
async fn serve_connection(
    stream: TcpStream,
    peer: IpAddr,
    app: Arc<App>,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let answer = move |request: hyper::Request<Incoming>| {
        let (app, mut router) = (app.clone(), router.clone());
        async move {
            let mut request = request.map(Body::new);
            if is_payment(&request) {
                return Ok(subscribe::call(app, request).await);
            }
            if bank::is_order(&request) {
                return Ok(bank::call(app, request).await);
            }
            if let Some(payment) = ShortWay::of(&app, peer, &request) {
                return Ok(payment.take(app, request).await);
            }
            request.extensions_mut().insert(Peer(peer));
            router.call(request).await
        }
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        // Clients hang up; that is their right.
        tracing::debug!(%error, "connection ended");
    }
}

fn is_payment(request: &hyper::Request<Body>) -> bool {
    request.method() == hyper::Method::POST && matches!(request.uri().path(), "/api" | "/api/")
}
