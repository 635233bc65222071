//! Bulk payments from pain.001.

use std::io::Cursor;

use chorsu_files::{BulkError, BulkFormat, BulkRow, BulkRows, FileError};

use crate::bulk_csv::{Rows, sentences};
use crate::sample::tiyin;

pub(crate) const SAMPLE: &str = include_str!("../../fixtures/bulk.pain001.xml");

fn read_bytes(bytes: &[u8]) -> Rows {
    match BulkRows::open(BulkFormat::Pain001, Cursor::new(bytes)) {
        Ok(rows) => rows.collect(),
        Err(error) => vec![Err(BulkError::File(error))],
    }
}

fn read(text: &str) -> Rows {
    read_bytes(text.as_bytes())
}

/// The sample with one thing in it replaced.
fn changed(from: &str, to: &str) -> Rows {
    assert!(SAMPLE.contains(from), "{from}");
    read(&SAMPLE.replacen(from, to, 1))
}

fn check(rows: Rows) {
    let rows: Vec<BulkRow> = rows.into_iter().map(Result::unwrap).collect();
    let [first, budget] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((first.row, budget.row), (1, 2));
    assert_eq!(first.order_key, "009445151277");
    assert_eq!(first.receiver_name, "ООО \"Ёлка\" & дочери");
    assert_eq!((first.mfo.as_str(), first.account.as_str()), ("01091", "29801000990248844444"));
    assert_eq!((first.amount, first.commission), (tiyin(500_050), tiyin(0)));
    assert_eq!(first.inn.as_deref(), Some("301234561"));
    assert_eq!(first.purpose, "Оплата по договору 5 от 01.02.2023");
    assert_eq!(first.payer_account.as_deref(), Some("29896000200000401070"));
    assert!(!first.budget && first.card.is_none());
    assert!(budget.budget);
    assert_eq!(budget.order_key, "5153f545-52bf-46fd-af1a-c31b43fe043e");
    assert_eq!(budget.account, "400522860262837950100251028");
    assert_eq!(budget.inn.as_deref(), Some("207099143"));
    assert_eq!(budget.purpose_code.as_deref(), Some("00401"));
    assert_eq!(budget.receiver_name, "ТГЮУ");
}

#[test]
fn the_sample_is_read_in_any_encoding_and_version() {
    check(read(SAMPLE));
    check(read(&SAMPLE.replace("pain.001.001.09", "pain.001.001.03")));
    check(read(&SAMPLE.replace("<!-- -->", "<!--\n-->").replace('\n', "\r\n")));
    let prefixed = SAMPLE.replace("xmlns=", "xmlns:p=").replace("</", "</p:");
    let mut tags = String::new();
    for (place, part) in prefixed.split('<').enumerate() {
        let plain = place == 0 || part.starts_with(['/', '?', '!']);
        tags.push_str(if place == 0 {
            ""
        } else if plain {
            "<"
        } else {
            "<p:"
        });
        tags.push_str(part);
    }
    check(read(&tags));
    let russian = SAMPLE.replace("UTF-8", "windows-1251");
    check(read_bytes(&encoding_rs::WINDOWS_1251.encode(&russian).0));
}

#[test]
fn long_texts_come_in_pieces() {
    let word = "ж".repeat(140);
    let text = format!("<Ustrd>{word}</Ustrd><Ustrd>жж и</Ustrd><Ustrd>конец</Ustrd>");
    let rows = changed("<Ustrd>Оплата по договору 5 от 01.02.2023</Ustrd>", &text);
    assert_eq!(rows[0].as_ref().unwrap().purpose, format!("{word}жж и конец"));
}

#[test]
fn a_person_has_a_longer_tax_number() {
    let rows = changed("<Id>301234561</Id>", "<Id>30101901000007</Id>");
    assert_eq!(rows[0].as_ref().unwrap().inn.as_deref(), Some("30101901000007"));
}

#[test]
fn a_wrong_payment_is_told_of() {
    let inn = "<Id>301234561</Id>";
    let cases = [
        (
            "Ccy=\"UZS\">5000.50",
            "Ccy=\"USD\">5000.50",
            "row 1, amount_sum: the currency must be UZS",
        ),
        (
            ">5000.50<",
            ">5000.505<",
            "row 1, amount_sum: an amount in sums has at most two decimals",
        ),
        (
            ">5000.50<",
            ">1e9<",
            "row 1, amount_sum: an amount in sums is written with digits, and at most two more after a dot",
        ),
        (
            ">5000.50<",
            ">5000,50<",
            "row 1, amount_sum: an amount in sums is written with digits, and at most two more after a dot",
        ),
        (">5000.50<", "><", "row 1, amount: it is empty"),
        (inn, "<Id>30123456</Id>", "row 1, inn: it must be 9 digits, or 14 digits of a person"),
        (">01091<", ">1091<", "row 1, mfo: it must be 5 digits"),
        (
            "<Othr><Id>29801000990248844444</Id></Othr>",
            "<IBAN>UZ00</IBAN>",
            "row 1, account: accounts in Uzbekistan have no IBAN, the account goes into Othr/Id",
        ),
        (">009445151277<", ">NOTPROVIDED<", "row 1, order_id: it is empty"),
        (">009445151277<", ">a b<", "row 1, order_id: it must not contain spaces"),
        ("<PmtMtd>TRF<", "<PmtMtd>CHK<", "row 1: only transfers can be paid (PmtMtd TRF)"),
    ];
    for (from, to, want) in cases {
        assert_eq!(sentences(changed(from, to))[0], want, "{to}");
    }
}

#[test]
fn the_head_must_be_right() {
    let cases = [
        ("<NbOfTxs>2<", "<NbOfTxs>3<", "the file says that it has 3 payments, but it has 2"),
        ("<NbOfTxs>2<", "<NbOfTxs>two<", "the file says that it has two payments, but it has 2"),
        (">10000.50<", ">10000.51<", "the payments of the file do not add up to its control sum"),
    ];
    for (from, to, want) in cases {
        let found = sentences(changed(from, to));
        assert_eq!(found[..2], ["ok", "ok"]);
        assert_eq!(found[2..], [want]);
    }
    assert_eq!(sentences(changed("<NbOfTxs>2<", "<NbOfTxs>0002<")), ["ok", "ok"]);
}

#[test]
fn entities_are_neither_defined_nor_used() {
    let laughs = "<!DOCTYPE Document [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
    let defined = SAMPLE.replacen("<Document", &format!("{laughs}<Document"), 1);
    assert!(matches!(read(&defined)[..], [Err(BulkError::File(FileError::Entities))]));
    let used = sentences(changed(">ТГЮУ<", ">&secret;<"));
    assert_eq!(used, ["ok", "the file must not define or use entities"]);
    let known = changed(">ТГЮУ<", ">&#1058;&#x413;&lt;ЮУ&gt;<");
    assert_eq!(known[1].as_ref().unwrap().receiver_name, "ТГ<ЮУ>");
}

#[test]
fn other_files_are_refused() {
    let deep = format!("<Document><CstmrCdtTrfInitn>{}", "<a>".repeat(100));
    let cases = [
        ("", "the file is not a pain.001"),
        ("order_id;amount", "the file is not a pain.001"),
        ("<html/>", "the file is not a pain.001"),
        ("<Document><CstmrDrctDbtInitn/></Document>", "the file is not a pain.001"),
        ("<Document><CstmrCdtTrfInitn></Document>", "the file is not well-formed XML near byte 28"),
        ("<Document><CstmrCdtTrfInitn><a", "the file is not well-formed XML near byte 28"),
        ("<Document><CstmrCdtTrfInitn>", "the file ends in the middle"),
        (&deep, "the elements of the file are nested too deeply"),
        ("<?xml version='1.0' encoding='KOI8-R'?>", "the file must be in UTF-8 or windows-1251"),
    ];
    for (text, want) in cases {
        assert_eq!(sentences(read(text)), [want], "{text:.40}");
    }
    let mut cut = SAMPLE.as_bytes().to_vec();
    let end = SAMPLE.rfind("</PmtInf>").unwrap();
    cut.truncate(end);
    assert_eq!(sentences(read_bytes(&cut)), ["ok", "ok", "the file ends in the middle"]);
    let broken = b"<Document><CstmrCdtTrfInitn><a>\xff</a>";
    assert_eq!(sentences(read_bytes(broken)), ["the file must be in UTF-8 or windows-1251"]);
}
