//! Receipts and the table of states they walk through.

use std::sync::Arc;

use crate::acquirer::Acquirer;
use crate::card::CardFace;
use crate::id::{KassaId, OperationId, ReceiptId};
use crate::money::Tiyin;
use crate::time::UnixMillis;

/// The state of a receipt, with the number the wire uses ("Payme Subscribe API, states").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReceiptState {
    /// 0: created, waiting for payment.
    Created,
    /// 1: first checks.
    Checking,
    /// 2: the card is being debited; the outcome is not known yet.
    Debiting,
    /// 3: the payment is being closed in the books.
    Closing,
    /// 4: paid.
    Paid,
    /// 5: the money is held on the card.
    Held,
    /// 6: the card is being asked to hold; the outcome is not known yet.
    Holding,
    /// 20: stopped for an operator.
    Paused,
    /// 21: queued for cancelling; the money is on its way back.
    CancelQueued,
    /// 30: queued for closing; a hold is being captured.
    CloseQueued,
    /// 50: cancelled.
    Cancelled,
}

use ReceiptState::{
    CancelQueued, Cancelled, Checking, CloseQueued, Closing, Created, Debiting, Held, Holding,
    Paid, Paused,
};

/// Every allowed step. Tests hold the table in the documentation and the checks in the databases
/// against it.
pub const TRANSITIONS: [(ReceiptState, ReceiptState); 20] = [
    (Created, Checking),
    (Created, Cancelled),
    (Checking, Debiting),
    (Checking, Holding),
    (Debiting, Closing),
    (Debiting, Created),
    (Closing, Paid),
    (Holding, Held),
    (Holding, Created),
    (Held, CloseQueued),
    (Held, CancelQueued),
    (CloseQueued, Closing),
    (CloseQueued, Held),
    (CloseQueued, Cancelled),
    (Paid, CancelQueued),
    (CancelQueued, Cancelled),
    (CancelQueued, Paused),
    (CancelQueued, Paid),
    (CancelQueued, Held),
    (Paused, CancelQueued),
];

impl ReceiptState {
    /// Every state with its number.
    pub const ALL: [(Self, i16); 11] = [
        (Created, 0),
        (Checking, 1),
        (Debiting, 2),
        (Closing, 3),
        (Paid, 4),
        (Held, 5),
        (Holding, 6),
        (Paused, 20),
        (CancelQueued, 21),
        (CloseQueued, 30),
        (Cancelled, 50),
    ];

    /// The number of this state on the wire and in the database.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Created => 0,
            Checking => 1,
            Debiting => 2,
            Closing => 3,
            Paid => 4,
            Held => 5,
            Holding => 6,
            Paused => 20,
            CancelQueued => 21,
            CloseQueued => 30,
            Cancelled => 50,
        }
    }

    /// The state with this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == number).map(|(state, _)| *state)
    }

    /// Whether the table allows the step from this state to `next`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        TRANSITIONS.contains(&(self, next))
    }
}

/// A payment from its creation to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// The kassa it belongs to.
    pub kassa: KassaId,
    /// Who takes the payer's money.
    pub acquirer: Acquirer,
    /// Where it stands.
    pub state: ReceiptState,
    /// What the payer pays.
    pub amount: Tiyin,
    /// What of it is commission.
    pub commission: Tiyin,
    /// The short number people read out ("Номер чека").
    pub number: i64,
    /// Whether it was created to be held first.
    pub hold: bool,
    /// When it was created.
    pub created_at: UnixMillis,
    /// When it was paid.
    pub paid_at: Option<UnixMillis>,
    /// When the money was held.
    pub held_at: Option<UnixMillis>,
    /// When it was cancelled.
    pub cancelled_at: Option<UnixMillis>,
    /// The request to the card network whose outcome is open.
    pub operation: Option<OperationId>,
    /// The request that debited or held the money; captures and refunds refer to it.
    pub debit: Option<OperationId>,
    /// The card that paid.
    pub card: Option<CardFace>,
    /// What the shop said of the payment (account, description, detail), in the API's own JSON.
    /// The core does not look inside.
    pub body: Arc<str>,
    /// Who pays, in the API's own JSON.
    pub payer: Option<Arc<str>>,
    /// The fiscal receipt, in the API's own JSON.
    pub fiscal: Option<Arc<str>>,
}

impl Receipt {
    /// Walks `path`, step by step.
    ///
    /// # Panics
    /// When the table does not allow a step: a decision that asks for it is a defect, and its
    /// batch must not be written.
    pub fn walk(&mut self, path: &[ReceiptState]) {
        for next in path {
            assert!(
                self.state.may_become(*next),
                "a receipt cannot go from {:?} to {next:?}",
                self.state
            );
            self.state = *next;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_and_states_are_one_to_one() {
        for (state, number) in ReceiptState::ALL {
            assert_eq!(state.number(), number);
            assert_eq!(ReceiptState::from_number(number), Some(state));
        }
        let numbers: BTreeSet<i16> = ReceiptState::ALL.iter().map(|(_, number)| *number).collect();
        assert_eq!(numbers.len(), ReceiptState::ALL.len());
        assert_eq!(ReceiptState::from_number(7), None);
    }

    #[test]
    fn every_state_is_reachable_and_cancelled_is_the_end() {
        let mut reached = BTreeSet::from([Created]);
        for _ in 0..TRANSITIONS.len() {
            for (from, to) in TRANSITIONS {
                if reached.contains(&from) {
                    reached.insert(to);
                }
            }
        }
        assert_eq!(reached.len(), ReceiptState::ALL.len());
        assert!(TRANSITIONS.iter().all(|(from, _)| *from != Cancelled));
        let unique: BTreeSet<_> = TRANSITIONS.iter().collect();
        assert_eq!(unique.len(), TRANSITIONS.len());
    }

    #[test]
    fn the_documented_steps_are_these() {
        let page = include_str!("../../../docs/subscribe-api.md");
        let (_, table) = page.split_once("| from | to |\n|---|---|\n").unwrap();
        for (state, number) in ReceiptState::ALL {
            let mut next: Vec<i16> = TRANSITIONS
                .iter()
                .filter(|(from, _)| *from == state)
                .map(|(_, to)| to.number())
                .collect();
            next.sort_unstable();
            let next: Vec<String> = next.iter().map(i16::to_string).collect();
            let row = format!("| {number} | {} |", next.join(", "));
            let rows = table.lines().take_while(|line| line.starts_with('|'));
            let documented: Vec<&str> =
                rows.filter(|line| line.starts_with(&format!("| {number} |"))).collect();
            let want: &[&str] = if next.is_empty() { &[] } else { &[&row] };
            assert_eq!(documented, want);
        }
    }

    #[test]
    fn no_money_state_skips_the_debit() {
        for (from, to) in TRANSITIONS {
            if to == Paid {
                // Back to what it was, when nothing was given back.
                assert!(matches!(from, Closing | CancelQueued));
            }
            if to == Closing {
                assert!(matches!(from, Debiting | CloseQueued));
            }
        }
    }
}
