//! The control of the sandbox's networks and wallets: what the routes under `/sandbox` call.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use chorsu_core::{Network, OperationId, Pan};

use crate::bank::{
    CardChange, CardView, Desk, Halt, Operation, OperationView, Sight, TotalsView, card_key, kinds,
    totals_key,
};
use crate::book::{Book, BookError, RecordId, RecordKey};
use crate::clock::Clock;
use crate::fiscal_module::{FiscalLimits, FiscalWorld};
use crate::host::{HostControls, NetworkHost};
use crate::keeper::Keeper;
use crate::sms::SmsInbox;
use crate::wallet::{WalletSettings, WalletWorld};

/// A request to the sandbox's control that cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The number is not that of a card of either network.
    #[error("no such card")]
    NoSuchCard,
    /// The book failed.
    #[error(transparent)]
    Book(#[from] BookError),
}

/// The played networks and wallets with their book, the SMS inbox and their controls; clones are
/// the same.
#[derive(Clone)]
pub struct Sandbox {
    keeper: Keeper,
    clock: Clock,
    sms: SmsInbox,
    hosts: Arc<[NetworkHost; 2]>,
    wallets: WalletWorld,
    fiscal: FiscalWorld,
}

impl Sandbox {
    /// Opens the book and starts all hosts on free ports of the loopback interface, the wallets for
    /// the demo merchant. They stop when the last clone is dropped.
    ///
    /// # Errors
    /// When there is no port or no thread to be had.
    pub async fn start(book: impl Book, clock: Clock) -> io::Result<Self> {
        Self::start_for(book, clock, WalletSettings::default()).await
    }

    /// As [`start`](Self::start), with the merchant's accounts at the wallets.
    ///
    /// # Errors
    /// When there is no port or no thread to be had.
    pub async fn start_for(
        book: impl Book,
        clock: Clock,
        settings: WalletSettings,
    ) -> io::Result<Self> {
        let keeper = Keeper::start(book, Arc::clone(&clock))?;
        let [uzcard, humo] = Network::ALL.map(|network| {
            NetworkHost::start(network, keeper.clone(), Arc::new(HostControls::default()))
        });
        let hosts = Arc::new([uzcard.await?, humo.await?]);
        let sms = SmsInbox::new(keeper.clone());
        let wallets = WalletWorld::start(keeper.clone(), Arc::clone(&clock), settings).await?;
        let limits = FiscalLimits::default();
        let fiscal = FiscalWorld::start(keeper.clone(), Arc::clone(&clock), limits).await?;
        Ok(Self { keeper, clock, sms, hosts, wallets, fiscal })
    }

    /// Where the host of `network` listens.
    #[must_use]
    pub fn address(&self, network: Network) -> SocketAddr {
        self.host(network).address()
    }

    /// Latency and faults of the host of `network`.
    #[must_use]
    pub fn controls(&self, network: Network) -> &HostControls {
        self.host(network).controls()
    }

    /// The played wallets.
    #[must_use]
    pub const fn wallets(&self) -> &WalletWorld {
        &self.wallets
    }

    /// The played fiscal modules.
    #[must_use]
    pub const fn fiscal(&self) -> &FiscalWorld {
        &self.fiscal
    }

    /// The SMS inbox.
    #[must_use]
    pub const fn sms(&self) -> &SmsInbox {
        &self.sms
    }

    /// The card `pan` as its host knows it, or as it would be on first sight.
    ///
    /// # Errors
    /// [`ControlError::NoSuchCard`] for a number no network here serves.
    pub async fn card(&self, pan: &Pan) -> Result<CardView, ControlError> {
        self.change_card(pan, CardChange::default()).await
    }

    /// Changes the card `pan` at its host; the card after it.
    ///
    /// # Errors
    /// [`ControlError::NoSuchCard`] for a number no network here serves.
    pub async fn change_card(
        &self,
        pan: &Pan,
        change: CardChange,
    ) -> Result<CardView, ControlError> {
        let network = Network::of(pan).ok_or(ControlError::NoSuchCard)?;
        let sight = Sight::new(network, pan, None);
        let key = card_key(network, sight.tag);
        let look = move |desk: &mut Desk<'_>| desk.look(network, &sight, change);
        self.at_desk(vec![key], look).await?.ok_or(ControlError::NoSuchCard)
    }

    /// What `network` has debited and refunded in all, to be compared with the ledger.
    ///
    /// # Errors
    /// [`ControlError::Book`].
    pub async fn totals(&self, network: Network) -> Result<TotalsView, ControlError> {
        let totals = move |desk: &mut Desk<'_>| desk.totals(network);
        Ok(self.at_desk(vec![totals_key(network)], totals).await?)
    }

    /// The newest `limit` operations of `network`, the newest first.
    ///
    /// # Errors
    /// [`ControlError::Book`].
    pub async fn operations(
        &self,
        network: Network,
        limit: usize,
    ) -> Result<Vec<OperationView>, ControlError> {
        let kind = kinds(network).operation;
        let rows = self.keeper.with_book(move |book| book.newest(kind, limit)).await?;
        let operations = rows.iter().map(|(id, text)| read_operation(network, id, text));
        let operations = operations.collect::<Result<Vec<_>, _>>()?;
        let card = |operation: &Operation| operation.card.map(|tag| card_key(network, tag));
        let cards: Vec<_> = operations.iter().map(|(_, operation)| card(operation)).collect();
        let mut keys: Vec<_> = cards.iter().copied().flatten().collect();
        keys.sort_unstable();
        keys.dedup();
        let masked = move |desk: &mut Desk<'_>| {
            let masked = |key: &Option<RecordKey>| key.map_or(Ok(None), |key| desk.masked(key));
            cards.iter().map(masked).collect::<Result<Vec<_>, _>>()
        };
        let numbers = self.at_desk(keys, masked).await?;
        let now = (self.clock)();
        let view = |((id, operation), number): (&(OperationId, Operation), _)| OperationView {
            number,
            ..OperationView::new(network, *id, operation, now)
        };
        Ok(operations.iter().zip(numbers).map(view).collect())
    }

    fn host(&self, network: Network) -> &NetworkHost {
        match network {
            Network::Uzcard => &self.hosts[0],
            Network::Humo => &self.hosts[1],
        }
    }

    /// Runs `work` at a desk over the records of `keys`, which are sorted and unique.
    async fn at_desk<T: Send + 'static>(
        &self,
        keys: Vec<RecordKey>,
        work: impl Fn(&mut Desk<'_>) -> Result<T, Halt> + Send + 'static,
    ) -> Result<T, BookError> {
        let now = (self.clock)();
        let run = move |book: &mut dyn Book| {
            let mut result = Err(BookError::Closed);
            book.transact(&keys, &mut |records| {
                let mut desk = Desk::new(records, now);
                result = work(&mut desk).map_err(|halt| match halt {
                    Halt::Needs(key) | Halt::Broken(key) => BookError::Broken(key),
                });
                desk.save();
            })?;
            result
        };
        self.keeper.with_book(run).await
    }
}

fn read_operation(
    network: Network,
    id: &[u8],
    text: &str,
) -> Result<(OperationId, Operation), BookError> {
    let kind = kinds(network).operation;
    let broken =
        || BookError::Broken(RecordKey { kind, id: RecordId::new(id).unwrap_or(RecordId::of([])) });
    let operation = serde_json::from_str(text).map_err(|_| broken())?;
    Ok((OperationId::from_bytes(id).map_err(|_| broken())?, operation))
}
