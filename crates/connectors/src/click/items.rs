//! The goods of a receipt, for Click to register them with the tax committee itself.

use chorsu_core::Tiyin;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::writing::as_tiyin;

/// On whose behalf an item is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commission {
    /// A company, by its tax number.
    Tin(String),
    /// A person, by their number.
    Pinfl(String),
}

impl Serialize for Commission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("CommissionInfo", 1)?;
        match self {
            Self::Tin(tin) => object.serialize_field("TIN", tin)?,
            Self::Pinfl(pinfl) => object.serialize_field("PINFL", pinfl)?,
        }
        object.end()
    }
}

/// One line of a receipt. Limits are the provider's, in characters.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FiscalItem {
    /// Up to 63.
    pub name: String,
    /// Up to 13.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// Marking codes: up to 300 of up to 21.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The product's class: 17 digits.
    #[serde(rename = "SPIC")]
    pub spic: String,
    /// The code of the unit.
    pub units: i64,
    /// Up to 20.
    pub package_code: String,
    /// The price of one, in tiyin.
    #[serde(serialize_with = "as_tiyin")]
    pub good_price: Tiyin,
    /// The price of the line, in tiyin.
    #[serde(serialize_with = "as_tiyin")]
    pub price: Tiyin,
    /// How many, in thousandths.
    pub amount: i64,
    /// Value added tax of the line, in tiyin.
    #[serde(rename = "VAT", serialize_with = "as_tiyin")]
    pub vat: Tiyin,
    /// Its rate in percent.
    #[serde(rename = "VATPercent")]
    pub vat_percent: u8,
    /// In tiyin.
    #[serde(serialize_with = "as_tiyin")]
    pub discount: Tiyin,
    /// What was paid with neither cash nor a card, in tiyin.
    #[serde(serialize_with = "as_tiyin")]
    pub other: Tiyin,
    /// On whose behalf it is sold.
    #[serde(rename = "CommissionInfo", skip_serializing_if = "Option::is_none")]
    pub commission: Option<Commission>,
}

/// The goods of a payment and how they were paid, in tiyin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiscalItems {
    /// The lines.
    pub items: Vec<FiscalItem>,
    /// Paid through Click.
    pub received_ecash: Tiyin,
    /// Paid in cash.
    pub received_cash: Tiyin,
    /// Paid by card.
    pub received_card: Tiyin,
}
