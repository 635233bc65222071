//! Customers by the endings of their codes, many tills at once, and books that outlive a process.

use chorsu_core::Wallet;
use std::sync::Arc;
use std::time::Instant;

use chorsu_sandbox::{Conduct, Sandbox};
use serde_json::json;
use tokio::task::JoinSet;

use crate::stage::{Stage, code, good};

#[tokio::test]
async fn refusals_take_no_money() {
    let stage = Stage::new().await;
    let cases = [
        (Conduct::NoFunds, -9001, -31_630, "operation.failed"),
        (Conduct::Expired, -301, -31_101, "apelsin.pay.user.otp.data.expired"),
        (Conduct::Blocked, -19, -31_630, "operation.forbidden"),
    ];
    for (byte, (conduct, click, payme, uzum)) in (1..).zip(cases) {
        let id = format!("order-{byte}");
        let show = |wallet| code(wallet, conduct, byte);
        let told = stage.click_pay(&id, &show(Wallet::Click), json!(5)).await.unwrap();
        assert_eq!(told["error_code"], click, "{conduct:?}");
        let receipt = stage.receipt(&id, 500).await;
        let told = stage.payme_pay(&receipt, &show(Wallet::Payme)).await.unwrap();
        assert_eq!(told.unwrap_err()["code"], payme, "{conduct:?}");
        let told = stage.uzum_pay(&id, &show(Wallet::Uzum), 500).await.unwrap();
        assert_eq!(
            (&told["payment_status"], &told["error_message"]),
            (&json!("FAILED"), &json!(uzum))
        );
    }
    for wallet in Wallet::ALL {
        assert_eq!(stage.totals(wallet).await.payments, 0);
        // Only what belongs to a customer leaves a trace.
        let trace = stage.transaction(wallet, "order-1").await.unwrap();
        assert_eq!((trace.charges, trace.payments.len()), (0, 1));
    }
    let others = [("click", "505"), ("", "880101698207133391x"), ("x", "")];
    for (id, code) in others {
        assert_eq!(stage.click_pay(id, code, json!(5)).await.unwrap()["error_code"], -301);
        let told = stage.uzum_pay("o", "880", 500).await.unwrap();
        assert_eq!(told["error_message"], "wrong.prefix.otp.data");
    }
}

#[tokio::test]
async fn progress_ends_well_or_badly() {
    let stage = Stage::new().await;
    for (conduct, click, payme, uzum, paid) in
        [(Conduct::SlowSuccess, 2, 4, "SUCCESS", 1), (Conduct::SlowRefusal, -9002, 50, "FAILED", 0)]
    {
        let id = format!("{conduct:?}");
        let show = |wallet| code(wallet, conduct, 1);
        let at_click = stage.click_pay(&id, &show(Wallet::Click), json!(5)).await.unwrap();
        assert_eq!((&at_click["error_code"], &at_click["payment_status"]), (&json!(0), &json!(1)));
        let receipt = stage.receipt(&id, 500).await;
        let at_payme = stage.payme_pay(&receipt, &show(Wallet::Payme)).await.unwrap().unwrap();
        assert_eq!(at_payme["receipt"]["state"], 2);
        let at_uzum = stage.uzum_pay(&id, &show(Wallet::Uzum), 500).await.unwrap();
        assert_eq!(at_uzum["payment_status"], "HOLD");
        stage.clock.advance(5_000);
        let path = format!("/payment/status/15207/{}", at_click["payment_id"]);
        let told = stage.click("GET", &path, json!(null)).await.unwrap();
        assert_eq!((&told["error_code"], &told["payment_status"]), (&json!(0), &json!(click)));
        let told = stage.payme("receipts.check", json!({ "id": receipt })).await.unwrap();
        assert_eq!(told.unwrap(), json!({ "state": payme }));
        let told = stage.uzum_status(&at_uzum["payment_id"]).await;
        assert_eq!((&told["payment_status"], &told["error_code"]), (&json!(uzum), &json!(0)));
        for wallet in Wallet::ALL {
            assert_eq!(stage.charges(wallet, &id).await, paid, "{wallet:?}");
        }
    }
}

#[tokio::test]
async fn lost_answers_and_slow_ones() {
    let stage = Stage::new().await;
    for (conduct, charged) in [(Conduct::LostAfter, 1), (Conduct::LostBefore, 0)] {
        let id = format!("{conduct:?}");
        let show = |wallet| code(wallet, conduct, 1);
        assert_eq!(stage.click_pay(&id, &show(Wallet::Click), json!(5)).await, None);
        assert_eq!(stage.uzum_pay(&id, &show(Wallet::Uzum), 500).await, None);
        let receipt = stage.receipt(&id, 500).await;
        assert!(stage.payme_pay(&receipt, &show(Wallet::Payme)).await.is_none());
        for wallet in Wallet::ALL {
            assert_eq!(stage.charges(wallet, &id).await, charged, "{wallet:?} {conduct:?}");
        }
        // The same once more: a payment that was there is not made again, one that was not is.
        let again = stage.uzum_pay(&id, &show(Wallet::Uzum), 500).await.unwrap();
        let want = if charged == 1 { "DUPLICATED" } else { "SUCCESS" };
        assert_eq!(again["payment_status"], want);
        let again = stage.click_pay(&id, &show(Wallet::Click), json!(5)).await.unwrap();
        assert_eq!(again["error_code"], if charged == 1 { -301 } else { 0 });
        assert_eq!(
            stage.payme_pay(&receipt, &show(Wallet::Payme)).await.unwrap().is_err(),
            charged == 1
        );
        for wallet in Wallet::ALL {
            assert_eq!(stage.charges(wallet, &id).await, 1, "{wallet:?} {conduct:?}");
        }
    }
    let start = Instant::now();
    let slow = code(Wallet::Click, Conduct::Slow, 1);
    assert_eq!(stage.click_pay("slow", &slow, json!(5)).await.unwrap()["payment_status"], 2);
    assert!(start.elapsed().as_millis() >= 3_000);
}

#[tokio::test]
async fn one_code_pays_once_however_many_show_it() {
    let stage = Arc::new(Stage::new().await);
    for wallet in Wallet::ALL {
        let mut tills = JoinSet::new();
        for till in 0..32 {
            let stage = Arc::clone(&stage);
            tills.spawn(async move {
                let (id, code) = (format!("till-{till}"), good(wallet, 5));
                match wallet {
                    Wallet::Click => {
                        stage.click_pay(&id, &code, json!(5)).await.unwrap()["error_code"] == 0
                    }
                    Wallet::Payme => {
                        let receipt = stage.receipt(&id, 500).await;
                        stage.payme_pay(&receipt, &code).await.unwrap().is_ok()
                    }
                    Wallet::Uzum => {
                        let told = stage.uzum_pay(&id, &code, 500).await.unwrap();
                        told["payment_status"] == "SUCCESS"
                    }
                }
            });
        }
        let paid = tills.join_all().await.into_iter().filter(|paid| *paid).count();
        let totals = stage.totals(wallet).await;
        assert_eq!((paid, totals.payments, totals.paid), (1, 1, 500), "{wallet:?}");
    }
}

#[tokio::test]
async fn one_order_is_charged_once_however_often_it_is_sent() {
    let stage = Arc::new(Stage::new().await);
    let mut repeats = JoinSet::new();
    for byte in 0..32 {
        let stage = Arc::clone(&stage);
        // Even with codes of different customers.
        let code = good(Wallet::Uzum, byte);
        repeats.spawn(async move { stage.uzum_pay("order", &code, 500).await.unwrap() });
    }
    let told = repeats.join_all().await;
    let first = told.iter().find(|told| told["payment_status"] == "SUCCESS").unwrap();
    assert!(told.iter().all(|told| told["payment_id"] == first["payment_id"]));
    assert_eq!(stage.totals(Wallet::Uzum).await.payments, 1);
    assert_eq!(stage.charges(Wallet::Uzum, "order").await, 1);
}

#[tokio::test]
async fn the_books_outlive_the_process() {
    let Stage { book, clock, sandbox } = Stage::new().await;
    let stage = Stage { book: book.clone(), clock: clock.clone(), sandbox };
    let codes: Vec<_> = Wallet::ALL.into_iter().map(|wallet| good(wallet, 3)).collect();
    stage.click_pay("t", &codes[0], json!(5)).await.unwrap();
    let receipt = stage.receipt("t", 500).await;
    stage.payme_pay(&receipt, &codes[1]).await.unwrap().unwrap();
    let paid = stage.uzum_pay("t", &codes[2], 500).await.unwrap();
    drop(stage);

    let sandbox = Sandbox::start(book.clone(), clock.reader()).await.unwrap();
    let stage = Stage { book, clock, sandbox };
    for wallet in Wallet::ALL {
        assert_eq!(stage.totals(wallet).await.paid, 500);
        assert_eq!(stage.charges(wallet, "t").await, 1);
        let newest = stage.world().payments(wallet, 10).await.unwrap();
        assert_eq!((newest.len(), newest[0].status), (1, "success"));
        assert_eq!(newest[0].transaction_id.as_deref(), Some("t"));
    }
    assert_eq!(stage.click_pay("u", &codes[0], json!(5)).await.unwrap()["error_code"], -301);
    assert_eq!(stage.payme_pay(&receipt, &codes[1]).await.unwrap().unwrap_err()["code"], -31_602);
    let again = stage.uzum_pay("t", &codes[2], 500).await.unwrap();
    assert_eq!(again["payment_id"], paid["payment_id"]);
    stage.click_pay("v", &good(Wallet::Click, 4), json!(7)).await.unwrap();
    let newest = stage.world().payments(Wallet::Click, 1).await.unwrap();
    assert_eq!((newest[0].transaction_id.as_deref(), newest[0].net), (Some("v"), 700));
}
