//! Uzum FastPay: payments by a scanned code.
//!
//! Building requests and reading answers is pure; [`UzumLink`] sends them. Our reference is the
//! order's id, and an order is paid at most once: that is how a lost answer is found again.

pub mod answer;
mod link;
mod refusal;
pub mod request;

pub use link::UzumLink;
pub use refusal::{Meaning, meaning, turned_away};
pub use request::UzumSettings;
