//! The played HUMO pinpad: a program in the manner of ARCUS, one run for each operation.
//!
//! Its terminal lives in a folder: state, faults, the card that is shown next, and the slip
//! `cheq.out`. Every file is replaced whole, so a run that is killed leaves either what was before
//! it or what it did. It is not a socket server like the others, because pinpads are not reached by
//! sockets.
//!
//! | arguments | operation |
//! |---|---|
//! | `/o1 /a<tiyin> /c860` | payment |
//! | `/o4 /a<tiyin> /c860 /r<RRN>` | void of a payment of this shift |
//! | `/o98` | reconciliation: prints the totals and closes the shift |
//! | `/o97` | short report |
//! | `/o96` | the last slip once more |
//!
//! `/o1` and `/o98` are as in the field; the others are this program's own, for no public document
//! has them. Exit status 0 means that the slip says what happened, declined or not.

mod arguments;
mod card;
mod faults;
mod files;
mod played;
mod print;
mod program;
mod terminal;
mod views;

pub use card::PinpadCard;
pub use faults::{PinpadCalls, PinpadFault, PinpadFaultRule};
pub use files::PinpadFilesError;
pub use played::PlayedPinpad;
pub use program::run;
pub use views::{PinpadJournal, PinpadRecord, PinpadTotals};
