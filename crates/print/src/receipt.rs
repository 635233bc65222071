//! The receipt: what stands on it and in which order.

use chorsu_core::Tiyin;

use crate::banner;
use crate::charset::FIXED_SPACE;
use crate::compose::Composer;
use crate::error::PrintError;
use crate::money::{fixed_money, moment, quantity};
use crate::page::{Page, PaperWidth, Style};
use crate::paper::{Item, PaymentLine, ReceiptKind, ReceiptPaper, Vat};
use crate::words::{Language, Words};

/// Columns that the details of a line stand further in.
const INDENT: usize = 2;

/// The receipt as a page of `width`, its own words in `language`.
///
/// The fiscal sign and the QR code are left out of advance and credit receipts, whatever
/// [`ReceiptPaper::fiscal`] says: the fiscal module signs neither.
///
/// # Errors
/// [`PrintError::TooLong`] when it has more lines than a page may have.
pub fn receipt_page(
    paper: &ReceiptPaper,
    width: PaperWidth,
    language: Language,
) -> Result<Page, PrintError> {
    let words = Words::of(language);
    let mut page = Composer::new(width);
    head(&mut page, paper, words);
    page.rule();
    for (index, item) in paper.items.iter().enumerate() {
        if page.is_full() {
            break;
        }
        goods(&mut page, index + 1, item, words);
    }
    page.rule();
    totals(&mut page, paper, words);
    page.rule();
    fiscal(&mut page, paper, words);
    banner::add(&mut page, &paper.banners);
    let number = paper.receipt_number.map(|number| format!(" № {number}")).unwrap_or_default();
    page.finish(format!("{}{number}", words.heading(paper.kind)), words.tag)
}

fn head(page: &mut Composer, paper: &ReceiptPaper, words: &Words) {
    page.center(&paper.seller.name, Style::Large);
    page.center(&paper.seller.address, Style::Plain);
    if !paper.seller.tax_number.is_empty() {
        page.center(&format!("{} {}", words.tax_number, paper.seller.tax_number), Style::Plain);
    }
    page.rule();
    page.center(words.heading(paper.kind), Style::Bold);
    if paper.copy {
        page.center(words.copy, Style::Bold);
    }
    if paper.trial {
        page.center(&format!("*** {} ***", words.trial), Style::Bold);
    }
    page.gap();
    if let Some(number) = paper.receipt_number {
        page.pair(0, words.receipt_number, &number.to_string(), Style::Plain);
    }
    page.pair_if(0, words.moment, &moment(&paper.date_time));
    page.pair_if(0, words.cashier, &paper.cashier);
    if let (ReceiptKind::Refund, Some(original)) = (paper.kind, &paper.original) {
        page.gap();
        page.pair(0, words.original, &original.receipt_number, Style::Plain);
        page.pair_if(INDENT, words.moment, &moment(&original.date_time));
        page.pair_if(INDENT, words.terminal, &original.terminal_id);
        page.pair_if(INDENT, words.fiscal_sign, &original.fiscal_sign);
    }
}

fn goods(page: &mut Composer, number: usize, item: &Item, words: &Words) {
    if number > 1 {
        page.gap();
    }
    page.left(0, &format!("{number}. {}", item.name), Style::Plain);
    let unit = if item.unit.is_empty() { String::new() } else { format!(" {}", item.unit) };
    let count = quantity(item.quantity_thousandths);
    let counted = format!("{count}{unit} × {}", fixed_money(item.unit_price));
    let price = format!("={FIXED_SPACE}{}", fixed_money(item.price));
    page.pair(INDENT, &counted, &price, Style::Bold);
    less_if(page, words.discount, item.discount);
    less_if(page, words.other_means, item.other);
    match item.vat {
        Vat::None => page.left(INDENT, words.no_vat, Style::Plain),
        Vat::Rate { percent, amount } => {
            let label = format!("{} {percent}%", words.vat);
            page.pair(INDENT, &label, &fixed_money(amount), Style::Plain);
        }
    }
    page.pair_if(INDENT, words.class_code, &item.class_code);
    page.pair_if(INDENT, words.barcode, &item.barcode);
    for label in &item.labels {
        page.pair_if(INDENT, words.marking, label);
    }
}

fn totals(page: &mut Composer, paper: &ReceiptPaper, words: &Words) {
    page.pair(0, words.total, &fixed_money(paper.total), Style::Large);
    money_if(page, words.discount, paper.discount);
    page.pair(0, words.vat_total, &fixed_money(paper.vat), Style::Plain);
    page.gap();
    money_if(page, words.cash, paper.cash);
    money_if(page, words.card, paper.card);
    for payment in &paper.payments {
        means(page, payment, words);
    }
    money_if(page, words.change, paper.change);
    for note in paper.prices.iter().filter(|note| !note.name.trim().is_empty()) {
        page.pair(0, &note.name, &fixed_money(note.amount), Style::Plain);
    }
}

fn means(page: &mut Composer, payment: &PaymentLine, words: &Words) {
    let amount = payment.amount.map(fixed_money).unwrap_or_default();
    page.pair(INDENT, &payment.means, &amount, Style::Plain);
    let details = [
        (words.card_number, &payment.card_number),
        ("RRN", &payment.rrn),
        (words.payment_id, &payment.payment_id),
    ];
    for (label, value) in details {
        page.pair_if(2 * INDENT, label, value.as_deref().unwrap_or_default());
    }
}

fn fiscal(page: &mut Composer, paper: &ReceiptPaper, words: &Words) {
    page.pair_if(0, words.terminal, &paper.terminal_id);
    let is_signed = matches!(paper.kind, ReceiptKind::Sale | ReceiptKind::Refund);
    let Some(mark) = paper.fiscal.as_ref().filter(|_| is_signed) else { return };
    page.pair_if(0, words.fiscal_sign, &mark.sign);
    if !mark.qr_url.is_empty() {
        page.gap();
        page.center(words.check, Style::Plain);
        page.qr(&mark.qr_url);
    }
}

fn money_if(page: &mut Composer, label: &str, amount: Tiyin) {
    if amount != Tiyin::ZERO {
        page.pair(0, label, &fixed_money(amount), Style::Plain);
    }
}

fn less_if(page: &mut Composer, label: &str, amount: Tiyin) {
    if amount != Tiyin::ZERO {
        page.pair(INDENT, label, &format!("−{}", fixed_money(amount)), Style::Plain);
    }
}
