//! A payment at the till, from the scan to its end, and the steps it may take.

use std::sync::Arc;

use crate::id::{DocumentId, KassaId, OperationId};
use crate::money::Tiyin;
use crate::provider::Provider;
use crate::step::{Event, Step};
use crate::time::UnixMillis;

/// How long the next customer of a pinpad waits for the outcome of the one before, in milliseconds.
pub const HOLD_PINPAD_MS: i64 = 3 * 60 * 1_000;

numbered! {
    /// Where a payment at the till stands. The numbers are those of the database.
    pub enum TillState {
        /// The intent is durable and the provider is being asked.
        Sent = 1,
        /// The till was told that the outcome is unknown; the truth is being found out.
        Unknown = 2,
        /// The customer has paid.
        Succeeded = 4,
        /// The money is on its way back.
        Reversing = 21,
        /// The money went back.
        Reversed = 22,
        /// The customer was not charged. Should it turn out otherwise after all, the money goes back.
        Declined = 50,
    }
}

/// Every step there is.
pub const TRANSITIONS: [(TillState, TillState); 10] = [
    (TillState::Sent, TillState::Unknown),
    (TillState::Sent, TillState::Succeeded),
    (TillState::Sent, TillState::Declined),
    (TillState::Unknown, TillState::Succeeded),
    (TillState::Unknown, TillState::Declined),
    (TillState::Unknown, TillState::Reversing),
    (TillState::Succeeded, TillState::Reversing),
    (TillState::Reversing, TillState::Reversed),
    (TillState::Reversing, TillState::Succeeded),
    (TillState::Declined, TillState::Reversing),
];

impl TillState {
    /// The word people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Succeeded => "succeeded",
            Self::Reversing => "reversing",
            Self::Reversed => "reversed",
            Self::Declined => "declined",
        }
    }
}

/// How far the fiscal receipt has come on its way to the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// On its way.
    Queued,
    /// The wallet has it.
    Delivered,
    /// The wallet refused it.
    Refused,
}

impl Delivery {
    /// The word in the database and in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
        }
    }

    /// The delivery of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Queued, Self::Delivered, Self::Refused].into_iter().find(|d| d.name() == name)
    }
}

/// The fiscal receipt of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiscalLink {
    /// Its URL at the tax committee.
    pub url: Arc<str>,
    /// How far it has come to the wallet.
    pub delivery: Delivery,
}

/// A payment at the till.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TillPayment {
    /// Its id; the provider knows it as a UUID.
    pub id: DocumentId,
    /// Which till.
    pub till: Arc<str>,
    /// Whose money it is.
    pub merchant: KassaId,
    /// Who takes the payment.
    pub provider: Provider,
    /// The scanned code; a pinpad has none.
    pub code: Option<Arc<str>>,
    /// What the customer pays.
    pub amount: Tiyin,
    /// What of it is our commission.
    pub commission: Tiyin,
    /// Where it stands.
    pub state: TillState,
    /// The request under way.
    pub operation: Option<OperationId>,
    /// When it began.
    pub created_at: UnixMillis,
    /// When the customer had paid.
    pub paid_at: Option<UnixMillis>,
    /// The provider's own number, given before any money moved.
    pub prepared: Option<Arc<str>>,
    /// The provider's number of the payment; the RRN for a pinpad.
    pub payment_id: Option<Arc<str>>,
    /// The customer's phone.
    pub phone: Option<Arc<str>>,
    /// What the provider said: a message, a reason, a slip.
    pub note: Option<Arc<str>>,
    /// Whether the till was told that the outcome is unknown, or could not be told at all.
    pub told_unknown: bool,
    /// Whether the till has an idempotency key to ask again with. Without one, the same request
    /// at a pinpad is another payment.
    pub has_key: bool,
    /// When a payment that was declined because its provider had not seen it is asked about again.
    pub ask_again_at: Option<UnixMillis>,
    /// The order whose fiscal receipt is being registered or was registered for this payment.
    pub order: Option<DocumentId>,
    /// Its fiscal receipt.
    pub fiscal: Option<FiscalLink>,
    /// What happened so far.
    pub steps: Vec<Step>,
}

impl TillPayment {
    /// Goes to `next`.
    ///
    /// # Panics
    /// When the table of steps has no such step: that is a defect of ours.
    pub fn step_to(&mut self, next: TillState) {
        assert!(
            TRANSITIONS.contains(&(self.state, next)),
            "a till payment cannot go from {:?} to {next:?}",
            self.state
        );
        self.state = next;
    }

    /// Whether it has succeeded without the till having been told, which it is about to be. Should
    /// it stay so, the money goes back: the till will ask for another payment.
    #[must_use]
    pub fn is_untold(&self) -> bool {
        self.state == TillState::Succeeded && self.operation.is_some() && self.fiscal.is_none()
    }

    /// Whether its success waits until the till is about to be told: at a pinpad nothing but an
    /// idempotency key tells a repeated request from a new one.
    #[must_use]
    pub const fn must_be_told(&self) -> bool {
        matches!(self.provider, Provider::Pinpad(_)) && !self.has_key
    }

    /// Whether its pinpad is kept free for it at `now`: the next operation would take the place of
    /// the last slip, which alone can tell what became of it. What stays open for long does not
    /// keep a pinpad from its customers.
    #[must_use]
    pub fn holds_pinpad(&self, now: UnixMillis) -> bool {
        let since = match self.state {
            TillState::Sent | TillState::Unknown => self.created_at,
            TillState::Succeeded if self.is_untold() => self.created_at,
            TillState::Reversing => {
                let mut steps = self.steps.iter().rev();
                let begun = steps.find(|step| step.event == Event::Reversing);
                begun.map_or(self.created_at, |step| step.at)
            }
            TillState::Succeeded | TillState::Reversed | TillState::Declined => return false,
        };
        now.since(since) < HOLD_PINPAD_MS
    }

    /// The key under which the payment is found that was begun last at the pinpad of a till.
    #[must_use]
    pub fn sale_key(till: &str) -> String {
        format!("pinpad-sale:{till}")
    }

    /// The key under which the payment is found whose reversal was begun last at the pinpad of a
    /// till.
    #[must_use]
    pub fn void_key(till: &str) -> String {
        format!("pinpad-void:{till}")
    }

    /// [`TillPayment::void_key`] of its till; a wallet needs none.
    #[must_use]
    pub fn own_void_key(&self) -> Option<Arc<str>> {
        match self.provider {
            Provider::Pinpad(_) => Some(Self::void_key(&self.till).into()),
            Provider::Wallet(_) => None,
        }
    }

    /// Whether the till was told anything but "paid", so that what was taken goes back by itself.
    #[must_use]
    pub fn goes_back_by_itself(&self) -> bool {
        self.told_unknown || self.steps.iter().any(|step| step.event == Event::Declined)
    }

    /// The key under which a scan is found again: one code pays once.
    #[must_use]
    pub fn scan_key(provider: Provider, code: &str) -> String {
        format!("scan:{}:{code}", provider.name())
    }

    /// The key under which the provider's number is found. A wallet numbers all payments; a pinpad
    /// numbers its own, so a reference says nothing without its till.
    #[must_use]
    pub fn paid_key(provider: Provider, till: &str, payment_id: &str) -> String {
        match provider {
            Provider::Wallet(wallet) => format!("paid:{}:{payment_id}", wallet.name()),
            Provider::Pinpad(network) => format!("paid:{}:{till}:{payment_id}", network.name()),
        }
    }

    /// [`TillPayment::paid_key`] of this payment, once its provider has numbered it.
    #[must_use]
    pub fn own_paid_key(&self, payment_id: &str) -> Arc<str> {
        Arc::from(Self::paid_key(self.provider, &self.till, payment_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unambiguous() {
        for state in TillState::ALL {
            assert_eq!(TillState::from_number(state.number()), Some(state));
        }
        let names: std::collections::BTreeSet<_> = TillState::ALL.map(TillState::name).into();
        assert_eq!(names.len(), TillState::ALL.len());
    }

    #[test]
    fn ends_are_ends() {
        for (from, to) in TRANSITIONS {
            assert_ne!(from, TillState::Reversed);
            assert_ne!(to, TillState::Sent);
            // What was refused is never paid again, but money that moved all the same goes back.
            assert!(from != TillState::Declined || to == TillState::Reversing);
        }
    }
}
