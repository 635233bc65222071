//! A till: its calls, and what its counterparties have in their own books.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::server::Server;
use crate::wire::{self, Raw};

/// One till of a server.
#[derive(Clone)]
pub(super) struct Till {
    http: reqwest::Client,
    base: String,
    name: String,
    pub(super) sandbox: Sandbox,
}

/// `data`, or code, message and data of the error.
pub(super) type Answer = Result<Value, (i64, String, Value)>;

/// What a wallet or a pinpad took, as an order names it.
#[derive(Clone, Debug)]
pub(super) struct Paid {
    pub(super) id: String,
    pub(super) transaction: String,
}

impl Till {
    /// The till of this name, without a shift.
    pub(super) fn at(server: &Server, name: &str) -> Self {
        let (http, base) = (wire::client(), server.url().to_owned());
        Self { http, base, name: name.to_owned(), sandbox: Sandbox::at(server) }
    }

    /// The till of this name, with an open shift.
    pub(super) async fn open(server: &Server, name: &str) -> Self {
        let till = Self::at(server, name);
        till.get("/zreport/open").await.unwrap();
        till
    }

    fn url(&self, path: &str) -> String {
        format!("{}/till/{}{path}", self.base, self.name)
    }

    /// The answer to a `GET`, whatever it is.
    pub(super) async fn raw(&self, path: &str) -> reqwest::Response {
        self.http.get(self.url(path)).send().await.unwrap()
    }

    /// The answer to a `GET`.
    pub(super) async fn get(&self, path: &str) -> Answer {
        answer(&wire::send(self.http.get(self.url(path))).await.unwrap())
    }

    /// The answer to a `POST`.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, body, None).await
    }

    /// The same with an idempotency key.
    pub(super) async fn post_with(&self, path: &str, body: &Value, key: Option<&str>) -> Answer {
        let mut request = self.http.request(Method::POST, self.url(path)).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        answer(&wire::send(request).await.unwrap())
    }

    /// The answer to these bytes.
    pub(super) async fn post_bytes(&self, path: &str, body: &'static str) -> Answer {
        answer(&wire::send(self.http.post(self.url(path)).body(body)).await.unwrap())
    }

    /// Sends an order without waiting for its answer.
    pub(super) fn send(&self, body: &Value) -> tokio::task::JoinHandle<()> {
        let request = self.http.post(self.url("/order")).json(body);
        tokio::spawn(async move {
            // The server is killed under it.
            let _ = request.send().await;
        })
    }

    /// Sends a close under a key without waiting for its answer.
    pub(super) fn send_close(&self, body: &Value, key: &str) -> tokio::task::JoinHandle<()> {
        let request = self.http.post(self.url("/zreport/close")).json(body);
        let request = request.header("Idempotency-Key", key);
        tokio::spawn(async move {
            // The server is killed under it.
            let _ = request.send().await;
        })
    }

    /// Has a wallet's customer pay so many sum.
    pub(super) async fn paid_by(&self, wallet: &str, sum: i64) -> Paid {
        let issued = self.sandbox_post(&format!("/providers/{wallet}/codes"), &json!({})).await;
        let scan = json!({ "amount": sum, "qr_code": issued["qr_code"] });
        let data = self.post(&format!("/payment/{wallet}"), &scan).await.unwrap();
        let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
        Paid { id: text("payment_id"), transaction: text("transaction_id") }
    }

    /// Has a card pay so many sum at the pinpad.
    pub(super) async fn paid_by_card(&self, sum: i64) -> String {
        let data = self.post("/payment/xumo", &json!({ "amount": sum * 100 })).await.unwrap();
        data["ppt_id"].as_str().unwrap().to_owned()
    }

    /// Posts to the sandbox; the answer, if it has a body.
    pub(super) async fn sandbox_post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/sandbox{path}", self.base);
        let raw = wire::send(self.http.post(url).json(body)).await.unwrap();
        assert!(raw.status < 300, "{path}: {}", raw.text);
        serde_json::from_str(&raw.text).unwrap_or_default()
    }

    /// Adds a fault to the service around all fiscal modules.
    pub(super) async fn add_fault(&self, rule: Value) {
        self.sandbox_post("/fiscal/faults", &rule).await;
    }

    /// Ends all of them.
    pub(super) async fn clear_faults(&self) {
        let url = format!("{}/sandbox/fiscal/faults", self.base);
        assert!(wire::send(self.http.delete(url)).await.unwrap().status < 300);
    }

    /// Changes this till's fiscal module.
    pub(super) async fn change_module(&self, change: Value) {
        let url = format!("{}/sandbox/tills/{}/fiscal", self.base, self.name);
        let raw = wire::send(self.http.patch(url).json(&change)).await.unwrap();
        assert_eq!(raw.status, 200, "{}", raw.text);
    }

    /// This till's fiscal module in its own books.
    pub(super) async fn module(&self) -> Value {
        self.sandbox.get(&format!("/tills/{}/fiscal", self.name)).await
    }

    /// The receipts that the module has registered, the newest first.
    pub(super) async fn receipts(&self) -> Vec<Value> {
        let path = format!("/tills/{}/fiscal/receipts?limit=100", self.name);
        self.sandbox.get(&path).await.as_array().unwrap().clone()
    }

    /// What a wallet's book says about one of our payments.
    pub(super) async fn at_wallet(&self, wallet: &str, transaction: &str) -> Value {
        let path = format!("/providers/{wallet}/transactions/{transaction}");
        self.sandbox.get(&path).await["payments"][0].clone()
    }
}

/// The envelope, which may stand inside of `result`, and must be whole.
fn answer(raw: &Raw) -> Answer {
    let text = &raw.text;
    assert_eq!(raw.status, 200, "{text}");
    assert_eq!(raw.header(CONTENT_TYPE), Some("application/json"), "{text}");
    let whole: Value = serde_json::from_str(text).unwrap();
    let envelope = whole.get("result").unwrap_or(&whole).as_object().unwrap();
    assert_eq!(envelope.len(), 3, "{text}");
    let error = &envelope["error"];
    assert_eq!(envelope["is_success"], error.is_null(), "{text}");
    if error.is_null() {
        return Ok(envelope["data"].clone());
    }
    assert!(envelope["data"].is_null(), "{text}");
    let message = error["message"].as_str().unwrap().to_owned();
    Err((error["code"].as_i64().unwrap(), message, error["data"].clone()))
}

/// The code of an error; 0 for a success.
pub(super) fn code(answer: &Answer) -> i64 {
    answer.as_ref().err().map_or(0, |error| error.0)
}

/// The message of an error, which must have this code.
pub(super) fn message(answer: Answer, code: i64) -> String {
    let error = answer.unwrap_err();
    assert_eq!(error.0, code, "{error:?}");
    error.1
}

/// An order of one line over so many tiyin, in cash and by card, with 12 per cent of VAT.
pub(super) fn order(cash: i64, card: i64) -> Value {
    let price = cash + card;
    json!({
        "received_cash": cash,
        "received_card": card,
        "products": [{
            "name": "Non", "class_code": "01905001001000000", "package_code": "1234567",
            "amount": 1000, "price": price, "vat_percent": 12, "vat": vat(price),
        }],
    })
}

/// The VAT of 12 per cent inside of a price.
pub(super) fn vat(price: i64) -> i64 {
    (2 * price * 12 + 112) / 224
}

/// An order by card that a wallet has paid.
pub(super) fn order_paid(card: i64, provider: u16, id: &str) -> Value {
    let mut order = order(0, card);
    order["extra_info"] = json!({ "qr_payment_id": id, "qr_payment_provider": provider });
    order
}

/// The same value with one more member.
pub(super) fn with(mut value: Value, name: &str, member: impl Into<Value>) -> Value {
    value[name] = member.into();
    value
}
