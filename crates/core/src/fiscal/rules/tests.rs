//! The rules, on orders as clients send them.

use super::*;
use crate::fiscal::{Commission, ExtraInfo, FiscalTime, Operation, OrderKind, OwnerType, Quantity};

fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

fn item(price: i64, vat: i64, percent: u8) -> FiscalItem {
    FiscalItem {
        name: "Нон".to_owned(),
        barcode: "4780000000007".to_owned(),
        quantity: Quantity::ONE,
        unit_name: "dona".to_owned(),
        unit_code: Some(1),
        price: tiyin(price),
        unit_price: tiyin(price),
        vat: tiyin(vat),
        vat_percent: Some(percent),
        discount: Tiyin::ZERO,
        other: Tiyin::ZERO,
        labels: Vec::new(),
        class_code: "10999001001000000".to_owned(),
        package_code: Some("1520627".to_owned()),
        owner: OwnerType::Bought,
        commission: None,
    }
}

fn order(items: Vec<FiscalItem>, cash: i64, card: i64) -> FiscalOrder {
    FiscalOrder {
        kind: OrderKind::Order,
        operation: Operation::Sale,
        items,
        received_cash: tiyin(cash),
        received_card: tiyin(card),
        change: Tiyin::ZERO,
        card_type: None,
        ppt_id: None,
        extra: ExtraInfo::default(),
        time: FiscalTime::parse_spaced("2024-02-21 13:19:43").unwrap(),
    }
}

#[test]
fn an_order_in_order_has_its_totals() {
    let mut second = item(10_000, 964, 12);
    second.discount = tiyin(700);
    second.other = tiyin(300);
    let checked = order(vec![item(50_000, 5_357, 12), second], 9_000, 50_000).check().unwrap();
    assert_eq!(checked.warnings, []);
    let Totals { price, discount, other, due, vat } = checked.totals;
    let sums = [price, discount, other, due, vat].map(Tiyin::get);
    assert_eq!(sums, [60_000, 700, 300, 59_000, 6_321]);
}

#[test]
fn payments_and_lines_may_differ_by_a_hundred_sum() {
    for (cash, card, balanced) in [
        (115_000, 0, true),
        (100_000, 15_000, true),
        (125_000, 0, true),
        (125_001, 0, false),
        (105_000, 0, true),
        (104_999, 0, false),
        (50_000, 0, false),
        (0, 0, false),
    ] {
        let outcome = order(vec![item(115_000, 12_321, 12)], cash, card).check();
        let want = Fault::Balance { received: tiyin(cash + card), due: tiyin(115_000) };
        assert_eq!(outcome.map(|_| ()), if balanced { Ok(()) } else { Err(want) }, "{cash}");
    }
}

#[test]
fn the_change_is_in_no_sum() {
    let mut sale = order(vec![item(36_300, 0, 0)], 6_300, 30_000);
    sale.change = tiyin(8_700);
    assert!(sale.check().is_ok());
}

#[test]
fn faults_name_their_line() {
    let good = || item(10_000, 1_071, 12);
    let spoiled = |spoil: fn(&mut FiscalItem)| {
        let mut bad = good();
        spoil(&mut bad);
        order(vec![good(), bad], 20_000, 0).check().unwrap_err()
    };
    assert_eq!(spoiled(|i| i.class_code = "1099900100100000".into()), Fault::ClassCode { item: 1 });
    assert_eq!(
        spoiled(|i| i.class_code = "1099900100100000x".into()),
        Fault::ClassCode { item: 1 }
    );
    assert_eq!(spoiled(|i| i.class_code = String::new()), Fault::ClassCode { item: 1 });
    assert_eq!(spoiled(|i| i.package_code = Some("12a".into())), Fault::PackageCode { item: 1 });
    assert_eq!(spoiled(|i| i.package_code = Some("1".repeat(21))), Fault::PackageCode { item: 1 });
    assert_eq!(spoiled(|i| i.discount = tiyin(10_001)), Fault::Discount { item: 1 });
    assert_eq!(
        spoiled(|i| (i.discount, i.other) = (tiyin(5_000), tiyin(5_001))),
        Fault::Discount { item: 1 }
    );
    assert_eq!(spoiled(|i| i.vat = tiyin(10_001)), Fault::Vat { item: 1 });
    assert_eq!(spoiled(|i| i.vat_percent = Some(100)), Fault::VatPercent { item: 1 });
    assert_eq!(order(Vec::new(), 0, 0).check(), Err(Fault::NoItems));
}

#[test]
fn sums_never_wrap() {
    let most = || item(i64::MAX, 0, 0);
    assert_eq!(order(vec![most(), most()], 0, 0).check(), Err(Fault::Overflow));
    assert_eq!(order(vec![most()], i64::MAX, 1).check(), Err(Fault::Overflow));
    assert!(order(vec![most()], i64::MAX, 0).check().is_ok());
}

#[test]
fn what_clients_get_wrong_is_remarked_upon_and_accepted() {
    // A published example of an order: VAT added on top, a principal that is a placeholder.
    let mut odd = item(50_000, 6_000, 12);
    odd.package_code = None;
    odd.unit_price = tiyin(500);
    odd.name = "я".repeat(64);
    odd.commission = Some(Commission { inn: Some("048768768768".to_owned()), pinfl: None });
    let mut sale = order(vec![odd], 50_000, 0);
    sale.card_type = Some(CardType::Social);
    let checked = sale.check().unwrap();
    assert_eq!(
        checked.warnings,
        [
            Warning::NoPackageCode { item: 0 },
            Warning::Vat { item: 0, expected: tiyin(5_357) },
            Warning::LinePrice { item: 0 },
            Warning::NameLong { item: 0 },
            Warning::Commission { item: 0 },
            Warning::SocialCardNumber,
        ]
    );
}

#[test]
fn a_receipt_of_nothing_is_remarked_upon() {
    let mut gift = item(1_000, 0, 15);
    gift.discount = tiyin(1_000);
    let checked = order(vec![gift], 0, 0).check().unwrap();
    assert_eq!(checked.warnings, [Warning::NothingDue]);
}

#[test]
fn vat_may_be_off_by_a_sum() {
    for (vat, remarked) in [(5_257, false), (5_256, true), (5_457, false), (5_458, true)] {
        let checked = order(vec![item(50_000, vat, 12)], 50_000, 0).check().unwrap();
        assert_eq!(!checked.warnings.is_empty(), remarked, "{vat}");
    }
    let mut free = item(50_000, 101, 0);
    free.vat_percent = None;
    let checked = order(vec![free], 50_000, 0).check().unwrap();
    assert_eq!(checked.warnings, [Warning::Vat { item: 0, expected: Tiyin::ZERO }]);
}

#[test]
fn the_time_is_checked_against_the_clock() {
    let sale = order(Vec::new(), 0, 0);
    let sold = sale.time.moment();
    for (late, timely) in [(0, true), (300_000, true), (300_001, false), (-300_000, true)] {
        assert_eq!(sale.is_timely(sold.plus(late)), timely, "{late}");
    }
    assert!(!sale.is_timely(UnixMillis(i64::MIN)));
}
