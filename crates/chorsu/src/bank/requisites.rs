//! What an order says, as JSON in the order's document. The card's number is in it masked only.

use std::borrow::Cow;

use chorsu_core::bank::{
    BankAccount, BudgetAccount, Mfo, OrderCard, PurposeCode, Receiver, Requisites, TaxId, Warnings,
};
use chorsu_core::{MaskedPan, Network};
use serde::{Deserialize, Serialize};

/// The stored form. An order with a purpose code is a budget order.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    mfo: Option<Cow<'a, str>>,
    #[serde(borrow)]
    account: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    inn: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    code: Option<Cow<'a, str>>,
    #[serde(borrow)]
    purpose: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    card_ref: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    card_network: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    card: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "is_zero")]
    warnings: u16,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(bits: &u16) -> bool {
    *bits == 0
}

/// The stored text of an order's requisites, the payer left out: that is the service.
pub(crate) fn to_json(said: &Requisites) -> String {
    let OrderCard { reference, network, masked } = &said.card;
    let mut stored = Stored {
        name: None,
        mfo: None,
        account: said.named_account().into(),
        inn: None,
        code: None,
        purpose: (&*said.purpose).into(),
        card_ref: reference.as_deref().map(Cow::Borrowed),
        card_network: network.map(|network| network.name().into()),
        card: masked.as_ref().map(|masked| masked.as_str().into()),
        warnings: said.warnings.bits(),
    };
    match &said.receiver {
        Receiver::Ordinary { name, mfo, tax_id, .. } => {
            stored.name = Some((&**name).into());
            stored.mfo = Some(mfo.as_str().into());
            stored.inn = tax_id.as_ref().map(|id| id.as_str().into());
        }
        Receiver::Budget { tax_id, code, .. } => {
            stored.inn = Some(tax_id.as_str().into());
            stored.code = Some(code.as_str().into());
        }
    }
    // Texts and numbers can always be written.
    serde_json::to_string(&stored).unwrap_or_default()
}

/// The requisites of a stored text; `None` when [`to_json`] has not written it.
pub(crate) fn from_json(text: &str) -> Option<Requisites> {
    let stored: Stored<'_> = serde_json::from_str(text).ok()?;
    let receiver = match stored.code {
        Some(code) => Receiver::Budget {
            account: BudgetAccount::parse(&stored.account)?,
            tax_id: TaxId::parse_lenient(&stored.inn?)?,
            code: PurposeCode::parse(&code)?,
        },
        None => Receiver::Ordinary {
            name: stored.name?.into(),
            mfo: Mfo::parse(&stored.mfo?)?,
            account: BankAccount::parse(&stored.account)?,
            tax_id: match stored.inn {
                Some(inn) => Some(TaxId::parse(&inn)?),
                None => None,
            },
        },
    };
    let card = OrderCard {
        reference: stored.card_ref.map(Into::into),
        network: match stored.card_network {
            Some(name) => Some(Network::from_name(&name)?),
            None => None,
        },
        masked: match stored.card {
            Some(masked) => Some(MaskedPan::parse(&masked)?),
            None => None,
        },
    };
    let warnings = Warnings::from_bits(stored.warnings);
    Some(Requisites { receiver, purpose: stored.purpose.into(), card, payer: None, warnings })
}

/// Whether two stored texts pay the same receiver for the same thing. Texts that different versions
/// have written may differ in form.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let said = |text| from_json(text).map(|said| (said.receiver, said.purpose, said.card));
    one == other || said(one).is_some_and(|one| Some(one) == said(other))
}

#[cfg(test)]
mod tests {
    use chorsu_core::bank::{BankDirectory, CardRule, OrderDraft, OrderKind};

    use super::*;

    fn draft() -> OrderDraft<'static> {
        OrderDraft {
            key: Some("1".into()),
            service: Some("33".into()),
            amount: Some("500".into()),
            commission: Some("0".into()),
            purpose: Some("За \"аренду\"".into()),
            ..OrderDraft::default()
        }
    }

    #[test]
    fn what_is_stored_is_what_was_said() {
        let ordinary = OrderDraft {
            name: Some("Test".into()),
            mfo: Some("01091".into()),
            account: Some("29801000990248844444".into()),
            tax_id: Some("123456789".into()),
            reference: Some("016351273642".into()),
            card_type: Some("HUMO".into()),
            card_number: Some("9860531554896678".into()),
            ..draft()
        };
        let bare = OrderDraft { tax_id: None, card_number: None, ..ordinary.clone() };
        let budget = OrderDraft {
            account: Some("400522860262837950100251028".into()),
            tax_id: Some("12345".into()),
            purpose_code: Some("00401".into()),
            ..draft()
        };
        let cases = [
            (OrderKind::Ordinary, ordinary),
            (OrderKind::Ordinary, bare),
            (OrderKind::Budget, budget),
        ];
        for (kind, draft) in cases {
            let directory = BankDirectory::built_in();
            let order = draft.check(kind, CardRule::Optional, &directory).unwrap();
            let text = to_json(&order.requisites);
            assert!(!text.contains("9860531554896678"), "{text}");
            assert_eq!(from_json(&text), Some(order.requisites), "{text}");
        }
        assert_eq!(from_json("{}"), None);
    }
}
