//! What a fiscal module refuses, and its error codes.
//!
//! There are two generations of applets with tables of their own. The codes overlap and mean
//! different things: 0x9030 is "shift already open" in the one and "time in the past" in the
//! other. Codes from 65274 on come from the service around the module and are the same for both.

use std::fmt;

/// The generation of a module's applet, by which its codes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Applet {
    /// 0400 and later.
    V0400,
    /// 0300 to 0324.
    Earlier,
}

impl Applet {
    /// The generation of `version`, as `GetInfo` tells it: four digits; `None` for anything else.
    #[must_use]
    pub fn from_version(version: &str) -> Option<Self> {
        let digits = version.len() == 4 && version.bytes().all(|byte| byte.is_ascii_digit());
        match version.parse::<u16>() {
            Ok(400..500) if digits => Some(Self::V0400),
            Ok(300..400) if digits => Some(Self::Earlier),
            _ => None,
        }
    }

    const fn table(self) -> &'static [(Refusal, u16)] {
        match self {
            Self::V0400 => V0400,
            Self::Earlier => EARLIER,
        }
    }
}

/// A definite no: nothing was registered and nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A time is not written as it should be.
    BadTime,
    /// There is no such index.
    BadIndex,
    /// A value is not written as it should be.
    BadValue,
    /// The kind of receipt, or the operation, is none the module knows.
    BadKind,
    /// There is no such record.
    NotFound,
    /// No shift is open.
    ShiftNotOpen,
    /// A shift is open already.
    ShiftAlreadyOpen,
    /// The shift is closed already.
    ShiftAlreadyClosed,
    /// The time is not later than that of the operation before, by a second at least.
    TimeInPast,
    /// Receipts wait too long for their acknowledgement: they have to be sent first.
    SendFirst,
    /// A shift without receipts cannot be closed.
    ShiftEmpty,
    /// The module has no numbers left.
    SequenceEnd,
    /// More is given back than was ever taken.
    NotEnoughForRefund,
    /// More VAT is given back than was ever taken.
    NotEnoughVatForRefund,
    /// The shift has as many receipts as it may.
    ShiftFull,
    /// The module has to be synchronised with the tax committee's server.
    NeedsSync,
    /// The clock is too far ahead of the operation before.
    ClockAhead,
    /// The module is locked for this till.
    Locked,
    /// There is no room for another record until some are acknowledged.
    MemoryFull,
    /// There is no room for another shift.
    ShiftMemoryFull,
    /// The receipt that a refund names is missing, or is not as described.
    BadOriginal,
    /// The receipt cannot be written: its sums do not match, or a field is too long.
    BadReceipt,
    /// The request is not understood.
    BadRequest,
    /// The service cannot reach the module: it is not plugged in, or not set up.
    NotConnected,
}

const V0400: &[(Refusal, u16)] = &[
    (Refusal::BadTime, 0x9010),
    (Refusal::BadIndex, 0x9011),
    (Refusal::BadValue, 0x9012),
    (Refusal::BadKind, 0x9013),
    (Refusal::BadKind, 0x9014),
    (Refusal::NotFound, 0x9020),
    (Refusal::ShiftNotOpen, 0x9021),
    (Refusal::ShiftAlreadyOpen, 0x9022),
    (Refusal::ShiftAlreadyClosed, 0x9023),
    (Refusal::TimeInPast, 0x9030),
    (Refusal::SendFirst, 0x9031),
    (Refusal::ShiftEmpty, 0x9032),
    (Refusal::SequenceEnd, 0x9033),
    (Refusal::NotEnoughForRefund, 0x9035),
    (Refusal::NotEnoughVatForRefund, 0x9037),
    (Refusal::ShiftFull, 0x9040),
    (Refusal::NeedsSync, 0x9090),
    (Refusal::ClockAhead, 0x9091),
    (Refusal::Locked, 0x9092),
    (Refusal::Locked, 0x9093),
    (Refusal::MemoryFull, 0x90f0),
    (Refusal::MemoryFull, 0x90f1),
    (Refusal::MemoryFull, 0x90ff),
];

const EARLIER: &[(Refusal, u16)] = &[
    (Refusal::BadIndex, 36_871),
    (Refusal::MemoryFull, 36_886),
    (Refusal::TimeInPast, 36_888),
    (Refusal::SendFirst, 36_889),
    (Refusal::TimeInPast, 36_897),
    (Refusal::ShiftMemoryFull, 36_898),
    (Refusal::BadIndex, 36_902),
    (Refusal::ShiftEmpty, 36_907),
    (Refusal::ShiftNotOpen, 36_909),
    (Refusal::BadTime, 36_910),
    (Refusal::ShiftAlreadyOpen, 36_912),
    (Refusal::NotEnoughForRefund, 36_913),
    (Refusal::NotEnoughForRefund, 36_914),
    (Refusal::NotEnoughVatForRefund, 36_915),
    (Refusal::TimeInPast, 36_916),
];

/// Codes of the service around the module.
const SERVICE: &[(Refusal, u16)] = &[
    (Refusal::BadOriginal, 65_274),
    (Refusal::BadOriginal, 65_275),
    (Refusal::BadOriginal, 65_276),
    (Refusal::BadOriginal, 65_277),
    (Refusal::Locked, 65_279),
    (Refusal::BadReceipt, 65_531),
    (Refusal::BadRequest, 65_532),
    (Refusal::NotConnected, 65_533),
    (Refusal::NotConnected, 65_534),
];

/// JSON-RPC's own codes for requests that were not carried out. Its "internal error" is not among
/// them: it says nothing.
const JSON_RPC: [i64; 4] = [-32_700, -32_600, -32_601, -32_602];

/// A refusal as the module put it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleRefusal {
    /// What it means.
    pub refusal: Refusal,
    /// The code as a number: 0x9023 is 36899.
    pub code: i64,
    /// By which table it was read.
    pub applet: Applet,
    /// The module's words, possibly empty.
    pub message: String,
}

impl ModuleRefusal {
    /// The refusal in `code`, which came as a number, or as digits that are hexadecimal where the
    /// applet's own codes are (`9023`). `None` when the applet's table does not have it: then the
    /// code proves nothing.
    #[must_use]
    pub fn read(applet: Applet, code: i64, message: &str) -> Option<Self> {
        let found = |code: i64, tables: [&[(Refusal, u16)]; 2]| {
            let row = tables.into_iter().flatten().find(|row| i64::from(row.1) == code)?;
            Some((row.0, code))
        };
        let (refusal, code) = if JSON_RPC.contains(&code) {
            (Refusal::BadRequest, code)
        } else {
            found(code, [applet.table(), SERVICE])
                .or_else(|| found(spelt_in_hex(applet, code)?, [V0400, &[]]))?
        };
        Some(Self { refusal, code, applet, message: message.to_owned() })
    }
}

/// 0x9023 for 9023, which the services around newer applets write for it.
fn spelt_in_hex(applet: Applet, code: i64) -> Option<i64> {
    let spelt = applet == Applet::V0400 && (9_000..9_100).contains(&code);
    spelt.then(|| i64::from_str_radix(&code.to_string(), 16).ok()).flatten()
}

impl Refusal {
    /// The first code for it in the applet's own table, or in that of the service.
    #[must_use]
    pub fn code(self, applet: Applet) -> Option<u16> {
        let mut rows = applet.table().iter().chain(SERVICE);
        rows.find(|row| row.0 == self).map(|row| row.1)
    }

    /// The name for logs and for the words behind a code.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadTime => "BAD_TIME",
            Self::BadIndex => "BAD_INDEX",
            Self::BadValue => "BAD_VALUE",
            Self::BadKind => "BAD_KIND",
            Self::NotFound => "NOT_FOUND",
            Self::ShiftNotOpen => "ZREPORT_IS_NOT_OPENED",
            Self::ShiftAlreadyOpen => "ZREPORT_IS_NOT_CLOSED",
            Self::ShiftAlreadyClosed => "ZREPORT_IS_ALREADY_CLOSED",
            Self::TimeInPast => "TIME_IN_PAST",
            Self::SendFirst => "SEND_ALL_RECEIPTS_FIRST",
            Self::ShiftEmpty => "ZREPORT_IS_EMPTY",
            Self::SequenceEnd => "SEQUENCE_MAXIMUM",
            Self::NotEnoughForRefund => "NOT_ENOUGH_SUM_FOR_REFUND",
            Self::NotEnoughVatForRefund => "NOT_ENOUGH_VAT_FOR_REFUND",
            Self::ShiftFull => "ZREPORT_RECEIPT_LIMIT",
            Self::NeedsSync => "LOCKED_UNTIL_SYNC",
            Self::ClockAhead => "CLOCK_AHEAD",
            Self::Locked => "LOCKED",
            Self::MemoryFull => "MEMORY_FULL",
            Self::ShiftMemoryFull => "ZREPORT_MEMORY_FULL",
            Self::BadOriginal => "BAD_REFUND_INFO",
            Self::BadReceipt => "CANNOT_ENCODE_RECEIPT",
            Self::BadRequest => "ILLEGAL_ARGUMENT",
            Self::NotConnected => "CANNOT_CONNECT_CARD",
        }
    }
}

impl fmt::Display for ModuleRefusal {
    /// `9023 - ZREPORT_IS_ALREADY_CLOSED`, the code as its own generation writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_card = (0x9000..0x9100).contains(&self.code);
        if of_card && self.applet == Applet::V0400 {
            write!(f, "{:04X} - {}", self.code, self.refusal.name())
        } else {
            write!(f, "{} - {}", self.code, self.refusal.name())
        }
    }
}
