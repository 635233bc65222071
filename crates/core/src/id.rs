//! Identifiers of 12 bytes, written as 24 lower-case hex digits, ordered by the time of their birth.
//!
//! Randomness and time come from the caller; this module only lays the bytes out.

use std::fmt;
use std::str::FromStr;

use crate::time::UnixMillis;

/// Bytes of an identifier.
pub const ID_BYTES: usize = 12;
const TIME_BYTES: usize = 6;
/// The last millisecond an id can carry, in the year 10889; what is later counts as this.
const TIME_MAX: u64 = (1 << (8 * TIME_BYTES)) - 1;

/// The text is not 24 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 24 hexadecimal digits")]
pub struct IdError;

/// Lays out an id: 6 bytes of milliseconds, then 6 random bytes.
fn compose(now: UnixMillis, random: [u8; 6]) -> [u8; ID_BYTES] {
    let time = u64::try_from(now.0.max(0)).unwrap_or(0).min(TIME_MAX).to_be_bytes();
    let mut bytes = [0; ID_BYTES];
    bytes[..TIME_BYTES].copy_from_slice(&time[8 - TIME_BYTES..]);
    bytes[TIME_BYTES..].copy_from_slice(&random);
    bytes
}

fn parse_hex(text: &str) -> Result<[u8; ID_BYTES], IdError> {
    let digits = text.as_bytes();
    if digits.len() != 2 * ID_BYTES {
        return Err(IdError);
    }
    let mut bytes = [0; ID_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
    }
    Ok(bytes)
}

const fn hex_digit(digit: u8) -> Result<u8, IdError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(IdError),
    }
}

/// The 24 lower-case hex digits of an id, without an allocation.
fn hex_text(bytes: [u8; ID_BYTES]) -> [u8; 2 * ID_BYTES] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 2 * ID_BYTES];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; ID_BYTES]);

        impl $name {
            /// A new id born at `now`; `random` tells apart those of one millisecond.
            #[must_use]
            pub fn new(now: UnixMillis, random: [u8; 6]) -> Self {
                Self(compose(now, random))
            }

            /// The smallest id that can be born at `now`: the lower end of a range of time.
            #[must_use]
            pub fn first_at(now: UnixMillis) -> Self {
                Self(compose(now, [0; 6]))
            }

            /// The bytes, for keys and the database.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; ID_BYTES] {
                &self.0
            }

            /// The id of these bytes; an error unless there are exactly 12.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdError> {
                bytes.try_into().map(Self).map_err(|_| IdError)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_hex(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = hex_text(self.0);
                f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

id_type!(
    /// A kassa: the merchant's cash desk, the account a client authenticates as.
    KassaId
);
id_type!(
    /// A card known to a kassa; the public half of its token.
    CardId
);
id_type!(
    /// A receipt: one payment from its creation to its end.
    ReceiptId
);
id_type!(
    /// One request to a counterparty; the reference under which both sides know it, and the key
    /// of its outbox row.
    OperationId
);

id_type!(
    /// Whose document it is: a kassa or a bank partner.
    OwnerId
);
id_type!(
    /// A document behind a ledger entry: a receipt, a till payment, a fiscal receipt, a payment
    /// order or a settlement. Ids are unique over all of them.
    DocumentId
);
id_type!(
    /// A partner of the bank API, the account a client authenticates as.
    PartnerId
);

impl From<ReceiptId> for DocumentId {
    fn from(id: ReceiptId) -> Self {
        Self(id.0)
    }
}

impl From<DocumentId> for ReceiptId {
    fn from(id: DocumentId) -> Self {
        Self(id.0)
    }
}

impl From<KassaId> for OwnerId {
    fn from(id: KassaId) -> Self {
        Self(id.0)
    }
}

impl From<OwnerId> for KassaId {
    fn from(id: OwnerId) -> Self {
        Self(id.0)
    }
}

impl From<PartnerId> for OwnerId {
    fn from(id: PartnerId) -> Self {
        Self(id.0)
    }
}

/// The bytes a UUID has and an id has not.
const UUID_TAIL: [u8; 4] = [0x43, 0x48, 0x52, 0x53];

impl DocumentId {
    /// The id in the form of a UUID of version 7: milliseconds, then the random bytes, then a
    /// constant. Counterparties and tills know a payment by it.
    #[must_use]
    pub fn uuid(&self) -> String {
        let id = self.0;
        let random = u64::from_be_bytes([0, 0, id[6], id[7], id[8], id[9], id[10], id[11]]);
        let (a, b) = (random >> 36, random & 0xf_ffff_ffff);
        let time = u64::from_be_bytes([0, 0, id[0], id[1], id[2], id[3], id[4], id[5]]);
        let tail = u64::from(u32::from_be_bytes(UUID_TAIL) & 0x03ff_ffff);
        let low = (b << 26) | tail | (0b10 << 62);
        format!(
            "{:08x}-{:04x}-7{a:03x}-{:04x}-{:012x}",
            time >> 16,
            time & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    /// The id behind a text made by [`Self::uuid`].
    ///
    /// # Errors
    /// When it is not such a text.
    pub fn from_uuid(text: &str) -> Result<Self, IdError> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let number = u128::from_str_radix(&digits, 16).map_err(|_| IdError)?;
        let part = |shift: u32, bits: u32| (number >> shift) & ((1 << bits) - 1);
        let random = (part(64, 12) << 36) | part(26, 36);
        let bytes = ((part(80, 48) << 48) | random).to_be_bytes();
        let id = Self::from_bytes(&bytes[4..])?;
        if id.uuid() == text.to_ascii_lowercase() { Ok(id) } else { Err(IdError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_are_the_same_id() {
        let id: ReceiptId = "2e0b1bc1f1eb50d487ba268d".parse().unwrap();
        assert_eq!(id.to_string(), "2e0b1bc1f1eb50d487ba268d");
        assert_eq!("2E0B1BC1F1EB50D487BA268D".parse(), Ok(id));
        for bad in
            ["", "2e0b", "2e0b1bc1f1eb50d487ba268g", "2e0b1bc1f1eb50d487ba268d0", "ёёёёёёёёёёёё"]
        {
            assert_eq!(bad.parse::<ReceiptId>(), Err(IdError), "{bad}");
        }
    }

    #[test]
    fn a_document_has_a_uuid_and_back() {
        for id in
            ["0190abcdef0123456789abcd", "ffffffffffffffffffffffff", "000000000000000000000000"]
        {
            let id: DocumentId = id.parse().unwrap();
            let uuid = id.uuid();
            assert_eq!(uuid.len(), 36);
            assert_eq!((&uuid[14..15], DocumentId::from_uuid(&uuid)), ("7", Ok(id)), "{uuid}");
        }
        for bad in ["", "x", "0e436d79-f100-4373-b12a-1f238b558054", "+1"] {
            assert_eq!(DocumentId::from_uuid(bad), Err(IdError), "{bad}");
        }
    }

    #[test]
    fn ids_are_ordered_by_birth() {
        let earlier = ReceiptId::new(UnixMillis(1_700_000_000_000), [255; 6]);
        let later = ReceiptId::new(UnixMillis(1_700_000_000_001), [0; 6]);
        assert!(earlier < later);
        assert_eq!(ReceiptId::first_at(UnixMillis(1_700_000_000_001)), later);
        assert!(ReceiptId::new(UnixMillis(-5), [1; 6]) > ReceiptId::first_at(UnixMillis(0)));
        assert!(ReceiptId::first_at(UnixMillis(i64::MAX)) > later);
    }
}
