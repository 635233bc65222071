//! The scenario `statement`: every connection asks for pages of a service's statement. Of each
//! three, one begins at another place among the rows that are stored, one is of a day in the middle,
//! and one of what came in from the middle on. Bank API: `POST /api/v2/account/payments`; a page
//! with fewer rows than it must have is an error.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use serde_json::json;

use super::answer::AnswerError;
use super::answer_bank::{self, Row};
use super::bank_partner::{Login, Only, Partner, STATEMENT};
use super::findings::Findings;
use super::link::{Call, Interrupted, Link};
use super::load::{Scenario, Worker};
use super::recording::Recording;
use super::target::{RequestHead, Target};

/// A place beyond every row.
const NOWHERE: i64 = 1 << 40;

/// The scenario after its set-up.
pub(super) struct StatementScenario {
    partner: Arc<Partner>,
    head: RequestHead,
    /// Rows of a whole page.
    page_rows: usize,
    /// How many rows there are.
    last_row: i64,
    ids: Ids,
    /// Pages of one day and of one direction, and how many rows they have.
    narrow: Arc<[(Bytes, usize)]>,
}

/// The ids of a statement's rows, which rise by the same step.
#[derive(Clone, Copy)]
struct Ids {
    first: i64,
    step: i64,
}

impl Ids {
    /// Those of a page that begins with the first row.
    fn of(page: &[Row]) -> Self {
        let first = page.first().map_or(1, |row| row.id);
        let step = page.get(1).map_or(1, |second| second.id - first);
        Self { first, step: step.max(1) }
    }

    /// The place of a row, counted from 1.
    const fn place(self, id: i64) -> i64 {
        (id - self.first) / self.step + 1
    }

    /// What to go on from in order to begin after the row at this place; 0 is before the first.
    const fn after(self, place: i64) -> i64 {
        if place == 0 { 0 } else { self.first + (place - 1) * self.step }
    }
}

impl StatementScenario {
    /// Logs in and finds out how many rows there are.
    ///
    /// # Errors
    /// The server is not reached, does not let the partner in, or has no row.
    pub(super) async fn prepare(target: &Arc<Target>, login: Login<'_>) -> Result<Self> {
        let (partner, _) = Partner::enter(target, login).await?;
        let mut caller = partner.caller();
        let first = partner.page(&mut caller, 0, Only::Everything).await?;
        if first.is_empty() {
            bail!(
                "service {} has no rows\n\n\
                 Hint: `chorsu bench --scenario orders` makes some",
                login.service
            );
        }
        if !first.is_sorted_by(|a, b| a.id < b.id) {
            bail!("the rows of a page do not rise");
        }
        let page_rows = first.len();
        // Rows are numbered without gaps, so the last one is found by halving.
        let ids = Ids::of(&first);
        let (mut there, mut beyond) = (first.last().map_or(0, |last| ids.place(last.id)), NOWHERE);
        let mut step = 1;
        while there + 1 < beyond {
            let middle =
                if beyond == NOWHERE { there + step } else { there + (beyond - there) / 2 };
            step *= 2;
            let after = ids.after(middle - 1);
            match partner.page(&mut caller, after, Only::Everything).await?.last() {
                Some(last) => there = there.max(ids.place(last.id)),
                None => beyond = middle,
            }
        }
        let middle = ids.after(there / 2);
        let there_on = partner.page(&mut caller, middle, Only::Everything).await?;
        let day = &there_on.first().context("the rows in the middle have gone")?.day;
        let mut narrow = Vec::new();
        for (after, only) in [(0, Only::Day(day)), (middle, Only::Incoming)] {
            let rows = partner.page(&mut caller, after, only).await?.len();
            narrow.push((Bytes::from(partner.page_request(after, only)), rows));
        }
        let head = target.post(STATEMENT, &partner.headers);
        let (partner, narrow) = (Arc::new(partner), narrow.into());
        Ok(Self { partner, head, page_rows, last_row: there, ids, narrow })
    }
}

impl Scenario for StatementScenario {
    const KINDS: &'static [&'static str] = &["whole page", "one day", "what came in"];
    const OPERATION: (&'static str, usize) = ("pages", 0);
    type Worker = StatementWorker;

    fn worker(&self, connection: usize) -> StatementWorker {
        let page_rows = i64::try_from(self.page_rows).unwrap_or(i64::MAX);
        StatementWorker {
            partner: Arc::clone(&self.partner),
            head: self.head.clone(),
            page_rows: self.page_rows,
            ids: self.ids,
            starts: u64::try_from(self.last_row - page_rows).unwrap_or(0) + 1,
            narrow: Arc::clone(&self.narrow),
            place: Places(0x9e37_79b9_7f4a_7c15 ^ (connection as u64 + 1)),
        }
    }

    async fn finish(&self, _recording: &mut Recording, _answers: u64) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.figure("page", "rows_per_page", json!(self.page_rows), "rows");
        findings.figure("stored", "rows_stored", json!(self.last_row), "rows before the load");
        Ok(findings)
    }
}

/// One reader of the statement.
pub(super) struct StatementWorker {
    partner: Arc<Partner>,
    head: RequestHead,
    page_rows: usize,
    ids: Ids,
    /// How many places there are at which a whole page begins.
    starts: u64,
    narrow: Arc<[(Bytes, usize)]>,
    place: Places,
}

impl Worker for StatementWorker {
    async fn turn(&mut self, link: &mut Link) -> Result<(), Interrupted> {
        let place = i64::try_from(self.place.next_below(self.starts)).unwrap_or(0);
        let whole = self.partner.page_request(self.ids.after(place), Only::Everything);
        let whole = (Bytes::from(whole), self.page_rows);
        for (kind, (body, wanted)) in [&whole].into_iter().chain(&*self.narrow).enumerate() {
            let call = Call { kind, head: &self.head, body: body.clone() };
            link.call(call, |answer| match answer_bank::rows(answer)? {
                found if found == *wanted => Ok(()),
                found => Err(AnswerError::Rows { found, wanted: *wanted }),
            })
            .await?;
        }
        Ok(())
    }
}

/// Places spread over all rows, the same in every run: xorshift64.
struct Places(u64);

impl Places {
    fn next_below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}
