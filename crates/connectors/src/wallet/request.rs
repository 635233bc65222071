//! What is asked of a wallet, in words that fit all three.

use std::fmt;
use std::time::Duration;

use chorsu_core::Tiyin;

use crate::reading::is_id;

/// Our own reference of a payment, by which a wallet can be asked about it: a UUID as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TransactionRef(String);

impl TransactionRef {
    /// The reference `text`; `None` when it is longer than 64 characters or holds any but letters,
    /// digits, `-` and `_`, because it also stands in paths.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        is_id(&text).then_some(Self(text))
    }

    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TransactionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which till asks. Each wallet takes what it knows; an absent field is left out or, where the
/// provider's settings have one of that name, taken from there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Till {
    /// The cash desk's code at Click and Uzum.
    pub cashbox_code: Option<String>,
    /// The cash register's number at Payme.
    pub kkm_id: Option<String>,
    /// The device's number at Payme.
    pub device_id: Option<String>,
}

/// A payment by a scanned code.
#[derive(Clone, PartialEq, Eq)]
pub struct PayRequest {
    /// Our reference.
    pub transaction: TransactionRef,
    /// What was scanned; good for one payment, and not printed.
    pub code: String,
    /// How much, in tiyin.
    pub amount: Tiyin,
    /// What `prepare` returned; at Click, the id of a payment that waits for its confirmation.
    pub prepared: Option<String>,
    /// Which till asks.
    pub till: Till,
}

impl fmt::Debug for PayRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayRequest")
            .field("transaction", &self.transaction)
            .field("amount", &self.amount)
            .field("prepared", &self.prepared)
            .field("till", &self.till)
            .finish_non_exhaustive()
    }
}

/// What became of a payment?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskRequest {
    /// The payment as it was sent. Uzum is asked by sending it again.
    pub payment: PayRequest,
    /// The wallet's id of it, when an earlier answer named it.
    pub payment_id: Option<String>,
    /// How long ago the call that sent it has ended. Not to be there means nothing while it may still be on its way.
    pub age: Duration,
}

/// Give a payment back, all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseRequest {
    /// Our reference.
    pub transaction: TransactionRef,
    /// The wallet's id of the payment.
    pub payment_id: String,
}

/// The fiscal receipt of a payment, for the wallet to show to its customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiscalDelivery {
    /// The wallet's id of the payment.
    pub payment_id: String,
    /// The receipt's address at the tax committee: the content of its QR code.
    pub url: String,
    /// The fiscal module's number.
    pub terminal: Option<String>,
    /// The receipt's number in that module.
    pub receipt: i64,
    /// When it was registered, `YYYYMMDDHHMMSS` in Tashkent.
    pub date: Option<String>,
    /// The fiscal sign: digits, with zeros in front.
    pub sign: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_what_a_path_can_hold() {
        assert!(TransactionRef::new("0196f3c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f").is_some());
        for text in ["", "a/b", "a b", "я", &"1".repeat(65)] {
            assert_eq!(TransactionRef::new(text), None, "{text}");
        }
    }
}
