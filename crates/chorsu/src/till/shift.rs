//! Shifts of a till's fiscal module, and questions about it.
//!
//! A lost answer is found out: opening an open shift and closing a closed one are refused, and the
//! shift says at which second that was done.

pub(crate) mod closing;
pub(crate) mod desk;

use std::sync::Arc;
use std::time::Duration;

use chorsu_connectors::Effect;
use chorsu_connectors::fiscal_module::{
    Applet, LocalTime, ModuleError, ModuleInfo, ModuleRefusal, Refusal, ShiftTotals, ZReport,
};
use chorsu_core::fiscal::FiscalTime;
use chorsu_core::fiscal::rules::TIME_TOLERANCE_MS;
use chorsu_core::{Tiyin, UnixMillis};
use tokio::time::{Instant, sleep, timeout_at};

use self::closing::Journal;
use self::desk::{Desk, Failed, MOVES_MAX, Operation, Performed, is_blind};
use super::TillFailure;
use super::registry::Till;
use crate::app::App;

/// The first pause between two tries; it doubles each time.
const PAUSE: Duration = Duration::from_millis(100);
/// A question to the module is asked so often at most.
const QUESTIONS_MAX: u32 = 3;
/// How long an answer waits for the version of the module's applet.
const VERSION_PATIENCE: Duration = Duration::from_secs(2);
/// The service's code for a module that it cannot reach.
const NOT_CONNECTED: i64 = 65_534;

/// Why a shift is not opened, closed or shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShiftFailure {
    /// A failure that orders have as well.
    #[error(transparent)]
    Till(#[from] TillFailure),
    /// The time is too far from the clock.
    #[error("the time is too far from the clock")]
    Time,
    /// A shift is open already.
    #[error("a shift is open already")]
    AlreadyOpen,
    /// No shift is open.
    #[error("no shift is open")]
    NotOpen,
}

/// A shift that was opened.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    /// When.
    pub(crate) time: FiscalTime,
    /// The version of the module's applet.
    pub(crate) applet_version: Arc<str>,
}

/// A shift as the module has it.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// The version of the module's applet.
    pub(crate) applet_version: Arc<str>,
    /// The shift.
    pub(crate) shift: ZReport,
}

/// Opens a shift at `time`, or now.
///
/// # Errors
/// [`ShiftFailure`]; [`TillFailure::ModuleSilent`] when the till's time was used up.
pub(crate) async fn open(
    app: &App,
    till: &Till,
    time: Option<FiscalTime>,
) -> Result<Opened, ShiftFailure> {
    let wanted = second(app.clock.now(), time)?;
    let deadline = Instant::now() + till.budget;
    let mut desk = Desk::take(till, deadline).await?;
    let tries = Tries::default();
    let time = change(&mut desk, Operation::Open, (wanted, tries), deadline).await?;
    Ok(Opened { time: FiscalTime::at(time.moment()), applet_version: desk.applet_version() })
}

/// Closes the shift at `time`, or now, and answers with it.
///
/// # Errors
/// [`ShiftFailure`]; [`TillFailure::ModuleSilent`] when the till's time was used up.
pub(crate) async fn close(
    app: &App,
    till: &Till,
    time: Option<FiscalTime>,
) -> Result<Report, ShiftFailure> {
    let wanted = second(app.clock.now(), time)?;
    let deadline = Instant::now() + till.budget;
    let mut desk = Desk::take(till, deadline).await?;
    let close = Operation::Close { is_noted: false };
    change(&mut desk, close, (wanted, Tries::default()), deadline).await?;
    let shift = z_report(&desk, 0, deadline).await?;
    Ok(Report { applet_version: desk.applet_version(), shift })
}

/// The open shift, which stays open (X report).
///
/// # Errors
/// [`ShiftFailure::NotOpen`] when there is none.
pub(crate) async fn current(till: &Till) -> Result<Report, ShiftFailure> {
    let report = look(till, None).await?;
    let is_open = report.shift.opened.is_some() && report.shift.closed.is_none();
    if is_open { Ok(report) } else { Err(ShiftFailure::NotOpen) }
}

/// A shift: the one that was closed `back` ago, 1 being the latest; without it the current one,
/// or the latest when none is open, or one without anything in it when there never was any.
///
/// # Errors
/// [`TillFailure`].
pub(crate) async fn look(till: &Till, back: Option<u32>) -> Result<Report, TillFailure> {
    let deadline = Instant::now() + till.budget;
    let mut desk = Desk::take(till, deadline).await?;
    let info = info_of(&mut desk, deadline).await?;
    let shift = match z_report(&desk, 0, deadline).await {
        Ok(latest) => match back {
            None => latest,
            // The module counts from the latest shift, which may be open.
            Some(back) if latest.closed.is_none() => z_report(&desk, back, deadline).await?,
            Some(back) => z_report(&desk, back.saturating_sub(1), deadline).await?,
        },
        Err(TillFailure::Module(refused))
            if back.is_none() && refused.refusal == Refusal::BadIndex =>
        {
            no_shift(info)
        }
        Err(error) => return Err(error),
    };
    Ok(Report { applet_version: desk.applet_version(), shift })
}

/// The module's state.
///
/// # Errors
/// [`TillFailure`].
pub(crate) async fn info(till: &Till) -> Result<ModuleInfo, TillFailure> {
    let deadline = Instant::now() + till.budget;
    let mut desk = Desk::take(till, deadline).await?;
    info_of(&mut desk, deadline).await
}

/// The version of the module's applet; empty when the module is out of reach and has been since
/// this process began. Nobody waits for others here.
pub(crate) async fn applet_version(till: &Till) -> Arc<str> {
    if let Some(version) = till.module_turn.applet_version() {
        return version;
    }
    let deadline = Instant::now() + VERSION_PATIENCE;
    let Ok(mut desk) = Desk::take(till, deadline).await else { return Arc::from("") };
    if !matches!(timeout_at(deadline, desk.info()).await, Ok(Ok(_))) {
        tracing::warn!(till = &*till.id, "the fiscal module does not tell its version");
    }
    desk.applet_version()
}

/// A refusal that stands for a module nobody can reach; nothing was sent to it.
pub(super) fn out_of_reach() -> TillFailure {
    let message = "The fiscal module cannot be reached.".to_owned();
    let (refusal, code, applet) = (Refusal::NotConnected, NOT_CONNECTED, Applet::V0400);
    TillFailure::Module(ModuleRefusal { refusal, code, applet, message })
}

/// The second of an operation: `time` if the till named one, which must be near the clock.
fn second(now: UnixMillis, time: Option<FiscalTime>) -> Result<LocalTime, ShiftFailure> {
    let moment = time.map_or(now, FiscalTime::moment);
    if moment.since(now).saturating_abs() > TIME_TOLERANCE_MS {
        return Err(ShiftFailure::Time);
    }
    LocalTime::at(moment).ok_or(ShiftFailure::Time)
}

/// Tries to open or close a shift.
#[derive(Default)]
struct Tries<'a> {
    /// The times of those whose answers were lost.
    lost: Vec<LocalTime>,
    /// Where the next ones are noted before they are made.
    journal: Option<Journal<'a>>,
}

/// Opens or closes a shift, again and again until the module says how it stands.
async fn change(
    desk: &mut Desk<'_>,
    operation: Operation<'_>,
    (wanted, tries): (LocalTime, Tries<'_>),
    deadline: Instant,
) -> Result<LocalTime, ShiftFailure> {
    let Tries { mut lost, journal } = tries;
    let (mut pause, mut moves) = (PAUSE, 0);
    loop {
        let performed = timeout_at(deadline, attempt(desk, operation, wanted, journal)).await;
        let failed = match performed.map_err(|_| TillFailure::ModuleSilent)?? {
            Ok(performed) => return Ok(performed.time),
            Err(failed) => failed,
        };
        match &failed.error {
            ModuleError::Refused(refused) => match refused.refusal {
                Refusal::ShiftAlreadyOpen => {
                    let shift = ours(desk, &lost, |shift| shift.opened, deadline).await?;
                    return shift.ok_or(ShiftFailure::AlreadyOpen);
                }
                Refusal::ShiftNotOpen | Refusal::ShiftAlreadyClosed => {
                    let shift = ours(desk, &lost, |shift| shift.closed, deadline).await?;
                    return shift.ok_or(ShiftFailure::NotOpen);
                }
                // Its second was noted, so the next one has to be as well.
                Refusal::TimeInPast if journal.is_some() && moves < MOVES_MAX => {
                    moves += 1;
                    continue;
                }
                refusal if lost.is_empty() || !is_blind(refusal) => {
                    return Err(TillFailure::Module(refused.clone()).into());
                }
                _ => {}
            },
            error if lost.is_empty() && error.effect() == Effect::None => {
                return Err(out_of_reach().into());
            }
            _ => lost.extend(failed.sent_at),
        }
        if Instant::now() + pause >= deadline {
            let error: &dyn std::error::Error = &failed.error;
            tracing::warn!(error, "a shift's operation has no answer");
            return Err(TillFailure::ModuleSilent.into());
        }
        sleep(pause).await;
        pause *= 2;
    }
}

/// Opens or closes a shift once, at a second that is noted first where there is a journal.
async fn attempt(
    desk: &mut Desk<'_>,
    operation: Operation<'_>,
    wanted: LocalTime,
    journal: Option<Journal<'_>>,
) -> Result<Result<Performed, Failed>, TillFailure> {
    let Some(journal) = journal else { return Ok(desk.perform(operation, wanted).await) };
    match desk.time_from(wanted).await {
        Ok(time) => {
            journal.note(time).await?;
            Ok(desk.perform(operation, time).await)
        }
        Err(error) => Ok(Err(Failed { error, sent_at: None })),
    }
}

/// The time of the latest shift's begin or end, if one of our lost tries was of that time.
async fn ours(
    desk: &Desk<'_>,
    lost: &[LocalTime],
    time_of: fn(&ZReport) -> Option<LocalTime>,
    deadline: Instant,
) -> Result<Option<LocalTime>, TillFailure> {
    if lost.is_empty() {
        return Ok(None);
    }
    let shift = z_report(desk, 0, deadline).await?;
    Ok(time_of(&shift).filter(|time| lost.contains(time)))
}

async fn z_report(desk: &Desk<'_>, index: u32, deadline: Instant) -> Result<ZReport, TillFailure> {
    let mut asked = 0;
    loop {
        let answer = timeout_at(deadline, desk.module().z_report(index)).await;
        match answer.map_err(|_| TillFailure::ModuleSilent)? {
            Ok(shift) => return Ok(shift),
            Err(error) => again(error, &mut asked).await?,
        }
    }
}

async fn info_of(desk: &mut Desk<'_>, deadline: Instant) -> Result<ModuleInfo, TillFailure> {
    let mut asked = 0;
    loop {
        let answer = timeout_at(deadline, desk.info()).await;
        match answer.map_err(|_| TillFailure::ModuleSilent)? {
            Ok(info) => return Ok(info),
            Err(error) => again(error, &mut asked).await?,
        }
    }
}

/// Pauses before a question is asked again, unless that is of no use.
async fn again(error: ModuleError, asked: &mut u32) -> Result<(), TillFailure> {
    *asked += 1;
    match error {
        ModuleError::Refused(refused) => return Err(TillFailure::Module(refused)),
        error if error.effect() == Effect::None => return Err(out_of_reach()),
        error if *asked >= QUESTIONS_MAX => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "a question to a fiscal module has no answer");
            return Err(TillFailure::ModuleSilent);
        }
        _ => {}
    }
    sleep(PAUSE * *asked).await;
    Ok(())
}

/// What stands for the shift of a module that never had one.
fn no_shift(info: ModuleInfo) -> ZReport {
    let nothing = ShiftTotals { cash: Tiyin::ZERO, card: Tiyin::ZERO, vat: Tiyin::ZERO, count: 0 };
    ZReport {
        terminal_id: info.terminal_id,
        number: 0,
        count: 0,
        opened: None,
        closed: None,
        first_receipt_seq: None,
        last_receipt_seq: None,
        sale: nothing,
        refund: nothing,
    }
}
