//! Each fixture, and what it proves about a payment of 500 sum or about its void.

use chorsu_core::Tiyin;

use super::windows_1251;
use crate::pinpad::{Answer, Asked, DeclineReason, Doubt, Rrn, Slip, judge};

/// What a slip proves.
#[derive(Debug, PartialEq)]
enum Proof {
    Done(&'static str),
    NotDone(DeclineReason),
    Nothing(Doubt),
}

#[test]
fn every_slip_proves_what_it_says() {
    use Proof::{Done, NotDone, Nothing};
    let cases = [
        ("sale.approved", Done("231511584547")),
        ("sale.declined", NotDone(DeclineReason::InsufficientFunds)),
        ("sale.two_copies", Done("231511584547")),
        ("sale.contradictory", Nothing(Doubt::Contradictory)),
        ("sale.cut_off", Nothing(Doubt::NoApprovedCode)),
        ("sale.pax", Done("001234567890")),
        ("void.approved", Done("231511584547")),
        ("void.other_shift", NotDone(DeclineReason::CannotVoid)),
        ("reconciliation", Nothing(Doubt::NoVerdict)),
        ("last.no_operations", Nothing(Doubt::NoVerdict)),
    ];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pinpad");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), cases.len());
    let (amount, rrn) = (Tiyin::new(50_000).unwrap(), Rrn::parse("231511584547").unwrap());
    for (name, want) in cases {
        let text = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
        let asked = match name.starts_with("void") {
            true => Asked::Void { amount, rrn: rrn.clone() },
            false => Asked::Sale { amount },
        };
        // Terminals print one or the other.
        for bytes in [windows_1251(&text), text.clone().into_bytes()] {
            let got = match judge(&asked, Slip::parse(&bytes)) {
                Ok(Answer::Approved(approval)) => {
                    assert_eq!(approval.slip.text, text, "{name}");
                    let rrn = approval.rrn.unwrap();
                    assert!(matches!(&want, Done(number) if *number == rrn.as_str()), "{name}");
                    continue;
                }
                Ok(Answer::Declined(decline)) => NotDone(decline.reason),
                Err(doubt) => Nothing(doubt),
            };
            assert_eq!(got, want, "{name}");
        }
    }
}
