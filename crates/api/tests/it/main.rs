//! The crate as its caller sees it: bytes in, typed requests and bytes out.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod answers;
mod auth;
mod bad_input;
mod envelope;
mod fixtures;
mod properties;
mod requests;
mod till;
mod world;
