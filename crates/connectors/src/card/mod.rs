//! Card networks: what is asked of them, what they answer, and the link that carries both.
//!
//! Requests, answers, response codes and their way into messages are pure, and both ends of the
//! protocol share them; [`CardLink`] is the acquirer's end: one persistent connection, pipelined.
//! An answer that is not understood word for word is never taken for an approval or a refusal.

mod connection;
mod in_flight;
mod link;
pub mod private;
mod refusal;
mod request;
mod stamp;
pub mod wire;

pub use link::{CallError, CardLink, LinkSettings};
pub use refusal::{APPROVED, CardRefusal, IN_PROGRESS};
pub use request::{Approval, AuthCode, CardAnswer, CardRequest, Holder, Rrn};
pub use stamp::Stamp;
pub use wire::AnswerError;
