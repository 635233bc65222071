//! Bulk payments from CSV: dialects, encodings, and a sentence for every kind of mistake.

use std::io::Cursor;

use chorsu_core::Network;
use chorsu_files::{BulkError, BulkFormat, BulkRow, BulkRows, FileError};

use crate::sample::tiyin;

pub(crate) type Rows = Vec<Result<BulkRow, BulkError>>;

fn open(bytes: &[u8]) -> Result<BulkRows<Cursor<&[u8]>>, FileError> {
    BulkRows::open(BulkFormat::Csv, Cursor::new(bytes))
}

fn read(text: &str) -> Rows {
    open(text.as_bytes()).unwrap().collect()
}

pub(crate) fn sentences(rows: Rows) -> Vec<String> {
    rows.into_iter()
        .map(|row| row.map_or_else(|error| error.to_string(), |_| "ok".into()))
        .collect()
}

/// What `fixtures/bulk.csv` and its likes hold.
pub(crate) fn check_sample(rows: Rows) {
    let rows: Vec<BulkRow> = rows.into_iter().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    let [first, budget, card] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(first.row, 2);
    assert_eq!(first.order_key, "009445151277");
    assert_eq!(first.receiver_name, "ООО \"Ёлка\"; Тошкент");
    assert_eq!((first.mfo.as_str(), first.account.as_str()), ("01091", "29801000990248844444"));
    assert_eq!((first.amount, first.commission), (tiyin(500_050), tiyin(20_000)));
    assert_eq!((first.inn.as_deref(), first.budget), (Some("123456789"), false));
    assert!(first.card.is_none() && first.purpose_code.is_none());
    assert!(budget.budget && budget.mfo.is_empty());
    assert_eq!(budget.account, "400522860262837950100251028");
    assert_eq!(budget.purpose, "За патент за январь 2020 года");
    assert_eq!(budget.purpose_code.as_deref(), Some("00401"));
    let paid_by = card.card.as_ref().unwrap();
    assert_eq!((card.row, paid_by.network), (4, Network::Humo));
    assert_eq!(paid_by.number.digits(), "9860531554896678");
    assert_eq!(paid_by.reference, "016351273642");
    assert!(!format!("{card:?}").contains("9860531554896678"));
}

#[test]
fn the_samples_are_read_alike() {
    let utf8 = include_bytes!("../../fixtures/bulk.csv");
    check_sample(open(utf8).unwrap().collect());
    let text = std::str::from_utf8(utf8).unwrap();
    let russian = encoding_rs::WINDOWS_1251.encode(text.trim_start_matches('\u{feff}')).0;
    check_sample(open(&russian).unwrap().collect());
    check_sample(read(&text.replace('\n', "\r\n")));
}

#[test]
fn a_person_has_a_longer_tax_number() {
    let head = "order_id,receiver_name,mfo,account,inn,amount,purpose\n";
    let row = |inn: &str| format!("{head}1,Али,01091,20206000900000000001,{inn},500,x\n");
    for inn in ["301234561", "30101901000007"] {
        let rows = read(&row(inn));
        assert_eq!(rows[0].as_ref().unwrap().inn.as_deref(), Some(inn));
    }
    for inn in ["3010190100000", "301019010000071", "3010190100000x"] {
        let said = sentences(read(&row(inn)));
        assert_eq!(said, ["row 2, inn: it must be 9 digits, or 14 digits of a person"], "{inn}");
    }
}

#[test]
fn english_headings_and_commas_work_too() {
    let rows = open(include_bytes!("../../fixtures/bulk-english.csv")).unwrap();
    assert_eq!(rows.ignored_columns(), ["Comment"]);
    check_sample(rows.collect());
}

#[test]
fn amounts_are_digits() {
    let head = "order_id,receiver_name,mfo,account,purpose,amount\n";
    let cases = [
        ("500", "ok"),
        ("1e9", "row 2, amount: an amount in tiyin is written with digits only"),
        ("500.5", "row 2, amount: an amount in tiyin is written with digits only"),
        ("-1", "row 2, amount: an amount in tiyin is written with digits only"),
        (" 500", "row 2, amount: an amount in tiyin is written with digits only"),
        ("0", "row 2, amount: the amount must be more than zero"),
        ("", "row 2, amount: it is empty"),
        ("9223372036854775807", "ok"),
        ("9223372036854775808", "row 2, amount: the amount is too large"),
    ];
    for (amount, want) in cases {
        let text = format!("{head}a,b,00401,20208000405273320010,c,{amount}\n");
        assert_eq!(sentences(read(&text)), [want], "{amount:?}");
    }
}

#[test]
fn a_wrong_row_is_told_of_and_the_next_one_is_read() {
    let text = "\
order_id;receiver_name;mfo;account;inn;purpose;purpose_code;budget;amount;amount_sum;card_type;card_number;rrn
a b;n;00401;20208000405273320010;;p;;;1;;;;
a;;00401;20208000405273320010;;p;;;1;;;;
a;n;401;20208000405273320010;;p;;;1;;;;
a;n;00401;2020800040527332001;;p;;;1;;;;
a;n;00401;400522860262837950100251028;;p;00401;;1;;;;
a;n;;400522860262837950100251028;207099143;p;00401;нет;1;;;;
a;n;00401;20208000405273320010;12345;p;;;1;;;;
a;n;00401;20208000405273320010;;p;;maybe;1;;;;
a;n;00401;20208000405273320010;;p;;;1;1;;;
a;n;00401;20208000405273320010;;\"p\nq\";;;1;;;;

a;n;00401;20208000405273320010;;p;;;1;;VISA;9860531554896678;1
a;n;00401;20208000405273320010;;p;;;1;;HUMO;986053155489667;1
a;n;00401;20208000405273320010;;p;;;1;;HUMO;9860531554896678;
a;n;00401;20208000405273320010;;p;;;1;;;;;;surplus
;;;;;;;;;;;;
a;n;00401;20208000405273320010;;p;;;;1,5;;;
";
    let want = [
        "row 2, order_id: it must not contain spaces",
        "row 3, receiver_name: it is empty",
        "row 4, mfo: it must be 5 digits",
        "row 5, account: it must be 20 digits, or 27 digits for a payment to the budget",
        "row 6, inn: it is empty",
        "row 7, budget: an account of 27 digits belongs to the budget",
        "row 8, inn: it must be 9 digits, or 14 digits of a person",
        "row 9, budget: it must be yes or no",
        "row 10, amount: the amount is given twice, in tiyin and in sums",
        "row 11, purpose: it contains characters that cannot be printed",
        "row 12, card_type: it must be UZCARD or HUMO",
        "row 13, card_number: it must be 16 digits",
        "row 14, ref_number: it is empty",
        "row 15: the row has more cells than there are headings",
        "ok",
    ];
    assert_eq!(sentences(read(text)), want);
}

#[test]
fn a_file_that_cannot_be_understood_is_refused_at_once() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "the file has no headings"),
        (b"PK\x03\x04 a workbook", "the file has no headings"),
        (b"\xff\xfeo\0r\0", "the file must be in UTF-8 or windows-1251"),
        (
            "order_id;Сумма\n".as_bytes(),
            "the heading \"сумма\" must say whether it counts sums or tiyin",
        ),
        (b"order_id;account;amount\n", "the file lacks columns: purpose"),
    ];
    for (bytes, want) in cases {
        let error = open(bytes).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some(want));
    }
}

#[test]
fn formats_are_known_by_their_extension() {
    let cases = [
        ("pay.CSV", Some(BulkFormat::Csv)),
        ("a.b.xlsx", Some(BulkFormat::Xlsx)),
        ("pain.001.xml", Some(BulkFormat::Pain001)),
        ("pay.xls", None),
        ("csv", None),
    ];
    for (name, want) in cases {
        assert_eq!(BulkFormat::of_file_name(name), want, "{name}");
    }
}
