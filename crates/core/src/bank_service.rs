//! Services of the bank API: accounts of partners from which money is paid out by requisites.

use std::sync::Arc;

use crate::bank::{CardRule, ServiceId};
use crate::id::PartnerId;
use crate::money::Tiyin;

/// A service with its money. `available` is a floor account: it is checked on this one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankService {
    /// Its number.
    pub id: ServiceId,
    /// Whose.
    pub partner: PartnerId,
    /// What it is called.
    pub name: Arc<str>,
    /// Whether it takes orders.
    pub activated: bool,
    /// Whether orders must name a card.
    pub cards: CardRule,
    /// The partner's account, 20 digits.
    pub account: Arc<str>,
    /// The code of the bank that keeps the account, 5 digits.
    pub mfo: Arc<str>,
    /// The name the account is held in.
    pub owner_name: Arc<str>,
    /// The tax number of the account's holder.
    pub inn: Arc<str>,
    /// What can be paid out.
    pub available: Tiyin,
    /// What is set aside for accepted orders.
    pub reserved: Tiyin,
    /// The number of the last line of its statement.
    pub last_line: i64,
}
