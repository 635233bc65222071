//! Who takes a receipt's money from its payer: the card networks, asked by Chorsu itself, or a
//! payment service whose kassa stands behind ours.
//!
//! A receipt has its acquirer from its birth and keeps it, whatever becomes of the settings.

use crate::account::Account;
use crate::network::Network;
use crate::provider::Wallet;

/// The acquirer of a receipt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Acquirer {
    /// The network of the card that pays.
    #[default]
    Networks,
    /// A kassa at Payme: the receipt exists there under the same id.
    Payme,
}

impl Acquirer {
    /// The code in the database; the networks, being the rule, have none.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Networks => None,
            Self::Payme => Some("payme"),
        }
    }

    /// The acquirer with this code.
    #[must_use]
    pub fn from_code(code: Option<&str>) -> Option<Self> {
        match code {
            None => Some(Self::Networks),
            Some("payme") => Some(Self::Payme),
            Some(_) => None,
        }
    }

    /// The account that says what is owed to us for payments; `network` is that of the card, as
    /// far as it is known. `None` for a payment by the networks without a card, which there is not.
    #[must_use]
    pub fn account(self, network: Option<Network>) -> Option<Account> {
        match self {
            Self::Networks => network.map(Account::Network),
            Self::Payme => Some(Account::Wallet(Wallet::Payme)),
        }
    }

    /// The account that says what is held and not captured.
    #[must_use]
    pub fn held_account(self, network: Option<Network>) -> Option<Account> {
        match self {
            Self::Networks => network.map(Account::HeldNetwork),
            Self::Payme => Some(Account::HeldWallet(Wallet::Payme)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_name_acquirers() {
        for acquirer in [Acquirer::Networks, Acquirer::Payme] {
            assert_eq!(Acquirer::from_code(acquirer.code()), Some(acquirer));
        }
        assert_eq!(Acquirer::from_code(Some("")), None);
        assert_eq!(Acquirer::from_code(Some("click")), None);
    }

    #[test]
    fn the_networks_owe_by_card_and_payme_as_a_wallet() {
        let owed = |acquirer: Acquirer, network| {
            [acquirer.account(network), acquirer.held_account(network)]
                .map(|account| account.map(|account| account.to_string()).unwrap_or_default())
        };
        let humo = Some(Network::Humo);
        assert_eq!(owed(Acquirer::Networks, humo), ["network:humo", "held:network:humo"]);
        assert_eq!(owed(Acquirer::Networks, None), ["", ""]);
        for network in [None, humo] {
            assert_eq!(owed(Acquirer::Payme, network), ["wallet:payme", "held:wallet:payme"]);
        }
    }
}
