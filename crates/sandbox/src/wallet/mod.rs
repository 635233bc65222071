//! The played wallets whose codes a till scans: Click, Payme and Uzum, as HTTP servers.
//!
//! `customer` says who pays and how, `desk` decides over the records of a transaction, `click`,
//! `payme` and `uzum` are the protocols, pure, and `server` is the socket with its faults. The
//! protocols here are written anew and share nothing with the connectors that call them, so that a
//! mistake of one side does not hide in the other.

mod asked;
mod batch;
mod call;
mod click;
mod customer;
mod desk;
mod faults;
mod ids;
mod known;
mod number;
mod payme;
mod record;
mod server;
mod settings;
mod signature;
mod times;
mod uzum;
mod views;
mod world;

pub(crate) use batch::{WalletJob, settle};
pub use customer::{Conduct, issue_code};
pub use faults::{WalletCalls, WalletControls, WalletFault, WalletFaultRule};
pub use known::KnownPayment;
pub use settings::{
    ClickAccount, DEMO_CLICK, DEMO_PAYME, DEMO_UZUM, PaymeAccount, UzumAccount, WalletSettings,
};
pub use times::{WalletCallTime, WalletCallTimes};
pub use views::{WalletPayment, WalletTotals, WalletTransaction};
pub use world::WalletWorld;
