//! No whole card number is anywhere but sealed in the vault: not in the database files, the
//! write-ahead log, the logs at their most talkative, or the metrics.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::pans;
use crate::place::Place;
use crate::sandbox::Sandbox;
use crate::server::Server;
use crate::shop::{EXPIRY, Shop};
use crate::wire;

/// The ways in which a number could be written, each as bytes to look for.
fn forms(pan: &str) -> Vec<(&'static str, Vec<u8>)> {
    let digit = |place: usize| pan.as_bytes()[place] - b'0';
    let packed: Vec<u8> = (0..8).map(|pair| digit(2 * pair) << 4 | digit(2 * pair + 1)).collect();
    let grouped = |by: &str| [&pan[..4], &pan[4..8], &pan[8..12], &pan[12..]].join(by).into_bytes();
    let hexadecimal: String = pan.bytes().map(|byte| format!("{byte:02x}")).collect();
    let debug = format!("{:?}", pan.as_bytes());
    let wide: Vec<u8> = pan.bytes().flat_map(|byte| [byte, 0]).collect();
    vec![
        ("plain", pan.as_bytes().to_vec()),
        ("with spaces", grouped(" ")),
        ("with dashes", grouped("-")),
        ("packed digits", packed),
        ("a number", pan.parse::<u64>().unwrap().to_be_bytes()[1..].to_vec()),
        ("hexadecimal", hexadecimal.into_bytes()),
        ("a list of bytes", debug.trim_matches(['[', ']']).as_bytes().to_vec()),
        ("two bytes a digit", wide),
    ]
}

/// Looks for a number in bytes; `where_from` names them.
fn assert_absent(pan: &str, haystack: &[u8], where_from: &str) {
    for (form, needle) in forms(pan) {
        let place = haystack.windows(needle.len()).position(|window| window == needle);
        if let Some(place) = place {
            let around = &haystack[place.saturating_sub(200)..(place + 60).min(haystack.len())];
            let around = String::from_utf8_lossy(around);
            panic!("a card number as {form} in {where_from} at {place}: {around}");
        }
    }
}

/// Every file under a folder, by name; none when there is no folder, as with PostgreSQL.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

/// Uses cards in every way in which their numbers travel.
async fn use_cards(shop: &Shop, sandbox: &Sandbox, uzcard: &str, humo: &str, broken: &str) {
    for pan in [uzcard, humo] {
        let token = shop.card(pan, true).await;
        shop.paid(1_000, &token).await;
        let held = shop.held(1_000, &token).await;
        shop.confirm(&held).await.unwrap();
        let refunded = shop.paid(1_000, &token).await;
        shop.cancel(&refunded).await.unwrap();
        shop.wait_for_state(&refunded, &[50]).await;
        sandbox.change_card(pan, json!({ "balance": 1 })).await;
        let receipt = shop.receipt(1_000).await;
        shop.pay(&receipt, &token).await.unwrap_err();
        let one_time = shop.card(pan, false).await;
        shop.ok("cards.remove", json!({ "token": one_time })).await;
    }
    // Requests that fail at each stage, and an answer that is lost.
    let faults = ["garbage_answer", "drop_after_effect", "undocumented_code"];
    for fault in faults {
        let rule = json!({ "fault": fault, "calls": "all", "times": 1 });
        sandbox.add_fault("uzcard", rule).await;
        let card = json!({ "card": { "number": uzcard, "expire": EXPIRY } });
        let _ = shop.call("cards.create", card).await;
        sandbox.clear_faults("uzcard").await;
    }
    for card in [
        json!({ "number": broken, "expire": EXPIRY }),
        json!({ "number": uzcard, "expire": "0120" }),
        json!({ "number": uzcard, "expire": "99" }),
        json!({ "number": format!("{uzcard}0"), "expire": EXPIRY }),
        json!({ "number": [uzcard], "expire": EXPIRY }),
    ] {
        shop.refusal("cards.create", json!({ "card": card, "save": true })).await;
    }
    // In places where no number belongs, but which a log or an error might repeat.
    shop.refusal(uzcard, json!({})).await;
    shop.refusal("cards.check", json!({ "token": uzcard })).await;
    shop.refusal("receipts.get", json!({ "id": uzcard })).await;
    for path in ["/nowhere/", "/sandbox/cards/"] {
        let url = shop.url().replace("/api", &format!("{path}{uzcard}"));
        wire::send(shop.http().get(url)).await.unwrap();
    }
}

/// Uses cards on a server that logs everything, and looks for their numbers everywhere.
async fn search(place: Place) {
    let pans = [pans::fresh("8600"), pans::fresh("9860"), pans::fresh("8600")];
    let [uzcard, humo, broken] = &pans;
    let broken = broken.replace('8', "7");
    let server = Server::start_with(&place, &[("CHORSU_LOG", "trace")]).await;
    let (shop, sandbox) = (Shop::at(&server), Sandbox::at(&server));
    use_cards(&shop, &sandbox, uzcard, humo, &broken).await;
    let metrics = shop.url().replace("/api", "/metrics");
    let metrics = wire::send(shop.http().get(metrics)).await.unwrap();
    assert!(metrics.text.contains("chorsu_"), "{}", metrics.text);
    // Once while it runs, with a log that is not yet copied back, and once after it has stopped.
    let running = files(&place.data());
    assert!(place.database().is_some() || running.iter().any(|(name, _)| name.ends_with("-wal")));
    server.stop().await;
    let mut all = running;
    all.extend(files(&place.data()));
    all.push(("the metrics".to_owned(), metrics.text.into_bytes()));
    let log = fs::read(place.log()).unwrap();
    assert!(log.windows(5).any(|window| window == b"TRACE"), "the log was not talkative");
    all.push(("the log".to_owned(), log));
    if let Some(database) = place.database() {
        let dump = database.dump().await;
        assert!(dump.contains("******"), "the dump has masked numbers");
        all.push(("the database".to_owned(), dump.into_bytes()));
    }
    for (name, bytes) in &all {
        for pan in [uzcard, humo, &broken] {
            assert_absent(pan, bytes, name);
        }
    }
}

#[tokio::test]
async fn no_card_number_on_sqlite() {
    search(Place::sqlite()).await;
}

#[tokio::test]
async fn no_card_number_on_postgres() {
    search(Place::postgres().await).await;
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let pan = pans::fresh("8600");
    for (form, needle) in forms(&pan) {
        let haystack = [&b"before"[..], &needle, b"after"].concat();
        let found = std::panic::catch_unwind(|| assert_absent(&pan, &haystack, "a test"));
        assert!(found.is_err(), "{form}");
    }
}
