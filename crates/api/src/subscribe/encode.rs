//! Cards and receipts as JSON. The keys are the superset over all documented examples, so that a
//! reader of any of them finds its own.

mod receipt;

pub(super) use receipt::{Shape, receipt};

use super::answer::CardView;
use crate::json::write::Object;

/// The type every card has in recorded answers; an SDK's own test asserts it.
const CARD_TYPE: &str = "22618";
/// Digits of a phone number that stay visible at its start and at its end.
const PHONE_SHOWN: (usize, usize) = (5, 2);

/// Writes the members of `card`.
pub(super) fn card(object: &mut Object<'_>, card: &CardView<'_>) {
    let CardView { face, token, recurrent, verified } = card;
    object.string("number", face.masked.as_str());
    object.string("expire", &face.expiry.slashed());
    object.string("token", token);
    object.boolean("recurrent", *recurrent);
    object.boolean("verify", *verified);
    object.string("type", CARD_TYPE);
}

/// `998901234531` as `99890*****31`. What is too short to have a hidden part is hidden whole.
pub(super) fn masked_phone(phone: &str) -> String {
    let (head, tail) = PHONE_SHOWN;
    let length = phone.chars().count();
    let shown = |place| length > head + tail && (place < head || place >= length - tail);
    phone.chars().enumerate().map(|(place, c)| if shown(place) { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::masked_phone;

    #[test]
    fn phones_are_masked_in_the_middle() {
        let cases = [
            ("998901234531", "99890*****31"),
            ("99890*****31", "99890*****31"),
            ("1234567", "*******"),
            ("", ""),
        ];
        for (phone, want) in cases {
            assert_eq!(masked_phone(phone), want);
        }
    }
}
