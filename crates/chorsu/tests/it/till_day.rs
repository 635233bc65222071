//! A day at a till: 200 sales over all four ways to pay, refunds, a void, what was refused and what
//! came to nothing. In the evening the Z-report, the ledger and each provider's own book agree to the
//! tiyin.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::place::Place;
use crate::settlement::{self, V1};
use crate::shop::KASSA;
use crate::till_stand::{Chorsu, Control, Till, Told, WALLETS, till_settings};

const SALES: i64 = 200;
/// One in a hundred is withheld from the merchant.
const COMMISSION: i64 = 100;

/// Sums of receipts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    count: i64,
    card: i64,
    vat: i64,
}

impl Sums {
    fn add(&mut self, tiyin: i64) {
        self.count += 1;
        self.card += tiyin;
        self.vat += vat(tiyin);
    }

    /// Those of a Z-report.
    fn of_report(report: &Value, kind: &str) -> Self {
        let sum = |name: &str| report[format!("total_{kind}_{name}")].as_i64().unwrap();
        assert_eq!(sum("cash"), 0);
        Self { count: sum("count"), card: sum("card"), vat: sum("vat") }
    }

    /// Those in the fiscal module's own book.
    fn of_module(sums: &Value) -> Self {
        let sum = |name: &str| sums[name].as_i64().unwrap();
        Self { count: sum("count"), card: sum("card"), vat: sum("vat") }
    }
}

/// The VAT of 12 per cent inside of a price, rounded.
fn vat(tiyin: i64) -> i64 {
    (2 * tiyin * 12 + 112) / 224
}

/// An order of one line, paid by card or wallet.
fn order(tiyin: i64) -> Value {
    json!({
        "received_cash": 0,
        "received_card": tiyin,
        "products": [{
            "name": "Non", "class_code": "01905001001000000", "package_code": "1234567",
            "amount": 1000, "price": tiyin, "vat_percent": 12, "vat": vat(tiyin),
        }],
    })
}

/// A sale that was registered.
struct Sale {
    provider: &'static str,
    tiyin: i64,
    payment: Value,
    url: String,
}

/// The day so far.
struct Day {
    till: Till,
    control: Control,
    v1: V1,
    sold: Sums,
    refunded: Sums,
    /// What each provider owes.
    owed: BTreeMap<&'static str, i64>,
    sales: Vec<Sale>,
}

impl Day {
    async fn code(&self, wallet: &str) -> String {
        self.control.code(wallet).await
    }

    /// A customer pays and gets a fiscal receipt.
    async fn sell(&mut self, provider: &'static str, sums: i64) {
        let tiyin = sums * 100;
        let mut order = order(tiyin);
        let payment = match provider {
            "humo" => {
                let paid = self.till.card(tiyin).await.done();
                order["ppt_id"] = paid["ppt_id"].clone();
                paid
            }
            wallet => {
                let code = self.code(wallet).await;
                let paid = self.till.scan(wallet, &code, sums).await.done();
                let number = match wallet {
                    "click" => 64,
                    "payme" => 141,
                    _ => 161,
                };
                order["extra_info"] = json!({
                    "phone_number": paid["client_phone_number"],
                    "qr_payment_id": paid["payment_id"],
                    "qr_payment_provider": number,
                });
                paid
            }
        };
        let receipt = self.till.post("/order/create/", order.to_string()).await.done();
        let url = receipt["qr_url"].as_str().unwrap().to_owned();
        self.sold.add(tiyin);
        *self.owed.entry(provider).or_default() += tiyin;
        self.sales.push(Sale { provider, tiyin, payment, url });
    }

    /// The goods come back, and the money goes back to the wallet.
    async fn give_back(&mut self, number: usize) {
        let Sale { provider, tiyin, payment, .. } = &self.sales[number];
        let number_there = payment["payment_id"].as_str().unwrap();
        let path = format!("/till-payments/find?provider={provider}&payment_id={number_there}");
        let (status, found) = self.v1.call(Method::GET, &path, &Value::Null).await;
        assert_eq!((status, &found["amount_tiyin"]), (200, &json!(tiyin)), "{found}");
        let path = format!("/till-payments/{}/reverse", found["transaction_id"].as_str().unwrap());
        let asked = json!({ "amount": tiyin, "reason": "the goods are back" });
        let (status, back) = self.v1.call(Method::POST, &path, &asked).await;
        assert_eq!((status, &back["status"]), (200, &json!("reversed")), "{back}");
        *self.owed.get_mut(provider).unwrap() -= tiyin;
        self.refund(number).await;
    }

    /// A fiscal receipt of a refund.
    async fn refund(&mut self, number: usize) {
        let sale = &self.sales[number];
        let mut refund = order(sale.tiyin);
        refund["qr_code"] = json!(sale.url);
        self.till.post("/order/refuse/", refund.to_string()).await.done();
        self.refunded.add(sale.tiyin);
    }

    /// The last sale by card is taken back, and its receipt with it.
    async fn void(&mut self) {
        let number = self.sales.iter().rposition(|sale| sale.provider == "humo").unwrap();
        let sale = &self.sales[number];
        let (rrn, tiyin) = (sale.payment["ppt_id"].as_str().unwrap().to_owned(), sale.tiyin);
        let slip = self.till.void(&rrn, tiyin).await.done();
        assert!(slip["message"].as_str().unwrap().contains("ОТМЕНЕНА"), "{slip}");
        *self.owed.get_mut("humo").unwrap() -= tiyin;
        self.refund(number).await;
    }

    /// Customers who come to nothing: no money, a card that is refused, an answer that comes too
    /// late for the till.
    async fn in_vain(&self, number: i64) {
        match number % 3 {
            0 => {
                let poor = self.control.code_of("click", "001").await;
                assert_eq!(self.till.scan("click", &poor, 77).await.no().0, 106);
            }
            1 => {
                let refuse = json!({ "fault": "refuse", "code": "116", "times": 1 });
                self.control.add_pinpad_fault("a", refuse).await;
                assert_eq!(self.till.card(7_700).await.no().0, 108);
            }
            _ => {
                let slow = json!({ "fault": "delay", "delay_ms": 2_500, "times": 1 });
                self.control.add_fault("payme", slow).await;
                let code = self.code("payme").await;
                let told = self.till.scan("payme", &code, 77).await;
                assert!(matches!(told, Told::Unknown(_)), "{told:?}");
            }
        }
    }

    /// The evening: what everybody says of the day.
    async fn compare(&self, chorsu: &Chorsu) {
        let report = self.till.get("/zreport/close/").await.done();
        assert_eq!(Sums::of_report(&report, "sale"), self.sold);
        assert_eq!(Sums::of_report(&report, "refund"), self.refunded);
        let module = self.control.get("/tills/a/fiscal").await;
        assert_eq!(Sums::of_module(&module["sold"]), self.sold);
        assert_eq!(Sums::of_module(&module["refunded"]), self.refunded);

        chorsu.wait_until_settled().await;
        for wallet in WALLETS {
            let totals = self.control.totals(wallet).await;
            let sales = self.sales.iter().filter(|sale| sale.provider == wallet).count();
            assert_eq!(totals["net"], self.owed[wallet], "{wallet}");
            assert_eq!(totals["fiscal_delivered"], sales, "{wallet}");
            assert_eq!(chorsu.balance(&format!("wallet:{wallet}")).await, self.owed[wallet]);
        }
        let journal = self.control.journal("a").await["totals"].clone();
        let net = journal["sold"].as_i64().unwrap() - journal["voided"].as_i64().unwrap();
        assert_eq!(
            (net, chorsu.balance("network:humo").await),
            (self.owed["humo"], self.owed["humo"])
        );
        let reconciled = self.till.get("/payment/xumo_close").await.done();
        assert!(reconciled["message"].as_str().unwrap().contains("Итого"), "{reconciled}");

        let voided = self.sold.card - self.owed.values().sum::<i64>();
        let commission = |tiyin: i64| tiyin / COMMISSION;
        let fees: i64 = self.sales.iter().map(|sale| commission(sale.tiyin)).sum();
        let fees = fees - commission(voided);
        let merchant = self.owed.values().sum::<i64>() - fees;
        let ledger = [format!("merchant:{KASSA}"), "fees".to_owned()];
        let [of_merchant, of_fees] =
            [chorsu.balance(&ledger[0]).await, chorsu.balance(&ledger[1]).await];
        assert_eq!((of_merchant.abs(), of_fees.abs()), (merchant, fees));
    }
}

async fn a_day(place: Place) {
    let settings = till_settings("a", 2) + "commission_ppm = 10000\n";
    let chorsu = Chorsu::start(place, &settings).await;
    let (till, control) = (chorsu.till().named("a"), chorsu.control());
    till.get("/zreport/open/").await.done();
    let (sold, refunded) = Default::default();
    let (owed, sales) = Default::default();
    let v1 = chorsu.v1();
    v1.put_rule(KASSA, &settlement::rule()).await;
    let mut day = Day { till, control, v1, sold, refunded, owed, sales };
    for number in 0..SALES {
        let provider = ["click", "payme", "uzum", "humo"][(number % 4) as usize];
        // Whole sums of many sizes; a hundredth of each is whole too.
        day.sell(provider, 1_000 + 7 * number).await;
        match number % 20 {
            8..=10 => day.give_back(number as usize).await,
            13 => day.in_vain(number).await,
            _ => {}
        }
        if number == SALES / 2 {
            day.void().await;
        }
    }
    assert_eq!((day.sold.count, day.refunded.count), (SALES, 3 * SALES / 20 + 1));
    day.compare(&chorsu).await;
    chorsu.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_book_agrees_on_sqlite() {
    a_day(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_book_agrees_on_postgres() {
    a_day(Place::postgres().await).await;
}
