//! Settlements as people read them: one at a time in JSON, and many of them as a table in a file.

use chorsu_core::bank::{OrderState, Receiver, Requisites};
use chorsu_core::settlement::{Settlement, SettlementState};
use chorsu_core::{KassaId, Tiyin};
use chorsu_files::{
    Day, ExportError, SettlementFile, SettlementReport, SettlementRow, Share, TableFormat,
};
use serde::Serialize;

use super::reconcile::Place;
use super::{SettlementError, chain, send};
use crate::app::App;
use crate::bank::requisites;

/// Settlements of a merchant that are read at once.
const PAGE: u32 = 64;

/// A share with its order, as it is now.
#[derive(Debug, Serialize)]
pub(crate) struct ShareView {
    order_key: String,
    name: String,
    account: String,
    amount: i64,
    bank_fee: i64,
    /// `Введен`, `Проведен`, `Удален`; absent while the bank has no order for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// One thing that happened.
#[derive(Debug, Serialize)]
struct StepView {
    at: i64,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// A settlement; sums in tiyin, times in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct SettlementView {
    id: String,
    merchant: String,
    service: u32,
    day: String,
    state: &'static str,
    gross: i64,
    commission: i64,
    suspended: i64,
    created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    shares: Vec<ShareView>,
    steps: Vec<StepView>,
}

/// A settlement with its orders.
///
/// # Errors
/// When the store fails.
pub(crate) async fn view(
    app: &App,
    settlement: &Settlement,
) -> Result<SettlementView, SettlementError> {
    let mut shares = Vec::with_capacity(settlement.shares.len());
    for share in &settlement.shares {
        let order = match settlement.state {
            SettlementState::Proposed | SettlementState::Withdrawn => None,
            _ => send::order_of(app, settlement, share).await?,
        };
        let said = requisites::from_json(&share.requisites);
        let (name, account) = said.as_ref().map(named).unwrap_or_default();
        shares.push(ShareView {
            order_key: share.order_key.to_string(),
            name,
            account,
            amount: share.amount.get(),
            bank_fee: share.bank_fee.get(),
            status: order.as_ref().map(|order| order.state.word()),
            doc_id: order.as_ref().map(|order| order.doc_id.to_string()),
            reason: order.and_then(|order| order.reason).map(|reason| reason.to_string()),
        });
    }
    let step = |step: &chorsu_core::step::Step| StepView {
        at: step.at.0,
        event: step.event.code(),
        note: step.note.as_deref().map(str::to_owned),
    };
    let differs = settlement.state == SettlementState::Differs;
    let last = settlement.steps.last().filter(|_| differs);
    Ok(SettlementView {
        id: settlement.id.to_string(),
        merchant: settlement.merchant.to_string(),
        service: settlement.service.0,
        day: Day::from_number(settlement.day).map(Day::iso).unwrap_or_default(),
        state: settlement.state.name(),
        gross: settlement.gross.get(),
        commission: settlement.commission.get(),
        suspended: settlement.suspended.get(),
        created_at: settlement.created_at.0,
        reason: last.and_then(|step| step.note.as_deref().map(str::to_owned)),
        shares,
        steps: settlement.steps.iter().map(step).collect(),
    })
}

/// Who is paid: a name, and the account that the order names.
fn named(said: &Requisites) -> (String, String) {
    let name = match &said.receiver {
        Receiver::Ordinary { name, .. } => name.to_string(),
        Receiver::Budget { .. } => said.document_receiver().name.to_string(),
    };
    (name, said.named_account().to_owned())
}

/// The newest settlements of merchants, at most `limit` of them, older than `before`.
///
/// # Errors
/// When the store fails.
pub(crate) async fn newest(
    app: &App,
    merchants: &[KassaId],
    before: Option<chorsu_core::DocumentId>,
    limit: u32,
) -> Result<Vec<Settlement>, SettlementError> {
    let mut found = Vec::new();
    for merchant in merchants {
        found.extend(chain::page(app, *merchant, before, limit).await?);
    }
    found.sort_by_key(|settlement| std::cmp::Reverse(settlement.id));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// The table of the settlements of merchants whose last day is within a period, those that were
/// withdrawn left out.
///
/// # Errors
/// When the store fails, or a sum is beyond what a table can hold.
pub(crate) async fn table(
    app: &App,
    merchants: &[KassaId],
    (format, report): (TableFormat, &SettlementReport),
) -> Result<Vec<u8>, TableError> {
    let mut file = SettlementFile::begin(format, report, Vec::new())?;
    for merchant in merchants {
        for settlement in within(app, *merchant, report).await? {
            file.row(&row(app, &settlement).await?)?;
        }
    }
    Ok(file.finish()?)
}

/// The settlements of a merchant whose last day is within a period, oldest first, without those
/// that were withdrawn.
///
/// # Errors
/// When the store fails.
pub(super) async fn within(
    app: &App,
    merchant: KassaId,
    report: &SettlementReport,
) -> Result<Vec<Settlement>, SettlementError> {
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let page = chain::page(app, merchant, before, PAGE).await?;
        before = page.last().map(|settlement| settlement.id);
        let mut is_over = page.is_empty();
        for settlement in page {
            let Some(day) = Day::from_number(settlement.day) else { continue };
            if settlement.state == SettlementState::Withdrawn {
                continue;
            }
            is_over |= day < report.from;
            if (report.from..=report.to).contains(&day) {
                found.push(settlement);
            }
        }
        if is_over {
            found.reverse();
            return Ok(found);
        }
    }
}

/// Why a table was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    /// The store failed.
    #[error("the settlements could not be read")]
    Read(#[from] SettlementError),
    /// The table could not be written.
    #[error("the table could not be written")]
    File(#[from] ExportError),
}

async fn row(app: &App, settlement: &Settlement) -> Result<SettlementRow, SettlementError> {
    let kassa = app.kassas.get(settlement.merchant);
    let places = super::reconcile::places(app, settlement).await?;
    let mut others = Vec::new();
    let mut own = None;
    for (share, place) in settlement.shares.iter().zip(&places) {
        let said = requisites::from_json(&share.requisites);
        let (name, _) = said.as_ref().map(named).unwrap_or_default();
        if super::place_of(&share.order_key) == Some(0) {
            own = Some((share, place));
        } else {
            others.push(Share { name, amount: share.amount });
        }
    }
    let fee = settlement.shares.iter().map(|share| share.bank_fee.get()).sum();
    let paid_on = own.and_then(|(_, place)| match place {
        Place::Posted(order) if order.state == OrderState::Posted => order.ended_at.map(Day::of),
        _ => None,
    });
    Ok(SettlementRow {
        merchant_id: settlement.merchant.to_string(),
        merchant_name: kassa.map(|kassa| kassa.merchant.name.clone()).unwrap_or_default(),
        gross: settlement.gross,
        commission: settlement.commission,
        fee: Tiyin::new(fee).unwrap_or(Tiyin::ZERO),
        shares: others,
        net: own.map_or(Tiyin::ZERO, |(share, _)| share.amount),
        order_key: own.map(|(share, _)| share.order_key.to_string()),
        status: state_in_russian(settlement.state).to_owned(),
        paid_on,
    })
}

/// The state in the language of the table's headings.
const fn state_in_russian(state: SettlementState) -> &'static str {
    match state {
        SettlementState::Proposed => "Рассчитан",
        SettlementState::Sent => "Отправлен",
        SettlementState::Settled => "Выплачен",
        SettlementState::Differs => "Расхождение",
        SettlementState::Withdrawn => "Отозван",
    }
}
