//! Every fault the Subscribe API can answer: its code, and its text in three languages.
//!
//! One code stands for several faults, because clients branch on the codes they know; `reason`
//! goes out as `data` and tells those faults apart without reading the text.

use crate::language::Language;

/// Whose word a fault is; the `origin` of the error object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Decided here.
    Subscribe,
    /// Said by the card network.
    Processing,
}

impl Origin {
    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Processing => "processing",
        }
    }
}

/// A kind of error.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The code clients branch on.
    pub code: i32,
    /// What `data` says when the error has no data of its own.
    pub reason: Option<&'static str>,
    /// Whose word it is.
    pub origin: Origin,
    /// The text in Russian.
    pub ru: &'static str,
    /// The text in Uzbek.
    pub uz: &'static str,
    /// The text in English.
    pub en: &'static str,
}

impl Fault {
    /// The text in `language`.
    #[must_use]
    pub const fn text(&self, language: Language) -> &'static str {
        match language {
            Language::Ru => self.ru,
            Language::Uz => self.uz,
            Language::En => self.en,
        }
    }
}

macro_rules! catalogue {
    ($($name:ident = $code:literal $reason:expr, $origin:ident,
        $ru:literal, $uz:literal, $en:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`: ", $en)]
            pub static $name: Fault = Fault {
                code: $code,
                reason: $reason,
                origin: Origin::$origin,
                ru: $ru,
                uz: $uz,
                en: $en,
            };
        )*

        /// Every fault, in the order of the sections of this file.
        pub static ALL: &[&Fault] = &[$(&$name),*];
    };
}

catalogue! {
    // The envelope and the parameters.
    PARSE_ERROR = -32700 None, Subscribe,
        "Ошибка парсинга JSON.", "JSON o'qilmadi.", "Parse error.";
    INVALID_REQUEST = -32600 None, Subscribe,
        "Отсутствует обязательное поле RPC.", "Noto'g'ri so'rov.", "Invalid Request.";
    BODY_TOO_LARGE = -32600 Some("body_too_large"), Subscribe,
        "Запрос слишком велик.", "So'rov juda katta.", "The request is too large.";
    METHOD_NOT_FOUND = -32601 None, Subscribe,
        "Метод не найден.", "Metod topilmadi.", "Method not found.";
    INVALID_PARAMS = -32602 None, Subscribe,
        "Неверные параметры.", "Parametrlar noto'g'ri.", "Invalid Params.";
    IDEMPOTENCY_KEY_USED = -32602 Some("idempotency_key"), Subscribe,
        "Ключ идемпотентности уже использован для другого запроса.",
        "Idempotentlik kaliti boshqa so'rov uchun ishlatilgan.",
        "The idempotency key was used for another request.";
    TOKEN_FORMAT = -32500 None, Subscribe,
        "Неверный формат токена.", "Token formati noto'g'ri.", "Invalid token format.";
    NO_CREDENTIALS = -32504 Some("invalid_authorization_header"), Subscribe,
        "Доступ запрещён.", "Ruxsat yo'q.", "Access denied.";
    UNKNOWN_KASSA = -32504 Some("invalid_id"), Subscribe,
        "Доступ запрещён.", "Ruxsat yo'q.", "Access denied.";
    WRONG_KEY = -32504 Some("invalid_key"), Subscribe,
        "Доступ запрещён.", "Ruxsat yo'q.", "Access denied.";
    TRANSPORT = -32300 None, Subscribe,
        "Ошибка транспорта: нужен метод POST.", "Transport xatosi: POST metodi kerak.",
        "Transport error: the method must be POST.";
    SYSTEM_ERROR = -32400 None, Subscribe,
        "Системная ошибка.", "Tizim xatosi.", "System error.";

    // Availability.
    OVERLOADED = -31001 Some("overloaded"), Subscribe,
        "Сервер недоступен. Попробуйте позже.", "Server mavjud emas. Keyinroq urinib ko'ring.",
        "The server is unavailable. Try again later.";
    PROCESSING_UNAVAILABLE = -31002 Some("unavailable"), Processing,
        "Сервер процессингового центра недоступен.", "Protsessing markazi mavjud emas.",
        "The processing centre is unavailable.";
    OUTCOME_UNKNOWN = -31002 Some("outcome_unknown"), Processing,
        "Процессинговый центр ещё не ответил. Узнайте состояние чека позже.",
        "Protsessing markazi hali javob bermadi. Chek holatini keyinroq tekshiring.",
        "The processing centre has not answered yet. Check the receipt later.";
    PROCESSING_ERROR = -32400 Some("processing_error"), Processing,
        "Системная ошибка процессингового центра.", "Protsessing markazida tizim xatosi.",
        "System error of the processing centre.";

    // Cards: making a token and proving it.
    CARD_NUMBER_WRONG = -31300 Some("wrong_number"), Subscribe,
        "Неверный номер карты.", "Karta raqami noto'g'ri.", "Wrong card number.";
    CARD_NUMBER_UNKNOWN = -31300 Some("unknown_number"), Processing,
        "Карта с таким номером не найдена.", "Bunday raqamli karta topilmadi.",
        "There is no card of this number.";
    CARD_EXPIRY_WRONG = -31300 Some("wrong_expiry"), Processing,
        "Неверно указана дата истечения карты.", "Karta amal qilish muddati noto'g'ri.",
        "Wrong card expiry date.";
    CARD_CORPORATE = -31300 Some("corporate"), Processing,
        "Корпоративные карты не обслуживаются.", "Korporativ kartalarga xizmat ko'rsatilmaydi.",
        "Corporate cards are not accepted.";
    CARD_SMS_OFF = -31301 Some("sms_off"), Processing,
        "SMS-информирование не подключено.", "SMS xabarnoma ulanmagan.",
        "SMS informing is not enabled for this card.";
    CARD_EXPIRED = -31301 Some("expired"), Processing,
        "Срок действия карты истёк.", "Kartaning amal qilish muddati tugagan.",
        "The card has expired.";
    CARD_BLOCKED = -31301 Some("blocked"), Processing,
        "Карта заблокирована.", "Karta bloklangan.", "The card is blocked.";
    CARD_REFUSED = -31301 Some("refused"), Processing,
        "Карта отклонена банком.", "Karta bank tomonidan rad etildi.",
        "The bank has refused the card.";
    CARD_NO_MONEY = -31303 Some("insufficient_funds"), Processing,
        "Недостаточно средств на карте.", "Kartada mablag' yetarli emas.",
        "Insufficient funds on the card.";
    CARD_LIMIT = -31303 Some("limit_exceeded"), Processing,
        "Превышен лимит операций по карте.", "Karta bo'yicha amallar limiti oshib ketdi.",
        "The limit of the card is exceeded.";
    CARD_TYPE_NOT_SERVED = -31900 Some("card_type"), Subscribe,
        "Данный тип карты не обслуживается.", "Bu turdagi kartaga xizmat ko'rsatilmaydi.",
        "Cards of this type are not served.";
    OPERATION_NOT_SERVED = -31901 None, Subscribe,
        "Данный тип операции не обслуживается.", "Bu turdagi amalga xizmat ko'rsatilmaydi.",
        "Operations of this type are not served.";
    CODE_EXPIRED = -31101 Some("code_expired"), Subscribe,
        "Срок действия кода истёк. Запросите новый код.",
        "Kodning amal qilish muddati tugagan. Yangi kod so'rang.",
        "The code has expired. Ask for a new one.";
    CODE_TRIES_EXCEEDED = -31102 Some("code_tries_exceeded"), Subscribe,
        "Превышено число попыток ввода кода. Запросите новый код.",
        "Kodni kiritish urinishlari soni oshdi. Yangi kod so'rang.",
        "Too many wrong codes. Ask for a new one.";
    CODE_WRONG = -31103 Some("code_wrong"), Subscribe,
        "Неверный код подтверждения.", "Tasdiqlash kodi noto'g'ri.", "Invalid OTP code.";
    SMS_FAILED = -31110 Some("sms_failed"), Processing,
        "Ошибка отправки SMS. Попробуйте позже.",
        "SMS yuborishda xatolik. Keyinroq urinib ko'ring.",
        "The SMS could not be sent. Try again later.";
    TOO_MANY_CODES = -31110 Some("too_many_codes"), Subscribe,
        "Код запрошен слишком много раз. Попробуйте позже.",
        "Kod juda ko'p so'raldi. Keyinroq urinib ko'ring.",
        "Too many codes were asked for. Try again later.";
    CARD_NOT_FOUND = -31400 None, Subscribe,
        "Карта не найдена.", "Karta topilmadi.", "Card not found.";
    CARD_REMOVED = -31400 Some("deleted"), Subscribe,
        "Карта не найдена.", "Karta topilmadi.", "Card not found.";
    CARD_NOT_VERIFIED = -31400 Some("not_verified"), Subscribe,
        "Карта не подтверждена кодом из SMS.", "Karta SMS kodi bilan tasdiqlanmagan.",
        "The card is not verified by an SMS code.";

    // Receipts.
    KASSA_BLOCKED = -31601 None, Subscribe,
        "Поставщик не найден или заблокирован.", "Yetkazib beruvchi topilmadi yoki bloklangan.",
        "The merchant is not found or blocked.";
    RECEIPT_NOT_FOUND = -31602 None, Subscribe,
        "Чек не найден или оплачен.", "Chek topilmadi yoki to'langan.",
        "The receipt is not found or already paid.";
    ACCOUNT_FIELD = -31610 None, Subscribe,
        "Неверно заполнен реквизит платежа.", "To'lov rekviziti noto'g'ri to'ldirilgan.",
        "A payment field is missing or wrong.";
    AMOUNT_BELOW_LIMIT = -31611 None, Subscribe,
        "Сумма меньше допустимой.", "Summa ruxsat etilganidan kam.",
        "The amount is below the limit.";
    AMOUNT_ABOVE_LIMIT = -31612 None, Subscribe,
        "Сумма больше допустимой.", "Summa ruxsat etilganidan ko'p.",
        "The amount is above the limit.";
    CANNOT_CANCEL = -31800 None, Subscribe,
        "Чек нельзя отменить автоматически.", "Chekni avtomatik bekor qilib bo'lmaydi.",
        "The receipt cannot be cancelled automatically.";
    HOLD_ONLY_CONFIRMABLE = -31800 Some("hold_only_confirmable"), Subscribe,
        "Холд старше 30 дней можно только подтвердить.",
        "30 kundan oshgan xoldni faqat tasdiqlash mumkin.",
        "A hold older than 30 days can only be confirmed.";

    // Paying: what the card network says.
    PAY_NO_MONEY = -31630 Some("insufficient_funds"), Processing,
        "Недостаточно средств на карте.", "Kartada mablag' yetarli emas.",
        "Insufficient funds on the card.";
    PAY_LIMIT = -31630 Some("limit_exceeded"), Processing,
        "Превышен лимит операций по карте.", "Karta bo'yicha amallar limiti oshib ketdi.",
        "The limit of the card is exceeded.";
    PAY_CARD_BLOCKED = -31630 Some("blocked"), Processing,
        "Карта заблокирована.", "Karta bloklangan.", "The card is blocked.";
    PAY_CARD_EXPIRED = -31630 Some("expired"), Processing,
        "Срок действия карты истёк.", "Kartaning amal qilish muddati tugagan.",
        "The card has expired.";
    PAY_EXPIRY_WRONG = -31630 Some("wrong_expiry"), Processing,
        "Неверная дата истечения карты.", "Karta amal qilish muddati noto'g'ri.",
        "Wrong card expiry date.";
    PAY_SMS_OFF = -31630 Some("sms_off"), Processing,
        "Не включено SMS-уведомление по карте.", "Kartada SMS xabarnoma yoqilmagan.",
        "SMS informing is not enabled for this card.";
    PAY_CORPORATE = -31630 Some("corporate"), Processing,
        "Корпоративной картой оплатить нельзя.", "Korporativ karta bilan to'lab bo'lmaydi.",
        "Corporate cards cannot pay.";
    PAY_UNKNOWN_CARD = -31630 Some("unknown_number"), Processing,
        "Карта не найдена в процессинговом центре.", "Karta protsessing markazida topilmadi.",
        "The processing centre does not know the card.";
    PAY_REFUSED = -31630 Some("refused"), Processing,
        "Платёж отклонён банком.", "To'lov bank tomonidan rad etildi.",
        "The bank has refused the payment.";
    CARD_IN_USE = -31630 Some("in_use"), Subscribe,
        "Одноразовый токен уже используется для другого платежа.",
        "Bir martalik token boshqa to'lov uchun ishlatilmoqda.",
        "The one-time token is being used for another payment.";
    DEBIT_FAILED = -31640 None, Processing,
        "Ошибка при списании средств с карты.", "Kartadan mablag' yechishda xatolik.",
        "The debit of the card has failed.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_fault_has_three_texts_and_can_be_told_apart() {
        let mut seen = BTreeSet::new();
        for fault in ALL {
            for language in [Language::Ru, Language::Uz, Language::En] {
                let text = fault.text(language);
                assert!(text.ends_with('.') && text.len() > 5, "{} {text}", fault.code);
            }
            assert!(fault.ru.chars().any(|c| ('а'..='я').contains(&c)), "{}", fault.ru);
            assert!(fault.uz.is_ascii() && fault.en.is_ascii());
            assert!((-32700..=-31001).contains(&fault.code));
            assert!(seen.insert((fault.code, fault.reason)), "{} twice", fault.code);
        }
    }
}
