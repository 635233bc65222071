//! Payments at a pinpad: one at a time, told or given back, and known by their slips.

use std::sync::Arc;

use super::counter::{Counter, begun};
use crate::account::Account;
use crate::command::till::{TillCommand, TillEnd};
use crate::entry::EntryKind::{TillPaid, TillReversed};
use crate::id::OperationId;
use crate::network::Network;
use crate::provider::Provider;
use crate::reject::Reject;
use crate::till::TillState::{Declined, Reversing, Succeeded};
use crate::till::{HOLD_PINPAD_MS, TillPayment};
use crate::time::UnixMillis;

fn card(payment: &mut TillPayment) {
    payment.provider = Provider::Pinpad(Network::Humo);
    payment.code = None;
}

fn later(ms: i64) -> impl FnOnce(&mut TillPayment) {
    move |payment| {
        card(payment);
        payment.created_at = payment.created_at.plus(ms);
    }
}

#[test]
fn a_pinpad_has_no_code_and_books_to_its_network() {
    let mut counter = Counter::new();
    let (first, _) = begun(counter.scan(card));
    counter.finish(first.id(), true);
    let postings = counter.rows.entries[0].postings.postings();
    assert_eq!(postings[0].account, Account::Network(Network::Humo));
    counter.ledger(985);
}

#[test]
fn a_pinpad_serves_one_payment_until_its_outcome_is_known_or_late() {
    let mut counter = Counter::new();
    let (first, _) = begun(counter.scan(card));
    assert_eq!(counter.scan(card), Err(Reject::PinpadBusy));
    counter.doubt(first.id());
    assert_eq!(counter.scan(later(HOLD_PINPAD_MS - 1)), Err(Reject::PinpadBusy));
    begun(counter.scan(|other| {
        card(other);
        other.till = Arc::from("second");
    }));
    let (second, _) = begun(counter.scan(later(HOLD_PINPAD_MS)));
    counter.finish(second.id(), false);
    begun(counter.scan(card));

    // One that goes back holds it from the beginning of its void, and no longer than that lasts.
    let mut counter = Counter::new();
    let (first, _) = begun(counter.scan(|payment| {
        card(payment);
        payment.has_key = true;
    }));
    counter.finish(first.id(), true);
    let (second, _) = begun(counter.scan(later(HOLD_PINPAD_MS)));
    counter.finish(second.id(), false);
    counter.now = UnixMillis(1_000 + HOLD_PINPAD_MS);
    counter.reverse(first.id()).unwrap();
    assert_eq!(counter.scan(later(2 * HOLD_PINPAD_MS - 1)), Err(Reject::PinpadBusy));
    counter.finish_reverse(first.id(), None);
    let last = counter.payment(first.id()).steps.last().unwrap();
    assert_eq!(last.note.as_deref(), Some("the slip of the void"));
    begun(counter.scan(later(HOLD_PINPAD_MS + 1)));
}

#[test]
fn a_payment_by_card_is_told_or_goes_back() {
    let mut counter = Counter::new();
    let (document, paying) = begun(counter.scan(card));
    let id = document.id();
    counter.finish(id, true);
    assert!(counter.payment(id).is_untold());
    assert_eq!(counter.waiting(), [&paying], "the intent stays until the till is told");
    assert_eq!(counter.scan(card), Err(Reject::PinpadBusy));
    counter.till(TillCommand::Told { id, operation: OperationId([98; 12]) }).unwrap();
    assert_eq!(counter.waiting().len(), 1, "a stranger tells nobody");
    counter.till(TillCommand::Told { id, operation: paying.operation }).unwrap();
    assert_eq!((counter.payment(id).is_untold(), counter.waiting().len()), (false, 0));
    begun(counter.scan(card));

    let mut counter = Counter::new();
    let (document, paying) = begun(counter.scan(card));
    let id = document.id();
    counter.finish(id, true);
    let (_, row) = begun(counter.reverse(id));
    assert_eq!(counter.waiting(), [&row], "the reversal takes the place of the payment");
    assert!(counter.payment(id).told_unknown);
    counter.till(TillCommand::Told { id, operation: paying.operation }).unwrap();
    assert_eq!(counter.payment(id).state, Reversing, "it is too late to tell of it");
    counter.finish_reverse(id, None);
    assert_eq!(counter.ledger(0), [TillPaid, TillReversed]);

    // Who has a key will ask again; who was told "unknown" gets the money back anyway.
    for change in [|payment: &mut TillPayment| payment.has_key = true, |_: &mut TillPayment| ()] {
        let mut counter = Counter::new();
        let (document, _) = begun(counter.scan(|payment| {
            card(payment);
            change(payment);
        }));
        let has_key = document.till().unwrap().has_key;
        if !has_key {
            counter.doubt(document.id());
        }
        counter.finish(document.id(), true);
        let state = if has_key { Succeeded } else { Reversing };
        assert_eq!(counter.payment(document.id()).state, state);
        assert_eq!(counter.waiting().len(), usize::from(!has_key));
    }
}

#[test]
fn the_number_of_a_refusal_is_known_and_may_be_that_of_another() {
    let mut counter = Counter::new();
    let mut refused = |ms: i64| {
        let (document, row) = begun(counter.scan(later(ms)));
        let number = document.till().unwrap().own_paid_key("000000000000");
        let end = TillEnd {
            is_paid: false,
            payment_id: Some(Arc::from("000000000000")),
            paid_key: Some(number.clone()),
            phone: None,
            note: None,
            ask_again_at: None,
            reverse_as: OperationId([97; 12]),
            void_key: None,
        };
        let (id, operation, now) = (document.id(), row.operation, counter.now);
        counter.till(TillCommand::Finish { id, operation, end, now }).unwrap();
        assert_eq!(counter.payment(id).state, Declined);
        (id, counter.rows.by_key(&number).unwrap().id())
    };
    let (first, holder) = refused(0);
    assert_eq!(holder, first);
    assert_eq!(refused(1).1, first, "it stays with the first one");
}
