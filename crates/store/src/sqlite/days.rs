//! Sums by day and pages of statements on SQLite; what is counted when, [`crate::days`] says.

use chorsu_core::bank::Direction;
use chorsu_core::order::StatementLine;
use chorsu_core::time::DAY_MS;
use chorsu_core::{Account, KassaId, ServiceId, UnixMillis};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::read::Readers;
use super::row::{document_id, millis, shared_text, tiyin};
use crate::days::{CHUNK, CHUNKS_MAX, LAG_MAX, Page, Place, Span, TASHKENT_MS};
use crate::error::StoreError;
use crate::range::{StatementRange, StatementSums};

impl Readers {
    pub(crate) async fn merchant_net(
        &self,
        merchant: KassaId,
        day: i64,
    ) -> Result<i64, StoreError> {
        self.run(move |connection| {
            count_while(|| count_entries(connection))?;
            let sql = "SELECT (SELECT coalesce(sum(amount), 0) FROM balance_day \
                 WHERE account = ?1 AND day < ?2) + (SELECT coalesce(sum(amount), 0) FROM posting \
                 WHERE seq > (SELECT coalesce(max(seq), 0) FROM balance_mark) \
                 AND account = ?1 AND at < ?3)";
            let account = Account::Merchant(merchant).to_string();
            let parameters = params![account, day, UnixMillis(day * DAY_MS - TASHKENT_MS).0];
            Ok(connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0))?)
        })
        .await
    }

    pub(crate) async fn statement_line(
        &self,
        service: ServiceId,
        id: i64,
    ) -> Result<Option<StatementLine>, StoreError> {
        let range = StatementRange::of_line(service, id);
        self.run(move |connection| Ok(lines_of(connection, &range, id)?.pop())).await
    }

    pub(crate) async fn statement_sums(
        &self,
        service: ServiceId,
        last: i64,
        day: i64,
    ) -> Result<StatementSums, StoreError> {
        self.run(move |connection| {
            count_while(|| count_lines(connection, service))?;
            // Lines that were counted and came after the last one are taken away again. It is one
            // statement, because somebody else may be counting.
            let sql = "WITH mark AS (SELECT \
                 coalesce((SELECT last_id FROM statement_mark WHERE service_id = ?1), 0) AS at) \
                 SELECT direction, sum(amount) FROM ( \
                 SELECT direction, amount FROM statement_day \
                 WHERE service_id = ?1 AND bank_day < ?2 UNION ALL \
                 SELECT direction, CASE WHEN id > ?3 THEN -amount ELSE amount END \
                 FROM statement_line WHERE service_id = ?1 AND bank_day < ?2 \
                 AND id > min(?3, (SELECT at FROM mark)) AND id <= max(?3, (SELECT at FROM mark)) \
                 ) GROUP BY direction";
            let mut sums = StatementSums::default();
            let mut query = connection.prepare_cached(sql)?;
            let mut found = query.query(params![service.0, day, last])?;
            while let Some(row) = found.next()? {
                match Direction::from_number(row.get(0)?) {
                    Some(Direction::Incoming) => sums.incoming = row.get(1)?,
                    Some(Direction::Outgoing) => sums.outgoing = row.get(1)?,
                    None => return Err(StoreError::Corrupt("statement")),
                }
            }
            Ok(sums)
        })
        .await
    }
}

/// Counts until there is little left to count, or for long enough.
fn count_while(mut count: impl FnMut() -> Result<bool, StoreError>) -> Result<(), StoreError> {
    for _ in 0..CHUNKS_MAX {
        if !count()? {
            break;
        }
    }
    Ok(())
}

/// Counts some entries; whether there may be more.
fn count_entries(connection: &mut Connection) -> Result<bool, StoreError> {
    let ends = "SELECT coalesce((SELECT seq FROM balance_mark), 0), \
         coalesce((SELECT seq FROM lane), 0)";
    let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let (mark, last) = connection.prepare_cached(ends)?.query_row([], read)?;
    if last - mark <= LAG_MAX {
        return Ok(false);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another reader may have counted them meanwhile.
    let (mark, last) = transaction.prepare_cached(ends)?.query_row([], read)?;
    let end = last.min(mark + CHUNK);
    transaction
        .prepare_cached(
            "INSERT INTO balance_day (account, day, amount) \
             SELECT account, (at + ?3) / ?4, sum(amount) FROM posting \
             WHERE seq > ?1 AND seq <= ?2 AND account GLOB 'merchant:*' GROUP BY 1, 2 \
             ON CONFLICT (account, day) DO UPDATE SET amount = amount + excluded.amount",
        )?
        .execute(params![mark, end, TASHKENT_MS, DAY_MS])?;
    transaction
        .prepare_cached(
            "INSERT INTO balance_mark (lane, seq) VALUES (0, ?1) \
             ON CONFLICT (lane) DO UPDATE SET seq = excluded.seq",
        )?
        .execute([end])?;
    transaction.commit()?;
    Ok(end < last)
}

/// Counts some lines of a service; whether there may be more.
fn count_lines(connection: &mut Connection, service: ServiceId) -> Result<bool, StoreError> {
    let ends = "SELECT coalesce((SELECT last_id FROM statement_mark WHERE service_id = ?1), 0), \
         last_line FROM bank_service WHERE id = ?1";
    let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let found = connection.prepare_cached(ends)?.query_row([service.0], read).optional()?;
    if found.is_none_or(|(mark, last)| last - mark <= LAG_MAX) {
        return Ok(false);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (mark, last) = transaction.prepare_cached(ends)?.query_row([service.0], read)?;
    let end = last.min(mark + CHUNK);
    transaction
        .prepare_cached(
            "INSERT INTO statement_day \
             (service_id, bank_day, direction, lines, amount, first_id, last_id) \
             SELECT service_id, bank_day, direction, count(*), sum(amount), min(id), max(id) \
             FROM statement_line WHERE service_id = ?1 AND id > ?2 AND id <= ?3 \
             GROUP BY bank_day, direction \
             ON CONFLICT (service_id, bank_day, direction) DO UPDATE SET \
             lines = lines + excluded.lines, amount = amount + excluded.amount, \
             last_id = excluded.last_id",
        )?
        .execute(params![service.0, mark, end])?;
    transaction
        .prepare_cached(
            "INSERT INTO statement_mark (service_id, last_id) VALUES (?1, ?2) \
             ON CONFLICT (service_id) DO UPDATE SET last_id = excluded.last_id",
        )?
        .execute(params![service.0, end])?;
    transaction.commit()?;
    Ok(end < last)
}

fn span(connection: &Connection, range: &StatementRange) -> Result<Span, StoreError> {
    let sql = "SELECT coalesce((SELECT last_line FROM bank_service WHERE id = ?1), 0), \
         coalesce((SELECT last_id FROM statement_mark WHERE service_id = ?1), 0), \
         min(first_id), max(last_id) FROM statement_day WHERE service_id = ?1 \
         AND bank_day BETWEEN ?2 AND ?3 AND (?4 IS NULL OR direction = ?4)";
    let direction = range.direction.map(Direction::number);
    let parameters = params![range.service.0, range.from_day, range.to_day, direction];
    let read = |row: &Row<'_>| {
        let lines = row.get::<_, Option<i64>>(2)?.zip(row.get(3)?);
        Ok(Span { end: row.get(0)?, mark: row.get(1)?, lines })
    };
    Ok(connection.prepare_cached(sql)?.query_row(parameters, read)?)
}

/// A page of a statement.
pub(super) fn statement(
    connection: &mut Connection,
    range: StatementRange,
) -> Result<Vec<StatementLine>, StoreError> {
    let mut page = Page::new(range);
    let look = page.look();
    read_at(connection, &mut page, look)?;
    if page.is_full() {
        return Ok(page.into_lines());
    }
    let mut days = span(connection, &range)?;
    if days.was_seen(&page) {
        return Ok(page.into_lines());
    }
    if !days.is_counted() {
        count_while(|| count_lines(connection, range.service))?;
        days = span(connection, &range)?;
    }
    for place in days.places() {
        read_at(connection, &mut page, place)?;
    }
    Ok(page.into_lines())
}

/// Adds to a page what it lacks and a place has.
fn read_at(connection: &Connection, page: &mut Page, place: Place) -> Result<(), StoreError> {
    if let Some(range) = page.wanted(place) {
        page.add(lines_of(connection, &range, place.1)?);
    }
    Ok(())
}

/// Lines up to and with the last number.
fn lines_of(
    connection: &Connection,
    range: &StatementRange,
    last: i64,
) -> Result<Vec<StatementLine>, StoreError> {
    // There are two readings, because only the first one may use the index of income.
    let (index, of_direction) = match range.direction {
        Some(Direction::Incoming) => ("INDEXED BY statement_income", "direction = 1"),
        _ => ("", "(?7 IS NULL OR direction = ?7)"),
    };
    let sql = format!(
        "SELECT service_id, id, direction, document_id, at, bank_day, amount, number, parties \
         FROM statement_line {index} WHERE service_id = ?1 AND id > ?2 AND id <= ?3 \
         AND bank_day BETWEEN ?4 AND ?5 AND {of_direction} ORDER BY id LIMIT ?6"
    );
    let StatementRange { service, after, from_day, to_day, limit, .. } = range;
    let direction = range.direction.map(Direction::number);
    let all = params![service.0, after, last, from_day, to_day, limit, direction];
    let parameters = if index.is_empty() { all } else { &all[..6] };
    connection.prepare_cached(&sql)?.query_and_then(parameters, line)?.collect()
}

fn line(row: &Row<'_>) -> Result<StatementLine, StoreError> {
    let service = u32::try_from(row.get::<_, i64>(0)?);
    Ok(StatementLine {
        service: ServiceId(service.map_err(|_| StoreError::Corrupt("statement"))?),
        id: row.get(1)?,
        direction: Direction::from_number(row.get(2)?).ok_or(StoreError::Corrupt("statement"))?,
        document: document_id(row, 3)?,
        at: millis(row, 4)?,
        bank_day: row.get(5)?,
        amount: tiyin(row, 6)?,
        number: row.get(7)?,
        parties: shared_text(row, 8)?,
    })
}
