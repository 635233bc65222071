//! The files people use: statements and settlement reports going out, bulk payments coming in.
//!
//! Everything here is a function over readers, writers and plain types of this crate. It opens no
//! file, knows no database and no HTTP, reads no clock, and decides nothing about money: what it
//! reads are wishes, what it writes are facts that it was given.
//!
//! Exports are written line by line ([`StatementFile`], [`SettlementFile`]) and checked while they
//! are written: a statement whose lines do not add up to its balances is not finished. Imports are
//! iterators ([`BulkRows`]) that give a payment or a sentence about what is wrong with it.

mod bounded;
pub mod bulk;
mod camt053;
mod cp1251;
mod day;
mod error;
mod format;
mod line_text;
mod one_c;
pub mod settlement;
pub mod statement;
mod statement_file;
mod statement_table;
mod sums;
mod table;
mod xml_elements;

pub use bulk::{BulkError, BulkFormat, BulkRow, BulkRows, Column, FileError, Problem, RowError};
pub use day::Day;
pub use error::{ExportError, SourceError};
pub use format::{CsvStyle, OneCEncoding, StatementFormat, TableFormat};
pub use settlement::{SettlementFile, SettlementReport, SettlementRow, Share};
pub use statement::{Direction, Line, Party, Statement};
pub use statement_file::{StatementFile, write_statement, write_statements};
