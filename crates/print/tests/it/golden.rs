//! The text form, line by line. A page that changed on purpose is copied from the failure's text
//! into `tests/golden`.

use std::path::Path;

use crate::sample::{SLIP, refund, sale};
use chorsu_print::{
    Language, Page, PaperWidth, ReceiptKind, ReceiptPaper, receipt_page, slip_page,
};

fn check(name: &str, page: &Page) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let want = std::fs::read_to_string(&path).unwrap_or_default();
    let got = page.to_text();
    assert!(got == want, "{name} is not what it was. It reads now:\n{got}");
}

#[test]
fn a_sale_on_every_paper_in_both_languages() {
    for width in PaperWidth::ALL {
        for (language, tag) in [(Language::Russian, "ru"), (Language::Uzbek, "uz")] {
            let page = receipt_page(&sale(), width, language).unwrap();
            check(&format!("sale-{}-{tag}.txt", width.columns()), &page);
        }
    }
}

#[test]
fn a_copy_of_a_refund() {
    let page = receipt_page(&refund(), PaperWidth::Columns42, Language::Russian).unwrap();
    check("refund-42-ru.txt", &page);
}

#[test]
fn a_slip_on_every_paper() {
    for width in PaperWidth::ALL {
        check(&format!("slip-{}.txt", width.columns()), &slip_page(SLIP, width).unwrap());
    }
}

#[test]
fn advance_and_credit_receipts_have_neither_sign_nor_code() {
    for kind in [ReceiptKind::Prepaid, ReceiptKind::Credit] {
        for width in PaperWidth::ALL {
            let paper = ReceiptPaper { kind, ..sale() };
            let text = receipt_page(&paper, width, Language::Russian).unwrap().to_text();
            assert!(!text.contains("014343190161"), "{text}");
            assert!(!text.contains("ofd.soliq.uz"), "{text}");
            assert!(!text.contains('█'), "{text}");
            assert!(text.contains("ZZ170703100597"), "the module is still named:\n{text}");
        }
    }
}

#[test]
fn empty_fields_leave_no_trace() {
    let paper = ReceiptPaper {
        seller: Default::default(),
        cashier: String::new(),
        items: Vec::new(),
        trial: false,
        discount: chorsu_core::Tiyin::ZERO,
        cash: chorsu_core::Tiyin::ZERO,
        change: chorsu_core::Tiyin::ZERO,
        payments: Vec::new(),
        terminal_id: String::new(),
        receipt_number: None,
        date_time: String::new(),
        fiscal: None,
        banners: Vec::new(),
        ..sale()
    };
    let page = receipt_page(&paper, PaperWidth::Columns32, Language::Uzbek).unwrap();
    check("empty-32-uz.txt", &page);
}
