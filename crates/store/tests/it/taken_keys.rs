//! Keys of documents: taken once, freed, taken over; within one batch and by two processes at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use chorsu_core::order::PaymentOrder;
use chorsu_core::settlement::SettlementState;
use chorsu_core::till::{TillPayment, TillState};
use chorsu_core::{Command, DocumentId, Reject, Reply};
use chorsu_store::{LaneStats, Store, SubmitError};

use crate::batches::together;
use crate::branch::{
    Branch, PARTNER, SERVICE, accept, new_incoming, new_order, new_settlement, propose, receive,
};
use crate::concurrency::stores;
use crate::counter::{
    CLICK, Counter, TILL, begin, document_of, finish, intent_of, new_fiscal, new_payment, order,
    payment_of, registration, tiyin,
};
use crate::fresh::Fresh;
use crate::world::{KASSA, Submitted, key, operation_id, reject};

conformance!(
    a_code_is_free_again_once_nothing_is_paid,
    keys_change_hands_within_one_batch,
    one_scan_at_many_tills_is_one_payment,
    one_order_sent_many_times_is_one_order,
    what_has_ended_is_replaced_once,
    two_payments_cannot_have_one_number,
    idempotency_keys_of_payments_are_used_once,
);

async fn key_count(fresh: &Fresh, key: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM document_key WHERE key = '{key}'");
    fresh.number(&sql).await
}

async fn a_code_is_free_again_once_nothing_is_paid(fresh: Fresh) {
    let store = fresh.open().await;
    let counter = Counter(&store);
    let first = counter.scan("880").await;
    let repeat = store.submit(begin(new_payment("880"), operation_id(), None)).await;
    assert_eq!(document_of(repeat).id(), first.id);
    let mut other = new_payment("880");
    other.amount = tiyin(4_999);
    let refused = reject(store.submit(begin(other, operation_id(), None)).await);
    assert_eq!(refused, Reject::CodeUsed);

    let declined = payment_of(counter.finish(&first, None).await);
    assert_eq!(declined.state, TillState::Declined);
    assert_eq!(key_count(&fresh, "scan:click:880").await, 0);
    let second = counter.scan("880").await;
    assert_ne!(second.id, first.id);
    let paid = payment_of(counter.finish(&second, Some("1")).await);
    let reversing = payment_of(counter.reverse(paid.id).await);
    counter.finish_reverse(&reversing, None).await;
    assert_eq!(key_count(&fresh, "scan:click:880").await, 0);
    assert_eq!(key_count(&fresh, "paid:click:1").await, 1, "what it was is still found");
    let third = counter.scan("880").await;
    assert_eq!(counter.stored_payment(third.id).await, third);
    assert_eq!(fresh.assert_clean().await.documents, 3);
}

async fn keys_change_hands_within_one_batch(fresh: Fresh) {
    let store = fresh.open().await;
    let counter = Counter(&store);
    for round in 0..12 {
        let code = format!("code {round}");
        let scan = |operation| {
            let payment = new_payment(&code);
            (payment.id, begin(payment, operation, None))
        };
        let [a, b, c] = [operation_id(), operation_id(), operation_id()];
        let ((first, begin_a), (second, begin_b), (third, begin_c)) = (scan(a), scan(b), scan(c));
        let (end_a, end_b) = (finish(first, a, None), finish(second, b, None));
        let number = format!("number {round}");
        let end_c = finish(third, c, Some(&number));
        // Every other round the key is in the database before the batch.
        let answers = if round % 2 == 0 {
            together(&store, [begin_a, end_a, begin_b, end_b, begin_c, end_c]).await
        } else {
            store.submit(begin_a).await.unwrap();
            together(&store, [end_a, begin_b, end_b, begin_c, end_c]).await
        };
        for answer in answers {
            answer.unwrap();
        }
        let states = [first, second, third].map(|id| (id, counter.stored_payment(id)));
        let mut found = Vec::new();
        for (_, payment) in states {
            found.push(payment.await.state);
        }
        let want = [TillState::Declined, TillState::Declined, TillState::Succeeded];
        assert_eq!(found, want, "round {round}");
        for key in
            [TillPayment::scan_key(CLICK, &code), TillPayment::paid_key(CLICK, TILL, &number)]
        {
            let found = store.document_by_key(key).await.unwrap();
            assert_eq!(found.map(|document| document.id()), Some(third), "round {round}");
        }

        // Taken and freed: in the end nobody has it.
        let code = format!("free {round}");
        let payment = new_payment(&code);
        let (id, operation) = (payment.id, operation_id());
        let commands = [begin(payment, operation, None), finish(id, operation, None)];
        for answer in together(&store, commands).await {
            answer.unwrap();
        }
        assert_eq!(key_count(&fresh, &TillPayment::scan_key(CLICK, &code)).await, 0);
    }
    let stats = store.lane_stats();
    let count = |of: fn(&LaneStats) -> &AtomicU64| {
        stats.iter().map(|lane| of(lane).load(Ordering::Relaxed)).sum::<u64>()
    };
    assert!(count(|lane| &lane.batches) < count(|lane| &lane.commands), "they never met");
    assert_eq!(count(|lane| &lane.failures), 0);
    fresh.assert_clean().await;
}

/// Submits what `make` makes from many tasks, on PostgreSQL through two stores. One of them begins
/// it; returns its document, and the answers of the others.
async fn race(
    stores: &[Arc<Store>],
    make: impl Fn() -> Command,
    is_new: fn(&Reply) -> bool,
) -> (DocumentId, Vec<Submitted>) {
    let made: Vec<Command> = (0..12).map(|_| make()).collect();
    let tasks: Vec<_> = made
        .into_iter()
        .enumerate()
        .map(|(number, command)| {
            let store = stores[number % stores.len()].clone();
            tokio::spawn(async move { store.submit(command).await })
        })
        .collect();
    let (mut winners, mut losers) = (Vec::new(), Vec::new());
    for task in tasks {
        match task.await.unwrap() {
            Ok(reply) if is_new(&reply) => winners.push(document_of(Ok(reply)).id()),
            other => losers.push(other),
        }
    }
    assert_eq!(winners.len(), 1, "{losers:?}");
    (winners[0], losers)
}

fn has_begun(reply: &Reply) -> bool {
    matches!(reply, Reply::DocumentBegun(..))
}

async fn one_scan_at_many_tills_is_one_payment(fresh: Fresh) {
    let stores = stores(&fresh).await;
    for round in 0..12 {
        let code = format!("880 {round}");
        let scan = || begin(new_payment(&code), operation_id(), None);
        let (winner, losers) = race(&stores, scan, has_begun).await;
        for loser in losers {
            assert_eq!(document_of(loser).id(), winner, "round {round}");
        }
        let drafts = || order(new_fiscal(&format!("{round}")), None);
        let (winner, losers) = race(&stores, drafts, has_begun).await;
        for loser in losers {
            assert_eq!(document_of(loser).id(), winner, "round {round}");
        }
        // One payment, named by many orders.
        let number = format!("number {round}");
        Counter(&stores[0]).paid(&format!("paid {round}"), &number).await;
        let unnamed = || {
            let mut receipt = new_fiscal("");
            receipt.client_id = None;
            order(receipt, Some(&number))
        };
        let (_, losers) = race(&stores, unnamed, has_begun).await;
        for loser in losers {
            assert_eq!(reject(loser), Reject::OtherFiscalReceipt, "round {round}");
        }
    }
    assert_eq!(fresh.assert_clean().await.documents, 4 * 12);
}

async fn one_order_sent_many_times_is_one_order(fresh: Fresh) {
    let stores = stores(&fresh).await;
    Branch(&stores[0]).open(1_000_000).await;
    for round in 0..12 {
        let order_key = format!("o-{round}");
        // A known order is refused, so whatever is answered is the new one.
        let send = || accept(new_order(&order_key));
        let (winner, losers) = race(&stores, send, |_| true).await;
        for loser in losers {
            let Reject::OrderUsed(known) = reject(loser) else { panic!("another reason") };
            assert_eq!(known.id(), winner, "round {round}");
        }
        let key = PaymentOrder::key(PARTNER, &order_key);
        let found = stores[0].document_by_key(key).await.unwrap();
        assert_eq!(found.map(|document| document.id()), Some(winner));
    }
    // What comes in is answered with the same document, whoever was first.
    let before = Branch(&stores[0]).money(SERVICE).await;
    let mut booked = Vec::new();
    for _ in 0..8 {
        let reply = stores[0].submit(receive(new_incoming(SERVICE, "in", 7)));
        let other = stores[stores.len() - 1].submit(receive(new_incoming(SERVICE, "in", 7)));
        let (one, two) = tokio::join!(reply, other);
        booked.extend([document_of(one).id(), document_of(two).id()]);
    }
    booked.dedup();
    assert_eq!(booked.len(), 1);
    let after = Branch(&stores[0]).money(SERVICE).await;
    assert_eq!((after.0 - before.0, after.2 - before.2), (7, 1));
    fresh.assert_clean().await;
}

async fn what_has_ended_is_replaced_once(fresh: Fresh) {
    let stores = stores(&fresh).await;
    let (counter, branch) = (Counter(&stores[0]), Branch(&stores[0]));
    branch.open(0).await;
    for round in 0..20 {
        let client_id = format!("{round}");
        let refused = counter.order(&client_id, None).await;
        counter.finish_order(&refused, Err("смена закрыта")).await;
        let again = || order(new_fiscal(&client_id), None);
        let (winner, losers) = race(&stores, again, has_begun).await;
        for loser in losers {
            assert_eq!(document_of(loser).id(), winner, "round {round}");
        }
        let withdrawn = branch.propose(round).await;
        branch.conclude(withdrawn.id, SettlementState::Withdrawn).await;
        let mut proposed = Vec::new();
        let tasks: Vec<_> = (0..12)
            .map(|number| {
                let store = stores[number % stores.len()].clone();
                tokio::spawn(async move { store.submit(propose(new_settlement(round))).await })
            })
            .collect();
        for task in tasks {
            proposed.push(document_of(task.await.unwrap()).id());
        }
        proposed.dedup();
        assert_eq!(proposed.len(), 1, "round {round}: {proposed:?}");
        assert_ne!(proposed[0], withdrawn.id);
    }
    let settlements = fresh.number("SELECT count(*) FROM document WHERE kind = 5").await;
    assert_eq!(settlements, 2 * 20);
    fresh.assert_clean().await;
}

/// A provider that gives the number of one payment to another is not believed.
async fn two_payments_cannot_have_one_number(fresh: Fresh) {
    let store = fresh.open().await;
    let counter = Counter(&store);
    let first = counter.paid("880", "4710").await;
    let second = counter.scan("881").await;
    let refused = counter.finish(&second, Some("4710")).await;
    assert_eq!(reject(refused), Reject::PaymentIdUsed);
    assert_eq!(counter.stored_payment(second.id).await, second);
    let found = store.document_by_key("paid:click:4710".to_owned()).await.unwrap();
    assert_eq!(found.map(|document| document.id()), Some(first.id));
    assert_eq!(store.outbox_depth().await.unwrap(), 1, "it is still asked about");
    assert_eq!(fresh.assert_clean().await.entries, 1);
    payment_of(counter.finish(&second, Some("4711")).await);

    // Nor is a fiscal module that registers two orders as one.
    let one = counter.order("1", None).await;
    counter.finish_order(&one, Ok(registration(7))).await;
    let two = counter.order("2", None).await;
    let refused = counter.try_finish_order(&two, Ok(registration(7))).await;
    assert!(matches!(refused, Err(SubmitError::Failed)), "{refused:?}");
    assert_eq!(store.outbox_depth().await.unwrap(), 1);
    let found = store.document_by_key(format!("fiscal:{}", registration(7).url)).await.unwrap();
    assert_eq!(found.map(|document| document.id()), Some(one.id));
    counter.finish_order(&two, Ok(registration(8))).await;
    assert_eq!(fresh.assert_clean().await.entries, 2);
}

async fn idempotency_keys_of_payments_are_used_once(fresh: Fresh) {
    let stores = stores(&fresh).await;
    let store = &stores[0];
    let scan = |code: &str, text: &str| begin(new_payment(code), operation_id(), Some(key(text)));
    let begun = intent_of(store.submit(scan("1", "a")).await);
    let record = store.idempotency(KASSA, "a".to_owned()).await.unwrap().unwrap();
    assert_eq!(record.document, begun.document.0);
    assert_eq!(reject(store.submit(scan("2", "a")).await), Reject::IdempotencyKeyUsed);
    // A known scan begins nothing, and its key stands for the payment that it is answered with.
    assert_eq!(document_of(store.submit(scan("1", "b")).await).id(), begun.document);
    let record = store.idempotency(KASSA, "b".to_owned()).await.unwrap().unwrap();
    assert_eq!(record.document, begun.document.0);
    assert_eq!(reject(store.submit(scan("2", "b")).await), Reject::IdempotencyKeyUsed);
    for round in 0..8 {
        let text = format!("round {round}");
        let code = AtomicU32::new(0);
        let many = || {
            let number = code.fetch_add(1, Ordering::Relaxed);
            scan(&format!("{round}/{number}"), &text)
        };
        let (_, losers) = race(&stores, many, has_begun).await;
        for loser in losers {
            assert_eq!(reject(loser), Reject::IdempotencyKeyUsed);
        }
    }
    assert_eq!(fresh.assert_clean().await.documents, 1 + 8);
}
