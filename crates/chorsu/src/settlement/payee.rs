//! Who gets a share: the requisites of a rule, as people write them and as an order needs them.

use std::borrow::Cow;

use chorsu_core::Tiyin;
use chorsu_core::bank::{
    BankCode, BankDay, CardRule, OrderDraft, OrderKind, ReceiverLookup, Requisites,
};
use chorsu_files::Day;
use serde::{Deserialize, Serialize};

/// What is written when a rule does not say what a payment is for.
const PURPOSE: &str = "Перечисление средств продавцу за {day}";
/// What stands for the day in a purpose.
const DAY: &str = "{day}";

/// A receiver of a rule. With a purpose code it is a budget organisation, which has no name and no
/// bank of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payee {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The code of the bank, 5 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mfo: Option<String>,
    /// The account, 20 digits, or 27 of a budget organisation.
    pub(crate) account: String,
    /// The taxpayer number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inn: Option<String>,
    /// The code of the purpose, for payments to the budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) purpose_code: Option<String>,
    /// What for; `{day}` stands for the last day that is paid out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) purpose: Option<String>,
}

impl Payee {
    /// Which kind of order pays it.
    pub(crate) const fn kind(&self) -> OrderKind {
        if self.purpose_code.is_some() { OrderKind::Budget } else { OrderKind::Ordinary }
    }

    /// The requisites of a payment to it for the days up to `day`.
    ///
    /// # Errors
    /// 1013 to 1017, as an order with these requisites would be answered.
    pub(crate) fn requisites(
        &self,
        day: BankDay,
        lookup: &impl ReceiverLookup,
    ) -> Result<Requisites, BankCode> {
        let day = Day::from_number(i64::from(day.number())).map(Day::dotted).unwrap_or_default();
        let purpose = self.purpose.as_deref().unwrap_or(PURPOSE).replace(DAY, &day);
        let given = |field: &Option<String>| field.clone().map(Cow::Owned);
        let draft = OrderDraft {
            // Only the requisites are looked at: any number and any sum will do.
            key: Some("1".into()),
            service: Some("1".into()),
            amount: Some("1".into()),
            commission: Some("0".into()),
            name: given(&self.name),
            mfo: given(&self.mfo),
            account: Some(self.account.as_str().into()),
            tax_id: given(&self.inn),
            purpose_code: given(&self.purpose_code),
            purpose: Some(purpose.into()),
            ..OrderDraft::default()
        };
        Ok(draft.check(self.kind(), CardRule::Optional, lookup)?.requisites)
    }
}

/// How much of the turnover a receiver gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    /// So many tiyin each time.
    Fixed(i64),
    /// So many millionths of the turnover, rounded down.
    Ppm(u32),
}

impl Part {
    /// The part of `gross`; `None` when it is none.
    pub(crate) fn of(self, gross: Tiyin) -> Option<Tiyin> {
        match self {
            Self::Fixed(amount) => Tiyin::new(amount),
            Self::Ppm(ppm) => gross.share(ppm),
        }
    }
}

#[cfg(test)]
mod tests {
    use chorsu_core::bank::BankDirectory;

    use super::*;

    fn seller() -> Payee {
        Payee {
            name: Some("OOO Гул".into()),
            mfo: Some("01091".into()),
            account: "20208000990248844444".into(),
            inn: Some("123456789".into()),
            ..Payee::default()
        }
    }

    #[test]
    fn a_purpose_says_the_day() {
        let (day, banks) = (BankDay::parse("2026-11-20").unwrap(), BankDirectory::built_in());
        let said = seller().requisites(day, &banks).unwrap();
        assert_eq!(&*said.purpose, "Перечисление средств продавцу за 20.11.2026");
        let other = Payee { purpose: Some("Аренда".into()), ..seller() };
        assert_eq!(&*other.requisites(day, &banks).unwrap().purpose, "Аренда");
    }

    #[test]
    fn requisites_are_those_of_an_order() {
        let (day, banks) = (BankDay::FIRST, BankDirectory::built_in());
        let tax = Payee {
            account: "400522860262837950100251028".into(),
            inn: Some("207099143".into()),
            purpose_code: Some("09510".into()),
            ..Payee::default()
        };
        assert_eq!(tax.requisites(day, &banks).unwrap().kind(), OrderKind::Budget);
        let cases = [
            (Payee { account: "2020".into(), ..seller() }, BankCode::AccountNotFound),
            (Payee { mfo: Some("99999".into()), ..seller() }, BankCode::BankNotInSystem),
            (Payee { name: None, ..seller() }, BankCode::FieldMissing),
        ];
        for (payee, want) in cases {
            assert_eq!(payee.requisites(day, &banks).unwrap_err(), want, "{payee:?}");
        }
    }
}
