//! Receipts and slips in all their forms, read back by decoders that are not ours.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod forms;
mod golden;
mod hostile;
mod sample;
