//! The wallets' connectors against what goes over their wires, and the transport under them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod answers;
mod fixture;
mod garbage;
mod kassa;
mod links;
mod requests;
mod script;
mod transport;
