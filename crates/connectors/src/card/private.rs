//! Field 48: our sub-elements, each a 2-digit tag, a 2-digit length and a value.
//!
//! Unknown tags are skipped, so that either end may learn to say more.

use std::fmt::Write as _;

use chorsu_core::OperationId;

const OPERATION: &str = "01";
const ORIGINAL: &str = "02";
const PHONE: &str = "03";
const SMS: &str = "04";
const TOLD_CODE: &str = "05";
const RELEASED: &str = "06";

/// The sub-elements of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Private<'a> {
    /// 01: the operation's id.
    pub operation: Option<OperationId>,
    /// 02: the id of the operation a follow-up is about.
    pub original: Option<OperationId>,
    /// 03: the cardholder's phone, digits.
    pub phone: Option<&'a str>,
    /// 04: whether SMS informing is on.
    pub sms: Option<bool>,
    /// 05: the response code the operation asked about was answered with.
    pub told_code: Option<&'a str>,
    /// 06: whether the hold asked about has been given back since.
    pub released: bool,
}

/// Field 48 is not a list of sub-elements, or one has a value it cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the private data cannot be read")]
pub struct PrivateError;

impl<'a> Private<'a> {
    /// Appends the sub-elements that are there.
    pub fn write(&self, out: &mut String) {
        let ids = [(OPERATION, self.operation), (ORIGINAL, self.original)];
        for (tag, id) in ids.into_iter().filter_map(|(tag, id)| Some((tag, id?))) {
            // Writing into a String cannot fail.
            let _ = write!(out, "{tag}24{id}");
        }
        let sms = self.sms.map(|on| if on { "1" } else { "0" });
        let released = self.released.then_some("1");
        let texts =
            [(PHONE, self.phone), (SMS, sms), (TOLD_CODE, self.told_code), (RELEASED, released)];
        for (tag, text) in texts.into_iter().filter_map(|(tag, text)| Some((tag, text?))) {
            let _ = write!(out, "{tag}{:02}{text}", text.len());
        }
    }

    /// Reads the sub-elements of `text`.
    ///
    /// # Errors
    /// [`PrivateError`] when it is cut short or a known sub-element is not what it should be.
    pub fn read(text: &'a str) -> Result<Self, PrivateError> {
        let mut private = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (tag, after) = rest.split_at_checked(2).ok_or(PrivateError)?;
            let (length, after) = after.split_at_checked(2).ok_or(PrivateError)?;
            if !length.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(PrivateError);
            }
            let length = length.parse().map_err(|_| PrivateError)?;
            let (value, after) = after.split_at_checked(length).ok_or(PrivateError)?;
            private.take(tag, value)?;
            rest = after;
        }
        Ok(private)
    }

    fn take(&mut self, tag: &str, value: &'a str) -> Result<(), PrivateError> {
        let flag = || match value {
            "0" => Ok(false),
            "1" => Ok(true),
            _ => Err(PrivateError),
        };
        match tag {
            OPERATION => self.operation = Some(value.parse().map_err(|_| PrivateError)?),
            ORIGINAL => self.original = Some(value.parse().map_err(|_| PrivateError)?),
            PHONE => self.phone = Some(value),
            SMS => self.sms = Some(flag()?),
            TOLD_CODE => self.told_code = Some(value),
            RELEASED => self.released = flag()?,
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_elements_survive_the_way() {
        let full = Private {
            operation: Some(OperationId([1; 12])),
            original: Some(OperationId([255; 12])),
            phone: Some("998901234567"),
            sms: Some(false),
            told_code: Some("51"),
            released: true,
        };
        for private in [full, Private::default(), Private { phone: Some(""), ..full }] {
            let mut text = String::new();
            private.write(&mut text);
            assert_eq!(Private::read(&text), Ok(private), "{text}");
        }
    }

    #[test]
    fn unknown_tags_are_skipped_and_broken_ones_refused() {
        assert_eq!(Private::read("9903abc04011").unwrap().sms, Some(true));
        for bad in ["0", "01", "0124", "012", "01-1x", "01+1x", "0102ab", "0401x", "0601", "04012x"]
        {
            assert_eq!(Private::read(bad), Err(PrivateError), "{bad}");
        }
    }
}
