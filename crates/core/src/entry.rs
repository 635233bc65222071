//! Ledger entries: sets of postings that cannot be built unbalanced.
//!
//! A posting's amount is signed: debit positive, credit negative, and an entry's postings sum to
//! zero. Entries are never changed; a correction is a new entry.

use crate::account::Account;
use crate::id::{DocumentId, OwnerId};
use crate::money::Tiyin;
use crate::time::UnixMillis;

/// Declares the kinds, so that each has its code once.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// Why an entry was made. Its code stands in the database and in the hash chain.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EntryKind {
            $($(#[$doc])* $name,)*
        }

        impl EntryKind {
            /// Every kind with its code.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $code),)*];

            /// The code of this kind.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The kind with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().find(|(_, known)| *known == code).map(|(kind, _)| *kind)
            }
        }
    };
}

kinds! {
    /// A receipt was paid: the network owes us, we owe the merchant.
    ReceiptPaid = "receipt_paid",
    /// A paid receipt was refunded: the exact reverse of [`EntryKind::ReceiptPaid`].
    ReceiptRefunded = "receipt_refunded",
    /// Money was held on the card.
    ReceiptHeld = "receipt_held",
    /// A hold ended, captured or released: the exact reverse of [`EntryKind::ReceiptHeld`].
    HoldEnded = "hold_ended",
    /// A payment at the till succeeded: the wallet or the network owes us, we owe the merchant.
    TillPaid = "till_paid",
    /// A payment at the till was reversed: the exact reverse of [`EntryKind::TillPaid`].
    TillReversed = "till_reversed",
    /// A payment order was accepted: its amount and commission are reserved.
    OrderAccepted = "order_accepted",
    /// A payment order was carried out: the reserved money left the bank.
    OrderPosted = "order_posted",
    /// A payment order was refused: what was reserved is free again.
    OrderDeleted = "order_deleted",
    /// Money came in on a service's account.
    BankReceived = "bank_received",
    /// Money came to a service's account from a network or a wallet that owed it, its bank took a
    /// commission, or money went from or to it without any document that explains it.
    BankMoved = "bank_moved",
    /// What a merchant is owed went to the service that pays it out.
    Settled = "settled",
    /// The money of a settlement's refused shares went from the service to suspense.
    SettlementHeld = "settlement_held",
    /// Refused shares are sent anew: their money is back on the service.
    SettlementResumed = "settlement_resumed",
}

impl EntryKind {
    /// Whether the document of such an entry is a receipt of the Subscribe API.
    #[must_use]
    pub const fn is_of_receipt(self) -> bool {
        matches!(
            self,
            Self::ReceiptPaid | Self::ReceiptRefunded | Self::ReceiptHeld | Self::HoldEnded
        )
    }
}

/// One line of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account it changes.
    pub account: Account,
    /// Tiyin; debit positive, credit negative, never zero.
    pub amount: i64,
}

/// The postings of an entry: at least two, none of zero, summing to zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balanced(Vec<Posting>);

/// Why postings do not make an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbalanced {
    /// Debits and credits differ.
    #[error("debits and credits differ")]
    Sum,
    /// A posting of nothing, or fewer than two postings.
    #[error("an entry needs two postings of more than nothing")]
    Empty,
}

impl Balanced {
    /// Postings that balance.
    ///
    /// # Errors
    /// [`Unbalanced`] says why they do not.
    pub fn new(postings: Vec<Posting>) -> Result<Self, Unbalanced> {
        if postings.len() < 2 || postings.iter().any(|posting| posting.amount == 0) {
            return Err(Unbalanced::Empty);
        }
        let sum: i128 = postings.iter().map(|posting| i128::from(posting.amount)).sum();
        if sum == 0 { Ok(Self(postings)) } else { Err(Unbalanced::Sum) }
    }

    /// The entry that moves `amount` from the credited to the debited account, of which
    /// `commission` goes to [`Account::Fees`] instead.
    ///
    /// `None` when the amount is zero or the commission is more than the amount.
    #[must_use]
    pub fn transfer(debit: Account, credit: Account, sums: Sums) -> Option<Self> {
        let net = sums.amount.checked_sub(sums.commission)?;
        let mut postings = vec![Posting { account: debit, amount: sums.amount.get() }];
        for (account, amount) in [(credit, net), (Account::Fees, sums.commission)] {
            if amount != Tiyin::ZERO {
                postings.push(Posting { account, amount: -amount.get() });
            }
        }
        Self::new(postings).ok()
    }

    /// The exact reverse of these postings.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self(self.0.iter().map(|p| Posting { account: p.account, amount: -p.amount }).collect())
    }

    /// The postings.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.0
    }
}

/// A gross amount and the commission within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    /// What the payer pays.
    pub amount: Tiyin,
    /// What of it is commission.
    pub commission: Tiyin,
}

/// An entry as decided, before a lane gives it its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Why.
    pub kind: EntryKind,
    /// For whom: the kassa or the bank partner whose document it is.
    pub owner: OwnerId,
    /// The document behind it.
    pub document: DocumentId,
    /// When.
    pub at: UnixMillis,
    /// What moved.
    pub postings: Balanced,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::KassaId;
    use crate::network::Network;

    fn posting(account: Account, amount: i64) -> Posting {
        Posting { account, amount }
    }

    #[test]
    fn unbalanced_postings_cannot_be_built() {
        let a = Account::Network(Network::Uzcard);
        let b = Account::Fees;
        let cases = [
            (vec![], Err(Unbalanced::Empty)),
            (vec![posting(a, 5)], Err(Unbalanced::Empty)),
            (vec![posting(a, 0), posting(b, 0)], Err(Unbalanced::Empty)),
            (vec![posting(a, 5), posting(b, -4)], Err(Unbalanced::Sum)),
            (vec![posting(a, i64::MAX), posting(a, i64::MAX), posting(b, 2)], Err(Unbalanced::Sum)),
            (vec![posting(a, 5), posting(b, -5)], Ok(())),
        ];
        for (postings, want) in cases {
            assert_eq!(Balanced::new(postings.clone()).map(|_| ()), want, "{postings:?}");
        }
    }

    #[test]
    fn a_transfer_splits_the_commission_and_reverses_exactly() {
        let merchant = Account::Merchant(KassaId([1; 12]));
        let network = Account::Network(Network::Humo);
        let tiyin = |value| Tiyin::new(value).unwrap();
        let sums = Sums { amount: tiyin(1000), commission: tiyin(15) };
        let entry = Balanced::transfer(network, merchant, sums).unwrap();
        let want = [posting(network, 1000), posting(merchant, -985), posting(Account::Fees, -15)];
        assert_eq!(entry.postings(), want);
        assert_eq!(entry.reversed().reversed(), entry);
        let free = Sums { amount: tiyin(1000), commission: Tiyin::ZERO };
        assert_eq!(Balanced::transfer(network, merchant, free).unwrap().postings().len(), 2);
        let greedy = Sums { amount: tiyin(1), commission: tiyin(2) };
        assert_eq!(Balanced::transfer(network, merchant, greedy), None);
    }

    #[test]
    fn codes_name_kinds() {
        for (kind, code) in EntryKind::ALL {
            assert_eq!((kind.code(), EntryKind::from_code(code)), (*code, Some(*kind)));
        }
    }
}
