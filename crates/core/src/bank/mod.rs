//! Payment orders of a bank: who is paid, from which service, on which banking day.
//!
//! The rules here are those of the protocol "payments by requisites" and of Uzbek bank documents.
//! No ledger and no storage belongs here, and no wording of a wire: codes are numbers, texts are
//! the APIs' business.

mod account;
mod calendar;
mod code;
mod day;
mod digits;
mod directory;
mod directory_csv;
mod draft;
mod facts;
mod order;
mod party;
mod purpose;
mod requisites;
mod service;
mod status;
mod sum;
mod tax_id;
mod text;
mod warning;

pub use account::{BankAccount, BudgetAccount, TreasuryAccount};
pub use calendar::{BankCalendar, CalendarError};
pub use code::{BankCode, CodeMeaning};
pub use day::{BankDay, LocalTime};
pub use directory::{Bank, BankDirectory, Mfo};
pub use directory_csv::{CsvError, CsvProblem};
pub use draft::{Field, OrderDraft};
pub use facts::{
    Access, AccountFound, BankFound, DocumentDate, KeyFound, ReceiverLookup, ServiceFound,
};
pub use order::{DocId, NewOrder, OrderKey};
pub use party::{Party, TREASURY_ACCOUNT, TREASURY_INN, TREASURY_MFO, TREASURY_NAME};
pub use purpose::{PURPOSE_MAX, PurposeCode, budget_purpose};
pub use requisites::{OrderCard, OrderKind, Receiver, Requisites};
pub use service::{CardRule, ServiceId, ServiceNumber};
pub use status::{Direction, OrderState};
pub use sum::OrderSum;
pub use tax_id::{Inn, Pinfl, TaxId};
pub use text::{NAME_MAX, TextProblem, check_text, text_warnings};
pub use warning::{Warning, Warnings};
