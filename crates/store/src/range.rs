//! Which receipts, documents and lines of statements are read, and what lines sum to. How they are
//! read is each backend's business.

use chorsu_core::bank::Direction;
use chorsu_core::{DocumentId, DocumentKind, KassaId, OwnerId, ReceiptId, ServiceId, UnixMillis};

/// The receipts of a kassa in a range of time, newest first.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptRange {
    /// Whose.
    pub kassa: KassaId,
    /// Created at or after this moment.
    pub from: UnixMillis,
    /// Created at or before this moment.
    pub to: UnixMillis,
    /// How many of the newest to leave out.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
    /// Whether the kassa may have receipts whose ids were given elsewhere: those have to be
    /// looked for by the time of their birth, beside the others.
    pub foreign_ids: bool,
}

impl ReceiptRange {
    /// The range as ids: from the first, up to but without the second.
    pub(crate) fn ids(&self) -> (ReceiptId, ReceiptId) {
        (ReceiptId::first_at(self.from), ReceiptId::first_at(self.to.plus(1)))
    }
}

/// Documents of an owner, newest first.
#[derive(Clone, Copy, Debug)]
pub struct DocumentRange {
    /// Of which kind.
    pub kind: DocumentKind,
    /// Whose.
    pub owner: OwnerId,
    /// Older than this one; the newest when absent.
    pub before: Option<DocumentId>,
    /// How many at most.
    pub limit: u32,
}

/// Lines of a service's statement, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct StatementRange {
    /// Which service.
    pub service: ServiceId,
    /// Lines after this number.
    pub after: i64,
    /// From this bank day on, counted as [`UnixMillis::tashkent_day`].
    pub from_day: i64,
    /// Up to and with this bank day.
    pub to_day: i64,
    /// Of this direction only.
    pub direction: Option<Direction>,
    /// How many at most.
    pub limit: u32,
}

impl StatementRange {
    /// One line, whatever its day and direction.
    pub(crate) const fn of_line(service: ServiceId, id: i64) -> Self {
        let (from_day, to_day) = (i64::MIN, i64::MAX);
        Self { service, after: id - 1, from_day, to_day, direction: None, limit: 1 }
    }
}

/// What lines of a statement sum to, in tiyin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatementSums {
    /// Those that came in.
    pub incoming: i64,
    /// Those that went out.
    pub outgoing: i64,
}
