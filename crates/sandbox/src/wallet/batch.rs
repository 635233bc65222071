//! Calls decided in batches: whatever waits at the keeper, in one transaction.

use chorsu_core::Wallet;
use tokio::sync::oneshot;

use super::call::{Answer, Call};
use super::desk::Desk;
use crate::bank::Halt;
use crate::book::{Book, RecordKey};
use crate::clock::Clock;

/// A call with the way back to its connection, which is closed when this is dropped unanswered.
pub(crate) struct WalletJob {
    pub(super) wallet: Wallet,
    pub(super) call: Call,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// A call, and the record it needs beside those it is known to need.
type Waiting = (WalletJob, Option<RecordKey>);

/// Decides `jobs` and answers them.
pub(crate) fn settle(book: &mut dyn Book, clock: &Clock, jobs: Vec<WalletJob>) {
    let jobs = jobs.into_iter().map(|job| (job, None)).collect();
    // The second round is for those who know a payment by their own reference only.
    let later = settle_once(book, clock, jobs);
    for (_, key) in settle_once(book, clock, later) {
        tracing::error!(?key, "a call to a wallet needs a record that cannot be found");
    }
}

/// Decides `jobs` in one transaction; those that need one more record come back.
fn settle_once(book: &mut dyn Book, clock: &Clock, jobs: Vec<Waiting>) -> Vec<Waiting> {
    if jobs.is_empty() {
        return jobs;
    }
    let mut keys = Vec::with_capacity(5 * jobs.len());
    for (job, more) in &jobs {
        job.call.keys(job.wallet, &mut keys);
        keys.extend(*more);
    }
    keys.sort_unstable();
    keys.dedup();
    let now = clock();
    let mut answers: Vec<Result<Answer, Halt>> = Vec::with_capacity(jobs.len());
    let stored = book.transact(&keys, &mut |records| {
        answers.clear();
        let mut desk = Desk::new(records, now);
        answers.extend(jobs.iter().map(|(job, _)| desk.perform(job.wallet, &job.call)));
        desk.save();
    });
    if let Err(error) = stored {
        // Nothing may be answered: what was decided is not known to be stored.
        tracing::error!(%error, source = ?std::error::Error::source(&error), "calls are dropped");
        return Vec::new();
    }
    let mut later = Vec::new();
    for ((job, _), answer) in jobs.into_iter().zip(answers) {
        match answer {
            Ok(answer) => {
                // A connection that is gone needs no answer.
                let _ = job.reply.send(answer);
            }
            Err(Halt::Needs(key)) => later.push((job, Some(key))),
            Err(Halt::Broken(key)) => {
                tracing::error!(?key, "a record of a wallet's book cannot be read");
            }
        }
    }
    later
}
