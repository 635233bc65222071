//! The history of a document: what happened to it, step by step, for people to read.

use std::sync::Arc;

use crate::time::UnixMillis;

/// Steps a document remembers; later ones replace the last.
pub const STEPS_MAX: usize = 64;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: UnixMillis,
    /// What.
    pub event: Event,
    /// In the counterparty's words, or ours.
    pub note: Option<Arc<str>>,
}

/// Adds a step to a history.
pub fn remember(steps: &mut Vec<Step>, at: UnixMillis, event: Event, note: Option<Arc<str>>) {
    if steps.len() >= STEPS_MAX {
        steps.pop();
    }
    steps.push(Step { at, event, note });
}

/// Declares the events, so that each has its code once.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What can happen to a document.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Event {
            $($(#[$doc])* $name,)*
        }

        impl Event {
            /// Every event with its code.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $code),)*];

            /// The code in the database and in answers.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The event with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().find(|(_, known)| *known == code).map(|(event, _)| *event)
            }
        }
    };
}

events! {
    /// The intent was made durable; the counterparty is being asked.
    Sent = "sent",
    /// The counterparty gave its own number before any money moved.
    Prepared = "prepared",
    /// The counterparty did it.
    Succeeded = "succeeded",
    /// The counterparty did not do it.
    Declined = "declined",
    /// The counterparty still says that it has not seen it.
    NotSeen = "not_seen",
    /// An operator has said what became of it.
    SettledByHand = "settled_by_hand",
    /// The caller was told that the outcome is unknown.
    ToldUnknown = "told_unknown",
    /// The money is to go back.
    Reversing = "reversing",
    /// The money went back.
    Reversed = "reversed",
    /// The counterparty refused to give the money back.
    ReversalRefused = "reversal_refused",
    /// A fiscal receipt was registered for it.
    Fiscalised = "fiscalised",
    /// Its fiscal receipt is on the way to the wallet.
    Delivering = "delivering",
    /// Its fiscal receipt reached the wallet.
    Delivered = "delivered",
    /// The wallet refused the fiscal receipt.
    DeliveryRefused = "delivery_refused",
    /// Accepted for execution.
    Accepted = "accepted",
    /// Carried out.
    Posted = "posted",
    /// Refused for good; nothing was carried out.
    Deleted = "deleted",
    /// A person has said how it ended, because the counterparty did not.
    EndedByHand = "ended_by_hand",
    /// Registered at the fiscal module.
    Registered = "registered",
    /// Refused by the fiscal module.
    Refused = "refused",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_bounded_and_keeps_its_newest_step() {
        let mut steps = Vec::new();
        for minute in 0..100 {
            remember(&mut steps, UnixMillis(minute), Event::Sent, None);
        }
        assert_eq!((steps.len(), steps[STEPS_MAX - 1].at), (STEPS_MAX, UnixMillis(99)));
    }
}
