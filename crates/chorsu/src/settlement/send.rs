//! Sending a settlement: booking it and accepting the orders of its shares, in one command.

use std::sync::Arc;

use chorsu_core::bank::{NewOrder, OrderKey, OrderSum, ServiceNumber};
use chorsu_core::command::bank::{BankCommand, SendSettlement};
use chorsu_core::order::PaymentOrder;
use chorsu_core::settlement::{Settlement, SettlementState, Share};
use chorsu_core::{Account, Document, DocumentId, Reject};
use chorsu_files::Day;

use super::payee::Payee;
use super::reconcile::{self, Place};
use super::rule::{RuleBook, RuleError};
use super::{SettlementError, chain, order_key, place_of};
use crate::app::App;
use crate::bank::orders::{self, Asked};
use crate::bank::parties::Parties;
use crate::bank::requisites;
use crate::sandbox::pause;

/// Numbers that are tried for the order of a share, when the partner has used some itself.
const NUMBERS: u32 = 16;

/// Books a proposal, together with the orders of its shares. A settlement that was sent stays as it
/// is. One that is not what the merchant's rule says now is not sent: its receivers may be wrong.
///
/// # Errors
/// [`SettlementError`]; nothing was booked then.
pub(crate) async fn send(app: &App, id: DocumentId) -> Result<Settlement, SettlementError> {
    let settlement = chain::find(app, id).await?;
    if let Some(known) = sent_before(&settlement)? {
        return Ok(known);
    }
    let rules = RuleBook::read(&app.store).await?;
    let rule = rules.get(settlement.merchant).ok_or(SettlementError::NoRule)?;
    rule.check(&app.bank.services(), &*app.bank.directory())?;
    if !chain::is_of(app, rule, &settlement)? {
        return Err(SettlementError::RuleChanged);
    }
    // Refunds between computing and sending are the one way in which this can be too much. Or
    // somebody has sent it since it was read.
    let credit = app.store.balance(Account::Merchant(settlement.merchant)).await?.checked_neg();
    if credit.is_none_or(|credit| credit < settlement.gross.get()) {
        let now = chain::find(app, id).await?;
        return sent_before(&now)?.ok_or(SettlementError::OwedLess);
    }
    let sending = sending(app, &settlement, settlement.shares.iter(), "Расчёт с продавцом")?;
    let sent = match chain::submit(app, BankCommand::Send(sending)).await {
        // It is computed anew, with other numbers.
        Err(SettlementError::Rejected(Reject::OrderUsed(known))) => {
            chain::withdraw(app, &settlement, "a number of it is another order's").await?;
            return Err(number_used(&known));
        }
        sent => sent?,
    };
    if sent.state == SettlementState::Withdrawn {
        return Err(SettlementError::State("withdrawn"));
    }
    pause::at(app, "settlement.booked").await;
    woken(app);
    Ok(sent)
}

fn number_used(known: &Document) -> SettlementError {
    let key = known.order().map(|order| order.order_key.to_string());
    SettlementError::NumberUsed(key.unwrap_or_default())
}

/// Orders may have to be carried out at once.
fn woken(app: &App) {
    app.bank.wake.notify_one();
}

/// A settlement that was sent already; an error for one that was given up.
fn sent_before(settlement: &Settlement) -> Result<Option<Settlement>, SettlementError> {
    match settlement.state {
        SettlementState::Proposed => Ok(None),
        SettlementState::Withdrawn => Err(SettlementError::State("withdrawn")),
        _ => Ok(Some(settlement.clone())),
    }
}

/// What books these shares with their orders; `what` begins the purpose of the money's line.
fn sending<'a>(
    app: &App,
    settlement: &Settlement,
    shares: impl Iterator<Item = &'a Share>,
    what: &str,
) -> Result<SendSettlement, SettlementError> {
    let services = app.bank.services();
    let field = |problem: &str| RuleError { field: "service".into(), problem: problem.into() };
    let service = services.get(settlement.service).ok_or_else(|| field("there is none"))?;
    let now = app.clock.now();
    let mut orders = Vec::new();
    for share in shares {
        let order =
            new_order(service.settings.id.into(), share).ok_or_else(|| field("not an order"))?;
        let kind = order.requisites.kind();
        let asked = Asked { partner: settlement.partner, kind, at: now, is_keyed: true };
        let order = orders::document(app, asked, service, &order);
        // The share says what is ordered, to the letter.
        let requisites = share.requisites.clone();
        orders.push(PaymentOrder { settlement: Some(settlement.id), requisites, ..order });
    }
    let kassa = app.kassas.get(settlement.merchant);
    let merchant = kassa.map(|kassa| kassa.merchant.name.clone()).unwrap_or_default();
    let day = Day::from_number(settlement.day).map(Day::dotted).unwrap_or_default();
    let purpose = format!("{what} за {day}: {merchant}");
    let key = |order: &PaymentOrder| PaymentOrder::key(order.partner, &order.order_key).into();
    Ok(SendSettlement {
        id: settlement.id,
        service: settlement.service,
        keys: orders.iter().map(key).collect(),
        orders,
        parties: Parties::of_settlement(&service.settings, &merchant, purpose).to_json(),
        bank_day: i64::from(app.bank.operating_day(now).number()),
        now,
    })
}

fn new_order(service: ServiceNumber, share: &Share) -> Option<NewOrder> {
    Some(NewOrder {
        key: OrderKey::parse(&share.order_key)?,
        service,
        sum: OrderSum::new(share.amount, share.bank_fee)?,
        requisites: requisites::from_json(&share.requisites)?,
    })
}

/// The order of a share, as it stands; an order that merely has its number is another one.
///
/// # Errors
/// When the store fails.
pub(crate) async fn order_of(
    app: &App,
    settlement: &Settlement,
    share: &Share,
) -> Result<Option<PaymentOrder>, SettlementError> {
    let key = PaymentOrder::key(settlement.partner, &share.order_key);
    Ok(match app.store.document_by_key(key).await? {
        Some(Document::Order(order)) if order.settlement == Some(settlement.id) => Some(order),
        _ => None,
    })
}

/// Sends the refused shares of a settlement anew, under new order numbers: to the same receivers,
/// or to those that `corrected` names by the number of the refused order.
///
/// # Errors
/// [`SettlementError`]; nothing was sent then.
pub(crate) async fn resend(
    app: &App,
    id: DocumentId,
    corrected: &[(String, Payee)],
) -> Result<Settlement, SettlementError> {
    let settlement = chain::find(app, id).await?;
    if settlement.state != SettlementState::Differs {
        return Err(SettlementError::State(settlement.state.name()));
    }
    let places = reconcile::places(app, &settlement).await?;
    let shares = anew(app, &settlement, &places, corrected).await?;
    let is_anew = |(old, new): &(&Share, &Share)| old.order_key != new.order_key;
    let pairs = || settlement.shares.iter().zip(&shares);
    if !pairs().any(|pair| is_anew(&pair)) {
        // Nothing was refused: what differed may agree by now.
        return reconcile::again(app, &settlement).await;
    }
    let resent = pairs().filter(is_anew).map(|(_, new)| new);
    let send = sending(app, &settlement, resent, "Повторная выплата продавцу")?;
    let resume = BankCommand::Resume { send, attempt: settlement.attempts, shares: shares.clone() };
    let sent = match chain::submit(app, resume).await {
        Err(SettlementError::Rejected(Reject::OrderUsed(known))) => {
            return Err(number_used(&known));
        }
        sent => sent?,
    };
    // Somebody else has sent it anew since it was read, perhaps to other receivers.
    if sent.shares != shares {
        return Err(SettlementError::State("sent anew already"));
    }
    woken(app);
    Ok(sent)
}

/// The shares of a settlement, the refused ones with new numbers and, where corrected, receivers.
async fn anew(
    app: &App,
    settlement: &Settlement,
    places: &[Place],
    corrected: &[(String, Payee)],
) -> Result<Vec<Share>, SettlementError> {
    let wrong = |field: &str, problem: String| RuleError { field: field.to_owned(), problem };
    for (key, _) in corrected {
        if settlement.shares.iter().all(|share| *share.order_key != **key) {
            return Err(wrong(key, "no such share".to_owned()).into());
        }
    }
    let mut shares = settlement.shares.clone();
    for (share, place) in shares.iter_mut().zip(places) {
        let change = corrected.iter().find(|(key, _)| **key == *share.order_key);
        let is_refused = matches!(place, Place::Refused { .. });
        if change.is_some() && !is_refused {
            return Err(wrong(&share.order_key, "it was not refused".to_owned()).into());
        }
        if let Some((key, payee)) = change {
            let directory = app.bank.directory();
            let said = payee.requisites(chain::day_of(settlement), &*directory);
            let said = said.map_err(|code| {
                let code = code.number();
                wrong(key, format!("an order to it would be answered with code {code}"))
            })?;
            share.requisites = requisites::to_json(&said).into();
        }
        if is_refused {
            share.order_key = free_number(app, settlement, share).await?;
        }
    }
    Ok(shares)
}

/// A number for the next order of a share that no order has yet.
async fn free_number(
    app: &App,
    settlement: &Settlement,
    share: &Share,
) -> Result<Arc<str>, SettlementError> {
    let place = place_of(&share.order_key).unwrap_or(0);
    let first = settlement.attempts.saturating_add(1);
    for attempt in first..first.saturating_add(NUMBERS) {
        let key: Arc<str> = order_key(settlement.id, place, attempt).into();
        let known = PaymentOrder::key(settlement.partner, &key);
        if app.store.document_by_key(known).await?.is_none() {
            return Ok(key);
        }
    }
    Err(SettlementError::NumberUsed(order_key(settlement.id, place, first)))
}
