//! The Subscribe API: cards and receipts over JSON-RPC, as the Payme SDKs speak it.
//!
//! A request's way: [`parse`] the bytes into a [`Call`], [`authorize`] it, [`decode`] its
//! parameters into a [`Request`]; then write an [`Answer`] or an [`RpcError`] in one envelope. The
//! HTTP status is always 200 and the content type `application/json`, whatever the answer is.

pub mod answer;
pub mod auth;
pub mod body;
mod card_problem;
pub mod catalogue;
mod decode;
mod encode;
pub mod error;
pub mod jsonrpc;
pub mod method;
pub mod relay;
pub mod request;
pub mod token;

pub use answer::{Answer, CardView, ReceiptView};
pub use auth::{Credentials, authorize};
pub use body::{BrokenBody, ReceiptBody};
pub use card_problem::{CardProblem, Stage};
pub use decode::decode;
pub use error::{ForeignError, RpcError};
pub use jsonrpc::{Call, Failure, parse, write_error, write_result};
pub use method::Method;
pub use relay::{Relayed, RelayedPay, decode_relayed};
pub use request::Request;
pub use token::TokenText;
