//! Payment orders of partners: from the request's fields to one durable command.

use std::sync::Arc;

use chorsu_core::bank::{BankCode, DocId, KeyFound, NewOrder, OrderDraft, OrderKey, OrderKind};
use chorsu_core::command::bank::BankCommand;
use chorsu_core::order::{OrderState, PaymentOrder};
use chorsu_core::{Command, Document, PartnerId, Reject, Reply, UnixMillis};
use chorsu_store::SubmitError;

use super::faults::{Spoiled, Suffix};
use super::service_book::Service;
use super::settings::{Repeated, Underfunded};
use super::{real_now, requisites};
use crate::app::App;
use crate::ids;

/// Why an order is not accepted, or cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OrderFailure {
    /// One of the documented reasons.
    #[error("code {}", .0.number())]
    Code(BankCode),
    /// The service has too little money, and the operator wants such orders refused at once.
    #[error("not enough money on the service")]
    Underfunded,
}

impl From<BankCode> for OrderFailure {
    fn from(code: BankCode) -> Self {
        Self::Code(code)
    }
}

/// Who asks for an order, and when the request came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// The partner.
    pub(crate) partner: PartnerId,
    /// Which method was called.
    pub(crate) kind: OrderKind,
    /// When the request came, by the application's clock.
    pub(crate) at: UnixMillis,
    /// Whether the caller named an idempotency key: then a repeat of the same order is answered
    /// with what the first one was answered.
    pub(crate) is_keyed: bool,
}

/// An accepted order, and how the played bank spoils its answer.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// The order.
    pub(crate) document: Arc<Document>,
    /// What becomes of the answer, in sandbox mode.
    pub(crate) spoiled: Option<Spoiled>,
}

/// Checks an order in the documented sequence and accepts it; durable when it is answered.
///
/// # Errors
/// The first documented code that applies. After 1111 and 2222 the status tells what is so.
pub(crate) async fn order(
    app: &App,
    asked: Asked,
    draft: &OrderDraft<'_>,
) -> Result<Accepted, OrderFailure> {
    let bank = &app.bank;
    let number = draft.service()?;
    let services = bank.services();
    let service = services.find(asked.partner, number).ok_or(BankCode::ServiceNotFound)?;
    let cards = service.found().check()?;
    let order = draft.check(asked.kind, cards, &*bank.directory())?;
    let is_played = bank.controls.is_some() && service.upstream.is_none();
    let account = order.requisites.named_account();
    let spoiled = match is_played.then(|| Suffix::of(account)).flatten() {
        Some(Suffix::Refused(code)) => return Err(code.into()),
        Some(Suffix::Spoiled(spoiled)) => Some(spoiled),
        _ => None,
    };
    let document = accept(app, asked, service, order).await?;
    Ok(Accepted { document, spoiled })
}

/// Accepts a checked order of `service`; durable when it is answered. Settlements come in here.
///
/// # Errors
/// 1111 for a number that was used before, 3333 when the day has turned, 2222 when the store
/// fails; [`OrderFailure::Underfunded`] as a setting.
pub(crate) async fn accept(
    app: &App,
    asked: Asked,
    service: &Service,
    order: NewOrder,
) -> Result<Arc<Document>, OrderFailure> {
    let now = app.clock.now();
    let settings = &app.bank.settings;
    if let Err(code) = settings.date(asked.at, now).check() {
        // A number that was used before comes first; its first use may have been in time.
        let known = find(app, asked.partner, &order.key).await?;
        let found = if known.is_some() { KeyFound::Yes } else { KeyFound::No };
        found.check()?;
        return Err(code.into());
    }
    if settings.underfunded == Underfunded::Refuse && !is_covered(app, service, &order).await? {
        return Err(OrderFailure::Underfunded);
    }
    let order = document(app, asked, service, &order);
    let key: Arc<str> = PaymentOrder::key(asked.partner, &order.order_key).into();
    let due_at_once = order.due_at.is_some_and(|due| due <= real_now());
    let accept = BankCommand::Accept { order: Box::new(order.clone()), key };
    match app.store.submit(Command::Bank(accept)).await {
        Ok(Reply::Document(document)) => {
            if due_at_once {
                app.bank.wake.notify_one();
            }
            Ok(document)
        }
        Ok(_) => Err(BankCode::CriticalError.into()),
        Err(SubmitError::Rejected(reject)) => repeated(app, asked, &order, reject),
        Err(SubmitError::Busy) => Err(BankCode::SystemError.into()),
        Err(SubmitError::Failed) => Err(BankCode::CriticalError.into()),
    }
}

/// What a refusal of the store means to the caller.
fn repeated(
    app: &App,
    asked: Asked,
    order: &PaymentOrder,
    reject: Reject,
) -> Result<Arc<Document>, OrderFailure> {
    let Reject::OrderUsed(known) = reject else {
        return Err(match reject {
            Reject::NoSuchService => BankCode::ServiceNotFound,
            Reject::AmountAboveLimit => BankCode::FieldMissing,
            _ => BankCode::SystemError,
        }
        .into());
    };
    let wanted = asked.is_keyed || app.bank.settings.repeated == Repeated::Stored;
    let is_same = known.order().is_some_and(|known| {
        known.service == order.service
            && (known.amount, known.commission) == (order.amount, order.commission)
            && known.requisites == order.requisites
    });
    if wanted && is_same {
        return Ok(known);
    }
    Err(KeyFound::Yes.check().err().unwrap_or(BankCode::SystemError).into())
}

/// Whether the service has the money now. Another order may be faster: then this one is accepted
/// and ends deleted, as it would without the setting.
async fn is_covered(app: &App, service: &Service, order: &NewOrder) -> Result<bool, OrderFailure> {
    match app.store.service(service.settings.id).await {
        Ok(Some(found)) => Ok(found.available >= order.sum.total()),
        Ok(None) => Err(BankCode::ServiceNotFound.into()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a service was not read");
            Err(BankCode::SystemError.into())
        }
    }
}

/// The order as it is born.
fn document(app: &App, asked: Asked, service: &Service, order: &NewOrder) -> PaymentOrder {
    let now = app.clock.now();
    let id = ids::document(now);
    let doc_id = DocId { kind: order.requisites.kind(), number: ten_digits(id.0) };
    let due_at = match (&service.upstream, &app.bank.controls) {
        // The played bank keeps some orders waiting for ever.
        (None, Some(_)) if Suffix::of(order.requisites.named_account()) == Some(Suffix::Stays) => {
            None
        }
        (None, Some(controls)) => Some(real_now().plus(controls.settle_after_ms())),
        _ => Some(real_now()),
    };
    PaymentOrder {
        id,
        partner: asked.partner,
        service: service.settings.id,
        order_key: order.key.as_str().into(),
        amount: order.sum.amount(),
        commission: order.sum.commission(),
        doc_id: doc_id.to_string().into(),
        requisites: requisites::to_json(&order.requisites).into(),
        state: OrderState::Entered,
        is_funded: false,
        created_at: now,
        ended_at: None,
        due_at,
        tries: 0,
        reason: None,
        steps: Vec::new(),
    }
}

/// Ten digits, the first of them not zero, from an id's random bytes.
fn ten_digits(id: [u8; chorsu_core::id::ID_BYTES]) -> u64 {
    let random = u64::from_be_bytes([0, 0, id[6], id[7], id[8], id[9], id[10], id[11]]);
    1_000_000_000 + random % 9_000_000_000
}

/// The partner's order of this number.
///
/// # Errors
/// 1111 when the store fails: 1008 would tell the caller to create the order again.
pub(crate) async fn find(
    app: &App,
    partner: PartnerId,
    key: &OrderKey,
) -> Result<Option<Document>, BankCode> {
    let found = app.store.document_by_key(PaymentOrder::key(partner, key.as_str())).await;
    found.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "an order was not read");
        BankCode::SystemError
    })
}
