//! What an operator sees of the pinpad.

use serde::{Deserialize, Serialize};

use super::terminal::{Kind, Operation, Terminal};

/// What the pinpad has moved. Amounts are tiyin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinpadTotals {
    /// What was paid.
    pub sold: i64,
    /// In how many payments.
    pub sales: u64,
    /// What was taken back.
    pub voided: i64,
    /// In how many voids.
    pub voids: u64,
    /// How many operations were declined.
    pub declined: u64,
}

impl PinpadTotals {
    /// What was paid and not taken back, in tiyin.
    #[must_use]
    pub const fn net(&self) -> i64 {
        self.sold.saturating_sub(self.voided)
    }

    pub(super) fn add(&mut self, operation: &Operation) {
        if !operation.is_approved() {
            self.declined += 1;
            return;
        }
        let (sum, count) = match operation.kind {
            Kind::Sale => (&mut self.sold, &mut self.sales),
            Kind::Void => (&mut self.voided, &mut self.voids),
        };
        *sum = sum.saturating_add(operation.amount);
        *count += 1;
    }
}

/// An operation of the pinpad. Amounts are tiyin, times UNIX milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PinpadRecord {
    /// `sale` or `void`.
    pub kind: &'static str,
    /// How much.
    pub amount: i64,
    /// The network's reference.
    pub rrn: String,
    /// The response code.
    pub code: String,
    /// Whether it was done.
    pub approved: bool,
    /// The receipt's number in its shift.
    pub receipt: u32,
    /// The shift.
    pub shift: u32,
    /// When.
    pub at: i64,
    /// For a void: the reference of the payment it takes back.
    pub original: Option<String>,
    /// For a payment: whether it was taken back.
    pub voided: bool,
}

/// Everything the pinpad remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PinpadJournal {
    /// The number of the shift.
    pub shift: u32,
    /// What has moved in all.
    pub totals: PinpadTotals,
    /// What has moved in this shift.
    pub shift_totals: PinpadTotals,
    /// The newest 1,000 operations, the newest first.
    pub operations: Vec<PinpadRecord>,
}

impl From<Terminal> for PinpadJournal {
    fn from(terminal: Terminal) -> Self {
        Self {
            shift: terminal.shift,
            totals: terminal.totals,
            shift_totals: terminal.shift_totals,
            operations: terminal.operations.into_iter().rev().map(PinpadRecord::from).collect(),
        }
    }
}

impl From<Operation> for PinpadRecord {
    fn from(operation: Operation) -> Self {
        let approved = operation.is_approved();
        Self {
            kind: match operation.kind {
                Kind::Sale => "sale",
                Kind::Void => "void",
            },
            amount: operation.amount,
            rrn: operation.rrn,
            code: operation.code,
            approved,
            receipt: operation.receipt,
            shift: operation.shift,
            at: operation.at,
            original: operation.original,
            voided: operation.voided,
        }
    }
}
