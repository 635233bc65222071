//! The camt.053 read back: its arithmetic, its references, and lengths of the schema.

use chorsu_files::{
    Direction, Line, OneCEncoding, Statement, StatementFormat, write_statement, write_statements,
};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

use crate::sample::{lines, statement, statement_in};

/// Every element with text: its path without namespaces, and the text.
fn leaves(bytes: &[u8]) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(std::str::from_utf8(bytes).unwrap());
    let (mut path, mut text, mut found) = (Vec::<String>::new(), String::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(entity) => {
                text.push_str(&unescape(&format!("&{};", &*entity)).unwrap());
            }
            Event::End(_) => {
                if !text.trim().is_empty() {
                    found.push((path.join("/"), std::mem::take(&mut text)));
                }
                path.pop();
                text.clear();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(path.is_empty());
    found
}

fn all<'a>(leaves: &'a [(String, String)], end: &str) -> Vec<&'a str> {
    let end = format!("/{end}");
    leaves.iter().filter(|(path, _)| path.ends_with(&end)).map(|(_, text)| text.as_str()).collect()
}

fn tiyin(sums: &str) -> i64 {
    sums.replace('.', "").parse().unwrap()
}

#[test]
fn opening_plus_entries_is_closing() {
    let leaves = leaves(&statement_in(StatementFormat::Camt053));
    let signed = |amounts: Vec<&str>, sides: Vec<&str>| -> Vec<i64> {
        assert_eq!(amounts.len(), sides.len());
        let pairs = amounts.into_iter().zip(sides);
        pairs.map(|(sum, side)| if side == "DBIT" { -tiyin(sum) } else { tiyin(sum) }).collect()
    };
    assert_eq!(all(&leaves, "Bal/Tp/CdOrPrtry/Cd"), ["OPBD", "CLBD"]);
    let balances = signed(all(&leaves, "Bal/Amt"), all(&leaves, "Bal/CdtDbtInd"));
    let entries = signed(all(&leaves, "Ntry/Amt"), all(&leaves, "Ntry/CdtDbtInd"));
    assert_eq!(balances[0] + entries.iter().sum::<i64>(), balances[1]);
    assert_eq!(balances, [statement().opening_tiyin, statement().closing_tiyin]);
    assert_eq!(entries.len(), lines().len());
}

#[test]
fn references_and_texts_are_those_of_the_lines() {
    let leaves = leaves(&statement_in(StatementFormat::Camt053));
    assert_eq!(
        all(&leaves, "Refs/EndToEndId"),
        ["NOTPROVIDED", "order-2111291794", "5153f54552bf46fdaf1ac31b43fe043e", "order-2111291796"]
    );
    assert_eq!(all(&leaves, "AddtlTxInf"), ["orderId 5153f545-52bf-46fd-af1a-c31b43fe043e"]);
    assert_eq!(all(&leaves, "Ntry/AcctSvcrRef")[..2], ["2111291793", "1180_2111291794"]);
    assert_eq!(all(&leaves, "Dbtr/Nm")[0], "ООО \"MARKETPLACE TRADING\"");
    assert_eq!(all(&leaves, "RltdDts/TxDtTm")[0], "2023-02-01T16:32:23+05:00");
    assert_eq!(all(&leaves, "BookgDt/Dt")[0], "2023-02-01");
    let texts = all(&leaves, "RmtInf/Ustrd");
    assert_eq!(texts[1], "=HYPERLINK(\"http://example.org\")  за <товар> & доставку; oʻn besh");
    assert!(texts.iter().all(|text| text.chars().count() <= 140));
    assert_eq!(texts[2..texts.len() - 1].join(" "), lines()[2].purpose.trim());
}

#[test]
fn nothing_is_longer_than_the_schema_allows_or_empty() {
    let long = "ж".repeat(2_000);
    let mut line =
        Line { purpose: long.clone(), order_key: Some(long.clone()), ..lines().remove(1) };
    line.receiver.name.clone_from(&long);
    line.payer = chorsu_files::Party::default();
    line.direction = Direction::Incoming;
    let mut head = statement();
    head.owner_name = long;
    head.incoming = line.amount;
    head.outgoing = chorsu_core::Tiyin::ZERO;
    head.closing_tiyin = head.opening_tiyin + line.amount.get();
    let format = StatementFormat::Camt053;
    let bytes = write_statement(format, &head, [Ok(line)], Vec::new()).unwrap();
    for (path, text) in leaves(&bytes) {
        let limit = match path.rsplit('/').next().unwrap() {
            "Nm" | "Ustrd" => 140,
            "AddtlTxInf" => 500,
            _ => 35,
        };
        assert!((1..=limit).contains(&text.chars().count()), "{path}: {text}");
    }
    assert!(!String::from_utf8(bytes).unwrap().contains("<Nm></Nm>"));
}

#[test]
fn several_statements_are_in_one_file() {
    let other = Statement { account: "100fe486b33784292111b7dc".into(), ..statement() };
    let both = [(statement(), lines()), (other, lines())];
    let bytes = write_statements(StatementFormat::Camt053, &both, Vec::new()).unwrap();
    let leaves = leaves(&bytes);
    let accounts = [statement().account.as_str(), "100fe486b33784292111b7dc"].map(str::to_owned);
    assert_eq!(all(&leaves, "Stmt/Acct/Id/Othr/Id"), accounts);
    assert_eq!(all(&leaves, "Ntry/NtryRef").len(), 2 * lines().len());
    assert_eq!(all(&leaves, "GrpHdr/CreDtTm").len(), 1);

    let one_c = StatementFormat::OneC(OneCEncoding::Utf8);
    let text = String::from_utf8(write_statements(one_c, &both, Vec::new()).unwrap()).unwrap();
    assert_eq!(text.matches("СекцияРасчСчет\r\n").count(), 2);
    assert_eq!(text.matches("РасчСчет=100fe486b33784292111b7dc\r\n").count(), 2);
    assert_eq!(text.matches("СекцияДокумент").count(), 2 * lines().len());

    // Only what adds up is written, and only where it can be.
    let mut less = lines();
    less.pop();
    let broken = [(statement(), lines()), (statement(), less)];
    assert!(write_statements(one_c, &broken, Vec::new()).is_err());
    assert!(write_statements(one_c, &[], Vec::new()).is_err());
    assert!(write_statements(StatementFormat::Xlsx, &both, Vec::new()).is_err());
}
