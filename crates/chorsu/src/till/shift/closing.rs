//! Closing a shift under an idempotency key: the same key again gets the same answer, also where
//! the first one was lost because this process has died.
//!
//! Which shift is meant, and the second at which the module is told to close it, are durable before
//! the module hears of it. So it can be told later whose close that was.

use std::sync::Arc;

use chorsu_connectors::fiscal_module::{LocalTime, Refusal, ZReport};
use chorsu_core::command::IdempotencyKey;
use chorsu_core::command::shift::{ClosingEnd, ShiftCommand};
use chorsu_core::fiscal::FiscalTime;
use chorsu_core::shift::{ClosingState, ShiftClosing};
use chorsu_core::{Command, Document, DocumentId, Reply};
use tokio::time::Instant;

use super::desk::{Desk, Operation, is_blind};
use super::{Report, ShiftFailure, Tries, change, second, z_report};
use crate::app::App;
use crate::ids;
use crate::till::TillFailure;
use crate::till::fiscal_map::refusal_text;
use crate::till::registry::Till;
use crate::till::writing::{begin_once, earlier, write};

/// Writes the till's answer, in the API's own JSON.
pub(crate) type Encode = fn(&Report) -> Vec<u8>;

/// Where the seconds of a closing are noted.
#[derive(Clone, Copy)]
pub(super) struct Journal<'a> {
    app: &'a App,
    id: DocumentId,
}

impl Journal<'_> {
    /// Notes that the module is about to be told to close at `time`.
    pub(super) async fn note(&self, time: LocalTime) -> Result<(), TillFailure> {
        let Self { app, id } = *self;
        write(app, Command::Shift(ShiftCommand::Send { id, at: time.moment() })).await?;
        crate::sandbox::pause::at(app, "shift.second_durable").await;
        Ok(())
    }
}

/// Closes the shift at `time`, or now, once for each `key`, and returns the till's answer.
///
/// # Errors
/// As [`super::close`]; a refusal is told again under the same key. [`TillFailure::KeyReused`] when
/// the key was used for something else.
pub(crate) async fn close_once(
    app: &App,
    till: &Till,
    time: Option<FiscalTime>,
    (key, encode): (IdempotencyKey, Encode),
) -> Result<Arc<str>, ShiftFailure> {
    let deadline = Instant::now() + till.budget;
    if let Some(known) = earlier(app, Some(&key)).await?
        && let Some(answer) = told(&closing_of(known)?)?
    {
        return Ok(answer);
    }
    let mut desk = Desk::take(till, deadline).await?;
    // Whoever had the place before may have been after the same.
    let closing = match earlier(app, Some(&key)).await? {
        Some(known) => closing_of(known)?,
        None => begin(app, till, (&desk, deadline), (time, key)).await?,
    };
    if let Some(answer) = told(&closing)? {
        return Ok(answer);
    }
    let end = match perform(app, &mut desk, (&closing, time), deadline).await {
        Ok(shift) => {
            crate::sandbox::pause::at(app, "shift.answer_received").await;
            let answer = encode(&Report { applet_version: desk.applet_version(), shift });
            let answer = String::from_utf8(answer).map_err(|_| TillFailure::Internal)?;
            ClosingEnd::Closed(answer.into())
        }
        Err(ShiftFailure::NotOpen) => ClosingEnd::NotOpen,
        // What the module refuses without having looked at its shift is no answer to keep.
        Err(ShiftFailure::Till(TillFailure::Module(refused))) if !is_blind(refused.refusal) => {
            ClosingEnd::Refused(refusal_text(&refused).into())
        }
        Err(error) => return Err(error),
    };
    let finish = ShiftCommand::Finish { id: closing.id, end };
    let written = write(app, Command::Shift(finish)).await.map_err(|error| {
        tracing::error!(till = &*till.id, %error, "the close of a shift is not written down");
        // The same key finds it out again.
        TillFailure::ModuleSilent
    });
    Ok(told(&closing_of(written?)?)?.ok_or(TillFailure::Internal)?)
}

/// Finds fault with a key that was used for another request.
///
/// # Errors
/// [`TillFailure::KeyReused`].
pub(crate) async fn check(app: &App, key: Option<&IdempotencyKey>) -> Result<(), TillFailure> {
    earlier(app, key).await.map(drop)
}

/// Makes the intent durable: to close the shift that is open now.
async fn begin(
    app: &App,
    till: &Till,
    (desk, deadline): (&Desk<'_>, Instant),
    (time, key): (Option<FiscalTime>, IdempotencyKey),
) -> Result<ShiftClosing, ShiftFailure> {
    let now = app.clock.now();
    second(now, time)?;
    let latest = latest(desk, deadline).await?;
    let closing = Box::new(ShiftClosing {
        id: DocumentId::new(now, ids::random()),
        till: till.id.clone(),
        merchant: till.merchant,
        state: ClosingState::Sent,
        number: latest.map_or(0, |shift| shift.number),
        sent_at: Vec::new(),
        answer: None,
        created_at: now,
    });
    let command = Command::Shift(ShiftCommand::Begin { closing, key: key.clone() });
    let closing = closing_of(begin_once(app, Some(key), command).await?)?;
    crate::sandbox::pause::at(app, "shift.intent_durable").await;
    Ok(closing)
}

/// What the till is told of a closing as it stands, or `None` while it has no end.
fn told(closing: &ShiftClosing) -> Result<Option<Arc<str>>, ShiftFailure> {
    match closing.state {
        ClosingState::Sent => Ok(None),
        ClosingState::Closed => Ok(closing.answer.clone()),
        ClosingState::NotOpen => Err(ShiftFailure::NotOpen),
        ClosingState::Refused => {
            Err(TillFailure::Refused(closing.answer.clone().unwrap_or_default()).into())
        }
    }
}

/// The latest shift; `None` when there never was one.
async fn latest(desk: &Desk<'_>, deadline: Instant) -> Result<Option<ZReport>, TillFailure> {
    match z_report(desk, 0, deadline).await {
        Ok(shift) => Ok(Some(shift)),
        Err(TillFailure::Module(refused)) if refused.refusal == Refusal::BadIndex => Ok(None),
        Err(error) => Err(error),
    }
}

fn closing_of(reply: Reply) -> Result<ShiftClosing, TillFailure> {
    let Reply::Document(document) = reply else { return Err(TillFailure::Internal) };
    document.shift().cloned().ok_or(TillFailure::Internal)
}

/// Closes the shift, or finds out that another try of the same closing has done so: an earlier one,
/// or one of another process that was asked at the same time.
async fn perform(
    app: &App,
    desk: &mut Desk<'_>,
    (closing, time): (&ShiftClosing, Option<FiscalTime>),
    deadline: Instant,
) -> Result<ZReport, ShiftFailure> {
    let performed = match closed_by(desk, closing, deadline).await {
        Ok(None) => close(app, desk, (closing, time), deadline).await.map(Some),
        closed => closed,
    };
    if let Err(ShiftFailure::NotOpen) = performed {
        // Another process notes its seconds as well.
        let known = app.store.document(closing.id).await.map_err(TillFailure::from)?;
        let known = known.as_ref().and_then(Document::shift).ok_or(TillFailure::Internal)?;
        return closed_by(desk, known, deadline).await?.ok_or(ShiftFailure::NotOpen);
    }
    performed?.ok_or(ShiftFailure::NotOpen)
}

/// The shift of a closing if it was closed by it, `None` while the shift is open.
async fn closed_by(
    desk: &Desk<'_>,
    closing: &ShiftClosing,
    deadline: Instant,
) -> Result<Option<ZReport>, ShiftFailure> {
    let latest = latest(desk, deadline).await?.ok_or(ShiftFailure::NotOpen)?;
    // Another shift may have been opened since, which this request must not close.
    let back = latest.number.checked_sub(closing.number).and_then(|back| u32::try_from(back).ok());
    let shift = match back.ok_or(ShiftFailure::NotOpen)? {
        0 => latest,
        back => z_report(desk, back, deadline).await?,
    };
    match shift.closed {
        _ if shift.number != closing.number => Err(ShiftFailure::NotOpen),
        None => Ok(None),
        Some(closed) if closing.sent_at.contains(&closed.moment()) => Ok(Some(shift)),
        Some(_) => Err(ShiftFailure::NotOpen),
    }
}

/// Tells the module to close the shift, and returns it.
async fn close(
    app: &App,
    desk: &mut Desk<'_>,
    (closing, time): (&ShiftClosing, Option<FiscalTime>),
    deadline: Instant,
) -> Result<ZReport, ShiftFailure> {
    let wanted = second(app.clock.now(), time)?;
    let lost = closing.sent_at.iter().filter_map(|at| LocalTime::at(*at)).collect();
    let journal = Some(Journal { app, id: closing.id });
    let close = Operation::Close { is_noted: true };
    change(desk, close, (wanted, Tries { lost, journal }), deadline).await?;
    Ok(z_report(desk, 0, deadline).await?)
}
