//! Sums by day: counted in pieces, by several at once, and always what the rows themselves say.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use chorsu_core::DocumentKind;
use chorsu_core::bank::Direction;
use chorsu_core::order::StatementLine;
use chorsu_store::{StatementRange, StatementSums, Store};

use crate::bank::read_along;
use crate::branch::{Branch, SERVICE, new_incoming, receive};
use crate::concurrency::stores;
use crate::counter::Counter;
use crate::fresh::Fresh;
use crate::world::{KASSA, NOW};

conformance!(
    days_are_what_their_lines_are,
    narrow_pages_miss_nothing_while_lines_come_and_are_counted,
    a_merchants_days_are_what_its_entries_are,
    a_database_of_the_version_before_is_counted,
);

/// More than are counted in one piece, and some that are left uncounted.
const LINES: i64 = 6_700;
const DAYS: i64 = 5;

const EVERYTHING: StatementRange = StatementRange {
    service: SERVICE,
    after: 0,
    from_day: i64::MIN,
    to_day: i64::MAX,
    direction: None,
    limit: 100_000,
};

/// The day of a line: days follow one another, but the bank sometimes looks back.
fn day_of(number: i64) -> i64 {
    let day = NOW.tashkent_day() + number * DAYS / LINES;
    if number % 97 == 0 { day - 1 } else { day }
}

async fn fill(stores: &[std::sync::Arc<Store>]) {
    for first in (0..LINES).step_by(1_000) {
        let tasks: Vec<_> = (first..LINES.min(first + 1_000))
            .map(|number| {
                let store = stores[0].clone();
                let mut incoming = new_incoming(SERVICE, &format!("{number}"), 1 + number);
                incoming.bank_day = day_of(number);
                tokio::spawn(async move { store.submit(receive(incoming)).await.unwrap() })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
}

/// The page that a range is, of all lines.
fn expected(all: &[StatementLine], range: &StatementRange) -> Vec<StatementLine> {
    let fits = |line: &&StatementLine| {
        line.id > range.after
            && (range.from_day..=range.to_day).contains(&line.bank_day)
            && range.direction.is_none_or(|direction| direction == line.direction)
    };
    all.iter().filter(fits).take(usize::try_from(range.limit).unwrap()).cloned().collect()
}

async fn days_are_what_their_lines_are(fresh: Fresh) {
    let stores = stores(&fresh).await;
    let branch = Branch(&stores[0]);
    branch.open(0).await;
    fill(&stores).await;
    let order = branch.accept("out").await;
    branch.post(&order, NOW.tashkent_day() + 2).await;
    let all = stores[0].statement(EVERYTHING).await.unwrap();
    assert!(all.iter().map(|line| line.id).eq(1..=LINES + 2));

    // Several count at once.
    let today = NOW.tashkent_day();
    let mut tasks = Vec::new();
    for from in -1..DAYS {
        for to in from - 1..=DAYS {
            for direction in [None, Some(Direction::Incoming), Some(Direction::Outgoing)] {
                for limit in [1, 3, 500, 100_000] {
                    let (from_day, to_day) = (today + from, today + to);
                    let after = (to + 2) * 431;
                    let of = StatementRange { after, from_day, to_day, ..EVERYTHING };
                    let range = StatementRange { direction, limit, ..of };
                    let store = stores[tasks.len() % stores.len()].clone();
                    tasks.push(tokio::spawn(async move {
                        (range, store.statement(range).await.unwrap())
                    }));
                }
            }
        }
    }
    for task in tasks {
        let (range, found) = task.await.unwrap();
        assert_eq!(found, expected(&all, &range), "{range:?}");
    }
    assert!(fresh.number("SELECT last_id FROM statement_mark").await >= 5_000);

    // The end of a statement may be anywhere, before the mark and after it.
    for last in [0, 17, 4_999, 5_000, 5_001, 6_100, LINES + 2] {
        for day in -1..=DAYS + 1 {
            let sums = stores[0].statement_sums(SERVICE, last, today + day).await.unwrap();
            let mut want = StatementSums::default();
            let until = |line: &&StatementLine| line.id <= last && line.bank_day < today + day;
            for line in all.iter().filter(until) {
                match line.direction {
                    Direction::Incoming => want.incoming += line.amount.get(),
                    Direction::Outgoing => want.outgoing += line.amount.get(),
                }
            }
            assert_eq!(sums, want, "up to {last} before day {day}");
        }
    }
    fresh.assert_clean().await;
}

async fn narrow_pages_miss_nothing_while_lines_come_and_are_counted(fresh: Fresh) {
    let stores = stores(&fresh).await;
    Branch(&stores[0]).open(1).await;
    let today = NOW.tashkent_day();
    let day =
        |day: i64| StatementRange { from_day: today + day, to_day: today + day, ..EVERYTHING };
    // Most lines of the first day follow one another; a few come while the second one's do.
    let ranges = [
        StatementRange { limit: 1, ..day(0) },
        StatementRange { limit: 40, direction: Some(Direction::Incoming), ..day(2) },
        StatementRange { limit: 1, direction: Some(Direction::Outgoing), ..EVERYTHING },
    ];
    let is_over = AtomicBool::new(false);
    let work = async {
        fill(&stores).await;
        is_over.store(true, Ordering::Relaxed);
    };
    let (first, last) = (&stores[0], &stores[stores.len() - 1]);
    let ((), ones, forties, none) = tokio::join!(
        work,
        read_along(first, ranges[0], &is_over),
        read_along(last, ranges[1], &is_over),
        read_along(last, ranges[2], &is_over),
    );
    let all = first.statement(EVERYTHING).await.unwrap();
    assert!(all.iter().map(|line| line.id).eq(1..=LINES + 1));
    for (range, read) in ranges.into_iter().zip([ones, forties, none]) {
        assert_eq!(read, expected(&all, &StatementRange { limit: 100_000, ..range }), "{range:?}");
    }
    assert!(fresh.number("SELECT last_id FROM statement_mark").await >= 5_000);
    fresh.assert_clean().await;
}

async fn a_merchants_days_are_what_its_entries_are(fresh: Fresh) {
    let stores = stores(&fresh).await;
    Branch(&stores[0]).open(0).await;
    fill(&stores).await;
    let pay = async |first: i64, count: i64| {
        let tasks: Vec<_> = (first..first + count)
            .map(|number| {
                let store = stores[usize::try_from(number).unwrap() % stores.len()].clone();
                tokio::spawn(async move {
                    Counter(&store).paid(&format!("c{number}"), &format!("n{number}")).await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    };
    let today = NOW.tashkent_day();
    let mut paid = 0;
    for count in [40, 1_300, 1] {
        pay(paid, count).await;
        paid += count;
        // Whoever asks counts; several ask at once.
        let ask = |day| {
            let store = stores[1 % stores.len()].clone();
            tokio::spawn(async move { store.merchant_net(KASSA, day).await.unwrap() })
        };
        let (one, two, before) = tokio::join!(ask(today + 1), ask(today + 2), ask(today));
        assert_eq!(one.unwrap(), -4_950 * paid, "{paid}");
        assert_eq!((two.unwrap(), before.unwrap()), (-4_950 * paid, 0));
    }
    let counted: BTreeMap<&str, i64> = BTreeMap::from([
        ("marks", fresh.number("SELECT count(*) FROM balance_mark WHERE seq >= 1000").await),
        ("days", fresh.number("SELECT count(*) FROM balance_day").await),
    ]);
    assert!(counted["marks"] >= 1 && counted["days"] == 1, "{counted:?}");
    fresh.assert_clean().await;
}

async fn a_database_of_the_version_before_is_counted(fresh: Fresh) {
    let store = fresh.open().await;
    let branch = Branch(&store);
    branch.open(10_000).await;
    let order = branch.accept("out").await;
    branch.post(&order, NOW.tashkent_day()).await;
    branch.accept("due").await;
    Counter(&store).paid("880", "1").await;
    let lines = store.statement(EVERYTHING).await.unwrap();
    store.close().await;
    // As the version before has left it.
    fresh
        .sql(
            "DROP TABLE balance_day; DROP TABLE balance_mark; DROP TABLE statement_day; \
             DROP TABLE statement_mark; DROP INDEX document_due; \
             CREATE INDEX document_due ON document (due_at) WHERE due_at IS NOT NULL; \
             DELETE FROM migration WHERE number = 4",
        )
        .await;
    let store = fresh.open().await;
    assert_eq!(store.statement(EVERYTHING).await.unwrap(), lines);
    let today = NOW.tashkent_day();
    assert_eq!(store.merchant_net(KASSA, today + 1).await.unwrap(), -4_950);
    let due = store.due_documents(DocumentKind::Order, NOW.plus(9_000), None, 9).await.unwrap();
    assert_eq!(due.len(), 1);
    fresh.assert_clean().await;
}
