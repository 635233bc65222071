//! A pinpad: its settings, and its operations one at a time.
//!
//! An operation runs in a task of its own: a caller who stops waiting neither frees the pinpad for
//! the next customer nor ends the program while a card may be in the reader.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

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
}

/// A handle to one pinpad; clones are the same pinpad.
#[derive(Clone, Debug)]
pub struct Pinpad {
    settings: Arc<PinpadSettings>,
    turn: Arc<Mutex<()>>,
}

impl Pinpad {
    /// The pinpad that `settings` describe. Nothing is started yet.
    #[must_use]
    pub fn new(settings: PinpadSettings) -> Self {
        Self { settings: Arc::new(settings), turn: Arc::default() }
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
                let _turn = self.take_turn()?;
                let path = path.clone();
                slip_of(blocking(move || slip_file::read(&path)).await?)
            }
            _ => self.perform(PinpadOperation::PrintLast, None, None).await,
        }
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
        let turn = self.take_turn()?;
        let settings = Arc::clone(&self.settings);
        let task = tokio::spawn(async move {
            let result = operate(&settings, &program, &arguments).await;
            drop(turn);
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

    fn take_turn(&self) -> Result<OwnedMutexGuard<()>, PinpadError> {
        Arc::clone(&self.turn).try_lock_owned().map_err(|_| PinpadError::Busy)
    }
}

/// One run of the program, from the old slip set aside to the new one read.
async fn operate(
    settings: &PinpadSettings,
    program: &str,
    arguments: &[String],
) -> Result<Slip, PinpadError> {
    let file = match &settings.slip {
        SlipSource::File(path) => Some(path.clone()),
        SlipSource::Output => None,
    };
    if let Some(path) = file.clone() {
        // What cannot be set aside has had no effect, even when the task for it was lost.
        let moved = tokio::task::spawn_blocking(move || slip_file::set_aside(&path)).await;
        let moved = moved.unwrap_or(Err(std::io::ErrorKind::Interrupted.into()));
        moved.map_err(|error| PinpadError::SlipInTheWay(error.kind()))?;
    }
    let job = Job {
        program,
        arguments,
        directory: settings.directory.as_deref(),
        limit: settings.time_limit,
        wants_output: file.is_none(),
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
