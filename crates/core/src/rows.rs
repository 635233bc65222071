//! The stored rows a batch of commands works on, and how a plan changes them.
//!
//! A lane loads the rows named by its commands once, decides the commands in order against them,
//! and writes what changed. Two commands of one batch that touch the same receipt therefore see
//! each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::bank::ServiceId;
use crate::bank_service::BankService;
use crate::card::Card;
use crate::command::IdempotencyKey;
use crate::document::Document;
use crate::id::{CardId, DocumentId, KassaId, OperationId, ReceiptId};
use crate::order::StatementLine;
use crate::plan::Plan;
use crate::receipt::Receipt;

/// The rows of one batch.
#[derive(Debug, Default)]
pub struct Rows {
    /// Receipts by id.
    pub receipts: BTreeMap<ReceiptId, Arc<Receipt>>,
    /// Cards by id.
    pub cards: BTreeMap<CardId, Arc<Card>>,
    /// Other documents by id.
    pub documents: BTreeMap<DocumentId, Arc<Document>>,
    /// Documents by the keys under which they are found.
    pub document_keys: BTreeMap<Arc<str>, DocumentId>,
    /// Which keys of documents were looked up, and whether they were taken before this batch.
    pub keys_seen: BTreeMap<Arc<str>, bool>,
    /// Bank services by number.
    pub services: BTreeMap<ServiceId, Arc<BankService>>,
    /// Idempotency keys already used.
    pub keys_used: BTreeSet<(KassaId, String)>,
    /// The number the next receipt gets.
    pub next_number: i64,
    /// Which receipts must be written.
    pub receipts_changed: BTreeSet<ReceiptId>,
    /// Which receipts did not exist before this batch.
    pub receipts_new: BTreeSet<ReceiptId>,
    /// Which cards must be written.
    pub cards_changed: BTreeSet<CardId>,
    /// Which documents must be written.
    pub documents_changed: BTreeSet<DocumentId>,
    /// Which documents did not exist before this batch.
    pub documents_new: BTreeSet<DocumentId>,
    /// What becomes of keys of documents: taken by one, or free again.
    pub keys_changed: BTreeMap<Arc<str>, Option<DocumentId>>,
    /// Which services must be written.
    pub services_changed: BTreeSet<ServiceId>,
    /// Lines of statements to append.
    pub lines_new: Vec<StatementLine>,
    /// Ledger entries to append, in order.
    pub entries: Vec<crate::entry::Entry>,
    /// Outbox rows to insert.
    pub outbox_new: Vec<crate::plan::OutboxRow>,
    /// Outbox rows to delete.
    pub outbox_done: Vec<OperationId>,
    /// Idempotency rows to insert.
    pub keys_new: Vec<crate::plan::IdempotencyRow>,
}

/// What becomes of a key under which documents are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyChange {
    /// It is taken for the first time.
    Add(DocumentId),
    /// It is taken over by another document.
    Move(DocumentId),
    /// It is free again.
    Remove,
}

impl Rows {
    /// Whether `key` was used before, in this batch or earlier.
    #[must_use]
    pub fn is_used(&self, key: &IdempotencyKey) -> bool {
        self.keys_used.contains(&(key.kassa, key.key.clone()))
    }

    /// The document that is found under `key`.
    #[must_use]
    pub fn by_key(&self, key: &str) -> Option<&Arc<Document>> {
        self.document_keys.get(key).and_then(|id| self.documents.get(id))
    }

    /// What becomes of the stored keys of documents, in key order.
    ///
    /// A key that no decision has looked at is only ever added, which fails when another document
    /// has it: it must not be led away from that one.
    pub fn key_changes(&self) -> impl Iterator<Item = (&Arc<str>, KeyChange)> {
        self.keys_changed.iter().filter_map(|(key, taken_by)| {
            let change = match (taken_by, self.keys_seen.get(key)) {
                (Some(document), Some(true)) => KeyChange::Move(*document),
                (Some(document), Some(false) | None) => KeyChange::Add(*document),
                // Taken and freed within this batch; another process may have it by now.
                (None, Some(false)) => return None,
                (None, Some(true) | None) => KeyChange::Remove,
            };
            Some((key, change))
        })
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.receipts_changed.is_empty()
            && self.cards_changed.is_empty()
            && self.documents_changed.is_empty()
            && self.keys_changed.is_empty()
            && self.services_changed.is_empty()
            && self.entries.is_empty()
            && self.outbox_new.is_empty()
            && self.outbox_done.is_empty()
            && self.keys_new.is_empty()
    }

    /// Takes the changes of `plan` in.
    pub fn apply(&mut self, plan: Plan) {
        if let Some(receipt) = plan.receipt {
            self.receipts_changed.insert(receipt.id);
            if plan.created {
                assert!(!self.receipts.contains_key(&receipt.id), "a receipt is created once");
                self.receipts_new.insert(receipt.id);
                self.next_number += 1;
            }
            self.receipts.insert(receipt.id, receipt);
        }
        if let Some(card) = plan.card {
            self.cards_changed.insert(card.id());
            self.cards.insert(card.id(), card);
        }
        if let Some(document) = plan.document {
            if plan.is_new_document {
                self.note_new_document(document.id());
            }
            self.put_document(document);
        }
        for document in plan.new_documents {
            self.note_new_document(document.id());
            self.put_document(document);
        }
        plan.other_documents.into_iter().for_each(|document| self.put_document(document));
        for (key, document) in plan.keys_taken {
            self.document_keys.insert(key.clone(), document);
            self.keys_changed.insert(key, Some(document));
        }
        for key in plan.keys_freed {
            self.document_keys.remove(&key);
            self.keys_changed.insert(key, None);
        }
        for service in plan.services {
            self.services_changed.insert(service.id);
            self.services.insert(service.id, service);
        }
        self.lines_new.extend(plan.lines);
        self.entries.extend(plan.entries);
        if let Some(done) = plan.outbox_done {
            // A row born and finished within one batch is never written.
            let born_here = self.outbox_new.iter().position(|row| row.operation == done);
            match born_here {
                Some(place) => drop(self.outbox_new.swap_remove(place)),
                None => self.outbox_done.push(done),
            }
        }
        self.outbox_new.extend(plan.outbox_new);
        if let Some(key) = plan.key {
            self.keys_used.insert((key.key.kassa, key.key.key.clone()));
            self.keys_new.push(key);
        }
    }

    fn note_new_document(&mut self, id: DocumentId) {
        assert!(!self.documents.contains_key(&id), "a document is created once");
        self.documents_new.insert(id);
    }

    fn put_document(&mut self, document: Arc<Document>) {
        self.documents_changed.insert(document.id());
        self.documents.insert(document.id(), document);
    }
}
