//! The texts of the codes, in the words of the document's tables and examples.
//!
//! Where the document spells one text in two ways, the spelling of its examples of answers is
//! used: clients that compare texts have copied them from there.

use chorsu_core::bank::BankCode;

/// What `message` says for a code, in Russian: this API has no other language.
#[must_use]
pub const fn message(code: BankCode) -> &'static str {
    match code {
        BankCode::ServiceNotFound => "Сервис не найден",
        BankCode::ServiceNotConfigured => "Настройки для сервиса отсутствуют",
        BankCode::UserNotFound => "Пользователь не найден",
        BankCode::NotRecorded => "Не удалось получить данные",
        BankCode::AccessDenied => "Нет доступа для метода",
        BankCode::AccountNotFound => "Счёт не найден",
        BankCode::BankNotInSystem => "Банк получателя не является участником СМП",
        BankCode::NameUnprintable => "Поле Наименование получателя содержит непечатаемые символы",
        BankCode::PurposeUnprintable => "Поле Назначение платежа содержит непечатаемые символы",
        BankCode::FieldMissing => "Отсутствуют обязательные поля",
        BankCode::SystemError => "Системная ошибка",
        BankCode::CriticalError => "Критическая ошибка",
        BankCode::DateBeforeOperatingDay => {
            "Дата документа не может быть меньше даты операционного дня"
        }
    }
}
