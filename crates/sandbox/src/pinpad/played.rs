//! The control of the played pinpad: what the routes under `/sandbox` and the wiring call.

use std::path::{Path, PathBuf};

use chorsu_connectors::pinpad::PinpadOperation;

use super::card::PinpadCard;
use super::faults::{PinpadFaultRule, PinpadFaultRules};
use super::files::{CARD, CONTROLS, FAULTS, Folder, PinpadFilesError, SLIP, TERMINAL};
use super::terminal::Terminal;
use super::views::PinpadJournal;

/// A played pinpad, known by its folder. Every call reads or writes files, so it blocks.
#[derive(Clone, Debug)]
pub struct PlayedPinpad {
    folder: Folder,
}

impl PlayedPinpad {
    /// The pinpad in the folder `dir`, which is made when it is first used.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { folder: Folder::new(dir) }
    }

    /// Where its program leaves the slip.
    #[must_use]
    pub fn slip_path(&self) -> PathBuf {
        self.folder.path(SLIP)
    }

    /// The arguments by which its program is asked for `operation`, with the places of a
    /// [`chorsu_connectors::pinpad::CommandTemplate`].
    #[must_use]
    pub const fn arguments(operation: PinpadOperation) -> &'static [&'static str] {
        match operation {
            PinpadOperation::Sale => &["/o1", "/a{amount}", "/c860"],
            PinpadOperation::Void => &["/o4", "/a{amount}", "/c860", "/r{rrn}"],
            PinpadOperation::Reconcile => &["/o98"],
            PinpadOperation::ShortReport => &["/o97"],
            PinpadOperation::PrintLast => &["/o96"],
        }
    }

    /// What it remembers: totals, shift and operations.
    ///
    /// # Errors
    /// [`PinpadFilesError`].
    pub fn journal(&self) -> Result<PinpadJournal, PinpadFilesError> {
        Ok(self.folder.read::<Terminal>(TERMINAL)?.into())
    }

    /// The faults that wait for their runs, the first to be applied first.
    ///
    /// # Errors
    /// [`PinpadFilesError`].
    pub fn faults(&self) -> Result<Vec<PinpadFaultRule>, PinpadFilesError> {
        Ok(self.folder.read::<PinpadFaultRules>(FAULTS)?.as_slice().to_vec())
    }

    /// Adds a rule behind the others; `false` when there are 64 already.
    ///
    /// # Errors
    /// [`PinpadFilesError`].
    pub fn add_fault(&self, rule: PinpadFaultRule) -> Result<bool, PinpadFilesError> {
        let _lock = self.folder.lock(CONTROLS)?;
        let mut rules: PinpadFaultRules = self.folder.read(FAULTS)?;
        let room = rules.add(rule);
        self.folder.write(FAULTS, &rules)?;
        Ok(room)
    }

    /// Removes all rules.
    ///
    /// # Errors
    /// [`PinpadFilesError`].
    pub fn clear_faults(&self) -> Result<(), PinpadFilesError> {
        let _lock = self.folder.lock(CONTROLS)?;
        self.folder.write(FAULTS, &PinpadFaultRules::default())
    }

    /// The card that the next customers show.
    ///
    /// # Errors
    /// [`PinpadFilesError`].
    pub fn card(&self) -> Result<PinpadCard, PinpadFilesError> {
        self.folder.read(CARD)
    }

    /// Gives the next customers another card.
    ///
    /// # Errors
    /// [`PinpadFilesError`].
    pub fn put_card(&self, card: PinpadCard) -> Result<(), PinpadFilesError> {
        let _lock = self.folder.lock(CONTROLS)?;
        self.folder.write(CARD, &card)
    }
}
