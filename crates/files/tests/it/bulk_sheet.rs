//! Bulk payments from sheets, which are made here by a library.

use std::io::{Cursor, Read, Write};

use chorsu_files::{BulkFormat, BulkRows, FileError};
use rust_xlsxwriter::Workbook;

use crate::bulk_csv::{Rows, check_sample, sentences};

/// A workbook with these texts.
pub(crate) fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            sheet.write_string(row, column, *text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// `bytes` of a workbook with the text of one of its parts put through `change`.
pub(crate) fn reworked(bytes: &[u8], part: usize, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut source = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut copy = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for index in 0..source.len() {
        let mut file = source.by_index(index).unwrap();
        let mut text = Vec::new();
        file.read_to_end(&mut text).unwrap();
        copy.start_file(file.name().unwrap(), options).unwrap();
        let text = if index == part % PARTS { change(text) } else { text };
        copy.write_all(&text).unwrap();
    }
    assert_eq!(source.len(), PARTS);
    copy.finish().unwrap().into_inner()
}

/// A workbook of one sheet with text has so many files inside.
const PARTS: usize = 10;

fn open(bytes: &[u8]) -> Result<BulkRows<Cursor<&[u8]>>, FileError> {
    BulkRows::open(BulkFormat::Xlsx, Cursor::new(bytes))
}

fn read(bytes: &[u8]) -> Rows {
    open(bytes).unwrap().collect()
}

#[test]
fn the_sample_is_the_same_as_a_sheet() {
    let text = include_bytes!("../../fixtures/bulk-english.csv");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&text[..]);
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let rows: Vec<Vec<&str>> = records.iter().map(|record| record.iter().collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let bytes = workbook(&rows);
    assert_eq!(open(&bytes).unwrap().ignored_columns(), ["Comment"]);
    check_sample(read(&bytes));
}

#[test]
fn numbers_are_taken_only_when_nothing_is_lost() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let headings = ["order_id", "receiver_name", "mfo", "account", "purpose", "amount_sum"];
    for (column, heading) in (0..).zip(headings) {
        sheet.write_string(2, column, heading).unwrap();
    }
    let texts = ["n", "00401", "20208000405273320010", "p"];
    let amounts = [500.5, 1e9, 0.1 + 0.2, -1.0, 1.005];
    for (row, amount) in (3..).zip(amounts) {
        sheet.write_number(row, 0, f64::from(row)).unwrap();
        for (column, text) in (1..).zip(texts) {
            sheet.write_string(row, column, text).unwrap();
        }
        sheet.write_number(row, 5, amount).unwrap();
    }
    // An account, a bank code and a flag in the wrong kind of cell.
    for (row, column, number) in [(8, 3, 20_208_000_405_273_320_010.0), (9, 2, 401.0)] {
        sheet.write_number(row, 0, 7).unwrap();
        for (place, text) in (1..).zip(texts) {
            sheet.write_string(row, place, text).unwrap();
        }
        sheet.write_number(row, column, number).unwrap();
        sheet.write_number(row, 5, 1).unwrap();
    }
    sheet.write_boolean(10, 0, true).unwrap();
    sheet.write_string(11, 20, "beyond").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let rows = read(&bytes);
    let paid: Vec<i64> = rows.iter().flatten().map(|row| row.amount.get()).collect();
    assert_eq!(paid, [50_050, 100_000_000_000]);
    let want = [
        "ok",
        "ok",
        "row 6, amount_sum: the number is not exact, round it or format the cell as text",
        "row 7, amount_sum: an amount in sums is written with digits, and at most two more after a dot",
        "row 8, amount_sum: an amount in sums has at most two decimals",
        "row 9, account: the cell must be formatted as text",
        "row 10, mfo: it must be 5 digits",
        "row 11, order_id: the cell must be formatted as text",
        "row 12: the row has more cells than there are headings",
    ];
    assert_eq!(sentences(rows), want);
}

#[test]
fn what_is_no_workbook_is_refused() {
    assert!(matches!(open(b"PK\x03\x04"), Err(FileError::Workbook(_))));
    assert!(matches!(open(b"order_id;amount"), Err(FileError::Workbook(_))));
    assert!(matches!(open(&workbook(&[])), Err(FileError::NoHeadings)));
}

#[test]
fn a_workbook_that_unpacks_into_too_much_is_not_unpacked() {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![b' '; 1024 * 1024];
    for _ in 0..129 {
        archive.write_all(&zeros).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 1024 * 1024);
    assert!(matches!(open(&bytes), Err(FileError::WorkbookTooLarge)));
}

#[test]
fn a_workbook_that_announces_too_much_is_not_read() {
    let rows: [&[&str]; 2] = [&["order_id", "account", "purpose", "amount"], &["1", "2", "3", "4"]];
    let plain = workbook(&rows);
    assert_eq!(read(&reworked(&plain, 0, |text| text)).len(), 1);
    let mut refused = 0;
    for part in 0..PARTS {
        let bytes = reworked(&plain, part, |text| {
            let text = String::from_utf8(text).unwrap();
            text.replace(" uniqueCount=\"8\"", " uniqueCount=\"900000000000\"").into_bytes()
        });
        refused += u32::from(matches!(open(&bytes), Err(FileError::WorkbookTooLarge)));
    }
    assert_eq!(refused, 1);
}

#[test]
fn a_panic_of_the_library_stays_inside() {
    let rows: [&[&str]; 2] = [&["order_id", "account", "purpose", "amount"], &["1", "2", "3", "4"]];
    let plain = workbook(&rows);
    for part in 0..PARTS {
        let bytes = reworked(&plain, part, |text| {
            let text = String::from_utf8(text).unwrap();
            text.replace("ref=\"A1:D2\"", "ref=\"D2:A1\"").into_bytes()
        });
        // Without overflow checks the library goes on, and the sheet is read.
        match open(&bytes) {
            Ok(rows) => assert_eq!(rows.count(), 1),
            Err(error) => assert!(matches!(error, FileError::Workbook(_)), "{error:?}"),
        }
    }
}
