//! The played wallets over real sockets: their protocols, their customers, faults and books.
#![expect(clippy::unwrap_used, reason = "a test may fail at any step")]

mod click;
mod customers;
mod faults;
mod payme;
mod stage;
mod uzum;
