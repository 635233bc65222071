//! What a receipt shows: a plain view, filled by whoever knows the sale.
//!
//! Nothing here is checked or summed up; texts may hold anything.

use chorsu_core::Tiyin;

/// Everything a receipt shows. All money is in tiyin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptPaper {
    /// Who sells.
    pub seller: Seller,
    /// What happened.
    pub kind: ReceiptKind,
    /// Whether this is printed again.
    pub copy: bool,
    /// Whether no real sale stands behind it: a sandbox says so on the paper.
    pub trial: bool,
    /// Who stands at the till; empty prints nothing.
    pub cashier: String,
    /// What was sold, in the order of the receipt.
    pub items: Vec<Item>,
    /// What is to be paid: prices less discounts and less `other`.
    pub total: Tiyin,
    /// All discounts; zero prints nothing.
    pub discount: Tiyin,
    /// The VAT inside of `total`.
    pub vat: Tiyin,
    /// Received in cash; zero prints nothing.
    pub cash: Tiyin,
    /// Received by card and wallets; zero prints nothing.
    pub card: Tiyin,
    /// Given back in cash; zero prints nothing.
    pub change: Tiyin,
    /// How the cashless part was paid.
    pub payments: Vec<PaymentLine>,
    /// Further lines of the till's own that go into no sum.
    pub prices: Vec<PriceNote>,
    /// The fiscal module, such as `UZ170703100597`.
    pub terminal_id: String,
    /// The receipt's number at the fiscal module; none before it has one.
    pub receipt_number: Option<u64>,
    /// The fiscal module's local time, `YYYYMMDDHHMMSS`; other forms are printed as they are.
    pub date_time: String,
    /// What makes the receipt fiscal. Never printed on an advance or a credit receipt, which the
    /// fiscal module gives no sign.
    pub fiscal: Option<FiscalMark>,
    /// For a refund: the receipt it refers to.
    pub original: Option<OriginalReceipt>,
    /// What the till adds below.
    pub banners: Vec<Banner>,
}

/// The seller as printed at the top; empty fields print nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seller {
    /// Trade or legal name.
    pub name: String,
    /// Tax number (INN, 9 digits; PINFL, 14).
    pub tax_number: String,
    /// Where the till stands.
    pub address: String,
}

/// What a receipt is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptKind {
    /// Goods for money.
    Sale,
    /// Money back.
    Refund,
    /// Money before the goods.
    Prepaid,
    /// Goods before the money.
    Credit,
}

/// One line of goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Name as in the catalogue.
    pub name: String,
    /// IKPU, 17 digits; empty prints nothing.
    pub class_code: String,
    /// Barcode of the goods; empty prints nothing.
    pub barcode: String,
    /// Thousandths of a unit: 1,500 is one and a half.
    pub quantity_thousandths: i64,
    /// Unit, such as `шт` or `kg`; may be empty.
    pub unit: String,
    /// Price of one unit, tiyin.
    pub unit_price: Tiyin,
    /// Price of the whole line before discount, tiyin.
    pub price: Tiyin,
    /// Discount on the line, tiyin; zero prints nothing.
    pub discount: Tiyin,
    /// Part paid by something that is neither cash nor card, tiyin; zero prints nothing.
    pub other: Tiyin,
    /// VAT inside of the line.
    pub vat: Vat,
    /// Marking codes.
    pub labels: Vec<String>,
}

/// The VAT of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vat {
    /// Not subject to VAT.
    None,
    /// A rate, zero included.
    Rate {
        /// Per cent.
        percent: u8,
        /// Amount inside of the price, tiyin.
        amount: Tiyin,
    },
}

/// One way the cashless part was paid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentLine {
    /// Wallet or card network: `Click`, `Payme`, `Uzum`, `HUMO`.
    pub means: String,
    /// How much of the receipt, tiyin; none prints the name alone.
    pub amount: Option<Tiyin>,
    /// The provider's payment id.
    pub payment_id: Option<String>,
    /// The pinpad's retrieval reference number.
    pub rrn: Option<String>,
    /// Masked card number.
    pub card_number: Option<String>,
}

/// A line with a sum that is printed below the payments and counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceNote {
    /// What it says; an empty one is not printed.
    pub name: String,
    /// Tiyin.
    pub amount: Tiyin,
}

/// The fiscal module's proof of registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiscalMark {
    /// 12 digits, may begin with zero.
    pub sign: String,
    /// The address that the QR code leads to.
    pub qr_url: String,
}

/// The receipt that a refund refers to; empty fields print nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginalReceipt {
    /// Its fiscal module.
    pub terminal_id: String,
    /// Its number there.
    pub receipt_number: String,
    /// Its time, `YYYYMMDDHHMMSS`.
    pub date_time: String,
    /// Its fiscal sign.
    pub fiscal_sign: String,
}

/// Something the till adds to a receipt or prints alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// What is printed.
    pub content: BannerContent,
    /// Whether text is bold.
    pub bold: bool,
    /// Whether the paper is cut after it.
    pub cut: bool,
}

/// What a banner shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BannerContent {
    /// Text; its line ends are kept.
    Text(String),
    /// A Code 128 barcode; what Code 128 has no signs for is printed as text.
    Barcode(String),
    /// A QR code; what is too long for one is printed as text.
    QrCode(String),
}
