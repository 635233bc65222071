//! Receipts as a till prints them: text of a paper's width, PNG, PDF.
//!
//! A page is composed once on a grid of columns ([`receipt_page`], [`slip_page`],
//! [`banner_page`]) and then written out in any of the three forms ([`Page::to_text`],
//! [`Page::to_png`], [`Page::to_pdf`]). Everything here is a pure function: no clock, no file, no
//! network, the same bytes for the same view.
//!
//! This crate does not decide what a receipt says: sums, VAT and the fiscal sign come ready-made.
//! Every text is taken for hostile and passes [`charset`] before it touches the grid.

mod banner;
mod barcode;
mod charset;
mod compose;
mod error;
mod font;
mod money;
mod page;
mod paper;
mod pdf;
mod png;
mod qr;
mod receipt;
mod sheet;
mod slip;
mod text;
mod words;
mod wrap;

pub use banner::banner_page;
pub use error::PrintError;
pub use money::{money, quantity};
pub use page::{Page, PaperWidth};
pub use paper::{
    Banner, BannerContent, FiscalMark, Item, OriginalReceipt, PaymentLine, PriceNote, ReceiptKind,
    ReceiptPaper, Seller, Vat,
};
pub use receipt::receipt_page;
pub use slip::slip_page;
pub use words::Language;
