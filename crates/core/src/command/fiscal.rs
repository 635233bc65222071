//! Commands about fiscal receipts.

use std::sync::Arc;

use super::{IdempotencyKey, Keys};
use crate::fiscal_receipt::{FiscalReceipt, Registration};
use crate::id::{DocumentId, OperationId};
use crate::money::Tiyin;
use crate::time::UnixMillis;

/// A change of a fiscal receipt.
#[derive(Clone, Debug)]
pub enum FiscalCommand {
    /// Drafts a receipt ("/order").
    Begin(Box<BeginFiscal>),
    /// Ends what [`FiscalCommand::Begin`] started.
    Finish(Box<FinishFiscal>),
    /// The till is about to be told of a receipt: from now on the same order is another sale.
    Told {
        /// Which receipt.
        id: DocumentId,
        /// [`FiscalReceipt::repeat_key`] of its order.
        repeat_key: Arc<str>,
    },
}

impl FiscalCommand {
    /// The rows its decision needs.
    pub(super) fn keys(&self) -> Keys<'_> {
        match self {
            Self::Begin(begin) => {
                let [first, second] = &begin.payments;
                let paid = [first, second].map(|link| link.as_ref().map(|link| &link.paid_key));
                let (client_key, repeat_key) = (&begin.client_key, &begin.repeat_key);
                let lookups = [client_key.as_ref(), repeat_key.as_ref(), paid[0], paid[1]];
                Keys { key: begin.key.as_ref(), lookups, ..Keys::default() }
            }
            Self::Finish(finish) => {
                let lookups = [Some(&finish.last_key), None, None, None];
                let [first, second] = finish.payments;
                Keys { documents: [Some(finish.id), first, second], lookups, ..Keys::default() }
            }
            Self::Told { id, repeat_key } => {
                let lookups = [Some(repeat_key), None, None, None];
                Keys { documents: [Some(*id), None, None], lookups, ..Keys::default() }
            }
        }
    }
}

/// The payment an order names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentLink {
    /// [`crate::till::TillPayment::paid_key`] of the provider's number.
    pub paid_key: Arc<str>,
    /// What of the order was paid by it.
    pub amount: Tiyin,
}

/// The particulars of [`FiscalCommand::Begin`].
#[derive(Clone, Debug)]
pub struct BeginFiscal {
    /// The receipt, as a draft.
    pub receipt: FiscalReceipt,
    /// The new request to the fiscal module.
    pub operation: OperationId,
    /// [`FiscalReceipt::client_key`], when the till gave the order an id.
    pub client_key: Option<Arc<str>>,
    /// [`FiscalReceipt::repeat_key`], when nothing else tells a repeated order from a new one.
    pub repeat_key: Option<Arc<str>>,
    /// The payments it names; the first is the wallet's, if there is one.
    pub payments: [Option<PaymentLink>; 2],
    /// The caller's idempotency key.
    pub key: Option<IdempotencyKey>,
}

/// The particulars of [`FiscalCommand::Finish`].
#[derive(Clone, Debug)]
pub struct FinishFiscal {
    /// Which receipt.
    pub id: DocumentId,
    /// Its payments.
    pub payments: [Option<DocumentId>; 2],
    /// [`FiscalReceipt::last_key`] of its till.
    pub last_key: Arc<str>,
    /// Which request.
    pub operation: OperationId,
    /// What the module gave, or why it refused.
    pub end: Result<Registration, Arc<str>>,
    /// The request that delivers the receipt to the wallet.
    pub deliver_as: OperationId,
    /// When.
    pub now: UnixMillis,
}
