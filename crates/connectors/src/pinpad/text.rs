//! The bytes of a slip as text, without whole card numbers.

use chorsu_core::Pan;
use encoding_rs::WINDOWS_1251;

/// The digits of a whole card number.
const PAN_DIGITS: usize = 16;

/// The text of a slip: UTF-8 when the bytes are that, windows-1251 otherwise, which is what ARCUS
/// writes. A Russian text in windows-1251 is not valid UTF-8, so nothing is guessed.
///
/// A slip should show its card number masked. Should one not, the number is masked here, for the
/// text is stored, printed and answered.
#[must_use]
pub fn decode_slip(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => WINDOWS_1251.decode_without_bom_handling(bytes).0.into_owned(),
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    mask_numbers(&text)
}

/// Masks runs of exactly 16 digits that are card numbers by their check digit.
fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let length = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (run, after) = from.split_at(length);
        out.push_str(before);
        match Pan::parse(run).filter(|pan| run.len() == PAN_DIGITS && pan.passes_luhn()) {
            Some(pan) => out.push_str(pan.masked().as_str()),
            None => out.push_str(run),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_are_read() {
        let (bytes, _, unmappable) = WINDOWS_1251.encode("СУММА: Ё №\r\nОДОБРЕНО");
        assert!(!unmappable);
        assert_eq!(decode_slip(&bytes), "СУММА: Ё №\nОДОБРЕНО");
        assert_eq!(decode_slip("\u{feff}СУММА\rTASDIQLANDI".as_bytes()), "СУММА\nTASDIQLANDI");
        assert_eq!(decode_slip(b""), "");
    }

    #[test]
    fn a_whole_card_number_does_not_get_through() {
        let cases = [
            ("Карта 8600069195406311:01", "Карта 860006******6311:01"),
            ("8600069195406312", "8600069195406312"),
            ("190339999999902 231511584547", "190339999999902 231511584547"),
            ("86000691954063110", "86000691954063110"),
            ("986009******7856:01", "986009******7856:01"),
        ];
        for (text, want) in cases {
            assert_eq!(decode_slip(text.as_bytes()), want);
        }
    }
}
