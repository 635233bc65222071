//! What only stored data can tell about a request, as the answers to single questions.
//!
//! Each refusal has its documented code. They are asked in the order of [`Access`],
//! [`ServiceFound`], the checks of an order draft, [`KeyFound`], [`DocumentDate`]: a caller without
//! rights learns nothing about services, and a duplicate is only looked for when the request is
//! sound.

use super::code::BankCode;
use super::day::BankDay;
use super::directory::{BankDirectory, Mfo};
use super::service::CardRule;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A known user who may call the method.
    Granted,
    /// No such user, or a wrong password.
    UnknownUser,
    /// A known user without the right to call the method.
    Denied,
}

impl Access {
    /// Goes on, or says why not.
    ///
    /// # Errors
    /// 1004 or 1009.
    pub const fn check(self) -> Result<(), BankCode> {
        match self {
            Self::Granted => Ok(()),
            Self::UnknownUser => Err(BankCode::UserNotFound),
            Self::Denied => Err(BankCode::AccessDenied),
        }
    }
}

/// The service a request names, looked for among those of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceFound {
    /// There is none of that number.
    No,
    /// It has no settings or is not activated.
    NotConfigured,
    /// It can be used.
    Ready(CardRule),
}

impl ServiceFound {
    /// The service's kind, or why it cannot be used.
    ///
    /// # Errors
    /// 1001 or 1002.
    pub const fn check(self) -> Result<CardRule, BankCode> {
        match self {
            Self::Ready(kind) => Ok(kind),
            Self::No => Err(BankCode::ServiceNotFound),
            Self::NotConfigured => Err(BankCode::ServiceNotConfigured),
        }
    }
}

/// Whether an account can be paid to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountFound {
    /// As far as is known here.
    Yes,
    /// It does not exist: code 1013.
    No,
}

/// Whether the receiver's bank can be paid through the instant payment system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankFound {
    /// It takes part.
    Participant,
    /// It does not, or there is no such bank: code 1014.
    NotParticipant,
}

/// Looks receivers up, for the checks of an order.
pub trait ReceiverLookup {
    /// Whether `account` (20 or 27 digits) exists; `mfo` is its bank, when the order names one
    /// that can be a bank's code.
    fn find_account(&self, mfo: Option<&Mfo>, account: &str) -> AccountFound;

    /// Whether the bank takes part in the instant payment system.
    fn find_bank(&self, mfo: &Mfo) -> BankFound;
}

impl ReceiverLookup for BankDirectory {
    /// A directory of banks knows no accounts, so it takes any.
    fn find_account(&self, _: Option<&Mfo>, _: &str) -> AccountFound {
        AccountFound::Yes
    }

    fn find_bank(&self, mfo: &Mfo) -> BankFound {
        if self.is_in_instant_system(mfo) {
            BankFound::Participant
        } else {
            BankFound::NotParticipant
        }
    }
}

/// Whether the partner has used an order's key before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFound {
    /// Never, in neither kind of orders.
    No,
    /// There is an order of that key.
    Yes,
}

impl KeyFound {
    /// Goes on when the key is new.
    ///
    /// # Errors
    /// 1111, whose documented action is to ask for the order's status: that tells the caller the
    /// truth about the order it has already.
    pub const fn check(self) -> Result<(), BankCode> {
        match self {
            Self::No => Ok(()),
            Self::Yes => Err(BankCode::SystemError),
        }
    }
}

/// A document's date against the operating day of the bank that enters it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentDate {
    /// The operating day or later.
    Current,
    /// Before it: the day has turned since the document was dated.
    BeforeOperatingDay,
}

impl DocumentDate {
    /// Compares both days.
    #[must_use]
    pub fn of(document: BankDay, operating: BankDay) -> Self {
        if document < operating { Self::BeforeOperatingDay } else { Self::Current }
    }

    /// Goes on when the date is current.
    ///
    /// # Errors
    /// 3333.
    pub const fn check(self) -> Result<(), BankCode> {
        match self {
            Self::Current => Ok(()),
            Self::BeforeOperatingDay => Err(BankCode::DateBeforeOperatingDay),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_code() {
        let codes = [
            Access::UnknownUser.check().unwrap_err(),
            Access::Denied.check().unwrap_err(),
            ServiceFound::No.check().unwrap_err(),
            ServiceFound::NotConfigured.check().unwrap_err(),
            KeyFound::Yes.check().unwrap_err(),
            DocumentDate::BeforeOperatingDay.check().unwrap_err(),
        ];
        assert_eq!(codes.map(BankCode::number), [1004, 1009, 1001, 1002, 1111, 3333]);
        assert!(Access::Granted.check().is_ok() && KeyFound::No.check().is_ok());
        let kind = CardRule::Optional;
        assert_eq!(ServiceFound::Ready(kind).check(), Ok(kind));
    }

    #[test]
    fn a_document_may_be_dated_ahead_but_not_back() {
        let day = BankDay::parse("2026-11-20").unwrap();
        assert_eq!(DocumentDate::of(day, day), DocumentDate::Current);
        assert_eq!(DocumentDate::of(day.plus(1), day), DocumentDate::Current);
        let back = DocumentDate::of(day, day.plus(3));
        assert_eq!(back, DocumentDate::BeforeOperatingDay);
    }
}
