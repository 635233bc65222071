//! Connectors: how Chorsu reaches its counterparties, over their own protocols.
//!
//! A connector is always the production code; in sandbox mode it only gets another address. It
//! keeps nothing durable and decides nothing about money: it says what the other side answered, or
//! what can and what cannot be known when no usable answer came.

pub mod card;
pub mod effect;
pub mod iso8583;

pub use effect::Effect;
