//! Orders in the words of the fiscal module and of the printer, and its refusals in those of tills.
//!
//! Pure. What an order must be like is checked in `chorsu_core::fiscal` before it comes here.

mod module_receipt;
mod paper;
mod refusal;

pub(super) use module_receipt::{module_receipt, registration};
pub(crate) use paper::{PaperParts, paper};
pub(crate) use refusal::fiscal_error;
pub(super) use refusal::refusal_text;
