//! Bytes of a request into what a till asks for, one function a call.
//!
//! Unknown fields are ignored. Every field that is wrong is reported, not only the first.
//! Whatever is accepted has bounds: texts, lists and sums.

mod banner;
mod body;
mod confirm;
mod extra;
mod field;
mod order;
mod payment;
mod product;
mod query;
mod zreport;

pub use confirm::{confirm, payme_confirm};
pub use order::{order, refund, stored_order};
pub use payment::{pinpad, scan};
pub use zreport::close_now as zreport_close_get;
pub use zreport::{close as zreport_close, info as zreport_info, open as zreport_open};
