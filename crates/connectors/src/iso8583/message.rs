//! A message: its type and its fields, borrowed from whoever owns the text.

use std::fmt;

use super::field::{FIELD_COUNT, Field, LAYOUTS, Layout, Length};
use super::frame::{MAX_MESSAGE_BYTES, PREFIX_BYTES};

const MTI_BYTES: usize = 4;
const BITMAP_BYTES: usize = 8;
/// A message without a single field.
pub(super) const MIN_MESSAGE_BYTES: usize = MTI_BYTES + BITMAP_BYTES;

/// A message type: version, class, function and origin as four digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Mti(u16);

impl Mti {
    /// 0100: authorisation only; the money is held.
    pub const AUTHORISATION: Self = Self(100);
    /// 0200: authorisation and clearing in one; the money is debited.
    pub const FINANCIAL: Self = Self(200);
    /// 0220: the completion of something authorised before.
    pub const ADVICE: Self = Self(220);
    /// 0400: the undoing of something authorised before.
    pub const REVERSAL: Self = Self(400);
    /// 0600: a question about an earlier message.
    pub const ADMINISTRATIVE: Self = Self(600);

    /// The type that answers this one: the function digit plus one.
    #[must_use]
    pub const fn answer(self) -> Self {
        Self(self.0 + 10)
    }

    fn read(bytes: [u8; MTI_BYTES]) -> Option<Self> {
        let digits = bytes.iter().all(u8::is_ascii_digit);
        let number = bytes.iter().fold(0, |sum, digit| sum * 10 + u16::from(*digit & 15));
        // The last digit range keeps `answer` within four digits.
        (digits && number < 9_990).then_some(Self(number))
    }

    const fn write(self) -> [u8; MTI_BYTES] {
        let mut digits = [0; MTI_BYTES];
        let mut rest = self.0;
        let mut place = MTI_BYTES;
        while place > 0 {
            place -= 1;
            digits[place] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        digits
    }
}

impl fmt::Debug for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

/// A message could not be written; nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The field's value has not the length the field must have.
    #[error("field {0:?} has a wrong length")]
    Length(Field),
    /// The field's value has characters the field must not have.
    #[error("field {0:?} has wrong characters")]
    Content(Field),
}

/// These bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The message ends inside a field or before the bitmap's end.
    #[error("the message is cut short")]
    Short,
    /// The message is longer than its fields, or longer than any message.
    #[error("the message is too long")]
    Long,
    /// The message type is not four digits.
    #[error("the message type is not four digits")]
    Mti,
    /// The bitmap names a field that is not in use.
    #[error("field {0} is not in use")]
    UnknownField(u8),
    /// The field's value has characters the field must not have.
    #[error("field {0:?} has wrong characters")]
    Content(Field),
}

/// A message whose values live elsewhere: in the bytes read, or with the one who writes.
#[derive(Clone, PartialEq, Eq)]
pub struct Message<'a> {
    mti: Mti,
    values: [Option<&'a str>; FIELD_COUNT],
}

impl<'a> Message<'a> {
    /// A message without fields.
    #[must_use]
    pub const fn new(mti: Mti) -> Self {
        Self { mti, values: [None; FIELD_COUNT] }
    }

    /// Its type.
    #[must_use]
    pub const fn mti(&self) -> Mti {
        self.mti
    }

    /// The value of `field`, if the message has it.
    #[must_use]
    pub const fn get(&self, field: Field) -> Option<&'a str> {
        self.values[field as usize]
    }

    /// Gives `field` the value `value`; [`Message::encode`] checks it.
    pub const fn set(&mut self, field: Field, value: &'a str) {
        self.values[field as usize] = Some(value);
    }

    /// Appends the message with its length prefix to `out`.
    ///
    /// # Errors
    /// A value that its field cannot hold; `out` is then as it was.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let start = out.len();
        out.extend_from_slice(&[0; PREFIX_BYTES]);
        out.extend_from_slice(&self.mti.write());
        let bitmap_at = out.len();
        out.extend_from_slice(&[0; BITMAP_BYTES]);
        let mut bitmap = 0_u64;
        for (layout, value) in LAYOUTS.iter().zip(self.values) {
            let Some(value) = value else { continue };
            if let Err(error) = write_value(layout, value.as_bytes(), out) {
                out.truncate(start);
                return Err(error);
            }
            bitmap |= bit(layout.number);
        }
        out[bitmap_at..bitmap_at + BITMAP_BYTES].copy_from_slice(&bitmap.to_be_bytes());
        let length = out.len() - start - PREFIX_BYTES;
        // The longest values of all fields together stay far below the bound.
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        out[start..start + PREFIX_BYTES].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }

    /// Reads a message from the bytes of one frame, without its length prefix.
    ///
    /// # Errors
    /// Anything that is not exactly one message of the fields in use.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_MESSAGE_BYTES {
            return Err(DecodeError::Long);
        }
        let (mti, rest) = bytes.split_first_chunk().ok_or(DecodeError::Short)?;
        let (bitmap, mut rest) = rest.split_first_chunk().ok_or(DecodeError::Short)?;
        let mut message = Self::new(Mti::read(*mti).ok_or(DecodeError::Mti)?);
        let bitmap = u64::from_be_bytes(*bitmap);
        if bitmap & !IN_USE != 0 {
            return Err(DecodeError::UnknownField(lowest_field(bitmap & !IN_USE)));
        }
        for (layout, value) in LAYOUTS.iter().zip(&mut message.values) {
            if bitmap & bit(layout.number) != 0 {
                *value = Some(read_value(layout, &mut rest)?);
            }
        }
        if rest.is_empty() { Ok(message) } else { Err(DecodeError::Long) }
    }
}

impl fmt::Debug for Message<'_> {
    /// Type and field numbers only: a message holds what must not be printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let present = LAYOUTS.iter().zip(self.values).filter(|(_, value)| value.is_some());
        write!(f, "Message({:?}, fields ", self.mti)?;
        f.debug_list().entries(present.map(|(layout, _)| layout.number)).finish()?;
        f.write_str(")")
    }
}

/// The bit of field `number`: field 1 is the highest.
const fn bit(number: u8) -> u64 {
    1 << (64 - number)
}

/// The bits of all fields in use.
const IN_USE: u64 = {
    let mut bits = 0;
    let mut place = 0;
    while place < FIELD_COUNT {
        bits |= bit(LAYOUTS[place].number);
        place += 1;
    }
    bits
};

/// The field with the lowest number in a bitmap that is not empty.
fn lowest_field(bitmap: u64) -> u8 {
    u8::try_from(bitmap.leading_zeros() + 1).unwrap_or(u8::MAX)
}

fn write_value(layout: &Layout, value: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match layout.length {
        Length::Fixed(length) if value.len() == length => {}
        Length::Counted { digits, max } if value.len() <= max => {
            let mut unit = if digits == 2 { 10 } else { 100 };
            while unit > 0 {
                // One decimal digit: the remainder is below ten.
                out.push(b'0' + u8::try_from(value.len() / unit % 10).unwrap_or(0));
                unit /= 10;
            }
        }
        Length::Fixed(_) | Length::Counted { .. } => return Err(EncodeError::Length(layout.field)),
    }
    if !layout.content.admits(value) {
        return Err(EncodeError::Content(layout.field));
    }
    out.extend_from_slice(value);
    Ok(())
}

fn read_value<'a>(layout: &Layout, rest: &mut &'a [u8]) -> Result<&'a str, DecodeError> {
    let wrong = DecodeError::Content(layout.field);
    let length = match layout.length {
        Length::Fixed(length) => length,
        Length::Counted { digits, max } => {
            let (count, after) = rest.split_at_checked(digits).ok_or(DecodeError::Short)?;
            if !count.iter().all(u8::is_ascii_digit) {
                return Err(wrong);
            }
            *rest = after;
            let length = count.iter().fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
            if length > max {
                return Err(wrong);
            }
            length
        }
    };
    let (value, after) = rest.split_at_checked(length).ok_or(DecodeError::Short)?;
    *rest = after;
    if !layout.content.admits(value) {
        return Err(wrong);
    }
    std::str::from_utf8(value).map_err(|_| wrong)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::field::Content;
    use super::super::next_frame;
    use super::*;

    fn sample() -> Message<'static> {
        let mut message = Message::new(Mti::FINANCIAL);
        message.set(Field::Pan, "8600069195406311");
        message.set(Field::ProcessingCode, "000000");
        message.set(Field::Amount, "000000500000");
        message.set(Field::Currency, "860");
        message
    }

    #[test]
    fn the_bytes_are_as_the_standard_lays_them_out() {
        let mut bytes = Vec::new();
        sample().encode(&mut bytes).unwrap();
        let mut want = vec![0, 4 + 8 + 18 + 6 + 12 + 3];
        want.extend(b"0200");
        want.extend([0b0111_0000, 0, 0, 0, 0, 0, 0b1000_0000, 0]);
        want.extend(b"168600069195406311000000000000500000860");
        assert_eq!(bytes, want);
        let (message, used) = next_frame(&bytes).unwrap().unwrap();
        assert_eq!(used, bytes.len());
        assert_eq!(Message::decode(message).unwrap(), sample());
    }

    #[test]
    fn a_message_is_never_printed_with_its_values() {
        assert_eq!(format!("{:?}", sample()), "Message(0200, fields [2, 3, 4, 49])");
    }

    #[test]
    fn a_value_that_does_not_fit_writes_nothing() {
        let cases = [
            (Field::Amount, "1000000000000", EncodeError::Length(Field::Amount)),
            (Field::Amount, "00000000000a", EncodeError::Content(Field::Amount)),
            (Field::Pan, "86000691954063118600", EncodeError::Length(Field::Pan)),
            (Field::Private, "ё", EncodeError::Content(Field::Private)),
            (Field::ResponseCode, "0", EncodeError::Length(Field::ResponseCode)),
        ];
        for (field, value, want) in cases {
            let mut message = sample();
            message.set(field, value);
            let mut out = vec![7];
            assert_eq!(message.encode(&mut out), Err(want));
            assert_eq!(out, [7], "{field:?}");
        }
    }

    #[test]
    fn what_is_not_a_message_is_refused() {
        let mut bytes = Vec::new();
        sample().encode(&mut bytes).unwrap();
        let good = bytes.split_off(2);
        for end in 0..good.len() {
            assert_eq!(Message::decode(&good[..end]), Err(DecodeError::Short), "{end}");
        }
        let changed = |place: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[place] = byte;
            Message::decode(&bytes).map(|_| ())
        };
        assert_eq!(changed(0, b'x'), Err(DecodeError::Mti));
        assert_eq!(changed(0, b'9'), Ok(()));
        assert_eq!(changed(4, 0b1111_0000), Err(DecodeError::UnknownField(1)));
        assert_eq!(changed(4, 0b0111_1000), Err(DecodeError::UnknownField(5)));
        assert_eq!(changed(11, 1), Err(DecodeError::UnknownField(64)));
        assert_eq!(changed(12, b'9'), Err(DecodeError::Content(Field::Pan)));
        assert_eq!(changed(14, b'x'), Err(DecodeError::Content(Field::Pan)));
        assert_eq!(Message::decode(&[&good[..], b"0"].concat()), Err(DecodeError::Long));
    }

    fn value_of(place: usize) -> impl Strategy<Value = Option<String>> {
        let layout = &LAYOUTS[place];
        let (low, high) = match layout.length {
            Length::Fixed(length) => (length, length),
            Length::Counted { max, .. } => (0, max),
        };
        let characters = if layout.content == Content::Digits { b'0'..=b'9' } else { b' '..=b'~' };
        let text = proptest::collection::vec(characters, low..=high)
            .prop_map(|bytes| String::from_utf8(bytes).unwrap());
        proptest::option::of(text)
    }

    fn values() -> impl Strategy<Value = Vec<Option<String>>> {
        (0..FIELD_COUNT).map(value_of).collect::<Vec<_>>()
    }

    proptest! {
        #[test]
        fn every_message_survives_the_way(mti in 0_u16..9_990, values in values()) {
            let mut message = Message::new(Mti(mti));
            for (slot, value) in message.values.iter_mut().zip(&values) {
                *slot = value.as_deref();
            }
            let mut bytes = Vec::new();
            message.encode(&mut bytes).unwrap();
            let (body, used) = next_frame(&bytes).unwrap().unwrap();
            prop_assert_eq!(used, bytes.len());
            prop_assert_eq!(Message::decode(body).unwrap(), message);
        }

        #[test]
        fn no_bytes_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            bitmap in any::<u64>(),
            values in proptest::collection::vec(b' '..=b'9', 0..300),
        ) {
            let _ = next_frame(&bytes);
            let _ = Message::decode(&bytes);
            // Past the header, where random bytes hardly ever get.
            let bytes = [b"0200", &(bitmap & IN_USE).to_be_bytes()[..], &values].concat();
            let _ = Message::decode(&bytes);
        }
    }
}
