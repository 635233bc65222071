//! Receipts to print.

use chorsu_core::Tiyin;
use chorsu_print::{
    Banner, BannerContent, FiscalMark, Item, OriginalReceipt, PaymentLine, ReceiptKind,
    ReceiptPaper, Seller, Vat,
};

/// The address in the QR code of [`sale`].
pub(crate) const QR_URL: &str =
    "https://ofd.soliq.uz/check?t=ZZ170703100597&r=2421&c=20261122140509&s=014343190161";

/// A slip in the form that terminals print, 36 columns wide.
pub(crate) const SLIP: &str = "ОБЫЧНЫЙ ТОВАР
ID Терминала:01000002  Номер смены 1
ID Организации:190339999999902
                               Чек 6
               Оплата
              ОДОБРЕНО
СУММА:                    500.00 UZS
AID: A0860001000001    HUMO- EMV ICC
TVR: 0000008000TSI:E800
Карта: HUMO              Срок: 01/29
        986009******7856:01
Код авторизации: 728892
                     Код ответа:
000
RRN:231511584547
              Дата:22/11/26
14:05:07

====================================
";

pub(crate) fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

/// A sale of three lines, paid in cash, with Payme and with a HUMO card.
pub(crate) fn sale() -> ReceiptPaper {
    ReceiptPaper {
        seller: Seller {
            name: "\"CHORSU SAVDO\" MCHJ".to_owned(),
            tax_number: "301234567".to_owned(),
            address: "г. Ташкент, Шайхантахурский р-н, пл. Чорсу, 1".to_owned(),
        },
        kind: ReceiptKind::Sale,
        copy: false,
        trial: true,
        cashier: "Каримова Нилуфар".to_owned(),
        items: vec![bread(), rice(), water()],
        total: tiyin(12_345_000),
        discount: tiyin(155_000),
        vat: tiyin(1_266_964),
        cash: tiyin(5_000_000),
        card: tiyin(7_500_000),
        change: tiyin(155_000),
        payments: vec![
            PaymentLine {
                means: "Payme".to_owned(),
                amount: Some(tiyin(2_500_000)),
                payment_id: Some("644113a290a5eba4298f05d5".to_owned()),
                ..PaymentLine::default()
            },
            PaymentLine {
                means: "HUMO".to_owned(),
                amount: Some(tiyin(5_000_000)),
                rrn: Some("231511584547".to_owned()),
                card_number: Some("986009******7856".to_owned()),
                ..PaymentLine::default()
            },
        ],
        prices: Vec::new(),
        terminal_id: "ZZ170703100597".to_owned(),
        receipt_number: Some(2_421),
        date_time: "20261122140509".to_owned(),
        fiscal: Some(FiscalMark { sign: "014343190161".to_owned(), qr_url: QR_URL.to_owned() }),
        original: None,
        banners: vec![text("Спасибо за покупку!\nXaridingiz uchun rahmat!")],
    }
}

/// The refund of the water.
pub(crate) fn refund() -> ReceiptPaper {
    ReceiptPaper {
        kind: ReceiptKind::Refund,
        copy: true,
        items: vec![water()],
        total: tiyin(300_000),
        discount: Tiyin::ZERO,
        vat: Tiyin::ZERO,
        cash: tiyin(300_000),
        card: Tiyin::ZERO,
        change: Tiyin::ZERO,
        payments: Vec::new(),
        receipt_number: Some(2_422),
        original: Some(OriginalReceipt {
            terminal_id: "ZZ170703100597".to_owned(),
            receipt_number: "2421".to_owned(),
            date_time: "20261122140509".to_owned(),
            fiscal_sign: "014343190161".to_owned(),
        }),
        banners: vec![
            banner(BannerContent::Barcode("4780012345678".to_owned()), true),
            banner(BannerContent::QrCode("https://chorsu.uz".to_owned()), false),
        ],
        ..sale()
    }
}

pub(crate) fn text(text: &str) -> Banner {
    banner(BannerContent::Text(text.to_owned()), false)
}

fn banner(content: BannerContent, cut: bool) -> Banner {
    Banner { content, bold: false, cut }
}

fn bread() -> Item {
    Item {
        name: "Нон «Тандир», 400 г".to_owned(),
        class_code: "01905001001000000".to_owned(),
        barcode: String::new(),
        quantity_thousandths: 2_000,
        unit: "шт".to_owned(),
        unit_price: tiyin(500_000),
        price: tiyin(1_000_000),
        discount: Tiyin::ZERO,
        other: Tiyin::ZERO,
        vat: Vat::Rate { percent: 12, amount: tiyin(107_143) },
        labels: Vec::new(),
    }
}

fn rice() -> Item {
    Item {
        name: "Рис «Девзира» узгенский, высший сорт, весовой, урожай этого года".to_owned(),
        class_code: "01006001001000000".to_owned(),
        barcode: "4780012345678".to_owned(),
        quantity_thousandths: 2_550,
        unit: "кг".to_owned(),
        unit_price: tiyin(4_392_157),
        price: tiyin(11_200_000),
        discount: tiyin(155_000),
        other: Tiyin::ZERO,
        vat: Vat::Rate { percent: 12, amount: tiyin(1_159_821) },
        labels: vec!["010478001234567821a7Xk9QpLmN2".to_owned()],
    }
}

fn water() -> Item {
    Item {
        name: "Oʻzbekiston suvi gʻozli 0.5 l".to_owned(),
        class_code: "02201001001000000".to_owned(),
        barcode: String::new(),
        quantity_thousandths: 1_000,
        unit: "dona".to_owned(),
        unit_price: tiyin(300_000),
        price: tiyin(300_000),
        discount: Tiyin::ZERO,
        other: Tiyin::ZERO,
        vat: Vat::None,
        labels: Vec::new(),
    }
}
