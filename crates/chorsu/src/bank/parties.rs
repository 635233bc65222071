//! Both sides of a document and its purpose, as JSON in lines of statements.

use std::borrow::Cow;
use std::sync::Arc;

use chorsu_core::BankService;
use chorsu_core::bank::Requisites;
use chorsu_core::order::PaymentOrder;
use serde::{Deserialize, Serialize};

/// How the purpose of a commission begins.
const COMMISSION: &str = "Комиссия за документ № ";

/// Payer or receiver; what is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Side<'a> {
    /// The bank's code.
    #[serde(borrow, default)]
    pub(crate) mfo: Cow<'a, str>,
    /// The account.
    #[serde(borrow, default)]
    pub(crate) account: Cow<'a, str>,
    /// The name.
    #[serde(borrow, default)]
    pub(crate) name: Cow<'a, str>,
    /// The taxpayer number.
    #[serde(borrow, default)]
    pub(crate) inn: Cow<'a, str>,
}

/// What a line of a statement says beside its sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parties<'a> {
    /// Who paid.
    #[serde(borrow)]
    pub(crate) payer: Side<'a>,
    /// Who was paid.
    #[serde(borrow)]
    pub(crate) receiver: Side<'a>,
    /// What for.
    #[serde(borrow)]
    pub(crate) purpose: Cow<'a, str>,
    /// The number under which another bank knows the document.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<Cow<'a, str>>,
    /// The line is not the document's own but stands beside it: a commission, or money held back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_aside: bool,
}

impl<'a> Parties<'a> {
    /// The parties of an order that `service` pays; `reference` is its number at another bank.
    /// Budget orders name the treasury, and their organisation in the purpose.
    pub(crate) fn of_order(
        service: &'a BankService,
        said: &'a Requisites,
        reference: Option<&'a str>,
    ) -> Parties<'a> {
        let receiver = said.document_receiver();
        Parties {
            payer: Side::of_service(service),
            receiver: Side {
                mfo: receiver.mfo.as_str().to_owned().into(),
                account: receiver.account.as_str().to_owned().into(),
                name: receiver.name.to_string().into(),
                inn: receiver.tax_id.map_or(Cow::Borrowed(""), |id| id.as_str().to_owned().into()),
            },
            purpose: said.document_purpose(),
            reference: reference.map(Cow::Borrowed),
            is_aside: false,
        }
    }

    /// The parties of what an order of `service` costs.
    pub(crate) fn of_commission(service: &'a BankService, order: &PaymentOrder) -> Parties<'a> {
        let number = order.doc_number();
        Parties {
            purpose: format!("{COMMISSION}{number}, {}", order.order_key).into(),
            ..Self::aside(Side::of_service(service), Side::named(service, "Комиссия банка"))
        }
    }

    /// The number of the order whose commission a line with this purpose is, as
    /// [`Self::of_commission`] has written it.
    pub(crate) fn commission_of(purpose: &str) -> Option<&str> {
        let (number, key) = purpose.strip_prefix(COMMISSION)?.split_once(", ")?;
        number.parse::<u32>().ok().map(|_| key)
    }

    /// The parties of what is held back when an order of a settlement is refused.
    pub(crate) fn of_held(service: &'a BankService, order: &PaymentOrder) -> Parties<'a> {
        let key = &order.order_key;
        Parties {
            purpose: format!("Удержано до повторной выплаты: {key}").into(),
            ..Self::aside(Side::of_service(service), Side::named(service, "Суммы до выяснения"))
        }
    }

    /// The parties of money that reaches `service` to pay a merchant out.
    pub(crate) fn of_settlement(
        service: &'a BankService,
        merchant: &'a str,
        purpose: String,
    ) -> Parties<'a> {
        Parties {
            purpose: purpose.into(),
            ..Self::aside(Side::named(service, merchant), Side::of_service(service))
        }
    }

    fn aside(payer: Side<'a>, receiver: Side<'a>) -> Self {
        Self { payer, receiver, is_aside: true, ..Self::default() }
    }

    /// The stored text.
    pub(crate) fn to_json(&self) -> Arc<str> {
        // Texts can always be written.
        serde_json::to_string(self).unwrap_or_default().into()
    }

    /// The parties of a stored text; `None` when [`Self::to_json`] has not written it.
    pub(crate) fn from_json(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl<'a> Side<'a> {
    /// The holder of a service's account.
    pub(crate) fn of_service(service: &'a BankService) -> Self {
        Self {
            mfo: (&*service.mfo).into(),
            account: (&*service.account).into(),
            name: (&*service.owner_name).into(),
            inn: (&*service.inn).into(),
        }
    }

    /// An account without a number in the books of the bank that keeps the service's.
    fn named(service: &'a BankService, name: &'a str) -> Self {
        Self { mfo: (&*service.mfo).into(), name: name.into(), ..Self::default() }
    }
}
