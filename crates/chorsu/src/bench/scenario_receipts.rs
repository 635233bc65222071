//! The scenario `receipts`: every connection creates a receipt and pays it, over and over, with
//! one card that was verified before. Subscribe API: `receipts.create` answers state 0,
//! `receipts.pay` state 4 when the payment is durable; anything else is an error.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, anyhow, bail};
use bytes::{Bytes, BytesMut};
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::answer::{self, AnswerError, RECEIPT_ID_BYTES};
use super::connection::Connection;
use super::link::{Call, Interrupted, Link};
use super::load::{Scenario, Worker};
use super::target::{RequestHead, Target};

/// Where the Subscribe API is served.
const PATH: &str = "/api";
const X_AUTH: HeaderName = HeaderName::from_static("x-auth");

/// A published test card and its code, which every sandbox of this protocol accepts.
const CARD_NUMBER: &str = "8600069195406311";
const CARD_EXPIRE: &str = "0399";
const CARD_CODE: &str = "666666";

/// The JSON-RPC code of a refused X-Auth.
const CODE_ACCESS_DENIED: i64 = -32504;

/// How long a call of the set-up may take.
const SETUP_ANSWER_WAIT: Duration = Duration::from_secs(15);

/// Amounts go from the first to the sum of both, in tiyin: no two neighbours alike, and so
/// small that a long run leaves money on the card.
const AMOUNT_FIRST_TIYIN: u64 = 1_000;
const AMOUNT_SPREAD_TIYIN: u64 = 1_000;

const STATE_CREATED: u8 = 0;
const STATE_PAID: u8 = 4;

const CREATE: usize = 0;
const PAY: usize = 1;

/// Who creates the receipts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Credentials<'a> {
    pub(super) kassa: &'a str,
    pub(super) key: &'a str,
}

/// The scenario after its set-up.
pub(super) struct ReceiptsScenario {
    head: RequestHead,
    /// The end of every `receipts.pay`, with the card's token.
    pay_tail: Bytes,
    run: String,
}

impl ReceiptsScenario {
    /// Registers and verifies the card that pays for everything, and pays one receipt with it, so
    /// that a wrong key or a card without money is told before the load and not by all of it.
    ///
    /// # Errors
    /// The server is not reached, or refuses one of the five calls.
    pub(super) async fn prepare(target: &Target, credentials: Credentials<'_>) -> Result<Self> {
        let Credentials { kassa, key } = credentials;
        let client_side = auth_head(target, kassa)?;
        let head = auth_head(target, &format!("{kassa}:{key}"))?;
        let mut setup = Setup { connection: Connection::open(target).await? };
        let token = setup.verified_card(&client_side).await?;
        let run = run_name();
        setup.paid_receipt(&head, &token, &run).await?;
        let pay_tail = Bytes::from(format!("\",\"token\":{}}}}}", Value::from(token)));
        Ok(Self { head, pay_tail, run })
    }
}

impl Scenario for ReceiptsScenario {
    const KINDS: &'static [&'static str] = &["receipts.create", "receipts.pay"];
    const OPERATION: (&'static str, usize) = ("payments", PAY);
    type Worker = ReceiptsWorker;

    fn worker(&self, connection: usize) -> ReceiptsWorker {
        ReceiptsWorker {
            head: self.head.clone(),
            creates: CreateBodies::new(&self.run, connection),
            pays: PayBodies { buffer: BytesMut::new(), tail: self.pay_tail.clone() },
        }
    }
}

/// One connection's receipts.
pub(super) struct ReceiptsWorker {
    head: RequestHead,
    creates: CreateBodies,
    pays: PayBodies,
}

impl Worker for ReceiptsWorker {
    async fn turn(&mut self, link: &mut Link) -> Result<(), Interrupted> {
        let body = self.creates.next_body();
        let create = Call { kind: CREATE, head: &self.head, body };
        let id = link.call(create, |answer| check_state(answer, STATE_CREATED)).await?;
        let pay = Call { kind: PAY, head: &self.head, body: self.pays.body(&id) };
        link.call(pay, |answer| {
            let paid = check_state(answer, STATE_PAID)?;
            if paid == id { Ok(()) } else { Err(AnswerError::OtherReceipt) }
        })
        .await
    }
}

/// The id of the receipt in an answer, if the receipt is in the state `wanted`.
fn check_state(answer: &[u8], wanted: u8) -> Result<[u8; RECEIPT_ID_BYTES], AnswerError> {
    let receipt = answer::receipt(answer)?;
    if receipt.state != wanted {
        return Err(AnswerError::State { found: receipt.state, wanted });
    }
    Ok(receipt.id)
}

/// The bodies of one connection's `receipts.create`, each with an order of its own. The buffer is
/// written anew for every request, because the one before has been answered.
pub(super) struct CreateBodies {
    buffer: BytesMut,
    order_prefix: String,
    sequence: u64,
}

impl CreateBodies {
    /// Bodies for connection number `connection` of the run `run`.
    pub(super) fn new(run: &str, connection: usize) -> Self {
        let order_prefix = format!("{run}-{connection}-");
        Self { buffer: BytesMut::new(), order_prefix, sequence: 0 }
    }

    /// The next body.
    pub(super) fn next_body(&mut self) -> Bytes {
        self.sequence += 1;
        let Self { buffer, order_prefix, sequence } = self;
        let amount = AMOUNT_FIRST_TIYIN + *sequence % AMOUNT_SPREAD_TIYIN;
        buffer.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
        // Writing to memory does not fail.
        let _ = write!(buffer, "{sequence}");
        buffer.extend_from_slice(b",\"method\":\"receipts.create\",\"params\":{\"amount\":");
        let _ = write!(buffer, "{amount}");
        buffer.extend_from_slice(b",\"account\":{\"order_id\":\"");
        buffer.extend_from_slice(order_prefix.as_bytes());
        let _ = write!(buffer, "{sequence}");
        buffer.extend_from_slice(b"\"}}}");
        buffer.split().freeze()
    }
}

/// The bodies of one connection's `receipts.pay`.
struct PayBodies {
    buffer: BytesMut,
    tail: Bytes,
}

impl PayBodies {
    fn body(&mut self, receipt_id: &[u8; RECEIPT_ID_BYTES]) -> Bytes {
        self.buffer.extend_from_slice(
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"receipts.pay\",\"params\":{\"id\":\"",
        );
        self.buffer.extend_from_slice(receipt_id);
        self.buffer.extend_from_slice(&self.tail);
        self.buffer.split().freeze()
    }
}

/// The calls before the load, one after the other.
struct Setup {
    connection: Connection,
}

impl Setup {
    /// The token of a new, verified, recurrent card.
    async fn verified_card(&mut self, head: &RequestHead) -> Result<String> {
        let card = json!({ "number": CARD_NUMBER, "expire": CARD_EXPIRE });
        let created =
            self.call(head, "cards.create", &json!({ "card": card, "save": true })).await?;
        let token = created["card"]["token"].as_str().context("cards.create gave no token")?;
        self.call(head, "cards.get_verify_code", &json!({ "token": token })).await?;
        let verify = json!({ "token": token, "code": CARD_CODE });
        let verified = self.call(head, "cards.verify", &verify).await?;
        if verified["card"]["verify"] != true {
            bail!("cards.verify took the code but left the card unverified");
        }
        Ok(verified["card"]["token"].as_str().unwrap_or(token).to_owned())
    }

    /// Creates a receipt and pays it.
    async fn paid_receipt(&mut self, head: &RequestHead, token: &str, run: &str) -> Result<()> {
        let account = json!({ "order_id": format!("{run}-first") });
        let create = json!({ "amount": AMOUNT_FIRST_TIYIN, "account": account });
        let created = self.call(head, "receipts.create", &create).await?;
        let id = created["receipt"]["_id"].as_str().context("receipts.create gave no _id")?;
        let pay = json!({ "id": id, "token": token });
        let paid = self.call(head, "receipts.pay", &pay).await?;
        if paid["receipt"]["state"] != STATE_PAID {
            bail!("receipts.pay left the receipt in state {}", paid["receipt"]["state"]);
        }
        Ok(())
    }

    /// Calls `method` and gives its `result`.
    async fn call(&mut self, head: &RequestHead, method: &str, params: &Value) -> Result<Value> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let body = Bytes::from(request.to_string());
        let exchange = self.connection.exchange(head, body);
        let answer = tokio::time::timeout(SETUP_ANSWER_WAIT, exchange)
            .await
            .map_err(|_| anyhow!("{method}: no answer in {} s", SETUP_ANSWER_WAIT.as_secs()))?
            .with_context(|| format!("{method} got no answer"))?;
        if answer.status != StatusCode::OK {
            bail!(
                "{method}: HTTP status {}\n\n\
                 Hint: is this the address of a server of the Subscribe API?",
                answer.status
            );
        }
        answer::result(&answer.body).map_err(|error| match error {
            AnswerError::Refused { code: CODE_ACCESS_DENIED, .. } => anyhow!(
                "{method}: {error}\n\n\
                 Hint: the server does not know this kassa or this key; give its own with \
                 --kassa and --key"
            ),
            other => anyhow!("{method}: {other}"),
        })
    }
}

/// The head of a request with this X-Auth: the id alone for card methods, id and key for the
/// others.
fn auth_head(target: &Target, x_auth: &str) -> Result<RequestHead> {
    let value = HeaderValue::from_str(x_auth)
        .context("--kassa and --key must consist of visible ASCII characters")?;
    Ok(target.post(PATH, &[(X_AUTH, value)]))
}

/// A name no other run has, so that no two runs have an order in common.
pub(super) fn run_name() -> String {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("bench-{:x}", since_epoch.as_millis())
}
