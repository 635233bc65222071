//! Pinpads: a configured program is run for each operation, and its slip says what happened.
//!
//! Reading a slip and judging it are pure; [`Pinpad`] is the program, one operation at a time.
//! An approval needs the approved word, an approved code and the amount that was asked for. A slip
//! that is missing, old, cut off or not understood is never taken for a yes or a no.

mod code;
mod command;
mod device;
mod error;
mod judge;
mod label;
mod process;
mod slip;
mod slip_file;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use code::{CodeMeaning, DeclineReason, code_meaning};
pub use command::{CommandTemplate, PinpadOperation, TemplateError};
pub use device::{Pinpad, PinpadSettings, SlipSource};
pub use error::{Doubt, PinpadError};
pub use judge::{Answer, Approval, Asked, Decline, LastSlip, judge, judge_last};
pub use slip::{Slip, SlipKind, SlipWord};
pub use text::decode_slip;
pub use value::Rrn;
