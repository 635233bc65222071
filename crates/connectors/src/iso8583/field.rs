//! The message fields in use, with their numbers and layouts (ISO 8583:1987, part 1).

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 2: the card number. Never printed.
    Pan,
    /// 3: what is asked, 6 digits.
    ProcessingCode,
    /// 4: the amount in tiyin, 12 digits.
    Amount,
    /// 7: when the sender sent it, `MMDDhhmmss` in UTC; an answer repeats it.
    TransmittedAt,
    /// 11: the trace number that pairs an answer with its request, 6 digits.
    Stan,
    /// 14: the card's expiry, `YYMM`.
    Expiry,
    /// 37: the network's reference of the operation, 12 characters.
    Rrn,
    /// 38: the authorisation code, 6 characters.
    AuthCode,
    /// 39: the response code, 2 characters.
    ResponseCode,
    /// 41: the terminal, 8 characters.
    Terminal,
    /// 42: the merchant, 15 characters.
    Merchant,
    /// 48: private data, up to 999 characters.
    Private,
    /// 49: the currency, 3 digits.
    Currency,
}

/// How many fields there are.
pub(super) const FIELD_COUNT: usize = 13;

/// Which characters a field takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Decimal digits.
    Digits,
    /// Printable ASCII.
    Text,
}

/// How long a field is.
#[derive(Clone, Copy)]
pub(super) enum Length {
    /// Exactly so many characters.
    Fixed(usize),
    /// Up to `max` characters after a count of `digits` digits.
    Counted {
        /// Digits of the count: 2 for LLVAR, 3 for LLLVAR.
        digits: usize,
        /// The longest value.
        max: usize,
    },
}

/// Number, characters and length of a field.
pub(super) struct Layout {
    /// The field.
    pub(super) field: Field,
    /// Its number in the bitmap.
    pub(super) number: u8,
    /// Its characters.
    pub(super) content: Content,
    /// Its length.
    pub(super) length: Length,
}

const fn digits(field: Field, number: u8, length: usize) -> Layout {
    Layout { field, number, content: Content::Digits, length: Length::Fixed(length) }
}

const fn text(field: Field, number: u8, length: usize) -> Layout {
    Layout { field, number, content: Content::Text, length: Length::Fixed(length) }
}

/// All layouts, by number; the place of a field here is its place in a message.
pub(super) const LAYOUTS: [Layout; FIELD_COUNT] = [
    Layout {
        field: Field::Pan,
        number: 2,
        content: Content::Digits,
        length: Length::Counted { digits: 2, max: 19 },
    },
    digits(Field::ProcessingCode, 3, 6),
    digits(Field::Amount, 4, 12),
    digits(Field::TransmittedAt, 7, 10),
    digits(Field::Stan, 11, 6),
    digits(Field::Expiry, 14, 4),
    text(Field::Rrn, 37, 12),
    text(Field::AuthCode, 38, 6),
    text(Field::ResponseCode, 39, 2),
    text(Field::Terminal, 41, 8),
    text(Field::Merchant, 42, 15),
    Layout {
        field: Field::Private,
        number: 48,
        content: Content::Text,
        length: Length::Counted { digits: 3, max: 999 },
    },
    digits(Field::Currency, 49, 3),
];

impl Content {
    /// Whether `bytes` are of this content.
    pub(super) fn admits(self, bytes: &[u8]) -> bool {
        match self {
            Self::Digits => bytes.iter().all(u8::is_ascii_digit),
            Self::Text => bytes.iter().all(|byte| matches!(byte, b' '..=b'~')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_fields_and_of_their_numbers() {
        for (place, layout) in LAYOUTS.iter().enumerate() {
            assert_eq!(layout.field as usize, place);
        }
        assert!(LAYOUTS.is_sorted_by(|a, b| a.number < b.number));
    }
}
