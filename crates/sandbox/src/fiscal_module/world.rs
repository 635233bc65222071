//! The played modules together: where they listen, their controls and their books.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use chorsu_core::UnixMillis;
use tokio::task::AbortHandle;

use super::call::{Call, Decision};
use super::change::FiscalModuleChange;
use super::desk::{Desk, FiscalLimits, Halt};
use super::faults::FiscalControls;
use super::record::{FactoryId, MODULE, Module, Registration};
use super::server::{self, Host};
use super::views::{FiscalModuleView, FiscalReceiptView};
use crate::book::{Book, BookError, RecordId, RecordKey};
use crate::clock::Clock;
use crate::keeper::Keeper;

/// Modules that are listed at most.
const LISTED: usize = 1_000;
/// A request asks for more records at most so many times; then a record is not what it should be.
const ROUNDS: usize = 8;

/// The server, until nobody needs it.
struct Running {
    address: SocketAddr,
    controls: Arc<FiscalControls>,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The played fiscal modules; clones are the same. They stop when the last clone is dropped.
#[derive(Clone)]
pub struct FiscalWorld {
    keeper: Keeper,
    running: Arc<Running>,
}

impl FiscalWorld {
    /// Starts the service on a free port of the loopback interface. A module is made when it is
    /// first named.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub async fn start(keeper: Keeper, clock: Clock, limits: FiscalLimits) -> io::Result<Self> {
        let controls = Arc::new(FiscalControls::default());
        let host = Host { keeper: keeper.clone(), clock, limits, controls: Arc::clone(&controls) };
        let (address, task) = server::start(host).await?;
        Ok(Self { keeper, running: Arc::new(Running { address, controls, task }) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// What a connector calls, whichever the module.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.address(), server::PATH)
    }

    /// Latency and faults, for all modules.
    #[must_use]
    pub fn controls(&self) -> &FiscalControls {
        &self.running.controls
    }

    /// The module `factory_id`, as it is or would be when first named; `None` when that is no
    /// factory id: 1 to 40 letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// [`BookError`].
    pub async fn module(&self, factory_id: &str) -> Result<Option<FiscalModuleView>, BookError> {
        self.change(factory_id, FiscalModuleChange::default()).await
    }

    /// Changes the module `factory_id`; the module after it. `None` when that is no factory id.
    ///
    /// # Errors
    /// [`BookError`].
    pub async fn change(
        &self,
        factory_id: &str,
        change: FiscalModuleChange,
    ) -> Result<Option<FiscalModuleView>, BookError> {
        let Some(factory) = FactoryId::parse(factory_id) else { return Ok(None) };
        let work = move |book: &mut dyn Book| {
            let module = change_module(book, &factory, change)?;
            Ok(Some(FiscalModuleView::new(&factory, &module)))
        };
        self.keeper.with_book(work).await
    }

    /// The modules that were named so far, by factory id from the last.
    ///
    /// # Errors
    /// [`BookError`].
    pub async fn modules(&self) -> Result<Vec<FiscalModuleView>, BookError> {
        let rows = self.keeper.with_book(|book| book.newest(MODULE, LISTED)).await?;
        let view = |(id, text): (Vec<u8>, String)| {
            let key =
                RecordKey { kind: MODULE, id: RecordId::new(&id).unwrap_or(RecordId::of([])) };
            let factory = std::str::from_utf8(&id).ok().and_then(FactoryId::parse);
            let factory = factory.ok_or(BookError::Broken(key))?;
            let module: Module = parse(key, &text)?;
            Ok(FiscalModuleView::new(&factory, &module))
        };
        rows.into_iter().map(view).collect()
    }

    /// The newest `limit` receipts of the module `factory_id`, the newest first.
    ///
    /// # Errors
    /// [`BookError`].
    pub async fn receipts(
        &self,
        factory_id: &str,
        limit: usize,
    ) -> Result<Vec<FiscalReceiptView>, BookError> {
        let Some(factory) = FactoryId::parse(factory_id) else { return Ok(Vec::new()) };
        let work = move |book: &mut dyn Book| {
            let module = change_module(book, &factory, FiscalModuleChange::default())?;
            let terminal = factory.terminal();
            let newest = (1..=module.seq).rev().take(limit);
            let mut keys: Vec<_> = newest.map(|seq| terminal.receipt_key(seq)).collect();
            keys.reverse();
            let mut texts = Vec::new();
            book.transact(&keys, &mut |records| {
                let text = |place| records.get(place).unwrap_or_default().to_owned();
                texts = (0..keys.len()).map(text).collect();
            })?;
            let view = |(key, text): (&RecordKey, &String)| {
                let registration: Registration = parse(*key, text)?;
                Ok(FiscalReceiptView::new(registration, &module))
            };
            keys.iter().zip(&texts).rev().map(view).collect()
        };
        self.keeper.with_book(work).await
    }
}

/// Decides `call` in a transaction, loading what it needs.
pub(super) fn carry_out(
    book: &mut dyn Book,
    limits: FiscalLimits,
    (factory, call): (&FactoryId, &Call),
    now: UnixMillis,
) -> Result<Decision, BookError> {
    let module = factory.module_key();
    let mut keys = vec![module];
    if let Call::Register(receipt) = call {
        keys.push(factory.terminal().txid_key(&receipt.txid));
    }
    for _ in 0..ROUNDS {
        keys.sort_unstable();
        keys.dedup();
        let mut decided = Err(Halt::Broken(module));
        book.transact(&keys, &mut |records| {
            decided = Desk::new(records, limits, factory, now).perform(call);
        })?;
        match decided {
            Ok(decision) => return Ok(decision),
            Err(Halt::Needs(more)) => keys.extend(more),
            Err(Halt::Broken(key)) => return Err(BookError::Broken(key)),
        }
    }
    Err(BookError::Broken(module))
}

/// Loads a module, changes it where `change` says so, and returns it.
fn change_module(
    book: &mut dyn Book,
    factory: &FactoryId,
    change: FiscalModuleChange,
) -> Result<Module, BookError> {
    let key = factory.module_key();
    let mut outcome = Err(BookError::Broken(key));
    book.transact(&[key], &mut |records| {
        let stored = records.get(0).map(|text| parse::<Module>(key, text)).transpose();
        outcome = stored.and_then(|stored| {
            let mut module = stored.unwrap_or_default();
            // What a tax committee within reach has acknowledged by now, before the change and
            // after it.
            module.acknowledge();
            module.not_initialised = change.not_initialised.unwrap_or(module.not_initialised);
            module.ofd_stopped = change.ofd_stopped.unwrap_or(module.ofd_stopped);
            module.earlier = change.earlier_applet.unwrap_or(module.earlier);
            module.acknowledge();
            if change != FiscalModuleChange::default() {
                let text = serde_json::to_string(&module).map_err(|_| BookError::Broken(key))?;
                records.put(0, text);
            }
            Ok(module)
        });
    })?;
    outcome
}

fn parse<T: serde::de::DeserializeOwned>(key: RecordKey, text: &str) -> Result<T, BookError> {
    serde_json::from_str(text).map_err(|_| BookError::Broken(key))
}
