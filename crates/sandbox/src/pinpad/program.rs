//! One run of the pinpad's program.

use std::path::Path;
use std::time::Duration;

use chorsu_connectors::fiscal_module::LocalTime;
use chorsu_connectors::pinpad::{CodeMeaning, code_meaning};
use chorsu_core::{Tiyin, UnixMillis};

use super::arguments::{self, Order};
use super::card::PinpadCard;
use super::faults::{PinpadFault, PinpadFaultRules};
use super::files::{CARD, CONTROLS, FAULTS, Folder, IN_USE, PinpadFilesError, SLIP, TERMINAL};
use super::print::{self, Spoil};
use super::terminal::{Request, Terminal};

/// The slip says what happened.
const DONE: u8 = 0;
/// The run broke off.
const CRASHED: u8 = 1;
/// The arguments are no order.
const NOT_AN_ORDER: u8 = 2;
/// Another run is under way.
const BUSY: u8 = 3;
/// The folder cannot be read or written.
const BROKEN: u8 = 4;
/// A slip that is none.
const GARBAGE: [u8; 24] = *b"\xc4\xe8\xff\x01??\x98\x00 1C~~ \x1b@\x1bi\xa0\xb5\xff\xfe..";
/// A response code that nothing documents.
const UNDOCUMENTED: &str = "777";

/// Runs the program: carries out `arguments` on the terminal in the folder `dir`, and leaves the
/// slip in its `cheq.out`. It blocks, for ever when a fault says so. Returns the exit status:
/// 0 when the slip says what happened, declined or not; else no slip was left.
///
/// `now` is the time that slips show.
#[must_use]
pub fn run(arguments: &[String], dir: &Path, now: UnixMillis) -> u8 {
    let (Some(order), Some(time)) = (arguments::parse(arguments), LocalTime::at(now)) else {
        return NOT_AN_ORDER;
    };
    let run = Run { folder: Folder::new(dir), order, now, time };
    match run.perform() {
        Ok(status) => status,
        Err(error) => {
            tracing::error!(%error, source = std::error::Error::source(&error), "pinpad");
            BROKEN
        }
    }
}

struct Run {
    folder: Folder,
    order: Order,
    now: UnixMillis,
    time: LocalTime,
}

impl Run {
    fn perform(&self) -> Result<u8, PinpadFilesError> {
        let Some(_in_use) = self.folder.try_lock(IN_USE)? else {
            return Ok(BUSY);
        };
        let (fault, card) = self.controls()?;
        match fault {
            Some(PinpadFault::CrashBefore) => return Ok(CRASHED),
            Some(PinpadFault::Hang) => hang(),
            _ => {}
        }
        let mut terminal: Terminal = self.folder.read(TERMINAL)?;
        let before = terminal.clone();
        let slip = self.decide(&mut terminal, card, fault.as_ref());
        if terminal != before {
            self.folder.write(TERMINAL, &terminal)?;
        }
        match fault {
            Some(PinpadFault::CrashAfter) => return Ok(CRASHED),
            Some(PinpadFault::HangAfter) => hang(),
            Some(PinpadFault::NoSlip) => return Ok(DONE),
            Some(PinpadFault::GarbageSlip) => {
                self.folder.replace(SLIP, &GARBAGE)?;
                return Ok(DONE);
            }
            Some(PinpadFault::Delay { delay_ms }) => {
                std::thread::sleep(Duration::from_millis(delay_ms));
            }
            _ => {}
        }
        self.folder.replace(SLIP, &print::encode(&slip))?;
        Ok(DONE)
    }

    /// The fault that befalls this run, counted off its rule, and the card that is shown.
    fn controls(&self) -> Result<(Option<PinpadFault>, PinpadCard), PinpadFilesError> {
        let _lock = self.folder.lock(CONTROLS)?;
        let mut rules: PinpadFaultRules = self.folder.read(FAULTS)?;
        let before = rules.clone();
        let fault = rules.befall(|rule| rule.calls.include(&self.order));
        if rules != before {
            self.folder.write(FAULTS, &rules)?;
        }
        Ok((fault, self.folder.read(CARD)?))
    }

    /// Carries the order out in the terminal's memory; the slip.
    fn decide(
        &self,
        terminal: &mut Terminal,
        card: PinpadCard,
        fault: Option<&PinpadFault>,
    ) -> String {
        let forced = match fault {
            Some(PinpadFault::Refuse { code }) => Some(refusing(code)),
            _ => None,
        };
        let request =
            |amount: Tiyin| Request { amount, card, forced, now: self.now, time: self.time };
        let (operation, time) = match &self.order {
            Order::Sale(amount) => (terminal.sell(&request(*amount)), self.time),
            Order::Void(amount, rrn) => (terminal.void(&request(*amount), rrn), self.time),
            Order::Reconcile => {
                let (shift, totals) = terminal.close();
                return print::report("Сверка итогов", shift, totals, self.time);
            }
            Order::ShortReport => {
                let totals = terminal.shift_totals;
                return print::report("Краткий отчет", terminal.shift, totals, self.time);
            }
            Order::PrintLast => match terminal.operations.back() {
                Some(last) => {
                    let time = LocalTime::at(UnixMillis(last.at)).unwrap_or(self.time);
                    (last.clone(), time)
                }
                None => return print::nothing(self.time),
            },
        };
        let spoil = match fault {
            Some(PinpadFault::WrongAmount) => {
                Spoil { amount: Some(operation.amount - 1), code: None }
            }
            Some(PinpadFault::UnknownCode) => Spoil { amount: None, code: Some(UNDOCUMENTED) },
            _ => Spoil::default(),
        };
        print::slip(&operation, time, operation.card.face(), spoil)
    }
}

/// `code`, unless it would approve.
fn refusing(code: &str) -> &str {
    match code_meaning(code) {
        CodeMeaning::Approved | CodeMeaning::ApprovedVoid => "100",
        _ => code,
    }
}

/// Never returns; somebody has to end the process.
fn hang() -> ! {
    loop {
        std::thread::park();
    }
}
