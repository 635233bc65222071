//! Slips and verdicts, as a table; the spec's slip first.

mod fixtures;
mod slips;
mod verdicts;

/// The slip of the documented example, as ARCUS prints it.
pub(super) const SPEC: &str = include_str!("../../fixtures/pinpad/sale.approved.txt");

/// A slip in the bytes that come from the pinpad.
pub(super) fn windows_1251(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1251.encode(text).0.into_owned()
}
