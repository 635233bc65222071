//! A book in memory: for tests, and for a sandbox that may forget.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::book::{Book, BookError, RecordId, RecordKey, Records};

type Pages = BTreeMap<&'static str, BTreeMap<RecordId, String>>;

/// Records in memory; clones are the same book, so that it can outlive its keeper.
#[derive(Clone, Debug, Default)]
pub struct MemoryBook {
    pages: Arc<Mutex<Pages>>,
}

impl Book for MemoryBook {
    fn transact(
        &mut self,
        keys: &[RecordKey],
        decide: &mut dyn FnMut(&mut Records),
    ) -> Result<(), BookError> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let mut records = Records::new(keys);
        for (place, key) in keys.iter().enumerate() {
            if let Some(text) = pages.get(key.kind).and_then(|page| page.get(&key.id)) {
                records.load(place, text.clone());
            }
        }
        decide(&mut records);
        for (_, key, text) in records.changed() {
            pages.entry(key.kind).or_default().insert(key.id, text.to_owned());
        }
        Ok(())
    }

    fn newest(&mut self, kind: &str, limit: usize) -> Result<Vec<(Vec<u8>, String)>, BookError> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = pages.get(kind).into_iter().flatten().rev().take(limit);
        Ok(rows.map(|(id, text)| (id.as_bytes().to_vec(), text.clone())).collect())
    }
}
