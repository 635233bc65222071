//! What lies beside the way: what Payme learns and does on its own, receipts from before, and what
//! is kept of cards.

use serde_json::json;

use super::stand::{Stand, settings};
use crate::pans;
use crate::place::Place;
use crate::server::{Server, command};
use crate::shop::{KASSA, Shop, state_in};
use crate::till_stand::Chorsu;
use crate::wire;

const AMOUNT: i64 = 70_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fiscal_data_and_links_go_to_payme() {
    let stand = Stand::start().await;
    let (shop, (pan, token)) = (stand.shop(), stand.card().await);
    let receipt = shop.paid(AMOUNT, &token).await;
    let data = json!({ "receipt_id": 121, "status_code": 0, "fiscal_sign": "800031554082",
        "qr_code_url": "https://ofd.soliq.uz/check?t=EP1&r=121" });
    let set = json!({ "id": receipt, "fiscal_data": data });
    assert_eq!(shop.ok("receipts.set_fiscal_data", set).await["success"], true);
    for place in [&stand.chorsu.place, &stand.payme.place] {
        let rows = place.rows("SELECT fiscal FROM receipt WHERE fiscal IS NOT NULL").await;
        assert!(rows.len() == 1 && rows[0][0].contains("800031554082"), "{rows:?}");
    }
    let phone = stand.payme.sandbox().card(&pan).await.phone;
    shop.ok("receipts.send", json!({ "id": receipt, "phone": phone })).await;
    let inbox = stand.payme.sandbox().get(&format!("/sms?to={phone}&limit=1")).await;
    assert!(inbox[0]["text"].as_str().unwrap().contains(&receipt), "{inbox}");
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_paid_or_closed_at_payme_is_found() {
    let stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let (paid, closed) = (shop.receipt(AMOUNT).await, shop.receipt(AMOUNT).await);
    // By the link that Payme has sent, and in its cabinet.
    let cabinet = stand.payme.shop();
    assert_eq!(state_in(&cabinet.pay(&paid, &token).await.unwrap()), 4);
    assert_eq!(state_in(&cabinet.cancel(&closed).await.unwrap()), 50);
    let found = shop.ok("receipts.get", json!({ "id": paid })).await;
    assert_eq!((state_in(&found), shop.state(&closed).await), (4, 50));
    assert_eq!(stand.money().await, (AMOUNT, AMOUNT));

    // Another that is paid there is not paid once more here.
    let receipt = shop.receipt(AMOUNT).await;
    cabinet.pay(&receipt, &token).await.unwrap();
    assert_eq!(state_in(&shop.pay(&receipt, &token).await.unwrap()), 4);
    assert_eq!(stand.payme.taken().await, (2 * AMOUNT, 2));
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hosted_page_leads_to_payme_s() {
    let stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let receipt = shop.receipt(AMOUNT).await;
    let page = format!("{}/pay/{receipt}", stand.chorsu.url());
    let http = reqwest::Client::builder().no_proxy();
    let http = http.redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let led = wire::send(http.get(&page)).await.unwrap();
    let base = stand.payme.front.url.trim_end_matches("/api");
    assert_eq!((led.status, led.header("location")), (303, Some(&*format!("{base}/{receipt}"))));
    let form = format!("number={}&expire=0399", pans::fresh("8600"));
    let posted = http.post(format!("{page}/card")).body(form);
    let posted = posted.header("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(wire::send(posted).await.unwrap().status, 303);
    shop.pay(&receipt, &token).await.unwrap();
    assert_eq!(wire::send(http.get(&page)).await.unwrap().status, 200);
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_from_before_payme_go_on() {
    let place = Place::sqlite();
    let server = Server::start(&place).await;
    let shop = Shop::at(&server);
    let token = shop.card(&pans::fresh("8600"), true).await;
    let (paid, open) = (shop.paid(AMOUNT, &token).await, shop.receipt(AMOUNT).await);
    server.stop().await;
    let stand = Stand::on(place).await;
    let (shop, (_, theirs)) = (stand.shop(), stand.card().await);
    assert_eq!(state_in(&shop.pay(&open, &token).await.unwrap()), 4);
    assert_eq!(state_in(&shop.cancel(&paid).await.unwrap()), 21);
    shop.wait_for_state(&paid, &[50]).await;
    let new = shop.paid(AMOUNT, &theirs).await;
    assert_eq!(shop.count_receipts().await, 3);
    assert_eq!(stand.money().await, (AMOUNT, AMOUNT));
    assert_eq!(stand.chorsu.balance("network:uzcard").await, AMOUNT);

    // Without the settings, Payme's receipts are history that nobody can change.
    let Stand { payme, mut chorsu } = stand;
    chorsu.kill();
    let chorsu = Chorsu::start(chorsu.place, "").await;
    let shop = Shop::at(chorsu.server());
    assert_eq!(shop.state(&new).await, 4);
    assert_eq!(shop.code("receipts.pay", json!({ "id": new, "token": token })).await.0, -31901);
    chorsu.finish().await;
    drop(payme);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_kept() {
    let mut stand = Stand::start().await;
    stand.chorsu.kill();
    stand.chorsu.start_talkative().await;
    let (shop, (pan, token)) = (stand.shop(), stand.card().await);
    let paid = shop.paid(AMOUNT, &token).await;
    let held = shop.held(AMOUNT, &token).await;
    shop.confirm(&held).await.unwrap();
    stand.payme.sandbox().change_card(&pan, json!({ "balance": 1 })).await;
    let refused = shop.receipt(AMOUNT).await;
    shop.pay(&refused, &token).await.unwrap_err();
    shop.cancel(&paid).await.unwrap();
    shop.wait_for_state(&paid, &[50]).await;
    let folder = stand.chorsu.place.data();
    assert_eq!(stand.chorsu.place.rows("SELECT count(*) FROM card").await[0][0], "0");
    assert_eq!(stand.chorsu.place.rows("SELECT count(*) FROM vault").await[0][0], "0");
    let (_, secret) = token.split_once('_').unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.push(stand.chorsu.place.log());
    let mut searched = 0;
    for file in files.iter().filter(|file| file.is_file()) {
        let bytes = std::fs::read(file).unwrap();
        searched += bytes.len();
        for needle in [&pan, secret] {
            let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!found, "{needle} is in {}", file.display());
        }
    }
    assert!(searched > 10_000);
    stand.finish().await;
}

/// A shop that has nothing but its contract with Payme, with a commission of one per cent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_mode_needs_no_network() {
    let payme = Stand::start().await;
    let (_, token) = payme.card().await;
    let place = Place::sqlite();
    let mut add = command("kassa");
    add.args(["add", "Do'kon", "--commission-ppm", "10000", "--data"]).arg(place.data());
    let told = String::from_utf8(add.output().unwrap().stdout).unwrap();
    let auth = told.split_once("X-Auth").unwrap().1.split_whitespace().next().unwrap();
    let (id, _) = auth.split_once(':').unwrap();
    let master_key = place.log().with_file_name("master.key");
    std::fs::write(&master_key, "ab".repeat(32)).unwrap();
    let config = format!(
        "mode = \"live\"\nmaster_key_file = \"{}\"\n{}",
        master_key.display(),
        settings(&payme.payme.front.url).replacen(KASSA, id, 1)
    );
    let chorsu = Chorsu::start(place, &config).await;
    let shop = Shop::at(chorsu.server()).with_auth(auth);
    let receipt = shop.paid(AMOUNT, &token).await;
    assert_eq!(payme.payme.shop().state(&receipt).await, 4);
    let merchant = format!("merchant:{id}");
    let books = ["wallet:payme", &merchant, "fees"];
    let mut balances = Vec::new();
    for account in books {
        balances.push(chorsu.balance(account).await);
    }
    assert_eq!(balances, [AMOUNT, AMOUNT / 100 - AMOUNT, -AMOUNT / 100]);
    assert_eq!(state_in(&shop.cancel(&receipt).await.unwrap()), 21);
    shop.wait_for_state(&receipt, &[50]).await;
    chorsu.finish().await;
    payme.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_settings_stop_the_start() {
    for (from, to, want) in [
        (KASSA, "0123456789abcdef01234567", "there is no such kassa"),
        (KASSA, "shop", "must be the id of a kassa"),
        ("http://", "", "is not the address of an API"),
    ] {
        let place = Place::sqlite();
        let config = settings("http://127.0.0.1:9/api").replacen(from, to, 1);
        let path = place.log().with_file_name("chorsu.toml");
        std::fs::write(&path, config).unwrap();
        let ended = try_serve_with(&place, &path);
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success() && told.contains(want), "{told}");
    }
}

fn try_serve_with(place: &Place, config: &std::path::Path) -> std::process::Output {
    let mut command = command("serve");
    command.args(["--listen", "127.0.0.1:0"]).args(place.serve_options());
    command.env("CHORSU_CONFIG", config).output().unwrap()
}
