//! The chart of accounts. Every tiyin in Chorsu stands on one of these.

use crate::bank::ServiceId;
use crate::id::KassaId;
use crate::network::Network;
use crate::provider::Wallet;
use std::fmt;
use std::str::FromStr;

/// A ledger account. Its text form (`merchant:100f…`) is what the database and exports carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Asset: what a card network owes us for captured payments.
    Network(Network),
    /// Asset: what a wallet owes us for payments at the till.
    Wallet(Wallet),
    /// Liability: what we owe a merchant.
    Merchant(KassaId),
    /// Memo: authorised at a network, not captured.
    HeldNetwork(Network),
    /// Memo: held by a wallet, not captured.
    HeldWallet(Wallet),
    /// Memo: the merchant's side of [`Account::HeldNetwork`] and [`Account::HeldWallet`].
    HeldMerchant(KassaId),
    /// Liability, never below zero: what a bank partner can pay out from a service's account.
    Service(ServiceId),
    /// Liability, never below zero: accepted payment orders that have not left yet.
    ServiceReserved(ServiceId),
    /// Asset: the account with the clearing through which money leaves and comes in.
    Correspondent,
    /// Income: commission withheld from merchants and charged for payment orders.
    Fees,
    /// Either side: money seen that no document explains yet.
    Suspense,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => write!(f, "network:{}", network.name()),
            Self::Merchant(kassa) => write!(f, "merchant:{kassa}"),
            Self::HeldNetwork(network) => write!(f, "held:network:{}", network.name()),
            Self::HeldWallet(wallet) => write!(f, "held:wallet:{}", wallet.name()),
            Self::HeldMerchant(kassa) => write!(f, "held:merchant:{kassa}"),
            Self::Wallet(wallet) => write!(f, "wallet:{}", wallet.name()),
            Self::Service(service) => write!(f, "service:{service}"),
            Self::ServiceReserved(service) => write!(f, "service:{service}:reserved"),
            Self::Correspondent => f.write_str("correspondent"),
            Self::Fees => f.write_str("fees"),
            Self::Suspense => f.write_str("suspense"),
        }
    }
}

/// The text names no account of the chart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such ledger account: {0}")]
pub struct UnknownAccount(String);

impl FromStr for Account {
    type Err = UnknownAccount;

    fn from_str(text: &str) -> Result<Self, UnknownAccount> {
        let unknown = || UnknownAccount(text.to_owned());
        let network = |name: &str| Network::from_name(name).ok_or_else(unknown);
        let wallet = |name: &str| Wallet::from_name(name).ok_or_else(unknown);
        let kassa = |id: &str| id.parse::<KassaId>().map_err(|_| unknown());
        let service = |id: &str| ServiceId::parse(id).ok_or_else(unknown);
        match text.split_once(':') {
            None if text == "correspondent" => Ok(Self::Correspondent),
            None if text == "fees" => Ok(Self::Fees),
            None if text == "suspense" => Ok(Self::Suspense),
            Some(("network", name)) => network(name).map(Self::Network),
            Some(("merchant", id)) => kassa(id).map(Self::Merchant),
            Some(("wallet", name)) => wallet(name).map(Self::Wallet),
            Some(("service", rest)) => match rest.split_once(':') {
                None => service(rest).map(Self::Service),
                Some((id, "reserved")) => service(id).map(Self::ServiceReserved),
                Some(_) => Err(unknown()),
            },
            Some(("held", rest)) => match rest.split_once(':') {
                Some(("network", name)) => network(name).map(Self::HeldNetwork),
                Some(("wallet", name)) => wallet(name).map(Self::HeldWallet),
                Some(("merchant", id)) => kassa(id).map(Self::HeldMerchant),
                _ => Err(unknown()),
            },
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_names_exactly_one_account() {
        let kassa: KassaId = "100fe486b33784292111b7dc".parse().unwrap();
        let accounts = [
            Account::Network(Network::Humo),
            Account::Merchant(kassa),
            Account::HeldNetwork(Network::Uzcard),
            Account::HeldWallet(Wallet::Payme),
            Account::HeldMerchant(kassa),
            Account::Wallet(Wallet::Payme),
            Account::Service(ServiceId(33)),
            Account::ServiceReserved(ServiceId(33)),
            Account::Correspondent,
            Account::Fees,
            Account::Suspense,
        ];
        for account in accounts {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        let bads = [
            "",
            "fees:",
            "network:visa",
            "held:fees",
            "merchant:",
            "held",
            "wallet:humo",
            "held:wallet:humo",
        ];
        let services = ["service:", "service:+1", "service:01", "service:1:x", "service:-1"];
        for bad in bads.into_iter().chain(services) {
            assert!(bad.parse::<Account>().is_err(), "{bad}");
        }
    }
}
