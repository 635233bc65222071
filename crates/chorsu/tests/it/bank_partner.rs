//! A partner of the bank API: the calls of the document, and the controls of the played bank.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};

use crate::place::Place;
use crate::server::Server;
use crate::wire::{self, Raw};

/// The demo partner.
pub(crate) const USERNAME: &str = "gray";
/// Its id.
const DEMO_PARTNER: [u8; 12] = *b"demo partner";
/// Its password.
pub(crate) const PASSWORD: &str = "p@ssw0rd";
/// An account that has no meaning to the sandbox.
pub(crate) const ACCOUNT: &str = "20208000905123456001";
/// What each demo service begins with, in tiyin.
pub(crate) const FUNDS: i64 = 10_000_000_000;

/// A caller of the bank API; clones share their connections.
#[derive(Clone)]
pub(crate) struct Partner {
    http: reqwest::Client,
    url: String,
    login: Option<(String, String)>,
    headers: Vec<(&'static str, String)>,
}

impl Partner {
    /// The demo partner at this server.
    pub(crate) fn at(server: &Server) -> Self {
        let login = Some((USERNAME.to_owned(), PASSWORD.to_owned()));
        Self { http: wire::client(), url: server.url().to_owned(), login, headers: Vec::new() }
    }

    /// The same with this name and password.
    pub(crate) fn with_login(&self, username: &str, password: &str) -> Self {
        Self { login: Some((username.to_owned(), password.to_owned())), ..self.clone() }
    }

    /// The same without a name.
    pub(crate) fn nobody(&self) -> Self {
        Self { login: None, ..self.clone() }
    }

    /// The same with one more header.
    pub(crate) fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut partner = self.clone();
        partner.headers.push((name, value.to_owned()));
        partner
    }

    /// Sends a request as it is; an error is a connection that broke before the answer.
    pub(crate) async fn try_send(
        &self,
        verb: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Raw, reqwest::Error> {
        let mut request = self.http.request(verb, format!("{}/api/v2{path}", self.url));
        if let Some((username, password)) = &self.login {
            request = request.basic_auth(username, Some(password));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body);
        }
        wire::send(request).await
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, verb: Method, path: &str, body: Option<Vec<u8>>) -> Raw {
        self.try_send(verb, path, body).await.unwrap()
    }

    /// The answer to a documented call: HTTP 200 and JSON, whatever is in it.
    pub(crate) async fn call(&self, verb: Method, path: &str, body: Option<Value>) -> Value {
        let body = body.map(|body| body.to_string().into_bytes());
        let raw = self.send(verb, path, body).await;
        assert_eq!(raw.status, 200, "{path}: {}", raw.text);
        assert_eq!(raw.header("content-type"), Some("application/json"), "{path}");
        envelope(&raw.text)
    }

    /// Asks for a GET.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await
    }

    /// Posts a body.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Posts an order that must be accepted; its `doc_id`.
    pub(crate) async fn accepted(&self, body: Value) -> String {
        let answer = self.post("/payment", body).await;
        assert_eq!((code(&answer), status(&answer)), (0, "Введен"), "{answer}");
        answer["data"]["doc_id"].as_str().unwrap().to_owned()
    }

    /// The code that the API knows an order by, and its status; empty without data.
    pub(crate) async fn status(&self, key: &str) -> (i64, String) {
        let answer = self.get(&format!("/payment/{key}")).await;
        (code(&answer), status(&answer).to_owned())
    }

    /// Waits until an order has ended; its status.
    pub(crate) async fn ended(&self, key: &str) -> String {
        crate::until(&format!("the end of order {key}"), async || {
            let (code, status) = self.status(key).await;
            assert_eq!(code, 0, "{key}");
            (status != "Введен").then_some(status)
        })
        .await
    }

    /// The money of a service, in tiyin.
    pub(crate) async fn balance(&self, service: u32) -> i64 {
        let answer = self.get(&format!("/account/{service}/balance")).await;
        answer["data"]["balance"].as_str().unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
    }

    /// A page of a statement over all days, after a line.
    pub(crate) async fn page(&self, service: u32, kind: &str, last_id: i64) -> Vec<Value> {
        let asked = json!({
            "type": kind, "lastId": last_id, "fromDate": "2000-01-01", "toDate": "2999-12-31",
            "serviceId": service
        });
        let answer = self.post("/account/payments", asked).await;
        answer["data"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
    }
}

/// A JSON answer in one of the documented envelopes.
fn envelope(text: &str) -> Value {
    let answer: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    match answer["status"].as_str() {
        Some("success") => assert!(answer.get("message").is_none(), "{text}"),
        Some("error") => {
            assert!(answer["code"].is_i64() && answer["data"].is_null(), "{text}");
            assert!(answer["message"].as_str().is_some_and(|words| !words.is_empty()), "{text}");
        }
        _ => panic!("no documented status: {text}"),
    }
    answer
}

/// The code of an answer; 0 when the envelope has none.
pub(crate) fn code(answer: &Value) -> i64 {
    answer["code"].as_i64().unwrap_or(0)
}

fn status(answer: &Value) -> &str {
    answer["data"]["payment_status"].as_str().unwrap_or_default()
}

/// The id under which a line of a service's statement is shown.
pub(crate) const fn line_id(service: i64, number: i64) -> i64 {
    number * (1 << 20) + service
}

/// An ordinary order of service 33.
pub(crate) fn order(key: &str, amount: i64, account: &str) -> Value {
    json!({
        "orderId": key, "serviceId": "33", "amount": amount.to_string(), "comissionAmount": "0",
        "receiverName": "Test", "mfoReceiver": "00401", "receiverAccount": account,
        "purpose": "Test"
    })
}

/// A value with these members changed; null takes one away.
pub(crate) fn with(mut value: Value, changes: Value) -> Value {
    for (name, change) in changes.as_object().unwrap() {
        if change.is_null() {
            value.as_object_mut().unwrap().remove(name);
        } else {
            value[name] = change.clone();
        }
    }
    value
}

/// The played bank of one server.
#[derive(Clone)]
pub(crate) struct Played {
    http: reqwest::Client,
    url: String,
}

impl Played {
    /// The bank that this server plays.
    pub(crate) fn at(server: &Server) -> Self {
        Self { http: wire::client(), url: format!("{}/sandbox", server.url()) }
    }

    async fn send(&self, verb: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(verb, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let raw = wire::send(request).await.unwrap();
        assert!((200..300).contains(&raw.status), "{path}: {}", raw.text);
        serde_json::from_str(&raw.text).unwrap_or_default()
    }

    /// Lets orders end so many milliseconds after they were accepted.
    pub(crate) async fn settle_after(&self, ms: u64) {
        let change = json!({ "settle_after_ms": ms });
        let view = self.send(Method::PATCH, "/bank", Some(change)).await;
        assert_eq!(view["settle_after_ms"], ms);
    }

    /// Adds a fault.
    pub(crate) async fn fault(&self, rule: Value) {
        self.send(Method::POST, "/bank/faults", Some(rule)).await;
    }

    /// Waits until every fault that was to befall a number of calls has befallen them.
    pub(crate) async fn faults_are_over(&self) {
        crate::until("the faults have befallen", async || {
            let bank = self.send(Method::GET, "/bank", None).await;
            bank["faults"].as_array().unwrap().is_empty().then_some(())
        })
        .await;
    }

    /// Turns the clock forward by whole days.
    pub(crate) async fn turn_days(&self, days: i64) {
        let turn = json!({ "advance_ms": days * 24 * 60 * 60 * 1_000 });
        self.send(Method::POST, "/clock", Some(turn)).await;
    }

    /// Ends all faults.
    pub(crate) async fn clear_faults(&self) {
        self.send(Method::DELETE, "/bank/faults", None).await;
    }

    /// Books money that comes in.
    pub(crate) async fn incoming(&self, payment: Value) -> Value {
        self.send(Method::POST, "/bank/incoming", Some(payment)).await
    }

    /// What a request to book money is answered when it is no good.
    pub(crate) async fn bad_incoming(&self, payment: &Value) -> u16 {
        let request = self.http.post(format!("{}/bank/incoming", self.url)).json(payment);
        wire::send(request).await.unwrap().status
    }

    /// Holds whatever reaches this place from now on.
    pub(crate) async fn hold(&self, place: &str) {
        self.send(Method::POST, "/pauses", Some(json!({ "place": place }))).await;
    }

    /// Waits until so many works are held at this place.
    pub(crate) async fn held(&self, place: &str, count: u64) {
        crate::until(&format!("{count} held at {place}"), async || {
            let held = self.send(Method::GET, "/pauses", None).await;
            (held[place].as_u64() >= Some(count)).then_some(())
        })
        .await;
    }
}

/// A server with its partner and the bank it plays.
pub(crate) struct Bank {
    pub(crate) server: Server,
    pub(crate) partner: Partner,
    pub(crate) played: Played,
    pub(crate) place: Place,
}

impl Bank {
    /// On this place; orders end at once.
    pub(crate) async fn at(place: Place) -> Self {
        Self::configured(place, "").await
    }

    /// The same with this configuration.
    pub(crate) async fn configured(place: Place, config: &str) -> Self {
        let bank = Self::again(place, config).await;
        bank.played.settle_after(0).await;
        bank
    }

    /// A server on a place that was used before.
    pub(crate) async fn again(place: Place, config: &str) -> Self {
        Self::listening(place, "127.0.0.1:0", config).await
    }

    /// The same on this address.
    pub(crate) async fn listening(place: Place, address: &str, config: &str) -> Self {
        let path = config_file(&place, config);
        let variables = [("CHORSU_CONFIG", path.to_str().unwrap())];
        let server = Server::start_on(&place, address, &variables).await;
        let (partner, played) = (Partner::at(&server), Played::at(&server));
        Self { server, partner, played, place }
    }

    /// The id of an order of the demo partner. It is its number at a bank behind this one.
    pub(crate) async fn id_of(&self, key: &str) -> String {
        let partner = DEMO_PARTNER.map(|byte| format!("{byte:02x}")).concat();
        let sql =
            format!("SELECT document_id FROM document_key WHERE key = 'bank:{partner}:{key}'");
        self.place.rows(&sql).await[0][0].clone()
    }

    /// Stops the server well, and replays the ledger, which must be in order.
    pub(crate) async fn finish(self) {
        let Self { server, place, .. } = self;
        server.stop().await;
        crate::server::assert_verified(&place);
    }

    /// Ends the server at once; its place is left.
    pub(crate) fn kill(self) -> Place {
        self.server.kill();
        self.place
    }
}

/// Writes a configuration beside a place's data.
pub(crate) fn config_file(place: &Place, config: &str) -> PathBuf {
    let path = place.log().with_file_name("chorsu.toml");
    std::fs::write(&path, config).unwrap();
    path
}
