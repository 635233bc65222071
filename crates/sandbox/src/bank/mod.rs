//! What the played networks know and how they decide: cards, operations and the rules between.
//!
//! Everything here is pure: records in, records and an answer out. No sockets, no clock, and no
//! whole card number: a card is known by the first half of SHA-256 of its network and number.

mod call;
mod card;
mod desk;
mod follow;
mod operation;
mod published;
mod shelf;
mod sight;
mod text;
mod totals;
mod views;

#[cfg(test)]
mod tests;

pub(crate) use call::{Call, FollowUp, HostAnswer, Opening};
pub(crate) use desk::Desk;
pub(crate) use operation::{Kind, Operation, Verdict, auth_code, kinds, rrn};
pub use published::is_published_test_card;
pub(crate) use shelf::{Halt, Shelf};
pub(crate) use sight::{Sight, card_key};
pub(crate) use text::tiyin as tiyin_text;
pub(crate) use totals::totals_key;
pub use views::{CardChange, CardView, OperationView, TotalsView};
