//! A receipt as the fiscal module takes it: the names on the wire, and nothing else.
//!
//! Amounts are tiyin, quantities thousandths. Which numbers go where is decided elsewhere.

use std::fmt;

use chorsu_core::Tiyin;
use serde::{Deserialize, Serialize};

use super::local_time::LocalTime;
use super::wire::{degrees, some_tiyin, tiyin};

/// What kind of receipt it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum ReceiptType {
    /// A purchase.
    Purchase,
    /// Money in advance; it gets a number and no fiscal sign.
    Advance,
    /// Goods on credit; it gets a number and no fiscal sign.
    Credit,
}

/// Which way the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum ReceiptOperation {
    /// To the seller.
    Sale,
    /// Back to the customer.
    Refund,
}

/// A receipt to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Receipt {
    /// Its own id: the module registers a receipt once for each.
    #[serde(rename = "TXID")]
    pub txid: String,
    /// When it was made.
    pub time: LocalTime,
    /// What was received in cash.
    #[serde(with = "tiyin")]
    pub received_cash: Tiyin,
    /// What was received by card, the wallets included.
    #[serde(with = "tiyin")]
    pub received_card: Tiyin,
    /// What kind it is.
    #[serde(rename = "Type")]
    pub kind: ReceiptType,
    /// Which way the money goes.
    pub operation: ReceiptOperation,
    /// Where the till is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What was bought.
    pub items: Vec<Item>,
    /// Who bought, and how it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_info: Option<ExtraInfo>,
    /// For a refund: the receipt it gives back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_info: Option<RefundInfo>,
}

/// Where a till is, in millionths of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Location {
    /// North.
    #[serde(with = "degrees")]
    pub latitude: i32,
    /// East.
    #[serde(with = "degrees")]
    pub longitude: i32,
}

/// A line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Item {
    /// The name, up to 63 characters.
    pub name: String,
    /// The bar code, possibly empty.
    #[serde(default)]
    pub barcode: String,
    /// The marking code, up to 63 characters, possibly empty.
    #[serde(default)]
    pub label: String,
    /// The code of the national catalogue (IKPU), 17 digits.
    #[serde(rename = "SPIC")]
    pub spic: String,
    /// The code of the unit; 0 when the package says it.
    #[serde(default)]
    pub units: u64,
    /// The code of the package, up to 20 digits.
    #[serde(default)]
    pub package_code: String,
    /// 0 bought and resold, 1 own production, 2 a service.
    #[serde(default)]
    pub owner_type: u8,
    /// How much of it, in thousandths.
    pub amount: u64,
    /// The price of the whole line, before the discount.
    #[serde(with = "tiyin")]
    pub price: Tiyin,
    /// The discount on the line.
    #[serde(with = "tiyin")]
    pub discount: Tiyin,
    /// What of the line was paid with neither cash nor card: points, gift cards.
    #[serde(with = "tiyin")]
    pub other: Tiyin,
    /// The VAT rate, up to 99.
    #[serde(rename = "VATPercent")]
    pub vat_percent: u8,
    /// The VAT within what is paid.
    #[serde(rename = "VAT", with = "tiyin")]
    pub vat: Tiyin,
    /// For whom it is sold, if on commission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commission_info: Option<CommissionInfo>,
}

/// For whom goods are sold on commission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommissionInfo {
    /// A company's tax number, 9 digits.
    #[serde(rename = "TIN", default, skip_serializing_if = "String::is_empty")]
    pub tin: String,
    /// A person's number, 14 digits.
    #[serde(rename = "PINFL", default, skip_serializing_if = "String::is_empty")]
    pub pinfl: String,
}

/// Who bought, and how it was paid. It names people, so it is not printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ExtraInfo {
    /// The buyer's tax number.
    #[serde(rename = "TIN", skip_serializing_if = "String::is_empty")]
    pub tin: String,
    /// The buyer's personal number.
    #[serde(rename = "PINFL", skip_serializing_if = "String::is_empty")]
    pub pinfl: String,
    /// The buyer's phone, 12 digits.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone_number: String,
    /// A car's number plate, up to 8 characters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub car_number: String,
    /// The wallet's id of the payment, up to 36 characters.
    #[serde(rename = "QRPaymentID", skip_serializing_if = "String::is_empty")]
    pub qr_payment_id: String,
    /// The wallet: 64 Click, 141 Payme, 161 Uzum.
    #[serde(rename = "QRPaymentProvider", skip_serializing_if = "Option::is_none")]
    pub qr_payment_provider: Option<u16>,
    /// What was paid out in cash from the card.
    #[serde(with = "some_tiyin", skip_serializing_if = "Option::is_none")]
    pub cashed_out_from_card: Option<Tiyin>,
    /// 1 a company's card, 2 a person's, 3 a social card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_type: Option<u8>,
    /// The pinpad's reference (RRN), up to 16 digits.
    #[serde(rename = "PPTID", skip_serializing_if = "String::is_empty")]
    pub ppt_id: String,
    /// First and last four digits of a social card.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub card_number: String,
    /// Anything else, up to 32 characters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub other: String,
}

impl fmt::Debug for ExtraInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtraInfo")
            .field("qr_payment_id", &self.qr_payment_id)
            .field("qr_payment_provider", &self.qr_payment_provider)
            .finish_non_exhaustive()
    }
}

/// The receipt that a refund gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundInfo {
    /// The module that registered it.
    #[serde(rename = "TerminalID")]
    pub terminal_id: String,
    /// Its number there.
    #[serde(rename = "ReceiptSeq")]
    pub receipt_seq: String,
    /// Its time, `YYYYMMDDHHMMSS`.
    #[serde(rename = "DateTime")]
    pub date_time: String,
    /// Its fiscal sign, 12 digits.
    #[serde(rename = "FiscalSign")]
    pub fiscal_sign: String,
}

impl Receipt {
    /// Whether the module gives it a fiscal sign and an address: advances and credits get none.
    #[must_use]
    pub const fn is_signed(&self) -> bool {
        matches!(self.kind, ReceiptType::Purchase)
    }
}

impl From<ReceiptType> for u8 {
    fn from(kind: ReceiptType) -> Self {
        match kind {
            ReceiptType::Purchase => 0,
            ReceiptType::Advance => 1,
            ReceiptType::Credit => 2,
        }
    }
}

impl TryFrom<u8> for ReceiptType {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        [Self::Purchase, Self::Advance, Self::Credit]
            .into_iter()
            .find(|kind| u8::from(*kind) == number)
            .ok_or("not a type of receipt")
    }
}

impl From<ReceiptOperation> for u8 {
    fn from(operation: ReceiptOperation) -> Self {
        match operation {
            ReceiptOperation::Sale => 0,
            ReceiptOperation::Refund => 1,
        }
    }
}

impl TryFrom<u8> for ReceiptOperation {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        [Self::Sale, Self::Refund]
            .into_iter()
            .find(|operation| u8::from(*operation) == number)
            .ok_or("not an operation")
    }
}
