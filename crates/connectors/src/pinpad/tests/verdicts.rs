//! What slips prove, and what they leave open.

use chorsu_core::Tiyin;

use super::{SPEC, windows_1251};
use crate::pinpad::{
    Answer, Asked, CodeMeaning, DeclineReason, Doubt, LastSlip, Rrn, Slip, code_meaning, judge,
    judge_last,
};

fn sale(amount: i64) -> Asked {
    Asked::Sale { amount: Tiyin::new(amount).unwrap() }
}

fn void() -> Asked {
    let rrn = Rrn::parse("231511584547").unwrap();
    Asked::Void { amount: Tiyin::new(50_000).unwrap(), rrn }
}

/// What is replaced by what.
type Changes<'a> = &'a [(&'a str, &'a str)];

fn spec(changes: Changes<'_>) -> Slip {
    let text = changes.iter().fold(SPEC.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    Slip::parse(&windows_1251(&text))
}

/// The verdict in a word.
fn word(judged: Result<Answer, Doubt>) -> Result<&'static str, Doubt> {
    judged.map(|answer| match answer {
        Answer::Approved(_) => "approved",
        Answer::Declined(decline) => decline.reason.name(),
    })
}

#[test]
fn a_sale_is_approved_by_word_code_and_amount_together() {
    const WORD: (&str, &str) = ("ОДОБРЕНО", "ОТКЛОНЕНА");
    const NO_WORD: (&str, &str) = ("ОДОБРЕНО", "");
    let code = |code: &'static str| ("\n000\n", code);
    let cases: &[(Changes<'_>, Result<&str, Doubt>)] = &[
        (&[], Ok("approved")),
        (&[("ОДОБРЕНО", "TASDIQLANDI")], Ok("approved")),
        (&[code("\n003\n")], Ok("approved")),
        (&[code("\n400\n")], Err(Doubt::NoApprovedCode)),
        (&[code("\n777\n")], Err(Doubt::NoApprovedCode)),
        (&[code("\n")], Err(Doubt::NoApprovedCode)),
        (&[code("\n116\n")], Err(Doubt::Contradictory)),
        (&[code("\n912\n")], Err(Doubt::NoApprovedCode)),
        (&[("500.00 UZS", "499.99 UZS")], Err(Doubt::OtherAmount)),
        (&[("500.00 UZS", "500 UZS")], Err(Doubt::NoAmount)),
        (&[("Оплата", "Отмена")], Err(Doubt::OtherOperation)),
        (&[("Оплата", "Оплата\nОПЕРАЦИЯ ОТМЕНЕНА")], Err(Doubt::OtherOperation)),
        (&[NO_WORD], Err(Doubt::NoApprovedWord)),
        (&[NO_WORD, code("\n")], Err(Doubt::NoVerdict)),
        (&[NO_WORD, code("\n777\n")], Err(Doubt::NoVerdict)),
        (&[NO_WORD, code("\n116\n")], Ok("insufficient_funds")),
        (&[WORD, code("\n116\n")], Ok("insufficient_funds")),
        (&[WORD, code("\n212\n"), ("Оплата", "ОПЕРАЦИЯ ОТМЕНЕНА")], Ok("cancelled_by_cashier")),
        (&[WORD, code("\n")], Ok("declined")),
        (&[WORD, code("\n777\n")], Ok("declined")),
        (&[("ОДОБРЕНО", "НЕ ОДОБРЕНО"), code("\n")], Ok("declined")),
        (&[WORD], Err(Doubt::NoApprovedWord)),
        (&[WORD, code("\n912\n")], Err(Doubt::UnclearCode)),
        (&[NO_WORD, code("\n998\n")], Err(Doubt::UnclearCode)),
        (&[WORD, code("\n116\n"), ("500.00", "600.00")], Err(Doubt::OtherAmount)),
        (&[WORD, code("\n116\n"), ("500.00 UZS", "")], Ok("insufficient_funds")),
    ];
    for (changes, want) in cases {
        assert_eq!(word(judge(&sale(50_000), spec(changes))), *want, "{changes:?}");
    }
}

#[test]
fn every_cut_of_an_approved_slip_is_either_whole_or_unknown() {
    let bytes = windows_1251(SPEC);
    for cut in 0..bytes.len() {
        match judge(&sale(50_000), Slip::parse(&bytes[..cut])) {
            Ok(Answer::Approved(approval)) => {
                assert_eq!(approval.slip.response_code.as_deref(), Some("000"));
            }
            Ok(Answer::Declined(decline)) => panic!("{cut}: {decline:?}"),
            Err(_) => {}
        }
    }
}

#[test]
fn a_void_is_approved_by_its_own_code_too() {
    let cases: &[(Changes<'_>, Result<&str, Doubt>)] = &[
        (&[("Оплата", "Отмена (CANCEL)"), ("\n000\n", "\n400\n")], Ok("approved")),
        (&[("Оплата", "Отмена")], Ok("approved")),
        (&[], Err(Doubt::OtherOperation)),
        (&[("ОДОБРЕНО", "ОТКЛОНЕНА"), ("\n000\n", "\n218\n")], Ok("already_void")),
    ];
    for (changes, want) in cases {
        assert_eq!(word(judge(&void(), spec(changes))), *want, "{changes:?}");
    }
}

fn is_ours(judged: Result<LastSlip, Doubt>) -> bool {
    match judged {
        Ok(LastSlip::Ours(answer)) => matches!(*answer, Answer::Approved(_)),
        Ok(LastSlip::Earlier) | Err(_) => false,
    }
}

#[test]
fn the_last_slip_is_ours_when_its_reference_is_new_and_its_amount_the_same() {
    assert!(is_ours(judge_last(&sale(50_000), spec(&[]), false)));
    assert_eq!(judge_last(&sale(50_000), spec(&[]), true), Ok(LastSlip::Earlier));
    assert_eq!(judge_last(&sale(60_000), spec(&[]), false), Err(Doubt::OtherAmount));
    let nameless = spec(&[("RRN:231511584547", "")]);
    assert_eq!(judge_last(&sale(50_000), nameless, false), Err(Doubt::NoReference));
    assert_eq!(judge_last(&void(), spec(&[]), true), Ok(LastSlip::Earlier));
    let voided = spec(&[("Оплата", "Отмена"), ("\n000\n", "\n400\n")]);
    assert!(is_ours(judge_last(&void(), voided, true)));
}

#[test]
fn codes_mean_what_the_table_says() {
    let cases = [
        ("000", CodeMeaning::Approved),
        ("020", CodeMeaning::Approved),
        ("400", CodeMeaning::ApprovedVoid),
        ("101", CodeMeaning::Declined(DeclineReason::Expired)),
        ("999", CodeMeaning::Declined(DeclineReason::NotConnected)),
        ("987", CodeMeaning::Unclear),
        ("00", CodeMeaning::Unknown),
        ("0000", CodeMeaning::Unknown),
        ("", CodeMeaning::Unknown),
    ];
    for (code, want) in cases {
        assert_eq!(code_meaning(code), want, "{code}");
    }
}
