//! Everything that speaks HTTP to the outside.

mod bank;
mod body;
mod checkout;
pub(crate) mod operations;
mod pages;
pub(crate) mod router;
pub(crate) mod sandbox;
mod sandbox_bank;
mod sandbox_page;
mod sandbox_till;
pub(crate) mod server;
pub(crate) mod subscribe;
mod till;
pub(crate) mod till_guard;
mod v1;
