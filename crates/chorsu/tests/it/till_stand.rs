//! A till that talks to a server under test, the controls of the counterparties the sandbox plays
//! for it, and a server that can be killed and started again with its settings.

use std::ffi::OsString;
use std::path::PathBuf;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::place::Place;
use crate::server::{Server, assert_verified};
use crate::settlement::V1;
use crate::shop::KASSA;
use crate::wire::{self, Raw};

/// The wallets.
pub(crate) const WALLETS: [&str; 3] = ["click", "payme", "uzum"];

/// What a till was told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// It went well; the data.
    Done(Value),
    /// A definite no.
    No { code: i64, message: String, data: Value },
    /// The outcome is not known; the payment's id.
    Unknown(String),
    /// Nothing: the connection broke.
    Nothing,
}

impl Told {
    /// What was told in these bytes, whose envelope must be as documented.
    pub(crate) fn read(raw: &Raw) -> Self {
        let text = &raw.text;
        assert_eq!(raw.status, 200, "{text}");
        assert_eq!(raw.header(CONTENT_TYPE), Some("application/json"), "{text}");
        let answer: Value = serde_json::from_str(text).unwrap();
        let keys: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["data", "error", "is_success"], "{text}");
        if answer["is_success"] == true {
            assert!(answer["error"].is_null() && answer["data"].is_object(), "{text}");
            return Self::Done(answer["data"].clone());
        }
        assert!(answer["is_success"] == false && answer["data"].is_null(), "{text}");
        let error = answer["error"].as_object().unwrap();
        assert_eq!(error.len(), 3, "{text}");
        let (code, data) = (error["code"].as_i64().unwrap(), error["data"].clone());
        if code == 106 && data["status"] == "unknown" {
            return Self::Unknown(data["transaction_id"].as_str().unwrap().to_owned());
        }
        Self::No { code, message: error["message"].as_str().unwrap().to_owned(), data }
    }

    /// The data of a success.
    pub(crate) fn done(self) -> Value {
        match self {
            Self::Done(data) => data,
            other => panic!("not a success: {other:?}"),
        }
    }

    /// The code and the message of a definite no.
    pub(crate) fn no(self) -> (i64, String) {
        match self {
            Self::No { code, message, .. } => (code, message),
            other => panic!("not a definite no: {other:?}"),
        }
    }
}

/// A till; clones share their connections.
#[derive(Clone)]
pub(crate) struct Till {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
}

impl Till {
    /// The default till of this server.
    pub(crate) fn at(url: &str) -> Self {
        Self { http: wire::client(), base: url.to_owned(), key: None }
    }

    /// The till of this name at the same server, whose default till this is.
    pub(crate) fn named(&self, name: &str) -> Self {
        Self { base: format!("{}/till/{name}", self.base), ..self.clone() }
    }

    /// The same with an idempotency key on every request.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// Sends these bytes.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> Result<Raw, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.header("Idempotency-Key", key);
        }
        wire::send(request.header(CONTENT_TYPE, "application/json").body(body)).await
    }

    /// What is answered that is no JSON: the type of the content, and the content.
    pub(crate) async fn try_raw(&self, method: Method, path: &str) -> (String, Vec<u8>) {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let response = request.send().await.unwrap();
        let kind = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        (kind, response.bytes().await.unwrap().to_vec())
    }

    /// Posts these bytes.
    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Told {
        Told::read(&self.try_send(Method::POST, path, body).await.unwrap())
    }

    /// Asks for something.
    pub(crate) async fn get(&self, path: &str) -> Told {
        Told::read(&self.try_send(Method::GET, path, "").await.unwrap())
    }

    /// Takes so many sums by a scanned code.
    pub(crate) async fn scan(&self, wallet: &str, code: &str, sums: i64) -> Told {
        let body = json!({ "amount": sums, "qr_code": code });
        self.pay(&format!("/payment/{wallet}"), &body).await
    }

    /// Takes so many tiyin by card.
    pub(crate) async fn card(&self, tiyin: i64) -> Told {
        self.pay("/payment/xumo", &json!({ "amount": tiyin })).await
    }

    /// Takes a payment by card back.
    pub(crate) async fn void(&self, rrn: &str, tiyin: i64) -> Told {
        let body = json!({ "request_id": rrn, "amount": tiyin, "is_return": true });
        self.pay("/payment/xumo", &body).await
    }

    /// Posts what the server may not survive.
    async fn pay(&self, path: &str, body: &Value) -> Told {
        match self.try_send(Method::POST, path, body.to_string()).await {
            Ok(raw) => Told::read(&raw),
            Err(_) => Told::Nothing,
        }
    }

    /// The history of a payment, by the default till's path.
    pub(crate) async fn status(&self, id: &str) -> Value {
        self.get(&format!("/payment/status/{id}")).await.done()
    }
}

/// The controls of the played counterparties of one server.
#[derive(Clone)]
pub(crate) struct Control {
    http: reqwest::Client,
    base: String,
}

impl Control {
    /// Those of this server.
    pub(crate) fn at(url: &str) -> Self {
        Self { http: wire::client(), base: format!("{url}/sandbox") }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let raw = wire::send(request).await.unwrap();
        match raw.status {
            200 => serde_json::from_str(&raw.text).unwrap(),
            204 => Value::Null,
            status => panic!("{path}: {status} {}", raw.text),
        }
    }

    /// Looks something up.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await
    }

    /// Sets something.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Changes something.
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Value {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// A new code of a customer with enough money.
    pub(crate) async fn code(&self, wallet: &str) -> String {
        let issued = self.post(&format!("/providers/{wallet}/codes"), json!({})).await;
        issued["qr_code"].as_str().unwrap().to_owned()
    }

    /// A new code of a customer whose codes have this ending.
    pub(crate) async fn code_of(&self, wallet: &str, ending: &str) -> String {
        let path = format!("/providers/{wallet}/codes");
        let issued = self.post(&path, json!({ "ending": ending })).await;
        issued["qr_code"].as_str().unwrap().to_owned()
    }

    /// Adds a fault to a wallet.
    pub(crate) async fn add_fault(&self, wallet: &str, rule: Value) {
        self.post(&format!("/providers/{wallet}/faults"), rule).await;
    }

    /// Ends all faults of a wallet.
    pub(crate) async fn clear_faults(&self, wallet: &str) {
        self.call(Method::DELETE, &format!("/providers/{wallet}/faults"), None).await;
    }

    /// How many faults of a wallet have not befallen a call yet.
    pub(crate) async fn faults_left(&self, wallet: &str) -> usize {
        self.get(&format!("/providers/{wallet}")).await["faults"].as_array().unwrap().len()
    }

    /// Makes every answer of a wallet slower.
    pub(crate) async fn set_latency(&self, wallet: &str, latency_ms: u64) {
        let change = json!({ "latency_ms": latency_ms });
        self.call(Method::PATCH, &format!("/providers/{wallet}"), Some(change)).await;
    }

    /// What a wallet has moved in all.
    pub(crate) async fn totals(&self, wallet: &str) -> Value {
        self.get(&format!("/providers/{wallet}")).await["totals"].clone()
    }

    /// The payments of this amount in a wallet's own book.
    pub(crate) async fn payments(&self, wallet: &str, tiyin: i64) -> Vec<Value> {
        let book = self.get(&format!("/providers/{wallet}/payments?limit=1000")).await;
        let book = book.as_array().unwrap().iter();
        book.filter(|payment| payment["amount"] == tiyin).cloned().collect()
    }

    /// Holds whatever reaches a place from now on.
    pub(crate) async fn hold(&self, place: &str) {
        self.post("/pauses", json!({ "place": place })).await;
    }

    /// Has the task of whatever reaches a place panic from now on.
    pub(crate) async fn break_off(&self, place: &str) {
        self.post("/pauses", json!({ "place": place, "panic": true })).await;
    }

    /// Lets everything pass again.
    pub(crate) async fn let_pass(&self) {
        self.call(Method::DELETE, "/pauses", None).await;
    }

    /// Waits until so many works are held at a place.
    pub(crate) async fn wait_for_held(&self, place: &str, count: usize) {
        crate::until(&format!("{count} held at {place}"), async || {
            let held = self.get("/pauses").await[place].as_u64().unwrap();
            (held >= count as u64).then_some(())
        })
        .await;
    }

    /// What the pinpad of a till remembers.
    pub(crate) async fn journal(&self, till: &str) -> Value {
        self.get(&format!("/tills/{till}/pinpad")).await
    }

    /// Ends all faults of the pinpad of a till.
    pub(crate) async fn clear_pinpad_faults(&self, till: &str) {
        self.call(Method::DELETE, &format!("/tills/{till}/pinpad/faults"), None).await;
    }

    /// Adds a fault to the pinpad of a till.
    pub(crate) async fn add_pinpad_fault(&self, till: &str, rule: Value) {
        self.post(&format!("/tills/{till}/pinpad/faults"), rule).await;
    }
}

/// The contracts of a till with the wallets that another server plays, as the configuration
/// writes them.
pub(crate) async fn contracts(control: &Control) -> String {
    let providers = control.get("/providers").await;
    let url = |wallet: &str| {
        let mut providers = providers.as_array().unwrap().iter();
        providers.find(|provider| provider["provider"] == wallet).unwrap()["base_url"].clone()
    };
    let (click, payme, uzum) =
        (chorsu_sandbox::DEMO_CLICK, chorsu_sandbox::DEMO_PAYME, chorsu_sandbox::DEMO_UZUM);
    format!(
        "[till.click]\nbase_url = {}\nmerchant_user_id = \"{}\"\nsecret_key = \"{}\"\n\
         service_id = {}\nnot_found_after_seconds = 5\nask_again_seconds = [3, 6, 600]\n\
         [till.payme]\nurl = {}\nmerchant_id = \"{}\"\nkey = \"{}\"\n\
         [till.uzum]\nbase_url = {}\nmerchant_service_user_id = \"{}\"\nsecret = \"{}\"\n\
         service_id = {}\n",
        url("click"),
        click.merchant_user_id,
        click.secret_key,
        click.service_id,
        url("payme"),
        payme.merchant_id,
        payme.key,
        url("uzum"),
        uzum.merchant_service_user_id,
        uzum.secret,
        uzum.service_id,
    )
}

/// A till of the configuration with this budget; its contracts and its pinpad may follow.
pub(crate) fn till_settings(name: &str, budget_seconds: u64) -> String {
    format!(
        "[[till]]\nid = \"{name}\"\nmerchant = \"{KASSA}\"\nbudget_seconds = {budget_seconds}\n\
         kkm_id = \"00000001\"\n"
    )
}

/// A server with settings of its own that can be killed and started again.
pub(crate) struct Chorsu {
    pub(crate) place: Place,
    config: PathBuf,
    server: Option<Server>,
}

impl Chorsu {
    /// Starts a server with this configuration.
    pub(crate) async fn start(place: Place, config: &str) -> Self {
        let path = place.log().with_file_name("chorsu.toml");
        std::fs::write(&path, config).unwrap();
        let mut chorsu = Self { place, config: path, server: None };
        chorsu.start_again().await;
        chorsu
    }

    /// Starts it again after it was killed.
    pub(crate) async fn start_again(&mut self) {
        let config: OsString = self.config.clone().into();
        let variables = [("CHORSU_CONFIG", config.to_str().unwrap())];
        self.server = Some(Server::start_with(&self.place, &variables).await);
    }

    /// The same with a log of everything.
    pub(crate) async fn start_talkative(&mut self) {
        let config: OsString = self.config.clone().into();
        let variables = [("CHORSU_CONFIG", config.to_str().unwrap()), ("CHORSU_LOG", "trace")];
        self.server = Some(Server::start_with(&self.place, &variables).await);
    }

    /// Ends it at once (SIGKILL).
    pub(crate) fn kill(&mut self) {
        self.server.take().unwrap().kill();
    }

    /// The process as it is now.
    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    /// Where it is now.
    pub(crate) fn url(&self) -> &str {
        self.server.as_ref().unwrap().url()
    }

    /// Chorsu's own API there.
    pub(crate) fn v1(&self) -> V1 {
        V1::at(self.server.as_ref().unwrap())
    }

    /// Its default till.
    pub(crate) fn till(&self) -> Till {
        Till::at(self.url())
    }

    /// The counterparties it plays itself.
    pub(crate) fn control(&self) -> Control {
        Control::at(self.url())
    }

    /// Waits until nothing is open any more.
    pub(crate) async fn wait_until_settled(&self) {
        let metrics = format!("{}/metrics", self.url());
        let http = wire::client();
        crate::until("no intent is left", async || {
            let metrics = wire::send(http.get(&metrics)).await.unwrap().text;
            metrics.lines().any(|line| line == "chorsu_outbox_depth 0").then_some(())
        })
        .await;
    }

    /// What the ledger says of an account, in tiyin.
    pub(crate) async fn balance(&self, account: &str) -> i64 {
        let sql =
            format!("SELECT coalesce(sum(amount), 0) FROM balance WHERE account = '{account}'");
        self.place.rows(&sql).await[0][0].parse().unwrap()
    }

    /// The states of the payments of this amount, the oldest first.
    pub(crate) async fn states(&self, tiyin: i64) -> Vec<State> {
        let sql =
            format!("SELECT state FROM document WHERE kind = 1 AND amount = {tiyin} ORDER BY id");
        let rows = self.place.rows(&sql).await;
        rows.iter().map(|row| State::from_number(&row[0])).collect()
    }

    /// Stops it well, and replays the ledger, which must be in order.
    pub(crate) async fn finish(mut self) {
        self.server.take().unwrap().stop().await;
        assert_verified(&self.place);
    }
}

/// Where a payment stands in the books of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Paid,
    Reversed,
    Declined,
}

impl State {
    fn from_number(number: &str) -> Self {
        match number {
            "1" | "2" | "21" => Self::Open,
            "4" => Self::Paid,
            "22" => Self::Reversed,
            "50" => Self::Declined,
            other => panic!("{other} is no state of a payment"),
        }
    }
}
