//! What a batch has changed, sorted by the tables it goes to.

use std::collections::BTreeMap;

use chorsu_core::card::SealedPan;
use chorsu_core::plan::{IdempotencyRow, OutboxRow};
use chorsu_core::{Account, Acquirer, Card, CardId, Receipt, ReceiptState, Rows};

use super::document::DocumentChanges;
use super::memory::{Seen, Versions};
use super::row::Version;
use super::statements::Scope;
use crate::batch::ChainedEntry;

/// What a batch writes, and the versions of what it was decided on.
pub(super) struct Changes<'a> {
    pub(super) receipts_new: Vec<&'a Receipt>,
    pub(super) receipts: Vec<(&'a Receipt, Version)>,
    /// Rows that were remembered and stay as they are.
    pub(super) receipts_seen: Vec<(&'a [u8], Version)>,
    pub(super) cards_seen: Vec<(&'a [u8], Version)>,
    pub(super) entries: &'a [ChainedEntry],
    pub(super) balances: &'a BTreeMap<Account, i64>,
    pub(super) intents_new: &'a [OutboxRow],
    pub(super) intents_done: Vec<&'a [u8]>,
    pub(super) cards_new: Vec<&'a Card>,
    pub(super) cards: Vec<&'a Card>,
    pub(super) pans_put: Vec<(CardId, &'a SealedPan)>,
    pub(super) pans_gone: Vec<&'a [u8]>,
    pub(super) keys_new: Vec<&'a IdempotencyRow>,
}

impl<'a> Changes<'a> {
    /// Sorts the rows of a batch; `pans` are the cards' sealed numbers as they were read.
    pub(super) fn of(
        rows: &'a Rows,
        versions: &'a Versions,
        pans: &BTreeMap<CardId, Option<SealedPan>>,
        entries: &'a [ChainedEntry],
        balances: &'a BTreeMap<Account, i64>,
    ) -> Self {
        let mut changes = Self {
            receipts_new: Vec::with_capacity(rows.receipts_new.len()),
            receipts: Vec::with_capacity(rows.receipts_changed.len()),
            receipts_seen: Vec::new(),
            cards_seen: Vec::new(),
            entries,
            balances,
            intents_new: &rows.outbox_new,
            intents_done: rows.outbox_done.iter().map(|id| &id.as_bytes()[..]).collect(),
            cards_new: Vec::new(),
            cards: Vec::new(),
            pans_put: Vec::new(),
            pans_gone: Vec::new(),
            keys_new: rows.keys_new.iter().collect(),
        };
        for receipt in rows.receipts_changed.iter().filter_map(|id| rows.receipts.get(id)) {
            match versions.receipts.get(&receipt.id) {
                Some(seen) => changes.receipts.push((receipt, seen.version)),
                None => changes.receipts_new.push(receipt),
            }
        }
        for card in rows.cards_changed.iter().filter_map(|id| rows.cards.get(id)) {
            let was = pans.get(&card.id());
            let cards = if was.is_some() { &mut changes.cards } else { &mut changes.cards_new };
            cards.push(card);
            match (&card.pan, was.and_then(Option::as_ref)) {
                (Some(pan), was) if was != Some(pan) => changes.pans_put.push((card.id(), pan)),
                (None, Some(_)) => changes.pans_gone.push(&card.face.id.as_bytes()[..]),
                _ => {}
            }
        }
        changes.receipts_seen = versions
            .receipts
            .iter()
            .filter(|(id, _)| !rows.receipts_changed.contains(id))
            .filter_map(|(id, seen)| remembered(&id.as_bytes()[..], *seen))
            .collect();
        changes.cards_seen = versions
            .cards
            .iter()
            .filter_map(|(id, seen)| remembered(&id.as_bytes()[..], *seen))
            .collect();
        // Whoever adds the same keys adds them in the same order, and so waits instead of locking up.
        changes.keys_new.sort_unstable_by_key(|row| (row.key.kassa, &row.key.key));
        changes
    }

    /// Where they go; `documents` are the other changes of the same batch.
    pub(super) fn scope(&self, documents: &DocumentChanges<'_>) -> Scope {
        let are_without_cards = self.cards_new.is_empty() && self.cards.is_empty();
        let are_without_receipts = self.receipts_new.is_empty()
            && self.receipts.is_empty()
            && self.receipts_seen.is_empty()
            && self.cards_seen.is_empty();
        let are_without_keys = self.keys_new.is_empty();
        let are_usual = self.receipts_new.iter().all(|receipt| is_fresh(receipt));
        if are_without_cards && are_usual && documents.is_empty() && are_without_keys {
            Scope::Payments
        } else if are_without_cards && are_without_receipts {
            let are_plain = documents.are_plain() && are_without_keys;
            if are_plain { Scope::Documents } else { Scope::Branch }
        } else {
            Scope::Everything
        }
    }

    /// How many receipts and cards must be of the version on which the batch was decided.
    pub(super) fn expected(&self) -> usize {
        self.receipts.len() + self.receipts_seen.len() + self.cards_seen.len()
    }
}

fn remembered(id: &[u8], seen: Seen) -> Option<(&[u8], Version)> {
    seen.is_remembered.then_some((id, seen.version))
}

/// Whether a new receipt has nothing yet but what a receipt has from its birth.
fn is_fresh(receipt: &Receipt) -> bool {
    receipt.state == ReceiptState::Created
        && receipt.payer.is_none()
        && receipt.fiscal.is_none()
        && receipt.acquirer == Acquirer::Networks
}
