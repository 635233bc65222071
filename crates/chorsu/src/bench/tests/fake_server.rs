//! A server with just enough of the Subscribe API for the generator, and one fault.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::Notify;

pub(super) const KASSA: &str = "100fe486b33784292111b7dc";
pub(super) const KEY: &str = "key?with:signs&";

const TOKEN: &str = "dG9rZW4/\"\\";
/// Every so many payments, the fault shows.
const FAULT_INTERVAL: u64 = 5;

/// What goes wrong at some payments.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    None,
    /// `/healthz` says 503.
    NotReady,
    /// An error object.
    Refuse,
    /// A receipt in this state.
    State(u8),
    /// The id of another receipt.
    OtherReceipt,
    /// Another HTTP status than 200.
    Status(u16),
    /// JSON without a receipt.
    Garbage,
    /// The connection ends in the middle of the answer's head.
    CutOff,
    /// The right answer, and the end of the connection.
    Close,
    /// No answer.
    Silence,
}

#[derive(Default)]
struct Counts {
    created: AtomicU64,
    pay_calls: AtomicU64,
    paid: AtomicU64,
    faults: AtomicU64,
    faults_started: AtomicBool,
    orders: Mutex<HashSet<String>>,
}

struct World {
    fault: Fault,
    counts: Counts,
    second_payment: Notify,
}

/// The server, on a port of its own until it is dropped.
pub(super) struct FakeServer {
    address: SocketAddr,
    world: Arc<World>,
    runtime: Option<Runtime>,
}

impl FakeServer {
    pub(super) fn start(fault: Fault) -> Self {
        let world =
            Arc::new(World { fault, counts: Counts::default(), second_payment: Notify::new() });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/api", post(api))
            .route("/healthz", get(healthz))
            .with_state(Arc::clone(&world));
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        Self { address, world, runtime: Some(runtime) }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From here on the fault shows; the set-up is left in peace.
    pub(super) fn start_faults(&self) {
        self.world.counts.faults_started.store(true, Ordering::SeqCst);
    }

    /// Waits for the payment after the one of the set-up.
    pub(super) async fn load_began(&self) {
        self.world.second_payment.notified().await;
    }

    pub(super) fn created(&self) -> u64 {
        self.world.counts.created.load(Ordering::SeqCst)
    }

    pub(super) fn paid(&self) -> u64 {
        self.world.counts.paid.load(Ordering::SeqCst)
    }

    /// Payments that were answered wrongly.
    pub(super) fn faults(&self) -> u64 {
        self.world.counts.faults.load(Ordering::SeqCst)
    }

    /// How many different orders there were.
    pub(super) fn orders(&self) -> u64 {
        self.world.counts.orders.lock().unwrap().len().try_into().unwrap()
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn healthz(State(world): State<Arc<World>>) -> StatusCode {
    if world.fault == Fault::NotReady { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

async fn api(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let request: Value = serde_json::from_slice(&body).unwrap();
    let method = request["method"].as_str().unwrap();
    let params = &request["params"];
    let auth = headers["x-auth"].to_str().unwrap();
    let allowed = auth == format!("{KASSA}:{KEY}") || auth == KASSA && method.starts_with("cards.");
    if !allowed {
        return error(-32504, "Access denied.");
    }
    match method {
        "cards.create" => {
            assert_eq!(params["card"], json!({ "number": "8600069195406311", "expire": "0399" }));
            assert_eq!(params["save"], true);
            result(json!({ "card": { "token": TOKEN, "verify": false } }))
        }
        "cards.get_verify_code" => {
            assert_eq!(params["token"], TOKEN);
            result(json!({ "sent": true, "phone": "99890*****31", "wait": 60000 }))
        }
        "cards.verify" => {
            assert_eq!(*params, json!({ "token": TOKEN, "code": "666666" }));
            result(json!({ "card": { "token": TOKEN, "verify": true } }))
        }
        "receipts.create" => create(&world.counts, params),
        "receipts.pay" => pay(&world, params).await,
        other => panic!("the generator has no use for {other}"),
    }
}

fn create(counts: &Counts, params: &Value) -> Response<Body> {
    assert!(params["amount"].as_u64().unwrap() >= 1000);
    let order = params["account"]["order_id"].as_str().unwrap().to_owned();
    counts.orders.lock().unwrap().insert(order);
    let number = counts.created.fetch_add(1, Ordering::SeqCst);
    receipt(&format!("{number:024x}"), 0)
}

async fn pay(world: &World, params: &Value) -> Response<Body> {
    let World { fault, counts, second_payment } = world;
    assert_eq!(params["token"], TOKEN);
    let id = params["id"].as_str().unwrap();
    assert!(u64::from_str_radix(id, 16).unwrap() < counts.created.load(Ordering::SeqCst));
    let calls = 1 + counts.pay_calls.fetch_add(1, Ordering::SeqCst);
    if calls == 2 {
        second_payment.notify_one();
    }
    let faulty =
        counts.faults_started.load(Ordering::SeqCst) && calls.is_multiple_of(FAULT_INTERVAL);
    if faulty {
        counts.faults.fetch_add(1, Ordering::SeqCst);
        match fault {
            Fault::Refuse => return error(-31630, "Недостаточно средств на карте"),
            Fault::State(state) => return receipt(id, *state),
            Fault::OtherReceipt => return receipt("ffffffffffffffffffffffff", 4),
            Fault::Status(status) => return text(*status, "busy".into()),
            Fault::Garbage => {
                return text(200, json!({ "result": { "ok": true } }).to_string().into());
            }
            Fault::CutOff => return text(200, Body::new(BrokenBody)),
            Fault::Silence => std::future::pending().await,
            Fault::None | Fault::NotReady | Fault::Close => {}
        }
    }
    counts.paid.fetch_add(1, Ordering::SeqCst);
    let mut answer = receipt(id, 4);
    if faulty && *fault == Fault::Close {
        answer.headers_mut().insert("connection", "close".parse().unwrap());
    }
    answer
}

/// A receipt with as much around its id and state as a real one has.
fn receipt(id: &str, state: u8) -> Response<Body> {
    result(json!({ "receipt": {
        "_id": id,
        "state": state,
        "error": null,
        "account": [{ "name": "order_id", "value": "\"state\":7", "main": true }],
        "merchant": { "_id": KASSA, "name": "receipt" },
    } }))
}

fn result(result: Value) -> Response<Body> {
    text(200, json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string().into())
}

fn error(code: i64, message: &str) -> Response<Body> {
    let error = json!({ "code": code, "message": message });
    text(200, json!({ "jsonrpc": "2.0", "id": 1, "error": error }).to_string().into())
}

fn text(status: u16, body: Body) -> Response<Body> {
    Response::builder().status(status).body(body).unwrap()
}

/// A body that fails before its first byte, at which the server gives the connection up.
struct BrokenBody;

impl hyper::body::Body for BrokenBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::Other.into())))
    }
}
