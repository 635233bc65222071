//! A shop that uses the Subscribe API: a kassa with its key, and the calls of a payment.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::server::Server;
use crate::wire::{self, Answer, Refusal};

/// The demo kassa with the field `order_id`.
pub(crate) const KASSA: &str = "100fe486b33784292111b7dc";
/// Its key.
pub(crate) const KEY: &str = "Rw712wMJspZBczFvrG09?bHkSNxnD4PY0n1C";
/// The demo kassa with the fields `order_id` and `loan_id`.
pub(crate) const OTHER_KASSA: &str = "5e730e8e0b852a417aa49ceb";
/// Its key, which published examples use with the first kassa too.
pub(crate) const OTHER_KEY: &str = "mjES8ycLucnvygt4dPwerK2vj45Eensn3ZPr";

/// A published test card that works: UZCARD, expiry 03/99, code 666666.
pub(crate) const TEST_CARD: &str = "8600069195406311";
/// The expiry of every test card, and of every other card of these tests.
pub(crate) const EXPIRY: &str = "0399";
/// The code of every published test card.
pub(crate) const TEST_CODE: &str = "666666";

/// A caller of the API; clones share their connections.
#[derive(Clone)]
pub(crate) struct Shop {
    http: reqwest::Client,
    url: String,
    auth: String,
    headers: Vec<(&'static str, String)>,
}

impl Shop {
    /// The first demo kassa at this server.
    pub(crate) fn at(server: &Server) -> Self {
        let (http, url) = (wire::client(), format!("{}/api", server.url()));
        Self { http, url, auth: format!("{KASSA}:{KEY}"), headers: Vec::new() }
    }

    /// The same with this `X-Auth`.
    pub(crate) fn with_auth(&self, auth: &str) -> Self {
        Self { auth: auth.to_owned(), ..self.clone() }
    }

    /// The same with one more header.
    pub(crate) fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut shop = self.clone();
        shop.headers.push((name, value.to_owned()));
        shop
    }

    /// The second demo kassa at the same server.
    pub(crate) fn other_kassa(&self) -> Self {
        self.with_auth(&format!("{OTHER_KASSA}:{OTHER_KEY}"))
    }

    /// Where the API is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The way to the server.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Calls a method; an error is a connection that broke before the answer.
    pub(crate) async fn try_call(
        &self,
        method: &str,
        params: &Value,
    ) -> Result<Answer, reqwest::Error> {
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        let mut request = self.http.post(&self.url).header("X-Auth", &self.auth);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let raw = wire::send(request.body(body.to_string())).await?;
        assert_eq!(raw.id().as_deref(), Some("7"), "{}", raw.text);
        Ok(raw.answer())
    }

    /// Calls a method.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Answer {
        self.try_call(method, &params).await.unwrap()
    }

    /// Calls a method that must succeed.
    pub(crate) async fn ok(&self, method: &str, params: Value) -> Value {
        match self.call(method, params.clone()).await {
            Ok(result) => result,
            Err(refusal) => panic!("{method} {params}: {refusal:?}"),
        }
    }

    /// Calls a method that must be refused.
    pub(crate) async fn refusal(&self, method: &str, params: Value) -> Refusal {
        match self.call(method, params.clone()).await {
            Ok(result) => panic!("{method} {params} was not refused: {result}"),
            Err(refusal) => refusal,
        }
    }

    /// The code and data of a call that must be refused.
    pub(crate) async fn code(&self, method: &str, params: Value) -> (i64, Value) {
        let Refusal { code, data, .. } = self.refusal(method, params).await;
        (code, data)
    }

    /// A token for this card, not verified yet.
    pub(crate) async fn token(&self, pan: &str, save: bool) -> String {
        let card = json!({ "card": { "number": pan, "expire": EXPIRY }, "save": save });
        let card = self.ok("cards.create", card).await;
        card["card"]["token"].as_str().unwrap().to_owned()
    }

    /// A verified token for this card. The code comes from the SMS inbox, also that of a test card.
    pub(crate) async fn card(&self, pan: &str, save: bool) -> String {
        let token = self.token(pan, save).await;
        self.ok("cards.get_verify_code", json!({ "token": token })).await;
        let code = Sandbox::of(self).code_sent_to(pan).await;
        let verify = json!({ "token": token, "code": code });
        let verified = self.ok("cards.verify", verify).await;
        assert_eq!(verified["card"]["verify"], true);
        token
    }

    /// A new receipt of so many tiyin.
    pub(crate) async fn receipt(&self, amount: i64) -> String {
        id_of(&self.ok("receipts.create", new_receipt(amount, false)).await)
    }

    /// A new receipt to be held first.
    pub(crate) async fn receipt_to_hold(&self, amount: i64) -> String {
        id_of(&self.ok("receipts.create", new_receipt(amount, true)).await)
    }

    /// Pays a receipt.
    pub(crate) async fn pay(&self, receipt: &str, token: &str) -> Answer {
        self.call("receipts.pay", json!({ "id": receipt, "token": token })).await
    }

    /// A new receipt that was paid.
    pub(crate) async fn paid(&self, amount: i64, token: &str) -> String {
        let receipt = self.receipt(amount).await;
        assert_eq!(state_in(&self.pay(&receipt, token).await.unwrap()), 4);
        receipt
    }

    /// A new receipt whose money is held.
    pub(crate) async fn held(&self, amount: i64, token: &str) -> String {
        let receipt = self.receipt_to_hold(amount).await;
        let pay = json!({ "id": receipt, "token": token, "hold": true });
        assert_eq!(state_in(&self.ok("receipts.pay", pay).await), 5);
        receipt
    }

    /// Confirms a hold.
    pub(crate) async fn confirm(&self, receipt: &str) -> Answer {
        self.call("receipts.confirm_hold", json!({ "id": receipt })).await
    }

    /// Cancels a receipt.
    pub(crate) async fn cancel(&self, receipt: &str) -> Answer {
        self.call("receipts.cancel", json!({ "id": receipt })).await
    }

    /// The state of a receipt.
    pub(crate) async fn state(&self, receipt: &str) -> i64 {
        let checked = self.ok("receipts.check", json!({ "id": receipt })).await;
        checked["state"].as_i64().unwrap()
    }

    /// Waits until the state of a receipt is one of these.
    pub(crate) async fn wait_for_state(&self, receipt: &str, wanted: &[i64]) -> i64 {
        crate::until(&format!("receipt {receipt} in a state of {wanted:?}"), async || {
            let state = self.state(receipt).await;
            wanted.contains(&state).then_some(state)
        })
        .await
    }

    /// How many receipts the kassa has.
    pub(crate) async fn count_receipts(&self) -> usize {
        let mut count = 0;
        loop {
            let page = json!({ "count": 50, "from": 0, "to": i64::MAX / 2, "offset": count });
            let page = self.ok("receipts.get_all", page).await;
            let page = page.as_array().unwrap().len();
            count += page;
            if page < 50 {
                return count;
            }
        }
    }
}

/// The parameters of a new receipt.
pub(crate) fn new_receipt(amount: i64, hold: bool) -> Value {
    json!({ "amount": amount, "account": { "order_id": "test" }, "hold": hold })
}

/// The id of the receipt in a result.
pub(crate) fn id_of(result: &Value) -> String {
    result["receipt"]["_id"].as_str().unwrap().to_owned()
}

/// The state of the receipt in a result.
pub(crate) fn state_in(result: &Value) -> i64 {
    result["receipt"]["state"].as_i64().unwrap()
}
