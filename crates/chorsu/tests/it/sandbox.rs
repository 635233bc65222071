//! The sandbox's controls: what the played card networks have done, and how to disturb them.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::server::Server;
use crate::shop::Shop;
use crate::wire;

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// What a network has moved in all, in tiyin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Totals {
    pub(crate) debited: i64,
    pub(crate) debits: u64,
    pub(crate) refunded: i64,
    pub(crate) refunds: u64,
    pub(crate) net: i64,
}

/// The money of a card, in tiyin.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Card {
    pub(crate) balance: i64,
    pub(crate) held: i64,
    pub(crate) phone: String,
}

/// The sandbox of one server.
#[derive(Clone)]
pub(crate) struct Sandbox {
    http: reqwest::Client,
    base: String,
}

impl Sandbox {
    /// The sandbox of this server.
    pub(crate) fn at(server: &Server) -> Self {
        Self { http: wire::client(), base: format!("{}/sandbox", server.url()) }
    }

    /// The sandbox of the server that a shop talks to.
    pub(crate) fn of(shop: &Shop) -> Self {
        let base = shop.url().trim_end_matches("/api");
        Self { http: shop.http().clone(), base: format!("{base}/sandbox") }
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let raw = wire::send(request).await.unwrap();
        assert_eq!(raw.status, 200, "{path}: {}", raw.text);
        serde_json::from_str(&raw.text).unwrap()
    }

    /// Looks something up.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.send(reqwest::Method::GET, path, None).await
    }

    /// What `network` has moved.
    pub(crate) async fn totals(&self, network: &str) -> Totals {
        let view = self.get(&format!("/networks/{network}")).await;
        serde_json::from_value(view["totals"].clone()).unwrap()
    }

    /// A card as its network has it.
    pub(crate) async fn card(&self, pan: &str) -> Card {
        serde_json::from_value(self.get(&format!("/cards/{pan}")).await).unwrap()
    }

    /// Changes a card at its network.
    pub(crate) async fn change_card(&self, pan: &str, change: Value) {
        self.send(reqwest::Method::PATCH, &format!("/cards/{pan}"), Some(change)).await;
    }

    /// Adds a fault to a network.
    pub(crate) async fn add_fault(&self, network: &str, fault: Value) {
        let path = format!("/networks/{network}/faults");
        self.send(reqwest::Method::POST, &path, Some(fault)).await;
    }

    /// Ends all faults of a network.
    pub(crate) async fn clear_faults(&self, network: &str) {
        let path = format!("/networks/{network}/faults");
        self.send(reqwest::Method::DELETE, &path, None).await;
    }

    /// Makes every answer of a network slower.
    pub(crate) async fn set_latency(&self, network: &str, latency_ms: u64) {
        let path = format!("/networks/{network}");
        let change = json!({ "latency_ms": latency_ms });
        self.send(reqwest::Method::PATCH, &path, Some(change)).await;
    }

    /// Turns the clock forward.
    pub(crate) async fn advance(&self, milliseconds: i64) {
        let turn = json!({ "advance_ms": milliseconds });
        self.send(reqwest::Method::POST, "/clock", Some(turn)).await;
    }

    /// The code of the newest SMS to the holder of a card.
    pub(crate) async fn code_sent_to(&self, pan: &str) -> String {
        let phone = self.card(pan).await.phone;
        let inbox = self.get(&format!("/sms?to={phone}&limit=1")).await;
        let text = inbox[0]["text"].as_str().unwrap();
        let (_, rest) = text.split_once("code ").unwrap();
        let code: String = rest.chars().take_while(char::is_ascii_digit).collect();
        assert_eq!(code.len(), 6, "{text}");
        code
    }
}
