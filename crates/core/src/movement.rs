//! Money that moved on a service's account at its bank and is no partner's: what networks and wallets
//! pay us, what the bank takes for orders, and what no document explains.

use std::sync::Arc;

use crate::account::Account;
use crate::bank::{Direction, ServiceId};
use crate::id::{DocumentId, PartnerId};
use crate::money::Tiyin;
use crate::time::UnixMillis;

/// A line of a bank's statement that changes what is at the bank, but not what a service has. It is
/// found under [`crate::order::Incoming::key`] of its reference, like all lines of statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Its id.
    pub id: DocumentId,
    /// The bank's number of it.
    pub reference: Arc<str>,
    /// On whose account it was seen.
    pub service: ServiceId,
    /// Whose service that is.
    pub partner: PartnerId,
    /// Which way the money went, seen from the bank's account.
    pub direction: Direction,
    /// Where it came from or went: a network, a wallet, fees, or suspense.
    pub account: Account,
    /// How much.
    pub amount: Tiyin,
    /// When.
    pub at: UnixMillis,
    /// The bank day, counted as [`UnixMillis::tashkent_day`].
    pub bank_day: i64,
    /// Both sides and the purpose, in JSON.
    pub parties: Arc<str>,
    /// Why it is in suspense, or of which order it is the bank's commission.
    pub reason: Option<Arc<str>>,
}
