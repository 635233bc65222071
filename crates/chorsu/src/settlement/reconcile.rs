//! Comparing sent settlements with what the bank says: their orders, and line by line the statement
//! of the service that paid.

use chorsu_core::bank::OrderState;
use chorsu_core::command::bank::{BankCommand, ConcludeSettlement};
use chorsu_core::order::{PaymentOrder, StatementLine};
use chorsu_core::settlement::{Settlement, SettlementState, Share};

use super::{SettlementError, chain, send};
use crate::app::App;
use crate::bank::parties::Parties;
use crate::bank::requisites;
use crate::sandbox::pause;

/// Where a share is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The bank has no order for it.
    Missing,
    /// The bank has not ended its order.
    Waiting,
    /// The bank says that it was carried out.
    Posted(Box<PaymentOrder>),
    /// It will not be carried out.
    Refused {
        /// Why.
        reason: String,
    },
}

/// Where every share of a settlement is.
///
/// # Errors
/// When the store fails.
pub(crate) async fn places(
    app: &App,
    settlement: &Settlement,
) -> Result<Vec<Place>, SettlementError> {
    let mut places = Vec::with_capacity(settlement.shares.len());
    for share in &settlement.shares {
        let order = send::order_of(app, settlement, share).await?;
        places.push(place(share, order));
    }
    Ok(places)
}

fn place(share: &Share, order: Option<PaymentOrder>) -> Place {
    let Some(order) = order else { return Place::Missing };
    match order.state {
        OrderState::Entered => Place::Waiting,
        OrderState::Posted => Place::Posted(Box::new(order)),
        OrderState::Deleted => {
            let why = order.reason.as_deref().unwrap_or("without a reason");
            Place::Refused { reason: format!("{}: {why}", share.order_key) }
        }
    }
}

/// Concludes settlements whose orders have all ended.
///
/// # Errors
/// When the store fails; the rest is looked at the next time.
pub(super) async fn round(app: &App, settlements: &[Settlement]) -> Result<(), SettlementError> {
    for settlement in settlements {
        let places = places(app, settlement).await?;
        conclude(app, settlement, &places).await?;
    }
    Ok(())
}

/// Looks once more at a settlement that differs though nothing of it was refused; it as it is then.
///
/// # Errors
/// When the store fails.
pub(super) async fn again(
    app: &App,
    settlement: &Settlement,
) -> Result<Settlement, SettlementError> {
    round(app, std::slice::from_ref(settlement)).await?;
    chain::find(app, settlement.id).await
}

/// Writes down how a settlement's orders have ended.
async fn conclude(
    app: &App,
    settlement: &Settlement,
    places: &[Place],
) -> Result<(), SettlementError> {
    let mut reasons = Vec::new();
    for (share, place) in settlement.shares.iter().zip(places) {
        match place {
            Place::Posted(order) => {
                let line = match order.line {
                    Some(line) => app.store.statement_line(order.service, line).await?,
                    None => None,
                };
                reasons.extend(difference(share, order, line.as_ref()));
            }
            Place::Refused { reason } => reasons.push(reason.clone()),
            Place::Missing => reasons.push(format!("{}: there is no such order", share.order_key)),
            Place::Waiting => return Ok(()),
        }
    }
    let differs = !reasons.is_empty();
    let conclude = ConcludeSettlement {
        id: settlement.id,
        attempt: settlement.attempts,
        state: if differs { SettlementState::Differs } else { SettlementState::Settled },
        note: differs.then(|| reasons.join("; ").into()),
        now: app.clock.now(),
    };
    if differs {
        tracing::error!(settlement = %settlement.id, why = reasons.join("; "), "it differs");
    }
    pause::at(app, "settlement.concluding").await;
    chain::submit(app, BankCommand::Conclude(conclude)).await.map(drop)
}

/// What the statement says otherwise than the share of a posted order.
fn difference(share: &Share, order: &PaymentOrder, line: Option<&StatementLine>) -> Option<String> {
    let key = &share.order_key;
    let Some(line) = line.filter(|line| line.document == order.id) else {
        return Some(format!("{key}: the statement has no line for it"));
    };
    if line.amount != share.amount {
        return Some(format!(
            "{key}: line {} is about {} instead of {}",
            line.id, line.amount, share.amount
        ));
    }
    let said = requisites::from_json(&share.requisites)?;
    let account = said.document_receiver().account;
    let parties = Parties::from_json(&line.parties).unwrap_or_default();
    if parties.receiver.account != account.as_str() {
        return Some(format!("{key}: line {} names another account", line.id));
    }
    None
}
