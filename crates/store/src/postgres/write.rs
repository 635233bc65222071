//! Writing a batch: everything it changed in a handful of statements that leave in one go.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use chorsu_core::card::SealedPan;
use chorsu_core::plan::{IdempotencyRow, OutboxRow};
use chorsu_core::{Account, Card, CardId, Receipt, ReceiptState, Rows};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use super::document::DocumentChanges;
use super::session::{LaneRow, Loaded, Session};
use crate::batch::{ChainedEntry, chain};
use crate::error::PostgresFailure;
use crate::store::LEASE_MS;

/// How a transaction ended that was not committed for certain.
#[derive(Debug)]
pub(super) enum Undone {
    /// The server has rolled it back, or was never asked to commit.
    Certainly(PostgresFailure),
    /// The connection broke while the commit was on its way.
    Perhaps(PostgresFailure),
}

/// What a batch writes, in the order and the shape in which it is written.
struct Changes<'a> {
    receipts_new: Vec<&'a Receipt>,
    receipts: Vec<&'a Receipt>,
    cards_new: Vec<&'a Card>,
    cards: Vec<&'a Card>,
    pans_put: Vec<(CardId, &'a SealedPan)>,
    pans_gone: Vec<&'a [u8]>,
    entries: &'a [ChainedEntry],
    balances: &'a BTreeMap<Account, i64>,
    outbox_new: &'a [OutboxRow],
    outbox_done: Vec<&'a [u8]>,
    keys_new: Vec<&'a IdempotencyRow>,
    documents: DocumentChanges<'a>,
}

/// A batch's ledger entries in their places, and the lane's row as it will be after them.
pub(super) struct Chained {
    entries: Vec<ChainedEntry>,
    balances: BTreeMap<Account, i64>,
    next: LaneRow,
}

impl Session {
    /// Puts the entries of a batch at the end of the lane's chain. This is where a defect would
    /// panic, so it must be done before anything is sent.
    pub(super) fn chain(&self, rows: &mut Rows) -> Chained {
        let entries = std::mem::take(&mut rows.entries);
        let (head, entries, balances) = chain(self.claim.lane, self.lane.head, entries);
        assert!(
            rows.next_number <= self.lane.numbers_end,
            "a lane gives out its own receipt numbers only"
        );
        let batch = self.lane.batch + 1;
        let next = LaneRow { head, next_number: rows.next_number, batch, ..self.lane };
        Chained { entries, balances, next }
    }

    /// Writes what a batch has changed and commits.
    ///
    /// # Errors
    /// Says whether the changes may nevertheless have been committed.
    pub(super) async fn store(
        &mut self,
        loaded: Loaded,
        chained: Chained,
        names: Names<'_>,
    ) -> Result<(), Undone> {
        let Loaded { rows, pans, has_begun } = loaded;
        let Chained { entries, balances, next } = chained;
        let mut changes = Changes::of(&rows, &pans, &entries, &balances);
        changes.documents = DocumentChanges::of(&rows)
            .map_err(|_| Undone::Certainly(PostgresFailure::new("a document is not writable")))?;
        let begin = if has_begun { "" } else { self.begin() };
        self.is_open = true;
        self.run(begin, &changes, &next, names).await?;
        self.is_open = false;
        self.lane = next;
        Ok(())
    }

    async fn run(
        &self,
        begin: &str,
        changes: &Changes<'_>,
        next: &LaneRow,
        names: Names<'_>,
    ) -> Result<(), Undone> {
        let Self { client, statements, claim, .. } = self;
        let lane = i32::from(claim.lane);
        let run = Run { client, failure: RefCell::new(None), committing: Cell::new(false) };
        // All of it leaves in one go, in this order.
        tokio::join!(
            biased;
            run.begin(begin),
            run.receipt_insert(&statements.receipt_insert, &changes.receipts_new),
            run.receipt_update(&statements.receipt_update, &changes.receipts),
            run.card_insert(&statements.card_insert, &changes.cards_new),
            run.card_update(&statements.card_update, &changes.cards),
            run.vault_put(&statements.vault_put, &changes.pans_put),
            run.delete(&statements.vault_delete, &changes.pans_gone),
            run.documents(&statements.documents, &changes.documents),
            run.entry_insert(&statements.entry_insert, lane, changes.entries),
            run.balance_add(&statements.balance_add, lane, changes.balances),
            run.outbox_insert(&statements.outbox_insert, names.owner, changes.outbox_new),
            run.delete(&statements.outbox_delete, &changes.outbox_done),
            run.key_insert(&statements.key_insert, &changes.keys_new),
            run.lane_update(&statements.lane_update, lane, next, names.writer),
            run.end(),
        );
        run.outcome()
    }
}

impl<'a> Changes<'a> {
    fn of(
        rows: &'a Rows,
        pans: &BTreeMap<CardId, Option<SealedPan>>,
        entries: &'a [ChainedEntry],
        balances: &'a BTreeMap<Account, i64>,
    ) -> Self {
        let mut changes = Self {
            receipts_new: Vec::with_capacity(rows.receipts_new.len()),
            receipts: Vec::with_capacity(rows.receipts_changed.len()),
            cards_new: Vec::new(),
            cards: Vec::new(),
            pans_put: Vec::new(),
            pans_gone: Vec::new(),
            entries,
            balances,
            outbox_new: &rows.outbox_new,
            outbox_done: rows.outbox_done.iter().map(|id| &id.as_bytes()[..]).collect(),
            keys_new: rows.keys_new.iter().collect(),
            documents: DocumentChanges::default(),
        };
        for receipt in rows.receipts_changed.iter().filter_map(|id| rows.receipts.get(id)) {
            let is_new = rows.receipts_new.contains(&receipt.id);
            if is_new {
                changes.receipts_new.push(receipt);
            }
            if !is_new || !is_fresh(receipt) {
                changes.receipts.push(receipt);
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
        // Whoever adds the same keys adds them in the same order, and so waits instead of locking up.
        changes.keys_new.sort_unstable_by_key(|row| (row.key.kassa, &row.key.key));
        changes
    }
}

/// Whether a new receipt has nothing yet but what [`Run::receipt_insert`] writes.
fn is_fresh(receipt: &Receipt) -> bool {
    receipt.state == ReceiptState::Created && receipt.payer.is_none() && receipt.fiscal.is_none()
}

/// One transaction's statements under way together.
pub(super) struct Run<'a> {
    client: &'a Client,
    /// The first thing that went wrong.
    failure: RefCell<Option<PostgresFailure>>,
    /// Whether the commit was sent.
    committing: Cell<bool>,
}

pub(super) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Run<'_> {
    fn note(&self, failure: PostgresFailure) {
        self.failure.borrow_mut().get_or_insert(failure);
    }

    pub(super) async fn execute(&self, statement: &Statement, parameters: Parameters<'_>) {
        if let Err(error) = self.client.execute(statement, parameters).await {
            self.note(error.into());
        }
    }

    async fn begin(&self, begin: &str) {
        if !begin.is_empty()
            && let Err(error) = self.client.batch_execute(begin).await
        {
            self.note(error.into());
        }
    }

    /// Commits, unless a statement could not even be sent: the server would not know of it.
    async fn end(&self) {
        let all_sent = self.failure.borrow().is_none();
        self.committing.set(all_sent);
        let end = if all_sent { "COMMIT" } else { "ROLLBACK" };
        if let Err(error) = self.client.batch_execute(end).await {
            self.note(error.into());
        }
    }

    fn outcome(self) -> Result<(), Undone> {
        match self.failure.into_inner() {
            None => Ok(()),
            // After an error the server turns the commit into a rollback.
            Some(failure) if failure.is_rolled_back() || !self.committing.get() => {
                Err(Undone::Certainly(failure))
            }
            Some(failure) => Err(Undone::Perhaps(failure)),
        }
    }

    async fn delete(&self, statement: &Statement, ids: &[&[u8]]) {
        if !ids.is_empty() {
            self.execute(statement, &[&ids]).await;
        }
    }

    async fn receipt_insert(&self, statement: &Statement, receipts: &[&Receipt]) {
        if receipts.is_empty() {
            return;
        }
        let parameters: Parameters<'_> = &[
            &column(receipts, |receipt| receipt.number),
            &column(receipts, |receipt| &receipt.id.as_bytes()[..]),
            &column(receipts, |receipt| &receipt.kassa.as_bytes()[..]),
            &column(receipts, |_| ReceiptState::Created.number()),
            &column(receipts, |receipt| receipt.amount.get()),
            &column(receipts, |receipt| receipt.commission.get()),
            &column(receipts, |receipt| receipt.hold),
            &column(receipts, |receipt| receipt.created_at.0),
            &column(receipts, |receipt| &*receipt.body),
        ];
        self.execute(statement, parameters).await;
    }

    async fn receipt_update(&self, statement: &Statement, receipts: &[&Receipt]) {
        if receipts.is_empty() {
            return;
        }
        let expiries = column(receipts, |receipt| receipt.card.map(|card| card.expiry.yymm()));
        let cards = || receipts.iter().map(|receipt| receipt.card.as_ref());
        let parameters: Parameters<'_> = &[
            &column(receipts, |receipt| &receipt.id.as_bytes()[..]),
            &column(receipts, |receipt| receipt.state.number()),
            &column(receipts, |receipt| receipt.amount.get()),
            &column(receipts, |receipt| receipt.commission.get()),
            &column(receipts, |receipt| receipt.hold),
            &column(receipts, |receipt| receipt.paid_at.map(|at| at.0)),
            &column(receipts, |receipt| receipt.held_at.map(|at| at.0)),
            &column(receipts, |receipt| receipt.cancelled_at.map(|at| at.0)),
            &column(receipts, |receipt| receipt.operation.as_ref().map(|id| &id.as_bytes()[..])),
            &column(receipts, |receipt| receipt.debit.as_ref().map(|id| &id.as_bytes()[..])),
            &cards().map(|card| card.map(|card| &card.id.as_bytes()[..])).collect::<Vec<_>>(),
            &cards().map(|card| card.map(|card| card.masked.as_str())).collect::<Vec<_>>(),
            &expiries,
            &cards().map(|card| card.map(|card| card.network.name())).collect::<Vec<_>>(),
            &column(receipts, |receipt| receipt.payer.as_deref()),
            &column(receipts, |receipt| receipt.fiscal.as_deref()),
        ];
        self.execute(statement, parameters).await;
    }

    async fn card_insert(&self, statement: &Statement, cards: &[&Card]) {
        if cards.is_empty() {
            return;
        }
        let parameters: Parameters<'_> = &[
            &column(cards, |card| &card.face.id.as_bytes()[..]),
            &column(cards, |card| &card.kassa.as_bytes()[..]),
            &column(cards, |card| &card.token.0[..]),
            &column(cards, |card| card.face.masked.as_str()),
            &column(cards, |card| card.face.expiry.yymm()),
            &column(cards, |card| card.face.network.name()),
            &column(cards, |card| card.recurrent),
            &column(cards, |card| card.created_at.0),
            &column(cards, |card| card.verified),
            &column(cards, |card| card.removed_at.map(|at| at.0)),
            &column(cards, |card| card.in_use.as_ref().map(|id| &id.as_bytes()[..])),
            &column(cards, |card| card.code.sent.as_ref().map(|(hash, _)| &hash.0[..])),
            &column(cards, |card| card.code.sent.map(|(_, at)| at.0)),
            &column(cards, |card| i16::from(card.code.wrong_tries)),
            &column(cards, |card| i16::from(card.code.sends)),
            &column(cards, |card| card.code.window_start.map(|at| at.0)),
        ];
        self.execute(statement, parameters).await;
    }

    async fn card_update(&self, statement: &Statement, cards: &[&Card]) {
        if cards.is_empty() {
            return;
        }
        let parameters: Parameters<'_> = &[
            &column(cards, |card| &card.face.id.as_bytes()[..]),
            &column(cards, |card| card.verified),
            &column(cards, |card| card.removed_at.map(|at| at.0)),
            &column(cards, |card| card.in_use.as_ref().map(|id| &id.as_bytes()[..])),
            &column(cards, |card| card.code.sent.as_ref().map(|(hash, _)| &hash.0[..])),
            &column(cards, |card| card.code.sent.map(|(_, at)| at.0)),
            &column(cards, |card| i16::from(card.code.wrong_tries)),
            &column(cards, |card| i16::from(card.code.sends)),
            &column(cards, |card| card.code.window_start.map(|at| at.0)),
        ];
        self.execute(statement, parameters).await;
    }

    async fn vault_put(&self, statement: &Statement, pans: &[(CardId, &SealedPan)]) {
        if pans.is_empty() {
            return;
        }
        let parameters: Parameters<'_> = &[
            &column(pans, |(card, _)| &card.as_bytes()[..]),
            &column(pans, |(_, pan)| i64::from(pan.key_id)),
            &column(pans, |(_, pan)| &pan.bytes[..]),
        ];
        self.execute(statement, parameters).await;
    }

    async fn entry_insert(&self, statement: &Statement, lane: i32, entries: &[ChainedEntry]) {
        if entries.is_empty() {
            return;
        }
        let parameters: Parameters<'_> = &[
            &lane,
            &column(entries, |chained| chained.seq),
            &column(entries, |chained| chained.entry.at.0),
            &column(entries, |chained| chained.entry.kind.code()),
            &column(entries, |chained| &chained.entry.owner.as_bytes()[..]),
            &column(entries, |chained| &chained.entry.document.as_bytes()[..]),
            &column(entries, |chained| chained.postings.as_str()),
            &column(entries, |chained| &chained.hash[..]),
        ];
        self.execute(statement, parameters).await;
    }

    async fn balance_add(
        &self,
        statement: &Statement,
        lane: i32,
        balances: &BTreeMap<Account, i64>,
    ) {
        if balances.is_empty() {
            return;
        }
        let accounts: Vec<String> = balances.keys().map(Account::to_string).collect();
        let amounts: Vec<i64> = balances.values().copied().collect();
        self.execute(statement, &[&lane, &accounts, &amounts]).await;
    }

    async fn outbox_insert(&self, statement: &Statement, owner: &str, rows: &[OutboxRow]) {
        if rows.is_empty() {
            return;
        }
        let parameters: Parameters<'_> = &[
            &owner,
            &LEASE_MS,
            &column(rows, |row| &row.operation.as_bytes()[..]),
            &column(rows, |row| row.kind.code()),
            &column(rows, |row| &row.document.as_bytes()[..]),
            &column(rows, |row| &row.owner.as_bytes()[..]),
            &column(rows, |row| row.amount.get()),
            &column(rows, |row| row.created_at.0),
        ];
        self.execute(statement, parameters).await;
    }

    async fn key_insert(&self, statement: &Statement, rows: &[&IdempotencyRow]) {
        if rows.is_empty() {
            return;
        }
        let parameters: Parameters<'_> = &[
            &column(rows, |row| &row.key.kassa.as_bytes()[..]),
            &column(rows, |row| row.key.key.as_str()),
            &column(rows, |row| &row.key.fingerprint.0[..]),
            &column(rows, |row| &row.document[..]),
            &column(rows, |row| row.at.0),
        ];
        self.execute(statement, parameters).await;
    }

    async fn lane_update(&self, statement: &Statement, lane: i32, next: &LaneRow, writer: &str) {
        let LaneRow { head, next_number, batch, numbers_end: _ } = next;
        // Entries carry the same number, and `chain` has made sure that it fits.
        let seq = i64::try_from(head.seq).unwrap_or(i64::MAX);
        let parameters: Parameters<'_> =
            &[&lane, &seq, &&head.hash[..], next_number, &writer, batch];
        self.execute(statement, parameters).await;
    }
}

/// One column of many rows.
pub(super) fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Who writes: the writer of the lane, and the owner of the intents.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) writer: &'a str,
    pub(super) owner: &'a str,
}
