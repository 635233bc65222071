//! Why a card network refuses, and the response codes (field 39) that say so.
//!
//! Digits are codes of ISO 8583:1987; `N` codes are from the range it leaves to national use. A
//! code that is not in the table means nothing here: its sender has to be asked.

/// The response code of an approval.
pub const APPROVED: &str = "00";
/// The response code of an operation that has no outcome yet.
pub const IN_PROGRESS: &str = "09";

/// A definite no: the operation was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardRefusal {
    /// Refused without a reason.
    Declined,
    /// No such card.
    NotFound,
    /// The expiry is not the card's.
    WrongExpiry,
    /// The card is past its expiry.
    Expired,
    /// The card is blocked.
    Blocked,
    /// SMS informing is not connected, without which the card takes no online payments.
    SmsOff,
    /// The card has not that much.
    InsufficientFunds,
    /// The card's daily limit does not allow that much.
    LimitExceeded,
    /// The amount is zero, or not the one the original operation allows.
    InvalidAmount,
    /// The network does not do this: a release of a HUMO hold past 30 days, a refund of a hold.
    NotAllowed,
    /// The hold is not there any more: it was given up, or lapsed.
    HoldReleased,
    /// The network has no such (approved) operation to follow up on.
    OriginalNotFound,
    /// Another operation has done it already.
    AlreadyDone,
    /// The operation was asked about before it arrived, and its asker was told that it is not
    /// there; it is closed so that this stays true.
    Withdrawn,
    /// The id belongs to an operation with another content.
    Duplicate,
    /// The network cannot read the request.
    BadMessage,
    /// The processing is down.
    Unavailable,
    /// The network failed, and says that nothing was done.
    SystemError,
}

/// Refusal, response code, name.
const TABLE: [(CardRefusal, &str, &str); 18] = [
    (CardRefusal::Declined, "05", "declined"),
    (CardRefusal::NotFound, "14", "not_found"),
    (CardRefusal::WrongExpiry, "N1", "wrong_expiry"),
    (CardRefusal::Expired, "54", "expired"),
    (CardRefusal::Blocked, "62", "blocked"),
    (CardRefusal::SmsOff, "N2", "sms_off"),
    (CardRefusal::InsufficientFunds, "51", "insufficient_funds"),
    (CardRefusal::LimitExceeded, "61", "limit_exceeded"),
    (CardRefusal::InvalidAmount, "13", "invalid_amount"),
    (CardRefusal::NotAllowed, "57", "not_allowed"),
    (CardRefusal::HoldReleased, "N3", "hold_released"),
    (CardRefusal::OriginalNotFound, "25", "original_not_found"),
    (CardRefusal::AlreadyDone, "26", "already_done"),
    (CardRefusal::Withdrawn, "N4", "withdrawn"),
    (CardRefusal::Duplicate, "94", "duplicate"),
    (CardRefusal::BadMessage, "30", "bad_message"),
    (CardRefusal::Unavailable, "91", "unavailable"),
    (CardRefusal::SystemError, "96", "system_error"),
];

impl CardRefusal {
    /// The response code that says it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// What the response code `code` says; `None` for any code without a documented meaning.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == code).map(|row| row.0)
    }

    /// The name for logs, settings and the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// The refusal called `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.2 == name).map(|row| row.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_lead_back_to_their_refusal() {
        for (place, (refusal, code, name)) in TABLE.into_iter().enumerate() {
            assert_eq!(refusal as usize, place);
            assert_eq!(CardRefusal::from_code(code), Some(refusal));
            assert_eq!(CardRefusal::from_name(name), Some(refusal));
            assert_eq!((refusal.code(), refusal.name()), (code, name));
        }
    }

    #[test]
    fn no_other_code_is_a_refusal() {
        for code in [APPROVED, IN_PROGRESS, "01", "99", "Z9", ""] {
            assert_eq!(CardRefusal::from_code(code), None, "{code}");
        }
    }
}
