//! The words of a receipt, as data.

use crate::paper::ReceiptKind;

/// The language of a receipt's own words; names and addresses are printed as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Russian.
    Russian,
    /// Uzbek in Latin letters.
    Uzbek,
}

/// Every word a receipt is made of.
pub(crate) struct Words {
    /// BCP 47 tag, for the PDF.
    pub(crate) tag: &'static str,
    sale: &'static str,
    refund: &'static str,
    prepaid: &'static str,
    credit: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) trial: &'static str,
    pub(crate) tax_number: &'static str,
    pub(crate) receipt_number: &'static str,
    pub(crate) cashier: &'static str,
    pub(crate) class_code: &'static str,
    pub(crate) barcode: &'static str,
    pub(crate) marking: &'static str,
    pub(crate) discount: &'static str,
    pub(crate) other_means: &'static str,
    pub(crate) vat: &'static str,
    pub(crate) no_vat: &'static str,
    pub(crate) total: &'static str,
    pub(crate) vat_total: &'static str,
    pub(crate) cash: &'static str,
    pub(crate) card: &'static str,
    pub(crate) change: &'static str,
    pub(crate) payment_id: &'static str,
    pub(crate) card_number: &'static str,
    pub(crate) original: &'static str,
    pub(crate) terminal: &'static str,
    pub(crate) moment: &'static str,
    pub(crate) fiscal_sign: &'static str,
    pub(crate) check: &'static str,
}

const RUSSIAN: Words = Words {
    tag: "ru",
    sale: "ЧЕК ПРОДАЖИ",
    refund: "ЧЕК ВОЗВРАТА",
    prepaid: "АВАНСОВЫЙ ЧЕК",
    credit: "ЧЕК ПРОДАЖИ В КРЕДИТ",
    copy: "КОПИЯ",
    trial: "ТЕСТОВЫЙ ЧЕК",
    tax_number: "ИНН",
    receipt_number: "Чек №",
    cashier: "Кассир",
    class_code: "ИКПУ",
    barcode: "Штрихкод",
    marking: "Маркировка",
    discount: "Скидка",
    other_means: "Оплачено иначе",
    vat: "В т. ч. НДС",
    no_vat: "Без НДС",
    total: "ИТОГО",
    vat_total: "В т. ч. НДС",
    cash: "Наличные",
    card: "Безналичные",
    change: "Сдача",
    payment_id: "ID платежа",
    card_number: "Карта",
    original: "Возврат по чеку",
    terminal: "Фискальный модуль",
    moment: "Дата",
    fiscal_sign: "Фискальный признак",
    check: "Проверка чека",
};

const UZBEK: Words = Words {
    tag: "uz-Latn",
    sale: "SOTUV CHEKI",
    refund: "QAYTARISH CHEKI",
    prepaid: "AVANS CHEKI",
    credit: "KREDITGA SOTUV CHEKI",
    copy: "NUSXA",
    trial: "SINOV CHEKI",
    tax_number: "STIR",
    receipt_number: "Chek №",
    cashier: "Kassir",
    class_code: "MXIK",
    barcode: "Shtrix-kod",
    marking: "Markirovka",
    discount: "Chegirma",
    other_means: "Boshqa toʻlov",
    vat: "Shu jumladan QQS",
    no_vat: "QQSsiz",
    total: "JAMI",
    vat_total: "Shu jumladan QQS",
    cash: "Naqd pul",
    card: "Naqdsiz",
    change: "Qaytim",
    payment_id: "Toʻlov ID",
    card_number: "Karta",
    original: "Qaytarilgan chek",
    terminal: "Fiskal modul",
    moment: "Sana",
    fiscal_sign: "Fiskal belgi",
    check: "Chekni tekshirish",
};

impl Words {
    /// The words of `language`.
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::Russian => &RUSSIAN,
            Language::Uzbek => &UZBEK,
        }
    }

    /// The receipt's heading.
    pub(crate) const fn heading(&self, kind: ReceiptKind) -> &'static str {
        match kind {
            ReceiptKind::Sale => self.sale,
            ReceiptKind::Refund => self.refund,
            ReceiptKind::Prepaid => self.prepaid,
            ReceiptKind::Credit => self.credit,
        }
    }
}
