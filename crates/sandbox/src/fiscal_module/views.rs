//! What an operator sees of a played module.

use serde::Serialize;

use super::record::{FactoryId, Module, Registration, Sums};

/// Sums of a module, in tiyin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FiscalSums {
    /// In cash.
    pub cash: i64,
    /// By card, the wallets included.
    pub card: i64,
    /// The VAT in both.
    pub vat: i64,
    /// How many receipts.
    pub count: u64,
}

/// A module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FiscalModuleView {
    /// The name it is asked by.
    pub factory_id: String,
    /// Its number at the tax committee.
    pub terminal_id: String,
    /// Its applet.
    pub applet_version: &'static str,
    /// The number of the latest shift; 0 before the first.
    pub shift: u32,
    /// Whether that shift is open.
    pub shift_open: bool,
    /// The number of the receipt registered last.
    pub receipt_seq: u64,
    /// How many receipts are not acknowledged.
    pub unsent: u64,
    /// Everything that was sold.
    pub sold: FiscalSums,
    /// Everything that was given back.
    pub refunded: FiscalSums,
    /// Whether it is out of reach.
    pub not_initialised: bool,
    /// Whether the tax committee is out of reach.
    pub ofd_stopped: bool,
}

/// A registered receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FiscalReceiptView {
    /// Its id at the till.
    pub txid: String,
    /// Its number in the module.
    pub seq: u64,
    /// The shift.
    pub shift: u32,
    /// Its time in Tashkent.
    pub time: String,
    /// The fiscal sign; none for advances and credits.
    pub sign: Option<String>,
    /// Where the tax committee would show it.
    pub url: Option<String>,
    /// `purchase`, `advance` or `credit`.
    pub kind: &'static str,
    /// Whether it gives a receipt back.
    pub refund: bool,
    /// Its sums.
    pub sums: FiscalSums,
    /// The wallet's id of the payment; empty when there was none.
    pub payment: String,
    /// Whether the tax committee has it.
    pub acknowledged: bool,
}

impl From<Sums> for FiscalSums {
    fn from(sums: Sums) -> Self {
        let Sums { cash, card, vat, count } = sums;
        Self { cash, card, vat, count }
    }
}

impl FiscalModuleView {
    pub(super) fn new(factory: &FactoryId, module: &Module) -> Self {
        Self {
            factory_id: factory.as_str().to_owned(),
            terminal_id: factory.terminal().as_str().to_owned(),
            applet_version: module.version(),
            shift: module.shifts,
            shift_open: module.open,
            receipt_seq: module.seq,
            unsent: module.unsent(),
            sold: module.sold.into(),
            refunded: module.refunded.into(),
            not_initialised: module.not_initialised,
            ofd_stopped: module.ofd_stopped,
        }
    }
}

impl FiscalReceiptView {
    pub(super) fn new(registration: Registration, module: &Module) -> Self {
        Self {
            url: registration.url(),
            seq: registration.seq,
            shift: registration.shift,
            time: registration.time.to_string(),
            kind: match registration.kind {
                0 => "purchase",
                1 => "advance",
                _ => "credit",
            },
            refund: registration.refund,
            sums: registration.sums.into(),
            acknowledged: registration.seq <= module.acked,
            payment: registration.payment,
            sign: registration.sign,
            txid: registration.txid,
        }
    }
}
