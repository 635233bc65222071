//! Records of one kind within a transaction: read from text when first needed, written once at the
//! end, however often they changed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::book::{RecordKey, Records};

/// Why a request was not decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// This record has to be loaded too.
    Needs(RecordKey),
    /// This record cannot be read.
    Broken(RecordKey),
}

/// Records of one kind, read from text when first needed.
pub(crate) struct Shelf<T>(HashMap<usize, Opened<T>>);

/// A record that may not be there yet.
pub(crate) struct Opened<T> {
    value: Option<T>,
    changed: bool,
}

impl<T> Opened<T> {
    /// The record, if it is there.
    pub(crate) const fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Makes or replaces the record.
    pub(crate) fn set(&mut self, value: T) {
        self.value = Some(value);
        self.changed = true;
    }

    /// The record to be changed, if it is there.
    pub(crate) const fn change(&mut self) -> Option<&mut T> {
        self.changed = self.value.is_some();
        self.value.as_mut()
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Serialize + DeserializeOwned> Shelf<T> {
    /// The record of `key`, there or not.
    pub(crate) fn open(
        &mut self,
        records: &Records,
        key: RecordKey,
    ) -> Result<&mut Opened<T>, Halt> {
        let place = records.place(&key).ok_or(Halt::Needs(key))?;
        match self.0.entry(place) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let value = records.get(place).map(serde_json::from_str).transpose();
                let value = value.map_err(|_| Halt::Broken(key))?;
                Ok(entry.insert(Opened { value, changed: false }))
            }
        }
    }

    /// Writes what changed.
    #[expect(clippy::expect_used, reason = "a record has only text keys and cannot fail to write")]
    pub(crate) fn save(&self, records: &mut Records) {
        for (place, opened) in &self.0 {
            if let (true, Some(value)) = (opened.changed, &opened.value) {
                records.put(*place, serde_json::to_string(value).expect("a record is plain JSON"));
            }
        }
    }
}
