//! The links: which calls follow which answers, and what comes out of them.

use chorsu_connectors::Effect;
use chorsu_connectors::click::ClickLink;
use chorsu_connectors::http::{BaseUrl, HttpClient, HttpSettings};
use chorsu_connectors::payme::PaymeLink;
use chorsu_connectors::uzum::UzumLink;
use chorsu_connectors::wallet::{
    AskAnswer, FiscalAnswer, PayAnswer, ReverseAnswer, WalletError, WalletLink,
};

use crate::fixture::{
    self, CLICK_ID, PAYME_ID, PHONE, UZUM_ID, ask, click_pay, delivery, payme_pay, reverse,
    uzum_pay,
};
use crate::script::{Scripted, Step};

type Connect = fn(BaseUrl) -> WalletLink;

fn http() -> HttpClient {
    HttpClient::new(HttpSettings::default())
}

fn click(base: BaseUrl) -> WalletLink {
    WalletLink::Click(ClickLink::new(http(), fixture::click(base)))
}

fn click_confirming(base: BaseUrl) -> WalletLink {
    let mut settings = fixture::click(base);
    settings.confirmation_mode = true;
    WalletLink::Click(ClickLink::new(http(), settings))
}

fn payme(base: BaseUrl) -> WalletLink {
    WalletLink::Payme(PaymeLink::new(http(), fixture::payme(base)))
}

fn uzum(base: BaseUrl) -> WalletLink {
    WalletLink::Uzum(UzumLink::new(http(), fixture::uzum(base)))
}

/// An outcome in a word, with the ids and codes that matter.
fn paid(answer: &Result<PayAnswer, WalletError>) -> String {
    match answer {
        Ok(PayAnswer::Paid(payment)) => format!("paid {}", payment.payment_id),
        Ok(PayAnswer::Refused(refusal)) => format!("refused {}", refusal.code),
        Ok(PayAnswer::Pending { payment_id }) => {
            format!("pending {}", payment_id.as_deref().unwrap_or("-"))
        }
        Ok(PayAnswer::Unconfirmed { payment_id }) => format!("unconfirmed {payment_id}"),
        Err(error) => format!("error {:?}", error.effect()),
    }
}

fn asked(answer: &Result<AskAnswer, WalletError>) -> String {
    match answer {
        Ok(AskAnswer::Paid(payment)) => {
            format!("paid {} {}", payment.payment_id, payment.phone.as_deref().unwrap_or("-"))
        }
        Ok(AskAnswer::PaidByAsking(payment)) => format!("paid by asking {}", payment.payment_id),
        Ok(AskAnswer::Refused(refusal)) => format!("refused {}", refusal.code),
        Ok(AskAnswer::Reversed) => "reversed".to_owned(),
        Ok(AskAnswer::NotFound) => "not found".to_owned(),
        Ok(AskAnswer::Pending { payment_id }) => {
            format!("pending {}", payment_id.as_deref().unwrap_or("-"))
        }
        Err(error) => format!("error {:?}", error.effect()),
    }
}

fn reversed(answer: &Result<ReverseAnswer, WalletError>) -> String {
    match answer {
        Ok(ReverseAnswer::Reversed) => "reversed".to_owned(),
        Ok(ReverseAnswer::Refused(refusal)) => format!("refused {}", refusal.code),
        Ok(ReverseAnswer::Pending) => "pending".to_owned(),
        Err(error) => format!("error {:?}", error.effect()),
    }
}

fn delivered(answer: &Result<FiscalAnswer, WalletError>) -> String {
    match answer {
        Ok(FiscalAnswer::Delivered) => "delivered".to_owned(),
        Ok(FiscalAnswer::Refused(refusal)) => format!("refused {}", refusal.code),
        Err(error) => format!("error {:?}", error.effect()),
    }
}

async fn check_pay(connect: Connect, steps: &[Step], want: &str) {
    let pay = match connect("http://h".parse().unwrap()) {
        WalletLink::Click(_) => click_pay(),
        WalletLink::Payme(_) => payme_pay(),
        WalletLink::Uzum(_) => uzum_pay(),
    };
    let other_side = Scripted::start(steps).await;
    let answer = connect(other_side.base()).pay(&pay).await;
    assert_eq!(paid(&answer), want, "{steps:?} {answer:?}");
    other_side.finish();
}

async fn check_ask(connect: Connect, known: Option<&str>, age: u64, steps: &[Step], want: &str) {
    let pay = match connect("http://h".parse().unwrap()) {
        WalletLink::Click(_) => click_pay(),
        WalletLink::Payme(_) => payme_pay(),
        WalletLink::Uzum(_) => uzum_pay(),
    };
    let other_side = Scripted::start(steps).await;
    let answer = connect(other_side.base()).ask(&ask(pay, known, age)).await;
    assert_eq!(asked(&answer), want, "{steps:?} {answer:?}");
    other_side.finish();
}

async fn check_reverse(connect: Connect, payment_id: &str, steps: &[Step], want: &str) {
    let other_side = Scripted::start(steps).await;
    let answer = connect(other_side.base()).reverse(&reverse(payment_id)).await;
    assert_eq!(reversed(&answer), want, "{steps:?} {answer:?}");
    other_side.finish();
}

async fn check_delivery(connect: Connect, payment_id: &str, steps: &[Step], want: &str) {
    let other_side = Scripted::start(steps).await;
    let answer = connect(other_side.base()).deliver_fiscal(&delivery(payment_id)).await;
    assert_eq!(delivered(&answer), want, "{steps:?} {answer:?}");
    other_side.finish();
}

#[tokio::test]
async fn paying_with_click() {
    const PAY: &str = "POST /click_pass/payment";
    const CONFIRM: &str = "POST /click_pass/confirm";
    const STATUS: &str = "GET /payment/status/";
    let opened = (PAY, Some("click/pay.open_to_confirm"));
    let confirmed = (CONFIRM, Some("click/confirm.done"));
    let cases: [(&[Step], &str); 14] = [
        (&[opened, confirmed, (STATUS, Some("click/status.success"))], "paid 4710103925"),
        (&[opened, confirmed, (STATUS, Some("click/status.open"))], "unconfirmed 4710103925"),
        (&[(PAY, Some("click/pay.declined"))], "refused -9001"),
        (&[(PAY, Some("click/pay.paid"))], "paid 4710103925"),
        (&[(PAY, Some("click/pay.paid_drifted"))], "paid 4710103925"),
        (&[(PAY, Some("click/pay.refused"))], "refused -301"),
        (&[(PAY, Some("click/pay.failed"))], "refused -1"),
        (&[(PAY, Some("click/pay.processing"))], "pending 4710103925"),
        (&[(PAY, Some("click/pay.undocumented"))], "error Unknown"),
        (&[(PAY, Some("click/pay.gateway"))], "error Unknown"),
        (&[(PAY, None)], "error Unknown"),
        (
            &[(PAY, Some("click/pay.to_confirm")), (CONFIRM, Some("click/confirm.done"))],
            "paid 4710103925",
        ),
        (
            &[(PAY, Some("click/pay.to_confirm")), (CONFIRM, Some("click/confirm.refused"))],
            "unconfirmed 4710103925",
        ),
        (&[(PAY, Some("click/pay.to_confirm")), (CONFIRM, None)], "unconfirmed 4710103925"),
    ];
    for (steps, want) in cases {
        check_pay(click, steps, want).await;
    }
}

#[tokio::test]
async fn asking_click() {
    const FIND: &str = "GET /payment/status_by_mti/12345/0196f3c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f ";
    const STATUS: &str = "GET /payment/status/12345/4710103925 ";
    let found = (FIND, Some("click/by_transaction.found"));
    let cases: [(Option<&str>, u64, &[Step], &str); 11] = [
        (None, 0, &[found, (STATUS, Some("click/status.success"))], "paid 4710103925 -"),
        (None, 0, &[found, (STATUS, Some("click/status.open"))], "pending 4710103925"),
        (None, 0, &[found, (STATUS, Some("click/status.failed"))], "refused -9"),
        (None, 0, &[(FIND, Some("click/by_transaction.found_with_state"))], "paid 4710103925 -"),
        (Some(CLICK_ID), 0, &[(STATUS, Some("click/status.success"))], "paid 4710103925 -"),
        // It may still be on its way.
        (None, 4, &[(FIND, Some("click/by_transaction.not_found"))], "pending -"),
        (None, 5, &[(FIND, Some("click/by_transaction.not_found"))], "not found"),
        (None, 4, &[(FIND, Some("click/by_transaction.no_such_path"))], "pending -"),
        (None, 5, &[(FIND, Some("click/by_transaction.no_such_path"))], "not found"),
        (None, 99, &[(FIND, Some("click/by_transaction.bad_signature"))], "error Unknown"),
        (Some(CLICK_ID), 99, &[(STATUS, Some("click/status.other_payment"))], "error Unknown"),
    ];
    for (known, age, steps, want) in cases {
        check_ask(click, known, age, steps, want).await;
    }
}

#[tokio::test]
async fn asking_click_confirms_where_that_is_the_service_s_mode() {
    const STATUS: &str = "GET /payment/status/";
    const CONFIRM: &str = "POST /click_pass/confirm";
    let success = (STATUS, Some("click/status.success"));
    let refused = (CONFIRM, Some("click/confirm.refused"));
    let cases: [(u64, &[Step], &str); 4] = [
        (1, &[success, (CONFIRM, Some("click/confirm.done")), success], "paid 4710103925 -"),
        (1, &[success, refused], "pending 4710103925"),
        (60, &[success, refused, success], "paid 4710103925 -"),
        (60, &[success, refused, (STATUS, Some("click/status.failed"))], "refused -9"),
    ];
    for (age, steps, want) in cases {
        check_ask(click_confirming, Some(CLICK_ID), age, steps, want).await;
    }
}

/// The settings say that payments are not confirmed, and Click says that this one has to be.
#[tokio::test]
async fn what_click_wants_confirmed_is_confirmed_whatever_the_settings_say() {
    const STATUS: &str = "GET /payment/status/12345/4710103925 ";
    const CONFIRM: &str = "POST /click_pass/confirm";
    let success = (STATUS, Some("click/status.success"));
    let confirmed = (CONFIRM, Some("click/confirm.done"));
    let pay = [("POST /click_pass/payment", Some("click/pay.to_confirm")), (CONFIRM, None)];
    // The process that was told so asks.
    let other_side = Scripted::start(&[&pay[..], &[success, confirmed, success]].concat()).await;
    let link = click(other_side.base());
    assert_eq!(paid(&link.pay(&click_pay()).await), "unconfirmed 4710103925");
    let answer = link.ask(&ask(click_pay(), Some(CLICK_ID), 1)).await;
    assert_eq!(asked(&answer), "paid 4710103925 -");
    other_side.finish();
    // Another process asks: the id was journalled as what was prepared.
    let other_side = Scripted::start(&[success, confirmed, success]).await;
    let mut journalled = click_pay();
    journalled.prepared = Some(CLICK_ID.to_owned());
    let answer = click(other_side.base()).ask(&ask(journalled, None, 1)).await;
    assert_eq!(asked(&answer), "paid 4710103925 -");
    other_side.finish();
}

#[tokio::test]
async fn reversing_and_delivering_at_click() {
    const REVERSE: &str = "DELETE /payment/reversal/12345/4710103925 ";
    const STATUS: &str = "GET /payment/status/";
    let refused = (REVERSE, Some("click/reversal.refused"));
    let cases: [(&[Step], &str); 5] = [
        (&[(REVERSE, Some("click/reversal.done"))], "reversed"),
        (&[refused, (STATUS, Some("click/status.failed"))], "reversed"),
        (&[refused, (STATUS, Some("click/status.success"))], "refused -30"),
        (&[refused, (STATUS, Some("click/status.open"))], "pending"),
        (&[(REVERSE, None)], "error Unknown"),
    ];
    for (steps, want) in cases {
        check_reverse(click, CLICK_ID, steps, want).await;
    }
    for (name, want) in [
        ("click/submit_qrcode.done", "delivered"),
        ("click/submit_qrcode.refused", "refused -40"),
        ("click/pay.unauthorized", "error Unknown"),
        ("click/pay.gateway", "error Unknown"),
    ] {
        let steps = [("POST /payment/ofd_data/submit_qrcode", Some(name))];
        check_delivery(click, CLICK_ID, &steps, want).await;
    }
}

#[tokio::test]
async fn preparing_and_paying_with_payme() {
    for (name, want) in [
        ("payme/create.created", Ok(PAYME_ID)),
        ("payme/create.refused", Err("PrepareRefused")),
        ("payme/create.other_amount", Err("PrepareFailed")),
        ("payme/pay.gateway", Err("PrepareFailed")),
    ] {
        let other_side = Scripted::start(&[("receipts.create", Some(name))]).await;
        match (payme(other_side.base()).prepare(&payme_pay()).await, want) {
            (Ok(receipt), Ok(want)) => assert_eq!(receipt.as_deref(), Some(want)),
            (Err(error), Err(want)) => {
                assert!(format!("{error:?}").starts_with(want), "{name} {error:?}");
                assert_eq!(error.effect(), Effect::None, "{name}");
            }
            (answer, _) => panic!("{name}: {answer:?}"),
        }
        other_side.finish();
    }
    let cases = [
        (Some("payme/pay.paid"), "paid 644113a290a5eba4298f05d5"),
        (Some("payme/pay.paid_drifted"), "paid 644113a290a5eba4298f05d5"),
        (Some("payme/pay.refused"), "refused -31630"),
        (Some("payme/pay.unavailable"), "pending 644113a290a5eba4298f05d5"),
        (Some("payme/pay.held"), "pending 644113a290a5eba4298f05d5"),
        (Some("payme/pay.undocumented"), "error Unknown"),
        (Some("payme/pay.other_amount"), "error Unknown"),
        (Some("payme/pay.other_receipt"), "error Unknown"),
        (None, "error Unknown"),
    ];
    for (name, want) in cases {
        check_pay(payme, &[("receipts.pay", name)], want).await;
    }
    let mut unprepared = payme_pay();
    unprepared.prepared = None;
    let answer = payme(fixture::nowhere()).pay(&unprepared).await;
    assert_eq!(paid(&answer), "error None");
}

#[tokio::test]
async fn asking_payme() {
    const CHECK: &str = "receipts.check";
    const GET: &str = "receipts.get";
    let check = |name| (CHECK, Some(name));
    let (paid, created) = (check("payme/check.paid"), check("payme/check.created"));
    let with_phone = format!("paid {PAYME_ID} {PHONE}");
    let without = format!("paid {PAYME_ID} -");
    let pending = format!("pending {PAYME_ID}");
    let cancel = |name| ("receipts.cancel", Some(name));
    let cases: [(u64, &[Step], &str); 13] = [
        (0, &[paid, (GET, Some("payme/get.paid"))], &with_phone),
        (0, &[paid, (GET, None)], &without),
        (0, &[paid, (GET, Some("payme/pay.other_amount"))], "error Unknown"),
        (0, &[check("payme/check.open")], &pending),
        (0, &[check("payme/check.cancelling")], &pending),
        (0, &[check("payme/check.cancelled"), (GET, Some("payme/get.reversed"))], "reversed"),
        (0, &[check("payme/check.cancelled"), (GET, Some("payme/get.closed"))], "not found"),
        (99, &[check("payme/check.denied")], "error Unknown"),
        (0, &[created], &pending),
        (
            5,
            &[created, cancel("payme/cancel.closed"), (GET, Some("payme/get.closed"))],
            "not found",
        ),
        // It was paid in between, and is being given back.
        (5, &[created, cancel("payme/cancel.queued")], &pending),
        (5, &[created, cancel("payme/cancel.refused")], &pending),
        (5, &[created, ("receipts.cancel", None)], "error Unknown"),
    ];
    for (age, steps, want) in cases {
        check_ask(payme, None, age, steps, want).await;
    }
    let mut unprepared = payme_pay();
    unprepared.prepared = None;
    let answer = payme(fixture::nowhere()).ask(&ask(unprepared, None, 0)).await;
    assert_eq!(asked(&answer), "not found");
}

#[tokio::test]
async fn reversing_and_delivering_at_payme() {
    const CANCEL: &str = "receipts.cancel";
    let check = |name| ("receipts.check", Some(name));
    let refused = (CANCEL, Some("payme/cancel.refused"));
    let cases: [(&[Step], &str); 7] = [
        // Suspended, which passes.
        (&[(CANCEL, Some("payme/cancel.suspended")), check("payme/check.paid")], "pending"),
        (&[(CANCEL, Some("payme/cancel.closed"))], "reversed"),
        (&[(CANCEL, Some("payme/cancel.queued"))], "pending"),
        (&[refused, check("payme/check.cancelled")], "reversed"),
        (&[refused, check("payme/check.cancelling")], "pending"),
        (&[refused, check("payme/check.paid")], "refused -31800"),
        (&[(CANCEL, Some("payme/cancel.unavailable")), check("payme/check.paid")], "pending"),
    ];
    for (steps, want) in cases {
        check_reverse(payme, PAYME_ID, steps, want).await;
    }
    for (name, want) in [
        ("payme/fiscal.done", "delivered"),
        ("payme/fiscal.refused", "refused -31602"),
        ("payme/pay.unavailable", "error Unknown"),
    ] {
        let steps = [("receipts.set_fiscal_data", Some(name))];
        check_delivery(payme, PAYME_ID, &steps, want).await;
    }
}

#[tokio::test]
async fn paying_with_uzum() {
    let cases = [
        (Some("uzum/pay.paid"), format!("paid {UZUM_ID}")),
        (Some("uzum/pay.paid_drifted"), format!("paid {UZUM_ID}")),
        (Some("uzum/pay.failed"), "refused 400".to_owned()),
        (Some("uzum/pay.expired"), "refused 400".to_owned()),
        (Some("uzum/pay.stale"), "refused 403".to_owned()),
        (Some("uzum/pay.stale_by_http"), "refused 403".to_owned()),
        (Some("uzum/pay.duplicated"), format!("pending {UZUM_ID}")),
        (Some("uzum/pay.duplicated_without_id"), "pending -".to_owned()),
        (Some("uzum/pay.in_process"), "pending -".to_owned()),
        (Some("uzum/pay.unavailable"), "pending -".to_owned()),
        (Some("uzum/pay.undocumented"), "error Unknown".to_owned()),
        (Some("uzum/pay.no_id"), "error Unknown".to_owned()),
        (Some("uzum/pay.other_amount"), "error Unknown".to_owned()),
        (None, "error Unknown".to_owned()),
    ];
    for (name, want) in cases {
        check_pay(uzum, &[("POST /merchant/v2/payment ", name)], &want).await;
    }
}

#[tokio::test]
async fn asking_uzum() {
    const PAY: &str = "POST /merchant/v2/payment ";
    const STATUS: &str = "POST /merchant/payment/status ";
    let again = |name| (PAY, Some(name));
    let status = |name| (STATUS, Some(name));
    let twice = again("uzum/pay.duplicated");
    let (paid, pending) = (format!("paid {UZUM_ID} -"), format!("pending {UZUM_ID}"));
    let by_asking = format!("paid by asking {UZUM_ID}");
    let cases: [(Option<&str>, &[Step], &str); 16] = [
        (None, &[again("uzum/pay.paid")], &by_asking),
        (None, &[twice, status("uzum/status.success")], &paid),
        (None, &[twice, status("uzum/status.failed")], "refused 0"),
        (None, &[twice, status("uzum/status.hold")], &pending),
        (None, &[twice, status("uzum/status.reversed")], "reversed"),
        (None, &[twice, status("uzum/status.other_payment")], "error Unknown"),
        (None, &[twice, status("uzum/status.unavailable")], "error Unknown"),
        (None, &[again("uzum/pay.duplicated_without_id")], "pending -"),
        (None, &[again("uzum/pay.failed")], "refused 400"),
        // The code may be used up because the first attempt used it.
        (None, &[again("uzum/pay.expired")], "pending -"),
        (None, &[again("uzum/pay.stale")], "pending -"),
        (None, &[again("uzum/pay.unavailable")], "pending -"),
        (None, &[again("uzum/pay.undocumented")], "error Unknown"),
        (None, &[(PAY, None)], "error Unknown"),
        (Some(UZUM_ID), &[status("uzum/status.success")], &paid),
        (Some(UZUM_ID), &[status("uzum/status.reversed")], "reversed"),
    ];
    for (known, steps, want) in cases {
        check_ask(uzum, known, 99, steps, want).await;
    }
}

#[tokio::test]
async fn reversing_and_delivering_at_uzum() {
    const REVERSE: &str = "PUT /merchant/v2/payment/reversal/0196f3c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f ";
    let status = |name| ("POST /merchant/payment/status ", Some(name));
    let refused = (REVERSE, Some("uzum/reversal.not_allowed"));
    let down = (REVERSE, Some("uzum/reversal.unavailable"));
    let cases: [(&[Step], &str); 6] = [
        (&[(REVERSE, Some("uzum/reversal.reversed"))], "reversed"),
        (&[refused, status("uzum/status.reversed")], "reversed"),
        (&[refused, status("uzum/status.success")], "refused 400"),
        (&[refused, status("uzum/status.unavailable")], "error Unknown"),
        (&[down, status("uzum/status.success")], "pending"),
        (&[(REVERSE, None)], "error Unknown"),
    ];
    for (steps, want) in cases {
        check_reverse(uzum, UZUM_ID, steps, want).await;
    }
    for (name, want) in [
        ("uzum/fiscal.done", "delivered"),
        ("uzum/fiscal.done_with_state", "delivered"),
        ("uzum/fiscal.refused", "refused 400"),
        ("uzum/fiscal.safe_mode", "error Unknown"),
    ] {
        let steps = [("POST /merchant/payment/fiscal ", Some(name))];
        check_delivery(uzum, UZUM_ID, &steps, want).await;
    }
}
