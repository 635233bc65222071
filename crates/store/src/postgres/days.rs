//! Sums by day and pages of statements on PostgreSQL; what is counted when, [`crate::days`] says.
//! A mark moves from where it was seen, or not at all: of two who count at once one counts.

use chorsu_core::bank::Direction;
use chorsu_core::order::StatementLine;
use chorsu_core::time::DAY_MS;
use chorsu_core::{Account, KassaId, ServiceId};
use tokio_postgres::{Client, Statement};

use super::document::line;
use super::read::{Parameters, Readers};
use crate::days::{CHUNK, CHUNKS_MAX, LAG_MAX, Page, Place, Span, TASHKENT_MS};
use crate::error::{PostgresFailure, StoreError};
use crate::range::{StatementRange, StatementSums};

/// Counts entries of the lane that is the furthest behind, and says how many; no row when none is
/// behind.
const COUNT_ENTRIES: &str = "WITH span AS ( \
         SELECT lane.lane, coalesce(mark.seq, 0) AS low, \
         least(lane.seq, coalesce(mark.seq, 0) + $1) AS high \
         FROM lane LEFT JOIN balance_mark AS mark ON mark.lane = lane.lane \
         WHERE lane.seq > coalesce(mark.seq, 0) + $2 \
         ORDER BY lane.seq - coalesce(mark.seq, 0) DESC LIMIT 1), \
     moved AS (INSERT INTO balance_mark (lane, seq) SELECT lane, high FROM span \
         ON CONFLICT (lane) DO UPDATE SET seq = excluded.seq \
         WHERE balance_mark.seq = (SELECT low FROM span) RETURNING lane), \
     added AS (INSERT INTO balance_day (account, day, amount) \
         SELECT posting.account, (posting.at + $3) / $4, sum(posting.amount)::bigint \
         FROM posting JOIN moved ON moved.lane = posting.lane \
         WHERE posting.lane = (SELECT lane FROM span) AND posting.seq > (SELECT low FROM span) \
         AND posting.seq <= (SELECT high FROM span) AND posting.account LIKE 'merchant:%' \
         GROUP BY 1, 2 ORDER BY 1, 2 \
         ON CONFLICT (account, day) DO UPDATE SET amount = balance_day.amount + excluded.amount) \
     SELECT high - low FROM span";

const MERCHANT_NET: &str = "SELECT ((SELECT coalesce(sum(amount), 0) FROM balance_day \
         WHERE account = $1 AND day < $2) + \
         (SELECT coalesce(sum(posting.amount), 0) FROM lane \
         LEFT JOIN balance_mark AS mark ON mark.lane = lane.lane \
         JOIN posting ON posting.lane = lane.lane AND posting.seq > coalesce(mark.seq, 0) \
         WHERE posting.account = $1 AND posting.at < $2 * $4 - $3))::bigint";

/// Counts lines of a service; no row when it is not behind.
const COUNT_LINES: &str = "WITH span AS ( \
         SELECT service.id AS service_id, coalesce(mark.last_id, 0) AS low, \
         least(service.last_line, coalesce(mark.last_id, 0) + $2) AS high \
         FROM bank_service AS service \
         LEFT JOIN statement_mark AS mark ON mark.service_id = service.id \
         WHERE service.id = $1 AND service.last_line > coalesce(mark.last_id, 0) + $3), \
     moved AS (INSERT INTO statement_mark (service_id, last_id) SELECT service_id, high FROM span \
         ON CONFLICT (service_id) DO UPDATE SET last_id = excluded.last_id \
         WHERE statement_mark.last_id = (SELECT low FROM span) RETURNING service_id), \
     added AS (INSERT INTO statement_day \
         (service_id, bank_day, direction, lines, amount, first_id, last_id) \
         SELECT line.service_id, line.bank_day, line.direction, count(*), \
         sum(line.amount)::bigint, min(line.id), max(line.id) \
         FROM statement_line AS line JOIN moved ON moved.service_id = line.service_id \
         WHERE line.service_id = $1 AND line.id > (SELECT low FROM span) \
         AND line.id <= (SELECT high FROM span) \
         GROUP BY line.service_id, line.bank_day, line.direction ORDER BY 2, 3 \
         ON CONFLICT (service_id, bank_day, direction) DO UPDATE SET \
         lines = statement_day.lines + excluded.lines, \
         amount = statement_day.amount + excluded.amount, last_id = excluded.last_id) \
     SELECT high - low FROM span";

/// How far a statement reaches and was counted, and where the counted lines of some days are.
const SPAN: &str = "SELECT coalesce((SELECT last_line FROM bank_service WHERE id = $1), 0), \
         coalesce((SELECT last_id FROM statement_mark WHERE service_id = $1), 0), \
         min(first_id), max(last_id) FROM statement_day WHERE service_id = $1 \
         AND bank_day BETWEEN $2 AND $3 AND ($4::smallint IS NULL OR direction = $4)";

/// Lines of this direction. There are two readings, because only that of what came in may use the
/// index of income.
fn lines(of_direction: &str) -> String {
    format!(
        "SELECT service_id, id, direction, document_id, at, bank_day, amount, number, parties \
         FROM statement_line WHERE service_id = $1 AND id > $2 AND id <= $3 \
         AND bank_day BETWEEN $4 AND $5 AND {of_direction} ORDER BY id LIMIT $6"
    )
}

/// Lines that were counted and came after the last one are taken away again.
const SUMS: &str = "WITH mark AS (SELECT \
         coalesce((SELECT last_id FROM statement_mark WHERE service_id = $1), 0) AS at) \
     SELECT direction, sum(amount)::bigint FROM ( \
         SELECT direction, amount FROM statement_day WHERE service_id = $1 AND bank_day < $2 \
         UNION ALL SELECT direction, CASE WHEN id > $3 THEN -amount ELSE amount END \
         FROM statement_line WHERE service_id = $1 AND bank_day < $2 \
         AND id > least($3, (SELECT at FROM mark)) AND id <= greatest($3, (SELECT at FROM mark)) \
     ) AS line GROUP BY direction";

/// The prepared questions about days.
pub(super) struct DayQuestions {
    count_entries: Statement,
    merchant_net: Statement,
    count_lines: Statement,
    span: Statement,
    lines: Statement,
    income: Statement,
    sums: Statement,
}

impl DayQuestions {
    /// Prepares all of them.
    ///
    /// # Errors
    /// When the connection breaks or the schema is not ours.
    pub(super) async fn prepare(client: &Client) -> Result<Self, StoreError> {
        Ok(Self {
            count_entries: client.prepare(COUNT_ENTRIES).await?,
            merchant_net: client.prepare(MERCHANT_NET).await?,
            count_lines: client.prepare(COUNT_LINES).await?,
            span: client.prepare(SPAN).await?,
            lines: client.prepare(&lines("($7::smallint IS NULL OR direction = $7)")).await?,
            income: client.prepare(&lines("direction = 1")).await?,
            sums: client.prepare(SUMS).await?,
        })
    }
}

impl Readers {
    pub(crate) async fn merchant_net(
        &self,
        merchant: KassaId,
        day: i64,
    ) -> Result<i64, StoreError> {
        for _ in 0..CHUNKS_MAX {
            let parameters: Parameters<'_> = &[&CHUNK, &LAG_MAX, &TASHKENT_MS, &DAY_MS];
            if self.ask(|reader| &reader.days.count_entries, parameters).await?.is_empty() {
                break;
            }
        }
        let account = Account::Merchant(merchant).to_string();
        let parameters: Parameters<'_> = &[&account, &day, &TASHKENT_MS, &DAY_MS];
        let found = self.ask(|reader| &reader.days.merchant_net, parameters).await?;
        let row = found.first().ok_or_else(|| PostgresFailure::new("a sum has no row"))?;
        Ok(row.try_get(0)?)
    }

    async fn count_lines(&self, service: ServiceId) -> Result<(), StoreError> {
        for _ in 0..CHUNKS_MAX {
            let parameters: Parameters<'_> = &[&i64::from(service.0), &CHUNK, &LAG_MAX];
            if self.ask(|reader| &reader.days.count_lines, parameters).await?.is_empty() {
                break;
            }
        }
        Ok(())
    }

    pub(crate) async fn statement_line(
        &self,
        service: ServiceId,
        id: i64,
    ) -> Result<Option<StatementLine>, StoreError> {
        let range = StatementRange::of_line(service, id);
        Ok(self.lines_of(&range, id).await?.pop())
    }

    pub(crate) async fn statement_sums(
        &self,
        service: ServiceId,
        last: i64,
        day: i64,
    ) -> Result<StatementSums, StoreError> {
        self.count_lines(service).await?;
        let parameters: Parameters<'_> = &[&i64::from(service.0), &day, &last];
        let mut sums = StatementSums::default();
        for row in self.ask(|reader| &reader.days.sums, parameters).await? {
            match Direction::from_number(row.try_get(0)?) {
                Some(Direction::Incoming) => sums.incoming = row.try_get(1)?,
                Some(Direction::Outgoing) => sums.outgoing = row.try_get(1)?,
                None => return Err(StoreError::Corrupt("statement")),
            }
        }
        Ok(sums)
    }

    pub(crate) async fn statement(
        &self,
        range: StatementRange,
    ) -> Result<Vec<StatementLine>, StoreError> {
        let mut page = Page::new(range);
        let look = page.look();
        self.read_at(&mut page, look).await?;
        if page.is_full() {
            return Ok(page.into_lines());
        }
        let mut days = self.span(&range).await?;
        if days.was_seen(&page) {
            return Ok(page.into_lines());
        }
        if !days.is_counted() {
            self.count_lines(range.service).await?;
            days = self.span(&range).await?;
        }
        for place in days.places() {
            self.read_at(&mut page, place).await?;
        }
        Ok(page.into_lines())
    }

    async fn span(&self, range: &StatementRange) -> Result<Span, StoreError> {
        let service = i64::from(range.service.0);
        let direction = range.direction.map(Direction::number);
        let parameters: Parameters<'_> = &[&service, &range.from_day, &range.to_day, &direction];
        let found = self.ask(|reader| &reader.days.span, parameters).await?;
        let row = found.first().ok_or_else(|| PostgresFailure::new("a span has no row"))?;
        let lines = row.try_get::<_, Option<i64>>(2)?.zip(row.try_get(3)?);
        Ok(Span { end: row.try_get(0)?, mark: row.try_get(1)?, lines })
    }

    /// Adds to a page what it lacks and a place has.
    async fn read_at(&self, page: &mut Page, place: Place) -> Result<(), StoreError> {
        if let Some(range) = page.wanted(place) {
            page.add(self.lines_of(&range, place.1).await?);
        }
        Ok(())
    }

    /// Lines up to and with the last number.
    async fn lines_of(
        &self,
        range: &StatementRange,
        last: i64,
    ) -> Result<Vec<StatementLine>, StoreError> {
        let all: Parameters<'_> = &[
            &i64::from(range.service.0),
            &range.after,
            &last,
            &range.from_day,
            &range.to_day,
            &i64::from(range.limit),
            &range.direction.map(Direction::number),
        ];
        let found = match range.direction {
            Some(Direction::Incoming) => self.ask(|reader| &reader.days.income, &all[..6]).await?,
            _ => self.ask(|reader| &reader.days.lines, all).await?,
        };
        found.iter().map(line).collect()
    }
}
