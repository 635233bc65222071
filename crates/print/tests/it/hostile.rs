//! Whatever a text holds, every line fits the paper and nothing panics.

use proptest::prelude::*;

use crate::sample::{sale, text, tiyin};
use chorsu_print::{
    Banner, BannerContent, FiscalMark, Item, Language, Page, PaperWidth, PaymentLine, PriceNote,
    PrintError, ReceiptKind, ReceiptPaper, Seller, Vat, banner_page, receipt_page, slip_page,
};

/// Words of the kinds that have broken layouts.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[a-zA-Zа-яА-Яʻ ]{0,40}",
        Just("\u{202e}\u{2067}\u{200f}".to_owned()),
        Just("👨‍👩‍👧‍👦🇺🇿".to_owned()),
        Just("e\u{301}\u{302}\u{303}\u{489}".to_owned()),
        Just("W".repeat(200)),
        Just("﷽\u{a0}\u{2028}\t\r\n\u{0}\u{1b}[2J".to_owned()),
        Just(" ".repeat(70)),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn width() -> impl Strategy<Value = PaperWidth> {
    prop::sample::select(PaperWidth::ALL.to_vec())
}

fn item() -> impl Strategy<Value = Item> {
    (nasty(), nasty(), any::<i64>(), 0..=i64::MAX, any::<u8>()).prop_map(
        |(name, code, quantity, money, percent)| Item {
            name,
            class_code: code.clone(),
            barcode: code.clone(),
            quantity_thousandths: quantity,
            unit: code.clone(),
            unit_price: tiyin(money),
            price: tiyin(money),
            discount: tiyin(money),
            other: tiyin(money),
            vat: Vat::Rate { percent, amount: tiyin(money) },
            labels: vec![code],
        },
    )
}

fn banners() -> impl Strategy<Value = Vec<Banner>> {
    let content = (0..3, nasty()).prop_map(|(kind, text)| match kind {
        0 => BannerContent::Text(text),
        1 => BannerContent::Barcode(text),
        _ => BannerContent::QrCode(text),
    });
    let banner = (content, any::<bool>(), any::<bool>()).prop_map(|(content, bold, cut)| Banner {
        content,
        bold,
        cut,
    });
    prop::collection::vec(banner, 0..3)
}

prop_compose! {
    fn paper()(
        words in prop::collection::vec(nasty(), 8),
        items in prop::collection::vec(item(), 0..3),
        money in 0..=i64::MAX,
        kind in prop::sample::select(vec![ReceiptKind::Sale, ReceiptKind::Credit]),
        banners in banners(),
    ) -> ReceiptPaper {
        let [name, tax_number, address, cashier, means, id, sign, url] = &words[..] else {
            unreachable!("eight words were asked for")
        };
        ReceiptPaper {
            seller: Seller {
                name: name.clone(),
                tax_number: tax_number.clone(),
                address: address.clone(),
            },
            kind,
            cashier: cashier.clone(),
            items,
            total: tiyin(money),
            payments: vec![PaymentLine {
                means: means.clone(),
                amount: Some(tiyin(money)),
                payment_id: Some(id.clone()),
                rrn: Some(id.clone()),
                card_number: Some(id.clone()),
            }],
            prices: vec![PriceNote { name: means.clone(), amount: tiyin(money) }],
            terminal_id: id.clone(),
            date_time: id.clone(),
            fiscal: Some(FiscalMark { sign: sign.clone(), qr_url: url.clone() }),
            banners,
            ..sale()
        }
    }
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(count) }
}

/// Every line fits, and nothing on it could move what stands beside it.
fn fits(page: &Page) {
    let text = page.to_text();
    for line in text.lines() {
        assert!(line.chars().count() <= page.width().columns(), "{line:?}");
        assert!(!line.chars().any(|c| c.is_control() || ('\u{590}'..='\u{8ff}').contains(&c)));
        assert!(!line.chars().any(|c| ('\u{200b}'..='\u{200f}').contains(&c)), "{line:?}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn receipts_fit_whatever_they_say(paper in paper(), width in width()) {
        for language in [Language::Russian, Language::Uzbek] {
            fits(&receipt_page(&paper, width, language).unwrap());
        }
    }

    #[test]
    fn slips_and_banners_fit_whatever_they_say(
        slip in nasty(),
        banners in banners(),
        width in width(),
    ) {
        fits(&slip_page(&slip, width).unwrap());
        fits(&banner_page(&banners, width).unwrap());
    }
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn pictures_and_documents_are_made_of_anything(paper in paper(), width in width()) {
        let page = receipt_page(&paper, width, Language::Uzbek).unwrap();
        prop_assert!(page.to_png().unwrap().starts_with(b"\x89PNG"));
        prop_assert!(lopdf::Document::load_mem(&page.to_pdf()).is_ok());
    }
}

#[test]
fn endless_pages_are_refused() {
    let endless = "x\n".repeat(1_000_000);
    for page in [
        slip_page(&endless, PaperWidth::Columns32),
        banner_page(&[text(&endless)], PaperWidth::Columns32),
    ] {
        assert!(matches!(page, Err(PrintError::TooLong)));
    }
}

#[test]
fn one_endless_line_is_cut() {
    let text = slip_page(&"x".repeat(10_000_000), PaperWidth::Columns32).unwrap().to_text();
    assert!(text.ends_with("…\n") && text.len() < 3_000);
}
