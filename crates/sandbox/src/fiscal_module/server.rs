//! The HTTP server of the modules: requests in, answers out, spoilt where a fault says so.
//!
//! It decides nothing itself: the desk does, on the keeper's thread.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chorsu_connectors::fiscal_module::{Applet, LocalTime};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use super::desk::FiscalLimits;
use super::faults::{FiscalControls, FiscalFault};
use super::wire::{self, Asked};
use super::world::carry_out;
use crate::clock::Clock;
use crate::keeper::Keeper;

/// The only path, as FiscalDriveAPI has it.
pub(super) const PATH: &str = "/rpc/api";
/// Connections at most; more are closed at once.
const CONNECTIONS: usize = 256;
/// The largest body of a request, in bytes.
const BODY_BYTES: usize = 1024 * 1024;

/// What all connections share.
pub(super) struct Host {
    pub(super) keeper: Keeper,
    pub(super) clock: Clock,
    pub(super) limits: FiscalLimits,
    pub(super) controls: Arc<FiscalControls>,
}

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped")]
struct Dropped;

/// Starts the server on a free port of the loopback interface, until the handle aborts it.
pub(super) async fn start(host: Host) -> io::Result<(SocketAddr, AbortHandle)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tracing::info!(%address, "the sandbox's fiscal modules listen");
    Ok((address, tokio::spawn(listen(listener, Arc::new(host))).abort_handle()))
}

async fn listen(listener: TcpListener, host: Arc<Host>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < CONNECTIONS => {
                    connections.spawn(serve(stream, Arc::clone(&host)));
                }
                Ok(_) => tracing::warn!("the sandbox's fiscal modules have too many connections"),
                Err(error) => {
                    // Out of descriptors, as a rule: it passes.
                    tracing::warn!(%error, "the fiscal modules cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, host: Arc<Host>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let answer = |request| host.answer(request);
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection to the sandbox's fiscal modules broke");
    }
}

impl Host {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Dropped> {
        if request.uri().path() != PATH || request.method() != Method::POST {
            return Ok(response(StatusCode::NOT_FOUND, b"{}".to_vec()));
        }
        let body = Limited::new(request.into_body(), BODY_BYTES).collect().await;
        let body = body.map_err(|_| Dropped)?.to_bytes();
        let asked = match wire::read(&body) {
            Ok(asked) => asked,
            Err(wrong) => return Ok(response(StatusCode::OK, wrong.to_string().into_bytes())),
        };
        let fault = self.controls.befall_call(asked.call.sort());
        if fault == Some(FiscalFault::DropBefore) {
            return Err(Dropped);
        }
        let answer = if let Some(FiscalFault::Refuse { code }) = fault {
            wire::refuse(&asked.id, Applet::V0400, code)
        } else {
            self.decide(asked).await?
        };
        self.delay(fault).await;
        let body = answer.to_string().into_bytes();
        match fault {
            Some(FiscalFault::Hang) => {
                let never: Infallible = pending().await;
                match never {}
            }
            Some(FiscalFault::DropAfter) => Err(Dropped),
            Some(FiscalFault::Http500) => {
                let page = b"<html><h1>500 Internal Server Error</h1></html>".to_vec();
                Ok(response(StatusCode::INTERNAL_SERVER_ERROR, page))
            }
            Some(FiscalFault::BrokenJson) => {
                Ok(response(StatusCode::OK, body[..body.len() / 2].to_vec()))
            }
            _ => Ok(response(StatusCode::OK, body)),
        }
    }

    async fn decide(&self, asked: Asked) -> Result<Value, Dropped> {
        let (limits, now) = (self.limits, (self.clock)());
        let decided = self.keeper.with_book(move |book| {
            let decision = carry_out(book, limits, (&asked.factory, &asked.call), now)?;
            Ok(wire::write(&asked, &decision, limits, LocalTime::at(now)))
        });
        decided.await.map_err(|error| {
            // Nothing may be answered: what was decided is not known to be stored.
            let source = std::error::Error::source(&error);
            tracing::error!(%error, source, "a request to a fiscal module is dropped");
            Dropped
        })
    }

    async fn delay(&self, fault: Option<FiscalFault>) {
        let fault_ms = if let Some(FiscalFault::Delay { delay_ms }) = fault { delay_ms } else { 0 };
        let sum = self.controls.latency_ms().saturating_add(fault_ms);
        if sum > 0 {
            tokio::time::sleep(Duration::from_millis(sum)).await;
        }
    }
}

fn response(status: StatusCode, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
