//! What our journal says about an order that another bank carries out. It is the `reason` of an
//! order that has not ended, so it is as durable as the order itself.
//!
//! Before a request may leave, [`Known::Sent`] is written: from then on the order may be recorded
//! over there, whatever becomes of this process.

use std::fmt;

use chorsu_core::UnixMillis;

/// Longest explanation that is kept, in characters.
const WORDS_MAX: usize = 200;

/// What is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// No request for it has ever left.
    Fresh,
    /// A request may have left, the last one at this moment; whether one was accepted is not known.
    Sent(UnixMillis),
    /// The last request, of this moment, was refused with this code, but an earlier one may have
    /// been accepted.
    Refused(u16, UnixMillis),
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

    /// The line of a stored reason with other words: what is known stays known.
    pub(crate) fn kept(reason: Option<&str>, now: UnixMillis, words: impl fmt::Display) -> Self {
        Self::new(Self::read(reason, now).known, words)
    }

    /// The line of a stored reason. A text without a meaning counts as sent, and a line without a
    /// time as sent right `now`: nothing may be sent again before the bank was asked.
    pub(crate) fn read(reason: Option<&str>, now: UnixMillis) -> Self {
        let Some(text) = reason else { return Self::new(Known::Fresh, "") };
        let (head, words) = text.split_once(SEPARATOR).unwrap_or((text, ""));
        let moment = |text: &str| text.parse().map_or(now, UnixMillis);
        let known = match head.split_once(' ').unwrap_or((head, "")) {
            ("waiting", "") => Known::Fresh,
            ("refused", rest) => {
                let (code, at) = rest.split_once(' ').unwrap_or((rest, ""));
                code.parse().map_or(Known::Sent(now), |code| Known::Refused(code, moment(at)))
            }
            ("accepted", doc_id) if !doc_id.is_empty() => Known::Accepted(doc_id.to_owned()),
            ("sent", at) => Known::Sent(moment(at)),
            _ => Known::Sent(now),
        };
        Self { known, words: words.to_owned() }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.known {
            Known::Fresh => f.write_str("waiting")?,
            Known::Sent(at) => write!(f, "sent {}", at.0)?,
            Known::Refused(code, at) => write!(f, "refused {code} {}", at.0)?,
            // A number from outside must not look like the separator.
            Known::Accepted(doc_id) => write!(f, "accepted {}", doc_id.replace(SEPARATOR, ":"))?,
        }
        if self.words.is_empty() { Ok(()) } else { write!(f, "{SEPARATOR}{}", self.words) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);
    const THEN: UnixMillis = UnixMillis(1_600_000_000_000);

    #[test]
    fn lines_are_read_as_they_were_written() {
        let cases = [
            Note::new(Known::Fresh, "the bank cannot be reached: refused"),
            Note::new(Known::Sent(THEN), ""),
            Note::new(Known::Sent(THEN), "no answer in time"),
            Note::new(Known::Refused(1013, THEN), "Счёт не найден"),
            Note::new(Known::Accepted("1180_1841519885".to_owned()), "Введен"),
        ];
        for note in cases {
            assert_eq!(Note::read(Some(&note.to_string()), NOW), note);
        }
        assert_eq!(Note::read(None, NOW).known, Known::Fresh);
        let accepted = Note::new(Known::Accepted("1180_1".to_owned()), "Введен").to_string();
        let kept = Note::kept(Some(&accepted), NOW, "no bank is configured").to_string();
        assert_eq!(kept, "accepted 1180_1: no bank is configured", "it must not be sent again");
        assert_eq!(Note::read(Some("refused 1013: x"), NOW).known, Known::Refused(1013, NOW));
    }

    #[test]
    fn what_is_not_understood_may_have_been_sent_just_now() {
        for text in ["", "sent", "accepted", "accepted : x", "refused soon", "waiting x", "???"] {
            assert_eq!(Note::read(Some(text), NOW).known, Known::Sent(NOW), "{text}");
        }
        let tricky = Note::new(Known::Accepted("a: b".to_owned()), "");
        let read = Note::read(Some(&tricky.to_string()), NOW);
        assert_eq!(read.known, Known::Accepted("a:b".to_owned()));
        assert!(Note::new(Known::Sent(NOW), "x\n".repeat(900)).to_string().len() < 300);
    }
}
