//! The address of a fiscal receipt at the tax authority, which is what its QR code says.
//!
//! `https://ofd.soliq.uz/check?t=…&r=…&c=…&s=…`; receipts of virtual registers stand under `/epi`
//! with the same parameters. The address names the receipt, so nothing is read leniently: what
//! differs is another receipt or none.

use std::fmt;
use std::str::FromStr;

use super::time::FiscalTime;

const HOST: &str = "https://ofd.soliq.uz/";
/// Two letters and twelve digits.
const TERMINAL_LENGTH: usize = 14;
const TERMINAL_LETTERS: usize = 2;
const SIGN_DIGITS: usize = 12;

/// Under which page a receipt is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiptPage {
    /// `/check`: a register with a fiscal module.
    Check,
    /// `/epi`: a virtual register or a payment system.
    Epi,
}

impl ReceiptPage {
    const fn path(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Epi => "epi",
        }
    }
}

/// A registered fiscal receipt, named by its address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReceiptUrl {
    page: ReceiptPage,
    terminal: String,
    number: u32,
    time: FiscalTime,
    sign: String,
}

/// Why a text is not the address of a fiscal receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptUrlError {
    /// Another host, scheme or page.
    #[error("not an address of the form https://ofd.soliq.uz/check?t=&r=&c=&s=")]
    Form,
    /// `t`, `r`, `c` or `s` is missing, given twice, or joined by another parameter.
    #[error("the parameters are not t, r, c and s, each once")]
    Parameters,
    /// `t` is not two letters and twelve digits.
    #[error("t is not two letters and twelve digits")]
    Terminal,
    /// `r` is not a positive number.
    #[error("r is not the number of a receipt")]
    Number,
    /// `c` is not `YYYYMMDDHHMMSS`.
    #[error("c is not a time")]
    Time,
    /// `s` is not twelve digits.
    #[error("s is not twelve digits")]
    Sign,
}

impl ReceiptUrl {
    /// The address of receipt `number` of the fiscal module `terminal`, signed with `sign`.
    ///
    /// # Errors
    /// [`ReceiptUrlError`] naming the part that has another form.
    pub fn new(
        page: ReceiptPage,
        terminal: &str,
        number: u32,
        time: FiscalTime,
        sign: &str,
    ) -> Result<Self, ReceiptUrlError> {
        if !is_terminal(terminal) {
            return Err(ReceiptUrlError::Terminal);
        }
        if number == 0 {
            return Err(ReceiptUrlError::Number);
        }
        if sign.len() != SIGN_DIGITS || !all_digits(sign) {
            return Err(ReceiptUrlError::Sign);
        }
        Ok(Self { page, terminal: terminal.to_owned(), number, time, sign: sign.to_owned() })
    }

    /// Which page.
    #[must_use]
    pub const fn page(&self) -> ReceiptPage {
        self.page
    }

    /// The fiscal module, `UZ170703100597`.
    #[must_use]
    pub fn terminal(&self) -> &str {
        &self.terminal
    }

    /// The number of the receipt in its fiscal module, from 1.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// When it was registered.
    #[must_use]
    pub const fn time(&self) -> FiscalTime {
        self.time
    }

    /// The fiscal sign: twelve digits, the first of which may be zero.
    #[must_use]
    pub fn sign(&self) -> &str {
        &self.sign
    }
}

impl FromStr for ReceiptUrl {
    type Err = ReceiptUrlError;

    /// Reads the address; the parameters may stand in any order.
    fn from_str(text: &str) -> Result<Self, ReceiptUrlError> {
        let rest = text.strip_prefix(HOST).ok_or(ReceiptUrlError::Form)?;
        let (path, query) = rest.split_once('?').ok_or(ReceiptUrlError::Form)?;
        let page = match path.strip_suffix('/').unwrap_or(path) {
            "check" => ReceiptPage::Check,
            "epi" => ReceiptPage::Epi,
            _ => return Err(ReceiptUrlError::Form),
        };
        let [t, r, c, s] = parameters(query).ok_or(ReceiptUrlError::Parameters)?;
        let number = r.parse().ok().filter(|_| all_digits(r) && !r.starts_with('0'));
        let number = number.ok_or(ReceiptUrlError::Number)?;
        let time = FiscalTime::parse_compact(c).map_err(|_| ReceiptUrlError::Time)?;
        Self::new(page, t, number, time, s)
    }
}

impl fmt::Display for ReceiptUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { page, terminal, number, time, sign } = self;
        let (path, time) = (page.path(), time.compact());
        write!(f, "{HOST}{path}?t={terminal}&r={number}&c={time}&s={sign}")
    }
}

/// Whether a text has the form of a fiscal module's number.
#[must_use]
pub fn is_terminal(text: &str) -> bool {
    let Some((letters, digits)) = text.split_at_checked(TERMINAL_LETTERS) else { return false };
    text.len() == TERMINAL_LENGTH
        && letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && all_digits(digits)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The values of `t`, `r`, `c` and `s`, each of which must be there once and nothing else.
fn parameters(query: &str) -> Option<[&str; 4]> {
    let mut found = [None; 4];
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=')?;
        let place = ["t", "r", "c", "s"].iter().position(|known| *known == name)?;
        if found[place].replace(value).is_some() {
            return None;
        }
    }
    match found {
        [Some(t), Some(r), Some(c), Some(s)] => Some([t, r, c, s]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161";

    #[test]
    fn an_address_reads_and_prints() {
        let url: ReceiptUrl = GOOD.parse().unwrap();
        assert_eq!(
            (url.terminal(), url.number(), url.sign()),
            ("UZ170703100597", 2421, "514343190161")
        );
        assert_eq!(url.time().to_string(), "2023-01-04 12:18:01");
        assert_eq!(url.page(), ReceiptPage::Check);
        assert_eq!(url.to_string(), GOOD);

        let other =
            "https://ofd.soliq.uz/epi/?s=012345678901&c=20230104121801&r=1&t=EP000000000025";
        let url: ReceiptUrl = other.parse().unwrap();
        assert_eq!(url.sign(), "012345678901", "a sign is text");
        assert_eq!(
            url.to_string(),
            "https://ofd.soliq.uz/epi?t=EP000000000025&r=1&c=20230104121801&s=012345678901"
        );
    }

    #[test]
    fn every_part_is_checked() {
        use ReceiptUrlError::{Form, Number, Parameters, Sign, Terminal, Time};
        let cases = [
            ("https://ofd.soliq.uz", "http://ofd.soliq.uz", Form),
            ("https://ofd.soliq.uz", "https://ofd.soliq.uz.example.org", Form),
            ("https://ofd.soliq.uz", "https://x@ofd.soliq.uz", Form),
            ("https://ofd.soliq.uz", " https://ofd.soliq.uz", Form),
            ("/check?", "/cheque?", Form),
            ("/check?", "/check", Form),
            ("&s=514343190161", "", Parameters),
            ("&s=", "&s=1&s=", Parameters),
            ("&s=", "&x=1&s=", Parameters),
            ("&r=2421", "&r", Parameters),
            ("UZ", "uz", Terminal),
            ("UZ17", "UZ1", Terminal),
            ("UZ1", "U%55", Terminal),
            ("UZ", "ЎЗ", Terminal),
            ("r=2421", "r=0", Number),
            ("r=2421", "r=02421", Number),
            ("r=2421", "r=+2421", Number),
            ("r=2421", "r=", Number),
            ("r=2421", "r=4294967296", Number),
            ("c=20230104121801", "c=20230132121801", Time),
            ("c=20230104121801", "c=", Time),
            ("s=5", "s=", Sign),
            ("s=5", "s=55", Sign),
            ("s=5", "s=x", Sign),
            ("190161", "190161 ", Sign),
            ("190161", "190161#x", Sign),
        ];
        for (part, bad, want) in cases {
            let text = GOOD.replacen(part, bad, 1);
            assert_eq!(text.parse::<ReceiptUrl>(), Err(want), "{text}");
        }
        assert_eq!("".parse::<ReceiptUrl>(), Err(Form));
    }
}
