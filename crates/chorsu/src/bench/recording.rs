//! What one connection has seen, and how the connections' records become one.
//! It measures nothing itself.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context, Result};
use hdrhistogram::Histogram;

/// The range and the precision of a latency: 1 µs to 5 minutes, three significant digits.
const LATENCY_US_MAX: u64 = 300_000_000;
const LATENCY_DIGITS: u8 = 3;
/// How many different error messages are kept; the others are only counted.
const MESSAGES_MAX: usize = 8;

/// The record of one kind of request.
#[derive(Clone, Debug)]
pub(super) struct KindRecording {
    /// The right answers that came within the measured time; the rates are made of these.
    pub(super) completed: u64,
    /// Microseconds, for every right answer since the measured time began: those to requests
    /// still in flight at its end are waited for, so that the slowest are not left out.
    pub(super) latency_us: Histogram<u64>,
}

/// The latency of one request, kept beside the others for what is asked about it after the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// What the scenario knows the request by.
    pub(super) id: u64,
    /// Its latency.
    pub(super) latency_us: u32,
}

/// The record of one connection, or, merged, of all of them.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    /// In the order of the scenario's kinds.
    pub(super) kinds: Vec<KindRecording>,
    /// Requests without the right answer, those of the warm-up too.
    pub(super) errors: u64,
    /// The first different messages, each with how often it came.
    pub(super) messages: Vec<(String, u64)>,
    /// Connections that had to be opened anew.
    pub(super) reconnects: u64,
    /// Single latencies, the newest ones of each connection.
    pub(super) samples: VecDeque<Sample>,
}

impl Recording {
    /// An empty record with `kinds` kinds of requests.
    ///
    /// # Errors
    /// Never with the bounds above, which are what the histogram checks.
    pub(super) fn new(kinds: usize) -> Result<Self> {
        let latency_us = new_histogram()?;
        let kinds = vec![KindRecording { completed: 0, latency_us }; kinds];
        Ok(Self { kinds, errors: 0, messages: Vec::new(), reconnects: 0, samples: VecDeque::new() })
    }

    /// Counts a request without the right answer.
    pub(super) fn error(&mut self, message: String) {
        self.errors_of(message, 1);
    }

    /// Counts `count` requests without the right answer, for one reason.
    pub(super) fn errors_of(&mut self, message: String, count: u64) {
        if count > 0 {
            self.errors += count;
            self.add_message(message, count);
        }
    }

    /// Keeps a latency by itself; of more than `most` the oldest one goes.
    pub(super) fn sample(&mut self, sample: Sample, most: usize) {
        if self.samples.len() >= most {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    /// Adds what another connection has seen.
    ///
    /// # Errors
    /// The histograms do not fit together, which equal bounds rule out.
    pub(super) fn merge(&mut self, other: Self) -> Result<()> {
        assert!(self.kinds.len() == other.kinds.len(), "records of one scenario have one shape");
        for (kind, added) in self.kinds.iter_mut().zip(other.kinds) {
            kind.completed += added.completed;
            kind.latency_us.add(added.latency_us).context("cannot add up the latencies")?;
        }
        self.errors += other.errors;
        self.reconnects += other.reconnects;
        self.samples.extend(other.samples);
        for (message, count) in other.messages {
            self.add_message(message, count);
        }
        Ok(())
    }

    /// The latencies of all kinds together, in microseconds.
    ///
    /// # Errors
    /// As in [`Recording::merge`].
    pub(super) fn latency_us_all(&self) -> Result<Histogram<u64>> {
        let mut all = new_histogram()?;
        for kind in &self.kinds {
            all.add(&kind.latency_us).context("cannot add up the latencies")?;
        }
        Ok(all)
    }

    fn add_message(&mut self, message: String, count: u64) {
        if let Some(known) = self.messages.iter_mut().find(|(text, _)| *text == message) {
            known.1 += count;
        } else if self.messages.len() < MESSAGES_MAX {
            self.messages.push((message, count));
        }
    }
}

impl KindRecording {
    /// Records the latency of a right answer.
    pub(super) fn record(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(LATENCY_US_MAX);
        self.latency_us.saturating_record(micros.max(1));
    }
}

/// An empty histogram of latencies in microseconds.
///
/// # Errors
/// Never with the bounds above.
pub(super) fn new_histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, LATENCY_US_MAX, LATENCY_DIGITS)
        .context("cannot set up a latency histogram")
}
