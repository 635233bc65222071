//! The parameters of the statement that writes a batch, in the order of its parts.

use std::collections::BTreeMap;

use chorsu_core::card::SealedPan;
use chorsu_core::plan::{IdempotencyRow, OutboxRow};
use chorsu_core::{Account, Card, CardId, Receipt};
use tokio_postgres::types::ToSql;

use super::changes::Changes;
use super::row::Version;
use super::session::LaneRow;
use super::write::Names;
use crate::batch::ChainedEntry;
use crate::store::LEASE_MS;

/// Parameters one after the other; most are columns of many rows.
pub(super) struct Parameters<'a>(Vec<Box<dyn ToSql + Sync + 'a>>);

impl<'a> Parameters<'a> {
    /// Those of `write_payments`, or of `write` for everything.
    pub(super) fn of(
        changes: &'a Changes<'a>,
        lane: i32,
        next: &'a LaneRow,
        names: Names<'a>,
    ) -> Self {
        let mut all = Self(Vec::with_capacity(96));
        let is_everything = !changes.are_payments();
        all.receipts_new(&changes.receipts_new, is_everything);
        all.column(&changes.receipts, |(receipt, _)| &receipt.id.as_bytes()[..]);
        all.column(&changes.receipts, |(_, version)| *version);
        all.receipt_states(&changes.receipts, |(receipt, _)| receipt);
        all.receipt_rest(&changes.receipts, |(receipt, _)| receipt);
        all.seen(&changes.receipts_seen);
        all.seen(&changes.cards_seen);
        all.entries(lane, changes.entries);
        all.balances(lane, changes.balances);
        all.intents(names.owner, changes.intents_new);
        all.one(&changes.intents_done);
        if is_everything {
            all.cards_new(&changes.cards_new);
            all.cards(&changes.cards);
            all.pans_put(&changes.pans_put);
            all.one(&changes.pans_gone);
            all.keys(&changes.keys_new);
        }
        all.lane(changes.expected(), lane, next, names.writer);
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
