//! Commands about payments at the till.

use std::sync::Arc;

use super::{IdempotencyKey, Keys};
use crate::id::{DocumentId, OperationId};
use crate::money::Tiyin;
use crate::till::TillPayment;
use crate::time::UnixMillis;

/// A change of a payment at the till.
#[derive(Clone, Debug)]
pub enum TillCommand {
    /// Starts a payment ("/payment/click" and its like).
    Begin(Box<Begin>),
    /// Journals the provider's own number before any money moves (Payme, `receipts.create`).
    Prepared {
        /// Which payment.
        id: DocumentId,
        /// Which request.
        operation: OperationId,
        /// The provider's number.
        prepared: Arc<str>,
        /// When.
        now: UnixMillis,
    },
    /// Ends what [`TillCommand::Begin`] started.
    Finish {
        /// Which payment.
        id: DocumentId,
        /// Which request.
        operation: OperationId,
        /// How it ended.
        end: TillEnd,
        /// When.
        now: UnixMillis,
    },
    /// The till is about to be told that a payment has succeeded, see [`TillPayment::is_untold`].
    Told {
        /// Which payment.
        id: DocumentId,
        /// Which request.
        operation: OperationId,
    },
    /// The till is told that the outcome is unknown, unless it is known after all.
    Doubt {
        /// Which payment.
        id: DocumentId,
        /// When.
        now: UnixMillis,
    },
    /// A payment that its provider had not seen was asked about again, and still it has not.
    NotSeen {
        /// Which payment.
        id: DocumentId,
        /// When to ask next; never again when absent.
        ask_again_at: Option<UnixMillis>,
        /// When.
        now: UnixMillis,
    },
    /// An operator says what became of a payment whose provider does not.
    SettleByHand(Box<SettleByHand>),
    /// Starts to give the money back.
    BeginReverse(BeginReverse),
    /// Ends what [`TillCommand::BeginReverse`] started.
    FinishReverse {
        /// Which payment.
        id: DocumentId,
        /// Which request.
        operation: OperationId,
        /// Why the provider refused; absent when the money went back.
        refusal: Option<Arc<str>>,
        /// What the pinpad has printed about it.
        slip: Option<Arc<str>>,
        /// When.
        now: UnixMillis,
    },
    /// Starts to deliver a fiscal receipt to the wallet ("/payment/click_confirm" and its like).
    Deliver(Deliver),
    /// Ends a delivery.
    Delivered {
        /// Which payment.
        id: DocumentId,
        /// Which request.
        operation: OperationId,
        /// Why the wallet refused; absent when it took the receipt.
        refusal: Option<Arc<str>>,
        /// When.
        now: UnixMillis,
    },
}

impl TillCommand {
    /// The rows its decision needs.
    pub(super) fn keys(&self) -> Keys<'_> {
        let id = match self {
            Self::Begin(begin) => {
                let [sale, void] = begin
                    .pinpad
                    .as_ref()
                    .map_or([None; 2], |keys| [Some(&keys.sale), Some(&keys.void)]);
                let (likely_free, lookups) = (begin.scan_key.as_ref(), [sale, void, None, None]);
                return Keys { key: begin.key.as_ref(), lookups, likely_free, ..Keys::default() };
            }
            Self::Finish { id, end, .. } => {
                let documents = [Some(*id), None, None];
                let lookups = [end.void_key.as_ref(), None, None, None];
                let likely_free = end.paid_key.as_ref();
                return Keys { documents, lookups, likely_free, ..Keys::default() };
            }
            Self::SettleByHand(settle) => {
                let documents = [Some(settle.id), None, None];
                let end = &settle.end;
                let lookups = [end.void_key.as_ref(), end.paid_key.as_ref(), None, None];
                return Keys { documents, lookups, ..Keys::default() };
            }
            Self::BeginReverse(reverse) => {
                let documents = [Some(reverse.id), None, None];
                let lookups = [reverse.void_key.as_ref(), None, None, None];
                let key = reverse.key.as_ref();
                return Keys { documents, lookups, key, ..Keys::default() };
            }
            Self::Deliver(deliver) => {
                let documents = [Some(deliver.payment), None, None];
                return Keys { documents, key: deliver.key.as_ref(), ..Keys::default() };
            }
            Self::Prepared { id, .. }
            | Self::Told { id, .. }
            | Self::Doubt { id, .. }
            | Self::NotSeen { id, .. }
            | Self::FinishReverse { id, .. }
            | Self::Delivered { id, .. } => *id,
        };
        Keys { documents: [Some(id), None, None], ..Keys::default() }
    }
}

/// The particulars of [`TillCommand::Begin`].
#[derive(Clone, Debug)]
pub struct Begin {
    /// The payment, in state sent.
    pub payment: TillPayment,
    /// The new request to the provider.
    pub operation: OperationId,
    /// [`TillPayment::scan_key`] of the scanned code.
    pub scan_key: Option<Arc<str>>,
    /// The pinpad that is asked; absent for a wallet.
    pub pinpad: Option<PinpadKeys>,
    /// The caller's idempotency key.
    pub key: Option<IdempotencyKey>,
}

/// Where the operations of a pinpad find one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinpadKeys {
    /// [`TillPayment::sale_key`] of its till.
    pub sale: Arc<str>,
    /// [`TillPayment::void_key`] of its till.
    pub void: Arc<str>,
}

impl PinpadKeys {
    /// Those of the pinpad of `till`.
    #[must_use]
    pub fn of(till: &str) -> Self {
        Self { sale: TillPayment::sale_key(till).into(), void: TillPayment::void_key(till).into() }
    }
}

/// How a payment ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TillEnd {
    /// Whether the customer was charged.
    pub is_paid: bool,
    /// The provider's number of the payment, or of what it refused.
    pub payment_id: Option<Arc<str>>,
    /// [`TillPayment::paid_key`] of that number.
    pub paid_key: Option<Arc<str>>,
    /// The customer's phone.
    pub phone: Option<Arc<str>>,
    /// What the provider said.
    pub note: Option<Arc<str>>,
    /// When to ask again, where "not charged" means that the provider has not seen it.
    pub ask_again_at: Option<UnixMillis>,
    /// The request that gives the money back, should the till have been told "unknown" before.
    pub reverse_as: OperationId,
    /// [`TillPayment::own_void_key`], for that request.
    pub void_key: Option<Arc<str>>,
}

/// The particulars of [`TillCommand::BeginReverse`].
#[derive(Clone, Debug)]
pub struct BeginReverse {
    /// Which payment.
    pub id: DocumentId,
    /// The new request to the provider.
    pub operation: OperationId,
    /// What the caller believes the amount to be.
    pub amount: Option<Tiyin>,
    /// Why.
    pub reason: Arc<str>,
    /// [`TillPayment::own_void_key`].
    pub void_key: Option<Arc<str>>,
    /// The caller's idempotency key.
    pub key: Option<IdempotencyKey>,
    /// When.
    pub now: UnixMillis,
}

/// The particulars of [`TillCommand::SettleByHand`].
#[derive(Clone, Debug)]
pub struct SettleByHand {
    /// Which payment.
    pub id: DocumentId,
    /// Whether it is about the way back of the money; it is refused when by now that is otherwise.
    pub is_reversal: bool,
    /// Whether the customer was charged; for a reversal, whether that charge stands.
    pub end: TillEnd,
    /// Who says so, and why.
    pub by: Arc<str>,
    /// When.
    pub now: UnixMillis,
}

/// The particulars of [`TillCommand::Deliver`].
#[derive(Clone, Debug)]
pub struct Deliver {
    /// Which payment.
    pub payment: DocumentId,
    /// The new request to the wallet.
    pub operation: OperationId,
    /// The fiscal receipt.
    pub url: Arc<str>,
    /// The caller's idempotency key.
    pub key: Option<IdempotencyKey>,
    /// When.
    pub now: UnixMillis,
}
