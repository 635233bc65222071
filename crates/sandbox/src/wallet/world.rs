//! The three played wallets together: where they listen, their controls and their books.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use chorsu_core::Wallet;
use serde::de::DeserializeOwned;
use tokio::task::AbortHandle;

use super::call::reference_id;
use super::faults::WalletControls;
use super::ids::{self, Mint};
use super::record::{
    Items, Payment, Reference, Totals, items_key, kinds, payment_key, reference_key, totals_key,
};
use super::server::{self, Host};
use super::settings::WalletSettings;
use super::times::{CallTimes, WalletCallTimes};
use super::views::{WalletPayment, WalletTotals, WalletTransaction};
use super::{click, payme, uzum};
use crate::book::{Book, BookError, RecordId, RecordKey};
use crate::clock::Clock;
use crate::keeper::Keeper;

/// A wallet that listens.
struct Running {
    address: SocketAddr,
    controls: Arc<WalletControls>,
    times: Arc<CallTimes>,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The played wallets; clones are the same. They stop when the last clone is dropped.
#[derive(Clone)]
pub struct WalletWorld {
    pub(super) keeper: Keeper,
    pub(super) clock: Clock,
    settings: Arc<WalletSettings>,
    running: Arc<[Running; 3]>,
}

impl WalletWorld {
    /// Starts all three on free ports of the loopback interface, for a merchant with the accounts
    /// of `settings`.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub async fn start(keeper: Keeper, clock: Clock, settings: WalletSettings) -> io::Result<Self> {
        let (settings, mint) = (Arc::new(settings), Arc::new(Mint::new()));
        let start = async |wallet| {
            let controls = Arc::new(WalletControls::default());
            let times = Arc::new(CallTimes::default());
            let host = Host {
                wallet,
                settings: Arc::clone(&settings),
                keeper: keeper.clone(),
                clock: Arc::clone(&clock),
                controls: Arc::clone(&controls),
                mint: Arc::clone(&mint),
                times: Arc::clone(&times),
            };
            let (address, task) = server::start(host).await?;
            io::Result::Ok(Running { address, controls, times, task })
        };
        let [click, payme, uzum] = Wallet::ALL;
        let running = [start(click).await?, start(payme).await?, start(uzum).await?];
        Ok(Self { keeper, clock, settings, running: Arc::new(running) })
    }

    /// Where `wallet` listens.
    #[must_use]
    pub fn address(&self, wallet: Wallet) -> SocketAddr {
        self.running(wallet).address
    }

    /// What a connector calls, without a slash at the end: `http://…/v2/merchant` at Click, whose
    /// live base ends so, `http://…/api` at Payme, `http://…/api/apelsin-pay` at Uzum.
    #[must_use]
    pub fn base_url(&self, wallet: Wallet) -> String {
        let path = match wallet {
            Wallet::Click => click::BASE,
            Wallet::Payme => payme::BASE,
            Wallet::Uzum => uzum::BASE,
        };
        format!("http://{}{path}", self.address(wallet))
    }

    /// The merchant's accounts, for whoever has to call.
    #[must_use]
    pub fn settings(&self) -> &WalletSettings {
        &self.settings
    }

    /// Latency and faults of `wallet`.
    #[must_use]
    pub fn controls(&self, wallet: Wallet) -> &WalletControls {
        &self.running(wallet).controls
    }

    /// How long `wallet` has worked on its latest calls: at most `limit` behind number `after`.
    #[must_use]
    pub fn call_times(&self, wallet: Wallet, after: u64, limit: usize) -> WalletCallTimes {
        self.running(wallet).times.after(wallet, after, limit)
    }

    /// What `wallet` has moved, to be compared with the ledger.
    ///
    /// # Errors
    /// [`BookError`].
    pub async fn totals(&self, wallet: Wallet) -> Result<WalletTotals, BookError> {
        let totals = self.load::<Totals>(totals_key(wallet)).await?;
        Ok(totals.unwrap_or_default().into())
    }

    /// The newest `limit` payments of `wallet`, the newest first.
    ///
    /// # Errors
    /// [`BookError`].
    pub async fn payments(
        &self,
        wallet: Wallet,
        limit: usize,
    ) -> Result<Vec<WalletPayment>, BookError> {
        let kind = kinds(wallet).payment;
        let rows = self.keeper.with_book(move |book| book.newest(kind, limit)).await?;
        let now = (self.clock)();
        let view = |(id, text): (Vec<u8>, String)| {
            let id = RecordId::new(&id).unwrap_or(RecordId::of([]));
            let payment = parse::<Payment>(payment_key(wallet, id), &text)?;
            Ok(WalletPayment::new(wallet, id, payment, now))
        };
        rows.into_iter().map(view).collect()
    }

    /// The payments of `wallet` under the merchant's `transaction_id`; `None` when there is none.
    ///
    /// # Errors
    /// [`BookError`].
    pub async fn transaction(
        &self,
        wallet: Wallet,
        transaction_id: &str,
    ) -> Result<Option<WalletTransaction>, BookError> {
        let Some(reference) = reference_id(transaction_id) else {
            return Ok(None);
        };
        let Some(known) = self.load::<Reference>(reference_key(wallet, reference)).await? else {
            return Ok(None);
        };
        let now = (self.clock)();
        let mut payments = Vec::with_capacity(known.0.len());
        for id in known.0.iter().filter_map(|id| ids::parse(wallet, id)) {
            let payment = self.load::<Payment>(payment_key(wallet, id)).await?;
            payments.extend(payment.map(|payment| WalletPayment::new(wallet, id, payment, now)));
        }
        Ok(Some(WalletTransaction::new(transaction_id, payments)))
    }

    /// The goods that were submitted for a payment of Click, as JSON.
    ///
    /// # Errors
    /// [`BookError`].
    pub async fn items(&self, payment_id: &str) -> Result<Option<String>, BookError> {
        let Some(id) = ids::parse(Wallet::Click, payment_id) else {
            return Ok(None);
        };
        let items = self.load::<Items>(items_key(Wallet::Click, id)).await?;
        Ok(items.map(|items| items.0))
    }

    fn running(&self, wallet: Wallet) -> &Running {
        let [click, payme, uzum] = self.running.as_ref();
        match wallet {
            Wallet::Click => click,
            Wallet::Payme => payme,
            Wallet::Uzum => uzum,
        }
    }

    async fn load<T: DeserializeOwned>(&self, key: RecordKey) -> Result<Option<T>, BookError> {
        let load = move |book: &mut dyn Book| {
            let mut text = None;
            book.transact(&[key], &mut |records| text = records.get(0).map(str::to_owned))?;
            Ok(text)
        };
        let text = self.keeper.with_book(load).await?;
        text.map(|text| parse(key, &text)).transpose()
    }
}

fn parse<T: DeserializeOwned>(key: RecordKey, text: &str) -> Result<T, BookError> {
    serde_json::from_str(text).map_err(|_| BookError::Broken(key))
}
