//! The protocols Chorsu serves, as pure functions: bytes in, a typed request out; an outcome in,
//! bytes out.
//!
//! This crate meets whatever the network sends, so nothing here does I/O, keeps state, recurses
//! along the input or copies what it can borrow. Sums are read from their digits, never through a
//! floating point number.

pub mod bank;
mod json;
pub mod language;
pub mod subscribe;
pub mod till;

pub use language::Language;
