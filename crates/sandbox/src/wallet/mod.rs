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

/// A wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wallet {
    /// Click, by its Merchant API v2.
    Click,
    /// Payme, by the `receipts` methods of its Subscribe API.
    Payme,
    /// Uzum, by FastPay.
    Uzum,
}

impl Wallet {
    /// All wallets.
    pub const ALL: [Self; 3] = [Self::Click, Self::Payme, Self::Uzum];

    /// The name in routes and views: `click`, `payme`, `uzum`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Click => "click",
            Self::Payme => "payme",
            Self::Uzum => "uzum",
        }
    }

    /// The wallet of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wallet| wallet.name() == name)
    }
}
