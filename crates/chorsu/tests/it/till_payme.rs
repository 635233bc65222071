//! The Payme connector against a server that is not the sandbox's: Chorsu's own Subscribe API in
//! another process, which may be killed and come back elsewhere.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::pans;
use crate::place::Place;
use crate::sandbox::Sandbox;
use crate::server::{Server, assert_verified};
use crate::shop::{KASSA, KEY, Shop};
use crate::till_stand::{Chorsu, State, Till, Told, till_settings};

const RECEIPT: &str =
    "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161";

/// An address that stays the same while the server behind it is started again on other ports.
struct Front {
    url: String,
    behind: Arc<Mutex<String>>,
}

impl Front {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let behind = Arc::new(Mutex::new(String::new()));
        let address = behind.clone();
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                let address = address.lock().unwrap().clone();
                tokio::spawn(async move {
                    // A server that is gone closes its connections; so does this.
                    if let Ok(mut server) = TcpStream::connect(address).await {
                        let _ = copy_bidirectional(&mut caller, &mut server).await;
                    }
                });
            }
        });
        Self { url, behind }
    }

    fn put_before(&self, server: &Server) {
        server.url().trim_start_matches("http://").clone_into(&mut self.behind.lock().unwrap());
    }
}

/// The process that is Payme.
struct Payme {
    place: Place,
    server: Server,
    front: Front,
}

impl Payme {
    async fn start() -> Self {
        let (place, front) = (Place::sqlite(), Front::start().await);
        let server = Server::start(&place).await;
        front.put_before(&server);
        Self { place, server, front }
    }

    fn shop(&self) -> Shop {
        Shop::at(&self.server)
    }

    fn sandbox(&self) -> Sandbox {
        Sandbox::at(&self.server)
    }

    /// A verified card's token that pays once: what a customer's telephone shows here.
    async fn code(&self) -> (String, String) {
        let pan = pans::fresh("8600");
        (self.shop().card(&pan, false).await, pan)
    }

    /// A payment that is under way here when this returns, and stays so for a second.
    async fn pay_slowly(&self, chorsu: &Chorsu, name: &str) -> (String, JoinHandle<Told>) {
        let (code, _) = self.code().await;
        let before = self.net().await;
        self.sandbox().set_latency("uzcard", 1_500).await;
        let (till, scanned) = (till(chorsu, name), code.clone());
        let asked = tokio::spawn(async move { till.scan("payme", &scanned, 500).await });
        crate::until("the receipt is being paid", async || {
            // Who dies before the card network has heard of it has taken nothing.
            let is_open = self.states().await.iter().any(|state| state == "2");
            (is_open && self.net().await > before).then_some(())
        })
        .await;
        (code, asked)
    }

    /// What it has got from cards and not given back.
    async fn net(&self) -> i64 {
        self.sandbox().totals("uzcard").await.net
    }

    /// Kills it.
    fn die(self) -> Dead {
        self.server.kill();
        Dead { place: self.place, front: self.front }
    }

    /// How its receipts stand.
    async fn states(&self) -> Vec<String> {
        let rows = self.place.rows("SELECT state FROM receipt ORDER BY id").await;
        rows.into_iter().map(|row| row[0].clone()).collect()
    }

    async fn finish(self) {
        self.server.stop().await;
        assert_verified(&self.place);
    }
}

/// What is left of it.
struct Dead {
    place: Place,
    front: Front,
}

impl Dead {
    /// Starts it again elsewhere.
    async fn come_back(self) -> Payme {
        let server = Server::start(&self.place).await;
        self.front.put_before(&server);
        Payme { place: self.place, server, front: self.front }
    }
}

/// A server with tills whose Payme is the other process.
async fn shop_of(payme: &Payme, key: &str) -> Chorsu {
    let contract = format!(
        "[till.payme]\nurl = {:?}\nmerchant_id = \"{KASSA}\"\nkey = \"{key}\"\n\
         account_field = \"order_id\"\n",
        payme.front.url
    );
    let till = |name, budget| {
        till_settings(name, budget).replace("kkm_id = \"00000001\"\n", "") + &contract
    };
    let config = till("patient", 60) + &till("hasty", 1);
    Chorsu::start(Place::sqlite(), &config).await
}

fn till(chorsu: &Chorsu, name: &str) -> Till {
    chorsu.till().named(name)
}

fn id_in(paid: &Value) -> String {
    paid["payment_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_and_receipts() {
    let payme = Payme::start().await;
    let chorsu = shop_of(&payme, KEY).await;
    let till = till(&chorsu, "patient");
    let (code, _) = payme.code().await;
    let paid = till.scan("payme", &code, 500).await.done();
    let receipt =
        payme.shop().ok("receipts.get", json!({ "id": id_in(&paid) })).await["receipt"].clone();
    assert_eq!((&receipt["state"], &receipt["amount"]), (&json!(4), &json!(50_000)));
    // Our id of the payment is its account there.
    assert_eq!(receipt["account"][0]["value"], paid["transaction_id"]);
    assert_eq!(till.scan("payme", &code, 500).await.done(), paid);
    assert_eq!((payme.net().await, chorsu.balance("wallet:payme").await), (50_000, 50_000));

    let confirm = json!({ "payment_id": id_in(&paid), "qr_code": RECEIPT }).to_string();
    for _ in 0..2 {
        till.post("/payment/payme_confirm", confirm.clone()).await.done();
    }
    let id = paid["transaction_id"].as_str().unwrap();
    assert_eq!(chorsu.till().status(id).await["fiscal"]["delivery"], "delivered");
    let fiscal = payme.place.rows("SELECT fiscal FROM receipt WHERE fiscal IS NOT NULL").await;
    assert!(fiscal.len() == 1 && fiscal[0][0].contains("514343190161"), "{fiscal:?}");
    chorsu.finish().await;
    payme.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused() {
    let payme = Payme::start().await;
    let chorsu = shop_of(&payme, KEY).await;
    let till = till(&chorsu, "patient");
    let (poor, pan) = payme.code().await;
    payme.sandbox().change_card(&pan, json!({ "balance": 10 })).await;
    let (unverified, unknown) =
        (payme.shop().token(&pans::fresh("8600"), false).await, "505".repeat(6));
    for (number, code) in [&poor, &unverified, &unknown].into_iter().enumerate() {
        let told = till.scan("payme", code, 500 + number as i64).await;
        let Told::No { code: 106, message, data } = told else { panic!("{told:?}") };
        assert!(!message.is_empty());
        let code: i64 = data["error_code"].as_str().unwrap().parse().unwrap();
        assert!(code < -31_000, "{data}");
    }
    let other = shop_of(&payme, "wrong").await;
    let (code, _) = payme.code().await;
    assert_eq!(self::till(&other, "patient").scan("payme", &code, 500).await.no().0, 106);
    assert_eq!(payme.net().await, 0);
    assert_eq!(chorsu.balance("wallet:payme").await, 0);
    other.finish().await;
    chorsu.finish().await;
    payme.finish().await;
}

/// A payment whose answer is lost: Payme dies while it takes the money.
struct Lost {
    payme: Dead,
    chorsu: Chorsu,
    code: String,
    told: JoinHandle<Told>,
}

impl Lost {
    async fn at(name: &str) -> Self {
        let payme = Payme::start().await;
        let chorsu = shop_of(&payme, KEY).await;
        let (code, told) = payme.pay_slowly(&chorsu, name).await;
        Self { payme: payme.die(), chorsu, code, told }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_found() {
    let Lost { payme, chorsu, code, told } = Lost::at("patient").await;
    let payme = payme.come_back().await;
    let paid = told.await.unwrap().done();
    let checked = payme.shop().ok("receipts.check", json!({ "id": id_in(&paid) })).await;
    assert_eq!(checked["state"], 4);
    assert_eq!(till(&chorsu, "patient").scan("payme", &code, 500).await.done(), paid);
    assert_eq!((payme.net().await, chorsu.balance("wallet:payme").await), (50_000, 50_000));
    chorsu.finish().await;
    payme.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_that_comes_too_late_is_reversed() {
    let Lost { payme, chorsu, told, .. } = Lost::at("hasty").await;
    let told = told.await.unwrap();
    let Told::Unknown(id) = told else { panic!("{told:?}") };
    let payme = payme.come_back().await;
    chorsu.wait_until_settled().await;
    let history = chorsu.till().status(&id).await;
    assert_eq!(history["status"], "reversed", "{history}");
    assert_eq!(chorsu.states(50_000).await, [State::Reversed]);
    assert_eq!((payme.states().await, payme.net().await), (vec!["50".to_owned()], 0));
    assert_eq!(chorsu.balance("wallet:payme").await, 0);
    chorsu.finish().await;
    payme.finish().await;
}

/// Both are killed, each once: the till's server while Payme takes the money, Payme while it is
/// asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_die() {
    let payme = Payme::start().await;
    let mut chorsu = shop_of(&payme, KEY).await;
    let (code, asked) = payme.pay_slowly(&chorsu, "patient").await;
    chorsu.kill();
    assert_eq!(asked.await.unwrap(), Told::Nothing);
    chorsu.start_again().await;
    // The questions have begun; the moment is what is tried here.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let payme = payme.die().come_back().await;
    chorsu.wait_until_settled().await;
    assert_eq!(chorsu.states(50_000).await, [State::Paid]);
    till(&chorsu, "patient").scan("payme", &code, 500).await.done();
    assert_eq!((payme.net().await, chorsu.balance("wallet:payme").await), (50_000, 50_000));
    chorsu.finish().await;
    payme.finish().await;
}
