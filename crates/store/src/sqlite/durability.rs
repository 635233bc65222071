//! Flushing commits to disk on a thread of its own, so that the next batch is decided meanwhile.
//!
//! In WAL mode a commit is one append to the log. The writer appends without flushing
//! (`synchronous=NORMAL`); this thread flushes the log file and only then lets the answers go.
//! While one batch is flushed the writer commits the next and then waits for its turn, so that a
//! slow disk makes larger batches instead of more of them. Readers see commits at once and
//! therefore wait here too before they tell of them.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use tokio::sync::watch;

use crate::error::StoreError;
use crate::lane::WhenDurable;

/// How far the log is written and how far it is on disk, in numbers of commits.
#[derive(Debug)]
pub(super) struct Durability {
    committed: AtomicU64,
    /// The last commit on disk; `None` once the disk has refused the log.
    durable: watch::Sender<Option<u64>>,
}

impl Durability {
    /// Waits until everything that could be read until now is on disk; `false` when the disk has
    /// refused it, and what was read must not be told.
    pub(super) async fn settled(&self) -> bool {
        let seen = self.committed.load(Ordering::Acquire);
        let mut durable = self.durable.subscribe();
        // A commit that failed takes its number back.
        let reached = |durable: &Option<u64>| {
            durable.is_none_or(|durable| durable >= seen)
                || self.committed.load(Ordering::Acquire) < seen
        };
        // The sender lives in `self`, so waiting cannot fail.
        durable.wait_for(reached).await.is_ok_and(|durable| durable.is_some())
    }
}

/// The writer's end: numbers commits and hands their answers over.
pub(super) struct Flusher {
    shared: Arc<Durability>,
    commits: u64,
    waiting: Option<mpsc::SyncSender<(u64, WhenDurable)>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Flusher {
    /// Starts the thread that flushes the log `wal`.
    pub(super) fn start(wal: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::File { path: wal.display().to_string(), source };
        let log = File::open(wal).map_err(failed)?;
        let shared = Arc::new(Durability {
            committed: AtomicU64::new(0),
            durable: watch::Sender::new(Some(0)),
        });
        // No room in between: handing a batch over waits until the one before it is on disk.
        let (waiting, queue) = mpsc::sync_channel(0);
        let durability = shared.clone();
        let thread = std::thread::Builder::new()
            .name("chorsu-flush".to_owned())
            .spawn(move || flush(&log, &queue, &durability))
            .map_err(failed)?;
        Ok(Self { shared, commits: 0, waiting: Some(waiting), thread: Some(thread) })
    }

    /// What readers wait on.
    pub(super) fn shared(&self) -> Arc<Durability> {
        self.shared.clone()
    }

    /// To be called before a commit: from now on a reader may see it.
    pub(super) fn committing(&mut self) {
        self.commits += 1;
        self.shared.committed.store(self.commits, Ordering::Release);
    }

    /// To be called when that commit failed.
    pub(super) fn commit_failed(&mut self) {
        self.commits -= 1;
        self.shared.committed.store(self.commits, Ordering::Release);
        self.shared.durable.send_modify(|_| {});
    }

    /// Calls `then` once every commit so far is on disk.
    pub(super) fn then(&self, then: WhenDurable) {
        match &self.waiting {
            Some(waiting) => {
                if let Err(mpsc::SendError((_, then))) = waiting.send((self.commits, then)) {
                    then(false);
                }
            }
            None => then(false),
        }
    }
}

impl Drop for Flusher {
    /// Lets the thread flush and answer what is left.
    fn drop(&mut self) {
        self.waiting = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

fn flush(log: &File, queue: &mpsc::Receiver<(u64, WhenDurable)>, shared: &Durability) {
    let mut healthy = true;
    let mut flushed = 0;
    while let Ok((commit, then)) = queue.recv() {
        if healthy && commit > flushed {
            match log.sync_data() {
                Ok(()) => flushed = commit,
                // After a failed flush the system may forget what it could not write, so nothing
                // later can be trusted either; a restart reads what really is on disk.
                Err(error) => {
                    tracing::error!(%error, "the disk does not take the log; restart Chorsu");
                    healthy = false;
                }
            }
        }
        shared.durable.send_replace(healthy.then_some(flushed));
        then(healthy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_disk_that_refuses_the_log_fails_writers_and_readers() {
        // The null device takes no flush.
        let mut flusher = Flusher::start(Path::new("/dev/null")).unwrap();
        let shared = flusher.shared();
        assert!(shared.settled().await, "nothing is waiting yet");
        flusher.committing();
        let (told, answer) = tokio::sync::oneshot::channel();
        flusher.then(Box::new(move |durable| told.send(durable).unwrap()));
        assert!(!answer.await.unwrap());
        assert!(!shared.settled().await);
    }
}
