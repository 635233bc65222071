//! Cards: the published test cards, codes by SMS, tokens, and calls from a browser.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::pans;
use crate::sandbox::Totals;
use crate::shop::{EXPIRY, KASSA, Shop, TEST_CARD, TEST_CODE, state_in};
use crate::wire;
use crate::world::World;

fn new_card(pan: &str) -> Value {
    json!({ "card": { "number": pan, "expire": EXPIRY }, "save": true })
}

fn of(token: &str) -> Value {
    json!({ "token": token })
}

fn try_code(token: &str, code: &str) -> Value {
    json!({ "token": token, "code": code })
}

/// A published card that pays, with the published code.
async fn pays(world: &World, pan: &str) {
    let token = world.shop.token(pan, true).await;
    world.shop.ok("cards.get_verify_code", of(&token)).await;
    world.shop.ok("cards.verify", try_code(&token, TEST_CODE)).await;
    world.shop.paid(1_000, &token).await;
}

/// A published card that is verified and then refused when it pays; the receipt stays payable.
async fn fails_to_pay(world: &World, pan: &str, codes: &[i64]) -> Duration {
    let token = world.shop.card(pan, true).await;
    let receipt = world.shop.receipt(1_000).await;
    let begin = Instant::now();
    let refusal = world.shop.pay(&receipt, &token).await.unwrap_err();
    let took = begin.elapsed();
    assert!(codes.contains(&refusal.code), "{pan}: {refusal:?}");
    assert_eq!(world.shop.state(&receipt).await, 0, "{pan}");
    let good = world.shop.card(TEST_CARD, true).await;
    assert_eq!(state_in(&world.shop.pay(&receipt, &good).await.unwrap()), 4, "{pan}");
    took
}

#[tokio::test]
async fn published_cards_behave_as_published() {
    let world = World::sqlite().await;
    let shop = &world.shop;
    for pan in ["8600495473316478", TEST_CARD, "9860010101010101"] {
        pays(&world, pan).await;
    }
    let token = shop.token("8600060921090842", true).await;
    let refused = shop.code("cards.get_verify_code", of(&token)).await;
    assert_eq!(refused, (-31301, json!("sms_off")));
    for (pan, reason) in [("3333336415804657", "expired"), ("4444445987459073", "blocked")] {
        let refused = shop.code("cards.create", new_card(pan)).await;
        assert_eq!(refused, (-31301, json!(reason)), "{pan}");
    }
    fails_to_pay(&world, "8600143417770323", &[-32400, -31640]).await;
    assert_eq!(world.sandbox.totals("uzcard").await.debits, 3);
    assert_eq!(world.sandbox.totals("humo").await.debits, 1);
    world.finish().await;
}

#[tokio::test]
async fn the_slow_card_fails_after_ten_seconds() {
    let world = World::sqlite().await;
    let took = fails_to_pay(&world, "8600134301849596", &[-31002]).await;
    assert!((9..=14).contains(&took.as_secs()), "{took:?}");
    world.finish().await;
}

#[tokio::test]
async fn numbers_that_cannot_be_cards_are_refused() {
    let world = World::sqlite().await;
    let good = pans::fresh("8600");
    let last = good.chars().last().unwrap();
    let wrong_digit = format!("{}{}", &good[..15], if last == '0' { '1' } else { '0' });
    for pan in [wrong_digit.as_str(), "1234567812345670"] {
        assert_eq!(world.shop.code("cards.create", new_card(pan)).await.0, -31300, "{pan}");
    }
    let past = json!({ "card": { "number": good, "expire": "0120" } });
    assert_eq!(world.shop.code("cards.create", past).await, (-31301, json!("expired")));
    world.shop.token(&good, true).await;
    let other = json!({ "card": { "number": good, "expire": "0499" } });
    assert_eq!(world.shop.code("cards.create", other).await, (-31300, json!("wrong_expiry")));
}

#[tokio::test]
async fn an_ordinary_card_gets_its_code_by_sms() {
    let world = World::sqlite().await;
    let shop = &world.shop;
    for prefix in ["8600", "5614", "9860"] {
        let pan = pans::fresh(prefix);
        let token = shop.token(&pan, true).await;
        let receipt = shop.receipt(1_000).await;
        assert_eq!(shop.pay(&receipt, &token).await.unwrap_err().code, -31400, "not verified");
        assert_eq!(shop.code("cards.verify", try_code(&token, "123456")).await.0, -31101);

        let sent = shop.ok("cards.get_verify_code", of(&token)).await;
        let code = world.sandbox.code_sent_to(&pan).await;
        let phone = world.sandbox.card(&pan).await.phone;
        assert_eq!(sent["phone"], format!("{}*****{}", &phone[..5], &phone[10..]));
        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert_eq!(shop.code("cards.verify", try_code(&token, wrong)).await.0, -31103);
        // Some clients send the code as a number, which has no zeros in front.
        let number: u32 = code.parse().unwrap();
        let verify = json!({ "token": token, "code": number });
        assert_eq!(shop.ok("cards.verify", verify).await["card"]["verify"], true);
        assert_eq!(shop.code("cards.verify", try_code(&token, &code)).await.0, -31101, "used up");
        assert_eq!(state_in(&shop.pay(&receipt, &token).await.unwrap()), 4);
    }
}

#[tokio::test]
async fn codes_are_bounded_in_time_tries_and_number() {
    let world = World::sqlite().await;
    let shop = &world.shop;
    let token = shop.token(TEST_CARD, true).await;
    shop.ok("cards.get_verify_code", of(&token)).await;
    for _ in 0..3 {
        assert_eq!(shop.code("cards.verify", try_code(&token, "000000")).await.0, -31103);
    }
    // Now the right one does not help either, until a new one is sent.
    assert_eq!(shop.code("cards.verify", try_code(&token, TEST_CODE)).await.0, -31102);
    shop.ok("cards.get_verify_code", of(&token)).await;
    world.sandbox.advance(61_000).await;
    assert_eq!(shop.code("cards.verify", try_code(&token, TEST_CODE)).await.0, -31101);
    for _ in 2..5 {
        shop.ok("cards.get_verify_code", of(&token)).await;
    }
    let refused = shop.code("cards.get_verify_code", of(&token)).await;
    assert_eq!(refused, (-31110, json!("too_many_codes")));
    // The last code still works, and the window ends.
    shop.ok("cards.verify", try_code(&token, TEST_CODE)).await;
    world.sandbox.advance(600_000).await;
    shop.ok("cards.get_verify_code", of(&token)).await;
}

#[tokio::test]
async fn a_one_time_token_dies_with_its_payment() {
    let world = World::sqlite().await;
    let shop = &world.shop;
    let pan = pans::fresh("8600");
    let token = shop.card(&pan, false).await;
    let checked = shop.ok("cards.check", of(&token)).await;
    assert_eq!(checked["card"]["recurrent"], false);
    // A refused payment does not use it up.
    world.sandbox.change_card(&pan, json!({ "balance": 100 })).await;
    let receipt = shop.receipt(1_000).await;
    let refusal = shop.pay(&receipt, &token).await.unwrap_err();
    assert_eq!((refusal.code, refusal.data), (-31630, json!("insufficient_funds")));
    world.sandbox.change_card(&pan, json!({ "balance": 5_000 })).await;
    assert_eq!(state_in(&shop.pay(&receipt, &token).await.unwrap()), 4);
    let next = shop.receipt(1_000).await;
    assert_eq!(shop.pay(&next, &token).await.unwrap_err().code, -31400);
    assert_eq!(shop.code("cards.check", of(&token)).await, (-31400, json!("deleted")));
    assert_eq!(world.sandbox.card(&pan).await.balance, 4_000);

    let saved = shop.card(&pan, true).await;
    shop.paid(1_000, &saved).await;
    shop.paid(1_000, &saved).await;
    assert_eq!(world.sandbox.card(&pan).await.balance, 2_000);
    world.finish().await;
}

#[tokio::test]
async fn what_a_card_cannot_pay_is_refused_with_a_reason() {
    let world = World::sqlite().await;
    let shop = &world.shop;
    let cases = [
        (json!({ "balance": 999 }), "insufficient_funds"),
        (json!({ "balance": 100_000, "daily_limit": 999 }), "limit_exceeded"),
        (json!({ "daily_limit": 100_000, "blocked": true }), "blocked"),
    ];
    let pan = pans::fresh("8600");
    let token = shop.card(&pan, true).await;
    let receipt = shop.receipt(1_000).await;
    for (change, reason) in cases {
        world.sandbox.change_card(&pan, change).await;
        let refusal = shop.pay(&receipt, &token).await.unwrap_err();
        assert_eq!((refusal.code, refusal.data), (-31630, json!(reason)));
        assert_eq!(shop.state(&receipt).await, 0);
    }
    assert_eq!(world.sandbox.totals("uzcard").await, Totals::default());
    world.finish().await;
}

#[tokio::test]
async fn a_removed_card_is_gone_and_only_its_own_kassa_has_it() {
    let world = World::sqlite().await;
    let (shop, browser) = (&world.shop, world.shop.with_auth(KASSA));
    let (by_id, by_key) = (shop.card(TEST_CARD, true).await, shop.card(TEST_CARD, true).await);
    let receipt = shop.other_kassa().receipt(1_000).await;
    for token in [&by_id, &by_key] {
        let stranger = shop.other_kassa();
        for method in ["cards.check", "cards.get_verify_code", "cards.remove"] {
            assert_eq!(stranger.code(method, of(token)).await.0, -31400, "{method}");
        }
        let pay = stranger.pay(&receipt, token).await.unwrap_err();
        assert_eq!(pay.code, -31400, "another kassa's card");
    }
    // Both methods are called with and without the key.
    for (caller, token) in [(&browser, &by_id), (shop, &by_key)] {
        let checked = caller.ok("cards.check", of(token)).await;
        assert_eq!(checked["card"]["token"], *token);
        assert_eq!(caller.ok("cards.remove", of(token)).await, json!({ "success": true }));
        assert_eq!(caller.code("cards.remove", of(token)).await.0, -31400, "twice");
        assert_eq!(caller.code("cards.check", of(token)).await, (-31400, json!("deleted")));
    }
    let receipt = shop.receipt(1_000).await;
    assert_eq!(shop.pay(&receipt, &by_id).await.unwrap_err().code, -31400);
    world.finish().await;
}

/// The headers a browser asks for before it calls, and those of an answer it may read.
async fn check_browser(shop: &Shop) {
    let asked = shop
        .http()
        .request(reqwest::Method::OPTIONS, shop.url())
        .header("Origin", "https://shop.example")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "x-auth,content-type");
    let allowed = wire::send(asked).await.unwrap();
    assert_eq!((allowed.status, allowed.text.as_str()), (204, ""));
    assert_eq!(allowed.header("access-control-allow-origin"), Some("*"));
    let methods = allowed.header("access-control-allow-methods").unwrap().to_owned();
    assert!(methods.contains("POST"), "{methods}");
    let headers = allowed.header("access-control-allow-headers").unwrap().to_lowercase();
    for header in ["x-auth", "content-type"] {
        assert!(headers.contains(header), "{headers}");
    }
    let body = json!({ "id": 1, "method": "cards.create", "params": new_card(TEST_CARD) });
    for (auth, answered) in [(KASSA, true), ("", false)] {
        let headers = [("X-Auth", auth), ("Origin", "https://shop.example")];
        let raw = wire::post(shop.http(), shop.url(), &headers, body.to_string()).await;
        assert_eq!(raw.answer().is_ok(), answered);
        // An error that a page cannot read would help nobody.
        assert_eq!(raw.header("access-control-allow-origin"), Some("*"));
    }
}

#[tokio::test]
async fn browsers_may_call() {
    let world = World::sqlite().await;
    check_browser(&world.shop).await;
}
