//! What the page's form can make go wrong, where, with which calls and how often.

use chorsu_core::Wallet;

use crate::texts::TillTexts;

/// A played counterparty of a till.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counterparty {
    /// A wallet.
    Wallet(Wallet),
    /// The pinpad.
    Pinpad,
    /// The fiscal modules.
    Module,
}

impl Counterparty {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 5] = [
        Self::Wallet(Wallet::Click),
        Self::Wallet(Wallet::Payme),
        Self::Wallet(Wallet::Uzum),
        Self::Pinpad,
        Self::Module,
    ];

    /// The value of the form field `at`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Wallet(wallet) => wallet.name(),
            Self::Pinpad => "pinpad",
            Self::Module => "fiscal",
        }
    }

    /// The counterparty of this tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.tag() == tag)
    }

    pub(super) const fn text(self, w: &TillTexts) -> &'static str {
        match self {
            Self::Wallet(wallet) => super::wallet_name(wallet),
            Self::Pinpad => w.pinpad,
            Self::Module => w.module,
        }
    }
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommonFault {
    /// It refuses.
    Refuse,
    /// It answers five seconds late.
    Delay,
    /// The connection is lost before anything is done.
    DropBefore,
    /// It is done, and the connection is lost.
    DropAfter,
    /// It is done, and the answer is HTTP 500, or no slip.
    Failure,
    /// It is done, and the answer cannot be read.
    Garbled,
    /// It is done, and the answer names another amount.
    WrongAmount,
    /// It is done, and nobody has heard of the status in the answer.
    UnknownStatus,
    /// It is done, and answered twice.
    Twice,
    /// It is done, and never answered.
    Hang,
}

impl CommonFault {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::DropAfter,
        Self::DropBefore,
        Self::Refuse,
        Self::Delay,
        Self::Hang,
        Self::Failure,
        Self::Garbled,
        Self::Twice,
        Self::WrongAmount,
        Self::UnknownStatus,
    ];

    /// The value of the form field `fault`: its name in the JSON of wallets.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Delay => "delay",
            Self::DropBefore => "drop_before",
            Self::DropAfter => "drop_after",
            Self::Failure => "http_500",
            Self::Garbled => "broken_json",
            Self::WrongAmount => "wrong_amount",
            Self::UnknownStatus => "unknown_status",
            Self::Twice => "duplicate_answer",
            Self::Hang => "hang",
        }
    }

    /// The fault of this tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.tag() == tag)
    }

    pub(super) const fn text(self, w: &TillTexts) -> &'static str {
        match self {
            Self::Refuse => w.fault_refuse,
            Self::Delay => w.fault_delay,
            Self::DropBefore => w.fault_drop_before,
            Self::DropAfter => w.fault_drop_after,
            Self::Failure => w.fault_failure,
            Self::Garbled => w.fault_garbled,
            Self::WrongAmount => w.fault_wrong_amount,
            Self::UnknownStatus => w.fault_unknown_status,
            Self::Twice => w.fault_twice,
            Self::Hang => w.fault_hang,
        }
    }
}

/// Which calls go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultyCalls {
    /// Payments; at the fiscal module receipts.
    Main,
    /// Questions about them.
    Ask,
    /// Reversals and voids.
    Reverse,
    /// Fiscal data for a wallet.
    Fiscal,
    /// All.
    All,
}

impl FaultyCalls {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Main, Self::Ask, Self::Reverse, Self::Fiscal, Self::All];

    /// The value of the form field `calls`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Ask => "ask",
            Self::Reverse => "reverse",
            Self::Fiscal => "fiscal",
            Self::All => "all",
        }
    }

    /// The calls of this tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|calls| calls.tag() == tag)
    }

    pub(super) const fn text(self, w: &TillTexts) -> &'static str {
        match self {
            Self::Main => w.calls_main,
            Self::Ask => w.calls_ask,
            Self::Reverse => w.calls_reverse,
            Self::Fiscal => w.calls_fiscal,
            Self::All => w.calls_all,
        }
    }
}

/// Why a fault was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultProblem {
    /// The counterparty cannot do that, or not with such calls.
    Impossible,
    /// It has too many already.
    Full,
}

impl FaultProblem {
    pub(super) const fn text(self, w: &TillTexts) -> &'static str {
        match self {
            Self::Impossible => w.fault_impossible,
            Self::Full => w.fault_full,
        }
    }
}

/// What was chosen in the form that adds a fault, shown again beside what was wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultChoice {
    /// Where.
    pub at: Counterparty,
    /// What.
    pub fault: CommonFault,
    /// With which calls.
    pub calls: FaultyCalls,
    /// Why it was not added.
    pub problem: Option<FaultProblem>,
}

impl Default for FaultChoice {
    fn default() -> Self {
        Self {
            at: Counterparty::Wallet(Wallet::Click),
            fault: CommonFault::DropAfter,
            calls: FaultyCalls::Main,
            problem: None,
        }
    }
}
