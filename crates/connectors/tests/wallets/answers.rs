//! What each recorded answer means.

use chorsu_connectors::AnswerError;
use chorsu_connectors::click::answer::{self as click, Status};
use chorsu_connectors::payme::answer::{self as payme, State};
use chorsu_connectors::uzum::answer::{self as uzum, Status as UzumStatus};
use chorsu_connectors::wallet::{CardOwner, Verdict};

use crate::fixture::{
    CLICK_ID, PAYME_ID, PHONE, UZUM_ID, click_pay, payme_pay, response, uzum_pay,
};

fn done<T: std::fmt::Debug>(verdict: Result<Verdict<T>, AnswerError>) -> T {
    match verdict {
        Ok(Verdict::Done(value)) => value,
        other => panic!("{other:?}"),
    }
}

fn refused<T: std::fmt::Debug>(verdict: Result<Verdict<T>, AnswerError>) -> (i64, String) {
    match verdict {
        Ok(Verdict::Refused(refusal)) => (refusal.code, refusal.message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn click_payments_are_read_in_all_their_dresses() {
    let cases = [
        ("paid", Some(Status::Success), false, Some(CardOwner::Private)),
        ("paid_drifted", Some(Status::Success), false, Some(CardOwner::Corporate)),
        ("to_confirm", Some(Status::Success), true, None),
        ("processing", Some(Status::Open), false, None),
        ("failed", Some(Status::Failed(-1)), false, None),
    ];
    for (name, status, confirm, card) in cases {
        let shown = done(click::payment(&response(&format!("click/pay.{name}")), &click_pay()));
        assert_eq!((shown.status, shown.confirm), (status, confirm), "{name}");
        assert_eq!(shown.payment.payment_id, CLICK_ID, "{name}");
        assert_eq!(shown.payment.card, card, "{name}");
        if name.starts_with("paid") {
            assert_eq!(shown.payment.phone.as_deref(), Some(PHONE));
            assert_eq!(shown.payment.message.as_deref(), Some("Успешно"));
        }
    }
}

#[test]
fn click_refuses_only_in_documented_words() {
    let read = |name: &str| click::payment(&response(&format!("click/pay.{name}")), &click_pay());
    assert_eq!(refused(read("refused")), (-301, "QR код уже использован".to_owned()));
    assert_eq!(refused(read("refused_by_http")), (-500, "Bad request".to_owned()));
    assert_eq!(refused(read("unauthorized")), (401, "HTTP 401".to_owned()));
    let cases = [
        ("undocumented", AnswerError::UnknownCode(-5000)),
        ("other_amount", AnswerError::Mismatch("amount")),
        ("other_transaction", AnswerError::Mismatch("transaction_id")),
        ("no_id", AnswerError::Missing("payment_id")),
        ("unknown_status", AnswerError::UnknownStatus("3".to_owned())),
        ("gateway", AnswerError::Status(502)),
        ("not_json", AnswerError::NotJson),
    ];
    for (name, want) in cases {
        assert_eq!(read(name), Err(want), "{name}");
    }
}

#[test]
fn click_tells_the_state_of_the_payment_that_was_asked_for() {
    let read = |name: &str| click::status(&response(&format!("click/{name}")), CLICK_ID);
    let cases = [
        ("status.success", Status::Success),
        ("status.open", Status::Open),
        ("status.failed", Status::Failed(-9)),
    ];
    for (name, want) in cases {
        assert_eq!(done(read(name)).status, Some(want), "{name}");
    }
    assert_eq!(read("status.other_payment"), Err(AnswerError::Mismatch("payment_id")));
    assert_eq!(read("by_transaction.found"), Err(AnswerError::Missing("payment_status")));
    let transaction = click_pay().transaction;
    let find = |name: &str| click::by_transaction(&response(name), &transaction);
    assert_eq!(done(find("click/by_transaction.found")).payment.payment_id, CLICK_ID);
    assert_eq!(refused(find("click/by_transaction.not_found")).0, click::NOT_FOUND);
    let url = done(click::ofd_data(&response("click/ofd_data.found"), CLICK_ID));
    assert!(url.unwrap().starts_with("https://ofd.soliq.uz/check?"));
    assert_eq!(
        click::ofd_data(&response("click/ofd_data.found"), "1"),
        Err(AnswerError::Mismatch("paymentId"))
    );
}

#[test]
fn payme_receipts_are_read_in_all_their_dresses() {
    let cases = [
        ("create.created", State::Created, None),
        ("pay.paid", State::Paid, Some(PHONE)),
        ("pay.paid_drifted", State::Paid, Some(PHONE)),
        ("pay.held", State::Held, None),
        ("get.closed", State::Cancelled, None),
        ("cancel.queued", State::Cancelling, None),
    ];
    for (name, state, phone) in cases {
        let receipt = done(payme::receipt(&response(&format!("payme/{name}")), 7));
        assert_eq!((receipt.state, receipt.id.as_str()), (state, PAYME_ID), "{name}");
        assert_eq!(receipt.amount, Some(payme_pay().amount), "{name}");
        assert_eq!(receipt.phone.as_deref(), phone, "{name}");
    }
    for (name, want) in [
        ("paid", State::Paid),
        ("created", State::Created),
        ("open", State::Open),
        ("cancelling", State::Cancelling),
        ("cancelled", State::Cancelled),
    ] {
        assert_eq!(done(payme::check(&response(&format!("payme/check.{name}")), 7)), want);
    }
    done(payme::fiscal(&response("payme/fiscal.done"), 7));
}

#[test]
fn payme_is_understood_only_where_it_is_clear() {
    let read = |name: &str| payme::receipt(&response(&format!("payme/pay.{name}")), 7);
    assert_eq!(refused(read("refused")), (-31_630, "Недостаточно средств на карте".to_owned()));
    let cases = [
        ("unknown_status", AnswerError::UnknownStatus("7".to_owned())),
        ("both", AnswerError::Contradiction("error")),
        ("other_request", AnswerError::Mismatch("id")),
        ("gateway", AnswerError::Status(502)),
    ];
    for (name, want) in cases {
        assert_eq!(read(name), Err(want), "{name}");
    }
}

#[test]
fn uzum_payments_are_read_in_all_their_dresses() {
    let cases = [
        ("paid", Some(UzumStatus::Success), Some(UZUM_ID), 0),
        ("paid_drifted", Some(UzumStatus::Success), Some(UZUM_ID), 0),
        ("failed", Some(UzumStatus::Failed), Some(UZUM_ID), 400),
        ("duplicated", Some(UzumStatus::Duplicated), Some(UZUM_ID), 400),
        ("duplicated_without_id", None, None, 400),
        ("stale", None, None, 403),
        ("stale_by_http", None, None, 403),
    ];
    for (name, status, payment_id, code) in cases {
        let shown = uzum::payment(&response(&format!("uzum/pay.{name}")), &uzum_pay()).unwrap();
        assert_eq!(shown.status, status, "{name}");
        assert_eq!(shown.payment_id.as_deref(), payment_id, "{name}");
        assert_eq!(shown.refusal.code, code, "{name}");
        if name.starts_with("paid") {
            assert_eq!(shown.phone.as_deref(), Some(PHONE), "{name}");
        }
    }
}

#[test]
fn uzum_is_understood_only_where_it_is_clear() {
    let cases = [
        ("contradiction", AnswerError::Contradiction("error_code")),
        ("unknown_status", AnswerError::UnknownStatus("ACCEPTED".to_owned())),
        ("other_amount", AnswerError::Mismatch("amount")),
        ("other_order", AnswerError::Mismatch("order_id")),
        ("empty", AnswerError::Missing("payment_status")),
        ("gateway", AnswerError::Status(502)),
    ];
    for (name, want) in cases {
        let read = uzum::payment(&response(&format!("uzum/pay.{name}")), &uzum_pay());
        assert_eq!(read, Err(want), "{name}");
    }
    let no_id = uzum::payment(&response("uzum/pay.no_id"), &uzum_pay()).unwrap();
    assert_eq!(no_id.payment(None), Err(AnswerError::Missing("payment_id")));
    let other = uzum::about(&response("uzum/status.other_payment"), UZUM_ID);
    assert_eq!(other, Err(AnswerError::Mismatch("payment_id")));
}
