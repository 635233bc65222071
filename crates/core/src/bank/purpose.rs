//! What a payment is for: its code and its text.

use super::account::BudgetAccount;
use super::digits::digits_type;
use super::tax_id::TaxId;

/// Longest purpose of a payment, in characters. The protocol names no length: this bound is ours.
pub const PURPOSE_MAX: usize = 1_000;

digits_type!(
    /// The code of a payment's purpose. There is no public list of them, so any five digits are
    /// one.
    PurposeCode,
    5
);

/// The purpose of a budget order as its document carries it: `~account~tax number~purpose`.
///
/// All budget orders go to the treasury's one bank account; these parts say whose money it is.
#[must_use]
pub fn budget_purpose(account: &BudgetAccount, tax_id: &TaxId, purpose: &str) -> String {
    format!("~{account}~{tax_id}~{purpose}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_treasury_finds_its_organisation_in_the_purpose() {
        let account = BudgetAccount::parse("400522860262837950100251028").unwrap();
        let inn = TaxId::parse("207099143").unwrap();
        let text = budget_purpose(&account, &inn, "За патент за январь 2020 года");
        assert_eq!(text, "~400522860262837950100251028~207099143~За патент за январь 2020 года");
    }

    #[test]
    fn purpose_codes_have_five_digits() {
        assert_eq!(PurposeCode::parse("00401").unwrap().as_str(), "00401");
        for bad in ["", "0401", "004011", "0040a", " 0401"] {
            assert_eq!(PurposeCode::parse(bad), None, "{bad}");
        }
    }
}
