//! The link over a real socket: one call, one request, and what a lost answer means.

use chorsu_core::bank::{NewOrder, OrderKind, OrderState, ServiceNumber};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::fixture::{self, settings};
use crate::Effect;
use crate::bank::{BankError, BankLink, StatusAnswer, Submit, SubmitAnswer};
use crate::http::{HttpClient, HttpSettings};

/// A bank that reads one request and answers with a fixture, or hangs up without an answer.
async fn bank(answer: Option<&str>) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = answer.map(fixture::response);
    let served = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !is_whole(&request) {
            let read = socket.read_buf(&mut request).await.unwrap();
            assert!(read > 0, "the request was cut off");
        }
        if let Some(answer) = answer {
            let head = format!(
                "HTTP/1.1 {} OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                answer.status,
                answer.body.len()
            );
            socket.write_all(head.as_bytes()).await.unwrap();
            socket.write_all(&answer.body).await.unwrap();
        }
        String::from_utf8(request).unwrap()
    });
    (format!("http://{address}/api/v2"), served)
}

fn is_whole(request: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(request) else { return false };
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.to_ascii_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length:").map(|length| length.trim().parse::<usize>().unwrap())
    });
    body.len() >= length.unwrap_or(0)
}

fn link(base_url: &str) -> BankLink {
    BankLink::new(HttpClient::new(HttpSettings::default()), settings(base_url))
}

async fn submit(link: &BankLink) -> Result<SubmitAnswer, BankError> {
    let NewOrder { key, service, sum, requisites } = &fixture::order(OrderKind::Ordinary);
    link.submit(&Submit { key, service: *service, sum: *sum, requisites, pan: None }).await
}

#[tokio::test]
async fn an_order_goes_out_once_and_its_answer_comes_back() {
    let (url, served) = bank(Some("payment.entered")).await;
    let found = submit(&link(&url)).await.unwrap();
    assert!(matches!(found, SubmitAnswer::Accepted(order) if order.status == OrderState::Entered));
    let request = served.await.unwrap();
    assert!(request.starts_with("POST /api/v2/payment HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("Basic Z3JheTpwQHNzdzByZA=="), "{request}");
}

#[tokio::test]
async fn questions_are_asked_by_path() {
    let (url, served) = bank(Some("status.not_recorded")).await;
    let key = fixture::order(OrderKind::Ordinary).key;
    assert_eq!(link(&url).status(&key).await.unwrap(), StatusAnswer::NotRecorded);
    assert!(served.await.unwrap().starts_with("GET /api/v2/payment/009445151277 HTTP/1.1\r\n"));

    let (url, served) = bank(Some("balance.found")).await;
    assert_eq!(link(&url).balance(ServiceNumber(2)).await.unwrap().get(), 1100);
    assert!(served.await.unwrap().starts_with("GET /api/v2/account/2/balance HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_a_closed_door_is_not() {
    let (url, served) = bank(None).await;
    let error = submit(&link(&url)).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown, "{error:?}");
    served.await.unwrap();

    // The listener is gone with its task, so that nobody can be reached there any more.
    let error = submit(&link(&url)).await.unwrap_err();
    assert_eq!(error.effect(), Effect::None, "{error:?}");
}
