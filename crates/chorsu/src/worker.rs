//! Work that no caller waits for.

use std::sync::Arc;
use std::time::Duration;

use chorsu_core::network::HOLD_LIFE_MS;
use chorsu_core::plan::OutboxRow;
use chorsu_core::{Acquirer, Network, Receipt};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::service::{operation, payme, receipts};
use crate::till::{late, module_watch, recovery};

/// How often orphaned intents are looked for.
const OUTBOX_EVERY: Duration = Duration::from_secs(1);
/// Intents taken over at once.
const OUTBOX_BATCH: u32 = 64;
/// Intents being settled at any time.
const SETTLING_MAX: usize = 256;
/// How often lapsed holds are looked for; turning the sandbox clock also starts a look.
const HOLDS_EVERY: Duration = Duration::from_secs(60);
/// Lapsed holds ended at once.
const HOLDS_BATCH: u32 = 1_000;
/// How often settings that other processes may have changed are read again.
const SETTINGS_EVERY: Duration = Duration::from_secs(2);

/// Starts the workers; each ends when `stop` changes.
pub(crate) fn start(
    app: &Arc<App>,
    stop: &watch::Receiver<bool>,
) -> Vec<tokio::task::JoinHandle<()>> {
    let mut workers = vec![
        tokio::spawn(settle_orphans(app.clone(), stop.clone())),
        tokio::spawn(ask_again(app.clone(), stop.clone())),
        tokio::spawn(end_lapsed_holds(app.clone(), stop.clone())),
        tokio::spawn(crate::bank::clearing::run(app.clone(), stop.clone())),
        tokio::spawn(crate::bank::check_services(app.clone(), stop.clone())),
        tokio::spawn(crate::bank::read_statements(app.clone(), stop.clone())),
        tokio::spawn(crate::settlement::worker::run(app.clone(), stop.clone())),
        tokio::spawn(follow_settings(app.clone(), stop.clone())),
        tokio::spawn(module_watch::run(app.clone(), stop.clone())),
    ];
    workers.extend(
        app.payme.watched().map(|(kassa, watch)| {
            tokio::spawn(payme::watch(app.clone(), kassa, watch, stop.clone()))
        }),
    );
    workers
}

fn ticks(every: Duration) -> tokio::time::Interval {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Takes over intents whose owner has died, and settles them. A counterparty that does not answer
/// keeps its own intents waiting and no others.
async fn settle_orphans(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = ticks(OUTBOX_EVERY);
    let mut settling = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        while settling.try_join_next().is_some() {}
        let room = SETTLING_MAX.saturating_sub(settling.len());
        let room = u32::try_from(room).unwrap_or(OUTBOX_BATCH).min(OUTBOX_BATCH);
        if room == 0 {
            continue;
        }
        match app.store.lease(room).await {
            Ok(rows) => rows.into_iter().for_each(|row| {
                settling.spawn(settle(app.clone(), row));
            }),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "no look at the outbox");
            }
        }
    }
}

async fn settle(app: Arc<App>, row: OutboxRow) {
    let (operation, kind, document) = (row.operation, row.kind.code(), row.document);
    let result = if row.kind.is_of_receipt() {
        operation::recover(&app, &row).await.map(drop).map_err(|error| error.to_string())
    } else {
        recovery::recover(&app, row).await.map(drop).map_err(|error| error.to_string())
    };
    match result {
        Ok(()) => tracing::info!(%operation, kind, %document, "settled an orphaned request"),
        Err(error) => tracing::warn!(%operation, kind, %document, error, "not settled yet"),
    }
}

/// Asks again about payments that were declined because their provider had not seen them.
async fn ask_again(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = ticks(OUTBOX_EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        late::round(&app).await;
    }
}

/// UZCARD gives holds back by itself after 30 days; the books follow. Of holds at Payme, Payme says
/// whether they are over.
async fn end_lapsed_holds(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = ticks(HOLDS_EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = app.clock_turned.notified() => {}
            _ = stop.changed() => return,
        }
        let before = app.clock.now().plus(-HOLD_LIFE_MS);
        let lapsed = match app.store.holds_made_before(before, HOLDS_BATCH).await {
            Ok(lapsed) => lapsed,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "no look at holds");
                continue;
            }
        };
        for receipt in lapsed {
            let ended = match receipt.acquirer {
                Acquirer::Payme => payme::end_hold(&app, &receipt).await,
                Acquirer::Networks if is_uzcard(&receipt) => {
                    let ended = receipts::cancel(&app, receipt.kassa, receipt.id, None).await;
                    ended.map(drop)
                }
                Acquirer::Networks => Ok(()),
            };
            if let Err(error) = ended {
                tracing::warn!(receipt = %receipt.id, %error, "a lapsed hold was not ended");
            }
        }
    }
}

fn is_uzcard(receipt: &Receipt) -> bool {
    receipt.card.is_some_and(|card| card.network == Network::Uzcard)
}

/// Reads the kassas, and the sandbox clock, as other processes may have changed them.
async fn follow_settings(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = ticks(SETTINGS_EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        match app.store.kassas().await {
            Ok(kassas) => app.kassas.replace(kassas),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "kassas not read");
            }
        }
        if let Err(error) = app.bank.follow(&app.store).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "partners and bank services not read");
        }
        if let Some(sandbox) = &app.sandbox {
            sandbox.follow_clock(&app).await;
        }
    }
}
