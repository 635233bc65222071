//! What the answers show, in plain values. The caller fills these from what it knows.

use chorsu_core::Tiyin;
use chorsu_core::fiscal::{FiscalTime, ReceiptUrl};

use super::order::OrderRequest;
use super::unit::AmountUnit;

/// A payment by Click or Payme that succeeded.
#[derive(Clone, Copy, Debug)]
pub struct WalletPaid<'a> {
    /// How much.
    pub amount: Tiyin,
    /// In which unit the till counts.
    pub unit: AmountUnit,
    /// Our id of the payment, a UUID.
    pub transaction_id: &'a str,
    /// The wallet's id of the payment.
    pub payment_id: &'a str,
    /// What was scanned.
    pub qr_code: &'a str,
    /// The wallet's words about it.
    pub message: &'a str,
    /// The taxpayer number of the seller.
    pub inn: &'a str,
    /// The till, as the wallet knows it.
    pub kkm_id: &'a str,
    /// The device, as the wallet knows it.
    pub device_id: &'a str,
    /// The buyer's phone, `998…`, if the wallet told it.
    pub client_phone_number: Option<&'a str>,
}

/// A payment by Uzum, or a receipt handed to Uzum, that succeeded.
#[derive(Clone, Copy, Debug)]
pub struct UzumDone<'a> {
    /// The wallet's id of the payment.
    pub payment_id: &'a str,
    /// The buyer's phone, `998…`, if the wallet told it.
    pub client_phone_number: Option<&'a str>,
}

/// What the pinpad printed.
#[derive(Clone, Copy, Debug)]
pub struct Slip<'a> {
    /// The slip's text, lines separated by `\n`.
    pub text: &'a str,
    /// The RRN; none for reports.
    pub rrn: Option<&'a str>,
}

/// A receipt handed to Click.
#[derive(Clone, Copy, Debug)]
pub struct ClickConfirmed<'a> {
    /// The taxpayer number of the seller.
    pub inn: &'a str,
    /// The wallet's id of the payment.
    pub payment_id: &'a str,
    /// The receipt.
    pub receipt: &'a ReceiptUrl,
}

/// A receipt handed to Payme.
#[derive(Clone, Copy, Debug)]
pub struct PaymeConfirmed<'a> {
    /// The number of the request to Payme.
    pub request_id: i64,
    /// The wallet's id of the payment, 24 hex digits.
    pub payment_id: &'a str,
    /// When the payment was created there, in milliseconds.
    pub create_time: i64,
    /// When it was paid, in milliseconds.
    pub pay_time: i64,
}

/// An order that the fiscal module has registered.
#[derive(Clone, Copy, Debug)]
pub struct Registered<'a> {
    /// The fiscal module.
    pub terminal_id: &'a str,
    /// The receipt's number in it.
    pub receipt_number: u32,
    /// When.
    pub time: FiscalTime,
    /// The fiscal sign; an advance and a credit have none.
    pub fiscal_sign: Option<&'a str>,
    /// The version of the module's applet.
    pub applet_version: &'a str,
    /// The receipt's address; an advance and a credit have none.
    pub url: Option<&'a ReceiptUrl>,
    /// The number of the till.
    pub cash_box_number: &'a str,
}

/// The receipt registered last.
#[derive(Clone, Copy, Debug)]
pub struct LastOrder<'a> {
    /// What was asked for.
    pub order: &'a OrderRequest,
    /// What came of it.
    pub registered: Registered<'a>,
}

/// A shift that was opened.
#[derive(Clone, Copy, Debug)]
pub struct ZreportOpened<'a> {
    /// When.
    pub time: FiscalTime,
    /// The version of the module's applet.
    pub applet_version: &'a str,
}

/// A shift.
#[derive(Clone, Copy, Debug)]
pub struct Zreport<'a> {
    /// The version of the module's applet.
    pub applet_version: &'a str,
    /// The fiscal module.
    pub terminal_id: &'a str,
    /// The shift's number.
    pub number: u32,
    /// How many shifts there are.
    pub count: u32,
    /// Its first receipt; zero when it has none.
    pub first_receipt_seq: u32,
    /// Its last receipt; zero when it has none.
    pub last_receipt_seq: u32,
    /// When it began; absent when no shift is open.
    pub open_time: Option<FiscalTime>,
    /// When it ended; absent while it is open.
    pub close_time: Option<FiscalTime>,
    /// Sales.
    pub sale: ZreportTotals,
    /// Refunds.
    pub refund: ZreportTotals,
}

/// The sums of a shift, one way.
#[derive(Clone, Copy, Debug)]
pub struct ZreportTotals {
    /// How many receipts.
    pub count: u32,
    /// Cash.
    pub cash: Tiyin,
    /// Cards and wallets.
    pub card: Tiyin,
    /// VAT.
    pub vat: Tiyin,
}

/// The fiscal module, as `/info/` shows it.
#[derive(Clone, Copy, Debug)]
pub struct ModuleInfo<'a> {
    /// The fiscal module.
    pub terminal_id: &'a str,
    /// The version of its applet.
    pub applet_version: &'a str,
    /// The number of the last receipt.
    pub current_receipt_seq: u32,
    /// The clock.
    pub current_time: FiscalTime,
    /// When it last did anything; absent when it never did.
    pub last_operation_time: Option<FiscalTime>,
    /// Receipts not yet sent.
    pub receipt_count: u32,
    /// Room for receipts.
    pub receipt_max_count: u32,
    /// Shifts in its memory.
    pub zreport_count: u32,
    /// Room for shifts.
    pub zreport_max_count: u32,
    /// Free memory: persistent, until reset, until deselected; in bytes.
    pub available_memory: [u32; 3],
    /// The number of the till.
    pub cashbox_number: u32,
    /// The version of this program.
    pub version_code: &'a str,
    /// Whether it renews itself.
    pub is_updated: bool,
}
