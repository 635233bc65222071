//! A statement of an account: its head, its lines, and the arithmetic between them.
//!
//! These are plain types of this crate. Whoever has the statement fills them; nothing here asks a
//! database.

use chorsu_core::{Tiyin, UnixMillis};

use crate::day::Day;
use crate::error::ExportError;

/// The head of a statement: everything that is known before the first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The account, 20 digits.
    pub account: String,
    /// The code of the bank that keeps it, 5 digits.
    pub mfo: String,
    /// Whose account it is.
    pub owner_name: String,
    /// The owner's taxpayer number.
    pub owner_inn: Option<String>,
    /// The first bank day.
    pub from: Day,
    /// The last bank day, itself included.
    pub to: Day,
    /// When the file is made.
    pub created_at: UnixMillis,
    /// Balance at the beginning of the first day, in tiyin; negative when overdrawn.
    pub opening_tiyin: i64,
    /// Balance at the end of the last day, in tiyin; negative when overdrawn.
    pub closing_tiyin: i64,
    /// The sum of all incoming lines.
    pub incoming: Tiyin,
    /// The sum of all outgoing lines.
    pub outgoing: Tiyin,
}

/// Which way the money of a line went, seen from the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `Приход`: to the account.
    Incoming,
    /// `Расход`: from the account.
    Outgoing,
}

/// One side of a payment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// The code of the bank, 5 digits.
    pub mfo: String,
    /// The account.
    pub account: String,
    /// The name.
    pub name: String,
    /// The taxpayer number.
    pub inn: Option<String>,
}

/// One posted payment of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The id in the statement.
    pub id: i64,
    /// The number of the document.
    pub number: String,
    /// When the document was made.
    pub doc_time: UnixMillis,
    /// The bank day on which it was posted.
    pub bank_day: Day,
    /// To the account, or from it.
    pub direction: Direction,
    /// How much.
    pub amount: Tiyin,
    /// Who paid.
    pub payer: Party,
    /// Who was paid.
    pub receiver: Party,
    /// What for.
    pub purpose: String,
    /// The purpose code, 5 digits.
    pub purpose_code: Option<String>,
    /// The partner's own order id, for payments that the partner ordered.
    pub order_key: Option<String>,
    /// The bank's reference of the document.
    pub doc_id: Option<String>,
}

impl Line {
    /// The other side, seen from the account.
    #[must_use]
    pub const fn counterparty(&self) -> &Party {
        match self.direction {
            Direction::Incoming => &self.payer,
            Direction::Outgoing => &self.receiver,
        }
    }
}

/// What the lines written so far add up to, held against the head.
#[derive(Debug)]
pub(crate) struct Tally {
    promised: (Tiyin, Tiyin),
    found: (Tiyin, Tiyin),
}

impl Tally {
    /// The tally of a statement without lines yet; refused when the head contradicts itself.
    pub(crate) fn begin(statement: &Statement) -> Result<Self, ExportError> {
        let closing = i128::from(statement.opening_tiyin) + i128::from(statement.incoming.get())
            - i128::from(statement.outgoing.get());
        if closing != i128::from(statement.closing_tiyin) {
            return Err(ExportError::Balances);
        }
        Ok(Self {
            promised: (statement.incoming, statement.outgoing),
            found: (Tiyin::ZERO, Tiyin::ZERO),
        })
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, line: &Line) -> Result<(), ExportError> {
        let side = match line.direction {
            Direction::Incoming => &mut self.found.0,
            Direction::Outgoing => &mut self.found.1,
        };
        *side = side.checked_add(line.amount).ok_or(ExportError::Totals)?;
        Ok(())
    }

    /// No more lines come; refused when they are not what the head promised.
    pub(crate) fn end(&self) -> Result<(), ExportError> {
        if self.found == self.promised { Ok(()) } else { Err(ExportError::Totals) }
    }
}
