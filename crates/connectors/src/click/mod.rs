//! CLICK Pass: payments by a scanned code over the Click Merchant API, version 2.
//!
//! Building requests and reading answers is pure; [`ClickLink`] sends them. Amounts of payments are
//! in sums on this wire, those of fiscal items in tiyin.

pub mod answer;
mod items;
mod link;
pub mod request;

pub use items::{Commission, FiscalItem, FiscalItems};
pub use link::ClickLink;
pub use request::ClickSettings;
