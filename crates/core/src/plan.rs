//! What a decision changes and answers.

use std::sync::Arc;

use crate::bank_service::BankService;
use crate::card::Card;
use crate::command::IdempotencyKey;
use crate::document::Document;
use crate::entry::Entry;
use crate::id::{DocumentId, OperationId, OwnerId};
use crate::money::Tiyin;
use crate::order::StatementLine;
use crate::receipt::Receipt;
use crate::reject::Reject;
use crate::time::UnixMillis;

/// Declares the kinds, so that each has its code once.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What is to be asked of a counterparty.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum OutboxKind {
            $($(#[$doc])* $name,)*
        }

        impl OutboxKind {
            /// Every kind with its code.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $code),)*];

            /// The code in the database.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The kind with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().find(|(_, known)| *known == code).map(|(kind, _)| *kind)
            }
        }
    };
}

kinds! {
    /// Debit the card.
    Debit = "debit",
    /// Hold money on the card.
    Hold = "hold",
    /// Capture a hold.
    Capture = "capture",
    /// Give a paid receipt's money back.
    Refund = "refund",
    /// Give a hold up.
    Release = "release",
    /// Take a payment at the till.
    TillPay = "till_pay",
    /// Give a till payment's money back.
    TillReverse = "till_reverse",
    /// Deliver a fiscal receipt to a wallet.
    TillDeliver = "till_deliver",
    /// Register a fiscal receipt at the fiscal module.
    FiscalRegister = "fiscal_register",
}

impl OutboxKind {
    /// Whether it is about a receipt of the Subscribe API.
    #[must_use]
    pub const fn is_of_receipt(self) -> bool {
        matches!(self, Self::Debit | Self::Hold | Self::Capture | Self::Refund | Self::Release)
    }
}

/// An intent that was made durable before the first byte of it left: a row is born leased to the
/// process that wrote it and lives until the outcome is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// The reference the counterparty knows the request by, or the key of the row alone.
    pub operation: OperationId,
    /// What to do.
    pub kind: OutboxKind,
    /// For which document.
    pub document: DocumentId,
    /// Whose document it is.
    pub owner: OwnerId,
    /// How much.
    pub amount: Tiyin,
    /// Since when.
    pub created_at: UnixMillis,
}

/// An idempotency key and what it produced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRow {
    /// The key.
    pub key: IdempotencyKey,
    /// The id of the receipt, card or document that the request was about.
    pub document: [u8; crate::id::ID_BYTES],
    /// When it was used.
    pub at: UnixMillis,
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The receipt as it is now.
    Receipt(Arc<Receipt>),
    /// The network must be asked now; the intent is in the outbox.
    PayBegun(Arc<Receipt>, Arc<Card>),
    /// The network must be asked now; the intent is in the outbox.
    Begun(Arc<Receipt>, OutboxRow),
    /// The card as it is now.
    Card(Arc<Card>),
    /// The document as it is now.
    Document(Arc<Document>),
    /// The counterparty must be asked now; the intent is in the outbox.
    DocumentBegun(Arc<Document>, OutboxRow),
    /// The request is refused, and that was worth writing down (a wrong code counts).
    Refused(Reject),
}

/// What to write, and what to answer once it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The answer.
    pub reply: Reply,
    /// The receipt's new row.
    pub receipt: Option<Arc<Receipt>>,
    /// Whether that row is a new one.
    pub created: bool,
    /// The card's new row.
    pub card: Option<Arc<Card>>,
    /// The document's new row.
    pub document: Option<Arc<Document>>,
    /// Whether that row is a new one.
    pub is_new_document: bool,
    /// Other documents that did not exist before.
    pub new_documents: Vec<Arc<Document>>,
    /// New rows of other documents that it touches.
    pub other_documents: Vec<Arc<Document>>,
    /// Keys under which documents are found from now on.
    pub keys_taken: Vec<(Arc<str>, DocumentId)>,
    /// Keys that are free again.
    pub keys_freed: Vec<Arc<str>>,
    /// New rows of bank services.
    pub services: Vec<Arc<BankService>>,
    /// New lines of statements.
    pub lines: Vec<StatementLine>,
    /// Ledger entries.
    pub entries: Vec<Entry>,
    /// A new intent.
    pub outbox_new: Option<OutboxRow>,
    /// An intent whose outcome is known.
    pub outbox_done: Option<OperationId>,
    /// An idempotency key used up by this command.
    pub key: Option<IdempotencyRow>,
}

impl Plan {
    /// A plan that answers and writes nothing.
    #[must_use]
    pub const fn answer(reply: Reply) -> Self {
        Self {
            reply,
            receipt: None,
            created: false,
            card: None,
            document: None,
            is_new_document: false,
            new_documents: Vec::new(),
            other_documents: Vec::new(),
            keys_taken: Vec::new(),
            keys_freed: Vec::new(),
            services: Vec::new(),
            lines: Vec::new(),
            entries: Vec::new(),
            outbox_new: None,
            outbox_done: None,
            key: None,
        }
    }

    /// A plan that writes `receipt` and answers with it.
    #[must_use]
    pub fn receipt(receipt: Receipt) -> Self {
        let receipt = Arc::new(receipt);
        Self { receipt: Some(receipt.clone()), ..Self::answer(Reply::Receipt(receipt)) }
    }

    /// A plan that writes `receipt` with the intent `row` and answers with both.
    #[must_use]
    pub fn begun(receipt: Receipt, row: OutboxRow) -> Self {
        let receipt = Arc::new(receipt);
        let reply = Reply::Begun(receipt.clone(), row.clone());
        Self { receipt: Some(receipt), outbox_new: Some(row), ..Self::answer(reply) }
    }

    /// A plan that writes `card` and answers with it.
    #[must_use]
    pub fn card(card: Card) -> Self {
        let card = Arc::new(card);
        Self { card: Some(card.clone()), ..Self::answer(Reply::Card(card)) }
    }

    /// A plan that writes `document` and answers with it.
    #[must_use]
    pub fn document(document: Document) -> Self {
        let document = Arc::new(document);
        Self { document: Some(document.clone()), ..Self::answer(Reply::Document(document)) }
    }

    /// A plan that writes `document` with the intent `row` and answers with both.
    #[must_use]
    pub fn document_begun(document: Document, row: OutboxRow) -> Self {
        let document = Arc::new(document);
        let reply = Reply::DocumentBegun(document.clone(), row.clone());
        Self { document: Some(document), outbox_new: Some(row), ..Self::answer(reply) }
    }
}
