//! What is read from slips of different shapes.

use chorsu_core::{Tiyin, UnixMillis};

use super::{SPEC, windows_1251};
use crate::pinpad::{Slip, SlipKind, SlipWord};

fn slip(text: &str) -> Slip {
    Slip::parse(&windows_1251(text))
}

#[test]
fn the_documented_slip_is_read_whole() {
    let slip = slip(SPEC);
    assert_eq!(slip.text, SPEC);
    assert_eq!(slip.kind, SlipKind::Sale);
    assert_eq!(slip.word, Some(SlipWord::Approved));
    assert_eq!(slip.amount, Tiyin::new(50_000));
    assert!(!slip.contradictory && !slip.is_blank());
    assert_eq!(slip.rrn.as_ref().map(|rrn| rrn.as_str()), Some("231511584547"));
    let texts = [
        (&slip.response_code, "000"),
        (&slip.terminal, "01000002"),
        (&slip.merchant, "190339999999902"),
        (&slip.receipt_number, "6"),
        (&slip.shift, "1"),
        (&slip.masked_pan, "986009******7856"),
        (&slip.auth_code, "728892"),
        (&slip.date, "11/11/22"),
        (&slip.time, "17:01:07"),
    ];
    for (got, want) in texts {
        assert_eq!(got.as_deref(), Some(want));
    }
}

#[test]
fn newer_slips_name_their_labels_twice() {
    let slip = slip(
        "\
ID Терминала: 01000002 Номер смены: 12
ID Организации:
190339999999902
Чек
000017
Отмена (CANCEL)
ОПЕРАЦИЯ ОТМЕНЕНА
ОДОБРЕНО
СУММА(AMOUNT):            50 000.00 UZS
КОМИССИЯ(SURCHARGE):          0.00 UZS
ИТОГО(TOTAL):             50 001.00 UZS
Код ответа:400
RRN(ссылка) :
  231511584548
Дата: 11/11/22 17:02:08
",
    );
    assert_eq!((slip.kind, slip.word), (SlipKind::Void, Some(SlipWord::Approved)));
    assert_eq!(slip.amount, Tiyin::new(5_000_000));
    assert_eq!(slip.response_code.as_deref(), Some("400"));
    assert_eq!(slip.rrn.as_ref().map(|rrn| rrn.as_str()), Some("231511584548"));
    assert_eq!(slip.merchant.as_deref(), Some("190339999999902"));
    assert_eq!(
        (slip.receipt_number.as_deref(), slip.shift.as_deref()),
        (Some("000017"), Some("12"))
    );
    assert_eq!((slip.date.as_deref(), slip.time.as_deref()), (Some("11/11/22"), Some("17:02:08")));
}

#[test]
fn a_slip_says_when_it_was_printed() {
    // 2022-11-11 17:01:07 in Tashkent.
    assert_eq!(slip(SPEC).printed_at(), Some(UnixMillis(1_668_168_067_000)));
    let cases = [
        ("Дата: 11.11.2022 17:01:07", Some(1_668_168_067_000)),
        ("Дата: 31/02/22 17:01:07", None),
        ("Дата: 11/11/22", None),
        ("Дата: 11/11/22 25:01:07", None),
        ("17:01:07", None),
    ];
    for (text, want) in cases {
        assert_eq!(slip(text).printed_at(), want.map(UnixMillis), "{text}");
    }
}

#[test]
fn a_pax_slip_is_read_leniently() {
    let text = "SKappay\nTASDIQLANDI\nTotal Amount: 50000\nRRN: 001234567890\nResponse code: 000\n";
    let slip = Slip::parse(text.as_bytes());
    assert_eq!((slip.kind, slip.word), (SlipKind::Unstated, Some(SlipWord::Approved)));
    assert_eq!(slip.amount, Tiyin::new(50_000));
    assert_eq!(slip.response_code.as_deref(), Some("000"));
}

#[test]
fn two_copies_that_agree_are_one_slip() {
    let two = slip(&format!("{SPEC}КОПИЯ МЕРЧАНТА\n{SPEC}"));
    let one = slip(SPEC);
    assert!(!two.contradictory);
    assert_eq!((two.amount, two.rrn, two.response_code), (one.amount, one.rrn, one.response_code));
}

#[test]
fn values_that_differ_are_no_values() {
    let changes = [
        ("500.00 UZS", "500.01 UZS"),
        ("231511584547", "231511584548"),
        ("\n000\n", "\n116\n"),
        ("ОДОБРЕНО", "ОТКЛОНЕНА"),
        ("ОДОБРЕНО", "НЕ ОДОБРЕНО"),
    ];
    for (from, to) in changes {
        let slip = slip(&format!("{SPEC}{}", SPEC.replace(from, to)));
        assert!(slip.contradictory, "{to}");
    }
}

#[test]
fn no_bytes_break_the_reading() {
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(4096)
    .collect();
    let spec = windows_1251(SPEC);
    for cut in 0..spec.len() {
        let slip = Slip::parse(&spec[..cut]);
        assert!(slip.amount.is_none() || slip.amount == Tiyin::new(50_000), "{cut}");
    }
    assert_eq!(Slip::parse(&noise).word, None);
    assert!(Slip::parse(b" \r\n\0 ").is_blank());
}
