//! The till API: payments by scanned code and by pinpad, and the fiscal receipt.
//!
//! A request's way: one function of [`decode`] reads the bytes; one function of [`encode`] writes
//! the answer, or a [`TillError`] in the same envelope. The HTTP status is always 200 and the
//! content type `application/json`, whatever the answer is. Which till is meant stands in the
//! path and is the caller's business, as is everything that needs a clock or a store.

pub mod decode;
pub mod encode;
pub mod error;
pub mod module_fault;
pub mod order;
pub mod problems;
pub mod request;
pub mod unit;
pub mod view;

pub use error::TillError;
pub use order::{Banner, BannerKind, BannerStyle, OrderRequest, PriceLine};
pub use problems::Problems;
pub use request::{Confirm, PinpadPayment, ScanPayment, ZreportClose, ZreportInfo};
pub use unit::AmountUnit;
