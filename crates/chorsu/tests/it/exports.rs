//! Statements and settlements as files: from a running server and from the command line.

use reqwest::Method;
use serde_json::Value;

use crate::bank_partner::{ACCOUNT, Bank, order, with};
use crate::place::Place;
use crate::server;
use crate::settlement::{V1, today};

/// The values of `key=` in a 1C file, in their order.
fn one_c<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    text.lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix('='))
        .map(str::trim)
        .collect()
}

/// A sum with two decimals in tiyin.
fn tiyin(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap();
    let sign = if text.starts_with('-') { -1 } else { 1 };
    whole.trim_start_matches('-').parse::<i64>().unwrap() * 100 * sign
        + part.parse::<i64>().unwrap() * sign
}

/// The amount of an entry of a camt.053.
fn amount_of(entry: &str) -> i64 {
    tiyin(between(entry, "<Amt Ccy=\"UZS\">", "</Amt>")[0])
}

/// The texts between two tags of XML that have no other tags in them.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
    text.split(begin).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

/// Every format of the statement of service 33 says the same, and the table has every settlement.
pub(crate) async fn of_a_day(bank: &Bank, v1: &V1, sellers: usize) {
    let orders = sellers * 3;
    let day = today();
    let path = |format: &str| format!("/services/33/statement?from={day}&to={day}&format={format}");
    let utf8 = String::from_utf8(v1.file(&path("1c-utf8")).await).unwrap();
    let amounts: Vec<i64> = one_c(&utf8, "Сумма").into_iter().map(tiyin).collect();
    // The orders, what the bank takes for each, what came in for each seller, and what the service
    // began with.
    assert_eq!(amounts.len(), 2 * orders + sellers + 1);
    let of = |key: &str| tiyin(one_c(&utf8, key)[0]);
    let (incoming, outgoing) = (of("ВсегоПоступило"), of("ВсегоСписано"));
    assert_eq!(of("НачальныйОстаток"), 0);
    assert_eq!(of("КонечныйОстаток"), incoming - outgoing);
    assert_eq!(of("КонечныйОстаток"), bank.partner.balance(33).await, "what the service has");
    assert_eq!(amounts.iter().sum::<i64>(), incoming + outgoing);

    let windows = v1.file(&path("1c")).await;
    assert!(windows.starts_with(b"1CClientBankExchange\r\n"));
    assert!(std::str::from_utf8(&windows).is_err(), "windows-1251 is no UTF-8");

    let camt = String::from_utf8(v1.file(&path("camt053")).await).unwrap();
    let mut entries: Vec<i64> =
        between(&camt, "<Ntry>", "</Ntry>").into_iter().map(amount_of).collect();
    let mut sorted = amounts.clone();
    sorted.sort_unstable();
    entries.sort_unstable();
    assert_eq!(entries, sorted, "camt.053 and 1C have the same payments");
    let keys = between(&camt, "<EndToEndId>", "</EndToEndId>");
    assert_eq!(keys.iter().filter(|key| key.starts_with("st-")).count(), orders);

    let csv = String::from_utf8(v1.file(&path("csv-plain")).await).unwrap();
    assert!(csv.lines().count() > orders, "{csv}");
    assert!(v1.file(&path("xlsx")).await.starts_with(b"PK\x03\x04"));
    let table = v1.file(&format!("/settlements/export?from={day}&to={day}&format=csv-plain")).await;
    let table = String::from_utf8(table).unwrap();
    assert_eq!(table.matches("Выплачен").count(), sellers, "{table}");
    assert_eq!(bank.partner.page(33, "1", 0).await.len(), 1 + sellers);
    settlements_of_a_day(v1, sellers).await;
}

/// The settlements as programs read them: a statement for each merchant, in which all is divided.
async fn settlements_of_a_day(v1: &V1, sellers: usize) {
    let day = today();
    let path = |format: &str| format!("/settlements/export?from={day}&to={day}&format={format}");
    let text = String::from_utf8(v1.file(&path("1c-utf8")).await).unwrap();
    assert_eq!(text.matches("СекцияРасчСчет").count(), sellers);
    assert_eq!(one_c(&text, "КонечныйОстаток"), vec!["0.00"; sellers]);
    // What came in, our commission, three shares, and what the bank took for each.
    let amounts: Vec<i64> = one_c(&text, "Сумма").into_iter().map(tiyin).collect();
    assert_eq!(amounts.len(), sellers * (1 + 1 + 3 + 3));
    let gross: i64 = one_c(&text, "ВсегоПоступило").into_iter().map(tiyin).sum();
    assert_eq!(amounts.iter().sum::<i64>(), 2 * gross);
    assert!(v1.file(&path("1c")).await.starts_with(b"1CClientBankExchange\r\n"));

    let camt = String::from_utf8(v1.file(&path("camt053")).await).unwrap();
    assert_eq!(
        (camt.matches("<Stmt>").count(), camt.matches("</Stmt>").count()),
        (sellers, sellers)
    );
    let mut entries: Vec<i64> =
        between(&camt, "<Ntry>", "</Ntry>").into_iter().map(amount_of).collect();
    let mut sorted = amounts;
    sorted.sort_unstable();
    entries.sort_unstable();
    assert_eq!(entries, sorted, "camt.053 and 1C have the same payments");
}

async fn a_statement_has_its_balances_from_its_lines(place: Place) {
    let bank = Bank::at(place).await;
    for number in 0..12 {
        bank.partner.accepted(order(&format!("e{number}"), 1_000 + number, ACCOUNT)).await;
    }
    for number in 0..12 {
        assert_eq!(bank.partner.ended(&format!("e{number}")).await, "Проведен");
    }
    let v1 = V1::at(&bank.server);
    let day = today();
    let path = format!("/services/33/statement?from=2000-01-01&to={day}&format=1c-utf8");
    let whole = String::from_utf8(v1.file(&path).await).unwrap();
    assert_eq!(one_c(&whole, "ВсегоСписано"), ["120.66"]);
    assert_eq!(one_c(&whole, "КонечныйОстаток"), ["99999879.34"]);
    // A day after the last line begins with what that one ended with.
    let later = v1.file("/services/33/statement?from=2900-01-01&to=2900-01-02&format=1c-utf8");
    let later = String::from_utf8(later.await).unwrap();
    assert_eq!(one_c(&later, "НачальныйОстаток"), ["99999879.34"]);
    assert_eq!(one_c(&later, "КонечныйОстаток"), ["99999879.34"]);
    assert!(one_c(&later, "Сумма").is_empty());
    let Bank { server, place, .. } = bank;
    server.stop().await;

    let output = place.log().with_file_name("statement.txt");
    let mut command = server::command("export");
    command.args(["statement", "--service", "33", "--from", "2000-01-01", "--to", &day]);
    command.args(["--format", "1c-utf8", "--output"]).arg(&output).args(place.verify_options());
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let written = std::fs::read_to_string(&output).unwrap();
    // The moment of writing is another one.
    let lines = |text: &str| {
        let timeless = |line: &&str| !line.starts_with("ВремяСоздания");
        text.lines().filter(timeless).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines(&written), lines(&whole), "the command and the server write the same");
    server::assert_verified(&place);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statement_on_sqlite() {
    a_statement_has_its_balances_from_its_lines(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statement_on_postgres() {
    a_statement_has_its_balances_from_its_lines(Place::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_partner_of_a_service_gets_its_files() {
    let bank = Bank::at(Place::sqlite()).await;
    let v1 = V1::at(&bank.server);
    let cases = [
        ("/services/33/statement?format=pdf", 400, "bad_request"),
        ("/services/33/statement?from=2026-01-02&to=2026-01-01", 400, "bad_request"),
        ("/services/33/statement?from=1.1.2026", 400, "bad_request"),
        ("/services/999/statement", 404, "not_found"),
        ("/services/x/statement", 404, "not_found"),
        ("/settlements/export?format=pdf", 400, "bad_request"),
        ("/settlements/export?format=camt053", 404, "not_found"),
    ];
    for (path, status, code) in cases {
        let refused = v1.refused(Method::GET, path, Value::Null).await;
        assert_eq!(refused, (status, code.to_owned()), "{path}");
    }
    for path in ["/services/33/statement", "/settlements", "/settlement-rules", "/holidays"] {
        let stranger = v1.with_login("gray", "wrong");
        let refused = stranger.refused(Method::GET, path, Value::Null).await;
        assert_eq!(refused, (401, "unauthorized".to_owned()), "{path}");
    }
    let order = with(
        order("b1", 1_000, "400522860262837950100251028"),
        serde_json::json!({
            "innReceiver": "207099143", "purposeCode": "09510"
        }),
    );
    let answer = bank.partner.post("/paymentBudget", order).await;
    assert_eq!(answer["code"], 0, "{answer}");
    bank.partner.ended("b1").await;
    let day = today();
    let path = format!("/services/33/statement?from={day}&to={day}&format=camt053");
    let camt = String::from_utf8(v1.file(&path).await).unwrap();
    assert!(camt.contains("09510") && camt.contains("<EndToEndId>b1</EndToEndId>"), "{camt}");
    bank.finish().await;
}
