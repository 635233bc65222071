//! What a decision changes and answers.

use std::sync::Arc;

use crate::card::Card;
use crate::command::IdempotencyKey;
use crate::entry::Entry;
use crate::id::{KassaId, OperationId, ReceiptId};
use crate::money::Tiyin;
use crate::receipt::Receipt;
use crate::reject::Reject;
use crate::time::UnixMillis;

/// What is to be asked of a card network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutboxKind {
    /// Debit the card.
    Debit,
    /// Hold money on the card.
    Hold,
    /// Capture a hold.
    Capture,
    /// Give a paid receipt's money back.
    Refund,
    /// Give a hold up.
    Release,
}

impl OutboxKind {
    /// Every kind with its code.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Debit, "debit"),
        (Self::Hold, "hold"),
        (Self::Capture, "capture"),
        (Self::Refund, "refund"),
        (Self::Release, "release"),
    ];

    /// The code in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Hold => "hold",
            Self::Capture => "capture",
            Self::Refund => "refund",
            Self::Release => "release",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == code).map(|(kind, _)| *kind)
    }
}

/// An intent that was made durable before the first byte of it left: a row is born leased to the
/// process that wrote it and lives until the outcome is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// The reference the network knows the request by.
    pub operation: OperationId,
    /// What to do.
    pub kind: OutboxKind,
    /// For which receipt.
    pub receipt: ReceiptId,
    /// For which kassa.
    pub kassa: KassaId,
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
    /// The id of the receipt or card that the request was about.
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
}
