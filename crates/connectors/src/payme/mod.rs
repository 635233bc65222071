//! Payme Go: payments by a scanned code over the Payme Subscribe API.
//!
//! A payment is two calls: a receipt is created, which takes no money, and then paid with the
//! scanned code for a token. Building requests and reading answers is pure; [`PaymeLink`] sends
//! them.

pub mod answer;
mod link;
mod refusal;
pub mod request;

pub use link::PaymeLink;
pub use refusal::{Meaning, meaning};
pub use request::PaymeSettings;
