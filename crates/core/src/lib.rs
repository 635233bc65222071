//! The heart of Chorsu: money, cards, receipts, the ledger and the decisions about them.
//!
//! This crate does no I/O, reads no clock and draws no random numbers: time, ids and random bytes
//! come in as arguments, so that every decision can be replayed. Its manifest proves it.

pub mod account;
pub mod card;
pub mod chain;
pub mod command;
pub mod decide;
pub mod entry;
pub mod id;
pub mod kassa;
pub mod money;
pub mod network;
pub mod otp;
pub mod plan;
pub mod receipt;
pub mod reject;
pub mod rows;
pub mod secret;
pub mod time;

pub use account::Account;
pub use card::{Card, Expiry, MaskedPan, Pan};
pub use command::Command;
pub use decide::decide;
pub use entry::{Entry, EntryKind};
pub use id::{CardId, KassaId, OperationId, ReceiptId};
pub use kassa::Kassa;
pub use money::Tiyin;
pub use network::Network;
pub use plan::{Plan, Reply};
pub use receipt::{Receipt, ReceiptState};
pub use reject::Reject;
pub use rows::Rows;
pub use time::UnixMillis;
