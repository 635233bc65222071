//! `chorsu verify`: exit status 0 on books that are in order, and a sentence on those that are not.

use crate::place::Place;
use crate::server::{assert_verified, verify};
use crate::shop::TEST_CARD;
use crate::world::World;

/// A store with payments of every kind, left in good order.
async fn filled(place: Place) -> Place {
    let world = World::at(place).await;
    let shop = &world.shop;
    let token = shop.card(TEST_CARD, true).await;
    shop.receipt(500).await;
    shop.paid(1_000, &token).await;
    shop.held(2_000, &token).await;
    let confirmed = shop.held(3_000, &token).await;
    shop.confirm(&confirmed).await.unwrap();
    let refunded = shop.paid(4_000, &token).await;
    shop.cancel(&refunded).await.unwrap();
    shop.wait_for_state(&refunded, &[50]).await;
    // Beside a working process, too.
    assert_verified(&world.place);
    let World { server, place, .. } = world;
    server.stop().await;
    place
}

/// Runs statements on the store as somebody who has the database would.
async fn tamper(place: &Place, sql: &str) {
    match place.database() {
        Some(database) => database.sql(sql).await,
        None => {
            let file = place.data().join("chorsu.db");
            rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap();
        }
    }
}

/// What was done to the books, and a part of the sentence about it.
const CRIMES: [(&str, &str, &str); 3] = [
    (
        "UPDATE balance SET amount = amount + 1 WHERE account = 'network:uzcard'",
        "UPDATE balance SET amount = amount - 1 WHERE account = 'network:uzcard'",
        "network:uzcard",
    ),
    (
        "UPDATE receipt SET amount = amount + 1 WHERE state = 4 AND amount = 1000",
        "UPDATE receipt SET amount = amount - 1 WHERE state = 4 AND amount = 1001",
        "1001",
    ),
    (
        "UPDATE receipt SET state = 4, paid_at = 1 WHERE state = 0",
        "UPDATE receipt SET state = 0, paid_at = NULL WHERE paid_at = 1",
        "receipt",
    ),
];

async fn tampering_is_told(place: Place) {
    let place = filled(place).await;
    assert_verified(&place);
    for (crime, repair, sentence) in CRIMES {
        tamper(&place, crime).await;
        let output = verify(&place);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(output.status.code().is_some_and(|code| code != 0), "{crime}: {said}");
        let told = said.lines().any(|line| line.contains(sentence) && line.contains(' '));
        assert!(told, "{crime}: {said}");
        assert!(!said.contains("panicked"), "{said}");
        tamper(&place, repair).await;
        assert_verified(&place);
    }
}

#[tokio::test]
async fn on_sqlite() {
    tampering_is_told(Place::sqlite()).await;
}

#[tokio::test]
async fn on_postgres() {
    tampering_is_told(Place::postgres().await).await;
}

#[tokio::test]
async fn a_place_without_a_store_is_an_error() {
    let place = Place::sqlite();
    let output = verify(&place);
    assert!(!output.status.success());
    assert!(!output.stderr.is_empty());
    assert!(!place.data().exists(), "looking must not make anything");
}
