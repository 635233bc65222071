//! The columns of a bulk file and the names that people give them.

use super::problem::FileError;

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The order id.
    OrderKey,
    /// The receiver's name.
    ReceiverName,
    /// The receiver's bank.
    Mfo,
    /// The receiver's account.
    Account,
    /// The receiver's taxpayer number.
    Inn,
    /// The amount in tiyin.
    Amount,
    /// The amount in sums.
    AmountSum,
    /// The commission in tiyin.
    Commission,
    /// The commission in sums.
    CommissionSum,
    /// What for.
    Purpose,
    /// The purpose code.
    PurposeCode,
    /// Whether it is a payment to the budget.
    Budget,
    /// The card's network.
    CardType,
    /// The card's number.
    CardNumber,
    /// The card network's reference.
    RefNumber,
}

impl Column {
    /// How many there are.
    pub(crate) const COUNT: usize = 15;

    /// The name in files and in errors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrderKey => "order_id",
            Self::ReceiverName => "receiver_name",
            Self::Mfo => "mfo",
            Self::Account => "account",
            Self::Inn => "inn",
            Self::Amount => "amount",
            Self::AmountSum => "amount_sum",
            Self::Commission => "commission",
            Self::CommissionSum => "commission_sum",
            Self::Purpose => "purpose",
            Self::PurposeCode => "purpose_code",
            Self::Budget => "budget",
            Self::CardType => "card_type",
            Self::CardNumber => "card_number",
            Self::RefNumber => "ref_number",
        }
    }
}

/// Headings in their plain form ([`plain`]): English, as in the bank API, and Russian.
const HEADINGS: [(Column, &[&str]); Column::COUNT] = [
    (
        Column::OrderKey,
        &["order_id", "orderid", "order_key", "order", "номер_заказа", "ид_заказа", "заказ"],
    ),
    (
        Column::ReceiverName,
        &[
            "receiver_name",
            "receivername",
            "receiver",
            "получатель",
            "наименование_получателя",
            "имя_получателя",
        ],
    ),
    (
        Column::Mfo,
        &["mfo", "mfo_receiver", "mforeceiver", "bank_code", "мфо", "мфо_получателя", "код_банка"],
    ),
    (
        Column::Account,
        &[
            "account",
            "receiver_account",
            "receiveraccount",
            "счет",
            "счет_получателя",
            "расчетный_счет",
            "лицевой_счет",
        ],
    ),
    (
        Column::Inn,
        &["inn", "inn_receiver", "innreceiver", "stir", "tin", "инн", "инн_получателя", "стир"],
    ),
    (Column::Amount, &["amount", "amount_tiyin", "сумма_тийин", "сумма_в_тийинах", "сумма_тийины"]),
    (
        Column::AmountSum,
        &["amount_sum", "amount_uzs", "сумма_сум", "сумма_в_сумах", "сумма_сумы", "сумма_uzs"],
    ),
    (
        Column::Commission,
        &[
            "commission",
            "commission_amount",
            "commissionamount",
            "comissionamount",
            "comission_amount",
            "commission_tiyin",
            "комиссия_тийин",
            "комиссия_в_тийинах",
        ],
    ),
    (Column::CommissionSum, &["commission_sum", "комиссия_сум", "комиссия_в_сумах"]),
    (
        Column::Purpose,
        &["purpose", "details", "назначение", "назначение_платежа", "детали_платежа"],
    ),
    (
        Column::PurposeCode,
        &["purpose_code", "purposecode", "код_назначения", "код_назначения_платежа"],
    ),
    (Column::Budget, &["budget", "бюджет", "в_бюджет"]),
    (Column::CardType, &["card_type", "cardtype", "тип_карты", "вид_карты"]),
    (Column::CardNumber, &["card_number", "cardnumber", "номер_карты"]),
    (Column::RefNumber, &["ref_number", "refnumber", "rrn", "отсылочный_номер", "ссылочный_номер"]),
];

/// Headings of amounts that leave open what they count: off by a factor of one hundred, if guessed.
const WITHOUT_UNIT: [&str; 3] = ["сумма", "комиссия", "сумма_комиссии"];

/// What `heading` means; `None` when it means nothing here.
pub(crate) fn of_heading(heading: &str) -> Result<Option<Column>, FileError> {
    let plain = plain(heading);
    if WITHOUT_UNIT.contains(&plain.as_str()) {
        return Err(FileError::UnitNotSaid(plain));
    }
    let known = HEADINGS.iter().find(|(_, names)| names.contains(&plain.as_str()));
    Ok(known.map(|(column, _)| *column))
}

/// `heading` in small letters, with `_` for everything between its words.
fn plain(heading: &str) -> String {
    let mut plain = String::new();
    for c in heading.chars().flat_map(char::to_lowercase) {
        match c {
            'ё' => plain.push('е'),
            c if c.is_alphanumeric() => plain.push(c),
            _ if plain.is_empty() || plain.ends_with('_') => {}
            _ => plain.push('_'),
        }
    }
    plain.truncate(plain.trim_end_matches('_').len());
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_in_both_languages() {
        let cases = [
            ("orderId", Some(Column::OrderKey)),
            ("Номер заказа", Some(Column::OrderKey)),
            (" Счёт получателя ", Some(Column::Account)),
            ("Сумма, сум", Some(Column::AmountSum)),
            ("СУММА (в тийинах)", Some(Column::Amount)),
            ("comissionAmount", Some(Column::Commission)),
            ("№", None),
            ("Примечание", None),
        ];
        for (heading, want) in cases {
            assert_eq!(of_heading(heading).unwrap(), want, "{heading}");
        }
    }

    #[test]
    fn an_amount_without_a_unit_is_not_guessed() {
        for heading in ["Сумма", "комиссия:"] {
            assert!(matches!(of_heading(heading), Err(FileError::UnitNotSaid(_))));
        }
    }

    #[test]
    fn every_column_is_found_by_its_own_name_and_by_no_other() {
        let mut seen = std::collections::HashSet::new();
        for (place, (column, names)) in HEADINGS.iter().enumerate() {
            assert_eq!(*column as usize, place);
            assert_eq!(of_heading(column.name()).unwrap(), Some(*column));
            for name in *names {
                assert_eq!(plain(name), **name);
                assert!(seen.insert(*name), "{name} means two things");
            }
        }
    }
}
