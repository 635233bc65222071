//! The desk of the modules: decides one request over the records of one transaction. Pure.
//!
//! A request that needs a record that is not loaded changes nothing and says which.

use chorsu_connectors::fiscal_module::{LocalTime, Refusal};
use chorsu_core::time::DAY_MS;
use chorsu_core::{UnixMillis, time::SECOND_MS};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::{Answer, Call, Decision, Refused};
use super::record::{FactoryId, Module, Registration, Shift, TerminalId};
use crate::book::{RecordKey, Records};

/// How long receipts may wait for their acknowledgement, and the clock run on without a
/// synchronisation.
pub(super) const PATIENCE_MS: i64 = 2 * DAY_MS;

/// How much a module can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiscalLimits {
    /// Receipts that are not acknowledged.
    pub unsent_receipts: u64,
    /// Shifts.
    pub shifts: u32,
    /// Receipts in one shift.
    pub shift_receipts: u64,
}

impl Default for FiscalLimits {
    fn default() -> Self {
        Self { unsent_receipts: 480, shifts: 640, shift_receipts: 29_999 }
    }
}

/// Why a request was not decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// These records have to be loaded too.
    Needs(Vec<RecordKey>),
    /// This record cannot be read.
    Broken(RecordKey),
}

/// Why a rule did not go through.
pub(super) enum Stop {
    Halt(Halt),
    Refuse(Refused),
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refuse(refused)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(Refused::plain(refusal))
    }
}

/// The desk for one request to one module.
pub(super) struct Desk<'a> {
    pub(super) records: &'a mut Records,
    pub(super) limits: FiscalLimits,
    pub(super) factory: &'a FactoryId,
    pub(super) terminal: TerminalId,
    pub(super) now: UnixMillis,
}

impl<'a> Desk<'a> {
    /// A desk over the records of a transaction.
    pub(super) fn new(
        records: &'a mut Records,
        limits: FiscalLimits,
        factory: &'a FactoryId,
        now: UnixMillis,
    ) -> Self {
        Self { records, limits, factory, terminal: factory.terminal(), now }
    }

    /// Decides `call`.
    pub(super) fn perform(&mut self, call: &Call) -> Result<Decision, Halt> {
        let key = self.factory.module_key();
        let stored = self.load::<Module>(key)?;
        let mut module = stored.clone().unwrap_or_default();
        if module.not_initialised {
            let answer = Err(Refused::plain(Refusal::NotConnected));
            return Ok(Decision { module, answer });
        }
        module.acknowledge();
        let tried = module.clone();
        let answer = match self.rule(&mut module, call) {
            Ok(answer) => Ok(answer),
            Err(Stop::Halt(halt)) => return Err(halt),
            Err(Stop::Refuse(refused)) => {
                // A refusal changes nothing.
                module = tried;
                Err(refused)
            }
        };
        if stored.as_ref() != Some(&module) {
            self.store(key, &module)?;
        }
        Ok(Decision { module, answer })
    }

    fn rule(&mut self, module: &mut Module, call: &Call) -> Result<Answer, Stop> {
        match call {
            Call::OpenShift(time) => self.open_shift(module, *time),
            Call::CloseShift(time) => self.close_shift(module, *time),
            Call::Register(receipt) => self.register(module, receipt),
            Call::Shift(index) => match module.shifts.checked_sub(*index) {
                None | Some(0) => Err(Refusal::BadIndex.into()),
                Some(number) => Ok(Answer::Shift(self.shift(number)?)),
            },
            Call::Info => Ok(Answer::Info),
            Call::Resend => Ok(Answer::Done),
            Call::Last => match self.load(self.terminal.receipt_key(module.seq))? {
                None => Err(Refusal::NotFound.into()),
                Some(last) => Ok(Answer::Registered(last)),
            },
        }
    }

    fn open_shift(&mut self, module: &mut Module, time: LocalTime) -> Result<Answer, Stop> {
        if module.open {
            return Err(Refusal::ShiftAlreadyOpen.into());
        }
        if module.shifts >= self.limits.shifts {
            let full = if module.earlier { Refusal::ShiftMemoryFull } else { Refusal::MemoryFull };
            return Err(full.into());
        }
        in_time(module, time)?;
        let number = module.shifts + 1;
        let key = self.terminal.shift_key(number);
        self.load::<Shift>(key)?;
        self.store(key, &Shift::new(number, time))?;
        (module.shifts, module.open, module.last) = (number, true, Some(time));
        Ok(Answer::Done)
    }

    fn close_shift(&mut self, module: &mut Module, time: LocalTime) -> Result<Answer, Stop> {
        if !module.open {
            let none = if module.earlier || module.shifts == 0 {
                Refusal::ShiftNotOpen
            } else {
                Refusal::ShiftAlreadyClosed
            };
            return Err(none.into());
        }
        let mut shift = self.shift(module.shifts)?;
        if shift.receipts() == 0 {
            return Err(Refusal::ShiftEmpty.into());
        }
        in_time(module, time)?;
        shift.closed = Some(time);
        self.store(self.terminal.shift_key(shift.number), &shift)?;
        (module.open, module.last) = (false, Some(time));
        Ok(Answer::Done)
    }

    /// A shift that is known to be there.
    pub(super) fn shift(&self, number: u32) -> Result<Shift, Halt> {
        let key = self.terminal.shift_key(number);
        self.load(key)?.ok_or(Halt::Broken(key))
    }

    /// The receipt `seq` of any module.
    pub(super) fn receipt(
        &self,
        terminal: &TerminalId,
        seq: u64,
    ) -> Result<Option<Registration>, Halt> {
        self.load(terminal.receipt_key(seq))
    }

    pub(super) fn load<T: DeserializeOwned>(&self, key: RecordKey) -> Result<Option<T>, Halt> {
        let place = self.records.place(&key).ok_or_else(|| Halt::Needs(vec![key]))?;
        let value = self.records.get(place).map(serde_json::from_str).transpose();
        value.map_err(|_| Halt::Broken(key))
    }

    /// Writes a record. Nothing may be loaded for the first time after the first call of this.
    pub(super) fn store<T: Serialize>(&mut self, key: RecordKey, value: &T) -> Result<(), Halt> {
        let place = self.records.place(&key).ok_or_else(|| Halt::Needs(vec![key]))?;
        let text = serde_json::to_string(value).map_err(|_| Halt::Broken(key))?;
        self.records.put(place, text);
        Ok(())
    }
}

/// Checks the time of an operation: a second after the last one at least, and not two days after
/// it while nobody can synchronise the module.
pub(super) fn in_time(module: &Module, time: LocalTime) -> Result<(), Refused> {
    let Some(last) = module.last else { return Ok(()) };
    let passed = time.moment().since(last.moment());
    if passed < SECOND_MS {
        return Err(Refused::because(Refusal::TimeInPast, format!("last operation at {last}")));
    }
    if passed > PATIENCE_MS && module.ofd_stopped {
        return Err(Refused::plain(Refusal::ClockAhead));
    }
    Ok(())
}
