//! Settlements that nobody asks for: computed and sent when their rule says so, and followed to
//! their end.
//!
//! Every process does this, and may die at any moment: what is found again is done again, and
//! doing it again changes nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chorsu_core::bank::BankDay;
use chorsu_core::settlement::{Settlement, SettlementState};
use chorsu_core::{DocumentId, KassaId};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::chain::{self, Computed};
use super::rule::{Rule, RuleBook};
use super::{SettlementError, calendar, reconcile, send};
use crate::app::App;

/// How often the sent settlements are looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How often rules are read and settlements of other processes are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How long others are waited for when somebody asks for a look.
const GATHER: Duration = Duration::from_millis(200);
/// A look takes at most one part in so many of the time.
const REST: u32 = 10;
/// Settlements of a merchant that are looked at in a usual look, newest first.
const PAGE: u32 = 64;
/// Settlements that are computed and sent at once.
const AT_ONCE: usize = 32;

/// What the worker remembers. Nothing is lost with it.
#[derive(Default)]
struct Memory {
    /// Merchants whose settlements were all looked through.
    seen: HashSet<KassaId>,
    /// Sent settlements without an end.
    open: HashSet<DocumentId>,
    /// The last day for which a merchant was owed too little: it is not computed again.
    too_little: HashMap<KassaId, BankDay>,
}

/// Computes, sends and follows settlements until `stop` changes.
pub(crate) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut memory = Memory::default();
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
            memory.too_little.clear();
        }
        let begin = Instant::now();
        if is_woken || looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            match look(&app, &mut memory).await {
                Ok(()) => looked = Some(Instant::now()),
                Err(error) => warn(&error, "no look at settlements"),
            }
        }
        if let Err(error) = follow(&app, &mut memory).await {
            warn(&error, "no look at sent settlements");
        }
        pause = EVERY.max(begin.elapsed() * REST);
    }
}

fn warn(error: &SettlementError, what: &'static str) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, what);
}

/// Computes and sends what is due, and finds what was sent and not ended.
async fn look(app: &Arc<App>, memory: &mut Memory) -> Result<(), SettlementError> {
    let rules = RuleBook::read(&app.store).await?;
    let calendar = calendar(&app.store).await?;
    let now = app.clock.now();
    let mut due = JoinSet::new();
    for (merchant, rule) in rules.iter() {
        find_open(app, merchant, memory).await?;
        let Some(day) = rule.due_day(&calendar, now).filter(|_| rule.auto) else { continue };
        if memory.too_little.get(&merchant).is_some_and(|known| *known >= day) {
            continue;
        }
        if due.len() == AT_ONCE {
            note(due.join_next().await, memory);
        }
        let (app, rule) = (app.clone(), rule.clone());
        due.spawn(async move { (merchant, day, settle(&app, merchant, &rule, day).await) });
    }
    while let Some(done) = due.join_next().await {
        note(Some(done), memory);
    }
    Ok(())
}

/// What came of a merchant's settlement for a day.
type Done = (KassaId, BankDay, Result<Option<DocumentId>, SettlementError>);

fn note(done: Option<Result<Done, tokio::task::JoinError>>, memory: &mut Memory) {
    match done {
        Some(Ok((_, _, Ok(Some(sent))))) => drop(memory.open.insert(sent)),
        Some(Ok((merchant, day, Ok(None)))) => drop(memory.too_little.insert(merchant, day)),
        Some(Ok((merchant, day, Err(error)))) => {
            tracing::warn!(%merchant, %day, %error, "not settled");
        }
        Some(Err(error)) => tracing::error!(%error, "settling a merchant broke off"),
        None => {}
    }
}

/// Computes and sends; the settlement, or none when too little is owed.
async fn settle(
    app: &App,
    merchant: KassaId,
    rule: &Rule,
    day: BankDay,
) -> Result<Option<DocumentId>, SettlementError> {
    let Computed::Settlement(found) = chain::compute(app, merchant, rule, day).await? else {
        return Ok(None);
    };
    if found.state != SettlementState::Proposed {
        return Ok(Some(found.id));
    }
    match send::send(app, found.id).await {
        // It is computed anew the next time, with the refunds.
        Err(SettlementError::OwedLess) => {
            chain::withdraw(app, &found, "refunds have taken some of it").await?;
            Err(SettlementError::OwedLess)
        }
        sent => sent.map(|sent| Some(sent.id)),
    }
}

/// Adds the merchant's sent settlements to those that are followed. The first time all of them are
/// looked through, later the newest.
async fn find_open(
    app: &App,
    merchant: KassaId,
    memory: &mut Memory,
) -> Result<(), SettlementError> {
    let mut before = None;
    loop {
        let page = chain::page(app, merchant, before, PAGE).await?;
        before = page.last().map(|settlement| settlement.id);
        let sent = page.iter().filter(|one| one.state == SettlementState::Sent);
        memory.open.extend(sent.map(|settlement| settlement.id));
        if before.is_none() || memory.seen.contains(&merchant) {
            memory.seen.insert(merchant);
            return Ok(());
        }
    }
}

/// Looks at the sent settlements.
async fn follow(app: &App, memory: &mut Memory) -> Result<(), SettlementError> {
    let mut sent: Vec<Settlement> = Vec::with_capacity(memory.open.len());
    for id in memory.open.clone() {
        let found = chain::find(app, id).await?;
        if found.state == SettlementState::Sent {
            sent.push(found);
        } else if found.state != SettlementState::Proposed {
            memory.open.remove(&id);
        }
    }
    reconcile::round(app, sent).await.map(drop)
}
