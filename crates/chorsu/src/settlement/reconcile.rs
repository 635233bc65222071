//! Comparing sent settlements with what the bank says: their orders, and line by line the statement
//! of the service that paid.

use std::collections::HashMap;

use chorsu_core::bank_service::Direction;
use chorsu_core::command::bank::{BankCommand, ConcludeSettlement};
use chorsu_core::order::{OrderState, PaymentOrder, StatementLine};
use chorsu_core::settlement::{Settlement, SettlementState, Share};
use chorsu_core::{DocumentId, ServiceId, Tiyin};
use chorsu_store::{StatementRange, Store, StoreError};

use super::{SettlementError, chain, send};
use crate::app::App;
use crate::bank::parties::Parties;
use crate::bank::requisites;

/// Lines that are read at once.
const PAGE: u32 = 1_000;

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
        places.push(place(settlement, share, order));
    }
    Ok(places)
}

fn place(settlement: &Settlement, share: &Share, order: Option<PaymentOrder>) -> Place {
    let Some(order) = order else { return Place::Missing };
    let is_ours = order.service == settlement.service
        && (order.amount, order.commission) == (share.amount, share.bank_fee)
        && order.requisites == share.requisites;
    if !is_ours {
        let reason = format!("{}: the number was used for another order", share.order_key);
        return Place::Refused { reason };
    }
    match order.state {
        OrderState::Entered => Place::Waiting,
        OrderState::Posted => Place::Posted(Box::new(order)),
        OrderState::Deleted => {
            let why = order.reason.as_deref().unwrap_or("without a reason");
            Place::Refused { reason: format!("{}: {why}", share.order_key) }
        }
    }
}

/// A settlement all of whose orders have an end.
struct Ended {
    settlement: Settlement,
    places: Vec<Place>,
}

/// Looks at sent settlements once: gives missing orders to the bank again, and concludes those
/// whose orders have all ended. How many it has concluded.
///
/// # Errors
/// When the store fails; the rest is looked at the next time.
pub(super) async fn round(
    app: &App,
    settlements: Vec<Settlement>,
) -> Result<usize, SettlementError> {
    let mut by_service: HashMap<ServiceId, Vec<Ended>> = HashMap::new();
    for settlement in settlements {
        let places = places(app, &settlement).await?;
        if places.contains(&Place::Missing) {
            send::give_orders(app, &settlement).await;
        } else if !places.contains(&Place::Waiting) {
            let ended = Ended { settlement, places };
            by_service.entry(ended.settlement.service).or_default().push(ended);
        }
    }
    let mut concluded = 0;
    for (service, ended) in by_service {
        let mut wanted = HashMap::new();
        for order in ended.iter().flat_map(|ended| &ended.places).filter_map(posted) {
            wanted.insert(order.id, order.ended_at.unwrap_or(order.created_at).tashkent_day());
        }
        let lines = lines_of(&app.store, service, &wanted).await?;
        for ended in ended {
            conclude(app, &ended, &lines).await?;
            concluded += 1;
        }
    }
    Ok(concluded)
}

fn posted(place: &Place) -> Option<&PaymentOrder> {
    match place {
        Place::Posted(order) => Some(order),
        _ => None,
    }
}

/// The lines of a service's statement that are about these documents, which were posted on or
/// about these days.
async fn lines_of(
    store: &Store,
    service: ServiceId,
    wanted: &HashMap<DocumentId, i64>,
) -> Result<HashMap<DocumentId, StatementLine>, StoreError> {
    let mut lines = HashMap::new();
    // The bank's day and ours may differ by one.
    let Some(first) = wanted.values().min().map(|day| day - 1) else { return Ok(lines) };
    let direction = Some(Direction::Out);
    let mut after = first_line_of(store, service, first).await?;
    while lines.len() < wanted.len() {
        let (from_day, to_day) = (first, i64::MAX);
        let range = StatementRange { service, after, from_day, to_day, direction, limit: PAGE };
        let page = store.statement(range).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        lines.extend(
            page.into_iter()
                .filter(|line| wanted.contains_key(&line.document))
                .map(|line| (line.document, line)),
        );
    }
    Ok(lines)
}

/// The number before the first line of a day. Lines rise with the days, so it is found by halving.
async fn first_line_of(store: &Store, service: ServiceId, day: i64) -> Result<i64, StoreError> {
    let all = StatementRange {
        service,
        after: 0,
        from_day: i64::MIN,
        to_day: i64::MAX,
        direction: None,
        limit: 1,
    };
    let last = store.service(service).await?.map_or(0, |service| service.last_line);
    let (mut low, mut high) = (0, last);
    while low < high {
        let middle = low + (high - low) / 2;
        let line = store.statement(StatementRange { after: middle, ..all }).await?;
        match line.first() {
            Some(line) if line.bank_day < day => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// Writes down how a settlement's orders have ended.
async fn conclude(
    app: &App,
    ended: &Ended,
    lines: &HashMap<DocumentId, StatementLine>,
) -> Result<(), SettlementError> {
    let Ended { settlement, places } = ended;
    let mut reasons = Vec::new();
    let mut refused = Vec::new();
    for (share, place) in settlement.shares.iter().zip(places) {
        match place {
            Place::Posted(order) => reasons.extend(difference(share, order, lines)),
            Place::Refused { reason } => {
                reasons.push(reason.clone());
                refused.push(share);
            }
            Place::Missing | Place::Waiting => return Ok(()),
        }
    }
    let differs = !reasons.is_empty();
    let conclude = ConcludeSettlement {
        id: settlement.id,
        service: settlement.service,
        attempt: settlement.attempts,
        state: if differs { SettlementState::Differs } else { SettlementState::Settled },
        returned: Settlement::cost(refused).unwrap_or(Tiyin::ZERO),
        note: differs.then(|| reasons.join("; ").into()),
        now: app.clock.now(),
    };
    if differs {
        tracing::error!(settlement = %settlement.id, why = reasons.join("; "), "it differs");
    }
    chain::submit(app, BankCommand::Conclude(conclude)).await.map(drop)
}

/// What the statement says otherwise than the share of a posted order.
fn difference(
    share: &Share,
    order: &PaymentOrder,
    lines: &HashMap<DocumentId, StatementLine>,
) -> Option<String> {
    let key = &share.order_key;
    let Some(line) = lines.get(&order.id) else {
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
