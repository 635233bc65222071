//! Everything an accepted order says about itself, except who it belongs to and what it costs.

use std::borrow::Cow;
use std::sync::Arc;

use super::account::{BankAccount, BudgetAccount};
use super::directory::Mfo;
use super::party::Party;
use super::purpose::{PurposeCode, budget_purpose};
use super::tax_id::TaxId;
use super::warning::Warnings;
use crate::card::MaskedPan;
use crate::network::Network;

/// The two kinds of orders, each with a method of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderKind {
    /// To an account at a bank.
    Ordinary,
    /// To a budget organisation, through the treasury.
    Budget,
}

/// Who is paid, as the request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// An account at a bank.
    Ordinary {
        /// The receiver's name.
        name: Arc<str>,
        /// The receiver's bank.
        mfo: Mfo,
        /// The receiver's account.
        account: BankAccount,
        /// The receiver's taxpayer number.
        tax_id: Option<TaxId>,
    },
    /// A budget organisation.
    Budget {
        /// Its account in the treasury.
        account: BudgetAccount,
        /// Its taxpayer number.
        tax_id: TaxId,
        /// The code of the purpose.
        code: PurposeCode,
    },
}

/// The card that paid for an order. Services may ask for all of it or for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderCard {
    /// The number under which the card's network knows the payment.
    pub reference: Option<Arc<str>>,
    /// The network.
    pub network: Option<Network>,
    /// The card, masked: the whole number is not kept.
    pub masked: Option<MaskedPan>,
}

/// What an order says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requisites {
    /// Who is paid.
    pub receiver: Receiver,
    /// What for, as the request says it.
    pub purpose: Arc<str>,
    /// The card that paid.
    pub card: OrderCard,
    /// Who pays; filled in when the order is accepted, from the service it belongs to.
    pub payer: Option<Party>,
    /// What is odd about the order.
    pub warnings: Warnings,
}

impl Requisites {
    /// Which kind of order it is.
    #[must_use]
    pub const fn kind(&self) -> OrderKind {
        match self.receiver {
            Receiver::Ordinary { .. } => OrderKind::Ordinary,
            Receiver::Budget { .. } => OrderKind::Budget,
        }
    }

    /// The account the request names, 20 or 27 digits.
    #[must_use]
    pub fn named_account(&self) -> &str {
        match &self.receiver {
            Receiver::Ordinary { account, .. } => account.as_str(),
            Receiver::Budget { account, .. } => account.as_str(),
        }
    }

    /// The receiver as the document and the statement name it: for budget orders the treasury.
    #[must_use]
    pub fn document_receiver(&self) -> Party {
        match &self.receiver {
            Receiver::Ordinary { name, mfo, account, tax_id } => {
                Party { mfo: *mfo, account: *account, name: name.clone(), tax_id: *tax_id }
            }
            Receiver::Budget { .. } => Party::treasury(),
        }
    }

    /// The purpose as the document and the statement carry it: for budget orders with the
    /// organisation's account and number in front.
    #[must_use]
    pub fn document_purpose(&self) -> Cow<'_, str> {
        match &self.receiver {
            Receiver::Ordinary { .. } => Cow::Borrowed(&self.purpose),
            Receiver::Budget { account, tax_id, .. } => {
                Cow::Owned(budget_purpose(account, tax_id, &self.purpose))
            }
        }
    }
}
