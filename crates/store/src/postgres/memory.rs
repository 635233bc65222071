//! The rows a lane used last, so that most batches read nothing.
//!
//! Other processes may write the same rows. A batch that was decided on remembered rows is
//! therefore written only if each of them is still of the version that is remembered.

use std::collections::BTreeMap;
use std::sync::Arc;

use chorsu_core::{Card, CardId, Document, DocumentId, Receipt, ReceiptId, ReceiptState, Rows};

use super::row::Version;
use crate::batch::Needs;
use crate::recent::Recent;

/// What a lane remembers.
pub(super) struct Memory {
    receipts: Recent<ReceiptId, (Arc<Receipt>, Version)>,
    cards: Recent<CardId, (Arc<Card>, Version)>,
    documents: Recent<DocumentId, (Arc<Document>, Version)>,
}

/// The versions of a batch's rows.
#[derive(Default)]
pub(super) struct Versions {
    pub(super) receipts: BTreeMap<ReceiptId, Seen>,
    pub(super) cards: BTreeMap<CardId, Seen>,
    pub(super) documents: BTreeMap<DocumentId, Seen>,
}

/// The version of a row as a batch has it.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) version: Version,
    /// Whether it was remembered and not read, so that it may have changed since.
    pub(super) is_remembered: bool,
}

impl Versions {
    /// Whether any row was not read.
    pub(super) fn any_remembered(&self) -> bool {
        let Self { receipts, cards, documents } = self;
        let mut all = receipts.values().chain(cards.values()).chain(documents.values());
        all.any(|seen| seen.is_remembered)
    }
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { receipts: Recent::new(), cards: Recent::new(), documents: Recent::new() }
    }

    /// Puts what is remembered of the rows a batch needs into `rows`. Cards that the batch may
    /// change are left out: they have to be locked.
    pub(super) fn recall(&mut self, needs: &Needs, rows: &mut Rows, versions: &mut Versions) {
        let seen = |version| Seen { version, is_remembered: true };
        for id in &needs.receipts {
            let Some((receipt, version)) = self.receipts.get(id) else { continue };
            rows.receipts.insert(*id, receipt);
            versions.receipts.insert(*id, seen(version));
        }
        for id in needs.cards.difference(&needs.cards_changing) {
            let Some((card, version)) = self.cards.get(id) else { continue };
            rows.cards.insert(*id, card);
            versions.cards.insert(*id, seen(version));
        }
        self.recall_documents(needs, rows, versions);
    }

    /// All documents of a batch or none: what is remembered and what is read are of two moments, and
    /// documents that belong together, or an order and its service, would not fit.
    fn recall_documents(&mut self, needs: &Needs, rows: &mut Rows, versions: &mut Versions) {
        let is_any_read = !needs.services.is_empty() || needs.lookups != needs.likely_free;
        let recall = |id: &DocumentId| Some((*id, self.documents.get(id)?));
        let recalled: Option<Vec<_>> = needs.documents.iter().map(recall).collect();
        for (id, (document, version)) in recalled.filter(|_| !is_any_read).into_iter().flatten() {
            rows.documents.insert(id, document);
            versions.documents.insert(id, Seen { version, is_remembered: true });
        }
    }

    /// Forgets the rows that a batch needs: one of them may not be as it was remembered.
    pub(super) fn forget(&mut self, needs: &Needs) {
        needs.receipts.iter().for_each(|id| self.receipts.forget(id));
        needs.cards.iter().for_each(|id| self.cards.forget(id));
        needs.documents.iter().for_each(|id| self.documents.forget(id));
    }

    /// Remembers the rows of a batch, of which `written` is the version where they were changed.
    ///
    /// What waits for nothing is not likely to be needed again soon, and a card that is used up by
    /// paying would have to be locked anyway.
    pub(super) fn keep(&mut self, rows: Rows, versions: &Versions, written: Version) {
        for (id, receipt) in rows.receipts {
            let seen = versions.receipts.get(&id).map(|seen| seen.version);
            let version = if rows.receipts_changed.contains(&id) { Some(written) } else { seen };
            let is_waiting = receipt.operation.is_some() || receipt.state == ReceiptState::Created;
            match version {
                Some(version) if is_waiting => self.receipts.put(id, (receipt, version)),
                _ => self.receipts.forget(&id),
            }
        }
        for (id, card) in rows.cards {
            let seen = versions.cards.get(&id).map(|seen| seen.version);
            let version = if rows.cards_changed.contains(&id) { Some(written) } else { seen };
            match version {
                Some(version) if card.recurrent => self.cards.put(id, (card, version)),
                _ => self.cards.forget(&id),
            }
        }
        for (id, document) in rows.documents {
            let seen = versions.documents.get(&id).map(|seen| seen.version);
            let version = if rows.documents_changed.contains(&id) { Some(written) } else { seen };
            match version {
                // An order is needed together with its service, which is read.
                Some(version) if document.is_waiting() && document.order().is_none() => {
                    self.documents.put(id, (document, version));
                }
                _ => self.documents.forget(&id),
            }
        }
    }
}
