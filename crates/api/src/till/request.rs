//! What a till asks for, read and checked for form.

use std::fmt;

use chorsu_core::Tiyin;
use chorsu_core::fiscal::{FiscalTime, ReceiptUrl};

use super::order::{Banner, PriceLine};

/// A payment by a code scanned from the buyer's telephone.
#[derive(Clone, PartialEq, Eq)]
pub struct ScanPayment {
    /// How much, more than nothing.
    pub amount: Tiyin,
    /// What was scanned.
    pub qr_code: String,
}

impl fmt::Debug for ScanPayment {
    /// Without the code: whoever has it can take the money.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanPayment").field("amount", &self.amount).finish_non_exhaustive()
    }
}

/// A call of the pinpad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinpadPayment {
    /// A payment by card.
    Sale {
        /// How much, more than nothing.
        amount: Tiyin,
    },
    /// The reversal of a payment of the same shift.
    Void {
        /// How much the payment was.
        amount: Tiyin,
        /// The payment's RRN, 12 digits.
        rrn: String,
    },
}

/// A fiscal receipt for the wallet whose payment it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The wallet's id of the payment.
    pub payment_id: String,
    /// The receipt.
    pub receipt: ReceiptUrl,
}

/// The end of a shift, or a look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZreportClose {
    /// When; now, if the till did not say.
    pub time: Option<FiscalTime>,
    /// Whether the shift ends (Z report) or only is shown (X report).
    pub close: bool,
    /// The title to print.
    pub name: Option<String>,
    /// Further lines to print.
    pub prices: Vec<PriceLine>,
    /// Further texts and codes to print.
    pub banners: Vec<Banner>,
}

/// A question about a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZreportInfo {
    /// Which shift, counted back from the one closed last, which is 1; the current one when absent.
    pub number: Option<u32>,
    /// Whether it is to be printed.
    pub print: bool,
}
