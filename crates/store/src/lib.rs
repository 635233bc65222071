//! The durable side of Chorsu: the only crate that contains SQL.
//!
//! One [`Store`], two backends. Writers go through lanes that put many commands into one
//! transaction and one flush to disk; an answer is given only when its commit is durable. This
//! crate decides nothing: `chorsu_core::decide` does.

mod batch;
pub mod book;
mod days;
mod document_json;
mod error;
mod kassa_json;
mod lane;
mod migrate;
mod postgres;
mod range;
mod recent;
mod register;
mod service_json;
mod sqlite;
mod store;
pub mod verify;

pub use error::{PostgresFailure, StoreError, SubmitError};
pub use lane::LaneStats;
pub use range::{DocumentRange, ReceiptRange, StatementRange, StatementSums};
pub use register::Register;
pub use store::{BankEntry, IdempotencyRecord, LEASE_MS, OpenOptions, Store, VaultKey};
