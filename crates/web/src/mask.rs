//! Phones and card numbers with their middle hidden: the only forms in which pages show them.

use std::fmt;

use chorsu_core::MaskedPan;

/// Digits of a phone that stay visible at its start and at its end, as in the answer of
/// cards.get_verify_code ("Payme Subscribe API": `99890*****66`).
const SHOWN_START: usize = 5;
const SHOWN_END: usize = 2;
/// Hidden digits without which nothing would be masked.
const HIDDEN_MIN: usize = 3;
/// E.164 numbers have at most 15 digits.
const LENGTH_MAX: usize = 15;

/// A phone as it may be shown: `99890*****66`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskedPhone(String);

impl MaskedPhone {
    /// Hides the middle of a whole phone, digits with the country code; `None` when it is too short
    /// to hide anything of it, or is not digits.
    #[must_use]
    pub fn of_phone(phone: &str) -> Option<Self> {
        if !phone.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let hidden = phone.len().checked_sub(SHOWN_START + SHOWN_END)?;
        let (start, end) = (phone.get(..SHOWN_START)?, phone.get(phone.len() - SHOWN_END..)?);
        Self::parse(&format!("{start}{}{end}", "*".repeat(hidden)))
    }

    /// The masked phone that a form sends back; `None` unless it has the masked form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hidden = text.len().checked_sub(SHOWN_START + SHOWN_END)?;
        if hidden < HIDDEN_MIN || text.len() > LENGTH_MAX {
            return None;
        }
        let fits = |(place, byte): (usize, u8)| {
            let shown = place < SHOWN_START || place >= SHOWN_START + hidden;
            if shown { byte.is_ascii_digit() } else { byte == b'*' }
        };
        text.bytes().enumerate().all(fits).then(|| Self(text.to_owned()))
    }

    /// Its compact form, for the form's hidden field.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MaskedPhone {
    /// `+998 90 *** ** 66`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&spaced_phone(&self.0))
    }
}

/// A phone, masked or not, in the groups in which Uzbekistan writes its own: `+998 90 123 45 66`.
/// Anything else stays as it is.
pub(crate) fn spaced_phone(phone: &str) -> String {
    const GROUPS: [std::ops::Range<usize>; 5] = [0..3, 3..5, 5..8, 8..10, 10..12];
    if phone.len() != 12 || !phone.is_ascii() || !phone.starts_with("998") {
        return phone.to_owned();
    }
    let groups = GROUPS.map(|group| phone.get(group).unwrap_or_default());
    format!("+{}", groups.join("\u{a0}"))
}

/// `8600 06** **** 6311`, in the groups printed on the card.
pub(crate) fn grouped(card: &MaskedPan) -> String {
    let mut text = String::with_capacity(19);
    for (place, character) in card.as_str().chars().enumerate() {
        if place > 0 && place.is_multiple_of(4) {
            text.push('\u{a0}');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ends_of_a_phone_are_shown() {
        let cases = [
            ("998901234566", Some(("99890*****66", "+998 90 *** ** 66"))),
            ("77012345678", Some(("77012****78", "77012****78"))),
            ("99890", None),
            ("998901266", None),
            ("+99890123456", None),
            ("99890*****66", None),
        ];
        for (phone, want) in cases {
            let masked = MaskedPhone::of_phone(phone);
            let shown = masked.as_ref().map(|masked| masked.to_string().replace('\u{a0}', " "));
            let got = masked.as_ref().map(MaskedPhone::as_str).zip(shown.as_deref());
            assert_eq!(got, want, "{phone}");
        }
    }

    #[test]
    fn a_form_can_only_bring_back_a_masked_phone() {
        assert!(MaskedPhone::parse("99890*****66").is_some());
        let bad = [
            "",
            "998901234566",
            "<script>****66",
            "99890*****6a",
            "99890*66",
            "*".repeat(12).as_str(),
        ]
        .map(str::to_owned);
        for text in bad {
            assert_eq!(MaskedPhone::parse(&text), None, "{text}");
        }
        assert_eq!(MaskedPhone::parse(&format!("99890{}66", "*".repeat(20))), None);
        assert_eq!(MaskedPhone::parse("ёёёёёёёё"), None);
    }

    #[test]
    fn a_masked_card_is_grouped_as_on_the_plastic() {
        let card = MaskedPan::parse("860006******6311").unwrap();
        assert_eq!(grouped(&card).replace('\u{a0}', " "), "8600 06** **** 6311");
    }
}
