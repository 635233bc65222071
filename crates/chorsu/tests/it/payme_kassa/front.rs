//! The address of Payme: it stays the same wherever the server behind it is, counts what is asked,
//! and spoils answers when it is told to.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::server::Server;
use crate::wire;

/// What happens to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The request is lost, and its answer with it.
    DropBefore,
    /// The answer is lost.
    DropAfter,
    /// The answer comes with this HTTP status.
    Status(u16),
    /// The answer is no JSON.
    Garbage,
    /// The receipt is in another state.
    State(i64),
    /// The receipt is over another amount.
    Amount(i64),
    /// The receipt has another id.
    OtherReceipt,
    /// The answer is an error with this code, although it was done.
    Error(i64),
    /// The answer is an error with this code, and nothing was done.
    Refusal(i64),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) auth: String,
    pub(super) language: Option<String>,
}

#[derive(Default)]
struct Shared {
    behind: Mutex<String>,
    faults: Mutex<Vec<(String, Fault)>>,
    seen: Mutex<Vec<Seen>>,
}

/// The address.
pub(super) struct Front {
    pub(super) url: String,
    shared: Arc<Shared>,
}

impl Front {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let served = shared.clone();
        tokio::spawn(async move {
            let http = wire::client();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, http.clone(), served.clone()));
            }
        });
        Self { url, shared }
    }

    /// Puts it before a server.
    pub(super) fn put_before(&self, server: &Server) {
        *self.shared.behind.lock().unwrap() = format!("{}/api", server.url());
    }

    /// Spoils the next `times` calls of a method.
    pub(super) fn spoil(&self, method: &str, fault: Fault, times: usize) {
        let mut faults = self.shared.faults.lock().unwrap();
        faults.extend(std::iter::repeat_n((method.to_owned(), fault), times));
    }

    /// All faults have befallen a call.
    pub(super) fn is_calm(&self) -> bool {
        self.shared.faults.lock().unwrap().is_empty()
    }

    /// Spoils nothing any more.
    pub(super) fn calm(&self) {
        self.shared.faults.lock().unwrap().clear();
    }

    /// The requests of a method so far.
    pub(super) fn seen(&self, method: &str) -> Vec<Seen> {
        let seen = self.shared.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.method == method).cloned().collect()
    }
}

async fn converse(mut stream: TcpStream, http: reqwest::Client, shared: Arc<Shared>) {
    let mut input = Vec::new();
    while let Some((head, body)) = read_request(&mut stream, &mut input).await {
        let header = |name: &str| {
            let prefix = format!("{name}: ");
            head.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
        };
        let call: Value = serde_json::from_slice(&body).unwrap();
        let method = call["method"].as_str().unwrap().to_owned();
        let seen =
            Seen { method, auth: header("x-auth").unwrap(), language: header("accept-language") };
        let fault = shared.note(&seen);
        let text = match fault {
            Some(Fault::DropBefore) => return,
            Some(Fault::Refusal(code)) => error(&call, code),
            // A server that is gone closes its connections; so does this.
            _ => match pass_on(&http, &shared, &seen, body).await {
                Some(text) => text,
                None => return,
            },
        };
        let status = if let Some(Fault::Status(other)) = fault { other } else { 200 };
        let text = match fault {
            Some(Fault::DropAfter) => return,
            Some(Fault::Garbage) => "<html>Bad gateway</html>".to_owned(),
            Some(Fault::Error(code)) => error(&call, code),
            Some(Fault::State(state)) => changed(&text, "state", json!(state)),
            Some(Fault::Amount(amount)) => changed(&text, "amount", json!(amount)),
            Some(Fault::OtherReceipt) => changed(&text, "_id", json!("0123456789abcdef01234567")),
            _ => text,
        };
        let head = format!(
            "HTTP/1.1 {status} Any\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        if stream.write_all((head + &text).as_bytes()).await.is_err() {
            return;
        }
    }
}

impl Shared {
    /// Remembers a request, and says what happens to its answer.
    fn note(&self, seen: &Seen) -> Option<Fault> {
        self.seen.lock().unwrap().push(seen.clone());
        let mut faults = self.faults.lock().unwrap();
        let place = faults.iter().position(|(spoiled, _)| *spoiled == seen.method)?;
        Some(faults.remove(place).1)
    }
}

async fn pass_on(
    http: &reqwest::Client,
    shared: &Shared,
    seen: &Seen,
    body: Vec<u8>,
) -> Option<String> {
    let behind = shared.behind.lock().unwrap().clone();
    let mut request = http.post(behind).header("X-Auth", &seen.auth).body(body);
    if let Some(language) = &seen.language {
        request = request.header("Accept-Language", language);
    }
    Some(wire::send(request).await.ok()?.text)
}

fn error(call: &Value, code: i64) -> String {
    let error = json!({ "code": code, "message": "Нет.", "data": { "why": [1] } });
    json!({ "jsonrpc": "2.0", "id": call["id"], "error": error }).to_string()
}

/// The answer with another member of its receipt, or of its result.
fn changed(text: &str, name: &str, value: Value) -> String {
    let mut answer: Value = serde_json::from_str(text).unwrap();
    let result = answer["result"].as_object_mut().unwrap();
    match result.get_mut("receipt") {
        Some(receipt) => receipt[name] = value,
        None => drop(result.insert(name.to_owned(), value)),
    }
    answer.to_string()
}

/// The head and the body of the next request, or `None` at the end of the connection.
async fn read_request(stream: &mut TcpStream, input: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    loop {
        if let Some(end) = input.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(input[..end].to_vec()).unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let whole = end + 4 + length.map_or(0, |length| length.parse().unwrap());
            if input.len() >= whole {
                let body = input[end + 4..whole].to_vec();
                input.drain(..whole);
                return Some((head, body));
            }
        }
        if stream.read_buf(input).await.ok()? == 0 {
            return None;
        }
    }
}
