//! What commands of one batch, and of two batches at once, do to each other.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::Poll;

use chorsu_core::command::till::TillCommand;
use chorsu_core::plan::OutboxKind;
use chorsu_core::till::{TillPayment, TillState};
use chorsu_core::{Command, Document};
use chorsu_store::{Store, SubmitError};

use crate::concurrency::stores;
use crate::counter::{Counter, begin, document_of, finish, intent_of, new_payment, payment_of};
use crate::fresh::Fresh;
use crate::world::{NOW, Submitted, operation_id};

conformance!(
    a_failed_batch_leaves_nothing_behind,
    lanes_that_cross_do_not_lock_up,
    intents_of_documents_outlive_their_process,
);

/// Submits commands that reach the lane in this order without waiting for each other.
pub(crate) async fn together(
    store: &Store,
    commands: impl IntoIterator<Item = Command>,
) -> Vec<Submitted> {
    type Waiting<'a> = Pin<Box<dyn Future<Output = Submitted> + Send + 'a>>;
    // The first one keeps the lane busy, so that the others meet in its next batch.
    let code = operation_id().to_string();
    let busy = begin(new_payment(&code), operation_id(), None);
    let commands = std::iter::once(busy).chain(commands);
    let mut waiting: Vec<Waiting<'_>> =
        commands.map(|command| Box::pin(store.submit(command)) as Waiting<'_>).collect();
    let mut answers: Vec<Option<Submitted>> = waiting.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (answer, waiting) in answers.iter_mut().zip(&mut waiting) {
            if answer.is_none()
                && let Poll::Ready(ready) = waiting.as_mut().poll(context)
            {
                *answer = Some(ready);
            }
        }
        if answers.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().skip(1).collect()
}

/// One command that cannot be written undoes its batch. The others are done again, from what is
/// stored and not from what the failed batch had in mind.
async fn a_failed_batch_leaves_nothing_behind(fresh: Fresh) {
    let store = fresh.open().await;
    let counter = Counter(&store);
    let elsewhere = counter.scan("elsewhere").await;
    for round in 0..10 {
        let scan = async |what: &str| counter.scan(&format!("{round} {what}")).await;
        let (paid, doubted, declined) = (scan("a").await, scan("b").await, scan("c").await);
        // An id that is taken: by a payment of the same batch, or by one it has not loaded.
        let mut bad = new_payment(&format!("{round} bad"));
        bad.id = if round % 2 == 0 { paid.id } else { elsewhere.id };
        let number = format!("{round}");
        let commands = [
            finish(paid.id, paid.operation.unwrap(), Some(&number)),
            begin(bad, operation_id(), None),
            Command::Till(TillCommand::Doubt { id: doubted.id, now: NOW }),
            finish(declined.id, declined.operation.unwrap(), None),
        ];
        let mut answers = together(&store, commands).await;
        let refused = answers.remove(1);
        assert!(matches!(refused, Err(SubmitError::Failed)), "{refused:?}");
        let answered: Vec<TillPayment> = answers.into_iter().map(payment_of).collect();
        let states: Vec<_> = answered.iter().map(|payment| payment.state).collect();
        assert_eq!(states, [TillState::Succeeded, TillState::Unknown, TillState::Declined]);
        for payment in &answered {
            assert_eq!(counter.stored_payment(payment.id).await, *payment, "round {round}");
        }
        // It goes on from there.
        let again = payment_of(counter.finish(&paid, Some(&number)).await);
        assert_eq!(again, answered[0], "round {round}");
        let late = payment_of(counter.finish(&doubted, Some(&format!("late {round}"))).await);
        assert_eq!(late.state, TillState::Reversing);
        let refused = counter.finish_reverse(&late, Some("too late")).await;
        let url = "https://ofd.soliq.uz/check";
        let delivering = payment_of(counter.deliver(refused.id, url).await);
        counter.delivered(&delivering, Some("not now")).await;
        let free = store.document_by_key(format!("scan:click:{round} bad")).await.unwrap();
        assert_eq!(free, None);
    }
    assert_eq!(counter.stored_payment(elsewhere.id).await, elsewhere);
    let failures: u64 =
        store.lane_stats().iter().map(|lane| lane.failures.load(Ordering::Relaxed)).sum();
    assert_eq!(failures, 10, "only the bad ones");
    fresh.assert_clean().await;
}

/// Two lanes want the same two payments, each one by its id and the other by its key.
async fn lanes_that_cross_do_not_lock_up(fresh: Fresh) {
    let stores = stores(&fresh).await;
    let (one, two) = (&stores[0], &stores[stores.len() - 1]);
    for round in 0..40 {
        let (code, other_code) = (format!("{round} a"), format!("{round} b"));
        let first = Counter(one).scan(&code).await;
        let second = Counter(one).scan(&other_code).await;
        let ask = |payment: &TillPayment, code: &str| {
            let doubt = TillCommand::Doubt { id: payment.id, now: NOW };
            [Command::Till(doubt), begin(new_payment(code), operation_id(), None)]
        };
        let (crossed, back) = (ask(&first, &other_code), ask(&second, &code));
        let (crossed, back) = tokio::join!(together(one, crossed), together(two, back));
        let found = |answers: Vec<Submitted>| {
            answers.into_iter().map(|answer| document_of(answer).id()).collect::<Vec<_>>()
        };
        assert_eq!(found(crossed), [first.id, second.id]);
        assert_eq!(found(back), [second.id, first.id]);
    }
    for store in stores {
        if let Some(store) = std::sync::Arc::into_inner(store) {
            store.close().await;
        }
    }
    if fresh.is_postgres() {
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(fresh.number(deadlocks).await, 0);
    }
    fresh.assert_clean().await;
}

async fn intents_of_documents_outlive_their_process(fresh: Fresh) {
    let store = fresh.open().await;
    let counter = Counter(&store);
    let paying = counter.scan("paying").await;
    let paid = counter.paid("paid", "1").await;
    let reversing = intent_of(counter.reverse(paid.id).await);
    let draft = counter.order("draft", None).await;
    let delivered = counter.paid("delivered", "2").await;
    let delivering = intent_of(counter.deliver(delivered.id, "https://ofd.soliq.uz/check").await);
    store.close().await;

    let store = fresh.open().await;
    fresh.sql("UPDATE outbox SET leased_until = 0").await;
    let mut taken = store.lease(10).await.unwrap();
    taken.sort_unstable_by_key(|row| row.kind);
    let kinds: Vec<_> = taken.iter().map(|row| row.kind).collect();
    let want = [
        OutboxKind::TillPay,
        OutboxKind::TillReverse,
        OutboxKind::TillDeliver,
        OutboxKind::FiscalRegister,
    ];
    assert_eq!(kinds, want);
    assert_eq!((taken[0].document, Some(taken[0].operation)), (paying.id, paying.operation));
    assert_eq!((&taken[1], &taken[2]), (&reversing, &delivering));
    assert_eq!((taken[3].document, taken[3].amount), (draft.id, draft.total));
    let stored = Counter(&store).stored(draft.id).await;
    assert_eq!(stored, Document::Fiscal(draft));
    fresh.assert_clean().await;
}
