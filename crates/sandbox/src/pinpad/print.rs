//! Slips as the pinpad prints them: 36 columns, windows-1251.

use std::fmt::Write as _;

use chorsu_connectors::fiscal_module::LocalTime;
use encoding_rs::WINDOWS_1251;

use super::card::Face;
use super::terminal::{Kind, Operation};
use super::views::PinpadTotals;

/// The width of the paper.
const COLUMNS: usize = 36;
const TERMINAL_ID: &str = "01000002";
const MERCHANT_ID: &str = "190339999999902";

/// What differs from the operation on its slip, where a fault wants it so.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spoil<'a> {
    /// Another amount, in tiyin.
    pub(super) amount: Option<i64>,
    /// Another response code.
    pub(super) code: Option<&'a str>,
}

/// The slip of an operation that was done or declined at `time`.
pub(super) fn slip(operation: &Operation, time: LocalTime, face: Face, spoil: Spoil<'_>) -> String {
    let mut out = Paper::default();
    let shift = format!("Номер смены {}", operation.shift);
    out.sides(&format!("ID Терминала:{TERMINAL_ID}"), &shift);
    out.line(&format!("ID Организации:{MERCHANT_ID} "));
    out.right(&format!("Чек {}", operation.receipt));
    out.middle(match operation.kind {
        Kind::Sale => "Оплата",
        Kind::Void => "Отмена",
    });
    let approved = operation.is_approved();
    if approved && operation.kind == Kind::Void {
        out.middle("ОПЕРАЦИЯ ОТМЕНЕНА");
    }
    out.middle(if approved { "ОДОБРЕНО" } else { "ОТКЛОНЕНА" });
    out.sides("СУММА:", &format!("{} UZS", sums(spoil.amount.unwrap_or(operation.amount))));
    if !face.number.is_empty() {
        out.sides("AID: A0860001000001", "HUMO- EMV ICC");
        out.line("TVR: 0000008000TSI:E800");
        out.sides("Карта: HUMO", &format!("Срок: {}", face.expiry));
        out.middle(face.number);
        out.middle(face.holder);
        out.sides("Введен", "offline-PIN");
    }
    if approved {
        out.line(&format!("Код авторизации: {} ", operation.auth_code));
    }
    out.broken("Код ответа:", spoil.code.unwrap_or(&operation.code));
    out.line(&format!("RRN:{} ", operation.rrn));
    out.end(time)
}

/// The report of a shift.
pub(super) fn report(title: &str, shift: u32, totals: PinpadTotals, time: LocalTime) -> String {
    let mut out = Paper::default();
    out.sides(&format!("ID Терминала:{TERMINAL_ID}"), &format!("Номер смены {shift}"));
    out.line(&format!("ID Организации:{MERCHANT_ID} "));
    out.middle(title);
    let mut row = |label: &str, count: u64, sum: i64| {
        out.sides(&format!("{label} {count}"), &format!("{} UZS", sums(sum)));
    };
    row("Оплата", totals.sales, totals.sold);
    row("Отмена", totals.voids, totals.voided);
    row("Итого", totals.sales.saturating_sub(totals.voids), totals.net());
    out.end(time)
}

/// What is printed when there is no last slip.
pub(super) fn nothing(time: LocalTime) -> String {
    let mut out = Paper::default();
    out.middle("НЕТ ОПЕРАЦИЙ");
    out.end(time)
}

/// The bytes that go into the file.
pub(super) fn encode(slip: &str) -> Vec<u8> {
    WINDOWS_1251.encode(slip).0.into_owned()
}

/// `50000` tiyin as `500.00`.
fn sums(tiyin: i64) -> String {
    let sign = if tiyin < 0 { "-" } else { "" };
    let size = tiyin.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// Lines of paper.
#[derive(Default)]
struct Paper(String);

impl Paper {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn blanks(&mut self, count: usize) {
        self.0.extend(std::iter::repeat_n(' ', count));
    }

    /// In the middle of the line.
    fn middle(&mut self, text: &str) {
        self.blanks(COLUMNS.saturating_sub(width(text)) / 2);
        self.line(text);
    }

    /// At the end of the line.
    fn right(&mut self, text: &str) {
        self.blanks(COLUMNS.saturating_sub(width(text)));
        self.line(text);
    }

    /// At both ends of the line.
    fn sides(&mut self, left: &str, right: &str) {
        self.0.push_str(left);
        self.blanks(COLUMNS.saturating_sub(width(left) + width(right)).max(1));
        self.line(right);
    }

    /// A label at the end of the line; its value falls on the next, as the terminal breaks lines
    /// at a blank.
    fn broken(&mut self, label: &str, value: &str) {
        self.blanks(COLUMNS.saturating_sub(width(label) + 1 + width(value)));
        self.line(label);
        self.line(value);
    }

    /// Date, footer and rule.
    fn end(mut self, time: LocalTime) -> String {
        self.broken(&format!("Дата:{}", time.slashed_date()), &time.clock_time());
        self.line("Univ. EMV POS 1.0.0/(MP) /687");
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, " \n{}", "=".repeat(COLUMNS));
        self.0
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use chorsu_connectors::pinpad::{Slip, SlipKind, SlipWord};
    use chorsu_core::Tiyin;

    use super::*;
    use crate::pinpad::card::PinpadCard;

    /// The documented slip, from its first line on.
    const SPEC: &str = "\
ID Терминала:01000002  Номер смены 1
ID Организации:190339999999902 
                               Чек 6
               Оплата
              ОДОБРЕНО
СУММА:                    500.00 UZS
AID: A0860001000001    HUMO- EMV ICC
TVR: 0000008000TSI:E800
Карта: HUMO              Срок: 01/25
        986009******7856:01
          HUMO CARDTEST14
Введен                   offline-PIN
Код авторизации: 728892 
                     Код ответа:
000
RRN:231511584547 
              Дата:11/11/22
17:01:07
Univ. EMV POS 1.0.0/(MP) /687
 
====================================
";

    fn sale() -> Operation {
        Operation {
            kind: Kind::Sale,
            amount: 50_000,
            rrn: "231511584547".into(),
            auth_code: "728892".into(),
            code: "000".into(),
            receipt: 6,
            shift: 1,
            at: 0,
            card: PinpadCard::Plenty,
            original: None,
            voided: false,
        }
    }

    fn time() -> LocalTime {
        LocalTime::parse("2022-11-11 17:01:07").unwrap()
    }

    #[test]
    fn the_slip_is_the_documented_one_to_the_letter() {
        let face = Face { expiry: "01/25", ..PinpadCard::Plenty.face() };
        assert_eq!(slip(&sale(), time(), face, Spoil::default()), SPEC);
    }

    #[test]
    fn voids_and_declines_are_read_as_what_they_are() {
        let void = Operation { kind: Kind::Void, code: "400".into(), ..sale() };
        let face = PinpadCard::Plenty.face();
        let read = |text: String| Slip::parse(&encode(&text));
        let read_void = read(slip(&void, time(), face, Spoil::default()));
        assert_eq!((read_void.kind, read_void.word), (SlipKind::Void, Some(SlipWord::Approved)));
        assert_eq!(read_void.response_code.as_deref(), Some("400"));
        let none = Operation { code: "212".into(), card: PinpadCard::NoCard, ..sale() };
        let read_none = read(slip(&none, time(), PinpadCard::NoCard.face(), Spoil::default()));
        assert_eq!((read_none.word, read_none.masked_pan), (Some(SlipWord::Declined), None));
        let spoil = Spoil { amount: Some(49_999), code: Some("777") };
        let spoilt = read(slip(&sale(), time(), face, spoil));
        assert_eq!(
            (spoilt.amount, spoilt.response_code.as_deref()),
            (Tiyin::new(49_999), Some("777"))
        );
        assert_eq!(read(nothing(time())).word, None);
    }
}
