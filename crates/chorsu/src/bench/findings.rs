//! What a scenario finds out beside rates and latencies of its requests.

use anyhow::Result;
use hdrhistogram::Histogram;
use serde_json::Value;

use super::recording::new_histogram;

/// Further latencies, in microseconds.
#[derive(Debug)]
pub(super) struct FoundLatency {
    /// The row of the table.
    pub(super) name: &'static str,
    /// The key of the JSON.
    pub(super) key: &'static str,
    /// One value for each payment, order and so on.
    pub(super) latency_us: Histogram<u64>,
}

/// A further number.
#[derive(Debug)]
pub(super) struct Figure {
    /// The line of the table.
    pub(super) name: &'static str,
    /// The key of the JSON, with the unit in it.
    pub(super) key: &'static str,
    /// The number.
    pub(super) value: Value,
    /// What it counts, for the table.
    pub(super) unit: &'static str,
}

/// Everything that was found, in the order in which it is shown.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) latencies: Vec<FoundLatency>,
    pub(super) figures: Vec<Figure>,
}

impl Findings {
    /// Adds a number.
    pub(super) fn figure(
        &mut self,
        name: &'static str,
        key: &'static str,
        value: impl Into<Value>,
        unit: &'static str,
    ) {
        self.figures.push(Figure { name, key, value: value.into(), unit });
    }

    /// Adds latencies in microseconds.
    ///
    /// # Errors
    /// Never with the bounds of a histogram here.
    pub(super) fn latency(
        &mut self,
        name: &'static str,
        key: &'static str,
        micros: impl Iterator<Item = u64>,
    ) -> Result<()> {
        let mut latency_us = new_histogram()?;
        for micros in micros {
            latency_us.saturating_record(micros.max(1));
        }
        self.latencies.push(FoundLatency { name, key, latency_us });
        Ok(())
    }
}
