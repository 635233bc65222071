//! The durable book of the played hosts: small JSON records under keys.
//!
//! The store implements [`Book`]; the hosts' rules see only [`Records`].

use std::cmp::Ordering;
use std::error::Error;
use std::fmt;

/// The longest id of a record, in bytes.
const ID_BYTES: usize = 40;

/// The id of a record within its kind: up to 40 bytes, ordered as bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordId {
    length: u8,
    bytes: [u8; ID_BYTES],
}

impl RecordId {
    /// The id of these bytes; `None` when there are more than 40.
    #[must_use]
    pub fn new(id: &[u8]) -> Option<Self> {
        let mut bytes = [0; ID_BYTES];
        bytes.get_mut(..id.len())?.copy_from_slice(id);
        Some(Self { length: u8::try_from(id.len()).ok()?, bytes })
    }

    /// The id of exactly these bytes, of which there are at most 40 by their type.
    pub(crate) fn of<const N: usize>(id: [u8; N]) -> Self {
        const { assert!(N <= ID_BYTES, "an id of a record has at most 40 bytes") };
        let mut bytes = [0; ID_BYTES];
        bytes[..N].copy_from_slice(&id);
        Self { length: N as u8, bytes }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Ord for RecordId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialOrd for RecordId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The key of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// What kind of record it is: `uzcard.card`, `humo.operation`, `sms` …
    pub kind: &'static str,
    /// Which one of its kind.
    pub id: RecordId,
}

struct Row {
    key: RecordKey,
    text: Option<String>,
    changed: bool,
}

/// The records of one transaction: loaded by the book, read and changed by the rules, stored by
/// the book.
pub struct Records {
    rows: Vec<Row>,
}

impl Records {
    /// Room for the records of `keys`, which are sorted and unique; none is there yet.
    #[must_use]
    pub fn new(keys: &[RecordKey]) -> Self {
        assert!(keys.is_sorted_by(|a, b| a < b), "the keys of a transaction are sorted and unique");
        let row = |key: &RecordKey| Row { key: *key, text: None, changed: false };
        Self { rows: keys.iter().map(row).collect() }
    }

    /// For the book: puts in the stored text of the record at `place`, which is that of its key in
    /// the keys.
    pub fn load(&mut self, place: usize, text: String) {
        self.rows[place].text = Some(text);
    }

    /// For the book: the records to store, with their places.
    pub fn changed(&self) -> impl Iterator<Item = (usize, &RecordKey, &str)> {
        self.rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.changed)
            .filter_map(|(place, row)| row.text.as_deref().map(|text| (place, &row.key, text)))
    }

    /// The place of `key`; `None` when this transaction has not loaded it.
    #[must_use]
    pub fn place(&self, key: &RecordKey) -> Option<usize> {
        self.rows.binary_search_by_key(key, |row| row.key).ok()
    }

    /// The text of the record at `place`; `None` when there is no such record.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&str> {
        self.rows[place].text.as_deref()
    }

    /// Changes the record at `place` to `text`, or makes it.
    pub fn put(&mut self, place: usize, text: String) {
        let row = &mut self.rows[place];
        row.text = Some(text);
        row.changed = true;
    }
}

/// The book could not be read or written; a change that was under way may or may not be stored.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The store failed.
    #[error("the sandbox's book failed")]
    Store(#[source] Box<dyn Error + Send + Sync>),
    /// A record is not what its kind says.
    #[error("record {0:?} of the sandbox's book cannot be read")]
    Broken(RecordKey),
    /// The thread that keeps the book has ended.
    #[error("the sandbox's book is closed")]
    Closed,
}

/// The hosts' durable records.
pub trait Book: Send + 'static {
    /// One transaction: loads the records of `keys` (sorted and unique), lets `decide` change them,
    /// and stores what changed, durable against a killed process when it returns.
    ///
    /// What is stored was decided on the records as they were at that moment. Where several
    /// processes share the store, a book may find out only when it stores that they were others:
    /// then `decide` is run again on freshly loaded records, and only its last run counts. Changes
    /// of a call that ended in an error must not be stored.
    ///
    /// # Errors
    /// [`BookError::Store`].
    fn transact(
        &mut self,
        keys: &[RecordKey],
        decide: &mut dyn FnMut(&mut Records),
    ) -> Result<(), BookError>;

    /// The newest `limit` records of a kind: ids and texts, by id descending.
    ///
    /// # Errors
    /// [`BookError::Store`].
    fn newest(&mut self, kind: &str, limit: usize) -> Result<Vec<(Vec<u8>, String)>, BookError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_as_bytes_and_bounded() {
        let id = |bytes: &[u8]| RecordId::new(bytes).unwrap();
        assert!(id(&[1, 255]) < id(&[2]));
        assert!(id(&[1]) < id(&[1, 0]));
        assert_eq!(RecordId::of([1, 2]), id(&[1, 2]));
        assert_eq!(RecordId::new(&[0; 41]), None);
        assert_eq!(format!("{:?}", id(&[1, 0xab])), "01ab");
    }

    #[test]
    fn records_remember_what_changed() {
        let key = |byte: u8| RecordKey { kind: "test", id: RecordId::of([byte]) };
        let mut records = Records::new(&[key(1), key(2), key(3)]);
        records.load(1, "old".into());
        assert_eq!((records.get(0), records.get(1)), (None, Some("old")));
        assert_eq!((records.place(&key(3)), records.place(&key(4))), (Some(2), None));
        records.put(2, "new".into());
        assert_eq!(records.changed().collect::<Vec<_>>(), [(2, &key(3), "new")]);
    }
}
