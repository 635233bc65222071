//! JSON for the wire: borrowed reading, exact numbers, writing straight into a buffer.
//!
//! No tree of values is ever built: attackers choose the input, and the hot path pays for copies.

pub(crate) mod number;
pub(crate) mod read;
pub(crate) mod write;
