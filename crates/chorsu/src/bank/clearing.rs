//! Carrying accepted orders to their end: the worker that takes those whose time has come.
//!
//! Orders of a service with a bank behind it go to that bank. The others are the played bank's,
//! which posts or deletes them itself. In live mode nothing is posted without a bank.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chorsu_core::bank::OrderState;
use chorsu_core::command::bank::{BankCommand, OrderEnd, SettleOrder};
use chorsu_core::order::{Incoming, PaymentOrder};
use chorsu_core::{Command, Document, DocumentId, DocumentKind, Reject, Reply, Tiyin, UnixMillis};
use chorsu_store::SubmitError;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::faults::Suffix;
use super::parties::Parties;
use super::real_now;
use super::service_book::Service;
use super::{incoming, requisites, upstream};
use crate::app::App;
use crate::sandbox::pause;

/// How often due orders are looked for when there was nothing to do.
const EVERY: Duration = Duration::from_millis(100);
/// Orders taken at once. All of them are given to the store together, so that it writes them in
/// few transactions, and fewer than its queue holds, so that requests find room in it.
const BATCH: u32 = 2_048;
/// How often the end of an order is offered to the store before it is left to the next look.
const TRIES: u32 = 5;
const TRY_PAUSE: Duration = Duration::from_millis(50);
/// How long a round may take to end after the stop was asked for.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// When an order is looked at again that nobody here can carry out.
const NOBODY_MS: i64 = 10 * 60 * 1_000;

/// Ends due orders until `stop` changes. What it has begun it ends, as far as our own part goes;
/// calls to other banks are left, and found again by the next start.
pub(crate) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let asking = Asking::default();
    let mut place = None;
    loop {
        let mut round = std::pin::pin!(round(&app, &asking, &mut place));
        let pause = tokio::select! {
            done = round.as_mut() => match done {
                Round::Full => Duration::ZERO,
                Round::Done => EVERY,
            },
            _ = stop.changed() => {
                // What does not end in time is still due, and found by the next start.
                let _ = tokio::time::timeout(STOP_TIMEOUT, round).await;
                return;
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.bank.wake.notified() => {}
            _ = stop.changed() => return,
        }
        if *stop.borrow() {
            return;
        }
    }
}

/// Whether there may be more to do at once.
enum Round {
    Full,
    Done,
}

/// Orders whose banks are being asked by this process.
#[derive(Clone, Default)]
struct Asking {
    orders: Arc<Mutex<HashSet<DocumentId>>>,
}

impl Asking {
    /// Asks the bank behind a service for an order in a task of its own, unless that is being done,
    /// there is no room, or the bank does not answer. Each bank has room of its own: one that
    /// hangs keeps no other waiting.
    fn start(&self, app: &Arc<App>, service: &Arc<Service>, order: PaymentOrder) {
        let Some(upstream) = service.upstream.as_ref().filter(|bank| !bank.is_silent()) else {
            return;
        };
        let Ok(permit) = upstream.room.clone().try_acquire_owned() else { return };
        let lock = |orders: &Mutex<HashSet<DocumentId>>, id, is_new| {
            let mut orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
            if is_new { orders.insert(id) } else { orders.remove(&id) }
        };
        if !lock(&self.orders, order.id, true) {
            return;
        }
        let (app, service, orders) = (app.clone(), service.clone(), self.orders.clone());
        tokio::spawn(async move {
            upstream::look_after(&app, &service, &order).await;
            lock(&orders, order.id, false);
            drop(permit);
        });
    }
}

/// The last order of a page: the next one begins after it.
type Place = Option<(UnixMillis, DocumentId)>;

/// Takes a page of due orders, after those of the round before when there were more: orders that
/// wait for a bank without room do not hide those behind them.
async fn round(app: &Arc<App>, asking: &Asking, place: &mut Place) -> Round {
    let due = app.store.due_documents(DocumentKind::Order, real_now(), *place, BATCH).await;
    let due = match due {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "no look at due orders");
            return Round::Done;
        }
    };
    let full = usize::try_from(BATCH).unwrap_or(usize::MAX);
    let last = due.last().filter(|_| due.len() == full);
    *place = last.and_then(|last| Some((last.envelope().due_at?, last.id())));
    let services = app.bank.services();
    let mut ending = JoinSet::new();
    for document in due {
        let Document::Order(order) = document else { continue };
        let Some(service) = services.get(order.service) else { continue };
        if !order.is_funded {
            let app = app.clone();
            ending.spawn(async move {
                delete(&app, &order, "not enough money on the service").await.is_some()
            });
        } else if service.upstream.is_some() {
            asking.start(app, service, order);
        } else {
            let (app, service) = (app.clone(), service.clone());
            ending.spawn(async move { play(&app, &service, &order).await.is_some() });
        }
    }
    // Orders that other banks are asked for stay due for a moment: they are no reason to hurry.
    let ended = ending.join_all().await.into_iter().filter(|ended| *ended).count();
    if ended == full { Round::Full } else { Round::Done }
}

/// Ends an order as the played bank does.
async fn play(app: &App, service: &Service, order: &PaymentOrder) -> Option<()> {
    let Some(controls) = &app.bank.controls else {
        // What its bank has said before is not forgotten: the bank may be configured again.
        let now = real_now();
        let words = "no bank is configured for this service";
        let note = upstream::Note::kept(order.reason.as_deref(), now, words);
        let note = Some(note.to_string().into());
        let (tries, due_at) = (order.tries + 1, now.plus(NOBODY_MS));
        let defer = BankCommand::Defer { id: order.id, due_at, tries, note };
        return app.store.submit(Command::Bank(defer)).await.ok().map(drop);
    };
    let said = requisites::from_json(&order.requisites);
    let suffix = said.as_ref().and_then(|said| Suffix::of(said.named_account()));
    let receiver = said.as_ref().and_then(|said| {
        let receiver = said.document_receiver();
        let services = app.bank.services();
        services.at_account(receiver.mfo.as_str(), receiver.account.as_str()).cloned()
    });
    // Money that has reached a service of ours cannot be refused any more.
    let has_arrived = match &receiver {
        Some(receiver) => has_arrived(app, receiver, order).await?,
        None => false,
    };
    if !has_arrived && (suffix == Some(Suffix::Deleted) || controls.deletes_next()) {
        return delete(app, order, "refused by the receiver's bank").await;
    }
    if let (Some(receiver), false) = (&receiver, has_arrived) {
        // First it arrives, then it leaves: both are found again after a crash in between.
        match incoming::from_order(app, service, receiver, order).await {
            Ok(()) => {}
            // It never will: to try again and again would help nobody.
            Err(SubmitError::Rejected(Reject::AmountAboveLimit)) => {
                return delete(app, order, "the receiver's account cannot hold the sum").await;
            }
            Err(error) => {
                tracing::warn!(order = %order.id, %error, "an order's money was not booked");
                return None;
            }
        }
        pause::at(app, "bank.money_arrived").await;
    }
    post(app, service, order, None).await
}

async fn has_arrived(app: &App, receiver: &Service, order: &PaymentOrder) -> Option<bool> {
    let key = Incoming::key(receiver.settings.id, &incoming::reference_of(order));
    match app.store.document_by_key(key).await {
        Ok(found) => Some(found.is_some()),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "an order was not looked at");
            None
        }
    }
}

/// Writes that an order was carried out on this operating day; `reference` is its number at another bank.
pub(super) async fn post(
    app: &App,
    service: &Service,
    order: &PaymentOrder,
    reference: Option<&str>,
) -> Option<()> {
    let parties = match requisites::from_json(&order.requisites) {
        Some(said) => Parties::of_order(&service.settings, &said, reference).to_json(),
        None => Parties::default().to_json(),
    };
    end(app, order, OrderEnd::Posted { parties }).await
}

/// Writes that an order was not carried out and never will be.
pub(super) async fn delete(app: &App, order: &PaymentOrder, reason: &str) -> Option<()> {
    end(app, order, OrderEnd::Deleted { reason: reason.into() }).await
}

/// Gives an order's end to the store; `None` when it could not be written. The order is still due
/// then.
async fn end(app: &App, order: &PaymentOrder, end: OrderEnd) -> Option<()> {
    let now = app.clock.now();
    let services = app.bank.services();
    let service = services.get(order.service).map(|service| &service.settings);
    // Most orders cost nothing and are no settlement's: nothing stands beside their line.
    let aside = match (&end, service) {
        (OrderEnd::Posted { .. }, Some(service)) if order.commission > Tiyin::ZERO => {
            Parties::of_commission(service, order).to_json()
        }
        (OrderEnd::Deleted { .. }, Some(service)) if order.settlement.is_some() => {
            Parties::of_held(service, order).to_json()
        }
        _ => Arc::default(),
    };
    let settle = SettleOrder {
        id: order.id,
        service: order.service,
        settlement: order.settlement,
        end,
        by_hand: None,
        bank_day: i64::from(app.bank.operating_day(now).number()),
        aside,
        now,
    };
    let mut tries = 1;
    loop {
        match app.store.submit(Command::Bank(BankCommand::Settle(settle.clone()))).await {
            Ok(Reply::Document(document)) => {
                if let Some(ended) = document.order() {
                    app.metrics.order_ended(match ended.state {
                        OrderState::Posted => "posted",
                        OrderState::Entered | OrderState::Deleted => "deleted",
                    });
                }
                return Some(());
            }
            Ok(_) => return None,
            Err(SubmitError::Busy) if tries < TRIES => {
                tokio::time::sleep(TRY_PAUSE * tries).await;
                tries += 1;
            }
            Err(error) => {
                tracing::warn!(order = %order.id, %error, "the end of an order was not written");
                return None;
            }
        }
    }
}
