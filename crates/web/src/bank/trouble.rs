//! What the played bank does wrong: by the account that is paid, or by a rule.

use crate::texts::BankTexts;

/// How the account ends that an order pays to, which says what the played bank does with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountEnding {
    /// It is carried out.
    #[default]
    Good,
    /// Refused: there is no such account.
    NoAccount,
    /// Refused: the bank does not take part.
    NoBank,
    /// Refused: critical error, nothing is known.
    Critical,
    /// Accepted, and the answer is a system error.
    SystemError,
    /// Accepted, and never answered.
    Hangs,
    /// Accepted, and the answer is cut off.
    Broken,
    /// Accepted, and never carried out.
    Stays,
    /// Accepted, and deleted.
    Deleted,
}

impl AccountEnding {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 9] = [
        Self::Good,
        Self::Deleted,
        Self::Stays,
        Self::Hangs,
        Self::Broken,
        Self::SystemError,
        Self::NoAccount,
        Self::NoBank,
        Self::Critical,
    ];

    /// The last four digits of the account.
    #[must_use]
    pub const fn digits(self) -> &'static str {
        match self {
            Self::Good => "4444",
            Self::NoAccount => "0013",
            Self::NoBank => "0014",
            Self::Critical => "2222",
            Self::SystemError => "1111",
            Self::Hangs => "9999",
            Self::Broken => "8888",
            Self::Stays => "7777",
            Self::Deleted => "6666",
        }
    }

    /// The ending of these digits, the value of the form field `ending`.
    #[must_use]
    pub fn from_digits(digits: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.digits() == digits)
    }

    /// The query that shows the page with an order to such an account.
    #[must_use]
    pub fn query(self) -> String {
        format!("ending={}", self.digits())
    }

    pub(super) const fn text(self, b: &BankTexts) -> &'static str {
        match self {
            Self::Good => b.ending_good,
            Self::NoAccount => b.ending_no_account,
            Self::NoBank => b.ending_no_bank,
            Self::Critical => b.ending_critical,
            Self::SystemError => b.ending_system_error,
            Self::Hangs => b.ending_hangs,
            Self::Broken => b.ending_broken,
            Self::Stays => b.ending_stays,
            Self::Deleted => b.ending_deleted,
        }
    }
}

/// What the page's form can make the bank do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankTrouble {
    /// It answers HTTP 503, and nothing is done.
    Unavailable,
    /// It accepts an order and never answers.
    Hang,
    /// It accepts an order, and the answer is cut off.
    BrokenAnswer,
    /// It deletes the next order that is due.
    Delete,
}

impl BankTrouble {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Hang, Self::BrokenAnswer, Self::Unavailable, Self::Delete];

    /// The value of the form field `fault`, which is the name in the JSON endpoints too.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Hang => "hang",
            Self::BrokenAnswer => "broken_answer",
            Self::Delete => "delete",
        }
    }

    /// The trouble of this tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.tag() == tag)
    }

    pub(super) const fn text(self, b: &BankTexts) -> &'static str {
        match self {
            Self::Unavailable => b.fault_unavailable,
            Self::Hang => b.fault_hang,
            Self::BrokenAnswer => b.fault_broken,
            Self::Delete => b.fault_delete,
        }
    }
}
