//! The parameters of the statement that writes a batch, in the order of its parts.

use std::collections::BTreeMap;

use chorsu_core::card::SealedPan;
use chorsu_core::order::StatementLine;
use chorsu_core::plan::{IdempotencyRow, OutboxRow};
use chorsu_core::{Account, BankService, Card, CardId, DocumentId, Receipt};
use tokio_postgres::types::ToSql;

use super::document::DocumentChanges;
use super::row::Version;
use super::session::LaneRow;
use super::statements::Scope;
use super::write::{Batch, Names};
use crate::batch::ChainedEntry;
use crate::store::LEASE_MS;

/// Parameters one after the other; most are columns of many rows.
pub(super) struct Parameters<'a>(Vec<Box<dyn ToSql + Sync + 'a>>);

impl<'a> Parameters<'a> {
    /// Those of the statement of `batch.scope`.
    pub(super) fn of(batch: &'a Batch<'a>, lane: i32, names: Names<'a>) -> Self {
        let Batch { scope, changes, documents, next } = batch;
        let mut all = Self(Vec::with_capacity(120));
        if matches!(scope, Scope::Payments | Scope::Everything) {
            all.receipts_new(&changes.receipts_new, *scope == Scope::Everything);
            all.column(&changes.receipts, |(receipt, _)| &receipt.id.as_bytes()[..]);
            all.column(&changes.receipts, |(_, version)| *version);
            all.receipt_states(&changes.receipts, |(receipt, _)| receipt);
            all.receipt_rest(&changes.receipts, |(receipt, _)| receipt);
            all.seen(&changes.receipts_seen);
            all.seen(&changes.cards_seen);
        }
        if *scope == Scope::Everything {
            all.cards_new(&changes.cards_new);
            all.cards(&changes.cards);
            all.pans_put(&changes.pans_put);
            all.one(&changes.pans_gone);
        }
        if *scope != Scope::Payments {
            all.documents(documents);
        }
        if matches!(scope, Scope::Branch | Scope::Everything) {
            all.keys_taken(&documents.keys_moved);
            all.one(&documents.keys_gone);
            all.services(&documents.services);
            all.lines(documents.lines);
            all.keys(&changes.keys_new);
        }
        all.entries(lane, changes.entries);
        all.balances(lane, changes.balances);
        all.intents(names.owner, changes.intents_new);
        all.one(&changes.intents_done);
        all.lane(changes.expected() + documents.expected(), lane, next, names.writer);
        all
    }

    /// As the client wants them.
    pub(super) fn as_slice(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.0.iter().map(|parameter| &**parameter as &(dyn ToSql + Sync)).collect()
    }

    fn one(&mut self, parameter: impl ToSql + Sync + 'a) {
        self.0.push(Box::new(parameter));
    }

    fn column<R, T: ToSql + Sync + 'a>(&mut self, rows: &'a [R], value: impl Fn(&'a R) -> T) {
        self.one(rows.iter().map(value).collect::<Vec<T>>());
    }

    fn receipts_new(&mut self, rows: &'a [&'a Receipt], is_everything: bool) {
        self.column(rows, |receipt| receipt.number);
        self.column(rows, |receipt| &receipt.id.as_bytes()[..]);
        self.column(rows, |receipt| &receipt.kassa.as_bytes()[..]);
        self.column(rows, |receipt| receipt.created_at.0);
        self.column(rows, |receipt| &*receipt.body);
        self.receipt_states(rows, |receipt| receipt);
        if is_everything {
            self.receipt_rest(rows, |receipt| receipt);
            self.column(rows, |receipt| receipt.acquirer.code());
        }
    }

    fn receipt_states<R>(&mut self, rows: &'a [R], receipt: fn(&'a R) -> &'a Receipt) {
        self.column(rows, |row| receipt(row).state.number());
        self.column(rows, |row| receipt(row).amount.get());
        self.column(rows, |row| receipt(row).commission.get());
        self.column(rows, |row| receipt(row).hold);
    }

    fn receipt_rest<R>(&mut self, rows: &'a [R], receipt: fn(&'a R) -> &'a Receipt) {
        self.column(rows, |row| receipt(row).paid_at.map(|at| at.0));
        self.column(rows, |row| receipt(row).held_at.map(|at| at.0));
        self.column(rows, |row| receipt(row).cancelled_at.map(|at| at.0));
        self.column(rows, |row| receipt(row).operation.as_ref().map(|id| &id.as_bytes()[..]));
        self.column(rows, |row| receipt(row).debit.as_ref().map(|id| &id.as_bytes()[..]));
        let card = |row| receipt(row).card.as_ref();
        self.column(rows, |row| card(row).map(|card| &card.id.as_bytes()[..]));
        self.column(rows, |row| card(row).map(|card| card.masked.as_str()));
        self.column(rows, |row| card(row).map(|card| card.expiry.yymm()));
        self.column(rows, |row| card(row).map(|card| card.network.name()));
        self.column(rows, |row| receipt(row).payer.as_deref());
        self.column(rows, |row| receipt(row).fiscal.as_deref());
    }

    fn seen(&mut self, rows: &'a [(&'a [u8], Version)]) {
        self.column(rows, |(id, _)| *id);
        self.column(rows, |(_, version)| *version);
    }

    fn entries(&mut self, lane: i32, rows: &'a [ChainedEntry]) {
        self.one(lane);
        self.column(rows, |chained| chained.seq);
        self.column(rows, |chained| chained.entry.at.0);
        self.column(rows, |chained| chained.entry.kind.code());
        self.column(rows, |chained| &chained.entry.owner.as_bytes()[..]);
        self.column(rows, |chained| &chained.entry.document.as_bytes()[..]);
        self.column(rows, |chained| chained.postings.as_str());
        self.column(rows, |chained| &chained.hash[..]);
    }

    fn balances(&mut self, lane: i32, balances: &BTreeMap<Account, i64>) {
        self.one(lane);
        self.one(balances.keys().map(Account::to_string).collect::<Vec<_>>());
        self.one(balances.values().copied().collect::<Vec<_>>());
    }

    fn intents(&mut self, owner: &'a str, rows: &'a [OutboxRow]) {
        self.one(owner);
        self.one(LEASE_MS);
        self.column(rows, |row| &row.operation.as_bytes()[..]);
        self.column(rows, |row| row.kind.code());
        self.column(rows, |row| &row.document.as_bytes()[..]);
        self.column(rows, |row| &row.owner.as_bytes()[..]);
        self.column(rows, |row| row.amount.get());
        self.column(rows, |row| row.created_at.0);
    }

    fn cards_new(&mut self, rows: &'a [&'a Card]) {
        self.column(rows, |card| &card.face.id.as_bytes()[..]);
        self.column(rows, |card| &card.kassa.as_bytes()[..]);
        self.column(rows, |card| &card.token.0[..]);
        self.column(rows, |card| card.face.masked.as_str());
        self.column(rows, |card| card.face.expiry.yymm());
        self.column(rows, |card| card.face.network.name());
        self.column(rows, |card| card.recurrent);
        self.column(rows, |card| card.created_at.0);
        self.card_rest(rows);
    }

    fn cards(&mut self, rows: &'a [&'a Card]) {
        self.column(rows, |card| &card.face.id.as_bytes()[..]);
        self.card_rest(rows);
    }

    fn card_rest(&mut self, rows: &'a [&'a Card]) {
        self.column(rows, |card| card.verified);
        self.column(rows, |card| card.removed_at.map(|at| at.0));
        self.column(rows, |card| card.in_use.as_ref().map(|id| &id.as_bytes()[..]));
        self.column(rows, |card| card.code.sent.as_ref().map(|(hash, _)| &hash.0[..]));
        self.column(rows, |card| card.code.sent.map(|(_, at)| at.0));
        self.column(rows, |card| i16::from(card.code.wrong_tries));
        self.column(rows, |card| i16::from(card.code.sends));
        self.column(rows, |card| card.code.window_start.map(|at| at.0));
    }

    fn pans_put(&mut self, rows: &'a [(CardId, &'a SealedPan)]) {
        self.column(rows, |(card, _)| &card.as_bytes()[..]);
        self.column(rows, |(_, pan)| i64::from(pan.key_id));
        self.column(rows, |(_, pan)| &pan.bytes[..]);
    }

    fn documents(&mut self, changes: &'a DocumentChanges<'a>) {
        let DocumentChanges { new, changed, seen, keys_new, .. } = changes;
        self.column(new, |row| &row.envelope.id.as_bytes()[..]);
        self.column(new, |row| row.envelope.kind.number());
        self.column(new, |row| &row.envelope.owner.as_bytes()[..]);
        self.column(new, |row| row.envelope.state);
        self.column(new, |row| row.envelope.amount.get());
        self.column(new, |row| row.envelope.created_at.0);
        self.column(new, |row| row.envelope.due_at.map(|at| at.0));
        self.column(new, |row| row.body.as_str());
        self.column(changed, |(row, _)| &row.envelope.id.as_bytes()[..]);
        self.column(changed, |(_, version)| *version);
        self.column(changed, |(row, _)| row.envelope.state);
        self.column(changed, |(row, _)| row.envelope.amount.get());
        self.column(changed, |(row, _)| row.envelope.due_at.map(|at| at.0));
        self.column(changed, |(row, _)| row.body.as_str());
        self.seen(seen);
        self.keys_taken(keys_new);
    }

    fn keys_taken(&mut self, rows: &'a [(&'a str, DocumentId)]) {
        self.column(rows, |(key, _)| *key);
        self.column(rows, |(_, document)| &document.as_bytes()[..]);
    }

    fn services(&mut self, rows: &'a [&'a BankService]) {
        self.column(rows, |service| i64::from(service.id.0));
        self.column(rows, |service| service.available.get());
        self.column(rows, |service| service.reserved.get());
        self.column(rows, |service| service.last_line);
    }

    fn lines(&mut self, rows: &'a [StatementLine]) {
        self.column(rows, |line| i64::from(line.service.0));
        self.column(rows, |line| line.id);
        self.column(rows, |line| line.direction.number());
        self.column(rows, |line| &line.document.as_bytes()[..]);
        self.column(rows, |line| line.at.0);
        self.column(rows, |line| line.bank_day);
        self.column(rows, |line| line.amount.get());
        self.column(rows, |line| line.number);
        self.column(rows, |line| &*line.parties);
    }

    fn keys(&mut self, rows: &'a [&'a IdempotencyRow]) {
        self.column(rows, |row| &row.key.kassa.as_bytes()[..]);
        self.column(rows, |row| row.key.key.as_str());
        self.column(rows, |row| &row.key.fingerprint.0[..]);
        self.column(rows, |row| &row.document[..]);
        self.column(rows, |row| row.at.0);
    }

    fn lane(&mut self, expected: usize, lane: i32, next: &'a LaneRow, writer: &'a str) {
        // Counts and numbers of entries fit; `chain` has made sure of the latter.
        self.one(i64::try_from(expected).unwrap_or(i64::MAX));
        self.one(i64::try_from(next.head.seq).unwrap_or(i64::MAX));
        self.one(&next.head.hash[..]);
        self.one(next.next_number);
        self.one(writer);
        self.one(next.batch);
        self.one(lane);
    }
}
