//! Work that no caller waits for.

use std::sync::Arc;
use std::time::Duration;

use chorsu_core::network::HOLD_LIFE_MS;
use chorsu_core::{Network, Receipt};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::service::{operation, receipts};

/// How often orphaned intents are looked for.
const OUTBOX_EVERY: Duration = Duration::from_secs(1);
/// Intents taken over at once.
const OUTBOX_BATCH: u32 = 64;
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
    vec![
        tokio::spawn(settle_orphans(app.clone(), stop.clone())),
        tokio::spawn(end_lapsed_holds(app.clone(), stop.clone())),
        tokio::spawn(follow_settings(app.clone(), stop.clone())),
    ]
}

fn ticks(every: Duration) -> tokio::time::Interval {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Takes over intents whose owner has died, and settles them.
async fn settle_orphans(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = ticks(OUTBOX_EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        let rows = match app.store.lease(OUTBOX_BATCH).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "no look at the outbox");
                continue;
            }
        };
        let mut settling = tokio::task::JoinSet::new();
        for row in rows {
            let app = app.clone();
            settling.spawn(async move {
                let (operation, kind) = (row.operation, row.kind.code());
                match operation::recover(&app, &row).await {
                    Ok(receipt) => tracing::info!(
                        %operation, kind, receipt = %receipt.id, state = receipt.state.number(),
                        "settled an orphaned request to a card network"
                    ),
                    Err(error) => tracing::warn!(%operation, kind, %error, "not settled yet"),
                }
            });
        }
        settling.join_all().await;
    }
}

/// UZCARD gives holds back by itself after 30 days; the books follow.
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
        for receipt in lapsed.iter().filter(|receipt| is_uzcard(receipt)) {
            let ended = receipts::cancel(&app, receipt.kassa, receipt.id, None).await;
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
        if let Some(sandbox) = &app.sandbox {
            sandbox.follow_clock(&app).await;
        }
    }
}
