//! What our journal says about an order that another bank carries out. It is the `reason` of an
//! order that has not ended, so it is as durable as the order itself.
//!
//! Before a request may leave, [`Known::Sent`] is written: from then on the order may be recorded
//! over there, whatever becomes of this process.

use std::fmt;

/// Longest explanation that is kept, in characters.
const WORDS_MAX: usize = 200;

/// What is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// No request for it has ever left.
    Fresh,
    /// A request may have left; whether it was accepted is not known.
    Sent,
    /// The last request was refused with this code, but an earlier one may have been accepted.
    Refused(u16),
    /// It was accepted; this is its number over there. It is never sent again.
    Accepted(String),
}

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// What is known.
    pub(crate) known: Known,
    /// What people should read, or who looks after it now.
    pub(crate) words: String,
}

/// Stands between what is known and the words.
const SEPARATOR: &str = ": ";

impl Note {
    /// A line with an explanation.
    pub(crate) fn new(known: Known, words: impl fmt::Display) -> Self {
        let words = words.to_string();
        let words = words.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect();
        Self { known, words }
    }

    /// The line of a stored reason. A text without a meaning counts as sent: nothing may be sent
    /// again before the bank was asked.
    pub(crate) fn read(reason: Option<&str>) -> Self {
        let Some(text) = reason else { return Self::new(Known::Fresh, "") };
        let (head, words) = text.split_once(SEPARATOR).unwrap_or((text, ""));
        let known = match head.split_once(' ').unwrap_or((head, "")) {
            ("waiting", "") => Known::Fresh,
            ("refused", code) => code.parse().map_or(Known::Sent, Known::Refused),
            ("accepted", doc_id) if !doc_id.is_empty() => Known::Accepted(doc_id.to_owned()),
            _ => Known::Sent,
        };
        Self { known, words: words.to_owned() }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.known {
            Known::Fresh => f.write_str("waiting")?,
            Known::Sent => f.write_str("sent")?,
            Known::Refused(code) => write!(f, "refused {code}")?,
            // A number from outside must not look like the separator.
            Known::Accepted(doc_id) => write!(f, "accepted {}", doc_id.replace(SEPARATOR, ":"))?,
        }
        if self.words.is_empty() { Ok(()) } else { write!(f, "{SEPARATOR}{}", self.words) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        let cases = [
            Note::new(Known::Fresh, "the bank cannot be reached: refused"),
            Note::new(Known::Sent, ""),
            Note::new(Known::Sent, "no answer in time"),
            Note::new(Known::Refused(1013), "Счёт не найден"),
            Note::new(Known::Accepted("1180_1841519885".to_owned()), "Введен"),
        ];
        for note in cases {
            assert_eq!(Note::read(Some(&note.to_string())), note);
        }
        assert_eq!(Note::read(None).known, Known::Fresh);
    }

    #[test]
    fn what_is_not_understood_may_have_been_sent() {
        for text in ["", "accepted", "accepted : x", "refused soon", "waiting x", "???"] {
            assert_eq!(Note::read(Some(text)).known, Known::Sent, "{text}");
        }
        let tricky = Note::new(Known::Accepted("a: b".to_owned()), "");
        assert_eq!(Note::read(Some(&tricky.to_string())).known, Known::Accepted("a:b".to_owned()));
        assert!(Note::new(Known::Sent, "x\n".repeat(900)).to_string().len() < 300);
    }
}
