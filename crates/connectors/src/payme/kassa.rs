//! A kassa at Payme behind one of ours: cards and receipts of the Subscribe API, carried over.
//!
//! Card calls are passed on as they came and answered as Payme answers. Calls about receipts are
//! read word for word: what they mean for the money is said here and nowhere else. Cards' numbers
//! and tokens pass through; nothing is kept.

pub mod answer;
mod link;
pub mod request;

pub use answer::{KassaCard, KassaPage, Rejection, Told};
pub use link::{Asked, Cancelled, Confirmed, KassaLink, Paid, Standing};
pub use request::{CardMethod, KassaPayment, KassaReceipt, KassaRequests, KassaSettings, PAGE};
