//! The two processes and a shop.

use std::collections::BTreeMap;

use serde_json::json;

use super::front::Front;
use crate::pans;
use crate::place::Place;
use crate::sandbox::Sandbox;
use crate::server::{Server, assert_verified};
use crate::shop::{KASSA, OTHER_KASSA, OTHER_KEY, Shop};
use crate::till_stand::Chorsu;

/// The process that is Payme: the shop's kassa there is the second demo kassa.
pub(super) struct Payme {
    pub(super) place: Place,
    pub(super) front: Front,
    server: Option<Server>,
}

impl Payme {
    async fn start() -> Self {
        let mut payme = Self { place: Place::sqlite(), front: Front::start().await, server: None };
        payme.come_back().await;
        payme
    }

    /// Kills it.
    pub(super) fn die(&mut self) {
        self.server.take().unwrap().kill();
    }

    /// Starts it again elsewhere.
    pub(super) async fn come_back(&mut self) {
        let server = Server::start(&self.place).await;
        self.front.put_before(&server);
        self.server = Some(server);
    }

    /// The shop as a client of Payme.
    pub(super) fn shop(&self) -> Shop {
        Shop::at(self.server.as_ref().unwrap()).other_kassa()
    }

    pub(super) fn sandbox(&self) -> Sandbox {
        Sandbox::at(self.server.as_ref().unwrap())
    }

    /// What it has got from cards and not given back, and by how many debits.
    pub(super) async fn taken(&self) -> (i64, u64) {
        let totals = self.sandbox().totals("uzcard").await;
        (totals.net, totals.debits)
    }
}

/// Payme, and a Chorsu with a shop whose kassa it stands behind.
pub(super) struct Stand {
    pub(super) payme: Payme,
    pub(super) chorsu: Chorsu,
}

/// The settings of the shop's kassa.
pub(super) fn settings(url: &str) -> String {
    format!(
        "[[payme_kassa]]\nkassa = \"{KASSA}\"\nurl = \"{url}\"\n\
         merchant_id = \"{OTHER_KASSA}\"\nkey = \"{OTHER_KEY}\"\n"
    )
}

impl Stand {
    pub(super) async fn start() -> Self {
        Self::on(Place::sqlite()).await
    }

    pub(super) async fn on(place: Place) -> Self {
        let payme = Payme::start().await;
        let chorsu = Chorsu::start(place, &settings(&payme.front.url)).await;
        Self { payme, chorsu }
    }

    /// With a look at Payme's receipts every second.
    pub(super) async fn watching(place: Place) -> Self {
        let payme = Payme::start().await;
        let settings = format!("{}look_every_seconds = 1\n", settings(&payme.front.url));
        let chorsu = Chorsu::start(place, &settings).await;
        Self { payme, chorsu }
    }

    /// The shop as a client of Chorsu.
    pub(super) fn shop(&self) -> Shop {
        Shop::at(self.chorsu.server())
    }

    /// A new card's number, and a verified token for it, made through Chorsu.
    pub(super) async fn card(&self) -> (String, String) {
        let (pan, shop) = (pans::fresh("8600"), self.shop());
        let token = shop.token(&pan, true).await;
        shop.ok("cards.get_verify_code", json!({ "token": token })).await;
        let code = self.payme.sandbox().code_sent_to(&pan).await;
        let verified = shop.ok("cards.verify", json!({ "token": token, "code": code })).await;
        assert_eq!(verified["card"]["verify"], true);
        (pan, token)
    }

    /// How a receipt stands in the books of Chorsu and of Payme.
    pub(super) async fn states(&self, receipt: &str) -> (i64, i64) {
        let mut found = Vec::new();
        for place in [&self.chorsu.place, &self.payme.place] {
            found.push(states(place).await[receipt]);
        }
        (found[0], found[1])
    }

    /// What Payme owes by the books of Chorsu, and what it has taken by its own.
    pub(super) async fn money(&self) -> (i64, i64) {
        (self.chorsu.balance("wallet:payme").await, self.payme.taken().await.0)
    }

    /// Both are stopped well, their ledgers are in order, and they agree.
    pub(super) async fn finish(self) {
        let (owed, taken) = self.money().await;
        assert_eq!(owed, taken, "the two do not agree on the money");
        assert_eq!(self.chorsu.balance("network:uzcard").await, 0);
        let (ours, theirs) = (states(&self.chorsu.place).await, states(&self.payme.place).await);
        for (id, state) in &ours {
            assert_eq!(theirs[id], *state, "receipt {id}");
        }
        let Self { payme, chorsu } = self;
        chorsu.finish().await;
        payme.server.unwrap().stop().await;
        assert_verified(&payme.place);
    }
}

async fn states(place: &Place) -> BTreeMap<String, i64> {
    let rows = place.rows("SELECT id, state FROM receipt").await;
    rows.into_iter().map(|row| (row[0].clone(), row[1].parse().unwrap())).collect()
}
