//! A service's statement as a file: its lines read in pages, its balances computed from its lines.

use std::io::Write;

use chorsu_core::bank::{BankDay, Direction, Receiver};
use chorsu_core::order::StatementLine;
use chorsu_core::{BankService, Document, Tiyin, UnixMillis};
use chorsu_files::{
    Day, Direction as Way, ExportError, Line, Party, Statement, StatementFile, StatementFormat,
};
use chorsu_store::{StatementRange, StatementSums, Store, StoreError};
use tokio::sync::mpsc;

use crate::bank::parties::{Parties, Side};
use crate::bank::requisites;

/// Lines that are read at once.
const PAGE: u32 = 1_000;

/// Why a statement was not written to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StatementError {
    /// The store failed.
    #[error("the statement could not be read")]
    Store(#[from] StoreError),
    /// The file could not be written.
    #[error("the file could not be written")]
    File(#[from] ExportError),
    /// A stored day or sum is beyond what a file can say.
    #[error("the statement has a day or a sum that no file can hold")]
    Range,
    /// The other side of the work ended first.
    #[error("the statement broke off")]
    BrokeOff,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The service, with the number of its last line: later lines are left out.
    pub(crate) service: BankService,
    /// The first bank day.
    pub(crate) from: BankDay,
    /// The last bank day, itself included.
    pub(crate) to: BankDay,
    /// The format.
    pub(crate) format: StatementFormat,
    /// When the file is made.
    pub(crate) created_at: UnixMillis,
}

/// Pages of lines that wait to be written.
const PAGES: usize = 2;

/// What a reader gives to a writer.
enum Piece {
    Lines(Vec<Line>),
    End,
}

/// Reads a statement, in a task of the runtime.
pub(crate) struct Reader<'a> {
    store: &'a Store,
    wanted: &'a Wanted,
}

/// Writes a statement, on a thread that may wait.
pub(crate) struct Writer {
    format: StatementFormat,
    head: Statement,
    pieces: mpsc::Receiver<Piece>,
}

/// The way from a reader to its writer. Dropped before its end, it tells the writer so.
pub(crate) struct Lines(mpsc::Sender<Piece>);

impl<'a> Reader<'a> {
    /// Reads what stands above the lines, which is one look at the lines of the days.
    ///
    /// The opening balance is the sum of all lines before the first day, so the file agrees with
    /// every other statement of the service.
    ///
    /// # Errors
    /// When the store fails, or a sum is beyond what a file can say.
    pub(crate) async fn open(
        store: &'a Store,
        wanted: &'a Wanted,
    ) -> Result<(Self, Writer, Lines), StatementError> {
        let reader = Self { store, wanted };
        let first = i64::from(wanted.from.number());
        let BankService { id, last_line, .. } = wanted.service;
        let before = Sums::from(store.statement_sums(id, last_line, first).await?);
        let within = reader.sums(reader.days()).await?;
        let head = head(wanted, before, within).ok_or(StatementError::Range)?;
        let (sender, pieces) = mpsc::channel(PAGES);
        let writer = Writer { format: wanted.format, head, pieces };
        Ok((reader, writer, Lines(sender)))
    }

    /// Gives every line to the writer.
    ///
    /// # Errors
    /// When the store fails, a day is beyond what a file can say, or the writer is gone.
    pub(crate) async fn read(&self, lines: Lines) -> Result<(), StatementError> {
        let mut after = 0;
        while let Some(page) = self.page(self.days(), &mut after).await? {
            let mut shown_lines = Vec::with_capacity(page.len());
            for line in &page {
                let parties = Parties::from_json(&line.parties).unwrap_or_default();
                let facts = match line.direction {
                    Direction::Outgoing if !parties.is_aside => self.order(line).await?,
                    Direction::Outgoing | Direction::Incoming => OrderFacts::default(),
                };
                shown_lines.push(shown(line, parties, facts).ok_or(StatementError::Range)?);
            }
            send(&lines, Piece::Lines(shown_lines)).await?;
        }
        send(&lines, Piece::End).await
    }

    fn days(&self) -> (i64, i64) {
        (i64::from(self.wanted.from.number()), i64::from(self.wanted.to.number()))
    }

    /// The next lines of a range of days, up to the last line that counts.
    async fn page(
        &self,
        (from_day, to_day): (i64, i64),
        after: &mut i64,
    ) -> Result<Option<Vec<StatementLine>>, StoreError> {
        let BankService { id: service, last_line, .. } = self.wanted.service;
        if *after >= last_line {
            return Ok(None);
        }
        let direction = None;
        let (after_line, limit) = (*after, PAGE);
        let range =
            StatementRange { service, after: after_line, from_day, to_day, direction, limit };
        let mut page = self.store.statement(range).await?;
        let Some(last) = page.last() else { return Ok(None) };
        *after = last.id;
        page.retain(|line| line.id <= last_line);
        Ok(Some(page))
    }

    async fn sums(&self, days: (i64, i64)) -> Result<Sums, StoreError> {
        let (mut sums, mut after) = (Sums::default(), 0);
        while let Some(page) = self.page(days, &mut after).await? {
            page.iter().for_each(|line| sums.add(line));
        }
        Ok(sums)
    }

    /// What of an order its line does not say.
    async fn order(&self, line: &StatementLine) -> Result<OrderFacts, StoreError> {
        let found = self.store.document(line.document).await?;
        let Some(Document::Order(order)) = found else { return Ok(OrderFacts::default()) };
        let said = requisites::from_json(&order.requisites);
        let purpose_code = said.and_then(|said| match said.receiver {
            Receiver::Budget { code, .. } => Some(code.as_str().to_owned()),
            Receiver::Ordinary { .. } => None,
        });
        Ok(OrderFacts {
            order_key: Some(order.order_key.to_string()),
            doc_id: Some(order.doc_id.to_string()),
            purpose_code,
        })
    }
}

async fn send(lines: &Lines, piece: Piece) -> Result<(), StatementError> {
    lines.0.send(piece).await.map_err(|_| StatementError::BrokeOff)
}

impl Writer {
    /// Writes the file; it blocks, and must not be called on a thread of the runtime.
    ///
    /// # Errors
    /// When the file cannot be written or its lines broke off; what was written until then is no
    /// whole file.
    pub(crate) fn write<W: Write + Send>(mut self, out: W) -> Result<W, StatementError> {
        let mut file = StatementFile::begin(self.format, &self.head, out)?;
        loop {
            match self.pieces.blocking_recv() {
                Some(Piece::Lines(lines)) => {
                    for line in &lines {
                        file.line(line)?;
                    }
                }
                Some(Piece::End) => return Ok(file.finish()?),
                None => return Err(StatementError::BrokeOff),
            }
        }
    }
}

#[derive(Default)]
struct OrderFacts {
    order_key: Option<String>,
    doc_id: Option<String>,
    purpose_code: Option<String>,
}

/// Sums of lines, in tiyin.
#[derive(Clone, Copy, Default)]
struct Sums {
    incoming: i128,
    outgoing: i128,
}

impl From<StatementSums> for Sums {
    fn from(sums: StatementSums) -> Self {
        Self { incoming: sums.incoming.into(), outgoing: sums.outgoing.into() }
    }
}

impl Sums {
    fn add(&mut self, line: &StatementLine) {
        let side = match line.direction {
            Direction::Incoming => &mut self.incoming,
            Direction::Outgoing => &mut self.outgoing,
        };
        *side += i128::from(line.amount.get());
    }
}

fn head(wanted: &Wanted, before: Sums, within: Sums) -> Option<Statement> {
    let service = &wanted.service;
    let tiyin = |sum: i128| Tiyin::new(i64::try_from(sum).ok()?);
    let opening = before.incoming - before.outgoing;
    let closing = opening + within.incoming - within.outgoing;
    Some(Statement {
        account: service.account.to_string(),
        mfo: service.mfo.to_string(),
        owner_name: service.owner_name.to_string(),
        owner_inn: Some(service.inn.to_string()),
        from: day(i64::from(wanted.from.number()))?,
        to: day(i64::from(wanted.to.number()))?,
        created_at: wanted.created_at,
        opening_tiyin: i64::try_from(opening).ok()?,
        closing_tiyin: i64::try_from(closing).ok()?,
        incoming: tiyin(within.incoming)?,
        outgoing: tiyin(within.outgoing)?,
    })
}

fn day(number: i64) -> Option<Day> {
    Day::from_number(number)
}

fn shown(line: &StatementLine, parties: Parties<'_>, facts: OrderFacts) -> Option<Line> {
    Some(Line {
        id: line.shown_id(),
        number: line.number.to_string(),
        doc_time: line.at,
        bank_day: day(line.bank_day)?,
        direction: match line.direction {
            Direction::Incoming => Way::Incoming,
            Direction::Outgoing => Way::Outgoing,
        },
        amount: line.amount,
        payer: party(&parties.payer),
        receiver: party(&parties.receiver),
        purpose: parties.purpose.into_owned(),
        purpose_code: facts.purpose_code,
        order_key: facts.order_key,
        doc_id: facts.doc_id.or_else(|| parties.reference.map(std::borrow::Cow::into_owned)),
    })
}

fn party(side: &Side<'_>) -> Party {
    Party {
        mfo: side.mfo.to_string(),
        account: side.account.to_string(),
        name: side.name.to_string(),
        inn: (!side.inn.is_empty()).then(|| side.inn.to_string()),
    }
}

/// The days of a period as they are written, `YYYY-MM-DD`; `None` for other texts and for a period
/// that ends before it begins.
pub(crate) fn period(from: &str, to: &str) -> Option<(BankDay, BankDay)> {
    let (from, to) = (BankDay::parse(from)?, BankDay::parse(to)?);
    (from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_where_it_begins_or_later() {
        assert!(period("2026-11-20", "2026-11-20").is_some());
        for (from, to) in [("2026-11-21", "2026-11-20"), ("", "2026-11-20"), ("2026-11-20", "x")] {
            assert_eq!(period(from, to), None, "{from} {to}");
        }
    }
}
