//! The fiscal receipt: what is sold, how it was paid for, and the arithmetic between the two.
//!
//! Pure types and rules. Nothing here asks a fiscal module or knows how an order is written on a
//! wire; sums are whole tiyin throughout.

pub mod extra;
pub mod item;
pub mod order;
pub mod rules;
pub mod time;
pub mod totals;
pub mod url;

pub use extra::{ExtraInfo, QrProvider};
pub use item::{Commission, FiscalItem, OwnerType, Quantity};
pub use order::{CardType, FiscalOrder, Operation, OrderKind};
pub use rules::{Checked, Fault, Warning};
pub use time::FiscalTime;
pub use totals::{Totals, vat_inside};
pub use url::{ReceiptPage, ReceiptUrl};
