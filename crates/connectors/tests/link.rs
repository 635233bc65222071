//! The link against a scripted network: what every kind of failure is reported as.
#![expect(clippy::unwrap_used, reason = "a test may fail at any step")]

use std::time::Duration;

use chorsu_connectors::Effect;
use chorsu_connectors::card::{
    AnswerError, CallError, CardAnswer, CardLink, CardRefusal, CardRequest, LinkSettings,
};
use chorsu_connectors::iso8583::{Field, Message};
use chorsu_core::{Expiry, KassaId, OperationId, Pan, Tiyin};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

fn settings(call_timeout_ms: u64) -> LinkSettings {
    let call_timeout = Duration::from_millis(call_timeout_ms);
    LinkSettings { call_timeout, ..LinkSettings::default() }
}

fn debit(number: u8, amount: i64) -> CardRequest {
    CardRequest::Debit {
        operation: OperationId([number; 12]),
        pan: Pan::parse("8600069195406311").unwrap(),
        expiry: Expiry::parse_mmyy("0399").unwrap(),
        amount: Tiyin::new(amount).unwrap(),
        merchant: KassaId([1; 12]),
    }
}

async fn network(settings: LinkSettings) -> (TcpListener, CardLink) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let link = CardLink::new(listener.local_addr().unwrap().to_string(), settings);
    (listener, link)
}

/// One request as it came, without its length prefix.
async fn request(stream: &mut TcpStream) -> Vec<u8> {
    let length = stream.read_u16().await.unwrap();
    let mut bytes = vec![0; length.into()];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

/// The answer to `request` with a response code.
fn answer(request: &[u8], code: &str) -> Vec<u8> {
    let request = Message::decode(request).unwrap();
    let mut message = Message::new(request.mti().answer());
    for field in [
        Field::ProcessingCode,
        Field::Amount,
        Field::TransmittedAt,
        Field::Stan,
        Field::Terminal,
        Field::Private,
    ] {
        if let Some(value) = request.get(field) {
            message.set(field, value);
        }
    }
    message.set(Field::Rrn, "000000000001");
    message.set(Field::AuthCode, "000001");
    message.set(Field::ResponseCode, code);
    let mut out = Vec::new();
    message.encode(&mut out).unwrap();
    out
}

fn refused(refusal: CardRefusal) -> Result<CardAnswer, CallError> {
    Ok(CardAnswer::Refused(refusal))
}

#[tokio::test]
async fn answers_find_their_calls_in_any_order_and_extra_ones_are_ignored() {
    let (listener, link) = network(settings(10_000)).await;
    let host = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let first = request(&mut stream).await;
        let second = request(&mut stream).await;
        let late = answer(&second, "51");
        stream.write_all(&late).await.unwrap();
        stream.write_all(&late).await.unwrap();
        // In two pieces, to be put together again.
        let early = answer(&first, "61");
        stream.write_all(&early[..5]).await.unwrap();
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
        stream.write_all(&early[5..]).await.unwrap();
        let third = request(&mut stream).await;
        stream.write_all(&answer(&third, "00")).await.unwrap();
    };
    let calls = async {
        let both = tokio::join!(link.call(debit(1, 100)), link.call(debit(2, 100)));
        assert_eq!(both.0, refused(CardRefusal::LimitExceeded));
        assert_eq!(both.1, refused(CardRefusal::InsufficientFunds));
        let third = link.call(debit(3, 100)).await;
        assert!(matches!(third, Ok(CardAnswer::Approved(_))), "{third:?}");
    };
    tokio::join!(host, calls);
}

#[tokio::test]
async fn nothing_is_sent_without_a_connection_or_a_message() {
    let (listener, link) = network(settings(10_000)).await;
    let error = link.call(debit(1, 1_000_000_000_000)).await.unwrap_err();
    assert!(matches!(error, CallError::NotEncodable(_)), "{error:?}");
    assert_eq!(error.effect(), Effect::None);
    drop(listener.accept().await.unwrap());
    drop(listener);
    // The end of the old connection may come before or after this call is written; either way the
    // next one has nowhere to go.
    let _ = link.call(debit(2, 100)).await;
    let error = link.call(debit(3, 100)).await.unwrap_err();
    assert!(matches!(error, CallError::NotConnected(_)), "{error:?}");
    assert_eq!(error.effect(), Effect::None);
}

#[tokio::test]
async fn a_lost_connection_leaves_the_outcome_unknown_and_the_next_call_connects_again() {
    let (listener, link) = network(settings(10_000)).await;
    let host = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        drop(stream);
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        stream.write_all(&[0, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let third = request(&mut stream).await;
        stream.write_all(&answer(&third, "14")).await.unwrap();
    };
    let calls = async {
        for number in 1..=2 {
            let error = link.call(debit(number, 100)).await.unwrap_err();
            assert!(matches!(error, CallError::Lost(_)), "{error:?}");
            assert_eq!(error.effect(), Effect::Unknown);
        }
        assert_eq!(link.call(debit(3, 100)).await, refused(CardRefusal::NotFound));
    };
    tokio::join!(host, calls);
}

#[tokio::test]
async fn silence_and_answers_of_no_use_leave_the_outcome_unknown() {
    let (listener, link) = network(settings(200)).await;
    let host = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let silent = request(&mut stream).await;
        let second = request(&mut stream).await;
        stream.write_all(&answer(&silent, "00")).await.unwrap();
        stream.write_all(&answer(&second, "Z9")).await.unwrap();
    };
    let calls = async {
        let error = link.call(debit(1, 100)).await.unwrap_err();
        assert_eq!((error, error.effect()), (CallError::Timeout, Effect::Unknown));
        let error = link.call(debit(2, 100)).await.unwrap_err();
        let undocumented = matches!(error, CallError::BadAnswer(AnswerError::UndocumentedCode(_)));
        assert!(undocumented, "{error:?}");
        assert_eq!(error.effect(), Effect::Unknown);
    };
    tokio::join!(host, calls);
}

#[tokio::test]
async fn more_calls_than_may_wait_are_turned_away_unsent() {
    let limits = LinkSettings { in_flight_max: 2, ..settings(10_000) };
    let (listener, link) = network(limits).await;
    let first = tokio::spawn({
        let link = link.clone();
        async move { link.call(debit(1, 100)).await }
    });
    let (mut stream, _) = listener.accept().await.unwrap();
    let bytes = request(&mut stream).await;
    let second = tokio::spawn({
        let link = link.clone();
        async move { link.call(debit(2, 100)).await }
    });
    let other = request(&mut stream).await;
    let error = link.call(debit(3, 100)).await.unwrap_err();
    assert_eq!((error, error.effect()), (CallError::Busy, Effect::None));
    stream.write_all(&answer(&bytes, "62")).await.unwrap();
    assert_eq!(first.await.unwrap(), refused(CardRefusal::Blocked));
    stream.write_all(&answer(&other, "54")).await.unwrap();
    assert_eq!(second.await.unwrap(), refused(CardRefusal::Expired));
}

#[tokio::test]
async fn a_request_that_never_left_had_no_effect() {
    // The host reads nothing: the socket's buffers fill, and the rest cannot leave.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let limits = LinkSettings { in_flight_max: 100_000, ..settings(1_000) };
    let link = CardLink::new(listener.local_addr().unwrap().to_string(), limits);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..60_000 {
        let link = link.clone();
        calls.spawn(async move { link.call(debit(1, 100)).await.unwrap_err() });
    }
    let _unread = listener.accept().await.unwrap();
    let (mut unsent, mut unknown) = (0, 0);
    while let Some(error) = calls.join_next().await {
        match error.unwrap() {
            CallError::NotSent(_) => unsent += 1,
            CallError::Lost(_) | CallError::Timeout => unknown += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(unsent > 0 && unknown > 0, "{unsent} unsent, {unknown} unknown");
}
