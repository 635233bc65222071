//! A lane's connection: it owns one ledger chain and runs one transaction at a time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chorsu_core::card::SealedPan;
use chorsu_core::chain::Head;
use chorsu_core::{CardId, Rows};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config};

use super::connect::{BY_KEY_ONLY, connect, lock};
use super::document::{self, Missing};
use super::memory::{Memory, Seen, Versions};
use super::row::{self, CARD_WIDTH, RECEIPT_WIDTH};
use super::statements::Statements;
use crate::batch::Needs;
use crate::error::{PostgresFailure, StoreError};

/// Chains of one database: far more than lanes at any one time.
const CHAINS: u16 = 1_024;
/// Receipt numbers a lane takes at a time.
const NUMBER_BLOCK: i64 = 1_000;
/// How often to ask, and how long to wait in between, for a chain that our own broken session may
/// still hold. The server ends that session within moments.
const CHAIN_WAITS_MS: [u64; 8] = [0, 10, 20, 50, 100, 200, 400, 800];

/// Which chain a session is to take.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted {
    /// The first free one.
    Any,
    /// The one that an earlier session had, or else any.
    Preferably(Claim),
    /// The one that an earlier session had, and no other.
    Only(Claim),
}

/// A hold on a chain: which one, and by which server process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) lane: u16,
    backend: i32,
}

/// What a lane keeps in its row.
#[derive(Clone, Copy, Debug)]
pub(super) struct LaneRow {
    /// The end of its chain.
    pub(super) head: Head,
    /// The next receipt number it gives out.
    pub(super) next_number: i64,
    /// The first number that is no longer its own.
    pub(super) numbers_end: i64,
    /// How many batches this writer has committed on it, or those before it.
    pub(super) batch: i64,
}

/// An open connection with its chain.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) statements: Statements,
    pub(super) claim: Claim,
    /// The lane's row as it was last committed.
    pub(super) lane: LaneRow,
    pub(super) memory: Memory,
    /// Whether a transaction may be open.
    pub(super) is_open: bool,
}

/// The rows of a batch and their versions, and of the cards' sealed numbers what they were.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) rows: Rows,
    pub(super) versions: Versions,
    pub(super) pans: BTreeMap<CardId, Option<SealedPan>>,
}

/// The rows a batch needs that are not remembered.
struct MissingRows<'a> {
    receipts: &'a [&'a [u8]],
    cards: &'a [&'a [u8]],
    documents: Missing<'a>,
}

impl Session {
    /// Connects and takes a chain.
    ///
    /// Returns also whether the chain was last written by this very writer. `writer` names it.
    ///
    /// # Errors
    /// When the server cannot be reached, or no such chain is free.
    pub(super) async fn open(
        config: &Config,
        writer: &str,
        wanted: Wanted,
    ) -> Result<(Self, bool), StoreError> {
        let client = connect(config).await?;
        client.batch_execute(BY_KEY_ONLY).await?;
        let backend = client.query_one("SELECT pg_backend_pid()", &[]).await?.try_get(0)?;
        let lane = take_chain(&client, wanted).await?;
        let (row, was_ours) = take_row(&client, lane, writer).await?;
        let statements = Statements::prepare(&client).await?;
        let (claim, memory) = (Claim { lane, backend }, Memory::new());
        Ok((Self { client, statements, claim, lane: row, memory, is_open: false }, was_ours))
    }

    /// The rows a batch needs: those that are remembered, and the others read and locked in a
    /// transaction that begins here. Keys that most likely are free are not looked up when
    /// `is_trusting`.
    ///
    /// # Errors
    /// When PostgreSQL fails. The transaction may be open then.
    pub(super) async fn load(
        &mut self,
        needs: &Needs,
        is_trusting: bool,
    ) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        self.memory.recall(needs, &mut loaded.rows, &mut loaded.versions);
        let Rows { receipts, cards, .. } = &loaded.rows;
        loaded.pans = cards.iter().map(|(id, card)| (*id, card.pan.clone())).collect();
        let receipts = needs.receipts.iter().filter(|id| !receipts.contains_key(id));
        let cards = needs.cards.iter().filter(|id| !cards.contains_key(id));
        let receipts: Vec<&[u8]> = receipts.map(|id| &id.as_bytes()[..]).collect();
        let cards: Vec<&[u8]> = cards.map(|id| &id.as_bytes()[..]).collect();
        let documents = Missing::of(needs, &loaded.rows, is_trusting);
        self.roll_back().await?;
        let is_all_known = receipts.is_empty() && cards.is_empty() && documents.is_empty();
        if !(is_all_known && needs.keys.is_empty()) {
            let missing = MissingRows { receipts: &receipts, cards: &cards, documents };
            self.read(needs, missing, &mut loaded).await?;
        }
        Ok(loaded)
    }

    async fn read(
        &mut self,
        needs: &Needs,
        missing: MissingRows<'_>,
        loaded: &mut Loaded,
    ) -> Result<(), StoreError> {
        let MissingRows { receipts, cards, documents: missing } = missing;
        self.is_open = true;
        let changing: Vec<&[u8]> =
            needs.cards_changing.iter().map(|id| &id.as_bytes()[..]).collect();
        let kassas: Vec<&[u8]> =
            needs.keys.iter().map(|(kassa, _)| &kassa.as_bytes()[..]).collect();
        let keys: Vec<&str> = needs.keys.iter().map(|(_, key)| key.as_str()).collect();
        let Self { client, statements, .. } = &*self;
        // All of it leaves in one go, in this order.
        let (begun, receipts, locked, cards, keys, documents) = tokio::join!(
            biased;
            client.batch_execute("BEGIN"),
            async {
                if receipts.is_empty() { return Ok(Vec::new()) }
                client.query(&statements.receipts, &[&receipts]).await
            },
            async {
                if cards.is_empty() { return Ok(Vec::new()) }
                client.query(&statements.cards_lock, &[&cards, &changing]).await
            },
            async {
                if cards.is_empty() { return Ok(Vec::new()) }
                client.query(&statements.cards, &[&cards]).await
            },
            async {
                if keys.is_empty() { return Ok(Vec::new()) }
                client.query(&statements.keys, &[&kassas, &keys]).await
            },
            document::load(client, &statements.documents, &missing),
        );
        begun?;
        locked?;
        let Loaded { rows, versions, pans } = loaded;
        let seen = |version| Seen { version, is_remembered: false };
        for found in &receipts? {
            let receipt = row::receipt(found)?;
            versions.receipts.insert(receipt.id, seen(row::version(found, RECEIPT_WIDTH)?));
            rows.receipts.insert(receipt.id, Arc::new(receipt));
        }
        for found in &cards? {
            let card = row::card(found)?;
            versions.cards.insert(card.id(), seen(row::version(found, CARD_WIDTH)?));
            pans.insert(card.id(), card.pan.clone());
            rows.cards.insert(card.id(), Arc::new(card));
        }
        for found in &keys? {
            rows.keys_used.insert((row::kassa_id(found, 0)?, found.try_get(1)?));
        }
        documents?.into_rows(&missing, rows, versions)
    }

    /// Ends a transaction, if one is open, that changed nothing or failed.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub(super) async fn roll_back(&mut self) -> Result<(), StoreError> {
        if self.is_open {
            self.client.batch_execute("ROLLBACK").await?;
            self.is_open = false;
        }
        Ok(())
    }

    /// Makes sure that the lane has `count` receipt numbers in a row to give out. Numbers are
    /// unique over all lanes and rise within one; the rest of a block may stay unused.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub(super) async fn reserve_numbers(
        &mut self,
        writer: &str,
        count: i64,
    ) -> Result<(), StoreError> {
        if self.lane.numbers_end - self.lane.next_number < count {
            self.roll_back().await?;
        }
        while self.lane.numbers_end - self.lane.next_number < count {
            // A transaction of its own: other lanes must not wait for the batch's.
            let lane = i32::from(self.claim.lane);
            let parameters: [&(dyn ToSql + Sync); 3] = [&lane, &writer, &NUMBER_BLOCK];
            let taken = self.client.query_one(&self.statements.numbers_take, &parameters).await?;
            self.lane.next_number = taken.try_get(0)?;
            self.lane.numbers_end = taken.try_get(1)?;
        }
        Ok(())
    }

    /// Gives the chain back at once; otherwise the server does when it notices that we are gone.
    pub(super) async fn close(self) {
        // Nothing is lost when the server does not hear this.
        let _ = self.client.batch_execute("SELECT pg_advisory_unlock_all()").await;
    }
}

/// Takes a chain for this session.
async fn take_chain(client: &Client, wanted: Wanted) -> Result<u16, StoreError> {
    let take = client.prepare("SELECT pg_try_advisory_lock($1, $2)").await?;
    let try_take = async |lane: u16| -> Result<bool, StoreError> {
        let taken = client.query_one(&take, &[&lock::LANE, &i32::from(lane)]).await?;
        Ok(taken.try_get(0)?)
    };
    if let Wanted::Preferably(last) | Wanted::Only(last) = wanted {
        end_session(client, last).await?;
        for wait in CHAIN_WAITS_MS {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            if try_take(last.lane).await? {
                return Ok(last.lane);
            }
        }
    }
    if let Wanted::Only(_) = wanted {
        return Err(PostgresFailure::new("the ledger chain is still in use").into());
    }
    for lane in 0..CHAINS {
        if try_take(lane).await? {
            return Ok(lane);
        }
    }
    Err(PostgresFailure::new("every ledger chain is in use").into())
}

/// Ends our own session behind a broken connection, which may not know yet that we are gone. A
/// process that still holds our chain's lock is that session and no other.
async fn end_session(client: &Client, claim: Claim) -> Result<(), StoreError> {
    client
        .query(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
             AND classid::bigint = $1 AND objid::bigint = $2 AND granted AND pid = $3",
            &[&i64::from(lock::LANE), &i64::from(claim.lane), &claim.backend],
        )
        .await?;
    Ok(())
}

/// Reads the row of a chain that this session holds, and writes our name on it.
async fn take_row(client: &Client, lane: u16, writer: &str) -> Result<(LaneRow, bool), StoreError> {
    let lane = i32::from(lane);
    client
        .execute(
            "INSERT INTO lane (lane, seq, hash, next_number, numbers_end, batch, writer) \
             VALUES ($1, 0, $2, 0, 0, 0, $3) ON CONFLICT (lane) DO NOTHING",
            &[&lane, &&Head::EMPTY.hash[..], &writer],
        )
        .await?;
    let columns = "seq, hash, next_number, numbers_end, batch, writer";
    let found =
        client.query_one(&format!("SELECT {columns} FROM lane WHERE lane = $1"), &[&lane]).await?;
    let was_ours = found.try_get::<_, &str>(5)? == writer;
    if !was_ours {
        client.execute("UPDATE lane SET writer = $2 WHERE lane = $1", &[&lane, &writer]).await?;
    }
    let seq =
        u64::try_from(found.try_get::<_, i64>(0)?).map_err(|_| StoreError::Corrupt("lane"))?;
    let row = LaneRow {
        head: Head { seq, hash: row::hash(&found, 1)? },
        next_number: found.try_get(2)?,
        numbers_end: found.try_get(3)?,
        batch: found.try_get(4)?,
    };
    Ok((row, was_ours))
}
