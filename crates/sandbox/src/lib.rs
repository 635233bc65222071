//! The sandbox: the other side of Chorsu's protocols, played over real sockets.
//!
//! Here are the two card networks, UZCARD and HUMO, with their cards, rules and faults, the wallets
//! Click, Payme and Uzum, the SMS inbox and the clock that can be turned forward. Whole card numbers
//! are neither stored nor logged, here as little as anywhere. Nothing of this crate may be
//! reachable in live mode.

mod bank;
mod book;
mod clock;
mod control;
mod controls;
pub mod fiscal_module;
mod host;
mod keeper;
mod memory;
pub mod pinpad;
mod rules;
mod sms;
mod wallet;

pub use bank::{CardChange, CardView, OperationView, TotalsView, is_published_test_card};
pub use book::{Book, BookError, RecordId, RecordKey, Records};
pub use clock::{Clock, SandboxClock};
pub use control::{ControlError, Sandbox};
pub use controls::Controls;
pub use host::{Fault, FaultCalls, FaultRule, HostControls, NetworkHost};
pub use keeper::Keeper;
pub use memory::MemoryBook;
pub use rules::{Rule, Rules};
pub use sms::{Sms, SmsInbox};
pub use wallet::{
    ClickAccount, Conduct, DEMO_CLICK, DEMO_PAYME, DEMO_UZUM, KnownPayment, PaymeAccount,
    UzumAccount, WalletCallTime, WalletCallTimes, WalletCalls, WalletControls, WalletFault,
    WalletFaultRule, WalletPayment, WalletSettings, WalletTotals, WalletTransaction, WalletWorld,
    issue_code,
};
