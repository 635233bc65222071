//! Settlements from outside: sellers with rules, and the calls of `/v1`.

pub(crate) mod day;
mod faults;
mod kills;
mod rules;
mod schedule;

use reqwest::Method;
use serde_json::{Value, json};

use crate::bank_partner::{ACCOUNT, PASSWORD, USERNAME};
use crate::server::Server;
use crate::wire::{self, Raw};

/// `/v1` at one server, called by the demo partner; clones share their connections.
#[derive(Clone)]
pub(crate) struct V1 {
    http: reqwest::Client,
    base: String,
    login: (String, String),
}

impl V1 {
    /// At this server.
    pub(crate) fn at(server: &Server) -> Self {
        let login = (USERNAME.to_owned(), PASSWORD.to_owned());
        Self { http: wire::client(), base: format!("{}/v1", server.url()), login }
    }

    /// The same with this name and password.
    pub(crate) fn with_login(&self, username: &str, password: &str) -> Self {
        Self { login: (username.to_owned(), password.to_owned()), ..self.clone() }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> Raw {
        let request = self.http.request(method, format!("{}{path}", self.base)).body(body);
        wire::send(request.basic_auth(&self.login.0, Some(&self.login.1))).await.unwrap()
    }

    /// The status and the JSON of an answer.
    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let raw = self.send(method, path, body).await;
        let answer = serde_json::from_str(&raw.text);
        (raw.status, answer.unwrap_or_else(|_| panic!("{path}: {}", raw.text)))
    }

    /// The JSON of an answer that must be good.
    async fn good(&self, method: Method, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(method, path, body).await;
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    /// The status and the error code of an answer that must be bad.
    pub(crate) async fn refused(&self, method: Method, path: &str, body: Value) -> (u16, String) {
        let (status, answer) = self.call(method, path, &body).await;
        assert!(answer["error"]["message"].is_string(), "{path} {body}: {answer}");
        (status, answer["error"]["code"].as_str().unwrap().to_owned())
    }

    /// Bytes of a file.
    pub(crate) async fn file(&self, path: &str) -> Vec<u8> {
        let request = self.http.get(format!("{}{path}", self.base));
        let request = request.basic_auth(&self.login.0, Some(&self.login.1));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.bytes().await.unwrap().to_vec()
    }

    /// Says how a merchant is paid out.
    pub(crate) async fn put_rule(&self, merchant: &str, rule: &Value) {
        self.good(Method::PUT, &format!("/settlement-rules/{merchant}"), rule).await;
    }

    /// Computes what these merchants are owed; the answer.
    pub(crate) async fn compute(&self, day: &str, merchants: &[&str]) -> Value {
        let asked = json!({ "day": day, "merchants": merchants });
        self.good(Method::POST, "/settlements", &asked).await
    }

    /// Computes the settlement of one merchant.
    pub(crate) async fn computed(&self, day: &str, merchant: &str) -> Value {
        let answer = self.compute(day, &[merchant]).await;
        let found = answer["settlements"].as_array().unwrap();
        assert_eq!(found.len(), 1, "{answer}");
        found[0].clone()
    }

    /// Why there is no settlement of a merchant.
    pub(crate) async fn skipped(&self, day: &str, merchant: &str) -> String {
        let answer = self.compute(day, &[merchant]).await;
        assert_eq!(answer["settlements"], json!([]), "{answer}");
        answer["skipped"][0]["reason"].as_str().unwrap().to_owned()
    }

    /// Sends a settlement.
    pub(crate) async fn sent(&self, id: &str) -> Value {
        self.good(Method::POST, &format!("/settlements/{id}/send"), &Value::Null).await
    }

    /// A settlement.
    pub(crate) async fn settlement(&self, id: &str) -> Value {
        self.good(Method::GET, &format!("/settlements/{id}"), &Value::Null).await
    }

    /// Settlements, newest first.
    pub(crate) async fn settlements(&self, query: &str) -> Vec<Value> {
        let answer = self.good(Method::GET, &format!("/settlements{query}"), &Value::Null).await;
        answer["settlements"].as_array().unwrap().clone()
    }

    /// Waits until a settlement is in this state.
    pub(crate) async fn until(&self, id: &str, state: &str) -> Value {
        crate::until(&format!("settlement {id} {state}"), async || {
            let found = self.settlement(id).await;
            (found["state"] == state).then_some(found)
        })
        .await
    }
}

/// The id in an answer.
pub(crate) fn id_of(settlement: &Value) -> String {
    settlement["id"].as_str().unwrap().to_owned()
}

/// A receiver at an account.
pub(crate) fn payee(account: &str) -> Value {
    json!({ "name": "OOO \"Гул бозор\"", "mfo": "00401", "account": account, "inn": "307692757" })
}

/// A rule that gives everything to the merchant at an account.
pub(crate) fn plain_rule(account: &str) -> Value {
    json!({ "service": 33, "pay_at": "00:00", "merchant": payee(account) })
}

/// The plain rule at an account that has no meaning to the sandbox.
pub(crate) fn rule() -> Value {
    plain_rule(ACCOUNT)
}

/// The clock of this machine, in milliseconds.
pub(crate) fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

/// Today in Tashkent.
pub(crate) fn today() -> String {
    day_of(now())
}

/// The Tashkent day of a moment as `YYYY-MM-DD`.
pub(crate) fn day_of(millis: i64) -> String {
    // Days since 1970-01-01 to a date (the proleptic Gregorian calendar, counted from March).
    let days = (millis + 5 * 3_600_000).div_euclid(86_400_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
