//! Payme over its Subscribe API: payments by a scanned code (Payme Go), and a whole kassa.
//!
//! A payment by a code is two calls: a receipt is created, which takes no money, and then paid with the
//! scanned code for a token. Building requests and reading answers is pure; [`PaymeLink`] sends
//! them.

pub mod answer;
pub mod kassa;
mod link;
mod refusal;
pub mod request;

pub use link::PaymeLink;
pub use refusal::{Meaning, meaning};
pub use request::PaymeSettings;
