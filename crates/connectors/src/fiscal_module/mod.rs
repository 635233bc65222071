//! The fiscal module: receipts and shifts registered with the tax committee's card in the till.
//!
//! It is reached by JSON-RPC over HTTP (FiscalDriveAPI). Requests and answers are pure;
//! [`FiscalModule`] sends them. A receipt is registered once for each TXID: whatever was lost, the
//! same receipt is sent again. An error code is read by the table of the module's applet and never
//! by that of another, for the same number means different things in both.

mod answer;
mod call;
mod error;
mod link;
mod local_time;
mod receipt;
mod refusal;
mod wire;

#[cfg(test)]
mod tests;

pub use answer::{LastReceipt, ModuleInfo, Registered, ShiftTotals, ZReport};
pub use call::ModuleCall;
pub use error::ModuleError;
pub use link::{FiscalModule, FiscalModuleSettings};
pub use local_time::LocalTime;
pub use receipt::{
    CommissionInfo, ExtraInfo, Item, Location, Receipt, ReceiptOperation, ReceiptType, RefundInfo,
};
pub use refusal::{Applet, ModuleRefusal, Refusal};
