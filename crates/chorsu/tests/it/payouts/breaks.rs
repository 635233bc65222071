//! Imports that break off, on either side, and go on: each row is paid once.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use super::{file_of, import, many, ran, said};
use crate::bank_partner::{Bank, FUNDS};
use crate::place::Place;

const ROWS: usize = 100_000;

/// How many rows a report has.
fn reported(report: &Path) -> usize {
    let mut text = String::new();
    let file = std::fs::File::open(report);
    file.map(|mut file| file.read_to_string(&mut text)).map_or(0, |_| text.lines().count())
}

async fn wait_for_rows(report: &Path, rows: usize) {
    let what = format!("{rows} rows in the report");
    crate::until(&what, async || (reported(report) > rows).then_some(())).await;
}

async fn each_row_is_paid_once(place: Place) {
    let _permit = crate::heavy().await;
    let bank = Bank::at(place).await;
    let address = bank.server.url().trim_start_matches("http://").to_owned();
    let url = bank.server.url().to_owned();
    let (text, cost) = many(ROWS);
    let file = file_of(&bank.place, "bulk.csv", &text);
    let report = bank.place.log().with_file_name("bulk.csv.report.csv");

    // First the import dies.
    let mut first = import(&url, &file, &["--connections", "64"]).spawn().unwrap();
    wait_for_rows(&report, ROWS / 10).await;
    first.kill().unwrap();
    first.wait().unwrap();
    let after_first = reported(&report);
    assert!(after_first < ROWS, "it was killed too late: {after_first}");

    // Then the server, while an import goes on; it waits until the server is back.
    let options = ["--connections", "64", "--patience", "45"];
    let second = tokio::spawn(ran(import(&url, &file, &options)));
    wait_for_rows(&report, after_first + ROWS / 10).await;
    let place = bank.kill();
    assert!(reported(&report) < ROWS, "it was killed too late");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let bank = Bank::listening(place, &address, "").await;
    let output = second.await.unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words}");
    let said_second = said(&output);
    let number =
        |name: &str| said_second.get(name).map_or(0, |count| count.parse::<usize>().unwrap());
    assert_eq!(number("accepted") + number("done before"), ROWS, "{said_second:?}");
    assert!(number("done before") >= ROWS / 10, "{said_second:?}");

    // A third one has nothing to do.
    let third = ran(import(&url, &file, &[])).await;
    assert_eq!(said(&third)["done before"], ROWS.to_string());
    crate::until("the end of all orders", async || {
        let rows = bank.place.rows("SELECT count(*) FROM document WHERE kind = 3 AND state = 1");
        (rows.await[0][0] == "0").then_some(())
    })
    .await;
    let rows =
        bank.place.rows("SELECT state, count(*) FROM document WHERE kind = 3 GROUP BY state");
    assert_eq!(rows.await, [["4".to_owned(), ROWS.to_string()]], "one order for each row");
    assert_eq!(bank.partner.balance(33).await, FUNDS - cost);
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_row_is_paid_once_on_sqlite() {
    each_row_is_paid_once(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_row_is_paid_once_on_postgres() {
    each_row_is_paid_once(Place::postgres().await).await;
}
