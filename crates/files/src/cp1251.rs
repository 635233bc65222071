//! windows-1251 both ways.
//!
//! Banks and 1C exchange text in this code page. It has Ў and ў, but neither the other letters of
//! Uzbek Cyrillic nor the modifier apostrophes of Uzbek Latin, so these are replaced by what people
//! type in their stead. Nothing here may fail: a name in a statement is no reason to have none.

use std::io::{self, Read};

use encoding_rs::{EncoderResult, WINDOWS_1251};

/// What stands for a character that nothing resembles.
const UNKNOWN: &str = "?";

/// Characters that the code page lacks, and what is written instead.
const REPLACEMENTS: [(&str, &str); 34] = [
    ("қ", "к"),
    ("Қ", "К"),
    ("ғ", "г"),
    ("Ғ", "Г"),
    ("ҳ", "х"),
    ("Ҳ", "Х"),
    ("ә", "а"),
    ("Ә", "А"),
    ("ң", "н"),
    ("Ң", "Н"),
    ("ө", "о"),
    ("Ө", "О"),
    ("ү", "у"),
    ("Ү", "У"),
    // oʻ, gʻ and the tutuq belgisi, with all the marks that are used for them.
    ("\u{2bb}\u{2bc}\u{2bd}\u{2b9}\u{2c8}\u{60}\u{b4}\u{2032}\u{201b}", "'"),
    ("\u{2033}\u{201f}", "\""),
    ("\u{2010}\u{2011}\u{2012}\u{2212}\u{2015}", "-"),
    ("\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2007}\u{2008}\u{2009}\u{200a}", " "),
    ("\u{202f}\u{205f}\u{3000}", " "),
    // Characters without width are left out.
    ("\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2060}\u{feff}\u{ad}", ""),
    ("\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}", ""),
    ("\u{300}\u{301}\u{306}\u{308}\u{327}\u{328}", ""),
    ("äàáâãåä", "a"),
    ("ÄÀÁÂÃÅ", "A"),
    ("çč", "c"),
    ("ÇČ", "C"),
    ("éèêëə", "e"),
    ("ğǵ", "g"),
    ("ĞǴ", "G"),
    ("ıíìîï", "i"),
    ("İÍÌÎ", "I"),
    ("ñń", "n"),
    ("öóòôõ", "o"),
    ("ÖÓÒÔ", "O"),
];

/// The rest of the Latin letters, of which Turkish and German names have the most.
const MORE_REPLACEMENTS: [(&str, &str); 8] = [
    ("şš", "s"),
    ("ŞŠ", "S"),
    ("üúùûŭ", "u"),
    ("ÜÚÙÛ", "U"),
    ("žźż", "z"),
    ("ŽŹŻ", "Z"),
    ("ß", "ss"),
    ("₽", "руб."),
];

/// What stands for `c` in windows-1251.
fn replacement(c: char) -> &'static str {
    REPLACEMENTS
        .iter()
        .chain(&MORE_REPLACEMENTS)
        .find(|(lacking, _)| lacking.contains(c))
        .map_or(UNKNOWN, |(_, instead)| *instead)
}

/// Appends `text` to `out` in windows-1251.
pub(crate) fn encode(text: &str, out: &mut Vec<u8>) {
    let mut encoder = WINDOWS_1251.new_encoder();
    let mut rest = text;
    let mut buffer = [0; 512];
    loop {
        let (result, read, written) =
            encoder.encode_from_utf8_without_replacement(rest, &mut buffer, true);
        out.extend_from_slice(&buffer[..written]);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(c) => {
                out.extend_from_slice(&WINDOWS_1251.encode(replacement(c)).0);
                encoder = WINDOWS_1251.new_encoder();
            }
        }
    }
}

/// The text of `bytes` in windows-1251; every byte has a meaning there.
pub(crate) fn decode(bytes: &[u8]) -> String {
    WINDOWS_1251.decode_without_bom_handling(bytes).0.into_owned()
}

/// Gives the UTF-8 of what `R` gives in windows-1251.
pub(crate) struct Decoding<R> {
    inner: R,
    text: String,
    given: usize,
}

impl<R> Decoding<R> {
    /// A reader of the text of `inner`.
    pub(crate) const fn new(inner: R) -> Self {
        Self { inner, text: String::new(), given: 0 }
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            let mut bytes = [0; 4_096];
            let count = self.inner.read(&mut bytes)?;
            self.text = decode(&bytes[..count]);
            self.given = 0;
        }
        let count = (&self.text.as_bytes()[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back(text: &str) -> String {
        let mut bytes = Vec::new();
        encode(text, &mut bytes);
        decode(&bytes)
    }

    #[test]
    fn russian_and_most_signs_survive() {
        let text = "ООО «Ёлка» № 5 – Ўрмон, “цитата” … €";
        assert_eq!(there_and_back(text), text);
    }

    #[test]
    fn uzbek_letters_become_what_people_type() {
        let cases = [
            ("Қўқон ғишт ҳазинаси", "Кўкон гишт хазинаси"),
            ("Oʻzbekiston gʼisht o‘g‘il", "O'zbekiston g'isht o‘g‘il"),
            ("Şeker Bäckerei Müller", "Seker Backerei Muller"),
            ("a\u{200b}b\u{202f}c\u{2212}d", "ab c-d"),
            ("漢 😀", "? ?"),
        ];
        for (text, want) in cases {
            assert_eq!(there_and_back(text), want);
        }
    }

    #[test]
    fn every_replacement_is_in_the_code_page_and_every_replaced_sign_is_not() {
        for (lacking, instead) in REPLACEMENTS.iter().chain(&MORE_REPLACEMENTS) {
            assert_eq!(there_and_back(instead), *instead);
            for c in lacking.chars() {
                let known = !WINDOWS_1251.encode(c.encode_utf8(&mut [0; 4])).2;
                assert!(!known || there_and_back(&c.to_string()) == c.to_string(), "{c:?}");
            }
        }
    }

    #[test]
    fn a_reader_gives_the_same_text() {
        let text = "АбВ № 5 €".repeat(1_000);
        let mut bytes = Vec::new();
        encode(&text, &mut bytes);
        let mut read = String::new();
        io::BufReader::new(Decoding::new(&bytes[..])).read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
    }

    proptest! {
        #[test]
        fn any_text_has_a_form_that_stays_the_same(text in ".{0,700}") {
            let once = there_and_back(&text);
            prop_assert_eq!(there_and_back(&once), once);
        }

        #[test]
        fn any_bytes_survive(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
            let mut again = Vec::new();
            encode(&decode(&bytes), &mut again);
            prop_assert_eq!(again, bytes);
        }
    }
}
