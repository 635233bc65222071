//! Code 128: a barcode for any printable ASCII text.
//!
//! The table and the check digit are those of ISO/IEC 15417. A text of digits is packed in pairs
//! (set C), an odd digit before them in set B; everything else is set B.

use crate::page::PaperWidth;

/// Widths of the bars and gaps of each sign, in modules, beginning with a bar.
const PATTERNS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212",
    "221213", "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221",
    "223211", "221132", "221231", "213212", "223112", "312131", "311222", "321122", "321221",
    "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321",
    "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331", "132131",
    "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131",
    "311123", "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111",
    "111224", "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114",
    "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111", "111242",
    "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];
const SWITCH_TO_C: usize = 99;
const START_B: usize = 104;
const START_C: usize = 105;
const STOP: usize = 106;
const CHECK_MODULUS: usize = 103;
/// Light modules that a reader wants at each side.
const QUIET_ZONE: u32 = 10;
/// A printer's dots in a millimetre.
const DOTS_PER_MM: u32 = 8;
/// Dots of a module: as many as fit, in this range. One dot is too thin for most readers.
const MODULE_DOTS: [u32; 2] = [3, 2];

/// A barcode that fits its paper.
#[derive(Clone, Debug)]
pub(crate) struct Bars {
    /// Widths in modules: bar, gap, bar, …
    pub(crate) widths: Vec<u32>,
    /// Width of a module in printer dots (1/8 mm).
    pub(crate) module_dots: u32,
}

impl Bars {
    /// The barcode of `text`; none when it is empty, not printable ASCII, or too wide for `paper`.
    pub(crate) fn of(text: &str, paper: PaperWidth) -> Option<Self> {
        let room = paper.printed_mm() * DOTS_PER_MM;
        // No sign is narrower than 11 modules and holds more than two characters.
        if text.is_empty() || text.len() > 100 {
            return None;
        }
        let mut widths = Vec::new();
        for sign in signs(text)? {
            widths.extend(PATTERNS[sign].bytes().map(|digit| u32::from(digit - b'0')));
        }
        let modules = widths.iter().sum::<u32>() + 2 * QUIET_ZONE;
        let module_dots = MODULE_DOTS.into_iter().find(|dots| modules * dots <= room)?;
        Some(Self { widths, module_dots })
    }

    /// Width of the bars in dots.
    pub(crate) fn dots(&self) -> u32 {
        self.widths.iter().sum::<u32>() * self.module_dots
    }
}

/// Start, text, check digit, stop.
fn signs(text: &str) -> Option<Vec<usize>> {
    let bytes = text.as_bytes();
    let mut signs = Vec::with_capacity(bytes.len() + 3);
    if bytes.iter().all(u8::is_ascii_digit) {
        let (odd, pairs) = bytes.split_at(bytes.len() % 2);
        match odd.first() {
            Some(digit) => signs.extend([START_B, usize::from(digit - b' '), SWITCH_TO_C]),
            None => signs.push(START_C),
        }
        signs.extend(
            pairs.chunks_exact(2).map(|pair| usize::from(10 * (pair[0] - b'0') + pair[1] - b'0')),
        );
    } else if bytes.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        signs.push(START_B);
        signs.extend(bytes.iter().map(|byte| usize::from(byte - b' ')));
    } else {
        return None;
    }
    let sum: usize = signs.iter().enumerate().map(|(index, sign)| index.max(1) * sign).sum();
    signs.push(sum % CHECK_MODULUS);
    signs.push(STOP);
    Some(signs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_has_the_properties_of_the_code() {
        assert_eq!(PATTERNS.iter().collect::<HashSet<_>>().len(), PATTERNS.len());
        for (index, pattern) in PATTERNS.iter().enumerate() {
            let widths: Vec<u32> = pattern.bytes().map(|digit| u32::from(digit - b'0')).collect();
            let bars: u32 = widths.iter().step_by(2).sum();
            let want = if index == STOP { 13 } else { 11 };
            assert_eq!(widths.iter().sum::<u32>(), want, "{pattern}");
            assert!(index == STOP || bars.is_multiple_of(2), "{pattern}");
        }
    }

    #[test]
    fn texts_become_signs_with_a_check_digit() {
        assert_eq!(
            signs("PJJ123C").unwrap(),
            [START_B, 48, 42, 42, 17, 18, 19, 35, 55, STOP],
            "the usual example, in set B"
        );
        assert_eq!(signs("4780").unwrap(), [START_C, 47, 80, (105 + 47 + 160) % 103, STOP]);
        assert_eq!(signs("478").unwrap()[..4], [START_B, 20, SWITCH_TO_C, 78]);
        assert_eq!(signs("нон"), None);
    }

    #[test]
    fn what_does_not_fit_the_paper_has_no_bars() {
        assert_eq!(Bars::of("478001234567", PaperWidth::Columns32).unwrap().module_dots, 3);
        assert_eq!(Bars::of("4780012345678", PaperWidth::Columns48).unwrap().module_dots, 3);
        assert_eq!(Bars::of("4780012345678", PaperWidth::Columns32).unwrap().module_dots, 2);
        assert!(Bars::of("A-478001234567", PaperWidth::Columns32).is_none());
        assert!(Bars::of("", PaperWidth::Columns48).is_none());
    }
}
