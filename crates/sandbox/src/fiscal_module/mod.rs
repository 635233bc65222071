//! The played fiscal modules: a FiscalDriveAPI server with any number of modules, one for each
//! factory id, made when first named.
//!
//! The desk is pure: records in, records and an answer out. A module keeps shifts, numbers, sums
//! and receipts as a card of the tax committee does, and a played tax committee acknowledges its
//! receipts, until it is told to stop. Terminal numbers begin with `ZZ`, so that none of them can
//! be taken for a real one.

mod call;
mod change;
mod desk;
mod faults;
mod record;
mod registration;
mod rules;
mod server;
mod views;
mod wire;
mod world;

#[cfg(test)]
mod tests;

pub use change::FiscalModuleChange;
pub use desk::FiscalLimits;
pub use faults::{FiscalCalls, FiscalControls, FiscalFault, FiscalFaultRule};
pub use views::{FiscalModuleView, FiscalReceiptView, FiscalSums};
pub use world::FiscalWorld;
