//! The published test cards and how each behaves.
//!
//! Numbers and notes are those of the provider's page on trying the Subscribe API, expiry 03/99;
//! which step shows the fault is our choice, for that page does not say.

use chorsu_core::Pan;

/// The expiry of every published test card, `YYMM`.
pub(super) const EXPIRY: &str = "9903";
/// How long the slow card's processing takes.
pub(super) const SLOW_MS: i64 = 10_000;

/// What is special about a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// Nothing.
    Normal,
    /// SMS informing is not connected.
    SmsOff,
    /// Expired whatever its date says.
    Expired,
    /// Blocked.
    Blocked,
    /// A payment ends in a system error.
    SystemError,
    /// A payment is refused, after ten seconds, because the processing is down.
    Slow,
}

const CARDS: [(&str, Conduct); 8] = [
    ("8600495473316478", Conduct::Normal),
    ("8600069195406311", Conduct::Normal),
    ("8600060921090842", Conduct::SmsOff),
    ("3333336415804657", Conduct::Expired),
    ("4444445987459073", Conduct::Blocked),
    ("8600143417770323", Conduct::SystemError),
    ("8600134301849596", Conduct::Slow),
    ("9860010101010101", Conduct::Normal),
];

/// How the published test card `pan` behaves; `None` for any other card.
pub(super) fn conduct(pan: &Pan) -> Option<Conduct> {
    CARDS.iter().find(|(number, _)| *number == pan.digits()).map(|(_, conduct)| *conduct)
}

/// Whether `pan` is a published test card, whose one-time code is always 666666.
#[must_use]
pub fn is_published_test_card(pan: &Pan) -> bool {
    conduct(pan).is_some()
}
