//! How values of receipts are written as JSON: amounts as whole tiyin, coordinates by their digits.

/// An amount as a whole number of tiyin.
pub(super) mod tiyin {
    use chorsu_core::Tiyin;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    pub(in crate::fiscal_module) fn serialize<S: Serializer>(
        amount: &Tiyin,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_i64(amount.get())
    }

    pub(in crate::fiscal_module) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Tiyin, D::Error> {
        Tiyin::new(i64::deserialize(from)?).ok_or_else(|| D::Error::custom("a negative amount"))
    }
}

/// An amount that may be absent.
pub(super) mod some_tiyin {
    use chorsu_core::Tiyin;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    #[expect(clippy::ref_option, reason = "serde calls it with a reference")]
    pub(in crate::fiscal_module) fn serialize<S: Serializer>(
        amount: &Option<Tiyin>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match amount {
            Some(amount) => to.serialize_some(&amount.get()),
            None => to.serialize_none(),
        }
    }

    pub(in crate::fiscal_module) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Tiyin>, D::Error> {
        let read = |amount| Tiyin::new(amount).ok_or_else(|| D::Error::custom("a negative amount"));
        Option::<i64>::deserialize(from)?.map(read).transpose()
    }
}

/// Degrees with up to six decimals, as millionths.
pub(super) mod degrees {
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer, de::Error as _, ser};
    use serde_json::value::RawValue;

    pub(in crate::fiscal_module) fn serialize<S: Serializer>(
        millionths: &i32,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let sign = if *millionths < 0 { "-" } else { "" };
        let size = millionths.unsigned_abs();
        let text = format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000);
        RawValue::from_string(text).map_err(ser::Error::custom)?.serialize(to)
    }

    pub(in crate::fiscal_module) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<i32, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        read(raw.get()).ok_or_else(|| D::Error::custom("not degrees"))
    }

    fn read(text: &str) -> Option<i32> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let kept = decimals.get(..decimals.len().min(6))?;
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || !number(whole) || !number(decimals) {
            return None;
        }
        let millionths: i32 = format!("{whole}{kept:0<6}").parse().ok()?;
        Some(sign * millionths)
    }
}
