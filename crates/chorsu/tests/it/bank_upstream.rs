//! One Chorsu whose services are kept at another: every order is paid there exactly once, whatever
//! goes wrong in between and whoever is killed.

use serde_json::{Value, json};

use crate::bank_partner::{ACCOUNT, Bank, FUNDS, Partner, code, order, with};
use crate::place::Place;

/// The configuration of a Chorsu whose service 33 is kept at another one.
pub(crate) fn behind(bank: &Bank) -> String {
    kept_at(bank, "services = { 33 = 33 }\nbelieve_1008_after_seconds = 0\n")
}

/// The same with these services and settings.
pub(crate) fn kept_at(bank: &Bank, settings: &str) -> String {
    let url = bank.server.url();
    format!(
        "[[bank_upstream]]\nurl = \"{url}/api/v2\"\nusername = \"gray\"\npassword = \"p@ssw0rd\"\n\
         statement_every_seconds = 1\nstatement_from = \"2020-01-01\"\n{settings}"
    )
}

/// A Chorsu whose service 33 has what it has at the bank.
pub(crate) async fn in_front(place: Place, bank: &Bank, config: &str) -> Bank {
    let front = Bank::configured(place, config).await;
    has_as_much_as(&front.partner, &bank.partner).await;
    front
}

/// Waits until service 33 has as much as at the bank.
pub(crate) async fn has_as_much_as(front: &Partner, bank: &Partner) {
    crate::until("the bank's money", async || {
        (front.balance(33).await == bank.balance(33).await).then_some(())
    })
    .await;
}

/// The bank, and the partner in front of it.
pub(crate) async fn pair() -> (Bank, Bank) {
    let bank = Bank::at(Place::sqlite()).await;
    let front = in_front(Place::sqlite(), &bank, &behind(&bank)).await;
    (bank, front)
}

/// What has left the bank's service 33: the sum, and how many payments.
pub(crate) async fn paid(bank: &Partner) -> (i64, usize) {
    let mut lines = bank.page(33, "2", 0).await;
    lines.retain(|line| !line["purpose"].as_str().unwrap().starts_with("Комиссия"));
    (lines.iter().map(|line: &Value| line["amount"].as_i64().unwrap()).sum(), lines.len())
}

pub(crate) async fn finish(bank: Bank, front: Bank) {
    front.finish().await;
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_are_paid_by_the_bank_behind() {
    let (bank, front) = pair().await;
    front.partner.accepted(with(order("o1", 300, ACCOUNT), json!({ "comissionAmount": 20 }))).await;
    let budget = json!({
        "orderId": "o2", "serviceId": 33, "amount": 400, "comissionAmount": 0,
        "receiverAccount": "400522860262837950100251028", "innReceiver": "207099143",
        "purposeCode": "00401", "purpose": "За патент"
    });
    front.partner.post("/paymentBudget", budget).await;
    for key in ["o1", "o2"] {
        assert_eq!(front.partner.ended(key).await, "Проведен", "{key}");
        let id = front.id_of(key).await;
        assert_eq!(bank.partner.status(&id).await, (0, "Проведен".to_owned()), "{key}");
    }
    assert_eq!(paid(&bank.partner).await, (700, 2));
    assert_eq!(front.partner.balance(33).await, FUNDS - 720);
    assert_eq!(bank.partner.balance(33).await, FUNDS - 720);
    // What the bank refuses, and what it deletes, costs nothing here either.
    front.partner.accepted(order("o3", 10, "20208000905123450013")).await;
    front.partner.accepted(order("o4", 10, "20208000905123456666")).await;
    for key in ["o3", "o4"] {
        assert_eq!(front.partner.ended(key).await, "Удален", "{key}");
    }
    // An order without money is not even sent.
    front.partner.accepted(order("o5", FUNDS, ACCOUNT)).await;
    assert_eq!(front.partner.ended("o5").await, "Удален");
    assert_eq!(bank.partner.status(&front.id_of("o5").await).await.0, 1008);
    assert_eq!(front.partner.balance(33).await, FUNDS - 720);
    finish(bank, front).await;
}

/// Whatever becomes of the bank's answers: asked, not sent again, unless the bank has nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_pay_once() {
    let (bank, front) = pair().await;
    let faults = [
        json!({ "fault": "code_after_effect", "code": 1111 }),
        json!({ "fault": "code_after_effect", "code": 2222 }),
        json!({ "fault": "code_after_effect", "code": 1008 }),
        json!({ "fault": "broken_answer" }),
        json!({ "fault": "hang" }),
        json!({ "fault": "unavailable" }),
        json!({ "fault": "refuse", "code": 1111 }),
        json!({ "fault": "refuse", "code": 2222 }),
        json!({ "fault": "refuse", "code": 1008 }),
    ];
    let count = faults.len();
    for (number, fault) in faults.into_iter().enumerate() {
        bank.played.fault(with(fault, json!({ "times": 1 }))).await;
        let key = format!("l{number}");
        front.partner.accepted(order(&key, 100, ACCOUNT)).await;
        // One after the other, so that each order meets its own fault.
        crate::until("the fault has befallen", async || {
            let known = bank.partner.status(&front.id_of(&key).await).await.0 == 0;
            (known || front.partner.status(&key).await.1 != "Введен").then_some(())
        })
        .await;
    }
    for number in 0..count {
        assert_eq!(front.partner.ended(&format!("l{number}")).await, "Проведен", "{number}");
    }
    assert_eq!(paid(&bank.partner).await, (100 * i64::try_from(count).unwrap(), count));
    assert_eq!(front.partner.balance(33).await, bank.partner.balance(33).await);
    finish(bank, front).await;
}

/// The bank refuses a repeat of an order that it has accepted: it is asked before anything ends.
/// Then it says for a while that it knows nothing of an accepted order: that is not sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_after_an_acceptance_does_not_end_an_order() {
    let (bank, front) = pair().await;
    bank.played.settle_after(3_000).await;
    for rule in [
        json!({ "fault": "code_after_effect", "code": 1111, "times": 1 }),
        json!({ "fault": "refuse", "code": 1008, "calls": "status", "times": 1 }),
        json!({ "fault": "refuse", "code": 1014, "times": 1 }),
    ] {
        bank.played.fault(rule).await;
    }
    front.partner.accepted(order("d1", 100, ACCOUNT)).await;
    assert_eq!(front.partner.ended("d1").await, "Проведен");
    front.partner.accepted(order("d2", 100, ACCOUNT)).await;
    crate::until("the bank has it", async || {
        (bank.partner.status(&front.id_of("d2").await).await.0 == 0).then_some(())
    })
    .await;
    bank.played
        .fault(json!({ "fault": "refuse", "code": 1008, "calls": "status", "times": 1 }))
        .await;
    bank.played.fault(json!({ "fault": "refuse", "code": 1013 })).await;
    assert_eq!(front.partner.ended("d2").await, "Проведен");
    assert_eq!(paid(&bank.partner).await, (200, 2));
    bank.played.clear_faults().await;
    finish(bank, front).await;
}

/// Killed with orders before the request, and with others after its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_between_the_steps_pay_once() {
    let (bank, mut front) = pair().await;
    let mut keys = Vec::new();
    for (round, place) in ["bank.order_taken", "bank.order_answered"].into_iter().enumerate() {
        front.played.hold(place).await;
        for number in 0..5 {
            let key = format!("k{round}-{number}");
            front.partner.accepted(order(&key, 100, ACCOUNT)).await;
            keys.push(key);
        }
        front.played.held(place, 5).await;
        let config = behind(&bank);
        front = Bank::again(front.kill(), &config).await;
    }
    for key in &keys {
        assert_eq!(front.partner.ended(key).await, "Проведен", "{key}");
    }
    assert_eq!(paid(&bank.partner).await, (1_000, 10));
    assert_eq!(front.partner.balance(33).await, FUNDS - 1_000);
    finish(bank, front).await;
}

/// The bank is killed and comes back under load, and so does its partner.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_that_comes_and_goes_pays_once() {
    let turn = crate::heavy().await;
    let bank_place = Place::sqlite();
    // The port must stay the same for the partner to find it again.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut bank = Bank::listening(bank_place, &address, "").await;
    bank.played.settle_after(50).await;
    let front = in_front(Place::sqlite(), &bank, &behind(&bank)).await;
    let mut keys = Vec::new();
    for round in 0..4 {
        for number in 0..25 {
            let key = format!("g{round}-{number}");
            front.partner.accepted(order(&key, 10, ACCOUNT)).await;
            keys.push(key);
        }
        // The moment is what is tried here, not something to wait for.
        tokio::time::sleep(std::time::Duration::from_millis(30 * round)).await;
        bank = Bank::listening(bank.kill(), &address, "").await;
    }
    drop(turn);
    for key in &keys {
        assert_eq!(front.partner.ended(key).await, "Проведен", "{key}");
    }
    assert_eq!(paid(&bank.partner).await, (1_000, 100));
    assert_eq!(front.partner.balance(33).await, bank.partner.balance(33).await);
    finish(bank, front).await;
}

/// A number that somebody has used at the bank before is not ours there: our order is paid.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_others_at_the_bank_are_not_taken_for_ours() {
    let (bank, front) = pair().await;
    bank.partner.accepted(order("n1", 5, ACCOUNT)).await;
    assert_eq!(bank.partner.ended("n1").await, "Проведен");
    front.partner.accepted(order("n1", 300, ACCOUNT)).await;
    assert_eq!(front.partner.ended("n1").await, "Проведен");
    assert_eq!(paid(&bank.partner).await, (305, 2));
    finish(bank, front).await;
}

/// "No such order" is not believed right after sending: the request may still arrive.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_sent_again_only_when_it_cannot_arrive_any_more() {
    let bank = Bank::at(Place::sqlite()).await;
    let settings = "services = { 33 = 33 }\nbelieve_1008_after_seconds = 6\n";
    let front = in_front(Place::sqlite(), &bank, &kept_at(&bank, settings)).await;
    bank.played.fault(json!({ "fault": "refuse", "code": 1111, "times": 1 })).await;
    let begin = std::time::Instant::now();
    front.partner.accepted(order("w1", 300, ACCOUNT)).await;
    assert_eq!(front.partner.ended("w1").await, "Проведен");
    assert!(begin.elapsed() >= std::time::Duration::from_secs(6), "{:?}", begin.elapsed());
    assert_eq!(paid(&bank.partner).await, (300, 1));
    finish(bank, front).await;
}

/// Services that do not fit to those of the bank take no orders.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_that_do_not_fit_take_no_orders() {
    let bank = Bank::at(Place::sqlite()).await;
    // 27 has another account there, 34 asks for cards at both ends, and there is no 99.
    let settings = "services = { 27 = 2, 34 = 34, 1 = 99, 33 = 33 }\n";
    let front = in_front(Place::sqlite(), &bank, &kept_at(&bank, settings)).await;
    let pay = |service: u32| with(order("f1", 1, ACCOUNT), json!({ "serviceId": service }));
    let active = async || {
        let answer = front.partner.get("/services").await;
        let services = answer["data"].as_array().unwrap().clone();
        let active = services.iter().filter(|one| one["activated"] == true);
        active.map(|one| one["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    // 2 and 35 are played here.
    crate::until("the bank has shown its services", async || {
        (active().await == [2, 33, 35]).then_some(())
    })
    .await;
    for service in [27, 34, 1] {
        let answer = front.partner.post("/payment", pay(service)).await;
        assert_eq!(code(&answer), 1002, "{service}");
    }
    front.partner.accepted(order("f2", 1, ACCOUNT)).await;
    assert_eq!(front.partner.ended("f2").await, "Проведен");
    finish(bank, front).await;
}

/// A bank that hangs keeps no other bank waiting, however much is due there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_that_hangs_stops_no_other() {
    let turn = crate::heavy().await;
    let (slow, quick) = tokio::join!(Bank::at(Place::sqlite()), Bank::at(Place::sqlite()));
    let of = |bank: &Bank, service: u32| {
        kept_at(bank, &format!("services = {{ {service} = {service} }}\n"))
    };
    let config = of(&slow, 33) + &of(&quick, 2);
    let front = in_front(Place::sqlite(), &slow, &config).await;
    crate::until("the other bank's money", async || {
        (front.partner.balance(2).await == FUNDS).then_some(())
    })
    .await;
    slow.played.fault(json!({ "fault": "hang", "calls": "all" })).await;
    for number in 0..150 {
        front.partner.accepted(order(&format!("h{number}"), 10, ACCOUNT)).await;
    }
    let begin = std::time::Instant::now();
    for number in 0..5 {
        let key = format!("q{number}");
        let quick = with(order(&key, 10, ACCOUNT), json!({ "serviceId": 2 }));
        front.partner.accepted(quick).await;
        assert_eq!(front.partner.ended(&key).await, "Проведен", "{key}");
    }
    assert!(begin.elapsed() < std::time::Duration::from_secs(12), "{:?}", begin.elapsed());
    drop(turn);
    front.server.kill();
    crate::server::assert_verified(&front.place);
    slow.finish().await;
    quick.finish().await;
}
