//! A kassa's settings: who it is, what it asks of a payment and what it may do.

use crate::id::KassaId;
use crate::money::Tiyin;
use crate::reject::Reject;
use crate::secret::SecretHash;
use crate::time::UnixMillis;

/// A text in the three languages of the API. Uzbek is in Latin script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Titles {
    /// Russian.
    pub ru: String,
    /// Uzbek.
    pub uz: String,
    /// English.
    pub en: String,
}

/// A field of the `account` object a kassa takes with a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountField {
    /// The key in `account`.
    pub name: String,
    /// What people see.
    pub titles: Titles,
    /// Whether a payment without it is refused.
    pub required: bool,
}

/// The merchant's identity as receipts show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merchant {
    /// The name payers see.
    pub name: String,
    /// The legal name.
    pub organization: String,
    /// The postal address; may be empty.
    pub address: String,
    /// The business the kassa belongs to.
    pub business_id: String,
    /// The merchant's number at the acquirer.
    pub epos_merchant_id: String,
    /// The terminal's number at the acquirer.
    pub epos_terminal_id: String,
    /// The line of business.
    pub line: Titles,
}

/// A kassa.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kassa {
    /// Its id, the first half of X-Auth.
    pub id: KassaId,
    /// Hashes of the keys that open it; more than one while keys are being changed.
    pub keys: Vec<SecretHash>,
    /// Who it is.
    pub merchant: Merchant,
    /// What `account` must carry; empty when the kassa takes payments without requisites.
    pub account: Vec<AccountField>,
    /// The smallest payment.
    pub amount_min: Tiyin,
    /// The largest payment.
    pub amount_max: Tiyin,
    /// Commission withheld from each payment, in millionths.
    pub commission_ppm: u32,
    /// Whether payments may be held first.
    pub hold_allowed: bool,
    /// Whether tokens may live on after a payment.
    pub save_allowed: bool,
    /// Blocked kassas create no receipts.
    pub blocked: bool,
    /// When it was opened.
    pub created_at: UnixMillis,
}

impl Kassa {
    /// Whether `key` is one of this kassa's keys.
    #[must_use]
    pub fn has_key(&self, key: &str) -> bool {
        let offered = SecretHash::of(self.id.as_bytes(), key.as_bytes());
        // All keys are compared, so that the time does not tell which one came close.
        self.keys.iter().fold(false, |found, known| known.matches(&offered) | found)
    }

    /// The stored form of `key`.
    #[must_use]
    pub fn hash_key(id: KassaId, key: &str) -> SecretHash {
        SecretHash::of(id.as_bytes(), key.as_bytes())
    }

    /// Checks a payment's amount against the kassa's limits.
    ///
    /// # Errors
    /// [`Reject::AmountBelowLimit`] and [`Reject::AmountAboveLimit`] ("Payme Subscribe API,
    /// errors -31611 and -31612").
    pub fn check_amount(&self, amount: Tiyin) -> Result<(), Reject> {
        if amount < self.amount_min || amount == Tiyin::ZERO {
            return Err(Reject::AmountBelowLimit);
        }
        if amount > self.amount_max { Err(Reject::AmountAboveLimit) } else { Ok(()) }
    }

    /// Checks which account fields a payment carries and keeps those the kassa knows, in the
    /// kassa's order. Fields it does not know are left out, as shops send more than one kassa asks.
    ///
    /// # Errors
    /// [`Reject::AccountField`] names the field that is required and missing, or empty ("Payme
    /// Subscribe API, error -31610").
    pub fn check_account(&self, given: Vec<AccountValue>) -> Result<Vec<AccountValue>, Reject> {
        if let Some(empty) = given.iter().find(|value| value.text.is_none()) {
            return Err(Reject::AccountField(empty.name.clone()));
        }
        let mut kept = Vec::with_capacity(self.account.len());
        for field in &self.account {
            match given.iter().find(|value| value.name == field.name) {
                Some(value) => kept.push(value.clone()),
                None if field.required => return Err(Reject::AccountField(field.name.clone())),
                None => {}
            }
        }
        Ok(kept)
    }
}

/// One field of a payment's `account` as the shop sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountValue {
    /// The field's name.
    pub name: String,
    /// Its value as text; `None` when the shop sent null, an empty text or something without a
    /// text form.
    pub text: Option<String>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn kassa(fields: &[(&str, bool)]) -> Kassa {
        let id = KassaId([7; 12]);
        let field = |(name, required): &(&str, bool)| AccountField {
            name: (*name).to_owned(),
            titles: Titles::default(),
            required: *required,
        };
        Kassa {
            id,
            keys: vec![Kassa::hash_key(id, "old"), Kassa::hash_key(id, "new")],
            merchant: Merchant::default(),
            account: fields.iter().map(field).collect(),
            amount_min: Tiyin::new(100).unwrap(),
            amount_max: Tiyin::new(1_000_000).unwrap(),
            commission_ppm: 10_000,
            hold_allowed: true,
            save_allowed: true,
            blocked: false,
            created_at: UnixMillis(0),
        }
    }

    fn names(values: &[AccountValue]) -> Vec<&str> {
        values.iter().map(|value| value.name.as_str()).collect()
    }

    fn given(names: &[&str]) -> Vec<AccountValue> {
        let value = |name: &&str| AccountValue {
            name: (*name).trim_end_matches('!').to_owned(),
            text: (!name.ends_with('!')).then(|| "1".to_owned()),
        };
        names.iter().map(value).collect()
    }

    #[test]
    fn account_fields_are_checked_against_the_kassa() {
        let required: &[(&str, bool)] = &[("order_id", true), ("note", false)];
        let either: &[(&str, bool)] = &[("order_id", false), ("loan_id", false)];
        type Case<'a> = (&'a [(&'a str, bool)], &'a [&'a str], Result<&'a [&'a str], &'a str>);
        let cases: [Case<'_>; 9] = [
            (required, &["order_id"], Ok(&["order_id"])),
            (required, &["note", "order_id"], Ok(&["order_id", "note"])),
            (required, &["note"], Err("order_id")),
            (required, &[], Err("order_id")),
            (required, &["order_id", "other"], Ok(&["order_id"])),
            (required, &["order_id!"], Err("order_id")),
            (either, &["loan_id"], Ok(&["loan_id"])),
            (either, &["id"], Ok(&[])),
            (&[], &["anything"], Ok(&[])),
        ];
        for (fields, sent, want) in cases {
            let got = kassa(fields).check_account(given(sent));
            match (got, want) {
                (Ok(kept), Ok(want)) => assert_eq!(names(&kept), want, "{sent:?}"),
                (Err(Reject::AccountField(field)), Err(want)) => {
                    assert_eq!(field, want, "{sent:?}")
                }
                (got, want) => panic!("{sent:?}: {got:?} instead of {want:?}"),
            }
        }
    }

    #[test]
    fn amounts_and_keys_are_checked() {
        let kassa = kassa(&[]);
        let check = |value| kassa.check_amount(Tiyin::new(value).unwrap());
        assert_eq!(check(99), Err(Reject::AmountBelowLimit));
        assert_eq!((check(100), check(1_000_000)), (Ok(()), Ok(())));
        assert_eq!(check(1_000_001), Err(Reject::AmountAboveLimit));
        assert!(kassa.has_key("old"));
        assert!(kassa.has_key("new"));
        assert!(!kassa.has_key(""));
    }
}
