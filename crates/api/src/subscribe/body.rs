//! What the shop said of a payment, as it is stored with the receipt: account, description and
//! detail, in one JSON object that the core does not look into.

use std::borrow::Cow;

use chorsu_core::kassa::AccountValue;
use serde_json::value::RawValue;

use super::request::{AccountText, ReceiptsCreate};
use crate::json::{read, write};

/// More account fields than a kassa can have; only a bound for the reader.
const FIELDS_MAX: usize = 64;

/// A stored body, read without copying.
#[derive(Clone, Debug)]
pub struct ReceiptBody<'a> {
    /// The account fields, the main one first.
    account: Vec<(Cow<'a, str>, &'a RawValue)>,
    description: &'a RawValue,
    detail: &'a RawValue,
}

/// A stored body does not read back: it was not written by this version of Chorsu.
#[derive(Debug, thiserror::Error)]
#[error("the stored body of a receipt cannot be read")]
pub struct BrokenBody {
    #[source]
    cause: Option<serde_json::Error>,
}

impl<'a> ReceiptBody<'a> {
    /// Reads the body of [`chorsu_core::Receipt`].
    ///
    /// # Errors
    /// [`BrokenBody`] when it was not made by [`ReceiptsCreate::body`].
    pub fn parse(stored: &'a str) -> Result<Self, BrokenBody> {
        let broken = |cause| BrokenBody { cause: Some(cause) };
        let members = read::members(stored, &["account", "description", "detail"]);
        let [Some(account), Some(description), Some(detail)] = members.map_err(broken)? else {
            return Err(BrokenBody { cause: None });
        };
        let account = read::entries(account.get(), FIELDS_MAX).map_err(broken)?;
        Ok(Self { account, description, detail })
    }

    /// The account fields, the main one first; a value is a JSON string or a whole number.
    pub fn account(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.account.iter().map(|(name, value)| (name.as_ref(), value.get()))
    }

    /// The description, as a JSON string.
    #[must_use]
    pub fn description(&self) -> &'a str {
        self.description.get()
    }

    /// The detail, as a JSON object or null.
    #[must_use]
    pub fn detail(&self) -> &'a str {
        self.detail.get()
    }
}

/// The body of a receipt with the account fields its kassa keeps.
///
/// A number stays a number, because a list of receipts shows it as one.
pub(super) fn to_json(create: &ReceiptsCreate<'_>, kept: &[AccountValue]) -> String {
    let detail = create.detail.as_deref().unwrap_or("null");
    let mut out = Vec::with_capacity(96 + create.description.len() + detail.len());
    write::object(&mut out, |body| {
        body.object("account", |account| {
            for AccountValue { name, text } in kept {
                let given = create.account.iter().find(|field| field.name == *name);
                match given.map(|field| &field.value) {
                    Some(AccountText::Number(digits)) => account.foreign(name, digits),
                    _ => account.foreign_string(name, text.as_deref().unwrap_or_default()),
                }
            }
        });
        body.string("description", &create.description);
        body.raw("detail", detail);
    });
    write::into_text(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscribe::request::AccountField;

    use chorsu_core::Tiyin;
    use proptest::prelude::*;

    fn create<'a>(name: &'a str, text: &'a str, detail: Option<&str>) -> ReceiptsCreate<'a> {
        ReceiptsCreate {
            amount: Tiyin::new(1).unwrap(),
            account: vec![
                AccountField { name: "n".into(), value: AccountText::Number("7") },
                AccountField { name: name.into(), value: AccountText::Text(text.into()) },
            ],
            description: text.into(),
            detail: detail.map(str::to_owned),
            hold: false,
        }
    }

    #[test]
    fn only_the_kept_fields_are_stored_in_their_order() {
        let create = create("order_id", "5", Some(r#"{"a":[1]}"#));
        let mut kept = create.account_values();
        kept.reverse();
        let json = create.body(&kept);
        assert_eq!(
            json,
            r#"{"account":{"order_id":"5","n":7},"description":"5","detail":{"a":[1]}}"#
        );
        assert_eq!(create.body(&[]), r#"{"account":{},"description":"5","detail":{"a":[1]}}"#);
    }

    #[test]
    fn a_foreign_body_is_an_error() {
        for stored in ["", "null", "{}", "[]", r#"{"account":[],"description":"","detail":null}"#] {
            assert!(ReceiptBody::parse(stored).is_err(), "{stored}");
        }
    }

    proptest! {
        #[test]
        fn what_was_stored_reads_back(name in "[^n\0].{0,20}", text in ".{0,80}") {
            let mut create = create(&name, &text, None);
            create.account.remove(0);
            let kept = create.account_values();
            let json = create.body(&kept);
            let body = ReceiptBody::parse(&json).unwrap();
            let fields: Vec<_> = body.account().collect();
            prop_assert_eq!(fields.len(), 1);
            prop_assert_eq!(fields[0].0, &name);
            prop_assert_eq!(serde_json::from_str::<String>(fields[0].1).unwrap(), text.clone());
            prop_assert_eq!(serde_json::from_str::<String>(body.description()).unwrap(), text);
            prop_assert_eq!(body.detail(), "null");
        }
    }
}
