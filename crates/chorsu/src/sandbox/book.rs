//! The sandbox's books kept in the store.

use chorsu_sandbox::{Book, BookError, RecordKey, Records};
use chorsu_store::StoreError;
use chorsu_store::book::{Book as StoredBook, Change};

/// The adapter between the sandbox's keys and the store's.
pub(super) struct KeptBook(pub(super) StoredBook);

fn failed(error: StoreError) -> BookError {
    BookError::Store(Box::new(error))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

impl Book for KeptBook {
    fn transact(
        &mut self,
        keys: &[RecordKey],
        decide: &mut dyn FnMut(&mut Records),
    ) -> Result<(), BookError> {
        let ids: Vec<String> = keys.iter().map(|key| hex(key.id.as_bytes())).collect();
        let pairs: Vec<(&str, &str)> =
            keys.iter().zip(&ids).map(|(key, id)| (key.kind, id.as_str())).collect();
        let mut run = |found: Vec<Option<String>>| {
            let mut records = Records::new(keys);
            for (place, text) in found.into_iter().enumerate() {
                if let Some(text) = text {
                    records.load(place, text);
                }
            }
            decide(&mut records);
            let change =
                |(key, _, body): (usize, &RecordKey, &str)| Change { key, body: body.to_owned() };
            records.changed().map(change).collect()
        };
        self.0.transact(&pairs, &mut run).map_err(failed)
    }

    fn newest(&mut self, kind: &str, limit: usize) -> Result<Vec<(Vec<u8>, String)>, BookError> {
        let records = self.0.newest(kind, limit).map_err(failed)?;
        let corrupt = || failed(StoreError::Corrupt("sandbox record id"));
        let record = |(id, body): (String, String)| Ok((unhex(&id).ok_or_else(corrupt)?, body));
        records.into_iter().map(record).collect()
    }
}
