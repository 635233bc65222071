//! CSV and sheets read back by libraries.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chorsu_files::{CsvStyle, StatementFormat, TableFormat};

use crate::sample::{lines, settlement_in, statement, statement_in};

fn sheet(bytes: Vec<u8>) -> Vec<Vec<Data>> {
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

fn records(bytes: &[u8]) -> Vec<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(Result::unwrap).collect()
}

#[test]
fn a_statement_in_csv_has_one_row_for_each_line_and_no_formula() {
    let rows = records(&statement_in(StatementFormat::Csv(CsvStyle::Programs)));
    assert_eq!(rows.len(), lines().len() + 1);
    assert_eq!(&rows[1][3], "4.00");
    assert_eq!(&rows[2][2], "500.05");
    assert_eq!(&rows[2][6], "ЯТТ Ғуломов Ўктам Қўқонович");
    assert!(rows[2][8].starts_with("'=HYPERLINK"));
    assert!(rows.iter().all(|row| row.len() == 9));
    let bytes = statement_in(StatementFormat::Csv(CsvStyle::People));
    assert!(bytes.starts_with(b"\xef\xbb\xbf"));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("02.02.2023;1291794;500,05;;20206000990248844444;"), "{text}");
}

#[test]
fn a_statement_as_a_sheet_has_numbers_and_text() {
    let rows = sheet(statement_in(StatementFormat::Xlsx));
    let head = statement();
    let value = |name: &str| {
        let row = rows.iter().find(|row| row[0] == Data::String(name.into())).unwrap();
        row[1].clone()
    };
    assert_eq!(value("Счёт"), Data::String(head.account.clone()));
    assert_eq!(value("Остаток на начало"), Data::Float(-123.45));
    let first = rows.iter().position(|row| row[0] == Data::String("Дата".into())).unwrap() + 1;
    assert_eq!(rows.len() - first, lines().len());
    assert_eq!(rows[first][3], Data::Float(4.0));
    assert_eq!(rows[first + 2][2], Data::Float(1_000_000_000.01));
    assert_eq!(rows[first + 1][4], Data::String("20206000990248844444".into()));
    assert!(matches!(&rows[first + 1][8], Data::String(text) if text.starts_with("=HYPERLINK")));
    assert!(matches!(rows[first][0], Data::DateTime(_)));
}

#[test]
fn a_settlement_report_is_the_same_as_csv_and_as_a_sheet() {
    let rows = records(&settlement_in(TableFormat::Csv(CsvStyle::Programs)));
    assert_eq!(rows.len(), 3);
    assert_eq!(&rows[1][2], "100000.00");
    assert_eq!(&rows[1][5], "7000.50");
    assert_eq!(&rows[1][6], "Доставка: 7000.00; Площадка: 0.50");
    assert_eq!(&rows[2][1], "'@бозор");
    assert_eq!(&rows[2][10], "");
    let sheet = sheet(settlement_in(TableFormat::Xlsx));
    let paid = sheet.iter().find(|row| row[9] == Data::String("Проведен".into())).unwrap();
    assert_eq!(paid[7], Data::Float(91_979.49));
    assert_eq!(paid[8], Data::String("settle-1".into()));
}
