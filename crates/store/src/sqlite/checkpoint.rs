//! Moving the log back into the database file without making writers wait.
//!
//! A thread with a connection of its own copies most of the log while the writer goes on. What was
//! written meanwhile is little; the writer copies that itself, and then starts the log anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use rusqlite::Connection;

use crate::error::StoreError;

/// Pages in the log that are worth copying.
const LOG_PAGES: i64 = 2_000;
/// Commits between two looks at the log.
const LOOK_EVERY: u32 = 32;

/// The writer's end.
pub(super) struct Checkpoints {
    ask: mpsc::SyncSender<()>,
    copied: Arc<AtomicBool>,
    copying: bool,
    commits: u32,
}

impl Checkpoints {
    /// Starts the thread that copies, on `connection`; it ends when this is dropped.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (ask, asked) = mpsc::sync_channel(1);
        let copied = Arc::new(AtomicBool::new(false));
        let done = copied.clone();
        let name = "chorsu-checkpoint".to_owned();
        std::thread::Builder::new()
            .name(name.clone())
            .spawn(move || {
                for () in asked {
                    copy(&connection);
                    done.store(true, Ordering::Release);
                }
            })
            .map_err(|source| StoreError::File { path: format!("thread {name}"), source })?;
        Ok(Self { ask, copied, copying: false, commits: 0 })
    }

    /// To be called after each commit of the writer's `connection`. A checkpoint that fails is
    /// tried again later; nothing is lost but room on the disk.
    pub(super) fn after_commit(&mut self, connection: &Connection) {
        if self.copying {
            if self.copied.swap(false, Ordering::Acquire) {
                copy(connection);
                self.copying = false;
            }
            return;
        }
        self.commits += 1;
        if self.commits >= LOOK_EVERY {
            self.commits = 0;
            if waiting_pages(connection) > LOG_PAGES {
                self.copying = self.ask.try_send(()).is_ok();
            }
        }
    }
}

fn copy(connection: &Connection) {
    let copied = connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
        .and_then(|mut pragma| pragma.query_row([], |_| Ok(())));
    if let Err(error) = copied {
        tracing::warn!(%error, "the log was not copied back");
    }
}

/// Pages in the log that are not yet in the database file.
fn waiting_pages(connection: &Connection) -> i64 {
    let looked = connection
        .prepare_cached("PRAGMA wal_checkpoint(NOOP)")
        .and_then(|mut pragma| pragma.query_row([], |row| Ok((row.get(1)?, row.get(2)?))));
    match looked {
        Ok((log, copied)) => i64::saturating_sub(log, copied),
        Err(error) => {
            tracing::warn!(%error, "no look at the log");
            0
        }
    }
}
