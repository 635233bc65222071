//! Which banks there are, and which of them take part in the instant payment system.
//!
//! Bank codes change when banks merge branches, so the table is data: a short one of public codes
//! is built in, the full one is imported by the operator.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::digits::{Digits, digits_type};

digits_type!(
    /// A bank's code (MFO).
    Mfo,
    5
);

impl Mfo {
    /// A known code, at compile time.
    pub(super) const fn of(digits: [u8; 5]) -> Self {
        Self(Digits::of(digits))
    }
}

/// An entry of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    /// The name of the bank or branch.
    pub name: Arc<str>,
    /// Whether it takes orders of the instant payment system; otherwise code 1014.
    pub in_instant_system: bool,
}

/// The banks that orders can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankDirectory {
    banks: BTreeMap<Mfo, Bank>,
}

/// Public codes of head and operating offices. The list of participants is not public: banks that
/// serve clients are taken to be in, the clearing centres of the Central Bank are not.
const BUILT_IN: [(&[u8; 5], &str, bool); 26] = [
    (b"00001", "CBU, interbank settlement centre", false),
    (b"00002", "CBU, retail clearing centre", false),
    (b"00003", "CBU, instant payment clearing centre", false),
    (b"00014", "CBU, Tashkent settlement and cash centre", true),
    (b"00083", "Hamkorbank, Andijan", true),
    (b"00401", "Aloqabank", true),
    (b"00433", "Mikrokreditbank", true),
    (b"00440", "Uzsanoatqurilishbank", true),
    (b"00444", "Ipak Yuli", true),
    (b"00445", "Kapitalbank, Tashkent", true),
    (b"00446", "Turonbank", true),
    (b"00450", "National Bank of Uzbekistan", true),
    (b"00491", "Trastbank", true),
    (b"00842", "KDB Bank Uzbekistan", true),
    (b"00873", "Asakabank", true),
    (b"00973", "Universal Bank", true),
    (b"00974", "Kapitalbank, operations", true),
    (b"00981", "Davr Bank", true),
    (b"01071", "Orient Finans", true),
    (b"01088", "Kapitalbank", true),
    (b"01091", "Aloqabank, Mirobod", true),
    (b"01095", "Asia Alliance Bank", true),
    (b"01158", "Kapitalbank, single branch", true),
    (b"01176", "Tenge Bank", true),
    (b"01183", "Anorbank", true),
    (b"01190", "Uzum Bank", true),
];

impl BankDirectory {
    /// The table that comes with the program.
    #[must_use]
    pub fn built_in() -> Self {
        let rows = BUILT_IN.iter().map(|(code, name, in_instant_system)| {
            let bank = Bank { name: (*name).into(), in_instant_system: *in_instant_system };
            (Mfo::of(**code), bank)
        });
        Self { banks: rows.collect() }
    }

    /// A directory of these banks; a code given twice keeps its last entry.
    #[must_use]
    pub fn new(banks: impl IntoIterator<Item = (Mfo, Bank)>) -> Self {
        Self { banks: banks.into_iter().collect() }
    }

    /// This directory, with the entries of `other` added; where both know a code, `other` decides.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.banks.extend(other.banks);
        self
    }

    /// The bank of a code.
    #[must_use]
    pub fn bank(&self, mfo: &Mfo) -> Option<&Bank> {
        self.banks.get(mfo)
    }

    /// Whether a bank takes orders of the instant payment system; an unknown one does not.
    #[must_use]
    pub fn is_in_instant_system(&self, mfo: &Mfo) -> bool {
        self.bank(mfo).is_some_and(|bank| bank.in_instant_system)
    }

    /// Every bank, by rising code.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Mfo, &Bank)> {
        self.banks.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_knows_the_banks_of_the_examples() {
        let directory = BankDirectory::built_in();
        assert_eq!(directory.iter().len(), BUILT_IN.len(), "no code twice");
        let cases = [("00401", true), ("01091", true), ("00003", false), ("99999", false)];
        for (code, takes) in cases {
            let mfo = Mfo::parse(code).unwrap();
            assert_eq!(directory.is_in_instant_system(&mfo), takes, "{code}");
        }
    }

    #[test]
    fn later_tables_decide() {
        let mfo = Mfo::parse("00401").unwrap();
        let closed = Bank { name: "Aloqabank (closed)".into(), in_instant_system: false };
        let other = BankDirectory::new([(mfo, closed.clone())]);
        let merged = BankDirectory::built_in().with(other);
        assert_eq!(merged.bank(&mfo), Some(&closed));
        assert_eq!(merged.iter().len(), BUILT_IN.len());
    }
}
