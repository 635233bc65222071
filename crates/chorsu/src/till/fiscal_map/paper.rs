//! A registered receipt as its paper shows it.

use chorsu_api::till::{BannerKind, OrderRequest};
use chorsu_core::fiscal::{Operation, OrderKind, QrProvider, Totals};
use chorsu_core::fiscal_receipt::Registration;
use chorsu_core::{Network, Provider, TillPayment, Tiyin};
use chorsu_print::{
    Banner, BannerContent, FiscalMark, Item, Language, OriginalReceipt, PaymentLine, PriceNote,
    ReceiptKind, ReceiptPaper, Seller, Vat,
};

use crate::till::registry::Till;

/// Everything a receipt's paper is made of.
#[derive(Clone, Copy)]
pub(crate) struct PaperParts<'a> {
    /// Whose receipt.
    pub(crate) till: &'a Till,
    /// What was asked for.
    pub(crate) order: &'a OrderRequest,
    /// What the module made of it.
    pub(crate) registration: &'a Registration,
    /// The payment behind it, if Chorsu knows it.
    pub(crate) payment: Option<&'a TillPayment>,
    /// Whether it is printed again.
    pub(crate) copy: bool,
    /// Whether no real sale stands behind it.
    pub(crate) trial: bool,
}

/// The paper, its own words in `language`.
#[must_use]
pub(crate) fn paper(parts: &PaperParts<'_>, language: Language) -> ReceiptPaper {
    let PaperParts { till, order, registration, copy, trial, .. } = *parts;
    let fiscal = &order.fiscal;
    // It was checked before it was drafted, so its sums fit.
    let add = |totals: Totals, item| totals.with(item);
    let totals = fiscal.items.iter().try_fold(Totals::ZERO, add).unwrap_or(Totals::ZERO);
    ReceiptPaper {
        seller: Seller {
            name: till.name.clone(),
            tax_number: till.inn.clone(),
            address: till.address.clone(),
        },
        kind: kind(fiscal.kind, &fiscal.operation),
        copy,
        trial,
        cashier: order.cashier.clone().unwrap_or_default(),
        items: items(order),
        total: totals.due,
        discount: totals.discount,
        vat: totals.vat,
        cash: fiscal.received_cash,
        card: fiscal.received_card,
        change: fiscal.change,
        payments: payments(parts, language),
        prices: order.prices.iter().map(price_note).collect(),
        terminal_id: registration.terminal.to_string(),
        receipt_number: u64::try_from(registration.number).ok(),
        date_time: registration.date_time.to_string(),
        fiscal: (!registration.url.is_empty()).then(|| FiscalMark {
            sign: registration.sign.to_string(),
            qr_url: registration.url.to_string(),
        }),
        original: original(&fiscal.operation),
        banners: order.banners.iter().map(banner).collect(),
    }
}

const fn kind(kind: OrderKind, operation: &Operation) -> ReceiptKind {
    match (operation, kind) {
        (Operation::Refund { .. }, _) => ReceiptKind::Refund,
        (Operation::Sale, OrderKind::Order) => ReceiptKind::Sale,
        (Operation::Sale, OrderKind::Prepaid) => ReceiptKind::Prepaid,
        (Operation::Sale, OrderKind::Credit) => ReceiptKind::Credit,
    }
}

fn items(order: &OrderRequest) -> Vec<Item> {
    let item = |item: &chorsu_core::fiscal::FiscalItem| Item {
        name: item.name.clone(),
        class_code: item.class_code.clone(),
        barcode: item.barcode.clone(),
        quantity_thousandths: item.quantity.thousandths(),
        unit: item.unit_name.clone(),
        unit_price: item.unit_price,
        price: item.price,
        discount: item.discount,
        other: item.other,
        vat: item.vat_percent.map_or(Vat::None, |percent| Vat::Rate { percent, amount: item.vat }),
        labels: item.labels.clone(),
    };
    order.fiscal.items.iter().map(item).collect()
}

/// The wallet and the card that paid. With both of them, only the linked payment's part is known.
fn payments(parts: &PaperParts<'_>, language: Language) -> Vec<PaymentLine> {
    let fiscal = &parts.order.fiscal;
    let extra = &fiscal.extra;
    let is_alone = extra.qr_payment_id.is_none() || fiscal.ppt_id.is_none();
    let amount = |provider: fn(Provider) -> bool| match parts.payment {
        Some(payment) if provider(payment.provider) => Some(payment.amount),
        _ if is_alone => Some(fiscal.received_card).filter(|amount| *amount > Tiyin::ZERO),
        _ => None,
    };
    let wallet = extra.qr_payment_id.as_ref().map(|id| PaymentLine {
        means: extra.qr_payment_provider.map_or_else(String::new, wallet_name),
        amount: amount(|provider| matches!(provider, Provider::Wallet(_))),
        payment_id: Some(id.clone()),
        ..PaymentLine::default()
    });
    let pinpad = fiscal.ppt_id.as_ref().map(|rrn| PaymentLine {
        means: card_name(parts.payment, language).to_owned(),
        amount: amount(|provider| matches!(provider, Provider::Pinpad(_))),
        rrn: Some(rrn.clone()),
        ..PaymentLine::default()
    });
    wallet.into_iter().chain(pinpad).collect()
}

fn wallet_name(provider: QrProvider) -> String {
    let name = match provider {
        QrProvider::Click => "Click",
        QrProvider::Payme => "Payme",
        QrProvider::Uzum => "Uzum",
        QrProvider::Anor => "Anor",
        QrProvider::Other(code) => return code.to_string(),
    };
    name.to_owned()
}

/// The network of the card, as far as it is known.
const fn card_name(payment: Option<&TillPayment>, language: Language) -> &'static str {
    match (payment, language) {
        (Some(TillPayment { provider: Provider::Pinpad(Network::Humo), .. }), _) => "HUMO",
        (Some(TillPayment { provider: Provider::Pinpad(Network::Uzcard), .. }), _) => "UZCARD",
        (_, Language::Russian) => "Банковская карта",
        (_, Language::Uzbek) => "Bank kartasi",
    }
}

fn price_note(price: &chorsu_api::till::PriceLine) -> PriceNote {
    PriceNote { name: price.name.clone(), amount: price.price }
}

fn original(operation: &Operation) -> Option<OriginalReceipt> {
    let Operation::Refund { original } = operation else { return None };
    Some(OriginalReceipt {
        terminal_id: original.terminal().to_owned(),
        receipt_number: original.number().to_string(),
        date_time: original.time().compact(),
        fiscal_sign: original.sign().to_owned(),
    })
}

fn banner(banner: &chorsu_api::till::Banner) -> Banner {
    let data = banner.data.clone();
    Banner {
        content: match banner.kind {
            BannerKind::Text => BannerContent::Text(data),
            BannerKind::Barcode => BannerContent::Barcode(data),
            BannerKind::QrCode => BannerContent::QrCode(data),
        },
        bold: banner.style.is_some_and(|style| style.is_bold),
        cut: banner.cut,
    }
}
