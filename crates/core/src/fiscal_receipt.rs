//! A fiscal receipt as a document: drafted, then registered at the fiscal module or refused by it.

use std::sync::Arc;

use crate::id::{DocumentId, KassaId, OperationId};
use crate::money::Tiyin;
use crate::step::Step;
use crate::time::UnixMillis;

/// So long the same order is taken for a repeat of one whose till was not told of it, in
/// milliseconds.
pub const REPEAT_MS: i64 = 10 * 60 * 1_000;

/// What kind of receipt it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FiscalKind {
    /// A sale.
    Sale,
    /// A refund of an earlier sale.
    Refund,
    /// An advance payment.
    Advance,
    /// A sale on credit.
    Credit,
}

impl FiscalKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Sale, Self::Refund, Self::Advance, Self::Credit];

    /// The word in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Refund => "refund",
            Self::Advance => "advance",
            Self::Credit => "credit",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

numbered! {
    /// Where a fiscal receipt stands. The numbers are those of the database.
    pub enum FiscalState {
        /// Durable; the fiscal module is being asked.
        Draft = 1,
        /// Registered.
        Registered = 4,
        /// Refused by the fiscal module; nothing was registered.
        Refused = 50,
    }
}

/// What the fiscal module gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The module's terminal id.
    pub terminal: Arc<str>,
    /// The receipt's number at this terminal.
    pub number: i64,
    /// When, as `YYYYMMDDHHMMSS`.
    pub date_time: Arc<str>,
    /// The fiscal sign; may begin with zeros. Empty for advances and credits.
    pub sign: Arc<str>,
    /// The URL in the QR code. Empty for advances and credits.
    pub url: Arc<str>,
}

/// A fiscal receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiscalReceipt {
    /// Its id, which is the transaction id at the fiscal module.
    pub id: DocumentId,
    /// Which till.
    pub till: Arc<str>,
    /// Whose.
    pub merchant: KassaId,
    /// What kind.
    pub kind: FiscalKind,
    /// The sum of its items.
    pub total: Tiyin,
    /// The caller's own id of the order, within the till.
    pub client_id: Option<Arc<str>>,
    /// The order as the module gets it, in JSON.
    pub body: Arc<str>,
    /// Where it stands.
    pub state: FiscalState,
    /// The request under way.
    pub operation: Option<OperationId>,
    /// When it was drafted.
    pub created_at: UnixMillis,
    /// The till payment behind it: the wallet's, where a wallet and a pinpad have paid together.
    pub payment: Option<DocumentId>,
    /// The pinpad's payment, where a wallet and a pinpad have paid together.
    pub second_payment: Option<DocumentId>,
    /// What the module gave.
    pub registration: Option<Registration>,
    /// Why it was refused.
    pub refusal: Option<Arc<str>>,
    /// What happened so far.
    pub steps: Vec<Step>,
}

impl FiscalReceipt {
    /// The key under which the caller's own id is found again within a till.
    #[must_use]
    pub fn client_key(till: &str, client_id: &str) -> String {
        format!("order:{till}:{client_id}")
    }

    /// The payments behind it.
    #[must_use]
    pub const fn payments(&self) -> [Option<DocumentId>; 2] {
        [self.payment, self.second_payment]
    }

    /// The key under which an order is found again that has neither an id nor a payment of its own,
    /// by a digest of everything in it but its time.
    #[must_use]
    pub fn repeat_key(till: &str, digest: &str) -> String {
        format!("draft:{till}:{digest}")
    }

    /// The key under which the receipt that a till registered last is found.
    #[must_use]
    pub fn last_key(till: &str) -> String {
        format!("last-order:{till}")
    }

    /// The key under which a registered receipt is found by its URL.
    #[must_use]
    pub fn url_key(url: &str) -> String {
        format!("fiscal:{url}")
    }
}
