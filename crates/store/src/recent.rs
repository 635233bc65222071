//! The rows a writer used last. Whether they are still as they were is for the writer to know.

use std::collections::HashMap;
use std::hash::Hash;

/// Rows of one kind per generation; two generations are kept.
const GENERATION: usize = 4_096;

/// A bounded memory of rows by id: new and used ones go into the young generation, and when that
/// is full the old one is forgotten.
pub(crate) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Clone + Eq + Hash, V: Clone> Recent<K, V> {
    pub(crate) fn new() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }

    /// The row with this id, if it is remembered.
    pub(crate) fn get(&mut self, id: &K) -> Option<V> {
        if let Some(row) = self.young.get(id) {
            return Some(row.clone());
        }
        let row = self.old.remove(id)?;
        self.put(id.clone(), row.clone());
        Some(row)
    }

    /// Forgets a row.
    pub(crate) fn forget(&mut self, id: &K) {
        self.young.remove(id);
        self.old.remove(id);
    }

    /// Remembers a row as it is stored now.
    pub(crate) fn put(&mut self, id: K, row: V) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&id);
        self.young.insert(id, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_the_newest_row_and_a_bounded_number() {
        let mut recent = Recent::new();
        for id in 0..3 * GENERATION {
            recent.put(id, id);
            recent.put(7, id);
        }
        assert_eq!(recent.get(&7), Some(3 * GENERATION - 1));
        assert_eq!(recent.get(&0), None);
        recent.forget(&7);
        assert_eq!(recent.get(&7), None);
        assert!(recent.young.len() + recent.old.len() <= 2 * GENERATION);
    }
}
