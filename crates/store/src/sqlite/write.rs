//! The SQLite writer: loads what a batch needs, lets the core decide, writes what changed.

use std::sync::Arc;

use chorsu_core::chain::Head;
use chorsu_core::{
    Card, CardId, Command, Document, DocumentId, Receipt, ReceiptId, ReceiptState, Rows,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::checkpoint::Checkpoints;
use super::document;
use super::durability::Flusher;
use super::statements::{
    change_balances, delete_outbox, find_card, find_receipt, insert_entry, insert_key,
    insert_outbox, insert_receipt, put_lane, update_receipt, upsert_card,
};
use crate::batch::{Needs, chain, decide_all};
use crate::error::StoreError;
use crate::lane::{Answers, WhenDurable, Writer};
use crate::recent::Recent;

/// SQLite has one writer, so one lane.
pub(super) const LANE: u16 = 0;

/// The owner of the writing connection.
pub(super) struct SqliteWriter {
    connection: Connection,
    flusher: Flusher,
    checkpoints: Checkpoints,
    owner: String,
    head: Head,
    next_number: i64,
    receipts: Recent<ReceiptId, Arc<Receipt>>,
    cards: Recent<CardId, Arc<Card>>,
    documents: Recent<DocumentId, Arc<Document>>,
}

impl SqliteWriter {
    pub(super) fn new(
        connection: Connection,
        owner: &str,
        flusher: Flusher,
        checkpoints: Checkpoints,
    ) -> Result<Self, StoreError> {
        let stored = connection
            .query_row("SELECT seq, hash, next_number FROM lane WHERE lane = ?1", [LANE], |row| {
                Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let (head, next_number) = match stored {
            None => (Head::EMPTY, 1),
            Some((seq, hash, next_number)) => {
                let seq = u64::try_from(seq).map_err(|_| StoreError::Corrupt("lane"))?;
                (Head { seq, hash }, next_number)
            }
        };
        let owner = owner.to_owned();
        Ok(Self {
            connection,
            flusher,
            checkpoints,
            owner,
            head,
            next_number,
            receipts: Recent::new(),
            cards: Recent::new(),
            documents: Recent::new(),
        })
    }

    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    fn load(&mut self, needs: &Needs) -> Result<Rows, StoreError> {
        let mut rows = Rows { next_number: self.next_number, ..Rows::default() };
        for id in &needs.receipts {
            let known = match self.receipts.get(id) {
                Some(known) => Some(known),
                None => find_receipt(&self.connection, *id)?.map(Arc::new),
            };
            rows.receipts.extend(known.map(|receipt| (*id, receipt)));
        }
        for id in &needs.cards {
            let known = match self.cards.get(id) {
                Some(known) => Some(known),
                None => find_card(&self.connection, *id)?.map(Arc::new),
            };
            rows.cards.extend(known.map(|card| (*id, card)));
        }
        self.load_documents(needs, &mut rows)?;
        for (kassa, key) in &needs.keys {
            let mut query = self
                .connection
                .prepare_cached("SELECT 1 FROM idempotency WHERE kassa_id = ?1 AND key = ?2")?;
            if query.exists(params![kassa.as_bytes(), key])? {
                rows.keys_used.insert((*kassa, key.clone()));
            }
        }
        Ok(rows)
    }

    fn load_documents(&mut self, needs: &Needs, rows: &mut Rows) -> Result<(), StoreError> {
        let mut ids = needs.documents.clone();
        for key in &needs.lookups {
            let found = document::find_key(&self.connection, key)?;
            rows.keys_seen.insert(key.clone(), found.is_some());
            rows.document_keys.extend(found.map(|id| (key.clone(), id)));
            ids.extend(found);
        }
        for id in ids {
            let known = match self.documents.get(&id) {
                Some(known) => Some(known),
                None => document::find_document(&self.connection, id)?.map(Arc::new),
            };
            rows.documents.extend(known.map(|document| (id, document)));
        }
        for id in &needs.services {
            let service = document::find_service(&self.connection, *id)?;
            rows.services.extend(service.map(|service| (*id, Arc::new(service))));
        }
        Ok(())
    }

    /// Remembers what is stored now. What waits for nothing is not likely to be needed again soon.
    fn remember(&mut self, rows: Rows) {
        for (id, receipt) in rows.receipts {
            if receipt.operation.is_some() || receipt.state == ReceiptState::Created {
                self.receipts.put(id, receipt);
            } else {
                self.receipts.forget(&id);
            }
        }
        for (id, card) in rows.cards {
            self.cards.put(id, card);
        }
        for (id, document) in rows.documents {
            if document.is_waiting() {
                self.documents.put(id, document);
            } else {
                self.documents.forget(&id);
            }
        }
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.flusher.committing();
        self.run("COMMIT").inspect_err(|_| self.flusher.commit_failed())
    }
}

impl Writer for SqliteWriter {
    fn write(&mut self, commands: &[Command]) -> Result<Answers, StoreError> {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        self.run("BEGIN IMMEDIATE")?;
        let mut rows = self.load(&Needs::of(commands))?;
        let answers = decide_all(commands, &mut rows);
        if rows.is_unchanged() {
            self.run("ROLLBACK")?;
            self.remember(rows);
            return Ok(answers);
        }
        let head = store(&self.connection, &self.owner, self.head, &mut rows)?;
        put_lane(&self.connection, head, rows.next_number)?;
        self.commit()?;
        self.head = head;
        self.next_number = rows.next_number;
        self.remember(rows);
        self.checkpoints.after_commit(&self.connection);
        Ok(answers)
    }

    fn when_durable(&mut self, then: WhenDurable) {
        self.flusher.then(then);
    }
}

/// Writes everything a batch changed and returns the chain's new head.
fn store(
    connection: &Connection,
    owner: &str,
    head: Head,
    rows: &mut Rows,
) -> Result<Head, StoreError> {
    for id in &rows.receipts_changed {
        let Some(receipt) = rows.receipts.get(id) else { continue };
        if rows.receipts_new.contains(id) {
            insert_receipt(connection, receipt)?;
        } else {
            update_receipt(connection, receipt)?;
        }
    }
    for id in &rows.cards_changed {
        let Some(card) = rows.cards.get(id) else { continue };
        upsert_card(connection, card)?;
    }
    document::write(connection, rows)?;
    let (head, entries, changes) = chain(LANE, head, std::mem::take(&mut rows.entries));
    for entry in &entries {
        insert_entry(connection, entry)?;
    }
    change_balances(connection, &changes)?;
    for row in &rows.outbox_new {
        insert_outbox(connection, owner, row)?;
    }
    for operation in &rows.outbox_done {
        delete_outbox(connection, *operation)?;
    }
    for row in &rows.keys_new {
        insert_key(connection, row)?;
    }
    Ok(head)
}
