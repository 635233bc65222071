//! Bulk payments: the rows of a file, each of them a payment order with its own number.
//!
//! The number is the row's key: a row that is given again is the same order, whoever gives it and
//! however often. So a broken import is repeated, and pays what is missing.

pub(crate) mod client;
pub(crate) mod command_line;
mod import;
pub(crate) mod report;
pub(crate) mod rows;
pub(crate) mod run;
