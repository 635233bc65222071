//! Payment orders over a bank that fails in every way, by the moment at which the server in front is
//! killed: each order is paid exactly once, or never and is told so.
//!
//! A fault befalls the first request for an order, or, where the server was killed before it was
//! sent, a question about one. The table is printed; run with `--nocapture` to see it.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::bank_partner::{ACCOUNT, Bank, FUNDS, order, with};
use crate::bank_upstream::{behind, finish, in_front};
use crate::place::Place;

/// What the bank does wrong, each with its name in the table; the first is nothing.
fn faults() -> Vec<(&'static str, Value)> {
    vec![
        ("none", Value::Null),
        ("refuse 1014", json!({ "fault": "refuse", "code": 1014 })),
        ("refuse 1111", json!({ "fault": "refuse", "code": 1111 })),
        ("refuse 1008", json!({ "fault": "refuse", "code": 1008 })),
        ("1111 after effect", json!({ "fault": "code_after_effect", "code": 1111 })),
        ("1008 after effect", json!({ "fault": "code_after_effect", "code": 1008 })),
        ("2222 after effect", json!({ "fault": "code_after_effect", "code": 2222 })),
        ("unavailable", json!({ "fault": "unavailable" })),
        ("delay", json!({ "fault": "delay", "delay_ms": 300 })),
        ("HTTP 500", json!({ "fault": "http_500" })),
        ("broken answer", json!({ "fault": "broken_answer" })),
        ("duplicate answer", json!({ "fault": "duplicate_answer" })),
        ("unknown status", json!({ "fault": "unknown_status" })),
        ("drop before", json!({ "fault": "drop_before" })),
        ("drop after", json!({ "fault": "drop_after" })),
        ("hang", json!({ "fault": "hang" })),
    ]
}

/// When the server is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Not at all.
    Never,
    /// The order is taken, and "sent" is written; nothing has been sent.
    Taken,
    /// The request is on its way, or its answer is.
    During,
    /// The answer is there and not written down.
    Answered,
    /// The end of the order is written down.
    Ended,
}

impl Moment {
    const ALL: [Self; 5] = [Self::Never, Self::Taken, Self::During, Self::Answered, Self::Ended];

    const fn heading(self) -> &'static str {
        match self {
            Self::Never => "no kill",
            Self::Taken => "taken",
            Self::During => "during",
            Self::Answered => "answered",
            Self::Ended => "ended",
        }
    }

    const fn place(self) -> Option<&'static str> {
        match self {
            Self::Taken => Some("bank.order_taken"),
            Self::Answered => Some("bank.order_answered"),
            Self::Ended => Some("bank.order_ended"),
            Self::Never | Self::During => None,
        }
    }
}

/// A filled cell: how the order ended in front, and how often the bank has paid it.
#[derive(Clone, Debug)]
struct Cell {
    fault: &'static str,
    moment: Moment,
    end: String,
    payments: usize,
}

impl Cell {
    fn is_right(&self) -> bool {
        let (deleted, posted) = (("Удален", 0), ("Проведен", 1));
        let found = (self.end.as_str(), self.payments);
        match (self.fault, self.moment) {
            // A first refusal is the end; after one whose answer was lost, the order is sent again.
            ("refuse 1014", Moment::Never | Moment::Ended) => found == deleted,
            ("refuse 1014", Moment::During) => found == deleted || found == posted,
            _ => found == posted,
        }
    }
}

/// Fills the column of one moment, on a server of its own before a bank that is never killed.
async fn column(place: Place, moment: Moment) -> Vec<Cell> {
    let bank = Bank::at(Place::sqlite()).await;
    let config = behind(&bank);
    let mut front = in_front(place, &bank, &config).await;
    let count = u64::try_from(faults().len()).unwrap();
    if let Some(place) = moment.place() {
        front.played.hold(place).await;
    }
    for (number, (_, rule)) in faults().into_iter().enumerate() {
        let calls = if moment == Moment::Taken { "status" } else { "orders" };
        let is_faultless = rule.is_null();
        if !is_faultless {
            bank.played.fault(with(rule, json!({ "calls": calls, "times": 1 }))).await;
        }
        front.partner.accepted(order(&key_of(number), sum_of(number), ACCOUNT)).await;
        // One after the other, so that each order meets its own fault.
        match moment {
            Moment::Taken => {}
            Moment::Answered => {
                front.played.held("bank.order_answered", u64::try_from(number).unwrap() + 1).await;
            }
            Moment::During => {
                bank.played.faults_are_over().await;
                front = Bank::again(front.kill(), &config).await;
                // Killed before it was sent, it would meet the next one's fault.
                if is_faultless {
                    front.partner.ended(&key_of(number)).await;
                }
            }
            Moment::Never | Moment::Ended => {
                front.partner.ended(&key_of(number)).await;
            }
        }
    }
    if let Some(place) = moment.place() {
        front.played.held(place, count).await;
        front = Bank::again(front.kill(), &config).await;
    }
    let mut cells = Vec::new();
    for (number, (fault, _)) in faults().into_iter().enumerate() {
        let end = front.partner.ended(&key_of(number)).await;
        let lines = bank.partner.page(33, "2", 0).await;
        let payments = lines.iter().filter(|line| line["amount"] == sum_of(number)).count();
        cells.push(Cell { fault, moment, end, payments });
    }
    let paid = FUNDS - bank.partner.balance(33).await;
    assert_eq!(FUNDS - front.partner.balance(33).await, paid, "{moment:?}");
    finish(bank, front).await;
    cells
}

fn key_of(number: usize) -> String {
    format!("t{number}")
}

fn sum_of(number: usize) -> i64 {
    1_000 + i64::try_from(number).unwrap()
}

async fn table(on_postgres: bool) {
    let begin = Instant::now();
    let mut columns = JoinSet::new();
    for moment in Moment::ALL {
        let runtime = Handle::current();
        columns.spawn_blocking(move || {
            runtime.block_on(async {
                let place = if on_postgres { Place::postgres().await } else { Place::sqlite() };
                column(place, moment).await
            })
        });
    }
    let mut cells = Vec::new();
    while let Some(column) = columns.join_next().await {
        cells.extend(column.unwrap());
    }
    let mut text = format!("{:<18}", "");
    for moment in Moment::ALL {
        let _ = write!(text, "{:<14}", moment.heading());
    }
    for (fault, _) in faults() {
        let _ = write!(text, "\n{fault:<18}");
        for moment in Moment::ALL {
            let found = |cell: &&Cell| cell.fault == fault && cell.moment == moment;
            let cell = cells.iter().find(found).unwrap();
            let mark = if cell.is_right() { "" } else { " !" };
            let _ = write!(text, "{:<14}", format!("{} {}{mark}", cell.end, cell.payments));
        }
    }
    println!("{text}\n{} cells in {:?}", cells.len(), begin.elapsed());
    let wrong: Vec<_> = cells.iter().filter(|cell| !cell.is_right()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_moment_on_sqlite() {
    table(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_moment_on_postgres() {
    table(true).await;
}
