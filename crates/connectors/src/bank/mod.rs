//! A bank that speaks "payments by requisites": orders, their status, balance and statement.
//!
//! Requests and answers are pure; [`BankLink`] carries them. An answer is a refusal only when its
//! code says that nothing was created; whatever is not understood word for word leaves the order
//! unknown, to be asked for by its key. Nothing here repeats a request for an order.

mod answer;
mod error;
mod link;
mod request;
mod schedule;
mod statement;

#[cfg(test)]
mod tests;

pub use answer::{
    BankRefusal, OrderShown, ServiceShown, StatusAnswer, SubmitAnswer, read_balance, read_services,
    read_status, read_submit,
};
pub use error::BankError;
pub use link::BankLink;
pub use request::{BankSettings, Requests, StatementQuery, Submit};
pub use schedule::{POLL_STEPS, next_poll};
pub use statement::{Side, StatementEntry, last_id, read_statement};
