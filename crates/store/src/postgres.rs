//! PostgreSQL: the production backend. Any number of processes share one database.
//!
//! Each lane has a connection and a ledger chain of its own; reads go through connections beside
//! them. Lanes keep their chains by session locks, so the connections must be direct: a pooler that
//! hands a transaction to whichever session is free cannot stand in between.

pub(crate) mod book;
mod changes;
mod connect;
mod days;
mod document;
mod memory;
mod migrate;
mod open;
mod parameters;
mod read;
mod read_document;
mod row;
mod session;
mod statements;
pub(crate) mod verify;
mod write;
mod writer;

pub(crate) use open::Postgres;
