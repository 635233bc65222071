//! Account numbers: 20 digits at a bank, 27 digits in the treasury's books.
//!
//! Only the shape is checked. The control digit of a bank account has no published rule, so an
//! account exists when a directory says so, never because its digits add up.

use std::fmt;

use super::digits::digits_type;

digits_type!(
    /// An account at a bank: balance account (5), currency (3), control digit, client (8), serial
    /// number (3).
    BankAccount,
    20
);

digits_type!(
    /// A budget organisation's personal account in the treasury; [`TreasuryAccount::parse_sum`]
    /// also looks at its currency.
    TreasuryAccount,
    27
);

/// Sum in the numbering of bank accounts, digits 6 to 8.
const SUM_AT_BANKS: &str = "000";
/// Sum in the numbering of the treasury (ISO 4217), digits 7 to 9.
const SUM_AT_TREASURY: &str = "860";

impl BankAccount {
    /// The currency's three digits: `000` is the sum.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.as_str()[5..8]
    }

    /// Whether the account is kept in sum.
    #[must_use]
    pub fn is_in_sum(&self) -> bool {
        self.currency() == SUM_AT_BANKS
    }
}

impl TreasuryAccount {
    /// The account of `text` when it is 27 digits and kept in sum (digits 7 to 9 are `860`).
    #[must_use]
    pub fn parse_sum(text: &str) -> Option<Self> {
        Self::parse(text).filter(|account| &account.as_str()[6..9] == SUM_AT_TREASURY)
    }
}

/// Where a budget order goes.
///
/// The documented form has 27 digits; the document's own example has a bank account of 20, so
/// that is taken too, with a warning.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum BudgetAccount {
    /// A personal account in the treasury.
    Treasury(TreasuryAccount),
    /// A bank account in its place.
    Bank(BankAccount),
}

impl BudgetAccount {
    /// The account of `text`: 27 digits in sum, or 20 digits; else `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        TreasuryAccount::parse_sum(text)
            .map(Self::Treasury)
            .or_else(|| BankAccount::parse(text).map(Self::Bank))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Treasury(account) => account.as_str(),
            Self::Bank(account) => account.as_str(),
        }
    }
}

impl fmt::Display for BudgetAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for BudgetAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BudgetAccount({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bank_accounts_have_twenty_digits() {
        for good in ["16103000900000401001", "29801000990248844444", "20208000405273320010"] {
            let account = BankAccount::parse(good).unwrap();
            assert!(account.is_in_sum(), "{good}");
            assert_eq!(account.to_string(), good);
        }
        assert!(!BankAccount::parse("20208840405273320010").unwrap().is_in_sum());
        for bad in ["", "1610300090000040100", "161030009000004010011", "1610300090000040100 ", "٣"]
        {
            assert_eq!(BankAccount::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn budget_accounts_are_the_treasurys_or_the_documents_example() {
        let cases = [
            ("400522860262837950100251028", Some(27)),
            ("29801000599024884444", Some(20)),
            ("400522840262837950100251028", None),
            ("1000108600032023142917093", None),
            ("40052286026283795010025102a", None),
            ("", None),
        ];
        for (text, digits) in cases {
            let account = BudgetAccount::parse(text);
            assert_eq!(account.map(|account| account.as_str().len()), digits, "{text}");
        }
    }
}
