//! How values of other crates are written in the JSON of records: as short text or numbers.

use std::fmt::Display;

use chorsu_connectors::iso8583::Ascii;
use chorsu_core::card::MaskedPan;
use chorsu_core::{OperationId, Tiyin};
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// A value that is text in a record.
pub(super) trait Text: Display + Sized {
    /// The value of `text`.
    fn read(text: &str) -> Option<Self>;
}

impl Text for OperationId {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Text for MaskedPan {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl<const N: usize> Text for Ascii<N> {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

pub(super) fn serialize<T: Text, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

pub(super) fn deserialize<'de, T: Text, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    // The text of records needs no escapes, so it can be borrowed.
    T::read(<&str>::deserialize(from)?)
        .ok_or_else(|| D::Error::custom("not the text of this value"))
}

/// The same for a value that may be absent.
pub(super) mod option {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Text;

    pub(in crate::bank) fn serialize<T: Text, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }

    pub(in crate::bank) fn deserialize<'de, T: Text, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<T>, D::Error> {
        let text = <Option<&str>>::deserialize(from)?;
        let wrong = || D::Error::custom("not the text of this value");
        text.map(|text| T::read(text).ok_or_else(wrong)).transpose()
    }
}

/// Amounts as whole tiyin.
pub(crate) mod tiyin {
    use super::{Deserialize, Deserializer, Error, Serializer, Tiyin};

    pub(crate) fn serialize<S: Serializer>(amount: &Tiyin, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(amount.get())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Tiyin, D::Error> {
        Tiyin::new(i64::deserialize(from)?).ok_or_else(|| D::Error::custom("a negative amount"))
    }
}
