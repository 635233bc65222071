//! Whether the fiscal module of a till is there. No payment is taken when no receipt could follow.
//!
//! What is known of it is one number in memory, so a payment pays nothing for being checked; it is
//! set by every answer of the module, and refreshed in the background.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use chorsu_connectors::Effect;
use chorsu_connectors::fiscal_module::{ModuleError, Refusal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use super::registry::Till;
use super::shift::desk::Desk;
use crate::app::App;

/// How often modules are looked after that are away, or whose tills take payments.
const EVERY: Duration = Duration::from_secs(2);
/// Every so many looks, the modules of idle tills are looked after too.
const IDLE_EVERY: u32 = 15;
/// How long a look waits for the module.
const PATIENCE: Duration = Duration::from_millis(500);

/// Nobody has asked yet.
const NOT_KNOWN: u8 = 0;
/// It has answered, or has not said that it is away.
const THERE: u8 = 1;
/// Its service says that it is away, or nobody listens where the service should be.
const AWAY: u8 = 2;

/// What is known of a module's presence.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    known: AtomicU8,
    /// Whether a payment has been asked for since the last look.
    is_wanted: AtomicBool,
}

impl Presence {
    /// The module has answered.
    pub(super) fn answered(&self) {
        self.known.store(THERE, Ordering::Relaxed);
    }

    /// The module has not done what it was asked. A lost answer says nothing about its presence.
    pub(super) fn failed(&self, error: &ModuleError) {
        match error {
            ModuleError::Refused(refused) if refused.refusal == Refusal::NotConnected => {
                self.known.store(AWAY, Ordering::Relaxed);
            }
            ModuleError::Refused(_) => self.answered(),
            error if error.effect() == Effect::None => self.known.store(AWAY, Ordering::Relaxed),
            _ => {}
        }
    }

    /// Whether it is away, as far as anybody knows; `None` when nobody has asked.
    fn is_away(&self) -> Option<bool> {
        match self.known.load(Ordering::Relaxed) {
            NOT_KNOWN => None,
            known => Some(known == AWAY),
        }
    }

    fn want(&self) {
        // Reading is cheaper than writing where many payments come at once.
        if !self.is_wanted.load(Ordering::Relaxed) {
            self.is_wanted.store(true, Ordering::Relaxed);
        }
    }
}

/// Whether a receipt could follow a payment at `till`. Only the first payment of a process asks the
/// module; a module that is slow to answer does not keep a till from selling.
pub(super) async fn is_there(till: &Till) -> bool {
    if till.sells_without_module {
        return true;
    }
    if till.module().is_none() {
        return false;
    }
    let presence = &till.module_turn.presence;
    presence.want();
    if presence.is_away().is_none() {
        look(till).await;
    }
    presence.is_away() != Some(true)
}

/// Asks the module of `till` how it is, and remembers whether it is there.
pub(crate) async fn look(till: &Till) {
    let deadline = Instant::now() + PATIENCE;
    let presence = &till.module_turn.presence;
    if let Ok(mut desk) = Desk::take(till, deadline).await {
        // What it says is remembered on the way.
        let _ = timeout_at(deadline, desk.info()).await;
    }
    // One that has not answered is not known to be away; the next look will tell.
    let (from, to) = (NOT_KNOWN, THERE);
    let _ = presence.known.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
}

/// Looks after the modules until `stop` changes.
pub(crate) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut looks, mut round) = (JoinSet::new(), 0_u32);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        while looks.try_join_next().is_some() {}
        round = round.wrapping_add(1);
        let is_round_of_all = round.is_multiple_of(IDLE_EVERY);
        for (till, is_configured) in app.tills.all() {
            let presence = &till.module_turn.presence;
            let is_wanted = presence.is_wanted.swap(false, Ordering::Relaxed);
            let is_due =
                is_wanted || presence.is_away() == Some(true) || (is_round_of_all && is_configured);
            if is_due && till.module().is_some() && !till.sells_without_module {
                looks.spawn(async move { look(&till).await });
            }
        }
    }
}
