//! Every request example of the Subscribe API documentation, word for word but for ids and tokens:
//! the answer has every documented key, with a value of the documented type.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::shop::{KASSA, KEY, OTHER_KEY, TEST_CARD, id_of, state_in};
use crate::wire;
use crate::world::World;

/// The placeholders of the examples.
const TOKEN: &str = "584a84d62abb5caa31079914_Zm9yLXRoZS1leGFtcGxlcy1vZi10aGUtZml4dHVyZXM";
const RECEIPTS: [&str; 2] = ["2e0b1bc1f1eb50d487ba268d", "624c0c2b0ac8b463e47422c7"];

/// A file of an example.
fn fixture(example: &str, file: &str) -> String {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../api/fixtures");
    let path = fixtures.join(example).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The `X-Auth` of an example. Two of the published ones show the first kassa with the other key.
fn auth(example: &str) -> String {
    match example {
        "cards.create" | "cards.get_verify_code" | "cards.verify" | "cards.check" => KASSA.into(),
        "receipts.get_all" | "receipts.set_fiscal_data" => format!("{KASSA}:{OTHER_KEY}"),
        _ => format!("{KASSA}:{KEY}"),
    }
}

/// The kind of a value, in the words of the fixtures.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_i64() => "int",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The values at a path such as `receipt.account[].name`.
fn values<'v>(root: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![root];
    for part in path.split('.') {
        let (name, elements) = part.strip_suffix("[]").map_or((part, false), |name| (name, true));
        if !name.is_empty() {
            let member = |value: &&'v Value| value.get(name);
            let missing = || panic!("{path} is missing in {root}");
            found = found.iter().map(|value| member(value).unwrap_or_else(missing)).collect();
        }
        if elements {
            found = found.iter().flat_map(|value| value.as_array().unwrap()).collect();
            assert!(!found.is_empty(), "{path} is empty in {root}");
        }
    }
    found
}

/// Checks a result against the documented keys and types of an example.
fn check_keys(example: &str, result: &Value) {
    let documented = fixture(example, "answer.txt");
    assert!(documented.lines().count() > 0);
    for line in documented.lines() {
        let (path, kinds) = line.split_once(' ').unwrap();
        for value in values(result, path) {
            let fits = kinds.split('|').any(|wanted| wanted == kind(value));
            assert!(fits, "{example}: {path} is {value}, not {kinds}");
        }
    }
}

/// Sends an example with this receipt and this token, and checks what is answered.
async fn run(world: &World, example: &str, receipt: &str, token: &str) -> Value {
    let sent = fixture(example, "request.json").replace(TOKEN, token);
    let sent = RECEIPTS.iter().fold(sent, |text, placeholder| text.replace(placeholder, receipt));
    let result = send(world, example, &sent).await;
    check_keys(example, &result);
    result
}

/// Sends a request under the `X-Auth` of an example; the answer carries its id.
async fn send(world: &World, example: &str, body: &str) -> Value {
    let auth = auth(example);
    let headers = [("X-Auth", auth.as_str()), ("Cache-Control", "no-cache")];
    let raw = wire::post(world.shop.http(), world.shop.url(), &headers, body.to_owned()).await;
    let sent: Value = serde_json::from_str(body).unwrap();
    assert_eq!(raw.id(), Some(sent["id"].to_string()), "{example}");
    raw.answer().unwrap_or_else(|refusal| panic!("{example}: {refusal:?}"))
}

/// A verified card, through the examples of the card methods.
async fn card(world: &World) -> String {
    let created = run(world, "cards.create", "", "").await;
    assert_eq!(created["card"]["number"], "860006******6311");
    assert_eq!(created["card"]["expire"], "03/99");
    assert_eq!(
        (&created["card"]["recurrent"], &created["card"]["verify"]),
        (&json!(true), &json!(false))
    );
    let token = created["card"]["token"].as_str().unwrap().to_owned();
    let sent = run(world, "cards.get_verify_code", "", &token).await;
    assert_eq!((&sent["sent"], &sent["wait"]), (&json!(true), &json!(60_000)));
    let phone = sent["phone"].as_str().unwrap();
    assert!(phone.starts_with("99890*****") && phone.len() == 12, "{phone}");
    let verified = run(world, "cards.verify", "", &token).await;
    assert_eq!(
        (&verified["card"]["verify"], &verified["card"]["token"]),
        (&json!(true), &json!(token))
    );
    let checked = run(world, "cards.check", "", &token).await;
    assert_eq!(checked, verified);
    token
}

#[tokio::test]
async fn cards_and_receipts() {
    let world = World::sqlite().await;
    let token = card(&world).await;

    let created = run(&world, "receipts.create", "", "").await;
    assert_eq!(created["receipt"]["amount"], 500_000);
    assert_eq!(created["receipt"]["account"][0]["value"], "test");
    assert_eq!(created["receipt"]["detail"]["items"][0]["title"], "Помидоры");

    // The published receipts below have no detail.
    let receipt = world.shop.receipt(3_500).await;
    let paid = run(&world, "receipts.pay", &receipt, &token).await;
    assert_eq!(state_in(&paid), 4);
    assert_eq!(paid["receipt"]["card"], json!({ "number": "860006******6311", "expire": "9903" }));
    assert!(paid["receipt"]["pay_time"].as_i64().unwrap() > 0);
    assert_eq!(run(&world, "receipts.send", &receipt, "").await, json!({ "success": true }));
    assert_eq!(run(&world, "receipts.check", &receipt, "").await, json!({ "state": 4 }));
    let got = run(&world, "receipts.get", &receipt, "").await;
    assert_eq!(got["receipt"]["merchant"]["payer"]["phone"], "998901304527");
    assert_eq!(got["receipt"]["merchant"]["_id"], KASSA);
    let fiscal = run(&world, "receipts.set_fiscal_data", &receipt, "").await;
    assert_eq!(fiscal, json!({ "success": true }));

    let cancelled = run(&world, "receipts.cancel", &receipt, "").await;
    assert_eq!(state_in(&cancelled), 21);
    assert_eq!(cancelled["receipt"]["meta"]["source_cancel"], "subscribe");
    assert_eq!(world.shop.wait_for_state(&receipt, &[50]).await, 50);
    assert_eq!(run(&world, "cards.remove", "", &token).await, json!({ "success": true }));
    world.finish().await;
}

#[tokio::test]
async fn lists_of_receipts() {
    let world = World::sqlite().await;
    // Word for word: a day on which this server had no receipts.
    let example = fixture("receipts.get_all", "request.json");
    assert_eq!(send(&world, "receipts.get_all", &example).await, json!([]));

    // The same for today, whose midnight in Tashkent (UTC+5) names the whole day.
    let token = world.shop.card(TEST_CARD, true).await;
    let receipts = [world.shop.paid(100_000, &token).await, world.shop.paid(100_000, &token).await];
    let now = world.sandbox.get("/clock").await["now_ms"].as_i64().unwrap();
    let (day, tashkent) = (86_400_000, 5 * 3_600_000);
    let midnight = (now + tashkent) / day * day - tashkent;
    let today = example.replace("1636398000000", &midnight.to_string());
    let listed = send(&world, "receipts.get_all", &today).await;
    check_keys("receipts.get_all", &listed);
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|receipt| &receipt["_id"]).collect();
    assert_eq!(ids, [&json!(receipts[1]), &json!(receipts[0])], "the newest first");
    assert_eq!(listed[0]["card"]["number"], "860006******6311");
    world.finish().await;
}

#[tokio::test]
async fn holding() {
    let world = World::sqlite().await;
    let token = card(&world).await;
    let created = run(&world, "receipts.create.hold", "", "").await;
    assert_eq!(state_in(&created), 0);
    assert_eq!(created["receipt"]["account"][0]["value"], "106", "the example gives a number");
    let receipt = id_of(&created);
    let held = run(&world, "receipts.pay.hold", &receipt, &token).await;
    assert_eq!(state_in(&held), 5);
    assert_eq!(held["receipt"]["pay_time"], 0);
    let confirmed = run(&world, "receipts.confirm_hold", &receipt, "").await;
    assert_eq!(state_in(&confirmed), 4);

    // The documentation cancels a hold with receipts.cancel.
    let created = run(&world, "receipts.create.hold", "", "").await;
    let receipt = id_of(&created);
    assert_eq!(state_in(&run(&world, "receipts.pay.hold", &receipt, &token).await), 5);
    let cancelled = run(&world, "receipts.cancel", &receipt, "").await;
    assert_eq!(state_in(&cancelled), 21);
    world.shop.wait_for_state(&receipt, &[50]).await;
    world.finish().await;
}

#[test]
fn every_example_is_run_here() {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../api/fixtures");
    let names = fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().file_name());
    // The other APIs have folders of their own.
    let is_method = |name: &&str| name.starts_with("cards.") || name.starts_with("receipts.");
    let names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    let methods = names.iter().map(String::as_str).filter(is_method);
    assert_eq!(methods.count(), 16, "a new example needs its place in one of these tests");
}
