//! Payme's answers are lost or changed on their way: whatever happens to them, the customer is
//! charged once or not at all, and both books end in the same state.

use std::time::Duration;

use serde_json::json;

use super::front::Fault;
use super::stand::{Stand, settings};
use crate::shop::{Shop, new_receipt, state_in};
use crate::till_stand::Chorsu;
use crate::wire::Answer;

const AMOUNT: i64 = 60_000;

/// Answers that prove nothing, although it was done.
const SPOILT: [Fault; 8] = [
    Fault::DropAfter,
    Fault::Status(500),
    Fault::Status(204),
    Fault::Garbage,
    Fault::State(77),
    Fault::Amount(AMOUNT + 1),
    Fault::OtherReceipt,
    Fault::Error(-31_999),
];

/// The step that is disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Pay,
    Hold,
    Confirm,
    Refund,
    Release,
    Close,
}

impl Step {
    const fn method(self) -> &'static str {
        match self {
            Self::Pay | Self::Hold => "receipts.pay",
            Self::Confirm => "receipts.confirm_hold",
            Self::Refund | Self::Release | Self::Close => "receipts.cancel",
        }
    }

    /// Where the receipt ends when it was done.
    const fn end(self) -> i64 {
        match self {
            Self::Pay | Self::Confirm => 4,
            Self::Hold => 5,
            Self::Refund | Self::Release | Self::Close => 50,
        }
    }

    /// What Payme then has.
    const fn money(self) -> i64 {
        if self.end() == 4 { AMOUNT } else { 0 }
    }

    async fn before(self, shop: &Shop, token: &str) -> String {
        match self {
            Self::Pay | Self::Close => shop.receipt(AMOUNT).await,
            Self::Hold => shop.receipt_to_hold(AMOUNT).await,
            Self::Confirm | Self::Release => shop.held(AMOUNT, token).await,
            Self::Refund => shop.paid(AMOUNT, token).await,
        }
    }

    async fn perform(self, shop: &Shop, receipt: &str, token: &str) -> Answer {
        match self {
            Self::Pay | Self::Hold => shop.pay(receipt, token).await,
            Self::Confirm => shop.confirm(receipt).await,
            Self::Refund | Self::Release | Self::Close => shop.cancel(receipt).await,
        }
    }
}

async fn disturbed(step: Step) {
    let stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    for (number, fault) in SPOILT.into_iter().enumerate() {
        let receipt = step.before(&shop, &token).await;
        let (before, debits) = stand.payme.taken().await;
        stand.payme.front.spoil(step.method(), fault, 1);
        // Now and then the questions fare no better.
        if number % 3 == 0 {
            stand.payme.front.spoil("receipts.check", Fault::Garbage, 1);
        }
        let told = step.perform(&shop, &receipt, &token).await;
        let told = told.unwrap_or_else(|refusal| panic!("{step:?} {fault:?}: {refusal:?}"));
        assert!([step.end(), 21].contains(&state_in(&told)), "{step:?} {fault:?}: {told}");
        shop.wait_for_state(&receipt, &[step.end()]).await;
        let end = step.end();
        assert_eq!(stand.states(&receipt).await, (end, end), "{step:?} {fault:?}");
        let (net, count) = stand.payme.taken().await;
        let taken = if step == Step::Refund { net + AMOUNT - before } else { net - before };
        assert_eq!(taken, step.money(), "{step:?} {fault:?}");
        assert!(count - debits <= 1, "{step:?} {fault:?}: taken {} times", count - debits);
    }
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment() {
    disturbed(Step::Pay).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold() {
    disturbed(Step::Hold).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmation() {
    disturbed(Step::Confirm).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund() {
    disturbed(Step::Refund).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release() {
    disturbed(Step::Release).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close() {
    disturbed(Step::Close).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_never_arrives_is_closed() {
    let stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    for hold in [false, true] {
        let made = new_receipt(AMOUNT, hold);
        let receipt = crate::shop::id_of(&shop.ok("receipts.create", made).await);
        stand.payme.front.spoil("receipts.pay", Fault::DropBefore, 1);
        let told = shop.pay(&receipt, &token).await.unwrap_err();
        assert_eq!((told.code, told.data), (-31002, json!("unavailable")));
        assert_eq!(stand.states(&receipt).await, (50, 50));
        assert_eq!(shop.pay(&receipt, &token).await.unwrap_err().code, -31602);
    }
    assert_eq!(stand.payme.taken().await, (0, 0));
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_too_long_is_told_so_and_the_search_goes_on() {
    const QUESTIONS: usize = 1_000;
    let stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let (paying, refunding) = (shop.receipt(AMOUNT).await, shop.paid(AMOUNT, &token).await);
    let front = &stand.payme.front;
    front.spoil("receipts.pay", Fault::DropAfter, 1);
    front.spoil("receipts.cancel", Fault::DropBefore, QUESTIONS);
    front.spoil("receipts.check", Fault::Status(503), QUESTIONS);
    let (paid, refunded) = tokio::join!(shop.pay(&paying, &token), shop.cancel(&refunding));
    let told = paid.unwrap_err();
    assert_eq!((told.code, told.data), (-31002, json!("outcome_unknown")));
    assert_eq!(state_in(&refunded.unwrap()), 21);
    assert_eq!(stand.states(&paying).await, (2, 4));
    assert_eq!(stand.states(&refunding).await, (21, 4));
    front.calm();
    shop.wait_for_state(&paying, &[4]).await;
    shop.wait_for_state(&refunding, &[50]).await;
    assert_eq!(stand.payme.taken().await, (AMOUNT, 2));
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_that_may_pass_is_no_refusal() {
    let stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    for code in [-31_002, -32_400, -31_602] {
        let receipt = shop.receipt(AMOUNT).await;
        stand.payme.front.spoil("receipts.pay", Fault::Error(code), 1);
        assert_eq!(state_in(&shop.pay(&receipt, &token).await.unwrap()), 4, "{code}");
    }
    assert_eq!(stand.payme.taken().await, (3 * AMOUNT, 3));
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_moves_no_money_may_simply_fail() {
    let stand = Stand::start().await;
    let shop = stand.shop();
    let faults = [Fault::DropBefore, Fault::DropAfter, Fault::Status(502), Fault::Garbage];
    let others = [Fault::Amount(1), Fault::State(4), Fault::State(77)];
    for fault in faults.into_iter().chain(others) {
        stand.payme.front.spoil("receipts.create", fault, 1);
        let told = shop.code("receipts.create", new_receipt(AMOUNT, false)).await;
        assert_eq!(told, (-31002, json!("unavailable")), "{fault:?}");
    }
    for fault in faults {
        stand.payme.front.spoil("cards.check", fault, 1);
        let told = shop.code("cards.check", json!({ "token": "x" })).await;
        assert_eq!(told, (-31002, json!("unavailable")), "{fault:?}");
    }
    assert_eq!(shop.count_receipts().await, 0);
    let receipt = shop.receipt(AMOUNT).await;
    // Nobody can say how it stands at Payme: then our own books are the answer.
    stand.payme.front.spoil("receipts.check", Fault::Garbage, 1);
    assert_eq!(shop.state(&receipt).await, 0);
    assert!(stand.payme.front.is_calm());
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payme_that_is_not_there_refuses() {
    let stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let receipt = shop.receipt(AMOUNT).await;
    let Stand { mut payme, mut chorsu } = stand;
    chorsu.kill();
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nowhere = settings(&format!("http://127.0.0.1:{port}/api"));
    let mut chorsu = Chorsu::start(chorsu.place, &nowhere).await;
    let shop = Shop::at(chorsu.server());
    for method in ["receipts.pay", "receipts.cancel"] {
        let params = json!({ "id": receipt, "token": token });
        assert_eq!(shop.code(method, params).await, (-31002, json!("unavailable")), "{method}");
        assert_eq!(shop.state(&receipt).await, 0, "{method}");
    }
    chorsu.kill();
    let stand = Stand {
        chorsu: Chorsu::start(chorsu.place, &settings(&payme.front.url)).await,
        payme: {
            payme.die();
            payme.come_back().await;
            payme
        },
    };
    assert_eq!(state_in(&stand.shop().pay(&receipt, &token).await.unwrap()), 4);
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payme_that_dies_while_it_takes_the_money_is_waited_for() {
    let mut stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let receipt = shop.receipt(AMOUNT).await;
    stand.payme.sandbox().set_latency("uzcard", 1_500).await;
    let paying = {
        let (shop, receipt, token) = (shop.clone(), receipt.clone(), token.clone());
        tokio::spawn(async move { shop.pay(&receipt, &token).await })
    };
    stand.payme.shop().wait_for_state(&receipt, &[2]).await;
    stand.payme.die();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(shop.state(&receipt).await, 2);
    stand.payme.come_back().await;
    let told = paying.await.unwrap();
    if let Err(refusal) = &told {
        // Payme itself takes its time after such an end.
        assert_eq!(refusal.data, json!("outcome_unknown"));
    }
    let state = shop.wait_for_state(&receipt, &[0, 4]).await;
    assert_eq!(stand.states(&receipt).await, (state, state));
    assert_eq!(stand.payme.taken().await.0, if state == 4 { AMOUNT } else { 0 });
    stand.finish().await;
}
