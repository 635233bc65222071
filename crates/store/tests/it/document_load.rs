//! A random load of payments, fiscal receipts and bank orders from many tasks, on PostgreSQL
//! through two stores at once, with the books being verified meanwhile and afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chorsu_core::till::TillState;
use chorsu_store::Store;

use crate::branch::Branch;
use crate::concurrency::stores;
use crate::counter::{Counter, document_of, payment_of, registration};
use crate::fresh::Fresh;
use crate::world::Dice;

conformance!(a_random_load_of_documents_leaves_clean_books);

const TASKS: u64 = 12;
const WALKS: u64 = 25;

async fn a_random_load_of_documents_leaves_clean_books(fresh: Fresh) {
    let stores = stores(&fresh).await;
    Branch(&stores[0]).open(100_000).await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| {
            let store = stores[usize::try_from(number).unwrap() % stores.len()].clone();
            tokio::spawn(walks(store, number, Dice(number * 7_919 + 1)))
        })
        .collect();
    let is_over = AtomicBool::new(false);
    let watch = async {
        while !is_over.load(Ordering::Relaxed) {
            fresh.assert_clean().await;
            // A replay of SQLite never waits.
            tokio::task::yield_now().await;
        }
    };
    let work = async {
        for task in tasks {
            task.await.unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(work, watch);
    let report = fresh.assert_clean().await;
    assert!(report.documents > TASKS * WALKS);
    for store in stores {
        let failures: u64 =
            store.lane_stats().iter().map(|lane| lane.failures.load(Ordering::Relaxed)).sum();
        assert_eq!(failures, 0);
    }
}

async fn walks(store: Arc<Store>, task: u64, mut dice: Dice) {
    for walk in 0..WALKS {
        if dice.roll(2) == 0 {
            pay(Counter(&store), &format!("{task}/{walk}"), &mut dice).await;
        } else {
            bank(Branch(&store), &format!("{task}/{walk}"), &mut dice).await;
        }
    }
}

/// Walks a payment to a random end, and an order about it.
async fn pay(counter: Counter<'_>, name: &str, dice: &mut Dice) {
    let mut payment = counter.scan(name).await;
    if dice.roll(3) == 0 {
        payment = counter.prepared(&payment, name).await;
    }
    if dice.roll(4) == 0 {
        payment = counter.doubt(payment.id).await;
    }
    match dice.roll(8) {
        0 => return,
        1 => {
            payment_of(counter.finish(&payment, None).await);
            return;
        }
        _ => payment = payment_of(counter.finish(&payment, Some(name)).await),
    }
    if payment.state == TillState::Succeeded && dice.roll(2) == 0 {
        let receipt = counter.order(name, Some(name)).await;
        if dice.roll(4) == 0 {
            counter.finish_order(&receipt, Err("смена закрыта")).await;
        } else {
            let number = i64::from_str_radix(&receipt.id.to_string()[8..], 16).unwrap();
            counter.finish_order(&receipt, Ok(registration(number))).await;
        }
        payment = counter.stored_payment(payment.id).await;
        if payment.operation.is_some() && dice.roll(2) == 0 {
            payment = counter.delivered(&payment, None).await;
        }
    }
    if payment.state == TillState::Succeeded && dice.roll(3) == 0 {
        let reversing = document_of(counter.reverse(payment.id).await);
        payment = reversing.till().unwrap().clone();
    }
    if payment.state == TillState::Reversing && dice.roll(4) != 0 {
        let refusal = (dice.roll(3) == 0).then_some("too late");
        counter.finish_reverse(&payment, refusal).await;
    }
}

/// Walks an order of the bank to a random end; there is not money enough for all.
async fn bank(branch: Branch<'_>, name: &str, dice: &mut Dice) {
    let order = branch.accept(name).await;
    match dice.roll(5) {
        0 => {}
        1 => drop(branch.delete(&order).await),
        2 => drop(branch.defer(order.id, 99, 1).await),
        _ => drop(branch.post(&order, 20_000).await),
    }
}
