//! The keeper of the book: one thread that owns it and decides requests in batches.
//!
//! Whatever waits is decided in one transaction, so that many debits of one card cost one write of
//! that card.

use std::io;

use chorsu_connectors::card::CardRefusal;
use chorsu_core::Network;
use tokio::sync::{mpsc, oneshot};

use crate::bank::{Call, Desk, Halt, HostAnswer};
use crate::book::{Book, BookError, RecordKey};
use crate::clock::Clock;
use crate::host::ReplyTo;
use crate::wallet::{self, WalletJob};

/// Requests decided in one transaction at most.
const BATCH: usize = 512;
/// Requests that may wait; then their connections are not read further.
const QUEUE: usize = 4096;

/// A request to a host, with the way back to its connection.
pub(crate) struct HostJob {
    pub(crate) network: Network,
    pub(crate) call: Call,
    /// A fault that refuses it.
    pub(crate) forced: Option<CardRefusal>,
    pub(crate) reply: ReplyTo,
}

type Task = Box<dyn FnOnce(&mut dyn Book) + Send>;

enum Item {
    Call(HostJob),
    Wallet(WalletJob),
    Task(Task),
}

/// A handle to the thread that keeps the book; the thread ends when the last handle and the hosts
/// that use it are gone.
#[derive(Clone)]
pub struct Keeper {
    queue: mpsc::Sender<Item>,
}

impl Keeper {
    /// Starts the thread that keeps `book` and decides by `clock`.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(book: impl Book, clock: Clock) -> io::Result<Self> {
        let (queue, items) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new().name("sandbox-book".into());
        thread.spawn(move || keep(book, &clock, items))?;
        Ok(Self { queue })
    }

    /// Sends a request to be decided; `false` when the book is closed.
    pub(crate) async fn decide(&self, job: HostJob) -> bool {
        self.queue.send(Item::Call(job)).await.is_ok()
    }

    /// Sends a call of a wallet to be decided; `false` when the book is closed.
    pub(crate) async fn decide_wallet(&self, job: WalletJob) -> bool {
        self.queue.send(Item::Wallet(job)).await.is_ok()
    }

    /// Lets `work` use the book, between two batches.
    ///
    /// # Errors
    /// [`BookError::Closed`] when the thread has ended, and whatever `work` fails with.
    pub async fn with_book<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Book) -> Result<T, BookError> + Send + 'static,
    ) -> Result<T, BookError> {
        let (reply, result) = oneshot::channel();
        let task: Task = Box::new(move |book| {
            // A caller that has gone away needs no answer.
            let _ = reply.send(work(book));
        });
        self.queue.send(Item::Task(task)).await.map_err(|_| BookError::Closed)?;
        result.await.map_err(|_| BookError::Closed)?
    }
}

fn keep(mut book: impl Book, clock: &Clock, mut items: mpsc::Receiver<Item>) {
    let mut waiting = Vec::with_capacity(BATCH);
    while items.blocking_recv_many(&mut waiting, BATCH) > 0 {
        let (mut jobs, mut wallet_jobs) = (Vec::with_capacity(waiting.len()), Vec::new());
        let mut tasks = Vec::new();
        for item in waiting.drain(..) {
            match item {
                Item::Call(job) => jobs.push((job, None)),
                Item::Wallet(job) => wallet_jobs.push(job),
                Item::Task(task) => tasks.push(task),
            }
        }
        // The second round is for follow-ups, whose card is known only from their original.
        let later = settle(&mut book, clock, jobs);
        for (job, key) in settle(&mut book, clock, later) {
            tracing::error!(?key, "a request needs a record that cannot be found");
            job.reply.close();
        }
        wallet::settle(&mut book, clock, wallet_jobs);
        tasks.into_iter().for_each(|task| task(&mut book));
    }
}

/// A request, and the record it needs beside those it is known to need.
type Waiting = (HostJob, Option<RecordKey>);

/// Decides `jobs` in one transaction and answers them; those that need one more record come back.
fn settle(book: &mut dyn Book, clock: &Clock, jobs: Vec<Waiting>) -> Vec<Waiting> {
    if jobs.is_empty() {
        return jobs;
    }
    let mut keys = Vec::with_capacity(3 * jobs.len());
    for (job, more) in &jobs {
        job.call.keys(job.network, &mut keys);
        keys.extend(*more);
    }
    keys.sort_unstable();
    keys.dedup();
    let now = clock();
    let mut answers: Vec<Result<HostAnswer, Halt>> = Vec::with_capacity(jobs.len());
    let stored = book.transact(&keys, &mut |records| {
        answers.clear();
        let mut desk = Desk::new(records, now);
        let decide = |(job, _): &Waiting| desk.perform(job.network, &job.call, job.forced);
        answers.extend(jobs.iter().map(decide));
        desk.save();
    });
    if let Err(error) = stored {
        // Nothing may be answered: what was decided is not known to be stored.
        tracing::error!(%error, source = ?std::error::Error::source(&error), "requests are dropped");
        jobs.into_iter().for_each(|(job, _)| job.reply.close());
        return Vec::new();
    }
    let mut later = Vec::new();
    for ((job, _), answer) in jobs.into_iter().zip(answers) {
        match answer {
            Ok(answer) => job.reply.answer(answer),
            Err(Halt::Needs(key)) => later.push((job, Some(key))),
            Err(Halt::Broken(key)) => {
                tracing::error!(?key, "a record of the sandbox's book cannot be read");
                job.reply.close();
            }
        }
    }
    later
}
