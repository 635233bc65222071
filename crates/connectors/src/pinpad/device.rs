//! A pinpad: its settings, and its operations one at a time.
//!
//! An operation runs in a task of its own: a caller who stops waiting neither frees the pinpad for
//! the next customer nor ends the program while a card may be in the reader.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use chorsu_core::Tiyin;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::command::{CommandTemplate, PinpadOperation};
use super::error::{Doubt, PinpadError};
use super::judge::{Answer, Asked, judge};
use super::process::{Job, Run, run};
use super::slip::Slip;
use super::slip_file::{self, SLIP_BYTES};
use super::value::Rrn;

/// Where the program leaves its slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlipSource {
    /// In this file, as ARCUS does in `cheq.out`.
    File(PathBuf),
    /// On its standard output.
    Output,
}

/// How a pinpad is worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinpadSettings {
    /// The command for a payment.
    pub sale: CommandTemplate,
    /// The command for a void.
    pub void: Option<CommandTemplate>,
    /// The command for the reconciliation.
    pub reconcile: Option<CommandTemplate>,
    /// The command for the short report.
    pub short_report: Option<CommandTemplate>,
    /// The command for the last slip; without one, the slip file is read as it is.
    pub print_last: Option<CommandTemplate>,
    /// Where the program runs; Chorsu's own directory when absent.
    pub directory: Option<PathBuf>,
    /// Where it leaves its slip.
    pub slip: SlipSource,
    /// How long an operation may take. A customer needs time for a PIN: 90 seconds is usual.
    pub time_limit: Duration,
}

impl PinpadSettings {
    fn command(&self, operation: PinpadOperation) -> Result<&CommandTemplate, PinpadError> {
        let command = match operation {
            PinpadOperation::Sale => Some(&self.sale),
            PinpadOperation::Void => self.void.as_ref(),
            PinpadOperation::Reconcile => self.reconcile.as_ref(),
            PinpadOperation::ShortReport => self.short_report.as_ref(),
            PinpadOperation::PrintLast => self.print_last.as_ref(),
        };
        command.ok_or(PinpadError::NotConfigured(operation))
    }

    /// The file whose holder has the pinpad: beside the slip, or in the program's folder. A pinpad
    /// with neither is known to this process only.
    fn lock_path(&self) -> Option<PathBuf> {
        match (&self.slip, &self.directory) {
            (SlipSource::File(path), _) => {
                let mut name = path.clone().into_os_string();
                name.push(".lock");
                Some(name.into())
            }
            (SlipSource::Output, Some(directory)) => Some(directory.join("pinpad.lock")),
            (SlipSource::Output, None) => None,
        }
    }
}

/// How long a terminal may go on behind a program that ended by itself.
const SETTLING: Duration = Duration::from_secs(2);

/// A handle to one pinpad; clones are the same pinpad.
#[derive(Clone, Debug)]
pub struct Pinpad {
    settings: Arc<PinpadSettings>,
    turn: Arc<Mutex<()>>,
    /// From when on the terminal is certainly not at an operation of ours any more.
    settled_from: Arc<std::sync::Mutex<Option<Instant>>>,
}

/// The right to use the pinpad: nobody else in this process has it, and no other process.
struct Place {
    _turn: OwnedMutexGuard<()>,
    lock: Option<File>,
}

impl Pinpad {
    /// The pinpad that `settings` describe. Nothing is started yet.
    #[must_use]
    pub fn new(settings: PinpadSettings) -> Self {
        let (turn, settled_from) = Default::default();
        Self { settings: Arc::new(settings), turn, settled_from }
    }

    /// How it is worked.
    #[must_use]
    pub fn settings(&self) -> &PinpadSettings {
        &self.settings
    }

    /// How long an operation may take.
    #[must_use]
    pub fn time_limit(&self) -> Duration {
        self.settings.time_limit
    }

    /// Whether the terminal has had the time to end its last operation by itself. It may go on
    /// after its program was ended.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let from = *self.settled_from.lock().unwrap_or_else(PoisonError::into_inner);
        from.is_none_or(|from| Instant::now() >= from)
    }

    /// Takes `amount` (tiyin) from the card the customer shows.
    ///
    /// # Errors
    /// [`PinpadError`]; its [`PinpadError::effect`] says whether money may have moved.
    pub async fn sale(&self, amount: Tiyin) -> Result<Answer, PinpadError> {
        let asked = Asked::Sale { amount };
        judged(&asked, self.perform(PinpadOperation::Sale, Some(amount), None).await?)
    }

    /// Takes back the payment of `amount` (tiyin) whose reference is `rrn`, within its shift.
    ///
    /// # Errors
    /// [`PinpadError`]; its [`PinpadError::effect`] says whether money may have moved.
    pub async fn void(&self, amount: Tiyin, rrn: &Rrn) -> Result<Answer, PinpadError> {
        let asked = Asked::Void { amount, rrn: rrn.clone() };
        let slip = self.perform(PinpadOperation::Void, Some(amount), Some(rrn.clone())).await?;
        judged(&asked, slip)
    }

    /// Reconciles with the bank and closes the pinpad's shift; the report as it was printed.
    ///
    /// # Errors
    /// [`PinpadError`].
    pub async fn reconcile(&self) -> Result<Slip, PinpadError> {
        self.perform(PinpadOperation::Reconcile, None, None).await
    }

    /// The short report as it was printed.
    ///
    /// # Errors
    /// [`PinpadError`].
    pub async fn short_report(&self) -> Result<Slip, PinpadError> {
        self.perform(PinpadOperation::ShortReport, None, None).await
    }

    /// The last slip: for an operation whose outcome is unknown, and for a second copy. It moves
    /// no money. Judge it by [`super::judge_last`].
    ///
    /// # Errors
    /// [`PinpadError`]; [`PinpadError::Busy`] while an operation is still under way.
    pub async fn last(&self) -> Result<Slip, PinpadError> {
        match (&self.settings.print_last, &self.settings.slip) {
            (None, SlipSource::File(path)) => {
                let _place = self.take_place().await?;
                let path = path.clone();
                slip_of(blocking(move || slip_file::read(&path)).await?)
            }
            _ => self.perform(PinpadOperation::PrintLast, None, None).await,
        }
    }

    /// Whether `slip` is a copy of the one that was there before the last operation: then it is not
    /// that operation's, whoever has printed it.
    pub async fn is_previous(&self, slip: &Slip) -> bool {
        let (SlipSource::File(path), Some(rrn)) = (&self.settings.slip, &slip.rrn) else {
            return false;
        };
        let path = path.clone();
        let bytes = blocking(move || slip_file::read(&slip_file::previous(&path))).await;
        let previous = bytes.map(|bytes| Slip::parse(&bytes));
        previous.is_ok_and(|old| old.rrn.as_ref() == Some(rrn) && old.kind == slip.kind)
    }

    /// Runs one operation; the slip it left.
    async fn perform(
        &self,
        operation: PinpadOperation,
        amount: Option<Tiyin>,
        rrn: Option<Rrn>,
    ) -> Result<Slip, PinpadError> {
        let command = self.settings.command(operation)?;
        let program = command.program().to_owned();
        let arguments = command.arguments(amount, rrn.as_ref());
        let place = self.take_place().await?;
        let pinpad = self.clone();
        let task = tokio::spawn(async move {
            let settings = &pinpad.settings;
            let lock = place.lock.as_ref();
            let result = operate(settings, operation, (&program, &arguments), lock).await;
            if matches!(operation, PinpadOperation::Sale | PinpadOperation::Void) {
                pinpad.note_end(&result);
            }
            drop(place);
            result
        });
        let result = task
            .await
            .unwrap_or(Err(PinpadError::unclear(Doubt::Lost(std::io::ErrorKind::Interrupted))));
        if let Err(error) = &result {
            let source = std::error::Error::source(error);
            tracing::warn!(operation = operation.name(), %error, source, "pinpad");
        }
        result
    }

    /// Remembers how long the terminal may go on behind an operation that ended so.
    fn note_end(&self, result: &Result<Slip, PinpadError>) {
        let may_go_on = match result {
            Err(PinpadError::Unclear { doubt, .. }) => match doubt {
                Doubt::TimedOut | Doubt::Lost(_) | Doubt::Failed(None) => self.settings.time_limit,
                _ => SETTLING,
            },
            _ => return,
        };
        let mut from = self.settled_from.lock().unwrap_or_else(PoisonError::into_inner);
        *from = Some(Instant::now() + may_go_on);
    }

    /// Takes the pinpad, unless somebody else has it: a caller of this process, another process, or
    /// a program that has outlived the process which started it.
    async fn take_place(&self) -> Result<Place, PinpadError> {
        let turn = Arc::clone(&self.turn).try_lock_owned().map_err(|_| PinpadError::Busy)?;
        let Some(path) = self.settings.lock_path() else {
            return Ok(Place { _turn: turn, lock: None });
        };
        let locked = tokio::task::spawn_blocking(move || slip_file::lock(&path)).await;
        match locked.unwrap_or(Err(std::io::ErrorKind::Interrupted.into())) {
            Ok(Some(lock)) => Ok(Place { _turn: turn, lock: Some(lock) }),
            Ok(None) => Err(PinpadError::Busy),
            Err(error) => Err(PinpadError::SlipInTheWay(error.kind())),
        }
    }
}

/// One run of the program, from the old slip set aside to the new one read.
async fn operate(
    settings: &PinpadSettings,
    operation: PinpadOperation,
    (program, arguments): (&str, &[String]),
    lock: Option<&File>,
) -> Result<Slip, PinpadError> {
    let file = match &settings.slip {
        SlipSource::File(path) => Some(path.clone()),
        SlipSource::Output => None,
    };
    if let Some(path) = file.clone() {
        // What cannot be set aside has had no effect, even when the task for it was lost.
        let set_aside = match operation {
            // A copy takes the place of no operation.
            PinpadOperation::PrintLast => slip_file::remove,
            _ => slip_file::set_aside,
        };
        let moved = tokio::task::spawn_blocking(move || set_aside(&path)).await;
        let moved = moved.unwrap_or(Err(std::io::ErrorKind::Interrupted.into()));
        moved.map_err(|error| PinpadError::SlipInTheWay(error.kind()))?;
    }
    let job = Job {
        program,
        arguments,
        directory: settings.directory.as_deref(),
        limit: settings.time_limit,
        wants_output: file.is_none(),
        lock,
    };
    let (doubt, output) = match run(&job).await {
        Run::NotStarted(error) => return Err(PinpadError::NotStarted(error.kind())),
        Run::TimedOut => (Some(Doubt::TimedOut), Vec::new()),
        Run::Lost(error) => (Some(Doubt::Lost(error.kind())), Vec::new()),
        Run::Ended(status, output) if status.success() => (None, output),
        Run::Ended(status, output) => (Some(Doubt::Failed(status.code())), output),
    };
    let bytes = match file {
        Some(path) => blocking(move || slip_file::read(&path)).await,
        None => Ok(output),
    };
    match doubt {
        None => slip_of(bytes?),
        Some(doubt) => {
            let slip = bytes.and_then(slip_of).ok().map(Box::new);
            Err(PinpadError::Unclear { doubt, slip })
        }
    }
}

/// Runs `work`, which waits for the disk, beside the runtime.
async fn blocking(
    work: impl FnOnce() -> Result<Vec<u8>, Doubt> + Send + 'static,
) -> Result<Vec<u8>, PinpadError> {
    let lost = Err(Doubt::Lost(std::io::ErrorKind::Interrupted));
    tokio::task::spawn_blocking(work).await.unwrap_or(lost).map_err(PinpadError::unclear)
}

fn slip_of(bytes: Vec<u8>) -> Result<Slip, PinpadError> {
    if bytes.len() > SLIP_BYTES {
        return Err(PinpadError::unclear(Doubt::SlipTooLong));
    }
    let slip = Slip::parse(&bytes);
    if slip.is_blank() { Err(PinpadError::unclear(Doubt::NoSlip)) } else { Ok(slip) }
}

fn judged(asked: &Asked, slip: Slip) -> Result<Answer, PinpadError> {
    let shown = Box::new(slip.clone());
    judge(asked, slip).map_err(|doubt| PinpadError::Unclear { doubt, slip: Some(shown) })
}
