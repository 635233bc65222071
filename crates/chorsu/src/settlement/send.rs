//! Sending a settlement: booking it once, and giving its shares to the bank as orders.

use chorsu_core::bank::{self, BankCode, NewOrder, OrderKey, OrderSum};
use chorsu_core::command::bank::BankCommand;
use chorsu_core::order::PaymentOrder;
use chorsu_core::settlement::{Settlement, SettlementState, Share};
use chorsu_core::{Account, Document, DocumentId};

use super::payee::Payee;
use super::reconcile::{self, Place};
use super::rule::RuleError;
use super::{SettlementError, chain, order_key, place_of};
use crate::app::App;
use crate::bank::orders::{self, Asked, OrderFailure};
use crate::bank::requisites;
use crate::sandbox::pause;

/// Books a proposal and gives its orders to the bank. What is missing after that, because the
/// process died or the bank was busy, the worker sends. A settlement that was sent stays as it is.
///
/// # Errors
/// [`SettlementError`]; nothing was booked then.
pub(crate) async fn send(app: &App, id: DocumentId) -> Result<Settlement, SettlementError> {
    let settlement = chain::find(app, id).await?;
    if let Some(known) = sent_before(&settlement)? {
        return Ok(known);
    }
    // Refunds between computing and sending are the one way in which this can be too much. Or
    // somebody has sent it since it was read.
    let credit = app.store.balance(Account::Merchant(settlement.merchant)).await?.checked_neg();
    if credit.is_none_or(|credit| credit < settlement.gross.get()) {
        let now = chain::find(app, id).await?;
        return sent_before(&now)?.ok_or(SettlementError::OwedLess);
    }
    let (service, now) = (settlement.service, app.clock.now());
    let sent = chain::submit(app, BankCommand::Send { id, service, now }).await?;
    if sent.state == SettlementState::Withdrawn {
        return Err(SettlementError::State("withdrawn"));
    }
    pause::at(app, "settlement.booked").await;
    give_orders(app, &sent).await;
    app.settlements.wake.notify_one();
    Ok(sent)
}

/// A settlement that was sent already; an error for one that was given up.
fn sent_before(settlement: &Settlement) -> Result<Option<Settlement>, SettlementError> {
    match settlement.state {
        SettlementState::Proposed => Ok(None),
        SettlementState::Withdrawn => Err(SettlementError::State("withdrawn")),
        _ => Ok(Some(settlement.clone())),
    }
}

/// Gives the orders of a sent settlement to the bank; those that it has stay as they are.
pub(super) async fn give_orders(app: &App, settlement: &Settlement) {
    for share in &settlement.shares {
        if let Err(failure) = give_order(app, settlement, share).await {
            let key = &share.order_key;
            tracing::warn!(settlement = %settlement.id, %key, %failure, "not ordered yet");
        }
        pause::at(app, "settlement.ordered").await;
    }
}

async fn give_order(app: &App, settlement: &Settlement, share: &Share) -> Result<(), OrderFailure> {
    let services = app.bank.services();
    let service = services.get(settlement.service).ok_or(BankCode::ServiceNotFound)?;
    let order = NewOrder {
        key: OrderKey::parse(&share.order_key).ok_or(BankCode::FieldMissing)?,
        service: bank::ServiceId(i64::from(settlement.service.0)),
        sum: OrderSum::new(share.amount, share.bank_fee).ok_or(BankCode::FieldMissing)?,
        requisites: requisites::from_json(&share.requisites).ok_or(BankCode::FieldMissing)?,
    };
    let asked = Asked {
        partner: settlement.partner,
        kind: order.requisites.kind(),
        at: app.clock.now(),
        is_keyed: true,
    };
    orders::accept(app, asked, service, order).await.map(drop)
}

/// The order of a share, as it stands.
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
        Some(Document::Order(order)) => Some(order),
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
    let day = i32::try_from(settlement.day).map_or(bank::BankDay::LAST, bank::BankDay::from_number);
    let attempt = settlement.attempts.saturating_add(1);
    let mut shares = settlement.shares.clone();
    for (share, place) in shares.iter_mut().zip(&places) {
        let change = corrected.iter().find(|(key, _)| **key == *share.order_key);
        let is_refused = matches!(place, Place::Refused { .. });
        if change.is_some() && !is_refused {
            let (field, problem) = (share.order_key.to_string(), "it was not refused".to_owned());
            return Err(RuleError { field, problem }.into());
        }
        if let Some((key, payee)) = change {
            let said = payee.requisites(day, &*app.bank.directory()).map_err(|code| RuleError {
                field: key.clone(),
                problem: format!("an order to it would be answered with code {}", code.number()),
            })?;
            share.requisites = requisites::to_json(&said).into();
        }
        if is_refused {
            let place = place_of(&share.order_key).unwrap_or(0);
            share.order_key = order_key(settlement.id, place, attempt).into();
        }
    }
    if let Some((key, _)) = corrected
        .iter()
        .find(|(key, _)| settlement.shares.iter().all(|share| *share.order_key != **key))
    {
        return Err(RuleError { field: key.clone(), problem: "no such share".to_owned() }.into());
    }
    let (service, now) = (settlement.service, app.clock.now());
    let sent = chain::submit(app, BankCommand::Resume { id, service, shares, now }).await?;
    give_orders(app, &sent).await;
    app.settlements.wake.notify_one();
    Ok(sent)
}
