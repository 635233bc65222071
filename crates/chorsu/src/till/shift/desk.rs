//! A fiscal module serves one caller at a time, and each operation has to be a second later than
//! the one before it.
//!
//! Nothing here decides what a lost answer means: callers do.

use std::sync::{Arc, OnceLock};

use chorsu_connectors::fiscal_module::{
    FiscalModule, LocalTime, ModuleError, ModuleInfo, Receipt, Refusal, Registered,
};
use chorsu_core::time::SECOND_MS;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::till::TillFailure;
use crate::till::module_watch::Presence;
use crate::till::registry::Till;

/// How often a time is moved on when the module finds it too early: somebody else uses the module
/// as well.
pub(super) const MOVES_MAX: u32 = 3;

/// Whether a refusal says nothing about earlier tries: the module has not looked at what it has.
pub(in crate::till) const fn is_blind(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::NotConnected | Refusal::Locked | Refusal::BadRequest)
}

/// Whose turn it is at a fiscal module, and what is remembered of it from one call to the next.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// Set by the first answer; a module keeps its applet.
    applet_version: OnceLock<Arc<str>>,
    /// The time of its last operation, if it ever had one; `None` while that is not known.
    last: Mutex<Option<Option<LocalTime>>>,
    /// Whether it is there.
    pub(in crate::till) presence: Presence,
}

impl Turn {
    /// The version of the module's applet, once it has answered.
    pub(in crate::till) fn applet_version(&self) -> Option<Arc<str>> {
        self.applet_version.get().cloned()
    }
}

/// What changes a fiscal module.
#[derive(Clone, Copy, Debug)]
pub(in crate::till) enum Operation<'a> {
    /// Opens a shift.
    Open,
    /// Closes the shift.
    Close {
        /// Whether its second is noted somewhere, so that it is not moved on.
        is_noted: bool,
    },
    /// Registers a receipt, at the time of the call.
    Register(&'a Receipt),
}

/// What an operation brought, and its time.
#[derive(Clone, Debug)]
pub(in crate::till) struct Performed {
    /// The time the module was given.
    pub(in crate::till) time: LocalTime,
    /// The registration, if a receipt was to be registered.
    pub(in crate::till) registered: Option<Registered>,
}

/// An operation that brought no result.
#[derive(Debug)]
pub(in crate::till) struct Failed {
    /// Why.
    pub(in crate::till) error: ModuleError,
    /// The time the module was given; `None` when it was never asked.
    pub(in crate::till) sent_at: Option<LocalTime>,
}

/// The place in front of a fiscal module, which nobody else has meanwhile.
pub(in crate::till) struct Desk<'a> {
    module: &'a FiscalModule,
    turn: &'a Turn,
    last: MutexGuard<'a, Option<Option<LocalTime>>>,
}

impl<'a> Desk<'a> {
    /// Waits for the place until `deadline`.
    ///
    /// # Errors
    /// [`TillFailure::NotConfigured`] without a module, [`TillFailure::ModuleSilent`] when others
    /// have kept it busy for too long.
    pub(in crate::till) async fn take(
        till: &'a Till,
        deadline: Instant,
    ) -> Result<Self, TillFailure> {
        let module = till.module().ok_or(TillFailure::NotConfigured)?;
        let turn = &till.module_turn;
        let last = timeout_at(deadline, turn.last.lock()).await;
        Ok(Self { module, turn, last: last.map_err(|_| TillFailure::ModuleSilent)? })
    }

    /// The module, for questions.
    pub(in crate::till) const fn module(&self) -> &'a FiscalModule {
        self.module
    }

    /// The version of the module's applet; empty while the module has never answered.
    pub(in crate::till) fn applet_version(&self) -> Arc<str> {
        self.turn.applet_version().unwrap_or_default()
    }

    /// Asks for the module's state and remembers what of it is needed again.
    ///
    /// # Errors
    /// [`ModuleError`]; asking changes nothing.
    pub(in crate::till) async fn info(&mut self) -> Result<ModuleInfo, ModuleError> {
        let info = self.module.info().await;
        let info = info.inspect_err(|error| self.turn.presence.failed(error))?;
        self.turn.presence.answered();
        self.turn.applet_version.get_or_init(|| Arc::from(info.applet_version.as_str()));
        *self.last = Some(info.last_operation_time);
        Ok(info)
    }

    /// Performs an operation at `wanted`, or as much later as the operation before it demands.
    ///
    /// # Errors
    /// [`Failed`]; what it may have done is what its error says, if the module was asked at all.
    pub(in crate::till) async fn perform(
        &mut self,
        operation: Operation<'_>,
        wanted: LocalTime,
    ) -> Result<Performed, Failed> {
        let mut moves = 0;
        loop {
            let before = |error| Failed { error, sent_at: None };
            let time = self.time_from(wanted).await.map_err(before)?;
            // Whoever gives up in the middle of the call leaves nothing behind to rely on.
            *self.last = None;
            let called = self.call(operation, time).await;
            match called.inspect_err(|error| self.turn.presence.failed(error)) {
                Ok(registered) => {
                    self.turn.presence.answered();
                    *self.last = Some(Some(time));
                    return Ok(Performed { time, registered });
                }
                Err(ModuleError::Refused(refused))
                    if refused.refusal == Refusal::TimeInPast
                        && moves < MOVES_MAX
                        && !matches!(operation, Operation::Close { is_noted: true }) =>
                {
                    moves += 1;
                }
                Err(error) => return Err(Failed { error, sent_at: Some(time) }),
            }
        }
    }

    async fn call(
        &self,
        operation: Operation<'_>,
        time: LocalTime,
    ) -> Result<Option<Registered>, ModuleError> {
        match operation {
            Operation::Open => self.module.open_z_report(time).await.map(|()| None),
            Operation::Close { .. } => self.module.close_z_report(time).await.map(|()| None),
            Operation::Register(receipt) => {
                let receipt = Receipt { time, ..receipt.clone() };
                self.module.register(&receipt).await.map(Some)
            }
        }
    }

    /// `wanted`, or the first second at which the module takes another operation.
    ///
    /// # Errors
    /// [`ModuleError`]; asking changes nothing.
    pub(super) async fn time_from(&mut self, wanted: LocalTime) -> Result<LocalTime, ModuleError> {
        let last = match *self.last {
            Some(last) => last,
            None => self.info().await?.last_operation_time,
        };
        let next = last.and_then(|last| LocalTime::at(last.moment().plus(SECOND_MS)));
        Ok(next.map_or(wanted, |next| next.max(wanted)))
    }
}
