//! Waiting until the orders of a load are settled, as far as the server's metrics tell.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use super::caller::Caller;

/// The counter of ended orders, by how they ended.
const COUNTER: &str = "chorsu_bank_orders_ended_total{end=\"";
/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(100);
/// So long nothing may change before the waiting is given up.
const STANDSTILL: Duration = Duration::from_secs(60);
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Orders that have ended since the server was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) posted: u64,
    pub(super) deleted: u64,
}

impl Ended {
    /// What the server's metrics say; `None` when it has none.
    ///
    /// # Errors
    /// The server is not reached.
    pub(super) async fn ask(caller: &mut Caller) -> Result<Option<Self>> {
        let text = caller.text("/metrics").await?;
        text.map(|text| Self::read(&text)).transpose()
    }

    /// Reads the metrics; a counter that is not there is zero, as it is before its first order.
    fn read(text: &str) -> Result<Self> {
        let mut ended = Self::default();
        for line in text.lines().filter_map(|line| line.strip_prefix(COUNTER)) {
            let (end, value) = line.split_once("\"} ").context("a counter without its value")?;
            let value = value.trim().parse().context("a counter that is no number")?;
            match end {
                "posted" => ended.posted = value,
                _ => ended.deleted += value,
            }
        }
        Ok(ended)
    }

    /// What has ended since `before`.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            posted: self.posted.saturating_sub(before.posted),
            deleted: self.deleted.saturating_sub(before.deleted),
        }
    }

    /// All of them.
    pub(super) fn all(self) -> u64 {
        self.posted + self.deleted
    }
}

/// How the settling went on after the load.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settled {
    /// What had ended when the load ended.
    pub(super) at_end_of_load: Ended,
    /// What has ended in all.
    pub(super) ended: Ended,
    /// How long that took after the load.
    pub(super) took: Duration,
}

/// Waits until `orders` have ended since `before`, or until nothing has happened for a minute.
/// `None` when the server has no metrics.
///
/// # Errors
/// The server is not reached.
pub(super) async fn wait(
    caller: &mut Caller,
    before: Ended,
    orders: u64,
) -> Result<Option<Settled>> {
    let start = Instant::now();
    let Some(now) = Ended::ask(caller).await? else { return Ok(None) };
    let at_end_of_load = now.since(before);
    let display = Display::new(orders);
    let (mut ended, mut moved_at) = (at_end_of_load, start);
    while ended.all() < orders && moved_at.elapsed() < STANDSTILL {
        tokio::time::sleep(EVERY).await;
        let now = Ended::ask(caller).await?.context("the metrics have gone away")?.since(before);
        if now != ended {
            (ended, moved_at) = (now, Instant::now());
        }
        display.show(ended.all());
    }
    display.bar.finish_and_clear();
    Ok(Some(Settled { at_end_of_load, ended, took: moved_at - start }))
}

/// Says how far it is: a bar where a person watches, otherwise a line every few seconds.
struct Display {
    bar: ProgressBar,
    orders: u64,
    said: std::cell::Cell<Instant>,
}

impl Display {
    fn new(orders: u64) -> Self {
        let bar = ProgressBar::new(orders);
        if let Ok(style) = ProgressStyle::with_template("settling  [{bar:30}] {pos}/{len} orders") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, orders, said: std::cell::Cell::new(Instant::now()) }
    }

    fn show(&self, ended: u64) {
        if std::io::stderr().is_terminal() {
            self.bar.set_position(ended.min(self.orders));
        } else if self.said.get().elapsed() >= LINE_INTERVAL {
            self.said.set(Instant::now());
            eprintln!("settling: {ended} of {} orders", self.orders);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ended_orders_are_counted_by_how_they_ended() {
        let text = "# TYPE chorsu_bank_orders_ended counter\n\
                    chorsu_bank_orders_ended_total{end=\"posted\"} 1200\n\
                    chorsu_bank_orders_ended_total{end=\"deleted\"} 3\n\
                    chorsu_lane_batches_total{lane=\"0\"} 7\n";
        let ended = Ended::read(text).unwrap();
        assert_eq!(ended, Ended { posted: 1200, deleted: 3 });
        assert_eq!(ended.since(Ended { posted: 1000, deleted: 3 }).all(), 200);
        assert_eq!(Ended::read("").unwrap(), Ended::default());
        assert!(Ended::read("chorsu_bank_orders_ended_total{end=\"posted\"} many\n").is_err());
    }
}
