//! The 1C file read back by a reader of its own, in both encodings.

use std::collections::HashMap;

use chorsu_files::{OneCEncoding, StatementFormat};

use crate::sample::{lines, statement, statement_in};

type Section = HashMap<String, String>;

/// The head, the section of the account, and the documents.
struct File {
    head: Section,
    account: Section,
    documents: Vec<Section>,
}

fn read(text: &str) -> File {
    assert!(text.ends_with("КонецФайла\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let mut lines = text.split("\r\n");
    assert_eq!(lines.next(), Some("1CClientBankExchange"));
    let mut file = File { head: Section::new(), account: Section::new(), documents: Vec::new() };
    let mut open = None;
    for line in lines {
        match (line, open) {
            ("СекцияРасчСчет", None) => open = Some("account"),
            ("КонецРасчСчет", Some("account")) | ("КонецДокумента", Some("document")) =>
            {
                open = None;
            }
            ("КонецФайла", None) => break,
            ("СекцияДокумент=Платежное поручение", None) => {
                open = Some("document");
                file.documents.push(Section::new());
            }
            (pair, open) => {
                let (key, value) = pair.split_once('=').unwrap();
                let section = match open {
                    None => &mut file.head,
                    Some("account") => &mut file.account,
                    Some(_) => file.documents.last_mut().unwrap(),
                };
                assert_eq!(section.insert(key.into(), value.into()), None, "{key} twice");
            }
        }
    }
    file
}

fn tiyin(sums: &str) -> i64 {
    let (whole, decimals) = sums.split_once('.').unwrap();
    assert_eq!(decimals.len(), 2);
    format!("{whole}{decimals}").parse().unwrap()
}

#[test]
fn what_was_written_is_read_back() {
    let bytes = statement_in(StatementFormat::OneC(OneCEncoding::Utf8));
    let file = read(std::str::from_utf8(&bytes).unwrap());
    assert_eq!(file.head["ВерсияФормата"], "1.03");
    assert_eq!(file.head["ДатаСоздания"], "02.02.2023");
    assert_eq!(file.head["ВремяСоздания"], "04:59:59");
    let (head, lines) = (statement(), lines());
    assert_eq!(tiyin(&file.account["НачальныйОстаток"]), head.opening_tiyin);
    assert_eq!(tiyin(&file.account["КонечныйОстаток"]), head.closing_tiyin);
    assert_eq!(file.documents.len(), lines.len());
    for (document, line) in file.documents.iter().zip(&lines) {
        assert_eq!(tiyin(&document["Сумма"]), line.amount.get());
        assert_eq!(document["Номер"], line.number);
        assert_eq!(document["ПлательщикСчет"], line.payer.account);
        assert_eq!(document["ПолучательБИК"], line.receiver.mfo);
        assert_eq!(document["Получатель1"], line.receiver.name);
        assert_eq!(document["ДатаСписано"].is_empty(), !document["ДатаПоступило"].is_empty());
    }
}

#[test]
fn the_documents_add_up_to_the_balances() {
    let bytes = statement_in(StatementFormat::OneC(OneCEncoding::Windows1251));
    let (text, _, had_errors) = encoding_rs::WINDOWS_1251.decode(&bytes);
    assert!(!had_errors);
    let file = read(&text);
    assert_eq!(file.head["Кодировка"], "Windows");
    let (mut arrived, mut written_off) = (0, 0);
    for document in &file.documents {
        let side = if document["ДатаСписано"].is_empty() {
            &mut arrived
        } else {
            &mut written_off
        };
        *side += tiyin(&document["Сумма"]);
    }
    let account = &file.account;
    assert_eq!(tiyin(&account["ВсегоПоступило"]), arrived);
    assert_eq!(tiyin(&account["ВсегоСписано"]), written_off);
    let closing = tiyin(&account["НачальныйОстаток"]) + arrived - written_off;
    assert_eq!(tiyin(&account["КонечныйОстаток"]), closing);
}

#[test]
fn letters_that_the_code_page_lacks_are_replaced_and_lines_stay_lines() {
    let bytes = statement_in(StatementFormat::OneC(OneCEncoding::Windows1251));
    let text = encoding_rs::WINDOWS_1251.decode(&bytes).0;
    let seller = &read(&text).documents[1];
    assert_eq!(seller["Получатель1"], "ЯТТ Гуломов Ўктам Кўконович");
    assert_eq!(
        seller["НазначениеПлатежа"],
        "=HYPERLINK(\"http://example.org\")  за <товар> & доставку; o'n besh"
    );
}
