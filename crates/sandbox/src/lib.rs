//! The sandbox: the other side of Chorsu's protocols, played over real sockets.
//!
//! Here are the two card networks, UZCARD and HUMO, with their cards, rules and faults, the SMS
//! inbox and the clock that can be turned forward. Whole card numbers are neither stored nor
//! logged, here as little as anywhere. Nothing of this crate may be reachable in live mode.

mod bank;
mod book;
mod clock;
mod control;
mod host;
mod keeper;
mod memory;
mod sms;

pub use bank::{CardChange, CardView, OperationView, TotalsView, is_published_test_card};
pub use book::{Book, BookError, RecordId, RecordKey, Records};
pub use clock::{Clock, SandboxClock};
pub use control::{ControlError, Sandbox};
pub use host::{Fault, FaultCalls, FaultRule, HostControls, NetworkHost};
pub use keeper::Keeper;
pub use memory::MemoryBook;
pub use sms::{Sms, SmsInbox};
