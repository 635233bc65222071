//! Opening the database: schema, lanes and readers.

use std::sync::Arc;
use std::thread::JoinHandle;

use chorsu_core::{Command, Reply};
use tokio_postgres::Config;

use super::connect::{configuration, connect, is_local};
use super::migrate::migrate;
use super::read::Readers;
use super::writer::PostgresWriter;
use crate::error::{StoreError, SubmitError};
use crate::lane::{Lane, LaneStats};

/// Lanes of one process. Where the database shares the processors, one lane with large batches does
/// more than two with small ones (12,000 against 9,300 requests a second, measured end to end on
/// two cores); several processes have a lane each in any case.
const LANES: usize = 1;

/// An open PostgreSQL store.
pub(crate) struct Postgres {
    lanes: Vec<Lane>,
    threads: Vec<JoinHandle<()>>,
    pub(crate) readers: Arc<Readers>,
}

impl Postgres {
    /// Connects and brings the schema up to date; `owner` is written on the outbox rows of this
    /// process.
    ///
    /// # Errors
    /// When the server cannot be reached or the schema is not of this version.
    pub(crate) async fn open(url: &str, owner: &str) -> Result<Self, StoreError> {
        let config = configuration(url)?;
        if !is_local(&config) {
            tracing::warn!("the connection to PostgreSQL is not encrypted");
        }
        migrate(&mut connect(&config).await?).await?;
        let readers = Arc::new(Readers::open(config.clone()).await?);
        let owner = owner.to_owned();
        // Writers have runtimes of their own, which must not be entered from within this one.
        let started = tokio::task::spawn_blocking(move || start_lanes(&config, &owner)).await;
        let (lanes, threads) = started.map_err(|_| StoreError::Stopped)??;
        Ok(Self { lanes, threads, readers })
    }

    /// Decides and writes `command` in the lane of its receipt or card.
    pub(crate) async fn submit(&self, command: Command) -> Result<Reply, SubmitError> {
        let lane = route(&command) % self.lanes.len();
        self.lanes[lane].submit(command).await
    }

    /// What each lane has done.
    pub(crate) fn lane_stats(&self) -> Vec<&LaneStats> {
        self.lanes.iter().map(Lane::stats).collect()
    }

    /// Waits until everything queued is written.
    pub(crate) async fn close(self) {
        let Self { lanes, threads, readers } = self;
        drop((lanes, readers));
        // Joining blocks; a lane that panicked has said so in the log.
        let join = move || threads.into_iter().for_each(|thread| drop(thread.join()));
        let _ = tokio::task::spawn_blocking(join).await;
    }
}

fn start_lanes(
    config: &Config,
    owner: &str,
) -> Result<(Vec<Lane>, Vec<JoinHandle<()>>), StoreError> {
    let mut lanes = Vec::with_capacity(LANES);
    let mut threads = Vec::with_capacity(LANES);
    for number in 0..LANES {
        let writer = PostgresWriter::open(config.clone(), owner, number)?;
        let (lane, thread) = Lane::start(format!("chorsu-lane-{number}"), writer)?;
        lanes.push(lane);
        threads.push(thread);
    }
    Ok((lanes, threads))
}

/// A number that is the same for all commands about one receipt, so that they meet in one lane and
/// do not wait for each other's locks. The last byte of an id is random.
fn route(command: &Command) -> usize {
    let id = match command {
        Command::CreateReceipt { receipt, .. } => *receipt.id.as_bytes(),
        Command::CreateCard { card, .. } => *card.face.id.as_bytes(),
        other => {
            let keys = other.keys();
            let receipt = keys.receipt.map(|id| *id.as_bytes());
            receipt.or_else(|| keys.card.map(|id| *id.as_bytes())).unwrap_or_default()
        }
    };
    usize::from(id[id.len() - 1])
}
