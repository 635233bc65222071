//! The binary from outside: a real process, its HTTP API, its sandbox and its command line.
//!
//! `CHORSU_BIN` names the binary (else the one cargo has built for the tests), and
//! `CHORSU_TEST_POSTGRES` a PostgreSQL server where databases may be made.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod bad_input;
mod bad_requests;
mod bank_clearing;
mod bank_codes;
mod bank_commission;
mod bank_examples;
mod bank_faults;
mod bank_partner;
mod bank_races;
mod bank_setup;
mod bank_statements;
mod bank_upstream;
mod cards;
mod durability;
mod exports;
mod holds;
mod idempotency;
mod load;
mod pans;
mod payme_kassa;
mod payouts;
mod place;
mod postgres;
mod races;
mod sandbox;
mod secrets;
mod server;
mod settlement;
mod shop;
mod spec_examples;
mod till_bad_input;
mod till_day;
mod till_examples;
mod till_faults;
mod till_fiscal;
mod till_operator;
mod till_panics;
mod till_payme;
mod till_pinpad;
mod till_pinpad_program;
mod till_repeats;
mod till_stand;
mod two_processes;
mod unknown_outcomes;
mod verify_command;
mod wire;
mod world;

use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

/// How long something that must come may take. The longest wait is for an intent that a round of
/// questions, 20 seconds, has not settled: its lease of 30 seconds ends first, and then comes
/// another round. Two of those may follow one another.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until `look` finds what it looks for, a state of the server that nothing announces.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(5);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(250));
    }
}

static HEAVY: Semaphore = Semaphore::const_new(1);

/// Tests that keep the processors busy run one at a time, beside those that mostly wait.
async fn heavy() -> SemaphorePermit<'static> {
    HEAVY.acquire().await.unwrap()
}
