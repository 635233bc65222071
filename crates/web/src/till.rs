//! The sandbox's page for the till at `/sandbox/till`: codes to scan, and what wallets, pinpad and
//! fiscal module have in their books.

mod customer;
mod fault;
mod panels;
mod view;

use askama::Template;
use chorsu_core::Wallet;

use crate::language::Language;
use crate::qr::Qr;
use crate::sandbox::FaultLine;
use crate::tab::SandboxTab;
use crate::texts::TillTexts;

pub use customer::{Customer, PinpadCustomer};
pub use fault::{CommonFault, Counterparty, FaultChoice, FaultProblem, FaultyCalls};
pub use panels::{
    CodePanel, FiscalMark, ModulePanel, PaymentLine, PinpadPanel, PinpadSums, ReceiptLine, Scan,
    WalletPanel,
};

use view::TillTemplate;

/// The till's page.
///
/// It is shown again with the same code by `wallet`, `customer` and `seed` in its query. Each form
/// posts these and `lang`, urlencoded, to `/sandbox/forms/till/…`: to `code` the `wallet` and the
/// `customer` of a new code (no `seed`), to `card` a `card` ([`PinpadCustomer::tag`]), to `module`
/// a `switch` (`connect`, `disconnect`, `online`, `offline`), to `fault` `at`, `fault`, `calls` and
/// `times` (`1`, `3`, `always`), and to `clear` the `at` of the faults to clear.
#[derive(Clone, Debug)]
pub struct TillPage<'a> {
    /// The visitor's language.
    pub language: Language,
    /// Where this installation is reached, without a slash at the end.
    pub base_url: &'a str,
    /// The code on the customer's telephone.
    pub code: CodePanel<'a>,
    /// The newest payments, the newest first.
    pub payments: Vec<PaymentLine<'a>>,
    /// The wallets.
    pub wallets: Vec<WalletPanel<'a>>,
    /// The pinpad.
    pub pinpad: PinpadPanel,
    /// The fiscal module.
    pub module: ModulePanel<'a>,
    /// What goes wrong where.
    pub faults: Vec<(Counterparty, Vec<FaultLine<'a>>)>,
    /// The form for another fault.
    pub choice: FaultChoice,
}

impl CodePanel<'_> {
    /// The query that shows the page with this code again.
    #[must_use]
    pub fn query(wallet: Wallet, customer: Customer, seed: &str) -> String {
        format!("wallet={}&customer={}&seed={seed}", wallet.name(), customer.tag())
    }
}

impl TillPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be written, for want of memory.
    pub fn render(&self) -> Result<String, askama::Error> {
        let code = &self.code;
        let query = CodePanel::query(code.wallet, code.customer, code.seed);
        let shell = SandboxTab::Till.shell(self.language, Some(&query));
        let here = shell.address(self.language).unwrap_or_default();
        let (t, w) = (shell.t, TillTexts::of(self.language));
        TillTemplate { shell, t, w, here, qr: Qr::of(code.code), page: self }.render()
    }
}

/// The wallet's own name.
pub(crate) const fn wallet_name(wallet: Wallet) -> &'static str {
    match wallet {
        Wallet::Click => "Click",
        Wallet::Payme => "Payme",
        Wallet::Uzum => "Uzum",
    }
}
