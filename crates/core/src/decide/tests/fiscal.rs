//! Fiscal receipts: drafts, what the module makes of them, and the payments behind them.

use std::sync::Arc;

use super::counter::{
    CLICK, Counter, NUMBER, TILL, URL, answered, begun, receipt, registration, tiyin,
};
use crate::command::Command;
use crate::command::fiscal::{BeginFiscal, FinishFiscal, FiscalCommand, PaymentLink};
use crate::fiscal_receipt::{FiscalReceipt, FiscalState, REPEAT_MS, Registration};
use crate::id::{DocumentId, OperationId};
use crate::network::Network;
use crate::plan::{OutboxKind, Reply};
use crate::provider::Provider;
use crate::reject::Reject;
use crate::step::Event;
use crate::till::{Delivery, TillPayment, TillState};
use crate::time::UnixMillis;

impl Counter {
    fn drafted(&mut self, number: Option<&str>) -> DocumentId {
        begun(self.order(number, |_| ())).0.id()
    }

    fn refuse(&mut self, id: DocumentId) -> Reply {
        self.finish_order(id, Err(Arc::from("shift is closed")))
    }

    fn register(&mut self, id: DocumentId) -> Reply {
        self.finish_order(id, Ok(registration(URL)))
    }
}

#[test]
fn each_end_comes_once() {
    type End = fn(&mut Counter, DocumentId) -> Reply;
    let ends: [(End, FiscalState); 2] =
        [(Counter::register, FiscalState::Registered), (Counter::refuse, FiscalState::Refused)];
    for (end, state) in ends {
        let mut counter = Counter::new();
        let (document, row) = begun(counter.order(None, |_| ()));
        let id = document.id();
        assert_eq!((row.kind, row.amount), (OutboxKind::FiscalRegister, tiyin(1_000)));
        assert_eq!(counter.fiscal(id).operation, Some(row.operation));
        end(&mut counter, id);
        assert_eq!((counter.fiscal(id).state, counter.waiting().len()), (state, 0));
        let before = counter.state();
        for (late, _) in ends {
            late(&mut counter, id);
        }
        assert!(counter.state() == before, "an outcome that comes late changes nothing");
        let is_found = counter.rows.by_key(&FiscalReceipt::url_key(URL)).is_some();
        assert_eq!(is_found, state == FiscalState::Registered);
        assert!(counter.ledger(0).is_empty(), "a receipt moves no money");
    }
}

#[test]
fn the_tills_own_number_is_used_for_one_order() {
    let mut counter = Counter::new();
    let id = counter.drafted(None);
    assert_eq!(answered(counter.order(None, |_| ())).id(), id);
    let corrected = |receipt: &mut FiscalReceipt| receipt.body = Arc::from("{\"corrected\":1}");
    assert_eq!(counter.order(None, corrected), Err(Reject::OrderIdUsed));
    begun(counter.order(None, |elsewhere| elsewhere.till = Arc::from("second")));
    begun(counter.order(None, |unnamed| unnamed.client_id = None));
    begun(counter.order(None, |unnamed| unnamed.client_id = None));

    counter.refuse(id);
    let (second, _) = begun(counter.order(None, corrected));
    assert_ne!(second.id(), id);
    assert_eq!(counter.fiscal(id).state, FiscalState::Refused);
    assert_eq!(answered(counter.order(None, corrected)).id(), second.id(), "the number moved on");
    assert_eq!(counter.order(None, |_| ()), Err(Reject::OrderIdUsed));
    counter.register(second.id());
    assert_eq!(answered(counter.order(None, corrected)).id(), second.id());
}

#[test]
fn the_payment_must_be_known_paid_equal_and_free() {
    let states = [
        (TillState::Reversing, Reject::TillState(TillState::Reversing)),
        (TillState::Reversed, Reject::TillState(TillState::Reversed)),
        // These have no number that an order could name.
        (TillState::Sent, Reject::PaymentNotFound),
        (TillState::Unknown, Reject::PaymentNotFound),
        (TillState::Declined, Reject::PaymentNotFound),
    ];
    for (state, reject) in states {
        let mut counter = Counter::new();
        counter.at(state);
        let before = counter.state();
        assert_eq!(counter.order(Some(NUMBER), |_| ()), Err(reject), "{state:?}");
        assert!(counter.state() == before);
    }

    let mut counter = Counter::new();
    let payment = counter.at(TillState::Succeeded);
    assert_eq!(counter.order(Some("other"), |_| ()), Err(Reject::PaymentNotFound));
    let less = |receipt: &mut FiscalReceipt| receipt.total = tiyin(999);
    assert_eq!(counter.order(Some(NUMBER), less), Err(Reject::AmountDiffers));
    let elsewhere = |receipt: &mut FiscalReceipt| receipt.till = Arc::from("second");
    assert_eq!(counter.order(Some(NUMBER), elsewhere), Err(Reject::PaymentNotFound));

    let id = counter.drafted(Some(NUMBER));
    assert_eq!(counter.fiscal(id).payment, Some(payment));
    assert_eq!(counter.payment(payment).order, Some(id));
    let another = |receipt: &mut FiscalReceipt| receipt.client_id = Some(Arc::from("18"));
    assert_eq!(counter.order(Some(NUMBER), another), Err(Reject::OtherFiscalReceipt));
    counter.refuse(id);
    assert_eq!(counter.payment(payment).order, None);
    let (second, _) = begun(counter.order(Some(NUMBER), another));
    counter.register(second.id());
    assert_eq!(counter.order(Some(NUMBER), |_| ()), Err(Reject::OtherFiscalReceipt));

    // The till has brought a receipt of its own.
    let mut counter = Counter::new();
    let payment = counter.at(TillState::Succeeded);
    counter.deliver(payment, URL).unwrap();
    assert_eq!(counter.order(Some(NUMBER), |_| ()), Err(Reject::OtherFiscalReceipt));
}

/// An order that was paid by a wallet and by a pinpad, 600 tiyin of 1000 by card.
fn paid_by_both(counter: &mut Counter, client_id: &str) -> Result<Reply, Reject> {
    let mut receipt = receipt(counter.document_id());
    receipt.client_id = Some(Arc::from(client_id));
    let link = |paid_key: String, amount| {
        Some(PaymentLink { paid_key: Arc::from(paid_key), amount: tiyin(amount) })
    };
    let humo = Provider::Pinpad(Network::Humo);
    let payments = [
        link(TillPayment::paid_key(CLICK, TILL, NUMBER), 1_000),
        link(TillPayment::paid_key(humo, TILL, NUMBER), 600),
    ];
    let (operation, client_key) = (counter.operation(), Some(Arc::from(client_id)));
    let (repeat_key, key) = (None, None);
    counter.order_with(BeginFiscal { receipt, operation, client_key, repeat_key, payments, key })
}

#[test]
fn both_payments_of_an_order_are_on_one_receipt() {
    let mut counter = Counter::new();
    let wallets = counter.at(TillState::Succeeded);
    let (document, _) = begun(counter.scan(|payment| {
        payment.provider = Provider::Pinpad(Network::Humo);
        (payment.code, payment.amount, payment.has_key) = (None, tiyin(600), true);
    }));
    let cards = document.id();
    counter.finish(cards, true);
    let (first, _) = begun(paid_by_both(&mut counter, "1"));
    assert_eq!(counter.fiscal(first.id()).payments(), [Some(wallets), Some(cards)]);
    assert_eq!(paid_by_both(&mut counter, "2"), Err(Reject::OtherFiscalReceipt));
    counter.refuse(first.id());
    let orders = |counter: &Counter| [wallets, cards].map(|id| counter.payment(id).order);
    assert_eq!(orders(&counter), [None, None]);
    let (second, _) = begun(paid_by_both(&mut counter, "2"));
    assert_eq!(orders(&counter), [Some(second.id()); 2]);
    counter.register(second.id());
    let [row] = counter.waiting()[..] else { panic!("one delivery") };
    assert_eq!((row.kind, row.document), (OutboxKind::TillDeliver, wallets));
    let events = |id| counter.payment(id).steps.iter().map(|step| step.event);
    assert!(events(cards).any(|event| event == Event::Fiscalised));
}

#[test]
fn an_order_without_a_name_is_a_repeat_until_its_till_is_told() {
    let mut counter = Counter::new();
    let key: Arc<str> = Arc::from(FiscalReceipt::repeat_key(TILL, "abc"));
    let send = |counter: &mut Counter, at_ms: i64| {
        let mut receipt = receipt(counter.document_id());
        (receipt.client_id, receipt.created_at) = (None, UnixMillis(at_ms));
        let (operation, repeat_key) = (counter.operation(), Some(key.clone()));
        let (client_key, payments, key) = (None, [None, None], None);
        let begin = BeginFiscal { receipt, operation, client_key, repeat_key, payments, key };
        counter.order_with(begin)
    };
    let (first, _) = begun(send(&mut counter, 1));
    let first = first.id();
    assert_eq!(answered(send(&mut counter, 2)).id(), first);
    counter.register(first);
    assert_eq!(answered(send(&mut counter, 3)).id(), first);
    let told = |counter: &mut Counter, id| {
        let told = FiscalCommand::Told { id, repeat_key: key.clone() };
        counter.run(Command::Fiscal(told)).unwrap();
    };
    told(&mut counter, first);
    let (second, _) = begun(send(&mut counter, 4));
    assert_ne!(second.id(), first);
    told(&mut counter, first);
    assert_eq!(answered(send(&mut counter, 5)).id(), second.id(), "it is not the first one's");
    counter.refuse(second.id());
    let (third, _) = begun(send(&mut counter, 6));
    assert_eq!(answered(send(&mut counter, 5 + REPEAT_MS)).id(), third.id());
    let (fourth, _) = begun(send(&mut counter, 6 + REPEAT_MS));
    assert_ne!(fourth.id(), third.id(), "nobody repeats an order after so long");
}

#[test]
fn what_was_registered_goes_to_the_wallet() {
    let mut counter = Counter::new();
    let payment = counter.at(TillState::Succeeded);
    let id = counter.drafted(Some(NUMBER));
    counter.register(id);
    let waiting = counter.waiting();
    let [row] = waiting[..] else { panic!("{waiting:?}") };
    assert_eq!((row.kind, row.document), (OutboxKind::TillDeliver, payment));
    let operation = row.operation;
    let fiscal = counter.payment(payment).fiscal.clone().unwrap();
    assert_eq!((&*fiscal.url, fiscal.delivery), (URL, Delivery::Queued));
    counter.delivered(payment, operation, None);
    let events: Vec<_> = counter.payment(payment).steps.iter().map(|step| step.event).collect();
    let want =
        [Event::Sent, Event::Succeeded, Event::Fiscalised, Event::Delivering, Event::Delivered];
    assert_eq!(events, want);
    assert_eq!(counter.waiting().len(), 0);
}

#[test]
fn what_happened_to_the_payment_meanwhile_is_kept() {
    // The money is going back: the receipt is registered, and not delivered.
    let mut counter = Counter::new();
    let payment = counter.at(TillState::Succeeded);
    let id = counter.drafted(Some(NUMBER));
    let (_, reversal) = begun(counter.reverse(payment));
    counter.register(id);
    assert_eq!(counter.waiting(), [&reversal]);
    assert_eq!(counter.payment(payment).fiscal, None);
    counter.finish_reverse(payment, Some("too late"));
    begun(counter.deliver(payment, URL));

    // The till has delivered a receipt of its own.
    let mut counter = Counter::new();
    let payment = counter.at(TillState::Succeeded);
    let id = counter.drafted(Some(NUMBER));
    let (_, delivery) = begun(counter.deliver(payment, "https://own"));
    counter.delivered(payment, delivery.operation, None);
    counter.register(id);
    let fiscal = counter.payment(payment).fiscal.clone().unwrap();
    assert_eq!((&*fiscal.url, fiscal.delivery), ("https://own", Delivery::Delivered));
    assert_eq!(counter.waiting().len(), 0);
}

#[test]
fn what_is_no_receipt_is_not_found() {
    let mut counter = Counter::new();
    let finish = FinishFiscal {
        id: counter.at(TillState::Succeeded),
        payments: [None, None],
        last_key: Arc::from(FiscalReceipt::last_key("main")),
        operation: OperationId([99; 12]),
        end: Ok(registration(URL)),
        deliver_as: OperationId([98; 12]),
        now: counter.now,
    };
    let finish = FiscalCommand::Finish(Box::new(finish));
    assert_eq!(counter.run(Command::Fiscal(finish)), Err(Reject::OrderNotFound));
}

#[test]
fn the_reply_has_the_intent_of_the_delivery() {
    let mut counter = Counter::new();
    let payment = counter.at(TillState::Succeeded);
    let id = counter.drafted(Some(NUMBER));
    let (document, row) = begun(Ok(counter.register(id)));
    assert_eq!((document.id(), row.document), (id, payment));
    assert_eq!(counter.waiting(), [&row]);

    let mut counter = Counter::new();
    let id = counter.drafted(None);
    let registered = answered(Ok(counter.register(id)));
    assert_eq!(registered.id(), id, "without a payment nothing is delivered");
}

#[test]
fn what_has_no_address_is_neither_found_by_it_nor_delivered() {
    let mut counter = Counter::new();
    let payment = counter.at(TillState::Succeeded);
    let unnamed = |receipt: &mut FiscalReceipt| receipt.client_id = None;
    for number in [Some(NUMBER), None] {
        let (document, _) = begun(counter.order(number, unnamed));
        counter.finish_order(document.id(), Ok(registration("")));
        assert_eq!(counter.fiscal(document.id()).state, FiscalState::Registered);
    }
    assert!(counter.rows.by_key(&FiscalReceipt::url_key("")).is_none());
    assert_eq!((counter.waiting().len(), counter.payment(payment).fiscal.is_none()), (0, true));
    assert_eq!(counter.order(Some(NUMBER), unnamed), Err(Reject::OtherFiscalReceipt));
}

#[test]
fn the_last_receipt_is_the_one_with_the_highest_number() {
    let mut counter = Counter::new();
    let mut register = |till: &str, terminal: &str, number: i64| {
        let (document, _) = begun(counter.order(None, |receipt| {
            receipt.till = Arc::from(till);
            receipt.client_id = None;
        }));
        let url = format!("{till}{terminal}{number}");
        let terminal = Arc::from(terminal);
        let end = Registration { terminal, number, ..registration(&url) };
        counter.finish_order(document.id(), Ok(end));
        let last = counter.rows.by_key(&FiscalReceipt::last_key(till)).unwrap();
        last.fiscal().unwrap().registration.as_ref().unwrap().number
    };
    let cases = [
        ("main", "A", 7, 7),
        ("second", "B", 2, 2),
        ("main", "A", 9, 9),
        // A draft that was settled late.
        ("main", "A", 8, 9),
        // Another fiscal module begins anew.
        ("main", "C", 1, 1),
        ("second", "B", 3, 3),
    ];
    for (till, terminal, number, want) in cases {
        assert_eq!(register(till, terminal, number), want, "{till} {terminal} {number}");
    }
}
