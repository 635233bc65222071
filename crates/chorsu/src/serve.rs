//! `chorsu serve`: opens everything in order, serves, and stops cleanly.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use chorsu_connectors::card::{CardLink, LinkSettings};
use chorsu_sandbox::SandboxClock;
use chorsu_store::Store;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use crate::app::{App, Networks};
use crate::bank::Bank;
use crate::cli::ServeArgs;
use crate::config::{Config, Live, Mode};
use crate::http::till_guard::TillGuard;
use crate::http::{router, server};
use crate::kassas::Kassas;
use crate::metrics::Metrics;
use crate::payme_kassas::PaymeKassas;
use crate::sandbox::Sandbox;
use crate::sms::Sms;
use crate::till::config::DEFAULT_TILL;
use crate::till::doubt::Doubts;
use crate::till::registry::Tills;
use crate::till::shift;
use crate::vault::{MasterKey, Vault};
use crate::{bank, demo, ids, settlement, telemetry, worker};

/// An address at which nobody can be: it stands for what is not configured.
const NOWHERE: &str = "127.0.0.1:0";

/// Serves until SIGTERM or SIGINT.
pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<()> {
    telemetry::start();
    let config = Config::load(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let listener = TcpListener::bind(&config.listen).await.with_context(|| {
        format!("cannot listen on {} (is Chorsu running already?)", config.listen)
    })?;
    let address = listener.local_addr()?;
    let app = Arc::new(open(&config, address).await?);
    let (stop, stopped) = watch::channel(false);
    open_first_shift(&app).await;
    let workers = worker::start(&app, &stopped);
    greet(&config, address);

    let server =
        tokio::spawn(server::serve(listener, app.clone(), router::router(app.clone()), stopped));
    wait_for_signal().await?;
    tracing::info!("stopping: open requests end first");
    stop.send_replace(true);
    server.await?;
    for worker in workers {
        worker.await?;
    }
    match Arc::try_unwrap(app) {
        Ok(app) => app.store.close().await,
        // A refund behind an answer is still under way; its intent is in the outbox.
        Err(_) => tracing::info!("leaving requests to the card networks to the next start"),
    }
    Ok(())
}

/// Opens the very first shift of the sandbox's default till, so that it can sell at once.
async fn open_first_shift(app: &App) {
    let till = app.sandbox.as_ref().and_then(|_| app.tills.find(DEFAULT_TILL));
    let Some(till) = till else { return };
    let is_new = shift::info(&till).await.is_ok_and(|info| info.z_report_count == 0);
    // Another process may be quicker; a till whose shifts a person opens is left alone.
    if is_new && let Err(error) = shift::open(app, &till, None).await {
        tracing::info!(%error, "the first shift was not opened");
    }
}

/// Opens the store, the vault and the ways to the counterparties.
async fn open(config: &Config, address: SocketAddr) -> anyhow::Result<App> {
    let mut owner = [0; 8];
    ids::fill(&mut owner);
    let owner: String = owner.iter().map(|byte| format!("{byte:02x}")).collect();
    let options = config.store();
    let store = Store::open(&options, owner).await.context("cannot open the database")?;
    let clock = SandboxClock::default();
    let public_url = match &config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", own_address(address)),
    };
    let sandbox = match config.mode {
        Mode::Live => None,
        Mode::Sandbox => {
            demo::seed(&store, clock.now()).await.context("cannot open the demo kassas")?;
            bank::demo::seed(&store, clock.now(), &config.bank)
                .await
                .context("cannot open the demo partner")?;
            Some(Sandbox::start(&options, &config.data, &store, &clock).await?)
        }
    };
    let vault = Vault::open(&store, &master_key(config)?, clock.now()).await?;
    let (networks, sms) = match (&config.live, &sandbox) {
        (Some(live), _) => {
            let nowhere = || format!("http://{NOWHERE}/");
            let sms_url = live.sms_url.clone().unwrap_or_else(nowhere);
            (live_networks(live), Sms::new(&sms_url)?)
        }
        (None, Some(sandbox)) => (
            networks(&sandbox.uzcard_address, &sandbox.humo_address),
            Sms::new(&format!("http://{}/sandbox/sms", own_address(address)))?,
        ),
        (None, None) => anyhow::bail!("live mode needs the addresses of its counterparties"),
    };
    let played = sandbox.as_ref().map(|sandbox| sandbox.played(demo::merchant()?)).transpose()?;
    let tills = Tills::open(&config.tills, played)?;
    let till_guard = TillGuard::new(&config.till_networks)?;
    let bank = Bank::open(config.bank.clone(), &store, config.mode == Mode::Sandbox).await?;
    let kassas = Kassas::default();
    kassas.replace(store.kassas().await?);
    let is_open = |id| sandbox.is_some() || !demo::is_demo(id);
    let payme =
        PaymeKassas::open(&config.payme_kassas, |id| is_open(id) && kassas.get(id).is_some())?;
    let (metrics, clock_turned) = (Metrics::new(), Notify::new());
    let started_at = clock.now();
    Ok(App {
        store,
        vault,
        networks,
        payme,
        tills,
        doubts: Doubts::default(),
        started_at,
        till_guard,
        bank,
        settlements: settlement::Desk::default(),
        sms,
        kassas,
        clock,
        sandbox,
        metrics,
        clock_turned,
        public_url,
    })
}

fn networks(uzcard: &str, humo: &str) -> Networks {
    let link = |address: &str| CardLink::new(address, LinkSettings::default());
    Networks { uzcard: link(uzcard), humo: link(humo) }
}

fn live_networks(live: &Live) -> Networks {
    let address = |of: &Option<String>| of.clone().unwrap_or_else(|| NOWHERE.to_owned());
    networks(&address(&live.uzcard_address), &address(&live.humo_address))
}

/// The address under which this process reaches itself.
fn own_address(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let loopback: std::net::IpAddr = match address {
        SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(loopback, address.port())
}

fn master_key(config: &Config) -> anyhow::Result<MasterKey> {
    match (&config.master_key_file, config.mode, &config.database) {
        (Some(path), _, _) => MasterKey::read(path),
        (None, Mode::Live, _) => anyhow::bail!("live mode needs master_key_file"),
        (None, Mode::Sandbox, None) => MasterKey::read_or_make(&config.data.join("master.key")),
        // The sandbox's processes share the database and may share nothing else.
        (None, Mode::Sandbox, Some(_)) => Ok(MasterKey::of_shared_sandbox()),
    }
}

/// Tells people where everything is.
fn greet(config: &Config, address: SocketAddr) {
    // Nobody may be listening to standard output; that must not end the service.
    let _ = write_greeting(&mut std::io::stdout().lock(), config, address);
}

fn write_greeting(
    out: &mut impl std::io::Write,
    config: &Config,
    address: SocketAddr,
) -> std::io::Result<()> {
    let base = format!("http://{}", own_address(address));
    let place = match &config.database {
        Some(_) => "PostgreSQL".to_owned(),
        None => format!("SQLite in {}", config.data.display()),
    };
    writeln!(out, "Chorsu {} is ready ({place})", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  Start page      {base}/")?;
    writeln!(out, "  Subscribe API   {base}/api")?;
    writeln!(
        out,
        "  Till API        {base}/payment/click, /payment/payme, /payment/uzum, /payment/xumo, /order"
    )?;
    writeln!(out, "  Bank API        {base}/api/v2")?;
    if config.mode == Mode::Sandbox {
        writeln!(out, "  Sandbox         {base}/sandbox   (SMS inbox, cards, faults, clock)")?;
        for demo in &demo::KASSAS {
            writeln!(out, "  Demo kassa      {}  fields: {}", demo.id, demo.fields.join(" or "))?;
            writeln!(out, "        X-Auth    {}:{}", demo.id, demo.keys[0])?;
        }
        let (user, password) = (bank::demo::USERNAME, bank::demo::PASSWORD);
        writeln!(out, "  Demo partner    {user} / {password}  (bank API)")?;
        writeln!(out, "  Test card       8600 0691 9540 6311  expiry 03/99  code 666666")?;
    }
    out.flush()
}

async fn wait_for_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
