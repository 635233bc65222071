//! Who takes a payment at the till: a wallet whose code is scanned, or a card network by a pinpad.

use crate::account::Account;
use crate::network::Network;

/// A wallet that pays by a scanned code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wallet {
    /// Click Pass.
    Click,
    /// Payme Go.
    Payme,
    /// Uzum FastPay.
    Uzum,
}

impl Wallet {
    /// Every wallet.
    pub const ALL: [Self; 3] = [Self::Click, Self::Payme, Self::Uzum];

    /// The name in accounts, paths and the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Click => "click",
            Self::Payme => "payme",
            Self::Uzum => "uzum",
        }
    }

    /// The wallet of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wallet| wallet.name() == name)
    }

    /// The number under which fiscal receipts name it (`qr_payment_provider`).
    #[must_use]
    pub const fn fiscal_code(self) -> u16 {
        match self {
            Self::Click => 64,
            Self::Payme => 141,
            Self::Uzum => 161,
        }
    }

    /// The wallet of this number.
    #[must_use]
    pub fn from_fiscal_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|wallet| wallet.fiscal_code() == code)
    }
}

/// A way to pay at the till.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// A wallet.
    Wallet(Wallet),
    /// A card at a pinpad of this network.
    Pinpad(Network),
}

impl Provider {
    /// Every provider the till API has a path for.
    pub const ALL: [Self; 4] = [
        Self::Wallet(Wallet::Click),
        Self::Wallet(Wallet::Payme),
        Self::Wallet(Wallet::Uzum),
        Self::Pinpad(Network::Humo),
    ];

    /// The name in the database and in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wallet(wallet) => wallet.name(),
            Self::Pinpad(network) => network.name(),
        }
    }

    /// The provider of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Wallet::from_name(name)
            .map(Self::Wallet)
            .or_else(|| Network::from_name(name).map(Self::Pinpad))
    }

    /// The account that says what this provider owes us.
    #[must_use]
    pub const fn account(self) -> Account {
        match self {
            Self::Wallet(wallet) => Account::Wallet(wallet),
            Self::Pinpad(network) => Account::Network(network),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_are_unambiguous() {
        for provider in Provider::ALL {
            assert_eq!(Provider::from_name(provider.name()), Some(provider));
        }
        for wallet in Wallet::ALL {
            assert_eq!(Wallet::from_fiscal_code(wallet.fiscal_code()), Some(wallet));
        }
        assert_eq!(Provider::from_name("anor"), None);
    }
}
