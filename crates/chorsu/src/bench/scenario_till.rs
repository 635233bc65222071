//! The scenario `till`: every connection scans one code after another of Click's, each good for one
//! payment. Till API: `POST /payment/click` answers with the payment when it is durable and charged
//! at the provider, in the sandbox the played Click; anything else is an error.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use bytes::{Bytes, BytesMut};
use serde_json::Value;

use super::answer::AnswerError;
use super::answer_till::paid;
use super::caller::Caller;
use super::findings::Findings;
use super::link::{Call, Interrupted, Link};
use super::load::{Scenario, Worker};
use super::provider_share::{add_shares, provider_times};
use super::recording::Recording;
use super::target::{RequestHead, Target};

const PATH: &str = "/payment/click";
/// Where the sandbox tells what Click has moved.
const CLICK: &str = "/sandbox/providers/click";

/// Endings of codes from here on belong to customers who simply pay; smaller ones may be faults.
const ENDING_FIRST: u64 = 100;
const ENDINGS: u64 = 900;
/// All codes of those customers: twelve digits and an ending.
const CODES: u64 = 1_000_000_000_000 * ENDINGS;

/// Amounts go from the first to the sum of both, in the till's unit: no two neighbours alike.
const AMOUNT_FIRST: u64 = 500;
const AMOUNT_SPREAD: u64 = 1_000;

/// The scenario after its set-up.
pub(super) struct TillScenario {
    target: Arc<Target>,
    head: RequestHead,
    codes: Arc<AtomicU64>,
    /// What Click had taken before the load; `None` without a sandbox.
    payments_before: Option<u64>,
}

impl TillScenario {
    /// Takes one payment, so that a server without a till is told before the load and not by all
    /// of it.
    ///
    /// # Errors
    /// The server is not reached, or does not take the payment.
    pub(super) async fn prepare(target: &Arc<Target>) -> Result<Self> {
        let since_epoch =
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let micros = u64::try_from(since_epoch.as_micros()).unwrap_or_default();
        // No run makes a million codes a second, so the next run begins behind this one.
        let codes = Arc::new(AtomicU64::new(micros % CODES));
        let mut caller = Caller::new(target, &[]);
        let mut bodies = ScanBodies { buffer: BytesMut::new(), codes: Arc::clone(&codes) };
        let first: Value = serde_json::from_slice(&bodies.next_scan().body)?;
        let answer = caller.call(hyper::Method::POST, PATH, Some(&first)).await?;
        let Some(answer) = answer else {
            bail!(
                "{PATH}: HTTP status 404\n\nHint: is this the address of a server of the till API?"
            );
        };
        paid(answer.to_string().as_bytes()).with_context(|| format!("{PATH} took no payment"))?;
        let payments_before = payments(&mut caller).await?;
        let head = target.post(PATH, &[]);
        Ok(Self { target: Arc::clone(target), head, codes, payments_before })
    }
}

/// How many payments the played Click has taken; `None` without a sandbox.
async fn payments(caller: &mut Caller) -> Result<Option<u64>> {
    let view = caller.get(CLICK).await?;
    Ok(view.and_then(|view| view["totals"]["payments"].as_u64()))
}

impl Scenario for TillScenario {
    const KINDS: &'static [&'static str] = &["payment/click"];
    const OPERATION: (&'static str, usize) = ("payments", 0);
    type Worker = TillWorker;

    fn worker(&self, _connection: usize) -> TillWorker {
        let bodies = ScanBodies { buffer: BytesMut::new(), codes: Arc::clone(&self.codes) };
        TillWorker { head: self.head.clone(), bodies }
    }

    /// Compares with the provider's own books, and asks it for its share of the latency.
    async fn finish(&self, recording: &mut Recording, answers: u64) -> Result<Findings> {
        let mut findings = Findings::default();
        let mut caller = Caller::new(&self.target, &[]);
        if let (Some(before), Some(after)) = (self.payments_before, payments(&mut caller).await?) {
            let charged = after.saturating_sub(before);
            findings.figure(
                "charged",
                "payments_charged",
                charged,
                "payments in Click's own books",
            );
            let missing = answers.saturating_sub(charged);
            recording.errors_of("answered as paid, and not in Click's books".to_owned(), missing);
        }
        if let Some(times) = provider_times(&mut caller).await? {
            add_shares(&mut findings, recording.samples.iter(), &times)?;
        }
        Ok(findings)
    }
}

/// One till.
pub(super) struct TillWorker {
    head: RequestHead,
    bodies: ScanBodies,
}

impl Worker for TillWorker {
    async fn turn(&mut self, link: &mut Link) -> Result<(), Interrupted> {
        let Scan { body, code, amount } = self.bodies.next_scan();
        let call = Call { kind: 0, head: &self.head, body };
        let check = |answer: &[u8]| {
            let paid = paid(answer)?;
            if paid.qr_code.as_bytes() != &code[..] || paid.amount != amount {
                return Err(AnswerError::OtherPayment);
            }
            paid.payment_id.parse().map_err(|_| AnswerError::unexpected(answer))
        };
        let payment_id = link.call(call, check).await?;
        link.keep_sample(payment_id);
        Ok(())
    }
}

/// A scanned code on its way to the server.
struct Scan {
    body: Bytes,
    code: Bytes,
    amount: u64,
}

/// The bodies of one connection's scans; all connections draw from the same codes.
struct ScanBodies {
    buffer: BytesMut,
    codes: Arc<AtomicU64>,
}

impl ScanBodies {
    fn next_scan(&mut self) -> Scan {
        const BEGIN: &[u8] = b"{\"qr_code\":\"";
        let number = self.codes.fetch_add(1, Ordering::Relaxed) % CODES;
        let amount = AMOUNT_FIRST + number % AMOUNT_SPREAD;
        self.buffer.extend_from_slice(BEGIN);
        let ending = ENDING_FIRST + number % ENDINGS;
        // Writing to memory does not fail.
        let _ = write!(self.buffer, "880{:012}{ending}", number / ENDINGS);
        let end = self.buffer.len();
        let _ = write!(self.buffer, "\",\"amount\":{amount}}}");
        let body = self.buffer.split().freeze();
        let code = body.slice(BEGIN.len()..end);
        Scan { body, code, amount }
    }
}
