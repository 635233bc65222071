//! Writing bodies of requests as JSON.

use chorsu_core::Tiyin;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// `body` as JSON.
pub(crate) fn json(body: &impl Serialize) -> Vec<u8> {
    json_within(body, 128)
}

/// `body` as JSON that most likely takes no more than `room` bytes. Where that holds, no buffer is
/// outgrown on the way, and none is left behind with a part of the body.
#[expect(clippy::expect_used, reason = "our bodies are structs whose keys are text")]
pub(crate) fn json_within(body: &impl Serialize, room: usize) -> Vec<u8> {
    let mut written = Vec::with_capacity(room);
    serde_json::to_writer(&mut written, body).expect("a struct with text for keys is written");
    written
}

/// An amount in sums, without decimals where there are none: `500`, `500.05`.
pub(crate) fn sums(amount: Tiyin) -> String {
    match amount.get() {
        tiyin if tiyin % 100 == 0 => (tiyin / 100).to_string(),
        _ => amount.to_string(),
    }
}

/// Writes an amount as a JSON number of sums, digit by digit.
pub(crate) fn as_sums<S: Serializer>(amount: &Tiyin, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(sums(*amount)).map_err(serde::ser::Error::custom)?.serialize(serializer)
}

/// Writes an amount as a JSON number of tiyin.
pub(crate) fn as_tiyin<S: Serializer>(amount: &Tiyin, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(amount.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_by_their_digits() {
        #[derive(Serialize)]
        struct Both {
            #[serde(serialize_with = "as_sums")]
            sums: Tiyin,
            #[serde(serialize_with = "as_tiyin")]
            tiyin: Tiyin,
        }
        for (tiyin, want) in [
            (0, r#"{"sums":0,"tiyin":0}"#),
            (50_000, r#"{"sums":500,"tiyin":50000}"#),
            (50_005, r#"{"sums":500.05,"tiyin":50005}"#),
            (10, r#"{"sums":0.10,"tiyin":10}"#),
            (i64::MAX, r#"{"sums":92233720368547758.07,"tiyin":9223372036854775807}"#),
        ] {
            let amount = Tiyin::new(tiyin).unwrap();
            let body = json(&Both { sums: amount, tiyin: amount });
            assert_eq!(String::from_utf8(body).unwrap(), want);
        }
    }
}
