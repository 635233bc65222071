//! Both ends of the card networks over real sockets: the production link and the played hosts.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail at any step")]

use std::time::{Duration, Instant};

use chorsu_connectors::Effect;
use chorsu_connectors::card::{
    CallError, CardAnswer, CardLink, CardRefusal, CardRequest, LinkSettings,
};
use chorsu_core::network::HOLD_LIFE_MS;
use chorsu_core::{Expiry, KassaId, Network, OperationId, Pan, Tiyin};
use chorsu_sandbox::{
    CardChange, ControlError, Fault, FaultCalls, FaultRule, MemoryBook, Sandbox, SandboxClock,
    is_published_test_card,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const UZ: &str = "8600495473316478";
const HUMO: &str = "9860010101010101";
const SLOW: &str = "8600134301849596";
const PLENTY: i64 = 100_000_000_000_000;

struct Stage {
    book: MemoryBook,
    clock: SandboxClock,
    sandbox: Sandbox,
}

impl Stage {
    async fn new() -> Self {
        let (book, clock) = (MemoryBook::default(), SandboxClock::default());
        let sandbox = Sandbox::start(book.clone(), clock.reader()).await.unwrap();
        Self { book, clock, sandbox }
    }

    fn link(&self, network: Network) -> CardLink {
        self.link_with(network, LinkSettings::default())
    }

    fn link_with(&self, network: Network, settings: LinkSettings) -> CardLink {
        CardLink::new(self.sandbox.address(network).to_string(), settings)
    }

    /// Balance and held.
    async fn money(&self, number: &str) -> (i64, i64) {
        let card = self.sandbox.card(&pan(number)).await.unwrap();
        (card.balance, card.held)
    }

    async fn net(&self, network: Network) -> i64 {
        self.sandbox.totals(network).await.unwrap().net
    }
}

fn pan(number: &str) -> Pan {
    Pan::parse(number).unwrap()
}

fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

fn id(number: u32) -> OperationId {
    let mut bytes = [0; 12];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    OperationId(bytes)
}

fn debit(number: u32, card: &str, amount: i64) -> CardRequest {
    CardRequest::Debit {
        operation: id(number),
        pan: pan(card),
        expiry: Expiry::parse_mmyy("0399").unwrap(),
        amount: tiyin(amount),
        merchant: KassaId([1; 12]),
    }
}

fn hold(number: u32, card: &str, amount: i64) -> CardRequest {
    CardRequest::Hold {
        operation: id(number),
        pan: pan(card),
        expiry: Expiry::parse_mmyy("0399").unwrap(),
        amount: tiyin(amount),
        merchant: KassaId([1; 12]),
    }
}

fn capture(number: u32, original: u32, amount: i64) -> CardRequest {
    CardRequest::Capture { operation: id(number), original: id(original), amount: tiyin(amount) }
}

fn refund(number: u32, original: u32, amount: i64) -> CardRequest {
    CardRequest::Refund { operation: id(number), original: id(original), amount: tiyin(amount) }
}

fn release(number: u32, original: u32) -> CardRequest {
    CardRequest::Release { operation: id(number), original: id(original) }
}

fn ask(number: u32) -> CardRequest {
    CardRequest::Ask { operation: id(number) }
}

/// The approved amount.
#[track_caller]
fn approved(answer: Result<CardAnswer, CallError>) -> i64 {
    match answer {
        Ok(CardAnswer::Approved(approval)) => approval.amount.get(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(answer: Result<CardAnswer, CallError>, refusal: CardRefusal) {
    assert_eq!(answer, Ok(CardAnswer::Refused(refusal)));
}

#[tokio::test]
async fn money_moves_and_comes_back_at_both_networks() {
    let stage = Stage::new().await;
    for (network, card) in [(Network::Uzcard, UZ), (Network::Humo, HUMO)] {
        let link = stage.link(network);
        let expiry = Expiry::parse_mmyy("0399").unwrap();
        let inquiry = CardRequest::Inquire { pan: pan(card), expiry };
        let Ok(CardAnswer::Card(holder)) = link.call(inquiry).await else { panic!() };
        let phone = holder.phone.unwrap();
        assert!(holder.sms && phone.starts_with("99890") && phone.len() == 12, "{phone}");
        assert_eq!(stage.sandbox.card(&pan(card)).await.unwrap().phone, phone);

        assert_eq!(approved(link.call(debit(1, card, 500)).await), 500);
        let Ok(CardAnswer::Approved(first)) = link.call(debit(1, card, 500)).await else {
            panic!()
        };
        assert_eq!(link.call(ask(1)).await, Ok(CardAnswer::Approved(first)));
        assert_eq!(approved(link.call(hold(2, card, 300)).await), 300);
        assert_eq!(approved(link.call(hold(3, card, 200)).await), 200);
        assert_eq!(stage.money(card).await, (PLENTY - 1_000, 500));
        assert_eq!(approved(link.call(capture(4, 2, 250)).await), 250);
        assert_eq!(approved(link.call(release(5, 3)).await), 200);
        assert!(matches!(link.call(ask(3)).await, Ok(CardAnswer::Released(_))));
        assert_eq!(stage.money(card).await, (PLENTY - 750, 0));
        assert_eq!(stage.net(network).await, 750);
        assert_eq!(approved(link.call(refund(6, 1, 500)).await), 500);
        assert_eq!(approved(link.call(refund(7, 2, 250)).await), 250);
        refused(link.call(refund(8, 2, 250)).await, CardRefusal::AlreadyDone);
        assert_eq!(stage.money(card).await, (PLENTY, 0));
        assert_eq!(stage.net(network).await, 0);
    }
    let operations = stage.sandbox.operations(Network::Humo, 3).await.unwrap();
    let seen: Vec<_> = operations.iter().map(|view| (view.kind, view.result)).collect();
    assert_eq!(seen, [("refund", "already_done"), ("refund", "approved"), ("refund", "approved")]);
    let refunded = &stage.sandbox.operations(Network::Humo, 8).await.unwrap()[7];
    assert_eq!((refunded.kind, refunded.since), ("debit", "refunded"));
    assert_eq!(refunded.number.as_deref(), Some("986001******0101"));
}

#[tokio::test]
async fn thirty_days_end_a_hold_as_each_network_does() {
    let stage = Stage::new().await;
    let (uzcard, humo) = (stage.link(Network::Uzcard), stage.link(Network::Humo));
    approved(uzcard.call(hold(1, UZ, 500)).await);
    approved(humo.call(hold(1, HUMO, 500)).await);
    stage.clock.advance(HOLD_LIFE_MS);
    assert!(matches!(uzcard.call(ask(1)).await, Ok(CardAnswer::Released(_))));
    assert_eq!(stage.money(UZ).await, (PLENTY, 0));
    refused(uzcard.call(capture(2, 1, 500)).await, CardRefusal::HoldReleased);
    refused(humo.call(release(2, 1)).await, CardRefusal::NotAllowed);
    assert_eq!(stage.money(HUMO).await, (PLENTY - 500, 500));
    assert_eq!(approved(humo.call(capture(3, 1, 500)).await), 500);
    assert_eq!(stage.money(HUMO).await, (PLENTY - 500, 0));
}

/// What the caller sees of a fault, and what the network says when asked.
enum Seen {
    Approved,
    Refused(CardRefusal),
    /// Unknown; when asked: done.
    UnknownDone,
    /// Unknown; when asked: never heard of.
    UnknownNothing,
}

#[tokio::test]
async fn after_every_fault_the_question_brings_the_truth_and_money_moved_once() {
    let refuse = CardRefusal::Declined;
    let cases = [
        (Fault::Refuse { reason: refuse }, Seen::Refused(refuse)),
        (Fault::Delay { delay_ms: 30 }, Seen::Approved),
        (Fault::DropBeforeEffect, Seen::UnknownNothing),
        (Fault::DropAfterEffect, Seen::UnknownDone),
        (Fault::GarbageAnswer, Seen::UnknownDone),
        (Fault::DuplicateAnswer, Seen::Approved),
        (Fault::WrongAmount, Seen::UnknownDone),
        (Fault::UndocumentedCode, Seen::UnknownDone),
    ];
    for (fault, seen) in cases {
        let stage = Stage::new().await;
        let link = stage.link(Network::Uzcard);
        let rule = FaultRule { fault, calls: FaultCalls::Operations, times: Some(1) };
        assert!(stage.sandbox.controls(Network::Uzcard).add_fault(rule));
        let answer = link.call(debit(1, UZ, 500)).await;
        let told = link.call(ask(1)).await;
        let repeated = link.call(debit(1, UZ, 500)).await;
        let unknown = |answer: &Result<_, CallError>| {
            answer.as_ref().is_err_and(|error| error.effect() == Effect::Unknown)
        };
        let moved = match seen {
            Seen::Approved => approved(answer).min(approved(told)).min(approved(repeated)),
            Seen::UnknownDone => {
                assert!(unknown(&answer), "{fault:?}: {answer:?}");
                approved(told).min(approved(repeated))
            }
            Seen::Refused(refusal) => {
                [answer, told, repeated].into_iter().for_each(|answer| refused(answer, refusal));
                0
            }
            Seen::UnknownNothing => {
                assert!(unknown(&answer), "{fault:?}: {answer:?}");
                assert_eq!(told, Ok(CardAnswer::NotFound));
                refused(repeated, CardRefusal::Withdrawn);
                0
            }
        };
        assert_eq!(stage.money(UZ).await, (PLENTY - moved, 0), "{fault:?}");
        assert_eq!(stage.net(Network::Uzcard).await, moved, "{fault:?}");
    }
}

#[tokio::test]
async fn a_question_that_goes_wrong_tells_nothing() {
    let stage = Stage::new().await;
    let link = stage.link(Network::Uzcard);
    approved(link.call(debit(1, UZ, 500)).await);
    let fault = Fault::Refuse { reason: CardRefusal::Unavailable };
    let rule = FaultRule { fault, calls: FaultCalls::Questions, times: None };
    stage.sandbox.controls(Network::Uzcard).add_fault(rule);
    let error = link.call(ask(1)).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    stage.sandbox.controls(Network::Uzcard).clear_faults();
    assert_eq!(approved(link.call(ask(1)).await), 500);
}

#[tokio::test]
async fn the_slow_card_outlasts_an_impatient_caller() {
    let stage = Stage::new().await;
    let call_timeout = Duration::from_millis(100);
    let settings = LinkSettings { call_timeout, ..LinkSettings::default() };
    let link = stage.link_with(Network::Uzcard, settings);
    assert_eq!(link.call(debit(1, SLOW, 500)).await, Err(CallError::Timeout));
    assert_eq!(link.call(ask(1)).await, Ok(CardAnswer::StillProcessing));
    stage.clock.advance(10_000);
    refused(link.call(ask(1)).await, CardRefusal::Unavailable);
    refused(link.call(debit(1, SLOW, 500)).await, CardRefusal::Unavailable);
}

#[tokio::test]
async fn a_host_remembers_everything_when_it_starts_again() {
    let mut stage = Stage::new().await;
    let link = stage.link(Network::Uzcard);
    approved(link.call(hold(1, UZ, 500)).await);
    stage.sandbox = Sandbox::start(stage.book.clone(), stage.clock.reader()).await.unwrap();
    // The old host is gone; depending on when that is noticed, the call is lost or not sent.
    link.call(ask(1)).await.unwrap_err();
    let link = stage.link(Network::Uzcard);
    assert_eq!(approved(link.call(ask(1)).await), 500);
    assert_eq!(approved(link.call(capture(2, 1, 500)).await), 500);
    assert_eq!(stage.money(UZ).await, (PLENTY - 500, 0));
}

#[tokio::test]
async fn latency_holds_back_each_answer_but_not_the_next_call() {
    let stage = Stage::new().await;
    stage.sandbox.controls(Network::Humo).set_latency_ms(100);
    let link = stage.link(Network::Humo);
    let start = Instant::now();
    let mut calls = JoinSet::new();
    for number in 0..50 {
        let link = link.clone();
        calls.spawn(async move { approved(link.call(debit(number, HUMO, 1)).await) });
    }
    assert_eq!(calls.join_all().await.iter().sum::<i64>(), 50);
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(100) && took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_debits_of_one_card_are_quick_and_exact() {
    const CALLS: u32 = 10_000;
    let stage = Stage::new().await;
    let settings = LinkSettings { in_flight_max: 1_024, ..LinkSettings::default() };
    let link = stage.link_with(Network::Uzcard, settings);
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..256 {
        let link = link.clone();
        callers.spawn(async move {
            for number in (caller..CALLS).step_by(256) {
                assert_eq!(approved(link.call(debit(number, UZ, 7)).await), 7);
            }
        });
    }
    callers.join_all().await;
    let took = start.elapsed();
    // A fraction of a second even in a test build; the bound only catches a lost order of size.
    assert!(took < Duration::from_secs(20), "{took:?}");
    let want = i64::from(CALLS) * 7;
    assert_eq!(stage.money(UZ).await, (PLENTY - want, 0));
    let totals = stage.sandbox.totals(Network::Uzcard).await.unwrap();
    assert_eq!((totals.debited, totals.debits), (want, CALLS.into()));
}

#[tokio::test]
async fn cards_are_read_and_changed_from_outside() {
    let stage = Stage::new().await;
    let change = CardChange { balance: Some(100), ..CardChange::default() };
    let card = stage.sandbox.change_card(&pan(UZ), change).await.unwrap();
    assert_eq!((card.network, card.number.as_str()), ("uzcard", "860049******6478"));
    let link = stage.link(Network::Uzcard);
    refused(link.call(debit(1, UZ, 101)).await, CardRefusal::InsufficientFunds);
    assert_eq!(approved(link.call(debit(2, UZ, 100)).await), 100);
    let card = stage.sandbox.card(&pan(UZ)).await.unwrap();
    assert_eq!((card.balance, card.spent_today, card.daily_limit), (0, 100, PLENTY));
    for number in ["1234567812345670", "8600123412341234"] {
        let unknown = stage.sandbox.card(&pan(number)).await;
        assert!(matches!(unknown, Err(ControlError::NoSuchCard)), "{number}");
    }
    assert!(is_published_test_card(&pan(UZ)) && is_published_test_card(&pan(HUMO)));
    assert!(!is_published_test_card(&pan("8600123412341239")));
}

#[tokio::test]
async fn the_inbox_keeps_messages_newest_first() {
    let stage = Stage::new().await;
    let inbox = stage.sandbox.sms();
    for (number, to) in [(1, "998901111111"), (2, "998902222222"), (3, "998901111111")] {
        inbox.deliver(to, format!("code {number}"), stage.clock.now()).await.unwrap();
    }
    let texts = |messages: Vec<chorsu_sandbox::Sms>| -> Vec<String> {
        messages.into_iter().map(|sms| sms.text).collect()
    };
    assert_eq!(texts(inbox.newest(2, None).await.unwrap()), ["code 3", "code 2"]);
    let first = Some("998901111111".to_owned());
    assert_eq!(texts(inbox.newest(9, first).await.unwrap()), ["code 3", "code 1"]);
}

#[tokio::test]
async fn what_is_no_request_harms_nobody() {
    let stage = Stage::new().await;
    let address = stage.sandbox.address(Network::Uzcard);
    let not_a_message = [&[0, 12][..], &[b'x'; 12]].concat();
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0, 0, 0], &[255; 64], &not_a_message] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        // The host closes, with or without a reset.
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(answer.is_empty(), "{answer:?}");
    }
    assert_eq!(approved(stage.link(Network::Uzcard).call(debit(1, UZ, 5)).await), 5);
}
