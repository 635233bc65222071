//! The sandbox inside the running Chorsu: the played counterparties on sockets of their own, with
//! the store's books under them.

mod book;

use anyhow::Context as _;
use chorsu_core::{Network, Pan};
use chorsu_sandbox::{self as played, SandboxClock};
use chorsu_store::book::Book;
use chorsu_store::{OpenOptions, Store, StoreError};

use crate::app::App;
use book::KeptBook;

/// The setting that keeps how far the clock was turned.
const CLOCK_SETTING: &str = "sandbox_clock_offset_ms";
/// The code that every published test card takes.
const PUBLISHED_CODE: &str = "666666";

/// The played counterparties.
pub(crate) struct Sandbox {
    /// Their controls.
    pub(crate) world: played::Sandbox,
    /// `host:port` of the played UZCARD.
    pub(crate) uzcard_address: String,
    /// `host:port` of the played HUMO.
    pub(crate) humo_address: String,
}

impl Sandbox {
    /// Opens the books and starts the played hosts; the clock goes on where it was turned to.
    pub(crate) async fn start(
        options: &OpenOptions,
        store: &Store,
        clock: &SandboxClock,
    ) -> anyhow::Result<Self> {
        clock.set_offset(stored_offset(store).await?);
        let options = options.clone();
        // Opening blocks, and its PostgreSQL side must not run inside a runtime.
        let book = tokio::task::spawn_blocking(move || Book::open(&options)).await?;
        let book = KeptBook(book.context("cannot open the sandbox's books")?);
        let world = played::Sandbox::start(book, clock.reader())
            .await
            .context("cannot start the played card networks")?;
        let uzcard_address = world.address(Network::Uzcard).to_string();
        let humo_address = world.address(Network::Humo).to_string();
        Ok(Self { world, uzcard_address, humo_address })
    }

    /// The code a published test card always gets; `None` for other cards.
    #[expect(clippy::unused_self, reason = "only who has a sandbox may know such codes")]
    pub(crate) fn fixed_code(&self, pan: &Pan) -> Option<&'static str> {
        played::is_published_test_card(pan).then_some(PUBLISHED_CODE)
    }

    /// Turns the clock forward and remembers it.
    pub(crate) async fn advance_clock(
        &self,
        app: &App,
        milliseconds: i64,
    ) -> Result<(), StoreError> {
        let offset = app.clock.advance(milliseconds);
        app.store.put_setting(CLOCK_SETTING, offset.to_string()).await?;
        app.clock_turned.notify_one();
        Ok(())
    }

    /// Turns the clock as far as another process of the same database has.
    pub(crate) async fn follow_clock(&self, app: &App) {
        let before = app.clock.offset();
        match stored_offset(&app.store).await {
            Ok(offset) if app.clock.set_offset(offset) != before => app.clock_turned.notify_one(),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the sandbox's clock was not read"),
        }
    }
}

async fn stored_offset(store: &Store) -> anyhow::Result<i64> {
    match store.setting(CLOCK_SETTING).await? {
        Some(offset) => offset.parse().context("the stored clock is not a number"),
        None => Ok(0),
    }
}
