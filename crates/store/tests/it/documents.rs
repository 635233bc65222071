//! Documents are kept as they are, and found by id, by key, by owner and when they are due.

use std::sync::Arc;

use chorsu_core::bank::Direction;
use chorsu_core::command::bank::BankCommand;
use chorsu_core::fiscal_receipt::FiscalKind;
use chorsu_core::movement::Movement;
use chorsu_core::order::Incoming;
use chorsu_core::settlement::SettlementState;
use chorsu_core::step::{Event, Step};
use chorsu_core::till::{Delivery, FiscalLink};
use chorsu_core::{
    Account, Command, Document, DocumentKind, Network, OwnerId, Provider, UnixMillis, Wallet,
};
use chorsu_store::{DocumentRange, Store};

use crate::branch::{
    Branch, PARTNER, SERVICE, accept, new_incoming, new_order, new_settlement, propose, receive,
};
use crate::counter::{
    Counter, begin, document_id, document_of, finish, new_fiscal, new_payment, order, registration,
    tiyin,
};
use crate::fresh::Fresh;
use crate::world::{KASSA, NOW, OTHER_KASSA, operation_id};

conformance!(
    every_kind_comes_back_as_it_was,
    every_state_comes_back_as_it_was,
    documents_are_found_by_their_keys,
    documents_come_newest_first_in_pages,
    due_documents_come_in_the_order_of_their_time,
);

/// What a careless writer or reader of JSON or SQL would spoil.
const AWKWARD: &str = "\"чек\" \\ № 1\n\t'🧾' {\"a\":null} \u{1} %s $1 ?1";

fn text() -> Option<Arc<str>> {
    Some(Arc::from(AWKWARD))
}

/// Of a document its plainest form, and all forms with one more thing on it; the last has all.
fn forms<T: Clone>(plain: T, things: &[fn(&mut T)]) -> Vec<T> {
    let with = |thing: &fn(&mut T)| {
        let mut form = plain.clone();
        thing(&mut form);
        form
    };
    let mut all = plain.clone();
    things.iter().for_each(|thing| thing(&mut all));
    let mut forms = vec![plain.clone()];
    forms.extend(things.iter().map(with));
    forms.push(all);
    forms
}

/// Submits a command and compares what was answered with what is stored.
async fn kept(store: &Store, command: Command) -> Document {
    let answered = document_of(store.submit(command).await);
    let stored = store.document(answered.id()).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&answered));
    answered
}

async fn every_kind_comes_back_as_it_was(fresh: Fresh) {
    let store = fresh.open().await;
    Branch(&store).open(i64::MAX / 2).await;
    let payments = forms(
        new_payment(""),
        &[
            |payment| payment.till = Arc::from(AWKWARD),
            |payment| payment.provider = Provider::Pinpad(Network::Humo),
            |payment| payment.provider = Provider::Wallet(Wallet::Uzum),
            |payment| payment.amount = tiyin(i64::MAX),
            |payment| payment.commission = tiyin(0),
            |payment| payment.paid_at = Some(UnixMillis(i64::MAX)),
            |payment| payment.prepared = text(),
            |payment| payment.payment_id = text(),
            |payment| payment.phone = text(),
            |payment| payment.note = text(),
            |payment| payment.told_unknown = true,
            |payment| payment.has_key = true,
            |payment| payment.ask_again_at = Some(UnixMillis(i64::MAX)),
            |payment| payment.order = Some(document_id()),
            |payment| {
                let (url, delivery) = (Arc::from(AWKWARD), Delivery::Refused);
                payment.fiscal = Some(FiscalLink { url, delivery });
            },
            |payment| payment.steps.push(Step { at: NOW, event: Event::Prepared, note: text() }),
        ],
    );
    for (number, mut payment) in payments.into_iter().enumerate() {
        payment.id = document_id();
        payment.code = (number % 2 == 0).then(|| Arc::from(format!("{AWKWARD} {number}")));
        let mut want = payment.clone();
        let operation = operation_id();
        let Document::Till(stored) = kept(&store, begin(payment, operation, None)).await else {
            panic!("another kind");
        };
        want.operation = Some(operation);
        want.steps.clone_from(&stored.steps);
        assert_eq!(stored, want);
    }
    let receipts = forms(
        new_fiscal(""),
        &[
            |receipt| receipt.kind = FiscalKind::Refund,
            |receipt| receipt.total = tiyin(0),
            |receipt| receipt.body = Arc::from(AWKWARD),
            |receipt| receipt.payment = Some(document_id()),
            |receipt| receipt.second_payment = Some(document_id()),
            |receipt| receipt.registration = Some(registration(i64::MAX)),
            |receipt| receipt.refusal = text(),
        ],
    );
    for (number, mut receipt) in receipts.into_iter().enumerate() {
        receipt.id = document_id();
        receipt.client_id = (number % 2 == 0).then(|| Arc::from(format!("{AWKWARD} {number}")));
        let mut want = receipt.clone();
        let Document::Fiscal(stored) = kept(&store, order(receipt, None)).await else {
            panic!("another kind");
        };
        (want.operation, want.steps) = (stored.operation, stored.steps.clone());
        assert_eq!(stored, want);
    }
    bank_kinds(&store).await;
    movements(&store).await;
    // The links above lead nowhere, and the ledger does not mind.
    fresh.assert_clean().await;
}

async fn movements(store: &Store) {
    let movements = forms(
        Movement {
            id: document_id(),
            reference: "".into(),
            service: SERVICE,
            partner: PARTNER,
            direction: Direction::Incoming,
            account: Account::Network(Network::Humo),
            amount: tiyin(7),
            at: NOW,
            bank_day: -1,
            parties: Arc::from(AWKWARD),
            reason: None,
        },
        &[
            |movement| movement.direction = Direction::Outgoing,
            |movement| movement.account = Account::Suspense,
            |movement| movement.account = Account::Fees,
            |movement| movement.reason = text(),
        ],
    );
    for (number, mut movement) in movements.into_iter().enumerate() {
        movement.id = document_id();
        movement.reference = Arc::from(format!("{AWKWARD} upstream {number}"));
        let key = Incoming::key(SERVICE, &movement.reference).into();
        let book = BankCommand::Move { movement: Box::new(movement.clone()), key, beside: None };
        assert_eq!(kept(store, Command::Bank(book)).await, Document::Movement(movement));
    }
}

async fn bank_kinds(store: &Store) {
    let orders = forms(
        new_order(""),
        &[
            |order| order.commission = tiyin(0),
            |order| order.ended_at = Some(UnixMillis(-1)),
            |order| order.due_at = None,
            |order| order.tries = u32::MAX,
            |order| order.bank_lines = vec![(1, i64::MAX), (2, -7)],
            |order| order.reason = text(),
            |order| order.amount = tiyin(i64::MAX - 10),
            |order| order.requisites = Arc::from(AWKWARD),
        ],
    );
    for (number, mut order) in orders.into_iter().enumerate() {
        order.id = document_id();
        order.order_key = Arc::from(format!("{AWKWARD} {number}"));
        let mut want = order.clone();
        let stored = kept(store, accept(order)).await.order().unwrap().clone();
        want.is_funded = want.amount.get() < i64::MAX / 2;
        want.steps.clone_from(&stored.steps);
        assert_eq!(stored, want);
    }
    let mut incoming = new_incoming(SERVICE, AWKWARD, 1);
    incoming.bank_day += 1;
    let stored = kept(store, receive(incoming.clone())).await;
    assert_eq!(stored, Document::Incoming(incoming));
    let settlements = forms(
        new_settlement(0),
        &[|settlement| settlement.shares.clear(), |settlement| settlement.commission = tiyin(0)],
    );
    for (day, mut settlement) in (-1..).zip(settlements) {
        (settlement.id, settlement.day) = (document_id(), day);
        let mut want = settlement.clone();
        let stored = kept(store, propose(settlement)).await.settlement().unwrap().clone();
        want.steps.clone_from(&stored.steps);
        assert_eq!(stored, want);
    }
}

async fn every_state_comes_back_as_it_was(fresh: Fresh) {
    let store = fresh.open().await;
    let (counter, branch) = (Counter(&store), Branch(&store));
    branch.open(5_000).await;
    let mut answered = Vec::new();
    let unknown = counter.scan("unknown").await;
    answered.push(Document::Till(counter.doubt(unknown.id).await));
    let paid = counter.paid("paid", "1").await;
    let refused = counter.order("refused", Some("1")).await;
    let refused = counter.finish_order(&refused, Err("смена закрыта")).await;
    answered.push(Document::Fiscal(refused));
    let registered = counter.order("registered", Some("1")).await;
    let registered = counter.finish_order(&registered, Ok(registration(7))).await;
    answered.push(Document::Fiscal(registered));
    let delivering = counter.stored_payment(paid.id).await;
    answered.push(Document::Till(counter.delivered(&delivering, None).await));
    let reversed = counter.paid("reversed", "2").await;
    let reversing = document_of(counter.reverse(reversed.id).await);
    let reversed = counter.finish_reverse(reversing.till().unwrap(), None).await;
    answered.push(Document::Till(reversed));
    let posted = branch.accept("posted").await;
    answered.push(Document::Order(branch.post(&posted, 20_000).await));
    let deleted = branch.accept("deleted").await;
    branch.defer(deleted.id, 9, 2).await;
    answered.push(Document::Order(branch.delete(&deleted).await));
    for (day, states) in [
        (1, &[SettlementState::Withdrawn][..]),
        (2, &[SettlementState::Differs][..]),
        (3, &[SettlementState::Differs, SettlementState::Sent, SettlementState::Settled][..]),
    ] {
        let mut settlement = branch.propose(day).await;
        for state in states {
            if *state == SettlementState::Differs {
                branch.send(settlement.id).await;
            }
            let orders = match state {
                SettlementState::Sent | SettlementState::Withdrawn => Vec::new(),
                _ => branch.orders_of(settlement.id).await,
            };
            for (place, order) in orders.iter().enumerate() {
                if place == 0 && *state == SettlementState::Differs {
                    branch.delete(order).await;
                } else {
                    branch.post(order, 20_000).await;
                }
            }
            settlement = match state {
                SettlementState::Sent => branch.resume(settlement.id, 0).await,
                state => branch.conclude(settlement.id, *state).await,
            };
            let is_held = settlement.state == SettlementState::Differs;
            assert_eq!(settlement.suspended.get(), if is_held { 1_980 } else { 0 });
        }
        assert_eq!(Some(&settlement.state), states.last());
        answered.push(Document::Settlement(settlement));
    }
    store.close().await;
    let store = fresh.open().await;
    for document in answered {
        assert_eq!(Counter(&store).stored(document.id()).await, document);
    }
    fresh.assert_clean().await;
}

async fn documents_are_found_by_their_keys(fresh: Fresh) {
    let store = fresh.open().await;
    let (counter, branch) = (Counter(&store), Branch(&store));
    branch.open(5_000).await;
    let paid = counter.paid("880", "4710").await;
    let receipt = counter.order("17", None).await;
    let receipt = counter.finish_order(&receipt, Ok(registration(7))).await;
    let order = branch.accept("o-1").await;
    let settlement = branch.propose(20_000).await;
    let url = &registration(7).url;
    let keys = [
        ("scan:click:880".to_owned(), Some(paid.id)),
        ("paid:click:4710".to_owned(), Some(paid.id)),
        ("order:касса 1:17".to_owned(), Some(receipt.id)),
        (format!("fiscal:{url}"), Some(receipt.id)),
        (format!("bank:{PARTNER}:o-1"), Some(order.id)),
        (format!("settlement:{KASSA}:20000"), Some(settlement.id)),
        ("scan:payme:880".to_owned(), None),
        (String::new(), None),
        ("scan:click:88".to_owned(), None),
    ];
    for (key, want) in keys {
        let found = store.document_by_key(key.clone()).await.unwrap();
        assert_eq!(found.map(|document| document.id()), want, "{key}");
    }
    assert_eq!(store.document(document_id()).await.unwrap(), None);
}

async fn documents_come_newest_first_in_pages(fresh: Fresh) {
    let store = fresh.open().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(Counter(&store).scan(&format!("{number}")).await.id);
        Counter(&store).order(&format!("{number}"), None).await;
        let mut theirs = new_payment(&format!("their {number}"));
        theirs.merchant = OTHER_KASSA;
        store.submit(begin(theirs, operation_id(), None)).await.unwrap();
    }
    ids.sort_unstable();
    ids.reverse();
    let owner: OwnerId = KASSA.into();
    let range = |before, limit| DocumentRange { kind: DocumentKind::Till, owner, before, limit };
    let cases = [
        (range(None, 50), &ids[..]),
        (range(None, 3), &ids[..3]),
        (range(Some(ids[2]), 3), &ids[3..6]),
        (range(Some(ids[5]), 3), &ids[6..]),
        (range(Some(ids[6]), 3), &[]),
        (range(None, 0), &[]),
        (DocumentRange { kind: DocumentKind::Settlement, ..range(None, 9) }, &[]),
        (DocumentRange { owner: PARTNER.into(), ..range(None, 9) }, &[]),
    ];
    for (range, want) in cases {
        let found = store.documents(range).await.unwrap();
        let found: Vec<_> = found.iter().map(Document::id).collect();
        assert_eq!(found, want, "{range:?}");
    }
}

async fn due_documents_come_in_the_order_of_their_time(fresh: Fresh) {
    let store = fresh.open().await;
    let branch = Branch(&store);
    branch.open(50_000).await;
    let mut orders = Vec::new();
    for (number, due) in [(0, 300), (1, 100), (2, 200), (3, 400)] {
        let mut order = new_order(&format!("{number}"));
        order.due_at = Some(NOW.plus(due));
        store.submit(accept(order.clone())).await.unwrap();
        orders.push(order);
    }
    let due = async |at: i64, limit| {
        let kind = DocumentKind::Order;
        let found = store.due_documents(kind, NOW.plus(at), None, limit).await.unwrap();
        let place = |document: &Document| orders.iter().position(|o| o.id == document.id());
        found.iter().map(|document| place(document).unwrap()).collect::<Vec<_>>()
    };
    // Those of another kind are looked after by somebody else, and their intents are listed.
    let mut waiting = Vec::new();
    for (name, minutes) in [("second", 2), ("first", 1)] {
        let mut payment = new_payment(name);
        (payment.ask_again_at, payment.created_at) =
            (Some(NOW.plus(150)), NOW.plus(minutes * 60_000));
        waiting.push((payment.id, operation_id()));
        store.submit(begin(payment, waiting[waiting.len() - 1].1, None)).await.unwrap();
    }
    let found = store.due_documents(DocumentKind::Till, NOW.plus(150), None, 9).await.unwrap();
    assert_eq!(found.len(), 2);
    assert!(
        store.due_documents(DocumentKind::Till, NOW.plus(149), None, 9).await.unwrap().is_empty()
    );
    let open = async |limit| {
        let open = store.open_till_payments(limit).await.unwrap();
        open.iter().map(|row| row.document).collect::<Vec<_>>()
    };
    assert_eq!(open(9).await, [waiting[1].0, waiting[0].0]);
    assert_eq!(open(1).await, [waiting[1].0]);
    store.submit(finish(waiting[1].0, waiting[1].1, None)).await.unwrap();
    assert_eq!(open(9).await, [waiting[0].0]);
    let found = store.due_documents(DocumentKind::Till, NOW.plus(999), None, 9).await.unwrap();
    assert_eq!(found.iter().map(Document::id).collect::<Vec<_>>(), [waiting[0].0]);

    assert!(due(99, 9).await.is_empty());
    // A settlement whose orders have ended is due, and not among the orders.
    let settlement = branch.propose(1).await.id;
    branch.send(settlement).await;
    for order in branch.orders_of(settlement).await {
        branch.post(&order, 20_000).await;
    }
    assert_eq!(due(300, 9).await, [1, 2, 0], "up to and with this moment");
    assert_eq!(due(999, 2).await, [1, 2], "the longest due first");
    let mut place = None;
    for want in [1, 2, 0, 3] {
        let found =
            store.due_documents(DocumentKind::Order, NOW.plus(999), place, 1).await.unwrap();
        assert_eq!(found[0].id(), orders[want].id, "page by page");
        place = Some((found[0].envelope().due_at.unwrap(), found[0].id()));
    }
    assert!(
        store.due_documents(DocumentKind::Order, NOW.plus(999), place, 1).await.unwrap().is_empty()
    );
    branch.defer(orders[1].id, 350, 1).await;
    branch.post(&orders[2], 20_000).await;
    branch.delete(&orders[3]).await;
    assert_eq!(due(999, 9).await, [0, 1], "an ended order is not due");
    let deferred = Counter(&store).stored(orders[1].id).await;
    let deferred = deferred.order().unwrap();
    assert_eq!((deferred.tries, deferred.reason.as_deref()), (1, Some("no answer yet")));
    fresh.assert_clean().await;
}
