//! A counterparty that expects certain requests in order and answers each with a fixture.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use chorsu_connectors::http::BaseUrl;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::fixture::response;

/// What a request has to contain, and the fixture that answers it; without one, the connection
/// ends.
pub(crate) type Step = (&'static str, Option<&'static str>);

/// The counterparty; its task ends with it.
pub(crate) struct Scripted {
    base: BaseUrl,
    steps: Arc<Mutex<VecDeque<Step>>>,
    _tasks: JoinSet<()>,
}

impl Scripted {
    pub(crate) async fn start(steps: &[Step]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let steps = Arc::new(Mutex::new(steps.iter().copied().collect::<VecDeque<_>>()));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&steps);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(converse(stream, Arc::clone(&shared)));
            }
        });
        Self { base, steps, _tasks: tasks }
    }

    pub(crate) fn base(&self) -> BaseUrl {
        self.base.clone()
    }

    /// All that was expected was asked.
    pub(crate) fn finish(self) {
        let left = self.steps.lock().unwrap();
        assert!(left.is_empty(), "not asked: {left:?}");
    }
}

async fn converse(mut stream: TcpStream, steps: Arc<Mutex<VecDeque<Step>>>) {
    let mut input = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut input).await {
        let step = steps.lock().unwrap().pop_front();
        let Some((expected, Some(name))) = step.filter(|step| request.contains(step.0)) else {
            if let Some((expected, _)) = step.filter(|step| !request.contains(step.0)) {
                // Ends the connection too, and the step is gone: the test fails at its answer.
                eprintln!("expected {expected}, got {request}");
            }
            return;
        };
        assert!(request.contains(expected));
        let response = response(name);
        let mut body = String::from_utf8(response.body).unwrap();
        if let Some(id) = rpc_id(&request) {
            body = body.replace("\"id\":7,", &format!("\"id\":{id},"));
        }
        let head =
            format!("HTTP/1.1 {} Any\r\ncontent-length: {}\r\n\r\n", response.status, body.len());
        stream.write_all((head + &body).as_bytes()).await.unwrap();
    }
}

/// The next request with its body, or `None` at the end of the connection.
pub(crate) async fn read_request(stream: &mut TcpStream, input: &mut Vec<u8>) -> Option<String> {
    loop {
        let text = String::from_utf8_lossy(input).into_owned();
        if let Some(head) = text.find("\r\n\r\n") {
            let length =
                text[..head].lines().find_map(|line| line.strip_prefix("content-length: "));
            let end = head + 4 + length.map_or(0, |length| length.parse().unwrap());
            if input.len() >= end {
                input.drain(..end);
                return Some(text[..end].to_owned());
            }
        }
        if stream.read_buf(input).await.ok()? == 0 {
            return None;
        }
    }
}

/// The number of a JSON-RPC request.
fn rpc_id(request: &str) -> Option<&str> {
    let rest = request.split_once("\"id\":")?.1;
    rest.split_once(',').map(|(id, _)| id).filter(|id| id.bytes().all(|b| b.is_ascii_digit()))
}
