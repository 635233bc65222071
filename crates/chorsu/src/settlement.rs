//! Settlements: what the ledger owes a merchant is divided by its rule, paid out by orders of a
//! service, and compared with the service's statement.
//!
//! A merchant's settlements are one chain. Each takes what the ledger owes up to a day less what
//! those before it took, and is kept under a key that only one of them can have; so computing at
//! the same time, or again, gives one settlement. Sending books it and accepts its orders in one
//! command, so its money is never where other orders could spend it.
//!
//! No money is moved here: the ledger is changed by the store's commands, and orders are carried
//! out by [`crate::bank::clearing`].

pub(crate) mod chain;
pub(crate) mod command_line;
pub(crate) mod export;
pub(crate) mod payee;
pub(crate) mod reconcile;
pub(crate) mod report;
pub(crate) mod rule;
pub(crate) mod send;
mod split;
pub(crate) mod statements;
pub(crate) mod worker;

use chorsu_core::{DocumentId, Reject};
use chorsu_store::{StoreError, SubmitError};
use tokio::sync::{Notify, Semaphore};

/// Files that are being written at once: each keeps a thread busy.
const EXPORTS_MAX: usize = 4;

/// What settlements need beside the store.
pub(crate) struct Desk {
    /// Wakes the worker when there is something to do at once.
    pub(crate) wake: Notify,
    /// Places for files that are being written.
    pub(crate) exports: Semaphore,
}

impl Default for Desk {
    fn default() -> Self {
        Self { wake: Notify::new(), exports: Semaphore::new(EXPORTS_MAX) }
    }
}

/// Why a settlement is not computed, sent or given up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettlementError {
    /// There is no such settlement.
    #[error("no such settlement")]
    NotFound,
    /// The merchant has no rule.
    #[error("the merchant has no settlement rule")]
    NoRule,
    /// The rule was good when it was written, and is not now.
    #[error("the rule cannot be used: {0}")]
    Rule(#[from] rule::RuleError),
    /// It is in a state that does not allow this.
    #[error("the settlement is {0}")]
    State(&'static str),
    /// Refunds have taken some of the money since it was computed.
    #[error("the merchant is owed less than this by now; withdraw it and compute again")]
    OwedLess,
    /// The rule is another one by now, or another partner's.
    #[error("the rule has changed since this was computed; compute again")]
    RuleChanged,
    /// The partner has used a number of one of its orders for an order of its own.
    #[error("the number {0} is another order's; compute again")]
    NumberUsed(String),
    /// Too much at once; nothing was done.
    #[error("overloaded; try again")]
    Busy,
    /// The store refused.
    #[error("{0}")]
    Rejected(Reject),
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] Option<StoreError>),
}

impl From<StoreError> for SettlementError {
    fn from(error: StoreError) -> Self {
        Self::Store(Some(error))
    }
}

impl From<SubmitError> for SettlementError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(reject) => Self::Rejected(reject),
            SubmitError::Busy => Self::Busy,
            SubmitError::Failed => Self::Store(None),
        }
    }
}

/// The number of a share's order: the same whenever it is sent, another one when it is sent anew.
/// Shares of the rule are counted from 1, the merchant's own is 0.
fn order_key(settlement: DocumentId, place: usize, attempt: u32) -> String {
    if attempt <= 1 {
        format!("st-{settlement}-{place}")
    } else {
        format!("st-{settlement}-{place}-{attempt}")
    }
}

/// The place in a number made by [`order_key`].
fn place_of(order_key: &str) -> Option<usize> {
    order_key.split('-').nth(2)?.parse().ok()
}
