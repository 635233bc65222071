//! Settlements that nobody asks for: computed and sent when their rule says so, and followed to
//! their end.
//!
//! Every process does this, and may die at any moment: what is found again is done again, and
//! doing it again changes nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chorsu_core::bank::BankDay;
use chorsu_core::settlement::{Settlement, SettlementState};
use chorsu_core::{Document, DocumentKind, KassaId};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::chain::{self, Computed};
use super::rule::{Rule, RuleBook};
use super::{SettlementError, reconcile, send};
use crate::app::App;
use crate::bank::real_now;

/// How often settlements are looked for whose orders have ended.
const EVERY: Duration = Duration::from_secs(1);
/// How often rules are read.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How long others are waited for when somebody asks for a look.
const GATHER: Duration = Duration::from_millis(200);
/// A look takes at most one part in so many of the time.
const REST: u32 = 10;
/// Settlements that are concluded at once.
const BATCH: u32 = 256;
/// Settlements that are computed and sent at once.
const AT_ONCE: usize = 32;

/// The last day for which a merchant was owed too little: it is not computed again. Nothing is lost
/// when this is.
type TooLittle = HashMap<KassaId, BankDay>;

/// Computes, sends and follows settlements until `stop` changes.
pub(crate) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut too_little = TooLittle::new();
    let mut looked: Option<Instant> = None;
    let mut pause = Duration::ZERO;
    loop {
        let mut is_woken = false;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.settlements.wake.notified() => is_woken = true,
            _ = stop.changed() => return,
        }
        if is_woken {
            // Whoever woke it is seldom alone: the others are waited for.
            tokio::time::sleep(GATHER).await;
            too_little.clear();
        }
        let begin = Instant::now();
        if is_woken || looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            match look(&app, &mut too_little).await {
                Ok(()) => looked = Some(Instant::now()),
                Err(error) => warn(&error, "no look at settlements"),
            }
        }
        if let Err(error) = follow(&app).await {
            warn(&error, "no look at settlements whose orders have ended");
        }
        pause = EVERY.max(begin.elapsed() * REST);
    }
}

fn warn(error: &SettlementError, what: &'static str) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, what);
}

/// Computes and sends what is due.
async fn look(app: &Arc<App>, too_little: &mut TooLittle) -> Result<(), SettlementError> {
    let rules = RuleBook::read(&app.store).await?;
    let calendar = app.bank.calendar();
    let now = app.clock.now();
    let mut due = JoinSet::new();
    for (merchant, rule) in rules.iter() {
        let Some(day) = rule.due_day(&calendar, now).filter(|_| rule.auto) else { continue };
        if too_little.get(&merchant).is_some_and(|known| *known >= day) {
            continue;
        }
        if due.len() == AT_ONCE {
            note(due.join_next().await, too_little);
        }
        let (app, rule) = (app.clone(), rule.clone());
        due.spawn(async move { (merchant, day, settle(&app, merchant, &rule, day).await) });
    }
    while let Some(done) = due.join_next().await {
        note(Some(done), too_little);
    }
    Ok(())
}

/// What came of a merchant's settlement for a day.
type Done = (KassaId, BankDay, Result<bool, SettlementError>);

fn note(done: Option<Result<Done, tokio::task::JoinError>>, too_little: &mut TooLittle) {
    match done {
        Some(Ok((_, _, Ok(true)))) => {}
        Some(Ok((merchant, day, Ok(false)))) => drop(too_little.insert(merchant, day)),
        Some(Ok((merchant, day, Err(error)))) => {
            tracing::warn!(%merchant, %day, %error, "not settled");
        }
        Some(Err(error)) => tracing::error!(%error, "settling a merchant broke off"),
        None => {}
    }
}

/// Computes and sends; whether there is something to send, and not too little.
async fn settle(
    app: &App,
    merchant: KassaId,
    rule: &Rule,
    day: BankDay,
) -> Result<bool, SettlementError> {
    let Computed::Settlement(found) = chain::compute(app, merchant, rule, day).await? else {
        return Ok(false);
    };
    if found.state != SettlementState::Proposed {
        return Ok(true);
    }
    match send::send(app, found.id).await {
        // It is computed anew the next time, with the refunds.
        Err(SettlementError::OwedLess) => {
            chain::withdraw(app, &found, "refunds have taken some of it").await?;
            Err(SettlementError::OwedLess)
        }
        sent => sent.map(|_| true),
    }
}

/// Concludes the settlements whose orders have ended.
async fn follow(app: &App) -> Result<(), SettlementError> {
    let due = app.store.due_documents(DocumentKind::Settlement, real_now(), None, BATCH).await?;
    let settlement = |document| match document {
        Document::Settlement(settlement) => Some(settlement),
        _ => None,
    };
    let settlements: Vec<Settlement> = due.into_iter().filter_map(settlement).collect();
    reconcile::round(app, &settlements).await
}
