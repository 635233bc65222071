//! A sandbox for one test, and a small HTTP client that signs as a merchant does.

use chorsu_core::Wallet;
use std::net::SocketAddr;

use chorsu_sandbox::{
    Conduct, DEMO_CLICK, DEMO_PAYME, DEMO_UZUM, MemoryBook, Sandbox, SandboxClock, WalletTotals,
    WalletTransaction, WalletWorld, issue_code,
};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The URL of a fiscal receipt.
pub(crate) const FISCAL: &str =
    "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=1";

pub(crate) struct Stage {
    pub(crate) book: MemoryBook,
    pub(crate) clock: SandboxClock,
    pub(crate) sandbox: Sandbox,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let (book, clock) = (MemoryBook::default(), SandboxClock::default());
        let sandbox = Sandbox::start(book.clone(), clock.reader()).await.unwrap();
        Self { book, clock, sandbox }
    }

    pub(crate) fn world(&self) -> &WalletWorld {
        self.sandbox.wallets()
    }

    pub(crate) async fn totals(&self, wallet: Wallet) -> WalletTotals {
        self.world().totals(wallet).await.unwrap()
    }

    pub(crate) async fn transaction(&self, wallet: Wallet, id: &str) -> Option<WalletTransaction> {
        self.world().transaction(wallet, id).await.unwrap()
    }

    /// How many times the customer was charged net under this transaction.
    pub(crate) async fn charges(&self, wallet: Wallet, id: &str) -> usize {
        self.transaction(wallet, id).await.map_or(0, |transaction| transaction.charges)
    }

    /// A call to Click, signed now; `None` when the connection closed without an answer.
    pub(crate) async fn click(&self, method: &str, path: &str, body: Value) -> Option<Value> {
        let auth = click_auth(self.clock.now().0 / 1_000, &DEMO_CLICK.secret_key);
        let path = format!("/v2/merchant{path}");
        let header = format!("Auth: {auth}");
        let address = self.world().address(Wallet::Click);
        parsed(request(address, method, &path, &header, &body.to_string()).await)
    }

    pub(crate) async fn click_pay(
        &self,
        transaction: &str,
        code: &str,
        sum: Value,
    ) -> Option<Value> {
        let body = json!({ "service_id": DEMO_CLICK.service_id, "otp_data": code, "amount": sum,
            "transaction_id": transaction });
        self.click("POST", "/click_pass/payment", body).await
    }

    /// A call to Payme: the result or the error.
    pub(crate) async fn payme(&self, method: &str, params: Value) -> Option<Result<Value, Value>> {
        let header = format!("X-Auth: {}:{}", DEMO_PAYME.merchant_id, DEMO_PAYME.key);
        let body = json!({ "id": 7, "method": method, "params": params }).to_string();
        let address = self.world().address(Wallet::Payme);
        let mut answer = parsed(request(address, "POST", "/api", &header, &body).await)?;
        assert_eq!(answer["id"], 7);
        Some(match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(answer["error"].take()),
        })
    }

    /// A receipt of Payme; its id.
    pub(crate) async fn receipt(&self, transaction: &str, amount: i64) -> String {
        let params = json!({ "amount": amount, "account": { "document": transaction } });
        let created = self.payme("receipts.create", params).await.unwrap().unwrap();
        assert_eq!(created["receipt"]["state"], 0);
        created["receipt"]["_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn payme_pay(
        &self,
        receipt: &str,
        code: &str,
    ) -> Option<Result<Value, Value>> {
        self.payme("receipts.pay", json!({ "id": receipt, "token": code })).await
    }

    /// A call to Uzum, signed now.
    pub(crate) async fn uzum(&self, method: &str, path: &str, mut body: Value) -> Option<Value> {
        let stamp = self.clock.now().0.to_string();
        let digest = sha1_hex(&stamp, &DEMO_UZUM.secret);
        let user = &DEMO_UZUM.merchant_service_user_id;
        let header = format!("Authorization: {user}:{digest}:{stamp}");
        body["service_id"] = json!(DEMO_UZUM.service_id);
        let address = self.world().address(Wallet::Uzum);
        let path = format!("/api/apelsin-pay/merchant{path}");
        parsed(request(address, method, &path, &header, &body.to_string()).await)
    }

    pub(crate) async fn uzum_pay(&self, order: &str, code: &str, amount: i64) -> Option<Value> {
        let body = json!({ "amount": amount, "cashbox_code": "1", "otp_data": code,
            "order_id": order, "transaction_id": order });
        self.uzum("POST", "/v2/payment", body).await
    }

    pub(crate) async fn uzum_status(&self, payment: &Value) -> Value {
        let body = json!({ "payment_id": payment });
        self.uzum("POST", "/payment/status", body).await.unwrap()
    }
}

/// A code of a customer with this conduct; other bytes give other customers.
pub(crate) fn code(wallet: Wallet, conduct: Conduct, byte: u8) -> String {
    issue_code(wallet, conduct, [byte; 16])
}

pub(crate) fn good(wallet: Wallet, byte: u8) -> String {
    code(wallet, Conduct::Good, byte)
}

pub(crate) fn click_auth(seconds: i64, secret: &str) -> String {
    let stamp = seconds.to_string();
    format!("{}:{}:{stamp}", DEMO_CLICK.merchant_user_id, sha1_hex(&stamp, secret))
}

pub(crate) fn sha1_hex(stamp: &str, secret: &str) -> String {
    let digest = Sha1::new().chain_update(stamp).chain_update(secret).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parsed(answer: Option<(u16, String)>) -> Option<Value> {
    let (status, body) = answer?;
    assert_eq!(status, 200, "{body}");
    Some(serde_json::from_str(&body).unwrap())
}

/// One request on a connection of its own; `None` when it closed without an answer.
pub(crate) async fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    header: &str,
    body: &str,
) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{header}\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A dropped connection may also be reset.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some((status, body.to_owned()))
}
