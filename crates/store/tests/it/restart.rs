//! What is stored stays: over restarts, with its numbers and its chain.

use std::collections::BTreeSet;

use chorsu_store::{OpenOptions, Store, StoreError};

use crate::fresh::Fresh;
use crate::world::Shop;

conformance!(
    everything_survives_a_restart,
    receipt_numbers_are_unique_and_rise,
    a_changed_migration_stops_the_start,
    ledger_rows_are_final,
);

async fn everything_survives_a_restart(fresh: Fresh) {
    let mut receipts = Vec::new();
    let mut cards = Vec::new();
    for round in 1..=3_u64 {
        let store = fresh.open().await;
        let shop = Shop(&store);
        let card = shop.card(true).await;
        for hold in [false, true] {
            receipts.push(shop.paid(&card, hold).await);
        }
        cards.push(card);
        for receipt in &receipts {
            assert_eq!(shop.stored(receipt.id).await, *receipt);
        }
        for card in &cards {
            assert_eq!(store.card(card.id()).await.unwrap().as_ref(), Some(card));
        }
        store.close().await;
        assert_eq!(fresh.assert_clean().await.entries, 2 * round);
    }
    let lanes = fresh.number("SELECT count(*) FROM lane").await;
    assert_eq!(lanes, 1, "a closed store gives its chain back");
}

/// Numbers rise within a lane; SQLite has one.
async fn receipt_numbers_are_unique_and_rise(fresh: Fresh) {
    let mut lane_ends = vec![0; if fresh.is_postgres() { 2 } else { 1 }];
    let mut all = BTreeSet::new();
    for _ in 0..2 {
        let store = fresh.open().await;
        for _ in 0..30 {
            let number = Shop(&store).receipt().await.number;
            assert!(all.insert(number), "{number} is given out twice");
            let end = lane_ends.iter_mut().filter(|end| **end < number).max();
            *end.expect("numbers of one lane never fall") = number;
        }
        store.close().await;
    }
}

async fn a_changed_migration_stops_the_start(fresh: Fresh) {
    fresh.open().await.close().await;
    fresh.sql("UPDATE migration SET checksum = 'of something else'").await;
    let refused = Store::open(&fresh.options, "test".to_owned()).await.err();
    assert!(matches!(refused, Some(StoreError::Migration { number: 1 })), "{refused:?}");
    let refused = chorsu_store::verify::verify(&fresh.options, &mut |_| {}).await.err();
    assert!(matches!(refused, Some(StoreError::Migration { number: 1 })), "{refused:?}");
}

async fn ledger_rows_are_final(fresh: Fresh) {
    let store = fresh.open().await;
    let card = Shop(&store).card(true).await;
    Shop(&store).paid(&card, false).await;
    for sql in ["UPDATE entry SET at = 1", "DELETE FROM entry", "DELETE FROM entry WHERE seq = 1"] {
        let refused = fresh.try_sql(sql).await.unwrap_err();
        assert!(refused.contains("ledger entries are never"), "{sql}: {refused}");
    }
    if fresh.is_postgres() {
        assert!(fresh.try_sql("TRUNCATE entry").await.is_err());
    }
    fresh.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_per_folder() {
    let fresh = Fresh::sqlite();
    let store = fresh.open().await;
    let refused = Store::open(&fresh.options, "second".to_owned()).await.err();
    assert!(matches!(refused, Some(StoreError::InUse(_))), "{refused:?}");
    store.close().await;
    fresh.open().await.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_may_start_at_once_on_one_server() {
    let fresh = Fresh::postgres().await;
    let stores = tokio::join!(fresh.open(), fresh.open(), fresh.open());
    assert_eq!(fresh.number("SELECT count(*) FROM migration").await, 5);
    assert_eq!(fresh.number("SELECT count(DISTINCT writer) FROM lane").await, 3);
    drop(stores);
}

#[tokio::test(flavor = "multi_thread")]
async fn unreachable_and_encrypted_servers_are_errors() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let open = async |url: String| {
        let options = OpenOptions::Postgres { url };
        Store::open(&options, "test".to_owned()).await.err().unwrap()
    };
    let refused = open(format!("postgres://u:secret@127.0.0.1:{port}/d")).await;
    assert!(matches!(refused, StoreError::Postgres(_)), "{refused:?}");
    assert!(!format!("{refused:?}").contains("secret"));
    let refused = open("postgres://u@db.example/d?sslmode=require".to_owned()).await;
    assert!(refused.to_string().contains("TLS"), "{refused}");
}
