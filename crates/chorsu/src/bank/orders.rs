//! Payment orders of partners: from the request's fields to one durable command.

use std::sync::Arc;

use chorsu_core::bank::{
    AccountFound, BankCode, BankDirectory, BankFound, DocId, KeyFound, Mfo, NewOrder, OrderDraft,
    OrderKey, OrderKind, OrderState, ReceiverLookup,
};
use chorsu_core::command::bank::BankCommand;
use chorsu_core::order::PaymentOrder;
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
    let is_played = bank.controls.is_some() && service.upstream.is_none();
    let suffix = draft.account.as_deref().filter(|_| is_played).and_then(Suffix::of);
    if suffix == Some(Suffix::Refused(BankCode::FieldMissing)) {
        return Err(BankCode::FieldMissing.into());
    }
    let receivers = Receivers { directory: &bank.directory(), suffix };
    let order = draft.check(asked.kind, cards, &receivers)?;
    let (document, spoiled) = match suffix {
        // The other codes come after the question whether the number is new.
        Some(Suffix::Refused(code)) => (known(app, asked, service, &order, code).await?, None),
        Some(Suffix::Spoiled(how)) => (accept(app, asked, service, order).await?, Some(how)),
        _ => (accept(app, asked, service, order).await?, None),
    };
    Ok(Accepted { document, spoiled })
}

/// The receivers that orders may name: those of the directory, unless the played bank has one of
/// its accounts with a meaning before it.
struct Receivers<'a> {
    directory: &'a BankDirectory,
    suffix: Option<Suffix>,
}

impl ReceiverLookup for Receivers<'_> {
    fn find_account(&self, mfo: Option<&Mfo>, account: &str) -> AccountFound {
        match self.suffix {
            Some(Suffix::Refused(BankCode::AccountNotFound)) => AccountFound::No,
            _ => self.directory.find_account(mfo, account),
        }
    }

    fn find_bank(&self, mfo: &Mfo) -> BankFound {
        match self.suffix {
            Some(Suffix::Refused(BankCode::BankNotInSystem)) => BankFound::NotParticipant,
            _ => self.directory.find_bank(mfo),
        }
    }
}

/// What an order is answered with that `code` would refuse: its number may have been used before,
/// and that comes first.
async fn known(
    app: &App,
    asked: Asked,
    service: &Service,
    order: &NewOrder,
    code: BankCode,
) -> Result<Arc<Document>, OrderFailure> {
    match find(app, asked.partner, &order.key).await? {
        Some(known) => {
            let order = document(app, asked, service, order);
            repeated(app, asked, &order, Reject::OrderUsed(Arc::new(known)))
        }
        None => Err(code.into()),
    }
}

/// Accepts a checked order of `service`; durable when it is answered.
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
    if let Err(code) = app.bank.date(asked.at, now).check() {
        return known(app, asked, service, &order, code).await;
    }
    let refuse_unfunded = settings.underfunded == Underfunded::Refuse;
    let order = document(app, asked, service, &order);
    let key: Arc<str> = PaymentOrder::key(asked.partner, &order.order_key).into();
    let due_at_once = order.due_at.is_some_and(|due| due <= real_now());
    let accept = BankCommand::Accept { order: Box::new(order.clone()), key, refuse_unfunded };
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
            Reject::Underfunded => OrderFailure::Underfunded,
            Reject::NoSuchService => BankCode::ServiceNotFound.into(),
            Reject::AmountAboveLimit => BankCode::FieldMissing.into(),
            _ => BankCode::SystemError.into(),
        });
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

/// The order as it is born.
pub(crate) fn document(
    app: &App,
    asked: Asked,
    service: &Service,
    order: &NewOrder,
) -> PaymentOrder {
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
        line: None,
        due_at,
        tries: 0,
        bank_lines: Vec::new(),
        settlement: None,
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
