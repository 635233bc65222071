//! A merchant's settlements one after the other: reading the chain, and adding the next one.

use std::sync::Arc;

use chorsu_core::bank::BankDay;
use chorsu_core::command::bank::{BankCommand, ConcludeSettlement};
use chorsu_core::settlement::{Settlement, SettlementState, Share};
use chorsu_core::step::Event;
use chorsu_core::time::DAY_MS;
use chorsu_core::{Command, Document, DocumentId, DocumentKind, KassaId, Reply, Tiyin, UnixMillis};
use chorsu_store::{DocumentRange, StoreError};

use super::rule::{Rule, RuleError};
use super::split::{Divided, TooLittle, divide};
use super::{SettlementError, order_key};
use crate::app::App;
use crate::bank::requisites;
use crate::ids;

/// Settlements of a merchant that are read at once.
const PAGE: u32 = 64;
/// Clocks of processes on one database differ by less than this.
const CLOCKS_MS: i64 = DAY_MS;
/// How often an earlier proposal is replaced before that is left to the next time.
const TRIES: u32 = 3;

/// What came of computing a merchant's settlement.
#[derive(Debug)]
pub(crate) enum Computed {
    /// This one pays the merchant up to the day, or a later one.
    Settlement(Box<Settlement>),
    /// Nobody is paid.
    None(TooLittle),
}

/// A page of a merchant's settlements, newest first.
///
/// # Errors
/// When the store fails.
pub(crate) async fn page(
    app: &App,
    merchant: KassaId,
    before: Option<DocumentId>,
    limit: u32,
) -> Result<Vec<Settlement>, StoreError> {
    let owner = merchant.into();
    let range = DocumentRange { kind: DocumentKind::Settlement, owner, before, limit };
    let documents = app.store.documents(range).await?;
    let settlement = |document| match document {
        Document::Settlement(settlement) => Some(settlement),
        _ => None,
    };
    Ok(documents.into_iter().filter_map(settlement).collect())
}

/// The settlement of this id.
///
/// # Errors
/// [`SettlementError::NotFound`], and when the store fails.
pub(crate) async fn find(app: &App, id: DocumentId) -> Result<Settlement, SettlementError> {
    match app.store.document(id).await? {
        Some(Document::Settlement(settlement)) => Ok(settlement),
        _ => Err(SettlementError::NotFound),
    }
}

/// Computes what a merchant is owed up to the end of `day` and keeps it as a proposal. Whoever
/// computes the same at the same time, or again, gets the same settlement. A proposal that was not
/// sent is replaced when a later day is asked for, and when it says something else than the rule
/// and the ledger say now.
///
/// # Errors
/// [`SettlementError`]; nothing was kept then.
pub(crate) async fn compute(
    app: &App,
    merchant: KassaId,
    rule: &Rule,
    day: BankDay,
) -> Result<Computed, SettlementError> {
    let mut day = day;
    let mut tries = 0;
    loop {
        let History { last, taken_later } = History::read(app, merchant, day.end()).await?;
        let number = i64::from(day.number());
        let (last, why) = match last {
            Some(last) if last.state == SettlementState::Proposed && last.day > number => {
                // It is looked at as of its own day.
                day = day_of(&last);
                continue;
            }
            Some(last) if last.state == SettlementState::Proposed && last.day < number => {
                (last, "a later day is paid out")
            }
            Some(last) if last.state == SettlementState::Proposed => {
                let owed = owed(app, merchant, day, taken_later).await?;
                if last.gross == owed && is_of(app, rule, &last)? {
                    return Ok(Computed::Settlement(Box::new(last)));
                }
                (last, "the rule or the sum is another by now")
            }
            Some(last) if last.day >= number => {
                return Ok(Computed::Settlement(Box::new(last)));
            }
            last => {
                let after = last.map_or(0, |last| last.day);
                let owed = owed(app, merchant, day, taken_later).await?;
                return propose(app, &Proposal { merchant, rule, day, after }, owed).await;
            }
        };
        if tries == TRIES {
            return Err(SettlementError::Busy);
        }
        tries += 1;
        withdraw(app, &last, why).await?;
    }
}

/// The last day a settlement covers.
pub(super) fn day_of(settlement: &Settlement) -> BankDay {
    i32::try_from(settlement.day).map_or(BankDay::LAST, BankDay::from_number)
}

/// Whether a settlement is what its rule makes of its sum.
///
/// # Errors
/// When the rule cannot be used any more.
pub(super) fn is_of(
    app: &App,
    rule: &Rule,
    settlement: &Settlement,
) -> Result<bool, SettlementError> {
    if (rule.partner()?, rule.service()) != (settlement.partner, settlement.service) {
        return Ok(false);
    }
    let Ok(divided) = divide(rule, settlement.gross) else { return Ok(false) };
    let fresh = shares(app, rule, &divided, (settlement.id, day_of(settlement)))?;
    let is_same = |(one, other): (&Share, &Share)| {
        (&one.order_key, one.amount, one.bank_fee)
            == (&other.order_key, other.amount, other.bank_fee)
            && requisites::is_same(&one.requisites, &other.requisites)
    };
    Ok(divided.commission == settlement.commission
        && fresh.len() == settlement.shares.len()
        && fresh.iter().zip(&settlement.shares).all(is_same))
}

/// What a merchant's settlements say about the next one.
struct History {
    /// The newest that was not withdrawn.
    last: Option<Settlement>,
    /// What was booked at or after the moment up to which entries are counted, in tiyin.
    taken_later: i64,
}

impl History {
    /// Reads back to where settlements were booked before `until`. They are booked in the order of
    /// the chain: the next one is proposed only when the last one was booked or withdrawn.
    async fn read(app: &App, merchant: KassaId, until: UnixMillis) -> Result<Self, StoreError> {
        let mut history = Self { last: None, taken_later: 0 };
        let mut before = None;
        loop {
            let found = page(app, merchant, before, PAGE).await?;
            before = found.last().map(|settlement| settlement.id);
            for settlement in found {
                let booked = booked_at(&settlement);
                if settlement.state == SettlementState::Withdrawn {
                    continue;
                }
                let is_old = booked.is_some_and(|at| at < until.plus(-CLOCKS_MS));
                if booked.is_some_and(|at| at >= until) {
                    history.taken_later =
                        history.taken_later.saturating_add(settlement.gross.get());
                }
                if history.last.as_ref().is_none_or(|last| last.day < settlement.day) {
                    history.last = Some(settlement);
                }
                if is_old {
                    return Ok(history);
                }
            }
            if before.is_none() {
                return Ok(history);
            }
        }
    }
}

/// When a settlement was booked first.
fn booked_at(settlement: &Settlement) -> Option<UnixMillis> {
    settlement.steps.iter().find(|step| step.event == Event::Sent).map(|step| step.at)
}

/// What is owed for entries up to the end of `day`, less every settlement that was booked. Refunds
/// of what was paid out already can make it less than nothing: then nothing is owed.
async fn owed(
    app: &App,
    merchant: KassaId,
    day: BankDay,
    taken_later: i64,
) -> Result<Tiyin, StoreError> {
    let net = app.store.merchant_net(merchant, i64::from(day.plus(1).number())).await?;
    let owed = net.checked_neg().and_then(|credit| credit.checked_sub(taken_later));
    Ok(owed.and_then(Tiyin::new).unwrap_or(Tiyin::ZERO))
}

/// The next settlement of a chain.
struct Proposal<'a> {
    merchant: KassaId,
    rule: &'a Rule,
    day: BankDay,
    /// The day of the settlement before it.
    after: i64,
}

async fn propose(
    app: &App,
    proposal: &Proposal<'_>,
    owed: Tiyin,
) -> Result<Computed, SettlementError> {
    let Proposal { merchant, rule, day, after } = *proposal;
    let divided = match divide(rule, owed) {
        Ok(divided) => divided,
        Err(why) => return Ok(Computed::None(why)),
    };
    rule.check(&app.bank.services(), &*app.bank.directory())?;
    let now = app.clock.now();
    let id = ids::document(now);
    let shares = shares(app, rule, &divided, (id, day))?;
    let settlement = Settlement {
        id,
        merchant,
        partner: rule.partner()?,
        service: rule.service(),
        day: i64::from(day.number()),
        gross: owed,
        commission: divided.commission,
        shares,
        attempts: 0,
        suspended: Tiyin::ZERO,
        waiting: 0,
        due_at: None,
        state: SettlementState::Proposed,
        created_at: now,
        steps: Vec::new(),
    };
    let key = Arc::from(Settlement::key(merchant, after));
    let propose = BankCommand::Propose { settlement: Box::new(settlement), key };
    submit(app, propose).await.map(|kept| Computed::Settlement(Box::new(kept)))
}

/// The shares of a settlement, with the numbers of their orders.
fn shares(
    app: &App,
    rule: &Rule,
    divided: &Divided,
    (id, day): (DocumentId, BankDay),
) -> Result<Vec<Share>, RuleError> {
    let bank_fee = Tiyin::new(rule.bank_fee).unwrap_or(Tiyin::ZERO);
    let mut shares = Vec::with_capacity(divided.shares.len());
    for (place, amount) in &divided.shares {
        let payee = place.map_or(&rule.merchant, |place| &rule.shares[place].to);
        let said = payee.requisites(day, &*app.bank.directory()).map_err(|code| RuleError {
            field: "shares".to_owned(),
            problem: format!("an order would be answered with code {}", code.number()),
        })?;
        let order_key = order_key(id, place.map_or(0, |place| place + 1), 1).into();
        let requisites = requisites::to_json(&said).into();
        shares.push(Share { order_key, amount: *amount, bank_fee, requisites });
    }
    Ok(shares)
}

/// Gives a proposal up.
///
/// # Errors
/// [`SettlementError::State`] when it was sent already.
pub(crate) async fn withdraw(
    app: &App,
    settlement: &Settlement,
    why: &str,
) -> Result<Settlement, SettlementError> {
    let conclude = ConcludeSettlement {
        id: settlement.id,
        attempt: settlement.attempts,
        state: SettlementState::Withdrawn,
        note: Some(why.into()),
        now: app.clock.now(),
    };
    submit(app, BankCommand::Conclude(conclude)).await
}

/// Gives a command about a settlement to the store; the settlement as it is then.
///
/// # Errors
/// Those of the store.
pub(super) async fn submit(app: &App, command: BankCommand) -> Result<Settlement, SettlementError> {
    match app.store.submit(Command::Bank(command)).await? {
        Reply::Document(document) => match &*document {
            Document::Settlement(settlement) => Ok(settlement.clone()),
            _ => Err(SettlementError::NotFound),
        },
        _ => Err(SettlementError::Store(None)),
    }
}
