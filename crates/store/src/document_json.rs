//! How the bodies of documents are stored: one JSON text per document, the same in both databases.
//! What stands in columns is not repeated in it.

mod shift;

use std::borrow::Cow;
use std::sync::Arc;

use chorsu_core::bank::{Direction, OrderState};
use chorsu_core::document::Envelope;
use chorsu_core::fiscal_receipt::{FiscalKind, FiscalReceipt, FiscalState, Registration};
use chorsu_core::movement::Movement;
use chorsu_core::order::{Incoming, PaymentOrder};
use chorsu_core::settlement::{Settlement, SettlementState, Share};
use chorsu_core::step::{Event, Step};
use chorsu_core::till::{Delivery, FiscalLink, TillPayment, TillState};
use chorsu_core::{
    Document, DocumentId, DocumentKind, OperationId, PartnerId, Provider, ServiceId, Tiyin,
    UnixMillis,
};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

/// A text or nothing; nothing is left out.
type Text = Option<Arc<str>>;

const CORRUPT: StoreError = StoreError::Corrupt("document");

#[derive(Serialize, Deserialize)]
struct StepRow(i64, String, #[serde(default)] Option<String>);

#[derive(Serialize, Deserialize)]
struct TillRow<'a> {
    #[serde(borrow)]
    till: Cow<'a, str>,
    #[serde(borrow)]
    provider: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    commission: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prepared: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default)]
    told_unknown: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_key: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fiscal: Option<(String, String)>,
    steps: Vec<StepRow>,
}

#[derive(Serialize, Deserialize)]
struct FiscalRow {
    till: String,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    order: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second_payment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registration: Option<RegistrationRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    steps: Vec<StepRow>,
}

#[derive(Serialize, Deserialize)]
struct RegistrationRow {
    terminal: String,
    number: i64,
    date_time: String,
    sign: String,
    url: String,
}

#[derive(Serialize, Deserialize)]
struct OrderRow {
    service: u32,
    key: String,
    commission: i64,
    doc_id: String,
    requisites: String,
    is_funded: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<i64>,
    #[serde(default)]
    tries: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bank_lines: Vec<(i64, i64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settlement: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    steps: Vec<StepRow>,
}

#[derive(Serialize, Deserialize)]
struct IncomingRow {
    reference: String,
    service: u32,
    number: i64,
    /// Absent where it is the day on which the money came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bank_day: Option<i64>,
    parties: String,
}

#[derive(Serialize, Deserialize)]
struct MovementRow {
    reference: String,
    service: u32,
    direction: i16,
    account: String,
    bank_day: i64,
    parties: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct SettlementRow {
    partner: String,
    service: u32,
    day: i64,
    commission: i64,
    shares: Vec<ShareRow>,
    #[serde(default)]
    attempts: u32,
    #[serde(default)]
    suspended: i64,
    #[serde(default)]
    waiting: u32,
    steps: Vec<StepRow>,
}

#[derive(Serialize, Deserialize)]
struct ShareRow {
    order_key: String,
    amount: i64,
    bank_fee: i64,
    requisites: String,
}

fn owned(text: &Text) -> Option<String> {
    text.as_deref().map(str::to_owned)
}

fn shared(text: Option<String>) -> Text {
    text.map(Arc::from)
}

fn step_rows(steps: &[Step]) -> Vec<StepRow> {
    let row = |step: &Step| StepRow(step.at.0, step.event.code().to_owned(), owned(&step.note));
    steps.iter().map(row).collect()
}

fn steps(rows: Vec<StepRow>) -> Result<Vec<Step>, StoreError> {
    let step = |StepRow(at, event, note)| {
        let event = Event::from_code(&event).ok_or(CORRUPT)?;
        Ok(Step { at: UnixMillis(at), event, note: shared(note) })
    };
    rows.into_iter().map(step).collect()
}

fn operation(text: Option<String>) -> Result<Option<OperationId>, StoreError> {
    text.map(|text| text.parse()).transpose().map_err(|_| CORRUPT)
}

fn document_id(text: Option<String>) -> Result<Option<DocumentId>, StoreError> {
    text.map(|text| text.parse()).transpose().map_err(|_| CORRUPT)
}

fn tiyin(amount: i64) -> Result<Tiyin, StoreError> {
    Tiyin::new(amount).ok_or(CORRUPT)
}

/// The stored text of a document.
///
/// # Errors
/// Never in practice: every part of a document can be written.
pub(crate) fn to_json(document: &Document) -> Result<String, StoreError> {
    let written = match document {
        Document::Till(payment) => serde_json::to_string(&till_row(payment)),
        Document::Fiscal(receipt) => serde_json::to_string(&fiscal_row(receipt)),
        Document::Order(order) => serde_json::to_string(&order_row(order)),
        Document::Incoming(incoming) => serde_json::to_string(&incoming_row(incoming)),
        Document::Movement(movement) => serde_json::to_string(&movement_row(movement)),
        Document::Shift(closing) => serde_json::to_string(&shift::row(closing)),
        Document::Settlement(settlement) => serde_json::to_string(&settlement_row(settlement)),
    };
    written.map_err(|_| CORRUPT)
}

fn till_row(payment: &TillPayment) -> TillRow<'_> {
    TillRow {
        till: Cow::Borrowed(&payment.till),
        provider: Cow::Borrowed(payment.provider.name()),
        code: owned(&payment.code),
        commission: payment.commission.get(),
        operation: payment.operation.map(|id| id.to_string()),
        paid_at: payment.paid_at.map(|at| at.0),
        prepared: owned(&payment.prepared),
        payment_id: owned(&payment.payment_id),
        phone: owned(&payment.phone),
        note: owned(&payment.note),
        told_unknown: payment.told_unknown,
        has_key: payment.has_key,
        order: payment.order.map(|id| id.to_string()),
        fiscal: payment
            .fiscal
            .as_ref()
            .map(|fiscal| (fiscal.url.to_string(), fiscal.delivery.name().to_owned())),
        steps: step_rows(&payment.steps),
    }
}

fn fiscal_row(receipt: &FiscalReceipt) -> FiscalRow {
    let registration = receipt.registration.as_ref().map(|registration| RegistrationRow {
        terminal: registration.terminal.to_string(),
        number: registration.number,
        date_time: registration.date_time.to_string(),
        sign: registration.sign.to_string(),
        url: registration.url.to_string(),
    });
    FiscalRow {
        till: receipt.till.to_string(),
        kind: receipt.kind.name().to_owned(),
        client_id: owned(&receipt.client_id),
        order: receipt.body.to_string(),
        operation: receipt.operation.map(|id| id.to_string()),
        payment: receipt.payment.map(|id| id.to_string()),
        second_payment: receipt.second_payment.map(|id| id.to_string()),
        registration,
        refusal: owned(&receipt.refusal),
        steps: step_rows(&receipt.steps),
    }
}

fn order_row(order: &PaymentOrder) -> OrderRow {
    OrderRow {
        service: order.service.0,
        key: order.order_key.to_string(),
        commission: order.commission.get(),
        doc_id: order.doc_id.to_string(),
        requisites: order.requisites.to_string(),
        is_funded: order.is_funded,
        ended_at: order.ended_at.map(|at| at.0),
        line: order.line,
        tries: order.tries,
        bank_lines: order.bank_lines.clone(),
        settlement: order.settlement.map(|id| id.to_string()),
        reason: owned(&order.reason),
        steps: step_rows(&order.steps),
    }
}

fn incoming_row(incoming: &Incoming) -> IncomingRow {
    let own_day = incoming.at.tashkent_day();
    IncomingRow {
        reference: incoming.reference.to_string(),
        service: incoming.service.0,
        number: incoming.number,
        bank_day: (incoming.bank_day != own_day).then_some(incoming.bank_day),
        parties: incoming.parties.to_string(),
    }
}

fn movement_row(movement: &Movement) -> MovementRow {
    MovementRow {
        reference: movement.reference.to_string(),
        service: movement.service.0,
        direction: movement.direction.number(),
        account: movement.account.to_string(),
        bank_day: movement.bank_day,
        parties: movement.parties.to_string(),
        reason: owned(&movement.reason),
    }
}

fn settlement_row(settlement: &Settlement) -> SettlementRow {
    let share = |share: &Share| ShareRow {
        order_key: share.order_key.to_string(),
        amount: share.amount.get(),
        bank_fee: share.bank_fee.get(),
        requisites: share.requisites.to_string(),
    };
    SettlementRow {
        partner: settlement.partner.to_string(),
        service: settlement.service.0,
        day: settlement.day,
        commission: settlement.commission.get(),
        shares: settlement.shares.iter().map(share).collect(),
        attempts: settlement.attempts,
        suspended: settlement.suspended.get(),
        waiting: settlement.waiting,
        steps: step_rows(&settlement.steps),
    }
}

/// The document of an envelope and its stored text.
///
/// # Errors
/// When the text is not one that [`to_json`] has written for such an envelope.
pub(crate) fn from_json(envelope: &Envelope, body: &str) -> Result<Document, StoreError> {
    match envelope.kind {
        DocumentKind::Till => till(envelope, body).map(Document::Till),
        DocumentKind::Fiscal => fiscal(envelope, body).map(Document::Fiscal),
        DocumentKind::Order => order(envelope, body).map(Document::Order),
        DocumentKind::Incoming => incoming(envelope, body).map(Document::Incoming),
        DocumentKind::Settlement => settlement(envelope, body).map(Document::Settlement),
        DocumentKind::Movement => movement(envelope, body).map(Document::Movement),
        DocumentKind::Shift => shift::closing(envelope, body).map(Document::Shift),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|_| CORRUPT)
}

fn till(envelope: &Envelope, body: &str) -> Result<TillPayment, StoreError> {
    let row: TillRow<'_> = read(body)?;
    let fiscal = match row.fiscal {
        Some((url, delivery)) => Some(FiscalLink {
            url: url.into(),
            delivery: Delivery::from_name(&delivery).ok_or(CORRUPT)?,
        }),
        None => None,
    };
    Ok(TillPayment {
        id: envelope.id,
        till: row.till.into(),
        merchant: envelope.owner.into(),
        provider: Provider::from_name(&row.provider).ok_or(CORRUPT)?,
        code: shared(row.code),
        amount: envelope.amount,
        commission: tiyin(row.commission)?,
        state: TillState::from_number(envelope.state).ok_or(CORRUPT)?,
        operation: operation(row.operation)?,
        created_at: envelope.created_at,
        paid_at: row.paid_at.map(UnixMillis),
        prepared: shared(row.prepared),
        payment_id: shared(row.payment_id),
        phone: shared(row.phone),
        note: shared(row.note),
        told_unknown: row.told_unknown,
        has_key: row.has_key,
        ask_again_at: envelope.due_at,
        order: document_id(row.order)?,
        fiscal,
        steps: steps(row.steps)?,
    })
}

fn fiscal(envelope: &Envelope, body: &str) -> Result<FiscalReceipt, StoreError> {
    let row: FiscalRow = read(body)?;
    let registration = row.registration.map(|registration| Registration {
        terminal: registration.terminal.into(),
        number: registration.number,
        date_time: registration.date_time.into(),
        sign: registration.sign.into(),
        url: registration.url.into(),
    });
    Ok(FiscalReceipt {
        id: envelope.id,
        till: row.till.into(),
        merchant: envelope.owner.into(),
        kind: FiscalKind::from_name(&row.kind).ok_or(CORRUPT)?,
        total: envelope.amount,
        client_id: shared(row.client_id),
        body: row.order.into(),
        state: FiscalState::from_number(envelope.state).ok_or(CORRUPT)?,
        operation: operation(row.operation)?,
        created_at: envelope.created_at,
        payment: document_id(row.payment)?,
        second_payment: document_id(row.second_payment)?,
        registration,
        refusal: shared(row.refusal),
        steps: steps(row.steps)?,
    })
}

fn order(envelope: &Envelope, body: &str) -> Result<PaymentOrder, StoreError> {
    let row: OrderRow = read(body)?;
    Ok(PaymentOrder {
        id: envelope.id,
        partner: PartnerId(envelope.owner.0),
        service: ServiceId(row.service),
        order_key: row.key.into(),
        amount: envelope.amount,
        commission: tiyin(row.commission)?,
        doc_id: row.doc_id.into(),
        requisites: row.requisites.into(),
        state: OrderState::from_number(envelope.state).ok_or(CORRUPT)?,
        is_funded: row.is_funded,
        created_at: envelope.created_at,
        ended_at: row.ended_at.map(UnixMillis),
        line: row.line,
        due_at: envelope.due_at,
        tries: row.tries,
        bank_lines: row.bank_lines,
        settlement: document_id(row.settlement)?,
        reason: shared(row.reason),
        steps: steps(row.steps)?,
    })
}

fn incoming(envelope: &Envelope, body: &str) -> Result<Incoming, StoreError> {
    let row: IncomingRow = read(body)?;
    Ok(Incoming {
        id: envelope.id,
        reference: row.reference.into(),
        service: ServiceId(row.service),
        partner: PartnerId(envelope.owner.0),
        amount: envelope.amount,
        at: envelope.created_at,
        bank_day: row.bank_day.unwrap_or_else(|| envelope.created_at.tashkent_day()),
        number: row.number,
        parties: row.parties.into(),
    })
}

fn movement(envelope: &Envelope, body: &str) -> Result<Movement, StoreError> {
    let row: MovementRow = read(body)?;
    Ok(Movement {
        id: envelope.id,
        reference: row.reference.into(),
        service: ServiceId(row.service),
        partner: PartnerId(envelope.owner.0),
        direction: Direction::from_number(row.direction).ok_or(CORRUPT)?,
        account: row.account.parse().map_err(|_| CORRUPT)?,
        amount: envelope.amount,
        at: envelope.created_at,
        bank_day: row.bank_day,
        parties: row.parties.into(),
        reason: shared(row.reason),
    })
}

fn settlement(envelope: &Envelope, body: &str) -> Result<Settlement, StoreError> {
    let row: SettlementRow = read(body)?;
    let share = |share: ShareRow| {
        Ok(Share {
            order_key: share.order_key.into(),
            amount: tiyin(share.amount)?,
            bank_fee: tiyin(share.bank_fee)?,
            requisites: share.requisites.into(),
        })
    };
    Ok(Settlement {
        id: envelope.id,
        merchant: envelope.owner.into(),
        partner: row.partner.parse().map_err(|_| CORRUPT)?,
        service: ServiceId(row.service),
        day: row.day,
        gross: envelope.amount,
        commission: tiyin(row.commission)?,
        shares: row.shares.into_iter().map(share).collect::<Result<_, StoreError>>()?,
        attempts: row.attempts,
        suspended: tiyin(row.suspended)?,
        waiting: row.waiting,
        due_at: envelope.due_at,
        state: SettlementState::from_number(envelope.state).ok_or(CORRUPT)?,
        created_at: envelope.created_at,
        steps: steps(row.steps)?,
    })
}
