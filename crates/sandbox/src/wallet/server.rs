//! The HTTP server of one played wallet: requests in, answers out, spoilt where a fault says so.
//!
//! It decides nothing itself: the keeper does, for whatever waits, in one transaction.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chorsu_core::{UnixMillis, Wallet};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming as Body;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};

use super::asked::{Asked, Incoming, Spoil};
use super::batch::WalletJob;
use super::call::{Answer, Call, Outcome, Refusal};
use super::faults::{WalletCalls, WalletControls, WalletFault};
use super::ids::Mint;
use super::settings::WalletSettings;
use super::times::CallTimes;
use super::{click, payme, uzum};
use crate::clock::{Clock, SandboxClock};
use crate::keeper::Keeper;

/// Connections to one wallet at most; more are closed at once.
const CONNECTIONS: usize = 4_096;
/// The largest body of a request, in bytes.
const BODY_BYTES: usize = 256 * 1024;

/// What all connections of a wallet share.
pub(super) struct Host {
    pub(super) wallet: Wallet,
    pub(super) settings: Arc<WalletSettings>,
    pub(super) keeper: Keeper,
    pub(super) clock: Clock,
    pub(super) controls: Arc<WalletControls>,
    pub(super) mint: Arc<Mint>,
    pub(super) times: Arc<CallTimes>,
}

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped")]
struct Dropped;

/// How the answer to a request looks, at whichever wallet.
enum Shape {
    Click(click::Shape),
    Payme(payme::Shape),
    Uzum(uzum::Shape),
}

/// Starts the server on a free port of the loopback interface, until the handle aborts it.
pub(super) async fn start(host: Host) -> io::Result<(SocketAddr, AbortHandle)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tracing::info!(wallet = host.wallet.name(), %address, "the sandbox's wallet listens");
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
                Ok(_) => tracing::warn!("the sandbox's wallet has too many connections"),
                Err(error) => {
                    // Out of descriptors, as a rule: it passes.
                    tracing::warn!(%error, "the sandbox's wallet cannot accept a connection");
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
        tracing::debug!(%error, "a connection to the sandbox's wallet broke");
    }
}

impl Host {
    async fn answer(&self, request: Request<Body>) -> Result<Response<Full<Bytes>>, Dropped> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, BODY_BYTES).collect().await.map_err(|_| Dropped)?.to_bytes();
        let header = match self.wallet {
            Wallet::Click => "auth",
            Wallet::Payme => "x-auth",
            Wallet::Uzum => "authorization",
        };
        let asked = self.read(&Incoming {
            method: &parts.method,
            path: parts.uri.path(),
            signature: parts.headers.get(header).and_then(|value| value.to_str().ok()),
            body: &body,
            clocks: [(self.clock)(), SandboxClock::default().now()],
            mint: &self.mint,
        });
        let Some(Asked { shape, calls, call }) = asked else {
            return Ok(response(StatusCode::NOT_FOUND, b"{}".to_vec()));
        };
        let (answer, fault) = match call {
            Ok(call) => self.decide(call, calls).await?,
            Err(refusal) => (Outcome::Refused(refusal).into(), None),
        };
        if answer.lost {
            return Err(Dropped);
        }
        self.delay(&answer, fault).await;
        let body = write(&shape, &answer.outcome, (self.clock)(), fault).map_err(|error| {
            tracing::error!(%error, "an answer of the sandbox's wallet cannot be written");
            Dropped
        })?;
        if let Outcome::Payment { id, .. } = &answer.outcome {
            self.times.add(*id, started.elapsed());
        }
        match fault {
            Some(WalletFault::Hang) => {
                let never: Infallible = pending().await;
                match never {}
            }
            Some(WalletFault::DropAfter) => Err(Dropped),
            Some(WalletFault::Http500) => {
                let page = b"<html><h1>500 Internal Server Error</h1></html>".to_vec();
                Ok(response(StatusCode::INTERNAL_SERVER_ERROR, page))
            }
            Some(WalletFault::BrokenJson) => {
                Ok(response(StatusCode::OK, body[..body.len() / 2].to_vec()))
            }
            Some(WalletFault::DuplicateAnswer) => Ok(response(StatusCode::OK, body.repeat(2))),
            _ => Ok(response(StatusCode::OK, body)),
        }
    }

    /// What the request asks; `None` when there is no such path.
    fn read(&self, incoming: &Incoming<'_>) -> Option<Asked<Shape>> {
        match self.wallet {
            Wallet::Click => {
                let asked = click::read(incoming, &self.settings.click)?;
                Some(asked.map(Shape::Click))
            }
            Wallet::Payme => {
                let asked = payme::read(incoming, &self.settings.payme)?;
                Some(asked.map(Shape::Payme))
            }
            Wallet::Uzum => {
                let asked = uzum::read(incoming, &self.settings.uzum)?;
                Some(asked.map(Shape::Uzum))
            }
        }
    }

    /// Has a call decided, unless a fault is against it.
    async fn decide(
        &self,
        call: Call,
        calls: WalletCalls,
    ) -> Result<(Answer, Option<WalletFault>), Dropped> {
        let fault = self.controls.befall_call(calls);
        match fault {
            Some(WalletFault::DropBefore) => return Err(Dropped),
            Some(WalletFault::Late { delay_ms }) => {
                self.decide_later(call, Duration::from_millis(delay_ms));
                return Err(Dropped);
            }
            Some(WalletFault::Refuse { code }) => {
                let usual = match calls {
                    WalletCalls::Pay => Refusal::Blocked,
                    WalletCalls::Reverse => Refusal::NotReversible,
                    _ => Refusal::Unavailable,
                };
                let refusal = code.map_or(usual, Refusal::Code);
                return Ok((Outcome::Refused(refusal).into(), fault));
            }
            _ => {}
        }
        let (reply, answer) = oneshot::channel();
        let job = WalletJob { wallet: self.wallet, call, reply };
        if !self.keeper.decide_wallet(job).await {
            return Err(Dropped);
        }
        let answer = answer.await.map_err(|_| Dropped)?;
        Ok((answer, fault))
    }

    /// Has a call decided after a while; nobody gets its answer.
    fn decide_later(&self, call: Call, later: Duration) {
        let (wallet, keeper) = (self.wallet, self.keeper.clone());
        tokio::spawn(async move {
            tokio::time::sleep(later).await;
            let (reply, _) = oneshot::channel();
            keeper.decide_wallet(WalletJob { wallet, call, reply }).await;
        });
    }

    /// Holds an answer back: the wallet's latency, a slow customer, a fault.
    async fn delay(&self, answer: &Answer, fault: Option<WalletFault>) {
        let fault_ms = if let Some(WalletFault::Delay { delay_ms }) = fault { delay_ms } else { 0 };
        let latency_ms = self.controls.latency_ms();
        let sum = latency_ms.saturating_add(answer.wait_ms).saturating_add(fault_ms);
        if sum > 0 {
            tokio::time::sleep(Duration::from_millis(sum)).await;
        }
    }
}

fn write(
    shape: &Shape,
    outcome: &Outcome,
    now: UnixMillis,
    fault: Option<WalletFault>,
) -> serde_json::Result<Vec<u8>> {
    let spoil = match fault {
        Some(WalletFault::WrongAmount) => Some(Spoil::WrongAmount),
        Some(WalletFault::UnknownStatus) => Some(Spoil::UnknownStatus),
        _ => None,
    };
    match shape {
        Shape::Click(shape) => click::write(shape, outcome, now, spoil),
        Shape::Payme(shape) => payme::write(shape, outcome, now, spoil),
        Shape::Uzum(shape) => uzum::write(*shape, outcome, now, spoil),
    }
}

fn response(status: StatusCode, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
