//! One interface over the wallets that a till takes: Click, Payme and Uzum.
//!
//! It keeps nothing and repeats nothing on its own, with one exception that is each protocol's way
//! of asking. Callers make their intent durable first, journal what [`WalletLink::prepare`]
//! returned before they pay, and ask until there is an answer.

mod answer;
mod clock;
mod error;
mod link;
mod request;

pub use answer::{
    AskAnswer, CardOwner, FiscalAnswer, PayAnswer, Payment, Refusal, ReverseAnswer, Verdict,
};
pub(crate) use clock::unix_time;
pub use error::{RequestError, WalletError};
pub use link::{SETTLED_AFTER, WalletLink};
pub use request::{AskRequest, FiscalDelivery, PayRequest, ReverseRequest, Till, TransactionRef};
