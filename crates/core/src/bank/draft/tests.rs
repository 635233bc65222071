//! Every check of an order, alone and in its order.

use super::super::BankDirectory;
use super::*;

/// The document's example of an ordinary order.
fn ordinary() -> OrderDraft<'static> {
    OrderDraft {
        key: Some("009445151277".into()),
        service: Some("2".into()),
        amount: Some("500000".into()),
        commission: Some("20000".into()),
        name: Some("Test".into()),
        mfo: Some("01091".into()),
        account: Some("29801000990248844444".into()),
        tax_id: Some("123456789".into()),
        purpose: Some("Test 24/7".into()),
        reference: Some("016351273642".into()),
        card_type: Some("HUMO".into()),
        card_number: Some("9860531554896678".into()),
        ..OrderDraft::default()
    }
}

/// The document's example of a budget order.
fn budget() -> OrderDraft<'static> {
    OrderDraft {
        key: Some("1000001".into()),
        service: Some("1".into()),
        name: None,
        mfo: None,
        account: Some("29801000599024884444".into()),
        tax_id: Some("12345".into()),
        purpose: Some("11Test 24/7".into()),
        purpose_code: Some("09510".into()),
        ..ordinary()
    }
}

/// Knows the built-in banks, and all accounts but those that end in 0013.
struct Lookup(BankDirectory);

impl ReceiverLookup for Lookup {
    fn find_account(&self, _: Option<&Mfo>, account: &str) -> AccountFound {
        if account.ends_with("0013") { AccountFound::No } else { AccountFound::Yes }
    }

    fn find_bank(&self, mfo: &Mfo) -> BankFound {
        self.0.find_bank(mfo)
    }
}

fn check(kind: OrderKind, draft: &OrderDraft<'_>) -> Result<NewOrder, u16> {
    let lookup = Lookup(BankDirectory::built_in());
    draft.check(kind, CardRule::Optional, &lookup).map_err(BankCode::number)
}

/// A change to a draft, and the code the changed one gets; 0 when it is taken.
type Case = (fn(&mut OrderDraft<'static>), u16);

fn run(kind: OrderKind, base: fn() -> OrderDraft<'static>, cases: &[Case]) {
    for (place, (change, code)) in cases.iter().enumerate() {
        let mut draft = base();
        change(&mut draft);
        let found = check(kind, &draft).err().unwrap_or(0);
        assert_eq!(found, *code, "case {place} of {kind:?} orders");
    }
}

#[test]
fn the_documents_examples_are_taken_with_warnings() {
    let order = check(OrderKind::Ordinary, &ordinary()).unwrap();
    assert_eq!(order.sum.total().get(), 520_000);
    assert_eq!(order.service, ServiceNumber(2));
    assert_eq!(order.requisites.card.masked.unwrap().as_str(), "986053******6678");
    let warnings: Vec<_> = order.requisites.warnings.iter().collect();
    assert_eq!(warnings, [Warning::InnCheckDigit, Warning::CardCheckDigit]);

    let order = check(OrderKind::Budget, &budget()).unwrap();
    let warnings: Vec<_> = order.requisites.warnings.iter().collect();
    let want = [Warning::InnShort, Warning::BudgetAccountShort, Warning::CardCheckDigit];
    assert_eq!(warnings, want);
}

#[test]
fn fields_of_ordinary_orders() {
    let cases: [Case; 34] = [
        (|d| d.malformed = true, 1017),
        (|d| d.key = None, 1017),
        (|d| d.key = Some("".into()), 1017),
        (|d| d.key = Some("10 01".into()), 1017),
        (|d| d.key = Some("'; DROP--".into()), 1017),
        (|d| d.key = Some("x'||'y\";--".into()), 0),
        (|d| d.service = None, 1017),
        (|d| d.service = Some("two".into()), 1017),
        (|d| d.name = None, 1017),
        (|d| d.name = Some("  ".into()), 1017),
        (|d| d.name = Some("x".repeat(256).into()), 1017),
        (|d| d.name = Some("ООО \u{7}".into()), 1015),
        (|d| d.name = Some("\n".into()), 1015),
        (|d| d.purpose = None, 1017),
        (|d| d.purpose = Some("x".repeat(10 << 20).into()), 1017),
        (|d| d.purpose = Some("a\tb".into()), 1016),
        (|d| d.purpose = Some("\u{0}".into()), 1016),
        (|d| d.mfo = None, 1017),
        (|d| d.mfo = Some("1091".into()), 1014),
        (|d| d.mfo = Some("99999".into()), 1014),
        (|d| d.mfo = Some("00003".into()), 1014),
        (|d| d.account = None, 1017),
        (|d| d.account = Some("2980100099024884444".into()), 1013),
        (|d| d.account = Some("29801000990248844444 ".into()), 1013),
        (|d| d.account = Some("400522860262837950100251028".into()), 1013),
        (|d| d.account = Some("29801000990248840013".into()), 1013),
        (|d| d.account = Some("29801840990248844444".into()), 0),
        (|d| d.tax_id = None, 0),
        (|d| d.tax_id = Some("".into()), 0),
        (|d| d.tax_id = Some("12345".into()), 1017),
        (|d| d.tax_id = Some("30101901000007".into()), 0),
        (|d| d.card_type = Some("VISA".into()), 1017),
        (|d| d.card_number = Some("986053155489667".into()), 1017),
        (|d| d.reference = Some("0163\n".into()), 1017),
    ];
    run(OrderKind::Ordinary, ordinary, &cases);
}

#[test]
fn fields_of_budget_orders() {
    let cases: [Case; 11] = [
        (|d| d.name = Some("\u{0}".into()), 0),
        (|d| d.mfo = Some("99999".into()), 0),
        (|d| d.account = Some("400522860262837950100251028".into()), 0),
        (|d| d.account = Some("400522840262837950100251028".into()), 1013),
        (|d| d.account = Some("400522860262837950100250013".into()), 1013),
        (|d| d.account = None, 1017),
        (|d| d.tax_id = None, 1017),
        (|d| d.tax_id = Some("1234".into()), 1017),
        (|d| d.purpose_code = None, 1017),
        (|d| d.purpose_code = Some("9510".into()), 1017),
        (|d| d.purpose = Some("a\u{7F}".into()), 1016),
    ];
    run(OrderKind::Budget, budget, &cases);
}

#[test]
fn amounts_are_plain_digits_that_fit() {
    let bad = [
        "",
        "0",
        "00",
        "-1",
        "+1",
        "1e9",
        "500.5",
        "500.0",
        " 500",
        "500 ",
        "0x10",
        "٥",
        "9223372036854775808",
        "00000000000000000001",
        "NaN",
        "1_000",
        "1,000",
    ];
    for amount in bad {
        let draft = OrderDraft { amount: Some(amount.into()), ..ordinary() };
        assert_eq!(check(OrderKind::Ordinary, &draft).unwrap_err(), 1017, "{amount}");
    }
    for (amount, commission, code) in [
        ("1", "0", 0),
        ("9223372036854775807", "0", 0),
        ("9223372036854775806", "1", 0),
        ("9223372036854775807", "1", 1017),
        ("500000", "", 1017),
        ("500000", "-1", 1017),
    ] {
        let draft = OrderDraft {
            amount: Some(amount.into()),
            commission: Some(commission.into()),
            ..ordinary()
        };
        let found = check(OrderKind::Ordinary, &draft).err().unwrap_or(0);
        assert_eq!(found, code, "{amount} + {commission}");
    }
}

#[test]
fn card_fields_are_required_by_the_kind_of_the_service() {
    let without: [fn(&mut OrderDraft<'static>); 4] = [
        |d| d.reference = None,
        |d| d.card_type = None,
        |d| d.card_number = None,
        |d| (d.reference, d.card_type, d.card_number) = (Some("".into()), None, None),
    ];
    let lookup = BankDirectory::built_in();
    let strict = CardRule::Required;
    for (kind, base) in [(OrderKind::Ordinary, ordinary()), (OrderKind::Budget, budget())] {
        assert!(base.check(kind, strict, &lookup).is_ok());
        for remove in without {
            let mut draft = base.clone();
            remove(&mut draft);
            assert_eq!(draft.check(kind, strict, &lookup), Err(BankCode::FieldMissing));
            assert!(draft.check(kind, CardRule::Optional, &lookup).is_ok());
        }
    }
}

#[test]
fn the_first_fault_in_the_documented_order_is_named() {
    let mut draft = ordinary();
    draft.mfo = Some("99999".into());
    draft.account = Some("29801000990248840013".into());
    draft.purpose = Some("\u{1}".into());
    draft.name = Some("\u{1}".into());
    draft.amount = Some("0".into());
    let repairs: [Case; 6] = [
        (|_| {}, 1017),
        (|d| d.amount = Some("1".into()), 1015),
        (|d| d.name = Some("A".into()), 1016),
        (|d| d.purpose = Some("B".into()), 1013),
        (|d| d.account = Some("29801000990248844444".into()), 1014),
        (|d| d.mfo = Some("00401".into()), 0),
    ];
    for (repair, code) in repairs {
        repair(&mut draft);
        assert_eq!(check(OrderKind::Ordinary, &draft).err().unwrap_or(0), code);
    }
}

#[test]
fn cards_of_another_network_are_noted() {
    let cases = [
        ("8600069195406311", "uzcard", vec![]),
        ("8600069195406311", "HUMO", vec![Warning::CardNetwork]),
        ("4000000000000002", "HUMO", vec![Warning::CardNetwork]),
        ("9860531554896678", "HUMO", vec![Warning::CardCheckDigit]),
    ];
    for (number, network, want) in cases {
        let mut draft = ordinary();
        draft.tax_id = None;
        draft.card_number = Some(number.into());
        draft.card_type = Some(network.into());
        let order = check(OrderKind::Ordinary, &draft).unwrap();
        assert_eq!(order.requisites.warnings.iter().collect::<Vec<_>>(), want, "{number}");
    }
}

#[test]
fn a_draft_is_printed_without_its_card() {
    let text = format!("{:?}", ordinary());
    assert!(!text.contains("9860531554896678") && text.contains("009445151277"), "{text}");
}
