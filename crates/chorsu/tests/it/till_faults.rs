//! Provider, fault, moment: whatever a provider does wrong, and wherever the server is killed
//! meanwhile, the customer is charged exactly once or not at all, the books say which, and the till
//! was never told something false. The table that is printed has a cell for each combination.

mod calls;
mod cell;
mod late;
mod pinpads;
mod wallets;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::place::Place;
use cell::{Cell, Fault, Moment, Table};

/// Servers under test at once, beside the one whose wallets they use.
const SERVERS: usize = 16;

/// Rows of the table that share servers: a fault, and the moments at which it is tried.
struct Group {
    fault: Fault,
    moments: Vec<Moment>,
}

/// All groups of wallets. What hangs, hangs for 15 seconds: those moments go beside one another.
fn groups() -> Vec<Group> {
    let mut groups = Vec::new();
    for fault in Fault::OF_WALLETS {
        if fault == Fault::Hang {
            let alone = |moment| Group { fault, moments: vec![moment] };
            groups.extend(Moment::ALL.into_iter().map(alone));
        }
    }
    let few = [
        vec![Moment::IntentDurable, Moment::AnswerReceived, Moment::ReversalDurable],
        vec![Moment::BeforeSend, Moment::OutcomeDurable, Moment::ReversalAnswered],
        vec![Moment::Prepared, Moment::DoubtDurable],
        vec![Moment::DuringCall, Moment::Undisturbed, Moment::ToldUnknown, Moment::Reversal],
    ];
    for moments in few {
        for fault in Fault::OF_WALLETS.into_iter().filter(|fault| *fault != Fault::Hang) {
            groups.push(Group { fault, moments: moments.clone() });
        }
    }
    groups
}

/// Fills the cells of the groups, some groups at once, each on a thread of its own.
async fn fill(groups: Vec<Group>, on_postgres: bool) -> Vec<Cell> {
    let servers = Arc::new(Semaphore::new(SERVERS));
    let mut running = JoinSet::new();
    for Group { fault, moments } in groups {
        let turn = servers.clone().acquire_owned().await.unwrap();
        let runtime = Handle::current();
        running.spawn_blocking(move || {
            let cells = runtime.block_on(async {
                let place = if on_postgres { Place::postgres().await } else { Place::sqlite() };
                wallets::run(place, fault, &moments).await
            });
            drop(turn);
            cells
        });
    }
    let mut cells = Vec::new();
    while let Some(group) = running.join_next().await {
        cells.extend(group.unwrap());
    }
    cells
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cell_on_sqlite() {
    let begin = Instant::now();
    let (of_wallets, of_pinpads) = tokio::join!(fill(groups(), false), pinpads::run());
    let table = Table::new([of_wallets, of_pinpads].concat());
    println!("{table}");
    println!("{} cells in {:?}", table.count(), begin.elapsed());
    table.assert_whole();
}

/// Here an orphaned intent is taken over when its lease of 30 seconds has run out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_cells_on_postgres() {
    let begin = Instant::now();
    let kills = [
        Moment::IntentDurable,
        Moment::Prepared,
        Moment::BeforeSend,
        Moment::DuringCall,
        Moment::AnswerReceived,
        Moment::OutcomeDurable,
        Moment::DoubtDurable,
        Moment::ReversalDurable,
        Moment::ReversalAnswered,
    ];
    let mut groups: Vec<_> =
        kills.map(|moment| Group { fault: Fault::DropAfter, moments: vec![moment] }).into();
    let quiet = [Fault::None, Fault::Refuse, Fault::DropBefore, Fault::Http500, Fault::WrongAmount];
    let moments = [Moment::Undisturbed, Moment::ToldUnknown, Moment::Reversal];
    groups.extend(quiet.map(|fault| Group { fault, moments: moments.into() }));
    let table = Table::new(fill(groups, true).await);
    println!("{table}");
    println!("{} cells in {:?}", table.count(), begin.elapsed());
    table.assert_sound();
    assert!(begin.elapsed() < Duration::from_secs(180), "{:?}", begin.elapsed());
}
