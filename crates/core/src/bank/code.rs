//! The codes of the protocol "payments by requisites": both ends of it speak them.

/// A code that an answer of the bank can carry in the place of 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum BankCode {
    /// No such service.
    ServiceNotFound = 1001,
    /// The service has no settings, or is not activated.
    ServiceNotConfigured = 1002,
    /// No such user, or a wrong password.
    UserNotFound = 1004,
    /// No such order.
    NotRecorded = 1008,
    /// The user may not call this method.
    AccessDenied = 1009,
    /// No such receiver's account.
    AccountNotFound = 1013,
    /// The receiver's bank takes no part in the instant payment system.
    BankNotInSystem = 1014,
    /// The receiver's name has characters that cannot be printed.
    NameUnprintable = 1015,
    /// The purpose has characters that cannot be printed.
    PurposeUnprintable = 1016,
    /// A field that must be there is missing or not of its form.
    FieldMissing = 1017,
    /// A fault of the system: ask for the order's status.
    SystemError = 1111,
    /// A grave fault: ask for the order's status.
    CriticalError = 2222,
    /// The document's date is before the operating day.
    DateBeforeOperatingDay = 3333,
}

/// What a code says about the order that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeMeaning {
    /// The order was not created, because of what it says.
    OrderRefused,
    /// Nothing was created, because of who asks or of how the service is set up.
    NotAllowed,
    /// The bank knows no such order.
    NotRecorded,
    /// The order may have been created.
    Unknown,
}

impl BankCode {
    /// Every code, in rising order.
    pub const ALL: [Self; 13] = [
        Self::ServiceNotFound,
        Self::ServiceNotConfigured,
        Self::UserNotFound,
        Self::NotRecorded,
        Self::AccessDenied,
        Self::AccountNotFound,
        Self::BankNotInSystem,
        Self::NameUnprintable,
        Self::PurposeUnprintable,
        Self::FieldMissing,
        Self::SystemError,
        Self::CriticalError,
        Self::DateBeforeOperatingDay,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The code of a number; `None` for one that is not documented.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|code| i64::from(code.number()) == number)
    }

    /// What the code says about an order ("what to do" in the document's tables of codes).
    #[must_use]
    pub const fn meaning(self) -> CodeMeaning {
        match self {
            Self::AccountNotFound
            | Self::BankNotInSystem
            | Self::NameUnprintable
            | Self::PurposeUnprintable
            | Self::FieldMissing
            | Self::DateBeforeOperatingDay => CodeMeaning::OrderRefused,
            Self::ServiceNotFound
            | Self::ServiceNotConfigured
            | Self::UserNotFound
            | Self::AccessDenied => CodeMeaning::NotAllowed,
            Self::NotRecorded => CodeMeaning::NotRecorded,
            Self::SystemError | Self::CriticalError => CodeMeaning::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_back_to_codes() {
        for code in BankCode::ALL {
            assert_eq!(BankCode::from_number(i64::from(code.number())), Some(code));
        }
        for other in [0, -1, 1003, 1012, 1018, 66_537, i64::MAX] {
            assert_eq!(BankCode::from_number(other), None, "{other}");
        }
    }
}
