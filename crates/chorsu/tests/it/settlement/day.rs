//! A day of a marketplace: payments by card and at tills for many sellers, settlements with splits,
//! payment orders, the statement, and what is left in the end: nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{V1, id_of, payee, today};
use crate::bank_partner::{Bank, FUNDS};
use crate::pans;
use crate::place::Place;
use crate::server;
use crate::shop::{Shop, state_in};
use crate::till_stand::Till;

/// What the hub takes of a payment, and what it takes of a settlement, in millionths.
const PAYMENT_PPM: i64 = 10_000;
const SETTLEMENT_PPM: i64 = 20_000;
/// What the bank takes for an order, in tiyin.
const BANK_FEE: i64 = 700;
/// What the carrier gets each day, in tiyin.
const CARRIER: i64 = 50_000;
/// Whose account on this server the platform's own share goes to: service 27.
const PLATFORM: &str = "29896000200000401070";

/// How large the day is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) sellers: usize,
    pub(crate) tills: usize,
    pub(crate) card_payments: usize,
    pub(crate) till_payments: usize,
}

/// A seller.
#[derive(Clone)]
struct Seller {
    id: String,
    auth: String,
    account: String,
}

/// Opens kassas on a place without a server.
fn open_sellers(place: &Place, size: Size) -> Vec<Seller> {
    let open = |number: usize| {
        let name = format!("Продавец {number}");
        let mut command = server::command("kassa");
        command.args(["add", &name, "--commission-ppm", "10000"]).args(place.verify_options());
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}");
        let after = |word: &str| said.lines().find_map(|line| line.strip_prefix(word)).unwrap();
        let account = format!("20208000900000{:06}", number * 10 + 10_000);
        let (id, auth) = (after("Kassa   ").to_owned(), after("X-Auth  ").to_owned());
        Seller { id, auth, account }
    };
    (0..size.sellers).map(open).collect()
}

fn rule(seller: &Seller) -> Value {
    json!({
        "service": 33, "pay_at": "00:00", "commission_ppm": SETTLEMENT_PPM, "bank_fee": BANK_FEE,
        "fee_paid_by": "merchant", "minimum": 1_000, "merchant": payee(&seller.account),
        "shares": [
            { "fixed": CARRIER, "to": payee("20208000905123456003") },
            { "ppm": 50_000, "to": payee(PLATFORM) }
        ]
    })
}

/// What was paid for each seller, in tiyin, after the hub's commission.
type Owed = BTreeMap<String, i64>;

/// Pays by card, each seller's buyers one after the other; every tenth payment is refunded.
async fn pay_by_card(shop: &Shop, sellers: &[Seller], each: usize) -> Owed {
    let mut working = JoinSet::new();
    for (place, seller) in (0..).zip(sellers.iter().cloned()) {
        let shop = shop.with_auth(&seller.auth);
        working.spawn(async move {
            let token = shop.card(&pans::fresh("8600"), true).await;
            let (mut owed, mut refunded) = (0, Vec::new());
            for number in 0..each {
                let amount = 1_000_000 + place * 1_009 + i64::try_from(number).unwrap() * 137;
                let receipt = shop.paid(amount, &token).await;
                if number % 10 == 9 {
                    assert_eq!(state_in(&shop.cancel(&receipt).await.unwrap()), 21);
                    refunded.push(receipt);
                } else {
                    owed += amount - amount * PAYMENT_PPM / 1_000_000;
                }
            }
            (seller, owed, refunded)
        });
    }
    let mut owed = Owed::new();
    for (seller, sum, refunded) in working.join_all().await {
        let shop = shop.with_auth(&seller.auth);
        for receipt in refunded {
            shop.wait_for_state(&receipt, &[50]).await;
        }
        owed.insert(seller.id, sum);
    }
    owed
}

/// Pays at tills by scanned codes.
async fn pay_at_tills(url: &str, size: Size) -> BTreeMap<usize, i64> {
    let each = size.till_payments / size.tills;
    let mut working = JoinSet::new();
    for till in 0..size.tills {
        let stand = Till::at(url).named(&format!("s{till}"));
        working.spawn(async move {
            let mut owed = 0;
            for number in 0..each {
                let (wallet, code) = match number % 2 {
                    0 => ("click", format!("880{:012}900", till * 1_000 + number)),
                    _ => ("payme", format!("505{:014}900", till * 1_000 + number)),
                };
                let body = json!({ "amount": 5_000 + number, "qr_code": code }).to_string();
                stand.post(&format!("/payment/{wallet}"), body).await.done();
                owed += (5_000 + i64::try_from(number).unwrap()) * 100;
            }
            (till, owed)
        });
    }
    working.join_all().await.into_iter().collect()
}

/// The whole day on this place; the server is left running.
pub(crate) async fn trade(place: Place, size: Size) -> (Bank, V1) {
    let sellers = open_sellers(&place, size);
    let mut config = String::new();
    for (till, seller) in sellers.iter().take(size.tills).enumerate() {
        write!(config, "[[till]]\nid = \"s{till}\"\nmerchant = \"{}\"\n", seller.id).unwrap();
    }
    let bank = Bank::configured(place, &config).await;
    let (v1, shop) = (V1::at(&bank.server), Shop::at(&bank.server));
    for seller in &sellers {
        v1.put_rule(&seller.id, &rule(seller)).await;
    }
    let (mut owed, at_tills) = tokio::join!(
        pay_by_card(&shop, &sellers, size.card_payments / size.sellers),
        pay_at_tills(bank.server.url(), size)
    );
    for (till, sum) in at_tills {
        *owed.get_mut(&sellers[till].id).unwrap() += sum;
    }
    let settled = settle(&v1, &owed).await;
    compare(&bank, &settled).await;
    (bank, v1)
}

/// Computes and sends everything, each of it several times at once; the settlements in the end.
async fn settle(v1: &V1, owed: &Owed) -> Vec<Value> {
    let day = today();
    let all: Vec<&str> = owed.keys().map(String::as_str).collect();
    let (a, b, c) =
        tokio::join!(v1.compute(&day, &all), v1.compute(&day, &all), v1.compute(&day, &all));
    let ids = |answer: &Value| {
        let found = answer["settlements"].as_array().unwrap();
        found.iter().map(id_of).collect::<Vec<_>>()
    };
    assert_eq!(ids(&a).len(), owed.len(), "{}", a["skipped"]);
    assert!(ids(&a) == ids(&b) && ids(&b) == ids(&c), "computing again gives the same");
    for settlement in a["settlements"].as_array().unwrap() {
        let merchant = settlement["merchant"].as_str().unwrap();
        assert_eq!(settlement["gross"], owed[merchant], "{settlement}");
        assert_eq!(settlement["state"], "proposed");
    }
    let mut sending = JoinSet::new();
    for id in ids(&a).into_iter().flat_map(|id| [id.clone(), id]) {
        let v1 = v1.clone();
        sending.spawn(async move { v1.sent(&id).await });
    }
    sending.join_all().await;
    let mut settled = Vec::new();
    for id in ids(&a) {
        settled.push(v1.until(&id, "settled").await);
    }
    for merchant in &all {
        let again = v1.computed(&day, merchant).await;
        assert_eq!(again["state"], "settled", "the day is paid out");
    }
    settled
}

/// Compares settlements, orders, statement and balances: nothing may be left over.
async fn compare(bank: &Bank, settled: &[Value]) {
    let number = |value: &Value| value.as_i64().unwrap();
    let mut paid: BTreeMap<String, i64> = BTreeMap::new();
    for settlement in settled {
        let (gross, commission) = (number(&settlement["gross"]), number(&settlement["commission"]));
        assert_eq!(commission, gross * SETTLEMENT_PPM / 1_000_000);
        let shares = settlement["shares"].as_array().unwrap();
        assert_eq!(shares.len(), 3, "{settlement}");
        assert_eq!(
            (&shares[0]["amount"], &shares[0]["status"]),
            (&json!(CARRIER), &json!("Проведен"))
        );
        assert_eq!(shares[1]["amount"], gross * 50_000 / 1_000_000);
        let mut rest = gross - commission;
        for share in shares {
            rest -= number(&share["amount"]) + number(&share["bank_fee"]);
            let account = share["account"].as_str().unwrap().to_owned();
            *paid.entry(account).or_default() += number(&share["amount"]);
        }
        assert_eq!(rest, 0, "everything is divided: {settlement}");
    }
    let mut lines: BTreeMap<String, i64> = BTreeMap::new();
    let (mut last, mut count, mut fees) = (0, 0, 0);
    loop {
        let page = bank.partner.page(33, "2", last).await;
        let Some(end) = page.last() else { break };
        last = number(&end["id"]);
        for line in &page {
            let account = line["accountReceiver"].as_str().unwrap().to_owned();
            // What the bank takes goes to an account of its own.
            if account.is_empty() {
                fees += number(&line["amount"]);
                continue;
            }
            *lines.entry(account).or_default() += number(&line["amount"]);
            count += 1;
        }
    }
    assert_eq!(count, settled.len() * 3, "one order for each share");
    assert_eq!(fees, BANK_FEE * i64::try_from(count).unwrap());
    assert_eq!(lines, paid, "the statement and the settlements agree");
    assert_eq!(bank.partner.balance(33).await, FUNDS, "the service has what it had");
    let platform = FUNDS + paid[PLATFORM];
    assert_eq!(bank.partner.balance(27).await, platform, "our own share has arrived here");
    let owed = bank
        .place
        .rows(
            "SELECT account FROM balance WHERE account LIKE 'merchant:%' \
        GROUP BY account HAVING sum(amount) <> 0",
        )
        .await;
    assert!(owed.is_empty(), "nobody is owed anything: {owed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_a_marketplace_ends_with_zero_difference_on_sqlite() {
    a_day_of_10_000_payments(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_a_marketplace_ends_with_zero_difference_on_postgres() {
    a_day_of_10_000_payments(Place::postgres().await).await;
}

async fn a_day_of_10_000_payments(place: Place) {
    let _permit = crate::heavy().await;
    let size = Size { sellers: 50, tills: 10, card_payments: 9_000, till_payments: 1_000 };
    let (bank, v1) = trade(place, size).await;
    crate::exports::of_a_day(&bank, &v1, size.sellers).await;
    bank.finish().await;
}
