//! The till API: bytes in, typed requests and bytes out.

mod answers;
mod bad_input;
mod bad_orders;
mod fixtures;
mod orders;
mod properties;
mod world;
