//! A slip read by its labels, whatever line they stand on.
//!
//! A slip may hold two copies of itself, for the customer and the merchant. Values that appear
//! more than once have to agree; if they do not, the slip says so and has no value.

use chorsu_core::{Tiyin, UnixMillis};

use super::label::{Place, values};
use super::text::decode_slip;
use super::value::{self, Rrn, digits, first_word};
use crate::fiscal_module::LocalTime;

/// Words that approve.
const APPROVED: [&str; 4] = ["ОДОБРЕНО", "ОДОБРЕНА", "TASDIQLANDI", "APPROVED"];
/// Words that decline.
const DECLINED: [&str; 5] = ["ОТКЛОНЕНА", "ОТКЛОНЕНО", "ОТКЛОНЕН", "TASDIQLANMADI", "DECLINED"];
/// Words that turn an approval round when they stand right in front of it.
const NOT: [&str; 2] = ["НЕ", "NOT"];
/// Words of a slip for a payment.
const SALE: [&str; 3] = ["ОПЛАТА", "SALE", "ПОКУПКА"];
/// Words of a slip for a payment taken back.
const VOID: [&str; 5] = ["ОТМЕНА", "ОТМЕНЕНА", "CANCEL", "VOID", "ВОЗВРАТ"];

/// The word by which a slip says what became of the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlipWord {
    /// `ОДОБРЕНО`, `TASDIQLANDI`.
    Approved,
    /// `ОТКЛОНЕНА`.
    Declined,
}

/// What a slip is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlipKind {
    /// A payment.
    Sale,
    /// A payment taken back, or an operation given up.
    Void,
    /// It does not say.
    Unstated,
}

/// A slip. Fields are `None` when the slip does not show them, or shows them twice differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// All of it, lines ended by `\n`; never with a whole card number.
    pub text: String,
    /// What it is for.
    pub kind: SlipKind,
    /// Its word; `None` when there is none.
    pub word: Option<SlipWord>,
    /// The response code, 2 to 4 digits.
    pub response_code: Option<String>,
    /// The network's reference.
    pub rrn: Option<Rrn>,
    /// How much.
    pub amount: Option<Tiyin>,
    /// Whether word, code, reference or amount appear with different values.
    pub contradictory: bool,
    /// The terminal's number.
    pub terminal: Option<String>,
    /// The merchant's number at the bank.
    pub merchant: Option<String>,
    /// The number of the receipt within the shift.
    pub receipt_number: Option<String>,
    /// The number of the shift.
    pub shift: Option<String>,
    /// The card's number as it is shown: `986009******7856`.
    pub masked_pan: Option<String>,
    /// The authorisation code.
    pub auth_code: Option<String>,
    /// The date as printed: `11/11/22`.
    pub date: Option<String>,
    /// The time as printed: `17:01:07`.
    pub time: Option<String>,
}

impl Slip {
    /// Reads the bytes of a slip, windows-1251 or UTF-8. Any bytes give a slip; one that says
    /// nothing has no word, no code and no amount.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self::read(decode_slip(bytes))
    }

    fn read(text: String) -> Self {
        let lines: Vec<String> = text.lines().map(upper).collect();
        let words: Vec<&str> = lines.iter().flat_map(|line| words(line)).collect();
        let (word, two_words) = agreed(verdicts(&words));
        let (response_code, two_codes) = agreed(codes(&lines));
        let rrn = |value: &str| Rrn::parse(first_word(value));
        let (rrn, two_rrns) = agreed(values(&lines, "RRN", Place::Anywhere, rrn));
        let (amount, two_amounts) = agreed(amounts(&lines));
        let number = |label, count: std::ops::RangeInclusive<usize>| {
            let read = |value: &str| {
                let word = first_word(value);
                digits(word, count.clone()).then(|| word.to_owned())
            };
            agreed(values(&lines, label, Place::Anywhere, read)).0
        };
        let time = values(&lines, "ВРЕМЯ", Place::Anywhere, value::time);
        let time = time.into_iter().next().or_else(|| loose_time(&lines));
        Self {
            kind: kind(&words),
            word,
            response_code,
            rrn,
            amount,
            contradictory: two_words || two_codes || two_rrns || two_amounts,
            terminal: number("ID ТЕРМИНАЛА", 4..=16),
            merchant: number("ID ОРГАНИЗАЦИИ", 4..=20),
            receipt_number: number("ЧЕК", 1..=10),
            shift: number("НОМЕР СМЕНЫ", 1..=10),
            masked_pan: lines.iter().find_map(|line| value::masked_pan(line)),
            auth_code: auth_code(&lines),
            date: agreed(values(&lines, "ДАТА", Place::Anywhere, value::date)).0,
            time,
            text,
        }
    }

    /// When it was printed, by the terminal's clock in Tashkent; `None` when it does not show both
    /// date and time.
    #[must_use]
    pub fn printed_at(&self) -> Option<UnixMillis> {
        let mut date = self.date.as_deref()?.split(['/', '.']);
        let (day, month, year) = (date.next()?, date.next()?, date.next()?);
        let century = if year.len() == 2 { "20" } else { "" };
        let time = self.time.as_deref()?;
        let printed = LocalTime::parse(&format!("{century}{year}-{month}-{day} {time}"))?;
        Some(printed.moment())
    }

    /// Whether nothing but blanks is on it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.chars().all(|c| c.is_whitespace() || c.is_control())
    }
}

/// `line` in upper case, letter by letter, so that it keeps its shape.
fn upper(line: &str) -> String {
    let raise = |c: char| {
        let mut raised = c.to_uppercase();
        match (raised.next(), raised.next()) {
            (Some(one), None) => one,
            _ => c,
        }
    };
    line.chars().map(raise).collect()
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn verdicts(words: &[&str]) -> Vec<SlipWord> {
    let negated = |place: usize| place > 0 && NOT.contains(&words[place - 1]);
    let verdict = |(place, word): (usize, &&str)| {
        if APPROVED.contains(word) {
            Some(if negated(place) { SlipWord::Declined } else { SlipWord::Approved })
        } else {
            DECLINED.contains(word).then_some(SlipWord::Declined)
        }
    };
    words.iter().enumerate().filter_map(verdict).collect()
}

fn kind(words: &[&str]) -> SlipKind {
    if words.iter().any(|word| VOID.contains(word)) {
        SlipKind::Void
    } else if words.iter().any(|word| SALE.contains(word)) {
        SlipKind::Sale
    } else {
        SlipKind::Unstated
    }
}

fn codes(lines: &[String]) -> Vec<String> {
    let read = |value: &str| {
        let word = first_word(value);
        digits(word, 2..=4).then(|| word.to_owned())
    };
    let mut codes = values(lines, "КОД ОТВЕТА", Place::Anywhere, read);
    codes.extend(values(lines, "RESPONSE CODE", Place::Anywhere, read));
    codes
}

/// The amount itself: not the surcharge, and not the total with the surcharge in it.
fn amounts(lines: &[String]) -> Vec<Tiyin> {
    let mut amounts = values(lines, "СУММА", Place::Start, value::sum);
    amounts.extend(values(lines, "SUMMA", Place::Start, value::sum));
    amounts.extend(values(lines, "AMOUNT", Place::Start, value::sum));
    // UZCARD's PAX terminals write their total in tiyin.
    amounts.extend(values(lines, "TOTAL AMOUNT", Place::Start, value::tiyin_or_sum));
    amounts
}

fn auth_code(lines: &[String]) -> Option<String> {
    let read = |value: &str| {
        let word = first_word(value);
        let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (word.len() == 6 && plain).then(|| word.to_owned())
    };
    agreed(values(lines, "КОД АВТОРИЗАЦИИ", Place::Anywhere, read)).0
}

/// A time without a label: alone on its line, or the last word of one.
fn loose_time(lines: &[String]) -> Option<String> {
    lines.iter().find_map(|line| line.split_whitespace().next_back().and_then(value::time))
}

/// The one value that all agree on, and whether there are different ones.
fn agreed<T: PartialEq>(found: Vec<T>) -> (Option<T>, bool) {
    let mut found = found.into_iter();
    let Some(first) = found.next() else { return (None, false) };
    if found.all(|other| other == first) { (Some(first), false) } else { (None, true) }
}
