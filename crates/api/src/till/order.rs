//! An order as a till sends it: what goes on the fiscal receipt, and what is only printed or done.

use chorsu_core::Tiyin;
use chorsu_core::fiscal::FiscalOrder;

/// An order for `/order/create/` or `/order/refuse/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRequest {
    /// The till's number of the order.
    pub number: Option<i64>,
    /// The till's own id of the order.
    pub uuid: Option<String>,
    /// Who sells.
    pub cashier: Option<String>,
    /// What is registered.
    pub fiscal: FiscalOrder,
    /// Whether it was paid by a link made earlier.
    pub scan2pay_paid: bool,
    /// Whether to open the cash drawer.
    pub open_cashbox: bool,
    /// Whether to send the receipt by mail.
    pub send_email: bool,
    /// Where to.
    pub email: Option<String>,
    /// Whom to tell by SMS.
    pub sms_phone_number: Option<String>,
    /// Texts and codes to print under the receipt.
    pub banners: Vec<Banner>,
    /// Further lines to print.
    pub prices: Vec<PriceLine>,
}

/// Something to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// As what.
    pub kind: BannerKind,
    /// The text, or what the code says.
    pub data: String,
    /// Whether to cut the paper after it.
    pub cut: bool,
    /// How, where the till said it.
    pub style: Option<BannerStyle>,
}

/// How a [`Banner`] is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BannerKind {
    /// As text.
    Text,
    /// As a barcode.
    Barcode,
    /// As a QR code.
    QrCode,
}

impl BannerKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Text, Self::Barcode, Self::QrCode];

    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Barcode => "barcode",
            Self::QrCode => "qr_code",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The looks of a [`Banner`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BannerStyle {
    /// Width of a character.
    pub font_width: Option<u16>,
    /// Height of a character or of a barcode.
    pub font_height: Option<u16>,
    /// Bold.
    pub is_bold: bool,
}

/// A line that is printed and goes into no sum: how much was paid in which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceLine {
    /// Its name.
    pub name: String,
    /// Its kind, in the till's words.
    pub kind: Option<String>,
    /// How much.
    pub price: Tiyin,
    /// The name of the tax.
    pub vat_type: Option<String>,
    /// How much tax.
    pub vat_price: Tiyin,
}
