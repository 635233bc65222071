//! Faults of the calls beside payments and reversals: Payme's number before a payment, and the
//! delivery of fiscal receipts to all wallets.

use reqwest::Method;
use serde_json::{Value, json};

use super::cell::Fault;
use crate::place::Place;
use crate::till_stand::{Chorsu, Till, Told, WALLETS, contracts, till_settings};

/// The faults that hold nobody up for 15 seconds.
fn faults() -> impl Iterator<Item = Fault> {
    Fault::OF_WALLETS.into_iter().filter(|fault| *fault != Fault::Hang)
}

/// A receipt of the till's own fiscal module, one for each number.
fn receipt(number: usize) -> String {
    format!(
        "https://ofd.soliq.uz/check?t=UZ170703100597&r={number}&c=20230104121801&s=514343190161"
    )
}

/// Takes the receipt of a payment to its wallet.
async fn confirm(till: &Till, wallet: &str, payment: &Value, url: &str) -> Told {
    let body = json!({ "payment_id": payment["payment_id"], "qr_code": url });
    let path = format!("/payment/{wallet}_confirm");
    let raw = till.try_send(Method::POST, &path, body.to_string()).await;
    raw.map_or(Told::Nothing, |raw| Told::read(&raw))
}

/// A server, and one that plays its wallets and is never killed.
async fn stand() -> (Chorsu, Chorsu) {
    let wallets = Chorsu::start(Place::sqlite(), "").await;
    let settings = till_settings("patient", 20) + &contracts(&wallets.control()).await;
    (Chorsu::start(Place::sqlite(), &settings).await, wallets)
}

/// A receipt that Payme has made, or not, takes no money by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_is_not_given() {
    let (chorsu, wallets) = stand().await;
    let (till, control) = (chorsu.till().named("patient"), wallets.control());
    let mut paid = 0;
    for fault in faults() {
        if let Some(rule) = fault.rule("create") {
            control.add_fault("payme", rule).await;
        }
        let code = control.code("payme").await;
        match till.scan("payme", &code, 500).await {
            Told::Done(_) => {
                assert!(matches!(fault, Fault::None | Fault::Delay), "{fault:?}");
                paid += 1;
            }
            Told::No { code: 106, .. } => {
                assert_eq!(control.totals("payme").await["payments"], paid, "{fault:?}");
                // Nothing was taken, so the same code is as good as before.
                till.scan("payme", &code, 500).await.done();
                paid += 1;
            }
            told => panic!("{fault:?}: {told:?}"),
        }
        assert_eq!(control.faults_left("payme").await, 0, "{fault:?}");
    }
    let totals = control.totals("payme").await;
    assert_eq!((&totals["payments"], &totals["net"]), (&json!(paid), &json!(paid * 50_000)));
    assert_eq!(chorsu.balance("wallet:payme").await, paid * 50_000);
    chorsu.finish().await;
}

/// Whatever a wallet does wrong with a receipt, it ends there once, and the till is told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_that_does_not_arrive() {
    let (chorsu, wallets) = stand().await;
    let (till, control) = (chorsu.till().named("patient"), wallets.control());
    for wallet in WALLETS {
        for (number, fault) in faults().enumerate() {
            let code = control.code(wallet).await;
            let payment = till.scan(wallet, &code, 500).await.done();
            if let Some(rule) = fault.rule("fiscal") {
                control.add_fault(wallet, rule).await;
            }
            let url = receipt(number + 1);
            let told = confirm(&till, wallet, &payment, &url).await;
            match told {
                Told::Done(_) => {}
                // A refusal is told as one, and may be tried again.
                Told::No { code: 106, .. } if fault == Fault::Refuse => {}
                told => panic!("{wallet} {fault:?}: {told:?}"),
            }
            confirm(&till, wallet, &payment, &url).await.done();
            let delivered = control.totals(wallet).await["fiscal_delivered"].clone();
            assert_eq!(delivered, number + 1, "{wallet} {fault:?}");
            control.clear_faults(wallet).await;
        }
    }
    chorsu.finish().await;
}

/// Killed with the delivery durable and not begun, and with its answer not written down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_is_cut_off() {
    let (mut chorsu, wallets) = stand().await;
    let control = wallets.control();
    for (number, place) in ["till.delivery_durable", "till.delivery_answered"].iter().enumerate() {
        let mut payments = Vec::new();
        for wallet in WALLETS {
            let code = control.code(wallet).await;
            let paid = chorsu.till().named("patient").scan(wallet, &code, 500).await.done();
            payments.push((wallet, paid));
        }
        chorsu.control().hold(place).await;
        let url = receipt(number + 1);
        let till = chorsu.till().named("patient");
        let sent: Vec<_> = payments
            .iter()
            .map(|(wallet, paid)| {
                let (till, wallet, paid, url) = (till.clone(), *wallet, paid.clone(), url.clone());
                tokio::spawn(async move { confirm(&till, wallet, &paid, &url).await })
            })
            .collect();
        chorsu.control().wait_for_held(place, WALLETS.len()).await;
        chorsu.kill();
        for told in sent {
            assert_eq!(told.await.unwrap(), Told::Nothing, "{place}");
        }
        chorsu.start_again().await;
        chorsu.wait_until_settled().await;
        let till = chorsu.till().named("patient");
        for (wallet, paid) in &payments {
            let delivered = control.totals(wallet).await["fiscal_delivered"].clone();
            assert_eq!(delivered, number + 1, "{wallet} {place}");
            confirm(&till, wallet, paid, &url).await.done();
            assert_eq!(control.totals(wallet).await["fiscal_delivered"], delivered);
        }
    }
    chorsu.finish().await;
}
