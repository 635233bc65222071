//! QR codes as a square of dark and light modules.

use fast_qr::{ECL, QRBuilder, QRCode};

/// Light modules that a reader wants around a code.
pub(crate) const QUIET_ZONE: usize = 4;
/// The largest QR code has room for so many bytes.
const BYTES_MAX: usize = 2_953;

/// A QR code and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Qr {
    /// What a reader gets.
    pub(crate) text: String,
    /// Modules in a row and in a column.
    pub(crate) size: usize,
    /// Row by row.
    dark: Vec<bool>,
}

impl Qr {
    /// The smallest code that holds `text`, with the strongest correction that costs no size.
    pub(crate) fn of(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > BYTES_MAX {
            return None;
        }
        let mut best = encoded(text, ECL::L)?;
        for level in [ECL::M, ECL::Q, ECL::H] {
            match encoded(text, level) {
                Some(stronger) if stronger.size == best.size => best = stronger,
                _ => break,
            }
        }
        let size = best.size;
        let dark = best.data[..size * size].iter().map(|module| module.value()).collect();
        Some(Self { text: text.to_owned(), size, dark })
    }

    /// Whether the text is an address of the web and nothing else.
    pub(crate) fn is_address(&self) -> bool {
        let is_web = self.text.starts_with("https://") || self.text.starts_with("http://");
        is_web && self.text.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// Whether the module in `row` and `column` is dark; light outside of the code.
    pub(crate) fn is_dark(&self, row: usize, column: usize) -> bool {
        row < self.size && column < self.size && self.dark[row * self.size + column]
    }

    /// The dark runs of a row: where one begins and how long it is.
    pub(crate) fn dark_runs(&self, row: usize) -> Vec<(usize, usize)> {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for column in (0..self.size).filter(|&column| self.is_dark(row, column)) {
            match runs.last_mut() {
                Some((start, length)) if *start + *length == column => *length += 1,
                _ => runs.push((column, 1)),
            }
        }
        runs
    }
}

fn encoded(text: &str, level: ECL) -> Option<QRCode> {
    QRBuilder::new(text).ecl(level).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_fiscal_receipt_takes_37_modules() {
        let qr = Qr::of(
            "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161",
        );
        assert_eq!(qr.unwrap().size, 37);
    }

    #[test]
    fn what_does_not_fit_is_no_code() {
        assert!(Qr::of("").is_none());
        assert!(Qr::of(&"x".repeat(BYTES_MAX + 1)).is_none());
        assert_eq!(Qr::of(&"x".repeat(BYTES_MAX)).unwrap().size, 177);
    }
}
