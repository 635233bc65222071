//! The conformance suite of the store: every case runs on a fresh SQLite folder and on a fresh
//! PostgreSQL database. `CHORSU_TEST_POSTGRES` names the server where databases may be made.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

/// Makes a test for each backend out of each case, a function of a [`fresh::Fresh`] database.
macro_rules! conformance {
    ($($case:ident),+ $(,)?) => {
        $(mod $case {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$case(crate::fresh::Fresh::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$case(crate::fresh::Fresh::postgres().await).await;
            }
        })+
    };
}

mod acquirers;
mod bank;
mod batches;
mod books;
mod branch;
mod cards;
mod concurrency;
mod counter;
mod days;
mod document_load;
mod document_tampering;
mod documents;
mod fresh;
mod keys;
mod leases;
mod load;
mod lost_connections;
mod proxy;
mod reads;
mod registers;
mod remembered;
mod restart;
mod taken_keys;
mod tampering;
mod walks;
mod world;
