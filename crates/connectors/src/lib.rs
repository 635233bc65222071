//! Connectors: how Chorsu reaches its counterparties, over their own protocols.
//!
//! A connector is always the production code; in sandbox mode it only gets another address. It
//! keeps nothing durable and decides nothing about money: it says what the other side answered, or
//! what can and what cannot be known when no usable answer came.

pub mod bank;
pub mod card;
pub mod click;
pub mod effect;
pub mod fiscal_module;
pub mod http;
pub mod iso8583;
pub mod payme;
pub mod pinpad;
mod reading;
pub mod secret;
mod signature;
pub mod uzum;
pub mod wallet;
mod writing;

pub use effect::Effect;
pub use reading::AnswerError;
pub use secret::Secret;
