//! What a receipt says beside its lines: the buyer, and the wallet payment it belongs to.

/// A payment system whose QR code was scanned, by its number at the tax authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QrProvider {
    /// 64.
    Click,
    /// 141.
    Payme,
    /// 161.
    Uzum,
    /// 187.
    Anor,
    /// A number without a name here; no full list is published.
    Other(u16),
}

impl QrProvider {
    /// The system of this number.
    #[must_use]
    pub const fn from_code(code: u16) -> Self {
        match code {
            64 => Self::Click,
            141 => Self::Payme,
            161 => Self::Uzum,
            187 => Self::Anor,
            other => Self::Other(other),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Click => 64,
            Self::Payme => 141,
            Self::Uzum => 161,
            Self::Anor => 187,
            Self::Other(code) => code,
        }
    }
}

/// The part of an order called `extra_info`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtraInfo {
    /// The buyer's phone, as the wallet's answer gave it.
    pub phone_number: Option<String>,
    /// The wallet's id of the payment.
    pub qr_payment_id: Option<String>,
    /// Whose payment it is.
    pub qr_payment_provider: Option<QrProvider>,
    /// The id of a payment by a link.
    pub scan2pay_id: Option<String>,
    /// First and last four digits of a social card.
    pub card_number: Option<String>,
    /// The buyer's taxpayer number.
    pub tin: Option<String>,
    /// The buyer's personal number.
    pub pinfl: Option<String>,
    /// The number plate of the buyer's car.
    pub car_number: Option<String>,
    /// Anything else, as free text.
    pub other: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_keep_their_numbers() {
        for code in [0, 64, 141, 161, 187, 7, u16::MAX] {
            assert_eq!(QrProvider::from_code(code).code(), code);
        }
        assert_eq!(QrProvider::from_code(141), QrProvider::Payme);
    }
}
