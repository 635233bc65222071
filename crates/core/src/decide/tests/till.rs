//! Payments at the till: every command in every state, keys, doubts and the way back.

use std::sync::Arc;

use super::counter::{
    CLICK, CODE, Counter, MERCHANT, NUMBER, TILL, URL, answered, begun, payment, tiyin,
};
use crate::command::IdempotencyKey;
use crate::command::till::{BeginReverse, Deliver, TillCommand};
use crate::entry::EntryKind::{self, TillPaid, TillReversed};
use crate::id::{DocumentId, OperationId};
use crate::plan::{OutboxKind, Reply};
use crate::provider::{Provider, Wallet};
use crate::reject::Reject;
use crate::secret::SecretHash;
use crate::step::Event;
use crate::till::TillState::{self, Declined, Reversed, Reversing, Sent, Succeeded, Unknown};
use crate::till::{Delivery, TRANSITIONS, TillPayment};

/// What a command does to a payment.
#[derive(Clone, Copy)]
enum Want {
    /// It goes to this state.
    To(TillState),
    /// Nothing at all is changed.
    Stays,
    /// Something is changed, but not the state.
    Notes,
    /// It is refused because of the state.
    Refused,
}

type Act = fn(&mut Counter, DocumentId) -> Result<Reply, Reject>;

/// What each command does in the states [`TillState::ALL`].
fn table() -> [(&'static str, Act, [Want; 6]); 15] {
    use Want::{Notes, Refused, Stays, To};
    const NOT_AWAITED: [Want; 4] = [Stays; 4];
    let [a, b, c, d] = NOT_AWAITED;
    let late = To(Reversing);
    [
        ("paid", |c, id| Ok(c.finish(id, true)), [To(Succeeded), To(Reversing), a, b, c, late]),
        ("declined", |c, id| Ok(c.finish(id, false)), [To(Declined), To(Declined), a, b, c, d]),
        (
            "a stranger's end",
            |c, id| Ok(c.finish_as(id, OperationId([98; 12]), true)),
            [Stays, Stays, Stays, Stays, Stays, late],
        ),
        ("doubt", |c, id| Ok(c.doubt(id)), [To(Unknown), Stays, a, b, c, d]),
        ("prepared", prepared, [Notes, Notes, a, b, c, d]),
        ("reverse", Counter::reverse, [Refused, Refused, To(Reversing), Stays, Stays, Refused]),
        (
            "reversed",
            |c, id| Ok(c.finish_reverse(id, None)),
            [Stays, Stays, Stays, To(Reversed), Stays, Stays],
        ),
        (
            "reversal refused",
            |c, id| Ok(c.finish_reverse(id, Some("too late"))),
            [Stays, Stays, Stays, To(Succeeded), Stays, Stays],
        ),
        (
            "deliver",
            |c, id| c.deliver(id, URL),
            [Refused, Refused, Notes, Refused, Refused, Refused],
        ),
        ("delivered", |c, id| Ok(c.delivered(id, OperationId([98; 12]), None)), [Stays; 6]),
        ("the same scan", |c, _| c.scan(|_| ()), [Stays, Stays, Stays, Stays, Notes, Notes]),
        ("not seen", not_seen, [Stays, Stays, a, b, c, Notes]),
        (
            "settled as paid",
            |c, id| c.settle_by_hand(id, true),
            [To(Succeeded), To(Reversing), Refused, To(Succeeded), Refused, Refused],
        ),
        (
            "settled as not paid",
            |c, id| c.settle_by_hand(id, false),
            [To(Declined), To(Declined), Refused, To(Reversed), Refused, Refused],
        ),
        (
            "another amount",
            |c, id| {
                c.reverse_of(id, Some(999)).or_else(|reject| {
                    assert_eq!(reject, Reject::AmountDiffers);
                    Ok(Reply::Document(c.rows.documents[&id].clone()))
                })
            },
            [Stays; 6],
        ),
    ]
}

fn prepared(counter: &mut Counter, id: DocumentId) -> Result<Reply, Reject> {
    let operation = counter.payment(id).operation.unwrap_or(OperationId([99; 12]));
    let (prepared, now) = (Arc::from("65f0"), counter.now);
    counter.till(TillCommand::Prepared { id, operation, prepared, now })
}

fn not_seen(counter: &mut Counter, id: DocumentId) -> Result<Reply, Reject> {
    let (ask_again_at, now) = (None, counter.now);
    counter.till(TillCommand::NotSeen { id, ask_again_at, now })
}

#[test]
fn every_command_in_every_state() {
    let mut steps_seen = Vec::new();
    for (name, act, wants) in table() {
        for (state, want) in TillState::ALL.into_iter().zip(wants) {
            let mut counter = Counter::new();
            let id = counter.at(state);
            let before = counter.state();
            let done = act(&mut counter, id);
            let now = counter.payment(id).state;
            let is_same = counter.state() == before;
            match want {
                Want::To(next) => {
                    assert_eq!(now, next, "{name} when {state:?}");
                    steps_seen.push((state, next));
                }
                Want::Stays => assert!(is_same && done.is_ok(), "{name} when {state:?}"),
                Want::Notes => assert!(!is_same && now == state, "{name} when {state:?}"),
                Want::Refused => {
                    assert_eq!(done, Err(Reject::TillState(state)), "{name}");
                    assert!(is_same);
                }
            }
            // Once more changes nothing: it is done.
            if !matches!(want, Want::Refused) && !name.starts_with("settled") {
                let before = counter.state();
                let repeat = act(&mut counter, id);
                assert!(counter.state() == before, "{name} again when {state:?}: {repeat:?}");
            }
        }
    }
    // Nothing rests in "succeeded" on its way from "unknown" to "reversing".
    let through = [(Unknown, Succeeded)];
    for step in TRANSITIONS {
        assert!(steps_seen.contains(&step) || through.contains(&step), "{step:?} is never taken");
    }
}

#[test]
fn money_that_moved_after_a_refusal_goes_back_and_leaves_the_code_alone() {
    let mut counter = Counter::new();
    let id = counter.at(Declined);
    let Ok(Reply::DocumentBegun(again, _)) = counter.scan(|_| ()) else { panic!("a new try") };
    let Reply::DocumentBegun(_, row) = counter.finish(id, true) else { panic!("no reversal") };
    assert_eq!(row.kind, OutboxKind::TillReverse);
    assert_eq!(counter.ledger(985), [TillPaid]);
    counter.finish_reverse(id, None);
    assert_eq!(counter.payment(id).state, Reversed);
    assert_eq!(counter.ledger(0), [TillPaid, TillReversed]);
    let holder = counter.rows.by_key(&Arc::from(TillPayment::scan_key(CLICK, CODE)));
    assert_eq!(holder.map(|document| document.id()), Some(again.id()));
}

#[test]
fn a_number_of_another_payment_ends_nothing() {
    let mut counter = Counter::new();
    counter.at(Succeeded);
    let Ok(Reply::DocumentBegun(second, _)) = counter.scan(|other| other.code = None) else {
        panic!("not begun")
    };
    let before = counter.state();
    assert_eq!(counter.try_finish(second.id(), true), Err(Reject::PaymentIdUsed));
    assert!(counter.state() == before);
}

#[test]
fn each_state_has_its_entries_intents_and_keys() {
    let scan = TillPayment::scan_key(CLICK, CODE);
    let paid = TillPayment::paid_key(CLICK, TILL, NUMBER);
    type Case = (TillState, i64, &'static [EntryKind], Option<OutboxKind>, [bool; 2]);
    let cases: [Case; 6] = [
        (Sent, 0, &[], Some(OutboxKind::TillPay), [true, false]),
        (Unknown, 0, &[], Some(OutboxKind::TillPay), [true, false]),
        (Succeeded, 985, &[TillPaid], None, [true, true]),
        (Reversing, 985, &[TillPaid], Some(OutboxKind::TillReverse), [true, true]),
        (Reversed, 0, &[TillPaid, TillReversed], None, [false, true]),
        (Declined, 0, &[], None, [false, false]),
    ];
    for (state, merchant, entries, intent, keys) in cases {
        let mut counter = Counter::new();
        let id = counter.at(state);
        assert_eq!(counter.ledger(merchant), entries, "{state:?}");
        let waiting: Vec<_> = counter.waiting().iter().map(|row| row.kind).collect();
        assert_eq!(waiting, Vec::from_iter(intent), "{state:?}");
        let operation = counter.waiting().first().map(|row| row.operation);
        assert_eq!(counter.payment(id).operation, operation, "{state:?}");
        let found = [&scan, &paid].map(|key| counter.rows.by_key(key).is_some());
        assert_eq!(found, keys, "{state:?}");
    }
}

#[test]
fn who_was_told_unknown_gets_the_money_back_without_asking() {
    let mut counter = Counter::new();
    let id = counter.at(Unknown);
    let paying = counter.payment(id).operation.unwrap();
    let reply = counter.finish(id, true);
    let (document, row) = begun(Ok(reply));
    assert_eq!((row.kind, row.amount, row.document), (OutboxKind::TillReverse, tiyin(1_000), id));
    let payment = document.till().unwrap();
    assert_eq!((payment.state, payment.operation), (Reversing, Some(row.operation)));
    assert_eq!(payment.payment_id.as_deref(), Some(NUMBER), "it is what the reversal names");
    assert_eq!(counter.waiting(), [&row], "and the request to pay is over");
    counter.finish_as(id, paying, true);
    counter.finish_as(id, paying, false);
    assert_eq!(counter.payment(id).state, Reversing);
    counter.finish_reverse(id, None);
    assert_eq!(counter.ledger(0), [TillPaid, TillReversed]);
    let events: Vec<_> = counter.payment(id).steps.iter().map(|step| step.event).collect();
    let want =
        [Event::Sent, Event::ToldUnknown, Event::Succeeded, Event::Reversing, Event::Reversed];
    assert_eq!(events, want);
    assert!(counter.payment(id).told_unknown);

    // Nothing was taken, so nothing goes back.
    let mut counter = Counter::new();
    let id = counter.at(Unknown);
    counter.finish(id, false);
    assert_eq!(counter.payment(id).state, Declined);
    assert!(counter.waiting().is_empty() && counter.ledger(0).is_empty());
}

#[test]
fn a_refused_reversal_leaves_it_paid_and_may_be_tried_again() {
    let mut counter = Counter::new();
    let id = counter.at(Unknown);
    counter.finish(id, true);
    let first = counter.payment(id).operation.unwrap();
    counter.finish_reverse(id, Some("too late"));
    let payment = counter.payment(id);
    assert_eq!((payment.state, payment.note.as_deref()), (Succeeded, Some("ok")));
    let last = payment.steps.last().unwrap();
    assert_eq!((last.event, last.note.as_deref()), (Event::ReversalRefused, Some("too late")));
    assert_eq!(counter.ledger(985), [TillPaid]);
    assert!(counter.waiting().is_empty());

    let (_, row) = begun(counter.reverse_of(id, Some(1_000)));
    assert_ne!(row.operation, first);
    let (refusal, slip, now) = (None, None, counter.now);
    let late = TillCommand::FinishReverse { id, operation: first, refusal, slip, now };
    counter.till(late).unwrap();
    assert_eq!(counter.payment(id).state, Reversing, "the first request has had its answer");
    counter.finish_reverse(id, None);
    assert_eq!(counter.ledger(0), [TillPaid, TillReversed]);
    let entries = &counter.rows.entries;
    assert_eq!(entries[1].postings, entries[0].postings.reversed());
}

#[test]
fn a_code_pays_once_at_a_time() {
    let mut counter = Counter::new();
    let id = counter.at(Sent);
    let same = counter.scan(|_| ());
    assert_eq!(answered(same).id(), id);
    let changes: [fn(&mut TillPayment); 2] =
        [|other| other.amount = tiyin(999), |other| other.till = Arc::from("second")];
    for change in changes {
        assert_eq!(counter.scan(change), Err(Reject::CodeUsed));
    }
    // What one wallet shows says nothing about another's.
    begun(counter.scan(|other| other.provider = Provider::Wallet(Wallet::Payme)));
    counter.finish(id, true);
    assert_eq!(answered(counter.scan(|_| ())).id(), id, "it has paid for this");
    assert_eq!(counter.scan(|other| other.amount = tiyin(1_001)), Err(Reject::CodeUsed));
    counter.reverse(id).unwrap();
    assert_eq!(answered(counter.scan(|_| ())).id(), id, "the money is not back yet");
    counter.finish_reverse(id, None);
    let (second, _) = begun(counter.scan(|other| other.amount = tiyin(1_002)));
    assert_ne!(second.id(), id);
    counter.finish(second.id(), false);
    begun(counter.scan(|_| ()));
}

#[test]
fn a_receipt_is_delivered_once_and_after_a_refusal_again() {
    let mut counter = Counter::new();
    let id = counter.at(Succeeded);
    let (_, row) = begun(counter.deliver(id, URL));
    assert_eq!((row.kind, row.document), (OutboxKind::TillDeliver, id));
    answered(counter.deliver(id, URL));
    assert_eq!(counter.deliver(id, "https://other"), Err(Reject::OtherFiscalReceipt));
    counter.delivered(id, OperationId([98; 12]), None);
    assert_eq!(counter.waiting(), [&row], "an answer to something else");
    counter.delivered(id, row.operation, Some("not now"));
    let delivery = |counter: &Counter| counter.payment(id).fiscal.as_ref().unwrap().delivery;
    assert_eq!((delivery(&counter), counter.waiting().len()), (Delivery::Refused, 0));
    let (_, again) = begun(counter.deliver(id, URL));
    counter.delivered(id, row.operation, None);
    assert_eq!(delivery(&counter), Delivery::Queued, "the first request has had its answer");
    counter.delivered(id, again.operation, None);
    counter.delivered(id, again.operation, Some("late"));
    assert_eq!((delivery(&counter), counter.waiting().len()), (Delivery::Delivered, 0));
    answered(counter.deliver(id, URL));
}

#[test]
fn a_reversal_gives_up_the_delivery_under_way() {
    let mut counter = Counter::new();
    let id = counter.at(Succeeded);
    let (_, delivery) = begun(counter.deliver(id, URL));
    let (_, reversal) = begun(counter.reverse(id));
    assert_eq!(counter.waiting(), [&reversal], "one request at a time");
    counter.finish_reverse(id, Some("too late"));
    let (_, again) = begun(counter.deliver(id, URL));
    assert_eq!(counter.waiting(), [&again], "it begins anew");
    counter.delivered(id, delivery.operation, None);
    assert_eq!(counter.waiting(), [&again], "only the one under way has a say");

    // The first one had reached the wallet after all.
    let (_, reversal) = begun(counter.reverse(id));
    counter.delivered(id, again.operation, None);
    let payment = counter.payment(id);
    assert_eq!(payment.fiscal.as_ref().unwrap().delivery, Delivery::Delivered);
    assert_eq!((payment.state, payment.operation), (Reversing, Some(reversal.operation)));
    assert_eq!(counter.waiting(), [&reversal]);
}

#[test]
fn an_idempotency_key_is_used_by_what_begins() {
    let mut counter = Counter::new();
    let key = |text: &str| IdempotencyKey {
        kassa: MERCHANT,
        key: text.into(),
        fingerprint: SecretHash::of(b"", b"request"),
    };
    let (document, _) = begun(counter.scan_with(Some(key("a")), |_| ()));
    assert_eq!(counter.rows.keys_new[0].document, document.id().0);
    assert_eq!(counter.scan_with(Some(key("a")), |_| ()), Err(Reject::IdempotencyKeyUsed));
    answered(counter.scan_with(Some(key("b")), |_| ()));
    assert_eq!(counter.rows.keys_new[1].document, document.id().0, "it stands for the known scan");
    assert_eq!(counter.scan_with(Some(key("b")), |_| ()), Err(Reject::IdempotencyKeyUsed));
}

#[test]
fn keys_are_used_by_reversals_and_deliveries_too() {
    let key = |text: &str| IdempotencyKey {
        kassa: MERCHANT,
        key: text.into(),
        fingerprint: SecretHash::of(b"", b"request"),
    };
    let mut counter = Counter::new();
    let id = counter.at(Succeeded);
    let mut deliver = |text: &str| {
        let (operation, now) = (counter.operation(), counter.now);
        let (url, key) = (Arc::from(URL), Some(key(text)));
        counter.till(TillCommand::Deliver(Deliver { payment: id, operation, url, key, now }))
    };
    begun(deliver("a"));
    assert_eq!(deliver("a"), Err(Reject::IdempotencyKeyUsed));
    answered(deliver("b"));
    assert_eq!(deliver("b"), Err(Reject::IdempotencyKeyUsed), "what is known uses its key up too");
    let mut reverse = |text: &str| {
        let (operation, now) = (counter.operation(), counter.now);
        let (amount, reason, key) = (None, Arc::from("void"), Some(key(text)));
        let reverse = BeginReverse { id, operation, amount, reason, void_key: None, key, now };
        counter.till(TillCommand::BeginReverse(reverse))
    };
    assert_eq!(reverse("a"), Err(Reject::IdempotencyKeyUsed), "a key is good for one call");
    begun(reverse("c"));
    answered(reverse("d"));
    assert_eq!(reverse("d"), Err(Reject::IdempotencyKeyUsed));
    assert!(counter.rows.keys_new.iter().all(|row| row.document == id.0));
}

/// The cashier who was told "unknown" took cash, and scans the same code again to ask.
#[test]
fn who_was_told_unknown_may_ask_by_the_same_scan_for_ever() {
    for is_paid in [true, false] {
        let mut counter = Counter::new();
        let id = counter.at(Unknown);
        counter.finish(id, is_paid);
        assert_eq!(answered(counter.scan(|_| ())).id(), id);
        if is_paid {
            counter.finish_reverse(id, None);
            assert_eq!(counter.payment(id).state, Reversed);
        } else {
            // Late money goes back, and the code still is that of this payment.
            assert_eq!(answered(counter.scan(|_| ())).id(), id);
            counter.finish(id, true);
            counter.finish_reverse(id, None);
        }
        assert_eq!(answered(counter.scan(|_| ())).id(), id);
        assert_eq!(counter.ledger(0), [TillPaid, TillReversed]);
    }
}

#[test]
fn what_was_not_seen_is_asked_about_again_until_it_turns_up() {
    let mut counter = Counter::new();
    let id = counter.at(Declined);
    let due = |counter: &Counter| counter.rows.documents[&id].envelope().due_at;
    assert_eq!(due(&counter), Some(counter.now.plus(60_000)));
    let (ask_again_at, now) = (Some(counter.now.plus(300_000)), counter.now);
    counter.till(TillCommand::NotSeen { id, ask_again_at, now }).unwrap();
    assert_eq!(due(&counter), ask_again_at);
    counter.finish(id, true);
    assert_eq!((counter.payment(id).state, due(&counter)), (Reversing, None));
    counter.till(TillCommand::NotSeen { id, ask_again_at, now }).unwrap();
    assert_eq!(due(&counter), None, "it has turned up");
}

#[test]
fn what_an_operator_says_stands_in_the_history() {
    let mut counter = Counter::new();
    let id = counter.at(Unknown);
    let mut meant_for_the_reversal = counter.hand(id, true);
    meant_for_the_reversal.is_reversal = true;
    let too_early = counter.till(TillCommand::SettleByHand(Box::new(meant_for_the_reversal)));
    assert_eq!(too_early, Err(Reject::TillState(Unknown)));
    counter.settle_by_hand(id, true).unwrap();
    counter.settle_by_hand(id, false).unwrap();
    assert_eq!(counter.payment(id).state, Reversed);
    assert_eq!(counter.ledger(0), [TillPaid, TillReversed]);
    let steps = &counter.payment(id).steps;
    let by_hand = steps.iter().filter(|step| step.event == Event::SettledByHand);
    assert!(by_hand.clone().all(|step| step.note.as_deref() == Some("an operator")));
    assert_eq!((by_hand.count(), counter.waiting().len()), (2, 0));
}

#[test]
fn what_does_not_exist_or_is_no_payment_is_not_found() {
    let mut counter = Counter::new();
    let (order, _) = begun(counter.order(None, |_| ()));
    let now = counter.now;
    for id in [DocumentId([77; 12]), order.id()] {
        let found = [
            counter.till(TillCommand::Doubt { id, now }),
            counter.reverse(id),
            counter.deliver(id, URL),
        ];
        for found in found {
            assert_eq!(found, Err(Reject::PaymentNotFound));
        }
    }
}

#[test]
#[should_panic(expected = "commission is part of the amount")]
fn a_commission_above_the_amount_is_a_defect() {
    drop(Counter::new().scan(|payment| payment.commission = tiyin(1_001)));
}

#[test]
#[should_panic(expected = "more than nothing")]
fn a_payment_of_nothing_is_a_defect() {
    drop(Counter::new().scan(|payment| payment.amount = tiyin(0)));
}

#[test]
#[should_panic(expected = "cannot go from")]
fn a_step_that_is_not_in_the_table_is_a_defect() {
    payment(DocumentId([1; 12])).step_to(Reversed);
}
