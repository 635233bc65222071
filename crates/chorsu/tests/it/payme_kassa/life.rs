//! Cards, payments, holds and refunds from the first call to the last.

use serde_json::{Value, json};

use super::front::Fault;
use super::stand::Stand;
use crate::pans;
use crate::place::Place;
use crate::sandbox::{DAY_MS, Sandbox};
use crate::shop::{EXPIRY, OTHER_KASSA, OTHER_KEY, id_of, new_receipt, state_in};

const AMOUNT: i64 = 50_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_life_of_a_card() {
    let stand = Stand::start().await;
    let (shop, at_payme) = (stand.shop(), stand.payme.shop());
    let pan = pans::fresh("8600");
    let new = json!({ "card": { "number": pan, "expire": EXPIRY }, "save": true });
    let made = shop.ok("cards.create", new).await;
    let token = made["card"]["token"].as_str().unwrap().to_owned();
    let of_token = json!({ "token": token });
    // The token is Payme's own: both know it, and say the same of it.
    assert_eq!(made, at_payme.ok("cards.check", of_token.clone()).await);
    let sent = shop.ok("cards.get_verify_code", of_token.clone()).await;
    assert_eq!((&sent["sent"], &sent["wait"]), (&json!(true), &json!(60_000)), "{sent}");
    let code = stand.payme.sandbox().code_sent_to(&pan).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let verify = |code: &str| json!({ "token": token, "code": code });
    let told = shop.code("cards.verify", verify(wrong)).await;
    assert_eq!(told, (-31103, json!("code_wrong")));
    for language in ["uz", "ru", "en"] {
        let shop = shop.with_header("Accept-Language", language);
        let at_payme = at_payme.with_header("Accept-Language", language);
        let unknown = json!({ "token": "of no form" });
        let theirs = at_payme.refusal("cards.check", unknown.clone()).await;
        assert_eq!(shop.refusal("cards.check", unknown).await, theirs);
        let seen = stand.payme.front.seen("cards.check").pop().unwrap();
        assert_eq!(seen.language.as_deref(), Some(language));
    }
    let verified = shop.ok("cards.verify", verify(&code)).await;
    assert_eq!(verified["card"]["verify"], true);
    assert_eq!(shop.ok("cards.check", of_token.clone()).await, verified);
    assert_eq!(shop.ok("cards.remove", of_token.clone()).await, json!({ "success": true }));
    assert_eq!(shop.code("cards.check", of_token).await, (-31400, json!("deleted")));
    // As the documents show it: the key only where it is needed.
    for (method, auth) in [
        ("cards.create", OTHER_KASSA.to_owned()),
        ("cards.check", OTHER_KASSA.to_owned()),
        ("cards.remove", format!("{OTHER_KASSA}:{OTHER_KEY}")),
    ] {
        assert_eq!(stand.payme.front.seen(method)[0].auth, auth, "{method}");
    }
    stand.finish().await;
}

async fn pays_and_gives_back(place: Place) {
    let stand = Stand::on(place).await;
    let (shop, (pan, token)) = (stand.shop(), stand.card().await);
    let receipt = shop.receipt(AMOUNT).await;
    assert_eq!(stand.states(&receipt).await, (0, 0));
    let payer = json!({ "phone": "998901304527" });
    let pay = json!({ "id": receipt, "token": token, "payer": payer });
    let paid = shop.ok("receipts.pay", pay.clone()).await["receipt"].clone();
    assert_eq!((&paid["state"], &paid["payer"]), (&json!(4), &payer), "{paid}");
    let masked = format!("{}******{}", &pan[..6], &pan[12..]);
    assert_eq!(paid["card"], json!({ "number": masked, "expire": "9903" }));
    assert_eq!(stand.states(&receipt).await, (4, 4));
    assert_eq!(stand.money().await, (AMOUNT, AMOUNT));
    let theirs = stand.payme.shop().ok("receipts.get", json!({ "id": receipt })).await;
    assert_eq!(theirs["receipt"]["payer"], payer);
    assert_eq!(shop.code("receipts.pay", pay).await, (-31602, json!("state:4")));
    assert_eq!(shop.ok("receipts.check", json!({ "id": receipt })).await, json!({ "state": 4 }));
    let page = json!({ "count": 50, "from": 0, "to": i64::MAX / 2 });
    let page = shop.ok("receipts.get_all", page).await;
    assert_eq!(page[0]["_id"], json!(receipt));

    let cancelled = shop.cancel(&receipt).await.unwrap();
    assert_eq!(state_in(&cancelled), 21);
    shop.wait_for_state(&receipt, &[50]).await;
    assert_eq!(stand.money().await, (0, 0));
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pays_and_gives_back_on_sqlite() {
    pays_and_gives_back(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pays_and_gives_back_on_postgres() {
    pays_and_gives_back(Place::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_payme_s_own() {
    let stand = Stand::start().await;
    let (shop, (pan, token)) = (stand.shop(), stand.card().await);
    let sandbox = stand.payme.sandbox();
    sandbox.change_card(&pan, json!({ "balance": 10 })).await;
    let receipt = shop.receipt(AMOUNT).await;
    let told = shop.pay(&receipt, &token).await.unwrap_err();
    assert_eq!((told.code, told.data), (-31630, json!("insufficient_funds")));
    let unverified = shop.token(&pans::fresh("8600"), false).await;
    let told = shop.pay(&receipt, &unverified).await.unwrap_err();
    assert_eq!((told.code, told.data), (-31400, json!("not_verified")));
    assert_eq!(shop.pay(&receipt, "x").await.unwrap_err().code, -32500);
    assert_eq!(stand.states(&receipt).await, (0, 0));
    // Ours are said before Payme hears of it.
    let before = stand.payme.front.seen("receipts.create").len();
    let wrong = json!({ "amount": AMOUNT, "account": { "order_id": null } });
    assert_eq!(shop.code("receipts.create", wrong).await, (-31610, json!("order_id")));
    assert_eq!(stand.payme.front.seen("receipts.create").len(), before);
    // An error is passed on with whatever its data is.
    stand.payme.front.spoil("receipts.create", Fault::Refusal(-31_050), 1);
    let raw = wire_error(&stand, "receipts.create", new_receipt(AMOUNT, false)).await;
    assert_eq!((&raw["code"], &raw["data"]), (&json!(-31_050), &json!({ "why": [1] })));
    assert_eq!(raw["message"], "Нет.");
    // The receipt can still be paid.
    sandbox.change_card(&pan, json!({ "balance": 1_000_000 })).await;
    assert_eq!(state_in(&shop.pay(&receipt, &token).await.unwrap()), 4);
    stand.finish().await;
}

/// The error of a call as it came, whose data may be anything.
async fn wire_error(stand: &Stand, method: &str, params: Value) -> Value {
    let body = json!({ "id": 7, "method": method, "params": params });
    let auth = format!("{}:{}", crate::shop::KASSA, crate::shop::KEY);
    let shop = stand.shop();
    let request = shop.http().post(shop.url()).header("X-Auth", auth).json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    answer["error"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_are_confirmed_and_released() {
    let stand = Stand::start().await;
    let (shop, (pan, token)) = (stand.shop(), stand.card().await);
    let confirmed = shop.held(AMOUNT, &token).await;
    assert_eq!(stand.states(&confirmed).await, (5, 5));
    assert_eq!(stand.chorsu.balance("held:wallet:payme").await, AMOUNT);
    let part = json!({ "id": confirmed, "amount": 1 });
    assert_eq!(shop.code("receipts.confirm_hold", part).await, (-31901, json!("amount")));
    assert_eq!(state_in(&shop.confirm(&confirmed).await.unwrap()), 4);
    assert_eq!(state_in(&shop.confirm(&confirmed).await.unwrap()), 4);
    assert_eq!(stand.money().await, (AMOUNT, AMOUNT));

    let released = shop.held(AMOUNT, &token).await;
    assert_eq!(state_in(&shop.cancel(&released).await.unwrap()), 21);
    shop.wait_for_state(&released, &[50]).await;
    assert_eq!(stand.states(&released).await, (50, 50));
    assert_eq!(stand.chorsu.balance("held:wallet:payme").await, 0);
    assert_eq!(stand.payme.sandbox().card(&pan).await.held, 0);

    // Payme may refuse to give money back; then all is as it was.
    stand.payme.front.spoil("receipts.cancel", Fault::Refusal(-31_007), 1);
    assert_eq!(
        wire_error(&stand, "receipts.cancel", json!({ "id": confirmed })).await["code"],
        -31_007
    );
    assert_eq!(stand.states(&confirmed).await, (4, 4));
    assert_eq!(state_in(&shop.cancel(&confirmed).await.unwrap()), 21);
    shop.wait_for_state(&confirmed, &[50]).await;
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_that_payme_has_ended_ends_here() {
    let stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let [released, confirmed, stands] = [
        shop.held(AMOUNT, &token).await,
        shop.held(AMOUNT, &token).await,
        shop.held(AMOUNT, &token).await,
    ];
    // In the cabinet at Payme.
    let cabinet = stand.payme.shop();
    cabinet.cancel(&released).await.unwrap();
    cabinet.wait_for_state(&released, &[50]).await;
    cabinet.confirm(&confirmed).await.unwrap();
    Sandbox::of(&shop).advance(31 * DAY_MS).await;
    shop.wait_for_state(&released, &[50]).await;
    shop.wait_for_state(&confirmed, &[4]).await;
    assert_eq!(shop.state(&stands).await, 5);
    assert_eq!(stand.chorsu.balance("held:wallet:payme").await, AMOUNT);
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unpaid_receipt_is_closed_at_both() {
    let stand = Stand::start().await;
    let shop = stand.shop();
    let receipt = shop.receipt(AMOUNT).await;
    let cancels = (0..16).map(|_| {
        let (shop, receipt) = (shop.clone(), receipt.clone());
        tokio::spawn(async move { shop.cancel(&receipt).await })
    });
    for cancel in cancels.collect::<Vec<_>>() {
        assert_eq!(state_in(&cancel.await.unwrap().unwrap()), 50);
    }
    assert_eq!(stand.states(&receipt).await, (50, 50));
    assert_eq!(stand.payme.front.seen("receipts.cancel").len(), 1);
    let (_, token) = stand.card().await;
    assert_eq!(shop.pay(&receipt, &token).await.unwrap_err().code, -31602);
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_payments_of_one_receipt_are_one() {
    let stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let receipt = shop.receipt(AMOUNT).await;
    let pays = (0..64).map(|_| {
        let (shop, receipt, token) = (shop.clone(), receipt.clone(), token.clone());
        tokio::spawn(async move { shop.pay(&receipt, &token).await })
    });
    let mut paid = 0;
    for pay in pays.collect::<Vec<_>>() {
        match pay.await.unwrap() {
            Ok(result) => {
                assert_eq!(state_in(&result), 4);
                paid += 1;
            }
            Err(refusal) => assert_eq!(refusal.code, -31602),
        }
    }
    assert_eq!((paid, stand.payme.front.seen("receipts.pay").len()), (1, 1));
    assert_eq!(stand.payme.taken().await, (AMOUNT, 1));
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_make_repeats_harmless() {
    let stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let keyed = shop.with_header("Idempotency-Key", "create-1");
    let first = id_of(&keyed.ok("receipts.create", new_receipt(AMOUNT, false)).await);
    let again = id_of(&keyed.ok("receipts.create", new_receipt(AMOUNT, false)).await);
    assert_eq!((&first, stand.payme.front.seen("receipts.create").len()), (&again, 1));
    let other = keyed.code("receipts.create", new_receipt(AMOUNT + 1, false)).await;
    assert_eq!(other, (-32602, json!("idempotency_key")));
    let keyed = shop.with_header("Idempotency-Key", "pay-1");
    for _ in 0..2 {
        assert_eq!(state_in(&keyed.pay(&first, &token).await.unwrap()), 4);
    }
    assert_eq!(stand.payme.taken().await, (AMOUNT, 1));
    stand.finish().await;
}
