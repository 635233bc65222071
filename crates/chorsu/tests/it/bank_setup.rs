//! Setting the bank API up: `chorsu partner`, `chorsu service` and `chorsu banks`, and live mode.

use std::io::Write as _;

use reqwest::Method;
use serde_json::json;

use crate::bank_partner::{ACCOUNT, Bank, FUNDS, code, config_file, order, with};
use crate::place::Place;
use crate::server::{self, Server, assert_verified};
use crate::settlement::V1;

const PASSWORD: &str = "correct horse battery";

/// Runs a command on a place's store, with this on its standard input.
fn run(place: &Place, arguments: &[&str], input: &str) -> Result<String, String> {
    let mut command = server::command(arguments[0]);
    command.args(&arguments[1..]).args(place.verify_options());
    command.stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn add_service<'a>(number: &'a str, account: &'a str) -> Vec<&'a str> {
    vec![
        "service",
        "add",
        number,
        "--partner",
        "shop",
        "--name",
        "Выплаты",
        "--account",
        account,
        "--mfo",
        "00401",
        "--owner",
        "ООО \"Shop\"",
        "--inn",
        "307692757",
    ]
}

async fn partners_are_added(place: Place) {
    let input = format!("{PASSWORD}\n");
    let rights = ["partner", "add", "shop", "--methods", "payment,status,balance"];
    run(&place, &rights, &input).unwrap();
    run(&place, &add_service("900", "29896000200000409001"), "").unwrap();
    let inactive = [add_service("901", "29896000200000409002"), vec!["--inactive"]].concat();
    run(&place, &inactive, "").unwrap();
    for (arguments, input, said) in [
        (vec!["partner", "add", "x", "--methods", "refund"], input.as_str(), "refund"),
        (vec!["partner", "add", "x"], "short\n", "password"),
        (vec!["partner", "add", "a:b"], input.as_str(), "colon"),
        (add_service("x", "29896000200000409001"), "", "number"),
        (add_service("902", "2989600020000040900"), "", "20 digits"),
        (add_service("902", "29896000200000409001"), "", "has this account"),
    ] {
        let error = run(&place, &arguments, input).unwrap_err();
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
    let listed = run(&place, &["partner", "list"], "").unwrap();
    assert!(listed.contains("shop\tpayment,status,balance"), "{listed}");
    assert!(!listed.contains(PASSWORD));
    let csv = place.log().with_file_name("banks.csv");
    std::fs::write(&csv, "code,name,instant\n999,Test bank,yes\n00450,National Bank,no\n").unwrap();
    assert_eq!(run(&place, &["banks", "import", csv.to_str().unwrap()], "").unwrap(), "2 banks\n");

    let bank = Bank::at(place).await;
    let shop = bank.partner.with_login("shop", PASSWORD);
    let pay =
        |key, changes| with(with(order(key, 1, ACCOUNT), json!({ "serviceId": 900 })), changes);
    shop.accepted(pay("s1", json!({}))).await;
    assert_eq!(shop.ended("s1").await, "Удален", "a new service has no money");
    // The imported directory goes before the one that is built in.
    shop.accepted(pay("s2", json!({ "mfoReceiver": "00999" }))).await;
    let answer = shop.post("/payment", pay("s3", json!({ "mfoReceiver": "00450" }))).await;
    assert_eq!(code(&answer), 1014);
    // Services of others, services that are not active, methods without a right.
    for (wanted, changes) in
        [(1001, json!({ "serviceId": 33 })), (1002, json!({ "serviceId": 901 }))]
    {
        assert_eq!(code(&shop.post("/payment", pay("s4", changes)).await), wanted);
    }
    assert_eq!(code(&shop.get("/account/901/balance").await), 1002);
    assert_eq!(code(&shop.get("/account/33/balance").await), 1001);
    for (verb, path) in [
        (Method::GET, "/services"),
        (Method::POST, "/paymentBudget"),
        (Method::POST, "/account/payments"),
    ] {
        let answer = shop.call(verb, path, Some(json!({}))).await;
        assert_eq!(code(&answer), 1009, "{path}");
    }
    rights_of_files_and_rules(&bank).await;
    // An order's number belongs to its partner.
    bank.partner.accepted(order("s1", 1, ACCOUNT)).await;
    bank.finish().await;
}

/// Whoever may not order payments to the budget one by one may not do it by a file or a rule.
async fn rights_of_files_and_rules(bank: &Bank) {
    let v1 = V1::at(&bank.server).with_login("shop", PASSWORD);
    let file = "order_id,receiver_name,mfo,account,inn,purpose_code,amount,purpose\n\
                b1,,,400522860262837950100251028,207099143,00401,5,x\n\
                b2,Test,00401,20208000905123456001,,,5,x\n";
    for query in ["&dry_run=true", ""] {
        let raw = v1.send(Method::POST, &format!("/payouts?service=900{query}"), file).await;
        let row = |key: &str| {
            let mut lines = raw.text.lines().filter(|line| line.contains(key));
            serde_json::from_str::<serde_json::Value>(lines.next().unwrap()).unwrap()
        };
        let refused = row("\"b1\"");
        assert_eq!((&refused["status"], &refused["code"]), (&json!("refused"), &json!(1009)));
        let other = if query.is_empty() { "accepted" } else { "valid" };
        assert_eq!(row("\"b2\"")["status"], other, "{}", raw.text);
    }
    let tax = json!({
        "account": "400522860262837950100251028", "inn": "207099143", "purpose_code": "00401"
    });
    let mut rule = crate::settlement::plain_rule(ACCOUNT);
    rule["service"] = json!(900);
    let path = format!("/settlement-rules/{}", crate::shop::KASSA);
    let with_tax = with(rule.clone(), json!({ "shares": [{ "ppm": 1, "to": tax }] }));
    let refused = v1.refused(Method::PUT, &path, with_tax).await;
    assert_eq!(refused, (403, "forbidden".to_owned()));
    v1.put_rule(crate::shop::KASSA, &rule).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partners_and_services_are_added_on_sqlite() {
    partners_are_added(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partners_and_services_are_added_on_postgres() {
    partners_are_added(Place::postgres().await).await;
}

fn end_by_hand<'a>(id: &'a str, end: &'a str) -> Vec<&'a str> {
    vec!["order", "end", id, end, "--reason", "A. K.: letter of 12 May"]
}

/// Orders that stay are ended by hand, with who says so in their history; each once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_are_ended_by_hand() {
    let bank = Bank::at(Place::sqlite()).await;
    let stays = "20208000905123457777";
    for key in ["e1", "e2"] {
        bank.partner.accepted(order(key, 100, stays)).await;
    }
    bank.played.settle_after(60_000).await;
    bank.partner.accepted(order("e3", 7, ACCOUNT)).await;
    let mut ids = Vec::new();
    for key in ["e1", "e2", "e3"] {
        ids.push(bank.id_of(key).await);
    }
    let Bank { server, place, .. } = bank;
    server.stop().await;
    let listed = run(&place, &["order", "list"], "").unwrap();
    assert!(listed.contains(&format!("{}\t33\te3\t7\t", ids[2])), "{listed}");
    assert_eq!(run(&place, &["order", "list", "--late"], "").unwrap(), "");
    let said = run(&place, &end_by_hand(&ids[0], "posted"), "").unwrap();
    assert!(said.contains("e1") && said.contains("Проведен"), "{said}");
    let error = run(&place, &end_by_hand(&ids[0], "deleted"), "").unwrap_err();
    assert!(error.contains("has ended already"), "{error}");
    run(&place, &end_by_hand(&ids[1], "deleted"), "").unwrap();
    for (arguments, said) in [
        (end_by_hand("100fe486b33784292111b7dc", "posted"), "no order"),
        (vec!["order", "end", &ids[2], "posted", "--reason", " "], "--reason"),
        (vec!["order", "end", &ids[2], "posted"], "--reason"),
    ] {
        let error = run(&place, &arguments, "").unwrap_err();
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
    let bank = Bank::again(place, "").await;
    assert_eq!(bank.partner.status("e1").await, (0, "Проведен".to_owned()));
    assert_eq!(bank.partner.status("e2").await, (0, "Удален".to_owned()));
    assert_eq!(bank.partner.balance(33).await, FUNDS - 107);
    assert_eq!(bank.partner.page(33, "2", 0).await.len(), 1);
    let bodies = bank.place.rows("SELECT body FROM document WHERE kind = 3").await;
    let by_hand = bodies.iter().filter(|row| row[0].contains("\"ended_by_hand\",\"A. K.: letter"));
    assert_eq!(by_hand.count(), 2);
    bank.finish().await;
}

/// Live mode knows no demo partner, and no service that no bank keeps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_mode_refuses_what_only_a_sandbox_has() {
    let place = Place::sqlite();
    let sandbox = Bank::at(place).await;
    let Bank { server, place, .. } = sandbox;
    server.stop().await;
    run(&place, &["partner", "add", "shop"], &format!("{PASSWORD}\n")).unwrap();
    run(&place, &add_service("900", "29896000200000409001"), "").unwrap();
    run(&place, &add_service("901", "29896000200000409002"), "").unwrap();
    let large = run(&place, &add_service("1048576", "29896000200000409003"), "").unwrap_err();
    assert!(large.contains("below 1048576"), "{large}");
    let days = place.log().with_file_name("days.txt");
    std::fs::write(&days, "2026-01-05 off\n").unwrap();
    run(&place, &["banks", "holidays", days.to_str().unwrap()], "").unwrap();
    let key = place.data().join("master.key");
    let config = format!(
        "mode = \"live\"\nmaster_key_file = \"{}\"\nuzcard_address = \"127.0.0.1:1\"\n\
         humo_address = \"127.0.0.1:1\"\nsms_url = \"http://127.0.0.1:1\"\n\
         [[bank_upstream]]\nurl = \"http://127.0.0.1:1/api/v2\"\nusername = \"u\"\n\
         password = \"p\"\nservices = {{ 901 = 5 }}\n",
        key.display()
    );
    let path = config_file(&place, &config);
    let server = Server::start_with(&place, &[("CHORSU_CONFIG", path.to_str().unwrap())]).await;
    let gray = crate::bank_partner::Partner::at(&server);
    assert_eq!(code(&gray.get("/services").await), 1004);
    let shop = gray.with_login("shop", PASSWORD);
    let services = shop.get("/services").await;
    let active: Vec<_> =
        services["data"].as_array().unwrap().iter().map(|one| one["activated"].clone()).collect();
    assert_eq!(active, [json!(false), json!(true)]);
    let pay =
        |service| with(order("l1", 1, "20208000905123456666"), json!({ "serviceId": service }));
    assert_eq!(code(&shop.post("/payment", pay(900)).await), 1002);
    assert_eq!(code(&shop.post("/payment", pay(901)).await), 0, "endings mean nothing here");
    assert_eq!(shop.ended("l1").await, "Удален", "there is no money");
    // The days off are everybody's: the operator's to say.
    let v1 = V1::at(&server).with_login("shop", PASSWORD);
    assert_eq!(v1.send(Method::GET, "/holidays", "").await.text, "2026-01-05 off\n");
    assert_eq!(v1.send(Method::PUT, "/holidays", "2026-01-06 off\n").await.status, 403);
    let raw = reqwest::Client::builder().no_proxy().build().unwrap();
    let raw = raw.get(format!("{}/sandbox/bank", server.url())).send().await.unwrap();
    assert_eq!(raw.status(), 404);
    server.stop().await;
    assert_verified(&place);
}
