//! Fiscal receipts: drafts, what the module makes of them, and the payments behind them.

use std::sync::Arc;

use super::counter::{Counter, NUMBER, URL, answered, begun, registration, tiyin};
use crate::command::Command;
use crate::command::fiscal::{FinishFiscal, FiscalCommand};
use crate::fiscal_receipt::{FiscalReceipt, FiscalState};
use crate::id::{DocumentId, OperationId};
use crate::plan::{OutboxKind, Reply};
use crate::reject::Reject;
use crate::step::Event;
use crate::till::{Delivery, TillState};

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
    let ends: [(fn(&mut Counter, DocumentId) -> Reply, FiscalState); 2] =
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
        payment: None,
        last_key: Arc::from(FiscalReceipt::last_key("main")),
        operation: OperationId([99; 12]),
        end: Ok(registration(URL)),
        deliver_as: OperationId([98; 12]),
        now: counter.now,
    };
    let finish = FiscalCommand::Finish(Box::new(finish));
    assert_eq!(counter.run(Command::Fiscal(finish)), Err(Reject::OrderNotFound));
}
