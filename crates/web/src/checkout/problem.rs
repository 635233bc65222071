//! What can be wrong with a card, a code or a payment, in the words the payer reads.

use crate::texts::Texts;

/// What is wrong with the card that was typed, or why it cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardProblem {
    /// No number was typed.
    NumberMissing,
    /// The number is not 16 digits.
    NumberUnreadable,
    /// No network here has such a card.
    NumberUnknown,
    /// No expiry was typed.
    ExpiryMissing,
    /// The expiry is not month and year.
    ExpiryUnreadable,
    /// The expiry is not the card's.
    ExpiryWrong,
    /// The card is past its expiry.
    Expired,
    /// The card is blocked.
    Blocked,
    /// SMS informing is not connected.
    SmsOff,
    /// Too many codes were sent for this card.
    TooManyCodes,
    /// The SMS could not be sent.
    SmsFailed,
    /// The card network cannot be reached.
    Unavailable,
    /// Too much is being asked at once.
    Overloaded,
}

/// The field beside which a problem is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Number,
    Expiry,
    WholeForm,
}

impl CardProblem {
    pub(super) const fn field(self) -> Field {
        match self {
            Self::NumberMissing
            | Self::NumberUnreadable
            | Self::NumberUnknown
            | Self::Blocked
            | Self::SmsOff => Field::Number,
            Self::ExpiryMissing | Self::ExpiryUnreadable | Self::ExpiryWrong | Self::Expired => {
                Field::Expiry
            }
            Self::TooManyCodes | Self::SmsFailed | Self::Unavailable | Self::Overloaded => {
                Field::WholeForm
            }
        }
    }

    pub(crate) const fn text(self, t: &Texts) -> &'static str {
        match self {
            Self::NumberMissing => t.number_missing,
            Self::NumberUnreadable => t.number_unreadable,
            Self::NumberUnknown => t.number_unknown,
            Self::ExpiryMissing => t.expiry_missing,
            Self::ExpiryUnreadable => t.expiry_unreadable,
            Self::ExpiryWrong => t.expiry_wrong,
            Self::Expired => t.card_expired,
            Self::Blocked => t.card_blocked,
            Self::SmsOff => t.sms_off,
            Self::TooManyCodes => t.code_sends,
            Self::SmsFailed => t.sms_failed,
            Self::Unavailable => t.network_unavailable,
            Self::Overloaded => t.overloaded,
        }
    }
}

/// What is wrong with the code that was typed, or why there is no other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// No code was typed.
    Missing,
    /// The code is not digits.
    Unreadable,
    /// The code is wrong.
    Wrong,
    /// The code is too old or used up.
    Expired,
    /// The code was tried too often.
    TooManyTries,
    /// Too many codes were sent for this card.
    TooManyCodes,
    /// The SMS could not be sent.
    SmsFailed,
    /// Too much is being asked at once.
    Overloaded,
}

impl CodeProblem {
    pub(super) const fn text(self, t: &Texts) -> &'static str {
        match self {
            Self::Missing => t.code_missing,
            Self::Unreadable => t.code_unreadable,
            Self::Wrong => t.code_wrong,
            Self::Expired => t.code_expired,
            Self::TooManyTries => t.code_tries,
            Self::TooManyCodes => t.code_sends,
            Self::SmsFailed => t.sms_failed,
            Self::Overloaded => t.overloaded,
        }
    }
}

/// Why nothing was taken from the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The card has not that much.
    InsufficientFunds,
    /// The card's daily limit does not allow that much.
    LimitExceeded,
    /// The card is blocked.
    Blocked,
    /// The card is past its expiry.
    Expired,
    /// The expiry is not the card's.
    ExpiryWrong,
    /// No such card.
    CardUnknown,
    /// SMS informing is not connected.
    SmsOff,
    /// The bank gives no reason, or one that tells the payer nothing.
    Declined,
    /// The card network cannot be reached; nothing was sent.
    Unavailable,
    /// The card network failed, and says that nothing was done.
    SystemError,
    /// Too much is being asked at once.
    Overloaded,
    /// The token of the form is out of use.
    SessionOver,
    /// The shop takes no payments; trying again does not help.
    ShopClosed,
}

impl Refusal {
    pub(super) const fn text(self, t: &Texts) -> &'static str {
        match self {
            Self::InsufficientFunds => t.refused_funds,
            Self::LimitExceeded => t.refused_limit,
            Self::Blocked => t.card_blocked,
            Self::Expired => t.card_expired,
            Self::ExpiryWrong => t.expiry_wrong,
            Self::CardUnknown => t.number_unknown,
            Self::SmsOff => t.sms_off,
            Self::Declined => t.refused_declined,
            Self::Unavailable => t.network_unavailable,
            Self::SystemError => t.refused_system,
            Self::Overloaded => t.overloaded,
            Self::SessionOver => t.refused_session,
            Self::ShopClosed => t.refused_shop,
        }
    }

    pub(super) const fn may_retry(self) -> bool {
        !matches!(self, Self::ShopClosed)
    }
}
