//! `kill -9` under load, fifty times over: what was answered is there, nothing is done twice, and
//! what was under way is settled.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::load::{Cards, Known, Writers, compare_with_networks, wait_for_outbox};
use crate::pans;
use crate::place::Place;
use crate::sandbox::Sandbox;
use crate::server::{self, Server, assert_verified};
use crate::shop::{Shop, state_in};
use crate::world::World;

const KILLS: u64 = 50;

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    /// A number under `limit`.
    fn roll(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// How long the server may work. Now and then it is killed while it still picks up the pieces.
    fn life(&mut self, round: u64) -> Duration {
        let life_ms = if round % 5 == 4 { self.roll(30) } else { 50 + self.roll(350) };
        Duration::from_millis(life_ms)
    }
}

/// What a run of kills has come to.
struct Run {
    known: Known,
    /// Requests to the card networks that were cut off.
    cut_off: u64,
}

/// Starts, checks the round before, works and is killed, again and again.
async fn kill_again_and_again(place: &Place) -> Run {
    let (mut dice, mut known, mut cut_off) = (Dice(2_026), Known::default(), 0);
    let server = Server::start(place).await;
    let cards = Cards::new(&Shop::at(&server)).await;
    server.kill();
    let mut last = Known::default();
    for round in 0..KILLS {
        let server = Server::start(place).await;
        let shop = Shop::at(&server);
        let life = dice.life(round);
        if round % 5 != 4 {
            last.check(&shop).await;
            known.add(std::mem::take(&mut last));
        }
        Sandbox::at(&server).set_latency("uzcard", dice.roll(10)).await;
        let writers = Writers::start(&shop, &cards);
        // The moment is what is tried here, not something to wait for.
        tokio::time::sleep(life).await;
        server.kill();
        last.add(writers.join().await);
        if round % 5 == 0 {
            cut_off += place.intents_left_behind().await;
        }
    }
    known.add(last);
    Run { known, cut_off }
}

async fn nothing_answered_is_lost(place: Place) {
    let turn = crate::heavy().await;
    let Run { known, cut_off } = kill_again_and_again(&place).await;
    assert!(known.len() > 500, "the load was too light: {} receipts", known.len());
    assert!(cut_off > 0, "no payment was cut off, so nothing was tried");

    let server = Server::start(&place).await;
    drop(turn);
    let begin = Instant::now();
    wait_for_outbox(&place).await;
    // One process owns a folder, so it knows at once that the others are dead. On PostgreSQL only
    // a lease that has run out tells.
    let limit = Duration::from_secs(if place.database().is_some() { 40 } else { 5 });
    assert!(begin.elapsed() < limit, "settling took {:?}", begin.elapsed());
    known.check(&Shop::at(&server)).await;
    compare_with_networks(&place, &Sandbox::at(&server)).await;
    server.stop().await;
    known.check_settled(&place).await;
    assert_verified(&place);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_on_sqlite() {
    nothing_answered_is_lost(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_on_postgres() {
    nothing_answered_is_lost(Place::postgres().await).await;
}

/// A payment that the network takes its time for, and nobody left to hear its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_nobody_heard_is_asked_for() {
    let World { server, shop, sandbox, place } = World::sqlite().await;
    let slow_to_refuse = shop.card("8600134301849596", true).await;
    let slow_to_pay = shop.card(&pans::fresh("9860"), true).await;
    let (refused, paid) = (shop.receipt(1_000).await, shop.receipt(2_000).await);
    sandbox.add_fault("humo", json!({ "fault": "delay", "delay_ms": 60_000 })).await;
    for (receipt, token) in [(&refused, slow_to_refuse), (&paid, slow_to_pay)] {
        let (shop, receipt) = (shop.clone(), receipt.clone());
        let pay = json!({ "id": receipt, "token": token });
        tokio::spawn(async move { shop.try_call("receipts.pay", &pay).await });
    }
    for network in ["uzcard", "humo"] {
        crate::until("both payments at their networks", async || {
            let operations = sandbox.get(&format!("/networks/{network}/operations")).await;
            (!operations.as_array().unwrap().is_empty()).then_some(())
        })
        .await;
    }
    server.kill();

    let world = World::at(place).await;
    assert_eq!(world.shop.wait_for_state(&paid, &[0, 4]).await, 4);
    assert_eq!(world.shop.wait_for_state(&refused, &[0, 4]).await, 0);
    let totals = [world.sandbox.totals("uzcard").await, world.sandbox.totals("humo").await];
    assert_eq!(totals.map(|totals| totals.net), [0, 2_000]);
    world.finish().await;
}

/// SIGTERM is the gentle way: who is being served is served to the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_lets_open_requests_end() {
    let world = World::sqlite().await;
    let token = world.shop.card(&pans::fresh("8600"), true).await;
    let receipt = world.shop.receipt(1_000).await;
    world.sandbox.set_latency("uzcard", 500).await;
    let (shop, paid) = (world.shop.clone(), receipt.clone());
    let paying = tokio::spawn(async move { shop.pay(&paid, &token).await });
    crate::until("the payment under way", async || {
        (world.shop.state(&receipt).await == 2).then_some(())
    })
    .await;
    let begin = Instant::now();
    world.finish().await;
    assert!(begin.elapsed() < Duration::from_secs(5), "stopping took {:?}", begin.elapsed());
    assert_eq!(state_in(&paying.await.unwrap().unwrap()), 4);
}

/// Two processes on one folder would each believe that the other is dead.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_has_one_process() {
    let world = World::sqlite().await;
    let second = server::try_serve(&world.place);
    assert!(!second.status.success());
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("in use"), "{said}");
    world.shop.receipt(1_000).await;
    world.finish().await;
}
