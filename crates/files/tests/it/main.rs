//! Files from outside: exports byte by byte and read back by other means, imports from samples,
//! from long files and from garbage.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod bulk_csv;
mod bulk_pain001;
mod bulk_sheet;
mod garbage;
mod golden;
mod one_c;
mod sample;
mod streaming;
mod tables;
mod xml;
