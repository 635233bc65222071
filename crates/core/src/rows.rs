//! The stored rows a batch of commands works on, and how a plan changes them.
//!
//! A lane loads the rows named by its commands once, decides the commands in order against them,
//! and writes what changed. Two commands of one batch that touch the same receipt therefore see
//! each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::card::Card;
use crate::command::IdempotencyKey;
use crate::id::{CardId, KassaId, OperationId, ReceiptId};
use crate::plan::Plan;
use crate::receipt::Receipt;

/// The rows of one batch.
#[derive(Debug, Default)]
pub struct Rows {
    /// Receipts by id.
    pub receipts: BTreeMap<ReceiptId, Arc<Receipt>>,
    /// Cards by id.
    pub cards: BTreeMap<CardId, Arc<Card>>,
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
    /// Ledger entries to append, in order.
    pub entries: Vec<crate::entry::Entry>,
    /// Outbox rows to insert.
    pub outbox_new: Vec<crate::plan::OutboxRow>,
    /// Outbox rows to delete.
    pub outbox_done: Vec<OperationId>,
    /// Idempotency rows to insert.
    pub keys_new: Vec<crate::plan::IdempotencyRow>,
}

impl Rows {
    /// Whether `key` was used before, in this batch or earlier.
    #[must_use]
    pub fn is_used(&self, key: &IdempotencyKey) -> bool {
        self.keys_used.contains(&(key.kassa, key.key.clone()))
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.receipts_changed.is_empty()
            && self.cards_changed.is_empty()
            && self.entries.is_empty()
            && self.outbox_new.is_empty()
            && self.outbox_done.is_empty()
            && self.keys_new.is_empty()
    }

    /// Takes the changes of `plan` in.
    pub fn apply(&mut self, plan: Plan) {
        let Plan { reply: _, receipt, created, card, entries, outbox_new, outbox_done, key } = plan;
        if let Some(receipt) = receipt {
            self.receipts_changed.insert(receipt.id);
            if created {
                assert!(!self.receipts.contains_key(&receipt.id), "a receipt is created once");
                self.receipts_new.insert(receipt.id);
                self.next_number += 1;
            }
            self.receipts.insert(receipt.id, receipt);
        }
        if let Some(card) = card {
            self.cards_changed.insert(card.id());
            self.cards.insert(card.id(), card);
        }
        self.entries.extend(entries);
        if let Some(done) = outbox_done {
            // A row born and finished within one batch is never written.
            let born_here = self.outbox_new.iter().position(|row| row.operation == done);
            match born_here {
                Some(place) => drop(self.outbox_new.swap_remove(place)),
                None => self.outbox_done.push(done),
            }
        }
        self.outbox_new.extend(outbox_new);
        if let Some(key) = key {
            self.keys_used.insert((key.key.kassa, key.key.key.clone()));
            self.keys_new.push(key);
        }
    }
}
