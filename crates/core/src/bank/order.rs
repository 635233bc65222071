//! A request for an order: its key at the partner, its content, and the reference it gets.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::requisites::{OrderKind, Receiver, Requisites};
use super::service::ServiceNumber;
use super::sum::OrderSum;

/// Longest order number of a partner, in characters.
const KEY_MAX: usize = 64;

/// A partner's own number of an order; unique at that partner over both kinds of orders.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey(Arc<str>);

impl OrderKey {
    /// The key of `text`: 1 to 64 characters without spaces and control characters, else `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= 4 * KEY_MAX && text.chars().count() <= KEY_MAX;
        let clean = || !text.chars().any(|c| c.is_whitespace() || c.is_control());
        (fits && clean()).then(|| Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrderKey({:?})", self.as_str())
    }
}

/// The bank's reference of an order, in the forms of the protocol's examples: `1180_1841519885`
/// for ordinary orders and `1290084933` for budget orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DocId {
    /// Which kind of order.
    pub kind: OrderKind,
    /// The order's number at this bank.
    pub number: u64,
}

impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            OrderKind::Ordinary => write!(f, "1180_{:010}", self.number),
            OrderKind::Budget => write!(f, "{:010}", self.number),
        }
    }
}

/// A checked request for an order. Nothing of it is stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// The partner's number.
    pub key: OrderKey,
    /// Whose account pays.
    pub service: ServiceNumber,
    /// Amount and commission.
    pub sum: OrderSum,
    /// Everything else.
    pub requisites: Requisites,
}

impl NewOrder {
    /// A hash of what the order asks for: two requests with one key and one hash are repeats, with
    /// different hashes they contradict each other.
    ///
    /// The payer and the warnings do not count; a card counts by its masked number.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for number in [self.service.0, self.sum.amount().get(), self.sum.commission().get()] {
            hasher.update(number.to_be_bytes());
        }
        let said = &self.requisites;
        match &said.receiver {
            Receiver::Ordinary { name, mfo, account, tax_id } => {
                hasher.update([1]);
                for text in [Some(&**name), Some(mfo.as_str()), Some(account.as_str())] {
                    hash_text(&mut hasher, text);
                }
                hash_text(&mut hasher, tax_id.as_ref().map(super::TaxId::as_str));
            }
            Receiver::Budget { account, tax_id, code } => {
                hasher.update([2]);
                for text in [account.as_str(), tax_id.as_str(), code.as_str()] {
                    hash_text(&mut hasher, Some(text));
                }
            }
        }
        hash_text(&mut hasher, Some(&said.purpose));
        hash_text(&mut hasher, said.card.reference.as_deref());
        hash_text(&mut hasher, said.card.network.map(|network| network.name()));
        hash_text(&mut hasher, said.card.masked.as_ref().map(|masked| masked.as_str()));
        hasher.finalize().into()
    }
}

/// Adds a text with its length in front, so that no two lists of texts look alike.
fn hash_text(hasher: &mut Sha256, text: Option<&str>) {
    let length = text.map_or(u64::MAX, |text| u64::try_from(text.len()).unwrap_or(u64::MAX - 1));
    hasher.update(length.to_be_bytes());
    hasher.update(text.unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::super::{BankAccount, BudgetAccount, Mfo, OrderCard, PurposeCode, TaxId, Warnings};
    use super::*;
    use crate::card::MaskedPan;
    use crate::money::Tiyin;
    use crate::network::Network;

    #[test]
    fn keys_have_no_spaces_and_an_end() {
        let longest = "ў".repeat(64);
        let good =
            ["100001", "009445151277", "5153f545-52bf-46fd-af1a-c31b43fe043e", "a/б'--", &longest];
        for text in good {
            assert_eq!(OrderKey::parse(text).unwrap().as_str(), text);
        }
        let long = "x".repeat(65);
        for bad in ["", " ", "1 2", "1\u{A0}2", "1\t", "\u{0}", "\u{85}", "1\u{3000}", &long] {
            assert_eq!(OrderKey::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn references_look_as_documented() {
        let number = 1_841_519_885;
        let ordinary = DocId { kind: OrderKind::Ordinary, number };
        let budget = DocId { kind: OrderKind::Budget, number: 7 };
        assert_eq!(ordinary.to_string(), "1180_1841519885");
        assert_eq!(budget.to_string(), "0000000007");
    }

    fn order() -> NewOrder {
        NewOrder {
            key: OrderKey::parse("009445151277").unwrap(),
            service: ServiceNumber(2),
            sum: OrderSum::new(Tiyin::new(500_000).unwrap(), Tiyin::new(20_000).unwrap()).unwrap(),
            requisites: Requisites {
                receiver: Receiver::Ordinary {
                    name: "Test".into(),
                    mfo: Mfo::parse("01091").unwrap(),
                    account: BankAccount::parse("29801000990248844444").unwrap(),
                    tax_id: TaxId::parse("123456789"),
                },
                purpose: "Test 24/7".into(),
                card: OrderCard {
                    reference: Some("016351273642".into()),
                    network: Some(Network::Humo),
                    masked: MaskedPan::parse("986053******6678"),
                },
                payer: None,
                warnings: Warnings::NONE,
            },
        }
    }

    #[test]
    fn repeats_have_one_fingerprint_and_changes_another() {
        let first = order().fingerprint();
        let mut same = order();
        same.requisites.warnings = Warnings::from_bits(1);
        same.key = OrderKey::parse("another").unwrap();
        assert_eq!(same.fingerprint(), first);

        let changes: [fn(&mut NewOrder); 7] = [
            |order| order.service = ServiceNumber(1),
            |order| {
                let amount = Tiyin::new(20_000).unwrap();
                order.sum = OrderSum::new(amount, Tiyin::new(500_000).unwrap()).unwrap();
            },
            |order| order.requisites.purpose = "Test".into(),
            |order| order.requisites.card.masked = None,
            |order| {
                order.requisites.card.reference = None;
                order.requisites.purpose = "Test 24/7016351273642".into();
            },
            |order| order.requisites.card.network = Some(Network::Uzcard),
            |order| {
                order.requisites.receiver = Receiver::Budget {
                    account: BudgetAccount::parse("29801000990248844444").unwrap(),
                    tax_id: TaxId::parse("123456789").unwrap(),
                    code: PurposeCode::parse("01091").unwrap(),
                };
            },
        ];
        for (place, change) in changes.into_iter().enumerate() {
            let mut other = order();
            change(&mut other);
            assert_ne!(other.fingerprint(), first, "change {place}");
        }
    }

    #[test]
    fn a_budget_order_shows_the_treasury() {
        let mut order = order();
        assert_eq!(order.requisites.document_purpose(), "Test 24/7");
        assert_eq!(order.requisites.document_receiver().mfo.as_str(), "01091");
        order.requisites.receiver = Receiver::Budget {
            account: BudgetAccount::parse("400522860262837950100251028").unwrap(),
            tax_id: TaxId::parse("207099143").unwrap(),
            code: PurposeCode::parse("00401").unwrap(),
        };
        let receiver = order.requisites.document_receiver();
        assert_eq!(receiver.account.as_str(), "23402000300100001010");
        assert_eq!(receiver.mfo.as_str(), "00014");
        assert_eq!(
            order.requisites.document_purpose(),
            "~400522860262837950100251028~207099143~Test 24/7"
        );
        assert_eq!(order.requisites.named_account().len(), 27);
        assert_eq!(order.requisites.kind(), OrderKind::Budget);
    }
}
