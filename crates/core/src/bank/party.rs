//! One side of a bank document, and the treasury, which is a side of every budget order.

use std::sync::Arc;

use super::account::BankAccount;
use super::digits::Digits;
use super::directory::Mfo;
use super::tax_id::{Inn, TaxId};

/// The treasury's one account, to which all budget orders go.
pub const TREASURY_ACCOUNT: BankAccount = BankAccount(Digits::of(*b"23402000300100001010"));
/// The bank code of the treasury's account.
pub const TREASURY_MFO: Mfo = Mfo::of(*b"00014");
/// The treasury's taxpayer number.
pub const TREASURY_INN: Inn = Inn::of(*b"201122919");
/// The treasury's name in documents.
pub const TREASURY_NAME: &str = "Казначейство Министерства экономики и финансов";

/// Payer or receiver of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The bank's code.
    pub mfo: Mfo,
    /// The account.
    pub account: BankAccount,
    /// The name.
    pub name: Arc<str>,
    /// The taxpayer number, when the document has one.
    pub tax_id: Option<TaxId>,
}

impl Party {
    /// The treasury, as budget orders name their receiver.
    #[must_use]
    pub fn treasury() -> Self {
        Self {
            mfo: TREASURY_MFO,
            account: TREASURY_ACCOUNT,
            name: TREASURY_NAME.into(),
            tax_id: Some(TaxId::Inn(TREASURY_INN)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_treasury_is_written_in_full() {
        let treasury = Party::treasury();
        assert_eq!(treasury.account.as_str(), "23402000300100001010");
        assert_eq!(BankAccount::parse(treasury.account.as_str()), Some(treasury.account));
        assert_eq!(Mfo::parse(treasury.mfo.as_str()), Some(treasury.mfo));
        assert!(TREASURY_INN.has_right_check_digit());
    }
}
