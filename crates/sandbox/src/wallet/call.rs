//! What can be asked of a wallet, in words common to all three, and what it answers.

use chorsu_core::{Tiyin, Wallet};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::customer::Customer;
use super::record::{
    Payment, code_key, confirmation_key, items_key, payment_key, reference_key, totals_key,
};
use crate::book::{RecordId, RecordKey};

/// Why a wallet refuses. Each provider has its own codes for these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Refusal {
    /// The signature or the key is wrong.
    Unsigned,
    /// The signature is right, and its time is too far from now.
    Stale,
    /// The service is not the merchant's.
    UnknownService,
    /// The request is not one this API has.
    UnknownMethod,
    /// A field is missing or is not what it should be.
    BadRequest,
    /// No customer of this wallet has such a code.
    BadCode,
    /// The code was used for a payment.
    UsedCode,
    /// The code's time is over.
    ExpiredCode,
    /// The customer has too little money.
    NoFunds,
    /// The customer is blocked.
    Blocked,
    /// The payment was in progress and came to nothing.
    Declined,
    /// Below the smallest payment.
    TooSmall,
    /// Above the largest payment.
    TooLarge,
    /// There is no such payment.
    NotFound,
    /// The receipt is paid, in progress or cancelled.
    NotPayable,
    /// The payment cannot be reversed as it stands, or not so much of it.
    NotReversible,
    /// The payment is of a month that is closed.
    TooOld,
    /// The payment does not wait for a confirmation.
    NotConfirmable,
    /// The payment has another fiscal receipt, or was never paid.
    NotFiscal,
    /// The URL is not that of a fiscal receipt.
    BadFiscalUrl,
    /// The wallet is out of order.
    Unavailable,
    /// A fault wants this code.
    Code(i64),
}

/// A payment that is asked for and taken in one call.
#[derive(Clone, Debug)]
pub(super) struct Charge {
    /// The id it will have.
    pub(super) id: RecordId,
    /// The merchant's own id of it.
    pub(super) reference: Option<String>,
    /// How much.
    pub(super) amount: Tiyin,
    /// Who pays.
    pub(super) customer: Customer,
}

/// A request to a wallet.
#[derive(Clone, Debug)]
pub(super) enum Call {
    /// Makes a receipt that waits for its customer.
    Create { id: RecordId, reference: Option<String>, amount: Tiyin },
    /// Takes the money.
    Charge(Charge),
    /// Takes the money for a receipt.
    Pay { id: RecordId, customer: Customer },
    /// Confirms a payment that waits for it.
    Confirm { id: RecordId },
    /// Makes payments wait for a confirmation, or not.
    SetConfirmation(bool),
    /// What became of a payment.
    Look { id: RecordId },
    /// What became of the newest payment under a reference.
    Find { reference: String },
    /// Gives money back, all that is left or an amount; `reference` must be the payment's.
    Reverse { id: RecordId, amount: Option<Tiyin>, reference: Option<String> },
    /// Shows the fiscal receipt of a payment.
    Fiscal { id: RecordId, url: String },
    /// Names the goods of a payment.
    Items { id: RecordId, items: String },
}

/// What a wallet answers.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// The payment as it is now.
    Payment { id: RecordId, payment: Box<Payment> },
    /// The reference is that of this payment already.
    Duplicate { id: RecordId },
    /// It is done.
    Done,
    /// It is refused.
    Refused(Refusal),
}

/// An answer and how it gets, or does not get, to its caller.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(super) outcome: Outcome,
    /// How many milliseconds later it comes.
    pub(super) wait_ms: u64,
    /// Whether the connection is closed instead.
    pub(super) lost: bool,
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, wait_ms: 0, lost: false }
    }
}

/// The longest reference of a merchant, in bytes.
const REFERENCE_BYTES: usize = 256;

/// The id of a record under a merchant's reference; `None` when it is too long or empty.
pub(super) fn reference_id(reference: &str) -> Option<RecordId> {
    if reference.is_empty() || reference.len() > REFERENCE_BYTES {
        return None;
    }
    let hash = || RecordId::of(Sha256::digest(reference).into());
    Some(RecordId::new(reference.as_bytes()).unwrap_or_else(hash))
}

impl Call {
    /// Appends the keys of the records it is known to need.
    pub(super) fn keys(&self, wallet: Wallet, keys: &mut Vec<RecordKey>) {
        let mut by_reference = |reference: &Option<String>| {
            let id = reference.as_deref().and_then(reference_id);
            keys.extend(id.map(|id| reference_key(wallet, id)));
        };
        match self {
            Self::Create { id, reference, .. } => {
                by_reference(reference);
                keys.push(payment_key(wallet, *id));
            }
            Self::Charge(charge) => {
                by_reference(&charge.reference);
                keys.push(payment_key(wallet, charge.id));
                keys.push(code_key(wallet, charge.customer.tag));
                keys.push(totals_key(wallet));
                if wallet == Wallet::Click {
                    keys.push(confirmation_key(wallet));
                }
            }
            Self::Pay { id, customer } => {
                keys.push(payment_key(wallet, *id));
                keys.push(code_key(wallet, customer.tag));
                keys.push(totals_key(wallet));
            }
            Self::Confirm { id } | Self::Reverse { id, .. } | Self::Fiscal { id, .. } => {
                keys.push(payment_key(wallet, *id));
                keys.push(totals_key(wallet));
            }
            Self::SetConfirmation(_) => keys.push(confirmation_key(wallet)),
            Self::Look { id } => keys.push(payment_key(wallet, *id)),
            Self::Find { reference } => by_reference(&Some(reference.clone())),
            Self::Items { id, .. } => {
                keys.push(payment_key(wallet, *id));
                keys.push(items_key(wallet, *id));
            }
        }
    }
}
