//! Connections to PostgreSQL break; what was answered holds, and nothing is done twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chorsu_core::command::Outcome;
use chorsu_core::{ReceiptId, ReceiptState};
use chorsu_store::{Store, SubmitError};

use crate::fresh::{Fresh, unique};
use crate::proxy::{Fault, Proxy};
use crate::world::{NOW, Shop, new_receipt, receipt_of};

async fn open(proxy: &Proxy) -> Arc<Store> {
    Arc::new(Store::open(&proxy.options, format!("proxied-{}", unique())).await.unwrap())
}

/// The four ways in which a commit can meet the end of its connection.
const FAULTS: [Fault; 4] = [
    Fault { commits: true, server_notices: true, cuts: false },
    Fault { commits: true, server_notices: false, cuts: false },
    Fault { commits: false, server_notices: true, cuts: false },
    Fault { commits: false, server_notices: false, cuts: false },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_done_once() {
    let fresh = Fresh::postgres().await;
    let proxy = Proxy::before(&fresh).await;
    let store = open(&proxy).await;
    let card = Shop(&store).card(true).await;
    for fault in FAULTS {
        let mut waiting = Vec::new();
        for _ in 0..16 {
            waiting.push(Shop(&store).receipt().await.id);
        }
        let broken = proxy.broken();
        proxy.break_next_commit(fault);
        let tasks: Vec<_> = waiting
            .iter()
            .map(|id| {
                let (store, card, id) = (store.clone(), card.clone(), *id);
                tokio::spawn(async move { Shop(&store).begin_pay(id, &card, false).await })
            })
            .collect();
        for task in tasks {
            let begun = receipt_of(task.await.unwrap());
            assert_eq!(begun.state, ReceiptState::Debiting, "{fault:?}");
            proxy.break_next_commit(fault);
            let paid = receipt_of(Shop(&store).finish_pay(&begun, &card, Outcome::Done).await);
            assert_eq!(Shop(&store).stored(begun.id).await, paid, "{fault:?}");
        }
        assert!(proxy.broken() > broken + 10, "{fault:?}");
    }
    // A receipt that is new in the batch in doubt must not be inserted again.
    for fault in FAULTS {
        Shop(&store).receipt().await;
        proxy.break_next_commit(fault);
        let receipt = Shop(&store).receipt().await;
        assert_eq!(Shop(&store).stored(receipt.id).await, receipt, "{fault:?}");
    }
    let report = fresh.assert_clean().await;
    assert_eq!(report.entries, 64);
    assert_eq!(fresh.number("SELECT count(*) FROM lane").await, 1, "the chain is kept");
    assert_eq!(store.outbox_depth().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_sessions_lose_nothing() {
    let fresh = Fresh::postgres().await;
    let store = Arc::new(fresh.open().await);
    let card = Shop(&store).card(true).await;
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (store, card) = (store.clone(), card.clone());
            tokio::spawn(async move {
                let mut answered = BTreeMap::new();
                for _ in 0..20 {
                    let receipt = new_receipt(NOW);
                    let id = receipt.id;
                    if Shop(&store).create(receipt).await.is_err() {
                        continue;
                    }
                    answered.insert(id, ReceiptState::Created);
                    let Ok(begun) = Shop(&store).begin_pay(id, &card, false).await else {
                        continue;
                    };
                    answered.insert(id, ReceiptState::Debiting);
                    let begun = receipt_of(Ok(begun));
                    if Shop(&store).finish_pay(&begun, &card, Outcome::Done).await.is_ok() {
                        answered.insert(id, ReceiptState::Paid);
                    }
                }
                answered
            })
        })
        .collect();
    let end_all = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let mut ended = 0;
    while tasks.iter().any(|task| !task.is_finished()) {
        ended += fresh.number(end_all).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(ended > 0);
    let mut answered: BTreeMap<ReceiptId, ReceiptState> = BTreeMap::new();
    for task in tasks {
        answered.extend(task.await.unwrap());
    }
    let mut paid = 0;
    for (id, state) in &answered {
        let stored = Shop(&store).stored(*id).await.state;
        assert!(stored == *state || *state != ReceiptState::Paid, "{id} was answered as paid");
        assert!(stored >= *state, "{id} is {stored:?} but was answered as {state:?}");
        paid += u64::from(stored == ReceiptState::Paid);
    }
    assert!(paid > 160, "most of them get through: {paid}");
    assert_eq!(fresh.assert_clean().await.entries, paid);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_server_is_an_error_at_once_and_no_error_once_it_is_back() {
    let fresh = Fresh::postgres().await;
    let proxy = Proxy::before(&fresh).await;
    let store = open(&proxy).await;
    let receipt = Shop(&store).receipt().await;
    proxy.cut(true);
    proxy.end_all().await;
    let failed = Shop(&store).begin_cancel(receipt.id).await;
    assert!(matches!(failed, Err(SubmitError::Failed)), "{failed:?}");
    // A busy machine may make one of them slow, but not all.
    let started = Instant::now();
    let mut quickest = Duration::MAX;
    for _ in 0..5 {
        let asked = Instant::now();
        let failed = Shop(&store).begin_cancel(receipt.id).await;
        assert!(matches!(failed, Err(SubmitError::Failed)), "{failed:?}");
        quickest = quickest.min(asked.elapsed());
    }
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
    assert!(store.receipt(receipt.id).await.is_err());

    proxy.cut(false);
    assert_eq!(Shop(&store).stored(receipt.id).await, receipt);
    while Shop(&store).begin_cancel(receipt.id).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(Shop(&store).stored(receipt.id).await.state, ReceiptState::Cancelled);
    fresh.assert_clean().await;
}

/// A batch whose outcome stays unknown is not done again, not even one command at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_outcome_is_left_alone() {
    let fresh = Fresh::postgres().await;
    let proxy = Proxy::before(&fresh).await;
    let store = open(&proxy).await;
    let card = Shop(&store).card(true).await;
    let receipt = Shop(&store).receipt().await.id;
    proxy.break_next_commit(Fault { commits: true, server_notices: true, cuts: true });
    let failed = Shop(&store).begin_pay(receipt, &card, false).await;
    assert!(matches!(failed, Err(SubmitError::Failed)), "{failed:?}");
    proxy.cut(false);
    proxy.end_all().await;
    assert_eq!(Shop(&store).stored(receipt).await.state, ReceiptState::Debiting);
    assert_eq!(store.outbox_depth().await.unwrap(), 1);
    fresh.assert_clean().await;
}

/// A writer whose chain was taken from it writes nothing more on what it remembers of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_has_one_writer() {
    let fresh = Fresh::postgres().await;
    let store = fresh.open().await;
    let card = Shop(&store).card(true).await;
    for _ in 0..4 {
        Shop(&store).paid(&card, false).await;
        fresh.sql("UPDATE lane SET writer = 'another', batch = batch + 7").await;
    }
    Shop(&store).paid(&card, false).await;
    assert_eq!(fresh.assert_clean().await.entries, 5);
    let rows = "SELECT count(*) FROM lane WHERE writer LIKE 'test-%'";
    assert!(fresh.number(rows).await > 0, "the chains were taken back");
}

/// The chains of a process that was killed become free again, and its numbers go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chains_of_dead_processes_are_taken_over() {
    let fresh = Fresh::postgres().await;
    let first = fresh.open().await;
    let second = fresh.open().await;
    let card = Shop(&first).card(true).await;
    for store in [&first, &second] {
        for _ in 0..4 {
            Shop(store).paid(&card, false).await;
        }
    }
    assert_eq!(fresh.number("SELECT count(*) FROM lane").await, 2);
    first.close().await;
    let third = fresh.open().await;
    for _ in 0..4 {
        Shop(&third).paid(&card, false).await;
    }
    assert_eq!(fresh.number("SELECT count(*) FROM lane").await, 2);
    assert_eq!(fresh.number("SELECT count(DISTINCT number) FROM receipt").await, 12);
    let blocks = fresh.number("SELECT (max(number) - 1) / 1000 FROM receipt").await;
    assert!(blocks < 2, "a chain's block of numbers is used up before it takes another");
    fresh.assert_clean().await;
}
