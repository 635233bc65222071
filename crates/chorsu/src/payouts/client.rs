//! Giving one row to a running server over the bank API, and finding out what became of it.
//!
//! An order is given with an idempotency key, so giving it again is safe. Still, when an answer is
//! lost or unclear, the server is asked first, and only an order that it does not have is given
//! again: a bank that does not know the key stays safe too.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use chorsu_connectors::http::{
    BaseUrl, HttpAnswer, HttpClient, HttpRequest, HttpSettings, Method, path_segment,
};
use chorsu_core::bank::{BankCode, CodeMeaning, OrderKind};
use chorsu_files::BulkRow;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::report::{Record, Status};
use super::rows;
use super::run::record;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long the server may look at a whole file.
const FILE_TIMEOUT: Duration = Duration::from_secs(3_600);
/// Pauses between tries while the server is not there or has no room.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(3);
/// How often the server may know an order and answer "ask for its status" to it all the same.
const KNOWN_MAX: u32 = 2;

/// A server and who calls it.
#[derive(Clone)]
pub(crate) struct Client {
    http: HttpClient,
    base: BaseUrl,
    username: String,
    password: String,
    /// The service that pays.
    pub(crate) service: u32,
    /// How long a server may be away before the import gives up.
    pub(crate) patience: Duration,
}

/// An order in the words of the bank API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order<'a> {
    order_id: &'a str,
    service_id: String,
    amount: String,
    /// The documented spelling.
    comission_amount: String,
    receiver_account: &'a str,
    purpose: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfo_receiver: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inn_receiver: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ref_number: Option<&'a str>,
}

#[derive(Deserialize)]
struct Envelope {
    code: i64,
    #[serde(default)]
    message: Option<String>,
    data: Option<Shown>,
}

#[derive(Clone, Deserialize)]
struct Shown {
    payment_status: String,
    doc_id: String,
}

/// What a call came to.
enum Said {
    /// The order, as the server has it.
    Order(Shown),
    /// A documented code, with its text.
    Code(BankCode, String),
    /// No answer that says anything.
    Nothing(String),
}

/// The import cannot go on: the server is away, or does not serve this partner.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Halt {
    /// It does not serve this partner or this service.
    #[error("the server does not take orders: code {0} {1}")]
    NotServed(u16, String),
    /// It was away for too long.
    #[error("the server does not answer: {0}; run the same command again to go on")]
    Away(String),
}

impl Client {
    /// A client of the server at `url`, as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// When that is no URL.
    pub(crate) fn new(
        url: &str,
        (username, password): (String, String),
        service: u32,
        patience: Duration,
    ) -> anyhow::Result<Self> {
        let base = url.parse().with_context(|| format!("--url {url:?}"))?;
        Ok(Self { http: http(TIMEOUT), base, username, password, service, patience })
    }

    /// Has the server look at a file without paying it; its answer is a line a row.
    ///
    /// # Errors
    /// When there is no answer.
    pub(crate) async fn dry_run(&self, file: Vec<u8>) -> anyhow::Result<HttpAnswer> {
        let path = format!("/v1/payouts?service={}&dry_run=true", self.service);
        let headers = Vec::new();
        let request = HttpRequest { method: Method::Post, path, headers, body: file.into() }
            .with_login(&self.username, &self.password);
        let answer = http(FILE_TIMEOUT).open(&self.base, request).await;
        answer.context("the server does not answer")
    }

    /// Pays a row, and does not come back before it is known what became of it, or before the
    /// server's patience is over.
    ///
    /// # Errors
    /// [`Halt`]: this row and those after it have to be given again.
    pub(crate) async fn pay(&self, row: &BulkRow) -> Result<Record, Halt> {
        let mut known = 0;
        let mut last = None;
        let mut waited = Waited::new(self.patience);
        loop {
            let (code, words) = match self.submit(row).await {
                Said::Order(shown) => return Ok(accepted(row, &shown, "")),
                Said::Code(code, words) => (Some(code), words),
                Said::Nothing(words) => (None, words),
            };
            match code.map(BankCode::meaning) {
                Some(CodeMeaning::NotAllowed) => {
                    let number = code.map_or(0, BankCode::number);
                    return Err(Halt::NotServed(number, words));
                }
                // The bank's day has turned while it was asked: nothing was created.
                Some(_) if code == Some(BankCode::DateBeforeOperatingDay) => {
                    if waited.pause().await.is_err() {
                        return Ok(unknown(row, code, words));
                    }
                    continue;
                }
                Some(CodeMeaning::OrderRefused) => {
                    return Ok(match &last {
                        // It is there, whatever its repeat is told.
                        Some(shown) => used(row, shown),
                        None => refused(row, code, words),
                    });
                }
                _ => {}
            }
            // Unknown: the server is asked.
            loop {
                match self.status(row).await {
                    Said::Order(shown) if known == KNOWN_MAX => return Ok(used(row, &shown)),
                    Said::Order(shown) => {
                        known += 1;
                        last = Some(shown);
                        break;
                    }
                    Said::Code(BankCode::NotRecorded, _) => {
                        if waited.pause().await.is_err() {
                            return Ok(unknown(row, code, words));
                        }
                        break;
                    }
                    Said::Code(..) => {
                        if waited.pause().await.is_err() {
                            return Ok(unknown(row, code, words));
                        }
                    }
                    Said::Nothing(error) => {
                        waited.pause().await.map_err(|()| Halt::Away(error))?;
                    }
                }
            }
        }
    }

    async fn submit(&self, row: &BulkRow) -> Said {
        let method = match rows::kind(row) {
            OrderKind::Ordinary => "payment",
            OrderKind::Budget => "paymentBudget",
        };
        let (card, budget) = (row.card.as_ref(), row.budget);
        let order = Order {
            order_id: &row.order_key,
            service_id: self.service.to_string(),
            amount: row.amount.get().to_string(),
            comission_amount: row.commission.get().to_string(),
            receiver_account: &row.account,
            purpose: &row.purpose,
            receiver_name: (!budget).then_some(&*row.receiver_name),
            mfo_receiver: (!budget).then_some(&*row.mfo),
            inn_receiver: row.inn.as_deref(),
            purpose_code: row.purpose_code.as_deref(),
            card_type: card.map(|card| rows::network(card.network)),
            card_number: card.map(|card| card.number.digits()),
            ref_number: card.map(|card| &*card.reference),
        };
        let Ok(body) = serde_json::to_vec(&order) else {
            return Said::Nothing("the order cannot be written".to_owned());
        };
        let request = HttpRequest::json(Method::Post, format!("/api/v2/{method}"), body)
            // Any key will do: the order's number says which order it is.
            .with("idempotency-key", Zeroizing::new("payouts".to_owned()));
        self.call(request).await
    }

    async fn status(&self, row: &BulkRow) -> Said {
        let path = format!("/api/v2/payment/{}", path_segment(&row.order_key));
        self.call(HttpRequest::json(Method::Get, path, Vec::new())).await
    }

    async fn call(&self, request: HttpRequest) -> Said {
        let request = request.with_login(&self.username, &self.password);
        let asked = async {
            let answer = self.http.call(&self.base, request).await?;
            anyhow::Ok(serde_json::from_slice::<Envelope>(&answer.body)?)
        };
        match asked.await {
            Ok(envelope) => envelope.said(),
            Err(error) => Said::Nothing(format!("{error:#}")),
        }
    }
}

fn http(call_timeout: Duration) -> HttpClient {
    HttpClient::new(HttpSettings { call_timeout, ..HttpSettings::default() })
}

impl Envelope {
    fn said(self) -> Said {
        let words = self.message.unwrap_or_default();
        match (self.code, self.data, BankCode::from_number(self.code)) {
            (0, Some(shown), _) => Said::Order(shown),
            (_, _, Some(code)) => Said::Code(code, words),
            (code, _, None) => Said::Nothing(format!("code {code} {words}")),
        }
    }
}

fn accepted(row: &BulkRow, shown: &Shown, words: &str) -> Record {
    Record {
        payment_status: shown.payment_status.clone(),
        doc_id: shown.doc_id.clone(),
        message: words.to_owned(),
        ..record(row, Status::Accepted)
    }
}

/// The server has an order of this number, which may be another one.
fn used(row: &BulkRow, shown: &Shown) -> Record {
    let words = "the number was used before, perhaps for another order";
    Record { status: Status::Known, ..accepted(row, shown, words) }
}

fn coded(row: &BulkRow, status: Status, code: Option<BankCode>, message: String) -> Record {
    Record { code: code.map_or(0, BankCode::number), message, ..record(row, status) }
}

fn refused(row: &BulkRow, code: Option<BankCode>, words: String) -> Record {
    coded(row, Status::Refused, code, words)
}

fn unknown(row: &BulkRow, code: Option<BankCode>, words: String) -> Record {
    coded(row, Status::Unknown, code, words)
}

/// Longer and longer pauses, until patience is over.
struct Waited {
    until: Instant,
    pause: Duration,
}

impl Waited {
    fn new(patience: Duration) -> Self {
        Self { until: Instant::now() + patience, pause: PAUSE_MIN }
    }

    async fn pause(&mut self) -> Result<(), ()> {
        if Instant::now() >= self.until {
            return Err(());
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        Ok(())
    }
}
