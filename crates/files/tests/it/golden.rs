//! Exports byte by byte as they are in `fixtures/`.
//!
//! After a change that is meant, `CHORSU_WRITE_FIXTURES=1 cargo test -p chorsu-files` writes them
//! anew; the difference is then read before it is committed.

use std::path::Path;

use chorsu_files::{
    CsvStyle, ExportError, OneCEncoding, StatementFile, StatementFormat, TableFormat,
    write_statement,
};

use crate::sample::{lines, settlement_in, statement, statement_in};

fn check(name: &str, found: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    if std::env::var_os("CHORSU_WRITE_FIXTURES").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let want = std::fs::read(&path).unwrap();
    assert!(want == found, "{name} has changed:\n{}", encoding_rs::WINDOWS_1251.decode(found).0);
}

#[test]
fn statements_are_as_they_were() {
    let cases = [
        (StatementFormat::OneC(OneCEncoding::Windows1251), "statement.1c-1251.txt"),
        (StatementFormat::OneC(OneCEncoding::Utf8), "statement.1c-utf8.txt"),
        (StatementFormat::Csv(CsvStyle::People), "statement.csv"),
        (StatementFormat::Csv(CsvStyle::Programs), "statement-plain.csv"),
        (StatementFormat::Camt053, "statement.camt053.xml"),
    ];
    for (format, name) in cases {
        check(name, &statement_in(format));
    }
}

#[test]
fn settlement_reports_are_as_they_were() {
    check("settlement.csv", &settlement_in(TableFormat::Csv(CsvStyle::People)));
    check("settlement-plain.csv", &settlement_in(TableFormat::Csv(CsvStyle::Programs)));
}

#[test]
fn a_workbook_depends_on_nothing_but_its_rows() {
    assert!(statement_in(StatementFormat::Xlsx) == statement_in(StatementFormat::Xlsx));
}

#[test]
fn a_statement_that_does_not_add_up_is_not_finished() {
    for format in StatementFormat::ALL {
        let mut wrong = statement();
        wrong.closing_tiyin += 1;
        let refused = StatementFile::begin(format, &wrong, Vec::new()).err();
        assert!(matches!(refused, Some(ExportError::Balances)), "{format:?}");

        let mut file = StatementFile::begin(format, &statement(), Vec::new()).unwrap();
        for line in &lines()[1..] {
            file.line(line).unwrap();
        }
        assert!(matches!(file.finish(), Err(ExportError::Totals)), "{format:?}");
    }
}

#[test]
fn a_failing_source_or_writer_is_told_of() {
    let broken = std::iter::once(Err("the database is gone".into()));
    let format = StatementFormat::Camt053;
    let error = write_statement(format, &statement(), broken, Vec::new()).unwrap_err();
    assert!(matches!(&error, ExportError::Source(cause) if cause.to_string().contains("gone")));

    for format in StatementFormat::ALL {
        let mut two = [0; 2];
        let full = write_statement(format, &statement(), lines().into_iter().map(Ok), &mut two[..]);
        assert!(matches!(full, Err(ExportError::Write(_))), "{format:?}: {:?}", full.err());
    }
}

#[test]
fn amounts_beyond_the_format_are_refused_and_not_cut() {
    let mut head = statement();
    head.opening_tiyin = i64::MAX;
    head.closing_tiyin = i64::MAX;
    head.incoming = head.outgoing;
    let refused = StatementFile::begin(StatementFormat::Camt053, &head, Vec::new()).err();
    assert!(matches!(refused, Some(ExportError::AmountTooLarge)));
    for format in [StatementFormat::Xlsx, StatementFormat::OneC(OneCEncoding::Utf8)] {
        assert!(StatementFile::begin(format, &head, Vec::new()).is_ok(), "{format:?}");
    }
}
