//! The calls that wait for their answers, found by trace number without a search.

use std::time::Instant;

use tokio::sync::oneshot;

use super::link::CallError;
use super::request::CardAnswer;
use super::stamp::Stamp;
use super::wire::Expected;

/// Trace numbers are 1 to 999999 (field 11 has six digits).
const LAST_STAN: u32 = 999_999;

/// Where a call's result goes.
pub(super) type Reply = oneshot::Sender<Result<CardAnswer, CallError>>;

/// A call whose answer has not come.
pub(super) struct Waiting {
    /// Its trace number.
    pub(super) stan: u32,
    /// When it was stamped.
    pub(super) sent_at: Stamp,
    /// Where its request starts in the stream of bytes written.
    pub(super) start: u64,
    /// When it stops waiting.
    pub(super) deadline: Instant,
    /// What its answer must repeat.
    pub(super) expected: Expected,
    /// Where its result goes.
    pub(super) reply: Reply,
}

/// All calls in flight on one connection.
pub(super) struct InFlight {
    slots: Box<[Option<Waiting>]>,
    count: usize,
    limit: usize,
    last_stan: u32,
}

impl InFlight {
    /// Room for `limit` calls (at most half the trace numbers there are).
    pub(super) fn new(limit: usize) -> Self {
        let limit = limit.clamp(1, LAST_STAN as usize / 2);
        // Twice the room, so that a free slot is near while the numbers go round.
        let slots = std::iter::repeat_with(|| None).take(limit * 2).collect();
        Self { slots, count: 0, limit, last_stan: 0 }
    }

    /// Whether nothing waits.
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The trace number for one more call; `None` when there is no room for it.
    pub(super) fn next_stan(&mut self) -> Option<u32> {
        if self.count >= self.limit {
            return None;
        }
        loop {
            self.last_stan = if self.last_stan >= LAST_STAN { 1 } else { self.last_stan + 1 };
            if self.slots[self.place(self.last_stan)].is_none() {
                return Some(self.last_stan);
            }
        }
    }

    /// Lets a call wait under the number that [`InFlight::next_stan`] gave.
    pub(super) fn add(&mut self, waiting: Waiting) {
        let place = self.place(waiting.stan);
        self.slots[place] = Some(waiting);
        self.count += 1;
    }

    /// Takes out the call with this number and stamp, if it still waits.
    pub(super) fn take(&mut self, stan: u32, sent_at: Stamp) -> Option<Waiting> {
        let place = self.place(stan);
        let slot = &mut self.slots[place];
        let found = slot.take_if(|waiting| waiting.stan == stan && waiting.sent_at == sent_at);
        self.count -= usize::from(found.is_some());
        found
    }

    /// The calls whose time is over at `now`, still waiting.
    pub(super) fn overdue(&self, now: Instant) -> impl Iterator<Item = &Waiting> {
        self.slots.iter().flatten().filter(move |waiting| waiting.deadline <= now)
    }

    /// Takes out the calls whose time is over at `now`.
    pub(super) fn drain_overdue(&mut self, now: Instant) -> impl Iterator<Item = Waiting> {
        let count = &mut self.count;
        self.slots.iter_mut().filter_map(move |slot| {
            let waiting = slot.take_if(|waiting| waiting.deadline <= now)?;
            *count -= 1;
            Some(waiting)
        })
    }

    /// Takes out all calls.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Waiting> {
        self.count = 0;
        self.slots.iter_mut().filter_map(Option::take)
    }

    const fn place(&self, stan: u32) -> usize {
        stan as usize % self.slots.len()
    }
}
