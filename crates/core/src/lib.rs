//! The heart of Chorsu: money, cards, receipts, the ledger and the decisions about them.
//!
//! This crate does no I/O, reads no clock and draws no random numbers: time, ids and random bytes
//! come in as arguments, so that every decision can be replayed. Its manifest proves it.

#[macro_use]
mod numbered;

pub mod account;
pub mod acquirer;
pub mod bank;
pub mod bank_service;
pub mod card;
pub mod chain;
pub mod command;
pub mod decide;
pub mod document;
pub mod entry;
pub mod fiscal;
pub mod fiscal_receipt;
pub mod id;
pub mod kassa;
pub mod money;
pub mod movement;
pub mod network;
pub mod order;
pub mod otp;
pub mod plan;
pub mod provider;
pub mod receipt;
pub mod reject;
pub mod rows;
pub mod secret;
pub mod settlement;
pub mod shift;
pub mod step;
pub mod till;
pub mod time;

pub use account::Account;
pub use acquirer::Acquirer;
pub use bank::ServiceId;
pub use bank_service::BankService;
pub use card::{Card, Expiry, MaskedPan, Pan};
pub use command::Command;
pub use decide::decide;
pub use document::{Document, DocumentKind};
pub use entry::{Entry, EntryKind};
pub use id::{CardId, DocumentId, KassaId, OperationId, OwnerId, PartnerId, ReceiptId};
pub use kassa::Kassa;
pub use money::Tiyin;
pub use network::Network;
pub use plan::{Plan, Reply};
pub use provider::{Provider, Wallet};
pub use receipt::{Receipt, ReceiptState};
pub use reject::Reject;
pub use rows::Rows;
pub use till::TillPayment;
pub use time::UnixMillis;
