//! Bulk payments: a file in one request, and the import of the command line with its report.

mod breaks;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use reqwest::Method;
use rust_xlsxwriter::Workbook;
use serde_json::Value;

use crate::bank_partner::{ACCOUNT, Bank, FUNDS, PASSWORD, USERNAME, order};
use crate::place::Place;
use crate::server;
use crate::settlement::V1;

const HEAD: [&str; 7] =
    ["order_id", "receiver_name", "mfo", "account", "amount", "commission", "purpose"];

/// A row of a file: its number, account and amount.
type Cells<'a> = (&'a str, &'a str, &'a str);

fn cells((key, account, amount): Cells<'_>) -> [String; 7] {
    [key, "Test", "00401", account, amount, "3", "Оплата, \"по договору\""].map(str::to_owned)
}

/// A CSV file of these rows.
pub(crate) fn csv<'a>(rows: impl IntoIterator<Item = Cells<'a>>) -> String {
    let mut text = HEAD.join(";") + "\n";
    for row in rows {
        let quoted = cells(row).map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        writeln!(text, "{}", quoted.join(";")).unwrap();
    }
    text
}

fn xlsx(rows: &[Cells<'_>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let head = HEAD.map(str::to_owned);
    let rows = std::iter::once(head).chain(rows.iter().map(|row| cells(*row)));
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(cells) {
            sheet.write_string(row, column, text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// A file of so many good rows, with what they cost in all.
pub(crate) fn many(count: usize) -> (String, i64) {
    let keys: Vec<(String, String)> = (0..count)
        .map(|number| (format!("bulk-{number}"), (1_000 + number % 100).to_string()))
        .collect();
    let cost = keys.iter().map(|(_, amount)| amount.parse::<i64>().unwrap() + 3).sum();
    (csv(keys.iter().map(|(key, amount)| (key.as_str(), ACCOUNT, amount.as_str()))), cost)
}

/// The records of an answer, by what became of their rows.
async fn posted(v1: &V1, query: &str, file: impl Into<reqwest::Body>) -> BTreeMap<String, u64> {
    let raw = v1.send(Method::POST, &format!("/payouts?service=33{query}"), file).await;
    assert_eq!(raw.status, 200, "{}", raw.text);
    let lines: Vec<Value> =
        raw.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (summary, records) = lines.split_last().unwrap();
    assert_eq!(summary["rows"].as_u64(), Some(u64::try_from(records.len()).unwrap()));
    serde_json::from_value(summary["counts"].clone()).unwrap()
}

fn counts(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
    pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_format_is_looked_at_then_paid_and_paid_once() {
    let bank = Bank::at(Place::sqlite()).await;
    let v1 = V1::at(&bank.server);
    let rows = [("f1", ACCOUNT, "500"), ("f2", ACCOUNT, "700")];
    let files = [csv(rows).into_bytes(), xlsx(&rows)];
    for file in &files {
        assert_eq!(posted(&v1, "&dry_run=true", file.clone()).await, counts(&[("valid", 2)]));
    }
    assert_eq!(bank.partner.balance(33).await, FUNDS, "a dry run moves nothing");
    for file in &files {
        // The second file has the same orders: they are the same ones.
        assert_eq!(posted(&v1, "", file.clone()).await, counts(&[("accepted", 2)]));
    }
    assert_eq!(posted(&v1, "&dry_run=true", files[0].clone()).await, counts(&[("known", 2)]));
    for key in ["f1", "f2"] {
        assert_eq!(bank.partner.ended(key).await, "Проведен");
    }
    assert_eq!(bank.partner.balance(33).await, FUNDS - 500 - 700 - 6);

    let pain = include_str!("../../../files/fixtures/bulk.pain001.xml");
    // The file pays from the account of service 27.
    assert_eq!(posted(&v1, "", pain).await, counts(&[("invalid", 2)]));
    let raw = v1.send(Method::POST, "/payouts?service=27", pain).await;
    assert_eq!(raw.text.matches("\"accepted\"").count(), 3, "{}", raw.text);
    assert_eq!(bank.partner.ended("009445151277").await, "Проведен");
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_rows_are_told_and_nothing_is_paid() {
    let bank = Bank::at(Place::sqlite()).await;
    let v1 = V1::at(&bank.server);
    let wrong = csv([
        ("w1", ACCOUNT, "500"),
        ("w2", ACCOUNT, "1e9"),
        ("w3", ACCOUNT, "500.5"),
        ("w4", ACCOUNT, "-1"),
        ("w5", ACCOUNT, " 500"),
        ("w6", "2020", "500"),
        ("w 7", ACCOUNT, "500"),
        ("w1", ACCOUNT, "500"),
        ("'); DROP TABLE document; --", ACCOUNT, "500"),
    ]);
    let (status, answer) = {
        let raw = v1.send(Method::POST, "/payouts?service=33", wrong.clone()).await;
        (raw.status, serde_json::from_str::<Value>(&raw.text).unwrap())
    };
    assert_eq!(status, 422, "{answer}");
    let problems = answer["error"]["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 8, "{answer}");
    assert_eq!(problems[6], "row 9, order_id: row 2 has the same");
    let dry = counts(&[("invalid", 8), ("valid", 1)]);
    assert_eq!(posted(&v1, "&dry_run=true", wrong.clone()).await, dry);
    let paid = counts(&[("accepted", 1), ("invalid", 8)]);
    assert_eq!(posted(&v1, "&skip_invalid=true", wrong).await, paid);

    // The bank refuses what a file cannot know; another order has a number already.
    bank.partner.accepted(order("taken", 1, ACCOUNT)).await;
    let refused = csv([
        ("r1", "20208000905123450013", "500"),
        ("r2", "20208000905123450014", "500"),
        ("taken", ACCOUNT, "500"),
    ]);
    let refused = posted(&v1, "", refused).await;
    assert_eq!(refused, counts(&[("refused", 2), ("known", 1)]));
    let cases: [(&str, &str, u16); 5] = [
        ("33", "no headings at all", 422),
        ("33", "", 422),
        ("33", "<html></html>", 422),
        ("999", "x", 404),
        ("x", "x", 404),
    ];
    for (service, file, status) in cases {
        let raw = v1.send(Method::POST, &format!("/payouts?service={service}"), file).await;
        assert_eq!(raw.status, status, "{service} {file}: {}", raw.text);
    }
    bank.finish().await;
}

/// `chorsu payouts import` of a file against a server.
pub(crate) fn import(url: &str, file: &Path, options: &[&str]) -> Command {
    let mut command = server::command("payouts");
    command.arg("import").arg(file).args(["--url", url, "--partner", USERNAME]);
    command.args(["--service", "33"]).args(options).env("CHORSU_PARTNER_PASSWORD", PASSWORD);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command beside the tasks of the test.
pub(crate) async fn ran(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// What a command has printed, as rows by what became of them.
pub(crate) fn said(output: &Output) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let pair =
        |line: &str| line.split_once('\t').map(|(name, count)| (name.to_owned(), count.to_owned()));
    text.lines().filter_map(pair).collect()
}

/// Writes a file beside a place's data.
pub(crate) fn file_of(place: &Place, name: &str, text: &str) -> PathBuf {
    let path = place.log().with_file_name(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_says_what_became_of_each_row() {
    let bank = Bank::at(Place::sqlite()).await;
    let url = bank.server.url().to_owned();
    let rows = [
        ("c1", ACCOUNT, "500"),
        // The bank answers these with a system error, with half an answer, and not at all well.
        ("c2", "20208000905123451111", "500"),
        ("c3", "20208000905123458888", "500"),
        ("c4", "20208000905123452222", "500"),
        ("c5", "20208000905123450013", "500"),
    ];
    let file = file_of(&bank.place, "rows.csv", &csv(rows));
    let dry = ran(import(&url, &file, &["--dry-run"])).await;
    assert!(dry.status.success(), "{}", String::from_utf8_lossy(&dry.stderr));
    assert_eq!(said(&dry)["valid"], "5");
    assert_eq!(bank.partner.balance(33).await, FUNDS);

    let report = bank.place.log().with_file_name("report.jsonl");
    let options = ["--report", report.to_str().unwrap(), "--patience", "5"];
    let output = ran(import(&url, &file, &options)).await;
    assert!(!output.status.success(), "a row was refused");
    let records = std::fs::read_to_string(&report).unwrap();
    let status = |key: &str| {
        let line = records.lines().rfind(|line| line.contains(&format!("\"{key}\""))).unwrap();
        let record: Value = serde_json::from_str(line).unwrap();
        (record["status"].as_str().unwrap().to_owned(), record["code"].as_u64().unwrap())
    };
    assert_eq!(status("c1"), ("accepted".to_owned(), 0));
    assert_eq!(status("c5"), ("refused".to_owned(), 1013));
    // The bank has never taken this one.
    assert_eq!(status("c4"), ("unknown".to_owned(), 2222));
    // The bank knows these, and never says plainly that they are these.
    for key in ["c2", "c3"] {
        assert_eq!(status(key).0, "known", "{key}");
        assert_eq!(bank.partner.ended(key).await, "Проведен");
    }
    // The orders, each once, and what the bank takes for them.
    assert_eq!(bank.partner.page(33, "2", 0).await.len(), 3 + 3, "each was ordered once");

    let wrong = file_of(&bank.place, "wrong.csv", &csv([("x", ACCOUNT, "1e9")]));
    let output = ran(import(&url, &wrong, &[])).await;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && words.contains("1 of 1 rows are wrong"), "{words}");
    let other = ran(import(&url, &file, &["--service", "999"])).await;
    assert!(!other.status.success());
    // A report of another file is not gone on with.
    let other = file_of(&bank.place, "other.csv", &csv([("d1", ACCOUNT, "500")]));
    let output = ran(import(&url, &other, &options)).await;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("another file"), "{words}");
    bank.finish().await;
}

/// An answer is lost and the repeat is refused: the order is there all the same, and is not reported
/// as refused, which would let it be paid again under another number.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_order_is_not_refused_by_its_repeat() {
    let bank = Bank::at(Place::sqlite()).await;
    for fault in [
        serde_json::json!({ "fault": "code_after_effect", "code": 1111, "times": 1 }),
        serde_json::json!({ "fault": "refuse", "code": 1017, "times": 1 }),
    ] {
        bank.played.fault(fault).await;
    }
    let file = file_of(&bank.place, "rows.csv", &csv([("k1", ACCOUNT, "500")]));
    let output = ran(import(bank.server.url(), &file, &["--patience", "5"])).await;
    assert_eq!(said(&output)["known"], "1", "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(bank.partner.ended("k1").await, "Проведен");
    bank.finish().await;
}
