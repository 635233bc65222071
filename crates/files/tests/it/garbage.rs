//! Importers on arbitrary and on almost right bytes: never a panic, always an end.

use std::io::Cursor;

use chorsu_files::bulk::{MAX_ITEM_BYTES, MAX_ROWS};
use chorsu_files::{BulkError, BulkFormat, BulkRows, FileError};
use proptest::prelude::*;

use crate::bulk_pain001::SAMPLE;
use crate::bulk_sheet::{reworked, workbook};

/// Reads everything that can be read of `bytes`; how many items there were.
fn read(format: BulkFormat, bytes: &[u8]) -> u64 {
    let Ok(rows) = BulkRows::open(format, Cursor::new(bytes)) else { return 0 };
    let mut count = 0;
    let mut last = 0;
    for item in rows {
        count += 1;
        assert!(count <= MAX_ROWS + 1);
        match item {
            Ok(row) => {
                assert!(row.row > last && row.amount.get() > 0 && !row.order_key.is_empty());
                assert!(row.account.bytes().all(|byte| byte.is_ascii_digit()));
                last = row.row;
            }
            Err(BulkError::Row(error)) => {
                assert!(error.row > last, "{error}");
                last = error.row;
            }
            Err(BulkError::File(_)) => {}
        }
    }
    count
}

/// `bytes` with some of them replaced, and an end cut off.
fn damaged(mut bytes: Vec<u8>, changes: &[(prop::sample::Index, u8)], keep: usize) -> Vec<u8> {
    for (place, byte) in changes {
        let place = place.index(bytes.len());
        bytes[place] = *byte;
    }
    bytes.truncate(keep);
    bytes
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8)
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        for format in [BulkFormat::Csv, BulkFormat::Xlsx, BulkFormat::Pain001] {
            read(format, &bytes);
        }
    }

    #[test]
    fn any_table_is_read_to_an_end(body in "[0-9a-zё\"';,\n\t .-]{0,400}") {
        let head = "order_id;receiver_name;mfo;account;amount;purpose\n";
        read(BulkFormat::Csv, format!("{head}{body}").as_bytes());
    }

    #[test]
    fn a_damaged_pain001_is_read_to_an_end(changes in changes(), keep in 0_usize..4_000) {
        read(BulkFormat::Pain001, &damaged(SAMPLE.as_bytes().to_vec(), &changes, keep));
    }

    #[test]
    fn a_workbook_with_a_damaged_part_is_read_to_an_end(
        part in any::<usize>(),
        changes in changes(),
        keep in 0_usize..4_000,
    ) {
        let rows: [&[&str]; 2] = [&["order_id", "account", "purpose", "amount"], &["1", "2", "3"]];
        let bytes = reworked(&workbook(&rows), part, |text| damaged(text, &changes, keep));
        read(BulkFormat::Xlsx, &bytes);
    }

    #[test]
    fn a_damaged_workbook_is_read_to_an_end(changes in changes(), keep in 0_usize..9_000) {
        let bytes = workbook(&[&["order_id", "account", "purpose", "amount"], &["1", "2", "3", "4"]]);
        read(BulkFormat::Xlsx, &damaged(bytes, &changes, keep));
    }
}

#[test]
fn an_item_without_end_is_not_collected() {
    let endless = "x".repeat(4 * MAX_ITEM_BYTES);
    let cases = [
        (BulkFormat::Csv, format!("order_id,account,purpose,amount\n1,\"{endless}")),
        (BulkFormat::Csv, format!("\"{endless}")),
        (BulkFormat::Pain001, format!("<Document><CstmrCdtTrfInitn><{endless}")),
        (BulkFormat::Pain001, format!("<Document><CstmrCdtTrfInitn>{endless}")),
        (BulkFormat::Pain001, format!("<Document><CstmrCdtTrfInitn><!--{endless}")),
        (
            BulkFormat::Pain001,
            format!("<Document><CstmrCdtTrfInitn><a>{}", "&amp;".repeat(2 * MAX_ITEM_BYTES)),
        ),
    ];
    for (format, text) in cases {
        let bytes = Cursor::new(text.as_bytes());
        let error = match BulkRows::open(format, bytes) {
            Err(error) => error,
            Ok(mut rows) => match rows.next() {
                Some(Err(BulkError::File(error))) => error,
                other => panic!("{format:?}: {other:?}"),
            },
        };
        assert!(matches!(error, FileError::TooLong), "{format:?}: {error:?}");
    }
}
