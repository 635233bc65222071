//! What the terminal remembers, and its rules. Pure.

use std::collections::VecDeque;

use chorsu_connectors::fiscal_module::LocalTime;
use chorsu_connectors::pinpad::{CodeMeaning, Rrn, code_meaning};
use chorsu_core::{Tiyin, UnixMillis};
use serde::{Deserialize, Serialize};

use super::card::PinpadCard;
use super::views::PinpadTotals;

/// Operations that are kept; older ones count in the totals only.
const KEPT: usize = 1_000;
/// References count up to here within their hour.
const RRN_COUNT: u32 = 1_000_000;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Sale,
    Void,
}

/// An operation, approved or declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Operation {
    pub(super) kind: Kind,
    /// In tiyin.
    pub(super) amount: i64,
    pub(super) rrn: String,
    pub(super) auth_code: String,
    pub(super) code: String,
    pub(super) receipt: u32,
    pub(super) shift: u32,
    /// UNIX milliseconds.
    pub(super) at: i64,
    pub(super) card: PinpadCard,
    /// For a void: the payment's reference.
    pub(super) original: Option<String>,
    /// Whether a later void took it back.
    pub(super) voided: bool,
}

impl Operation {
    /// Whether it was done.
    pub(super) fn is_approved(&self) -> bool {
        match code_meaning(&self.code) {
            CodeMeaning::Approved => true,
            CodeMeaning::ApprovedVoid => self.kind == Kind::Void,
            _ => false,
        }
    }
}

/// The terminal's memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terminal {
    /// The shift's number, from 1.
    pub(super) shift: u32,
    /// The last receipt's number in the shift.
    pub(super) receipt: u32,
    /// The last reference's count; none before the first.
    pub(super) count: Option<u32>,
    /// Of all time.
    pub(super) totals: PinpadTotals,
    /// Of the shift.
    pub(super) shift_totals: PinpadTotals,
    /// The newest, the oldest first.
    pub(super) operations: VecDeque<Operation>,
}

impl Default for Terminal {
    fn default() -> Self {
        Self {
            shift: 1,
            receipt: 0,
            count: None,
            totals: PinpadTotals::default(),
            shift_totals: PinpadTotals::default(),
            operations: VecDeque::new(),
        }
    }
}

/// An operation to be decided.
pub(super) struct Request<'a> {
    pub(super) amount: Tiyin,
    pub(super) card: PinpadCard,
    /// The code of a fault, against the rules.
    pub(super) forced: Option<&'a str>,
    pub(super) now: UnixMillis,
    pub(super) time: LocalTime,
}

impl Terminal {
    /// Takes a payment, or declines it; the operation.
    pub(super) fn sell(&mut self, request: &Request<'_>) -> Operation {
        let code = request.forced.unwrap_or(request.card.code());
        self.record(Kind::Sale, request, code, None)
    }

    /// Takes back the payment `rrn`, or declines it; the operation.
    pub(super) fn void(&mut self, request: &Request<'_>, rrn: &Rrn) -> Operation {
        let shift = self.shift;
        let of_payment = |operation: &&mut Operation| {
            operation.kind == Kind::Sale && operation.rrn == rrn.as_str()
        };
        let original = self.operations.iter_mut().find(of_payment);
        let amount = request.amount.get();
        let code = match (request.forced, &original) {
            (Some(code), _) => code,
            (None, None) => "914",
            (None, Some(original)) if !original.is_approved() => "914",
            (None, Some(original)) if original.voided => "218",
            (None, Some(original)) if original.shift != shift => "302",
            (None, Some(original)) if amount > original.amount => "915",
            (None, Some(original)) if amount < original.amount => "302",
            (None, Some(_)) => "400",
        };
        if let (None, "400", Some(original)) = (request.forced, code, original) {
            original.voided = true;
        }
        self.record(Kind::Void, request, code, Some(rrn.as_str().to_owned()))
    }

    /// Closes the shift; its number and totals.
    pub(super) fn close(&mut self) -> (u32, PinpadTotals) {
        let closed = (self.shift, self.shift_totals);
        self.shift = self.shift.wrapping_add(1);
        self.receipt = 0;
        self.shift_totals = PinpadTotals::default();
        closed
    }

    fn record(
        &mut self,
        kind: Kind,
        request: &Request<'_>,
        code: &str,
        original: Option<String>,
    ) -> Operation {
        // The first count is taken from the clock, so that a terminal whose folder was emptied
        // does not give the references of the one before it again.
        let seed = u32::try_from(request.now.0.rem_euclid(i64::from(RRN_COUNT))).unwrap_or(0);
        let count = self.count.map_or(seed, |count| (count + 1) % RRN_COUNT);
        self.count = Some(count);
        self.receipt = self.receipt.wrapping_add(1);
        let operation = Operation {
            kind,
            amount: request.amount.get(),
            rrn: rrn(request.time, count),
            auth_code: format!("{:06}", (u64::from(count) * 7_919 + 104_729) % 1_000_000),
            code: code.to_owned(),
            receipt: self.receipt,
            shift: self.shift,
            at: request.now.0,
            card: request.card,
            original,
            voided: false,
        };
        for totals in [&mut self.totals, &mut self.shift_totals] {
            totals.add(&operation);
        }
        self.operations.push_back(operation.clone());
        while self.operations.len() > KEPT {
            self.operations.pop_front();
        }
        operation
    }
}

/// A reference as networks make them: last digit of the year, day of the year, hour, a count.
fn rrn(time: LocalTime, count: u32) -> String {
    let hour = &time.clock_time()[..2];
    format!("{}{:03}{hour}{count:06}", time.year() % 10, time.day_of_year())
}
