//! The sandbox inside the running Chorsu: the played counterparties on sockets of their own, with
//! the store's books under them.

mod book;
pub(crate) mod pause;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chorsu_core::{KassaId, Network, Pan, UnixMillis, Wallet};
use chorsu_sandbox::pinpad::PlayedPinpad;
use chorsu_sandbox::{self as played, DEMO_CLICK, DEMO_PAYME, DEMO_UZUM, SandboxClock};
use chorsu_store::book::Book;
use chorsu_store::{OpenOptions, Store, StoreError};

use crate::app::App;
use crate::cli::PinpadArgs;
use crate::till::config::{self as till_config, ClickConfig, Hidden, PaymeConfig, UzumConfig};
use crate::till::registry::Played;
use book::KeptBook;
use pause::Pauses;

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
    /// Where played pinpads keep their state, a folder each.
    pub(crate) pinpad_dir: PathBuf,
    /// Where payments are held still, for tests.
    pub(crate) pauses: Pauses,
}

impl Sandbox {
    /// Opens the books and starts the played hosts; the clock goes on where it was turned to.
    pub(crate) async fn start(
        options: &OpenOptions,
        data: &Path,
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
        let pinpad_dir = data.join("pinpad");
        let pauses = Pauses::default();
        Ok(Self { world, uzcard_address, humo_address, pinpad_dir, pauses })
    }

    /// What fills the gaps of tills: the demo merchant's contracts with the played counterparties.
    ///
    /// # Errors
    /// When this program does not know where it is.
    pub(crate) fn played(&self, merchant: KassaId) -> anyhow::Result<Played> {
        let wallets = self.world.wallets();
        let (click, payme, uzum) = (DEMO_CLICK, DEMO_PAYME, DEMO_UZUM);
        Ok(Played {
            click: ClickConfig {
                base_url: wallets.base_url(Wallet::Click),
                merchant_user_id: click.merchant_user_id.into_owned(),
                secret_key: Hidden(click.secret_key.into_owned()),
                service_id: click.service_id,
                cashbox_code: None,
                confirmation_mode: false,
                // The played Click is never late, unless a fault says so.
                not_found_after_seconds: 5,
                not_found_code: till_config::not_found_code(),
                ask_again_seconds: till_config::ask_again_seconds(),
            },
            payme: PaymeConfig {
                url: wallets.base_url(Wallet::Payme),
                merchant_id: payme.merchant_id.into_owned(),
                key: Hidden(payme.key.into_owned()),
                account_field: "document".to_owned(),
            },
            uzum: UzumConfig {
                base_url: wallets.base_url(Wallet::Uzum),
                merchant_service_user_id: uzum.merchant_service_user_id.into_owned(),
                secret: Hidden(uzum.secret.into_owned()),
                service_id: uzum.service_id,
                cashbox_code: None,
                time_offset_ms: 0,
            },
            module_url: self.world.fiscal().base_url(),
            pinpad_program: std::env::current_exe().context("this program cannot be found")?,
            pinpad_dir: self.pinpad_dir.clone(),
            merchant,
        })
    }

    /// The played pinpad of a till.
    pub(crate) fn pinpad(&self, till: &str) -> PlayedPinpad {
        PlayedPinpad::new(&self.pinpad_dir.join(till))
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

/// Plays one operation of a pinpad and ends with its exit status.
pub(crate) fn play_pinpad(args: &PinpadArgs) -> anyhow::Result<()> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let now = UnixMillis(i64::try_from(now.as_millis())?);
    let status = chorsu_sandbox::pinpad::run(&args.arguments, &args.dir, now);
    std::process::exit(i32::from(status))
}
