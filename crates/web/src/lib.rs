//! The pages that Chorsu shows to people: start page, hosted checkout, sandbox, errors.
//!
//! Pure: view models go in, HTML comes out. No I/O, no clock, no routes. Every text is escaped by
//! the templates, every asset is embedded, and a page works without its script. A whole card
//! number has no place in a view model; the only ones on a page are the published test cards.

mod assets;
mod bank;
mod checkout;
pub mod form;
mod language;
mod mask;
mod moment;
mod money;
mod notice;
mod qr;
mod sandbox;
mod shell;
mod start;
mod tab;
mod terminal;
#[cfg(test)]
mod tests;
mod texts;
mod till;

pub use askama::Error as RenderError;
pub use assets::{ASSET_CACHE_CONTROL, Asset};
pub use bank::{AccountEnding, BankPage, BankTrouble, DemoPartner, OrderLine, ServiceLine};
pub use checkout::{
    AccountLine, CardProblem, CardStep, CheckoutPage, CheckoutStep, CodeProblem, CodeStep,
    ItemLine, Payment, ReceiptSummary, Refund, Refusal,
};
pub use language::Language;
pub use mask::MaskedPhone;
pub use money::{format_amount, parse_sum};
pub use notice::{ErrorPage, NotFoundPage};
pub use sandbox::{
    CardDetails, CardPanel, ClockPanel, FaultLine, NetworkPanel, SandboxPage, SmsLine,
};
pub use start::{DemoKassa, PUBLISHED_TEST_CARDS, StartPage, TestCard, TestCardMeaning};
pub use till::{
    CodePanel, CommonFault, Counterparty, Customer, FaultChoice, FaultProblem, FaultyCalls,
    FiscalMark, ModulePanel, PaymentLine, PinpadCustomer, PinpadPanel, PinpadSums, ReceiptLine,
    Scan, TillPage, WalletPanel,
};

/// The Content-Security-Policy of every page: own style, script and images, forms to ourselves,
/// nothing inline, nobody's frame.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; \
    script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// What else to send with every page: names and values of headers. Pages are never kept by a
/// cache, for they show payments and one-time tokens.
pub const PAGE_HEADERS: [(&str, &str); 4] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cache-control", "no-store"),
];
