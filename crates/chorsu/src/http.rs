//! Everything that speaks HTTP to the outside.

mod checkout;
pub(crate) mod operations;
mod pages;
pub(crate) mod router;
pub(crate) mod sandbox;
mod sandbox_page;
pub(crate) mod server;
pub(crate) mod subscribe;
