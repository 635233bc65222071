//! The HTTP client: what it sends, and what is known when no answer comes.

use std::time::Duration;

use chorsu_connectors::Effect;
use chorsu_connectors::http::{
    BaseUrl, HttpClient, HttpError, HttpRequest, HttpResponse, HttpSettings, Method,
};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::script::read_request;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

async fn server() -> (TcpListener, BaseUrl) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v2", listener.local_addr().unwrap()).parse().unwrap();
    (listener, base)
}

fn client(call_ms: u64) -> HttpClient {
    HttpClient::new(HttpSettings {
        call_timeout: Duration::from_millis(call_ms),
        connect_timeout: Duration::from_millis(500),
        body_max: 1000,
        ..HttpSettings::default()
    })
}

fn post() -> HttpRequest {
    HttpRequest::json(Method::Post, "/pay", b"{}".to_vec())
}

async fn accept(listener: &TcpListener) -> (TcpStream, String, Vec<u8>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut input = Vec::new();
    let request = read_request(&mut stream, &mut input).await.unwrap();
    (stream, request, input)
}

/// Calls once against a server that reads the request, writes `answer` and closes.
async fn call_answered(answer: &[u8], call_ms: u64) -> Result<HttpResponse, HttpError> {
    let (listener, base) = server().await;
    let client = client(call_ms);
    let host = async {
        let (mut stream, ..) = accept(&listener).await;
        stream.write_all(answer).await.unwrap();
    };
    let (result, ()) = tokio::join!(client.call(&base, post()), host);
    result
}

#[tokio::test]
async fn one_connection_carries_many_calls() {
    let (listener, base) = server().await;
    let client = client(10_000);
    let host = async {
        let (mut stream, request, mut input) = accept(&listener).await;
        assert!(request.starts_with("POST /v2/pay HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("content-type: application/json\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\n{}"), "{request}");
        stream.write_all(OK).await.unwrap();
        let request = read_request(&mut stream, &mut input).await.unwrap();
        assert!(request.starts_with("GET /v2/status HTTP/1.1\r\n"), "{request}");
        stream.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    };
    let calls = async {
        let first = client.call(&base, post()).await.unwrap();
        assert_eq!(first, HttpResponse { status: 200, body: b"ok".to_vec() });
        // The connection goes back to the pool in a task of the client's.
        tokio::task::yield_now().await;
        let get = HttpRequest::json(Method::Get, "/status", Vec::new());
        assert_eq!(client.call(&base, get).await.unwrap().status, 503);
    };
    tokio::join!(host, calls);
}

#[tokio::test]
async fn a_refused_connection_had_no_effect() {
    let (listener, base) = server().await;
    drop(listener);
    let error = client(10_000).call(&base, post()).await.unwrap_err();
    assert!(matches!(error, HttpError::NotConnected(_)), "{error:?}");
    assert_eq!(error.effect(), Effect::None);
}

#[tokio::test]
async fn a_tls_handshake_that_fails_or_stalls_had_no_effect() {
    let (listener, base) = server().await;
    let secure: BaseUrl = base.to_string().replacen("http:", "https:", 1).parse().unwrap();
    let client = client(10_000);
    let host = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        listener.accept().await.unwrap()
    };
    let calls = async {
        for _ in 0..2 {
            let error = client.call(&secure, post()).await.unwrap_err();
            assert!(matches!(error, HttpError::NotConnected(_)), "{error:?}");
            assert_eq!(error.effect(), Effect::None);
        }
    };
    let (_silent, ()) = tokio::join!(host, calls);
}

#[tokio::test]
async fn a_connection_dropped_under_a_request_leaves_the_outcome_unknown() {
    for answer in
        ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", "junk\r\n"]
    {
        let error = call_answered(answer.as_bytes(), 10_000).await.unwrap_err();
        assert!(matches!(error, HttpError::Lost(_)), "{answer}: {error:?}");
        assert_eq!(error.effect(), Effect::Unknown);
    }
}

#[tokio::test]
async fn a_kept_connection_that_dies_under_a_request_leaves_the_outcome_unknown() {
    let (listener, base) = server().await;
    let client = client(10_000);
    let host = async {
        let (mut stream, _, mut input) = accept(&listener).await;
        stream.write_all(OK).await.unwrap();
        read_request(&mut stream, &mut input).await.unwrap();
        drop(stream);
    };
    let calls = async {
        client.call(&base, post()).await.unwrap();
        tokio::task::yield_now().await;
        let error = client.call(&base, post()).await.unwrap_err();
        assert!(matches!(error, HttpError::Lost(_)), "{error:?}");
        assert_eq!(error.effect(), Effect::Unknown);
    };
    tokio::join!(host, calls);
}

#[tokio::test]
async fn a_slow_answer_leaves_the_outcome_unknown() {
    let (listener, base) = server().await;
    let client = client(100);
    let host = async { accept(&listener).await };
    let (result, _silent) = tokio::join!(client.call(&base, post()), host);
    let error = result.unwrap_err();
    assert!(matches!(error, HttpError::Timeout), "{error:?}");
    assert_eq!(error.effect(), Effect::Unknown);
}

#[tokio::test]
async fn a_too_large_answer_leaves_the_outcome_unknown() {
    let body = "x".repeat(1001);
    let told = format!("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n{body}");
    let chunked =
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n{body}\r\n0\r\n\r\n");
    for answer in [told, chunked] {
        let error = call_answered(answer.as_bytes(), 10_000).await.unwrap_err();
        assert!(matches!(error, HttpError::TooLarge), "{error:?}");
        assert_eq!(error.effect(), Effect::Unknown);
    }
    let fits = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{}", "x".repeat(1000));
    assert_eq!(call_answered(fits.as_bytes(), 10_000).await.unwrap().body.len(), 1000);
}

#[tokio::test]
async fn redirects_are_answers_and_are_not_followed() {
    let answer =
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(call_answered(answer, 10_000).await.unwrap().status, 302);
}

#[tokio::test]
async fn more_calls_than_allowed_and_unwritable_ones_are_turned_away_unsent() {
    let (listener, base) = server().await;
    let client = HttpClient::new(HttpSettings { in_flight_max: 1, ..HttpSettings::default() });
    let first = tokio::spawn({
        let (client, base) = (client.clone(), base.clone());
        async move { client.call(&base, post()).await }
    });
    let (mut stream, ..) = accept(&listener).await;
    let error = client.call(&base, post()).await.unwrap_err();
    assert!(matches!(error, HttpError::Busy), "{error:?}");
    assert_eq!(error.effect(), Effect::None);
    stream.write_all(OK).await.unwrap();
    assert_eq!(first.await.unwrap().unwrap().status, 200);
    let broken = post().with("auth", "a\nb".to_owned().into());
    let spaced = HttpRequest::json(Method::Get, "/a b", Vec::new());
    for request in [broken, spaced] {
        let error = client.call(&base, request).await.unwrap_err();
        assert!(matches!(error, HttpError::NotEncodable), "{error:?}");
        assert_eq!(error.effect(), Effect::None);
    }
}
