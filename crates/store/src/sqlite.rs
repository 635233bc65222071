//! SQLite: the embedded default. One thread owns the writing connection, a few read.

pub(crate) mod book;
mod checkpoint;
mod days;
mod document;
mod durability;
mod open;
mod read;
mod read_document;
mod row;
mod statements;
pub(crate) mod verify;
mod write;

pub(crate) use open::Sqlite;
