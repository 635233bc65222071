//! The scenario `orders`: every connection gives one payment order after another. Bank API:
//! `POST /api/v2/payment` answers code 0 and the status Введен when the order is durable; anything
//! else is an error. What was accepted is settled behind, which is waited for after the load.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use bytes::{Bytes, BytesMut};
use hyper::Method;
use serde_json::json;

use super::answer_bank;
use super::bank_partner::{Login, Partner};
use super::caller::Caller;
use super::findings::Findings;
use super::link::{Call, Interrupted, Link};
use super::load::{Scenario, Worker};
use super::recording::Recording;
use super::scenario_receipts::run_name;
use super::settling::{self, Ended, Settled};
use super::target::{RequestHead, Target};

const PATH: &str = "/api/v2/payment";
const ENTERED: &str = "Введен";
const POSTED: &str = "Проведен";

/// What the load may take at most, in tiyin: each order takes one. More than any load of a day.
const FUNDS_TIYIN: i64 = 5_000_000_000;
/// How long the played bank takes for an order during the load, so that orders are settled behind
/// those that are accepted and not only after them.
const SETTLE_AFTER_MS: u64 = 1_000;
const SANDBOX_BANK: &str = "/sandbox/bank";
const SETTLE_KEY: &str = "settle_after_ms";

/// The scenario after its set-up.
pub(super) struct OrdersScenario {
    partner: Partner,
    head: RequestHead,
    run: String,
    ended_before: Ended,
    /// What the played bank has to be set back to.
    settle_after_ms: Option<u64>,
    /// The last accepted order of each connection.
    last_orders: Arc<Mutex<Vec<Option<String>>>>,
}

impl OrdersScenario {
    /// Logs in, sees to the money and to a bank that settles during the load, and gives one order.
    ///
    /// # Errors
    /// The server is not reached, does not let the partner in, or does not accept the order.
    pub(super) async fn prepare(target: &Arc<Target>, login: Login<'_>) -> Result<Self> {
        let (partner, balance) = Partner::enter(target, login).await?;
        let mut caller = partner.caller();
        let run = run_name();
        fund(&mut caller, &run, login.service, balance).await?;
        let mut first = OrderBodies::new(&run, "first", login.service);
        let body = serde_json::from_slice(&first.next_body())?;
        let answer = caller.call(Method::POST, PATH, Some(&body)).await?;
        let answer = answer.with_context(|| format!("{PATH}: HTTP status 404"))?;
        answer_bank::order(answer.to_string().as_bytes(), ENTERED)
            .with_context(|| format!("{PATH} accepted no order"))?;
        let view = caller.get(SANDBOX_BANK).await?;
        let settle_after_ms = view.and_then(|view| view[SETTLE_KEY].as_u64());
        if settle_after_ms.is_some() {
            set_settle_after_ms(&mut caller, SETTLE_AFTER_MS).await?;
        }
        let ended_before = Ended::ask(&mut caller).await?.unwrap_or_default();
        let head = target.post(PATH, &partner.headers);
        let last_orders = Arc::default();
        Ok(Self { partner, head, run, ended_before, settle_after_ms, last_orders })
    }

    /// What the metrics say of the settling, and what is wrong with it.
    fn judge(settled: &Settled, orders: u64, recording: &mut Recording) -> Findings {
        let Settled { at_end_of_load, ended, took } = *settled;
        let mut findings = Findings::default();
        let behind = orders.saturating_sub(at_end_of_load.all());
        let during = at_end_of_load.all();
        findings.figure("settled", "orders_settled_during_load", during, "orders during the load");
        findings.figure("behind", "orders_unsettled_after_load", behind, "orders when it ended");
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        findings.figure("all settled", "all_settled_after_ms", millis, "ms after the load");
        let missing = orders.saturating_sub(ended.all());
        recording.errors_of(format!("accepted, and not {POSTED} a minute later"), missing);
        recording.errors_of("accepted, and ended Удален".to_owned(), ended.deleted);
        findings
    }
}

/// Has money paid in where there is too little of it. In live mode that is the operator's affair.
async fn fund(caller: &mut Caller, run: &str, service: u32, balance: i64) -> Result<()> {
    if balance >= FUNDS_TIYIN {
        return Ok(());
    }
    let payment = json!({ "service": service, "amount": FUNDS_TIYIN, "reference": run });
    let path = format!("{SANDBOX_BANK}/incoming");
    let booked = caller.call(Method::POST, &path, Some(&payment)).await?;
    if booked.is_none() && balance == 0 {
        bail!("service {service} has no money");
    }
    Ok(())
}

async fn set_settle_after_ms(caller: &mut Caller, ms: u64) -> Result<()> {
    let change = json!({ SETTLE_KEY: ms });
    let changed = caller.call(Method::PATCH, SANDBOX_BANK, Some(&change)).await?;
    changed.map(drop).context("the played bank has gone away")
}

impl Scenario for OrdersScenario {
    const KINDS: &'static [&'static str] = &["payment"];
    const OPERATION: (&'static str, usize) = ("orders", 0);
    type Worker = OrdersWorker;

    fn worker(&self, connection: usize) -> OrdersWorker {
        let mut last = self.last_orders.lock().unwrap_or_else(PoisonError::into_inner);
        let connections = last.len().max(connection + 1);
        last.resize(connections, None);
        OrdersWorker {
            head: self.head.clone(),
            bodies: OrderBodies::new(&self.run, &connection.to_string(), self.partner.service),
            connection,
            last_accepted: 0,
            last_orders: Arc::clone(&self.last_orders),
        }
    }

    /// Waits until everything is settled, and looks at the last order of each connection.
    async fn finish(&self, recording: &mut Recording, answers: u64) -> Result<Findings> {
        let mut caller = self.partner.caller();
        let settled = settling::wait(&mut caller, self.ended_before, answers).await;
        if let Some(ms) = self.settle_after_ms {
            set_settle_after_ms(&mut caller, ms).await?;
        }
        let Some(settled) = settled? else { return Ok(Findings::default()) };
        let findings = Self::judge(&settled, answers, recording);
        let last = self.last_orders.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for order in last.into_iter().flatten() {
            let answer = caller.get(&format!("{PATH}/{order}")).await?;
            let answer = answer.context("the status of an order is not there")?;
            if let Err(error) = answer_bank::order(answer.to_string().as_bytes(), POSTED) {
                recording.error(format!("the status of an accepted order: {error}"));
            }
        }
        Ok(findings)
    }
}

/// One connection's orders.
pub(super) struct OrdersWorker {
    head: RequestHead,
    bodies: OrderBodies,
    connection: usize,
    /// The number of the last accepted order; zero before the first.
    last_accepted: u64,
    last_orders: Arc<Mutex<Vec<Option<String>>>>,
}

impl Worker for OrdersWorker {
    async fn turn(&mut self, link: &mut Link) -> Result<(), Interrupted> {
        let body = self.bodies.next_body();
        let call = Call { kind: 0, head: &self.head, body };
        link.call(call, |answer| answer_bank::order(answer, ENTERED)).await?;
        self.last_accepted = self.bodies.sequence;
        Ok(())
    }
}

impl Drop for OrdersWorker {
    fn drop(&mut self) {
        if self.last_accepted == 0 {
            return;
        }
        let order = format!("{}{}", self.bodies.prefix, self.last_accepted);
        let mut last = self.last_orders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = last.get_mut(self.connection) {
            *place = Some(order);
        }
    }
}

/// The bodies of one connection's orders, each with a number of its own.
struct OrderBodies {
    buffer: BytesMut,
    prefix: String,
    sequence: u64,
    tail: Bytes,
}

impl OrderBodies {
    /// Orders of the series `series` of the run `run`.
    fn new(run: &str, series: &str, service: u32) -> Self {
        // The account of the document's example; its ending is no fault of a played bank.
        let rest = json!({
            "amount": "1",
            "comissionAmount": "0",
            "purpose": "Оплата по договору 12 от 01.02.2024 за услуги",
            "serviceId": service.to_string(),
            "receiverName": "Test",
            "mfoReceiver": "01091",
            "receiverAccount": "29801000990248844444",
            "innReceiver": "123456789",
        });
        // Without its opening brace: the order's number comes before it.
        let tail = Bytes::from(format!("\",{}", &rest.to_string()[1..]));
        Self { buffer: BytesMut::new(), prefix: format!("{run}-{series}-"), sequence: 0, tail }
    }

    fn next_body(&mut self) -> Bytes {
        self.sequence += 1;
        self.buffer.extend_from_slice(b"{\"orderId\":\"");
        self.buffer.extend_from_slice(self.prefix.as_bytes());
        // Writing to memory does not fail.
        let _ = write!(self.buffer, "{}", self.sequence);
        self.buffer.extend_from_slice(&self.tail);
        self.buffer.split().freeze()
    }
}
