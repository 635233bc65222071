//! The rules for what follows a debit or a hold: capture, release and refund.

use chorsu_connectors::card::CardRefusal;
use chorsu_core::{Network, Tiyin, UnixMillis};

use super::call::FollowUp;
use super::card::Card;
use super::operation::{Kind, Operation, Since, Verdict};
use super::totals::Totals;

/// What a follow-up may change.
pub(super) struct Settlement<'a> {
    pub(super) network: Network,
    pub(super) now: UnixMillis,
    /// The debit or hold it is about.
    pub(super) original: &'a mut Operation,
    pub(super) card: &'a mut Card,
    pub(super) totals: &'a mut Totals,
}

impl Settlement<'_> {
    /// Does what `follow` asks for; the amount that moved.
    pub(super) fn apply(self, follow: &FollowUp) -> Result<Tiyin, CardRefusal> {
        let Self { network, now, original, card, totals } = self;
        let follows_something = matches!(original.kind, Kind::Debit | Kind::Hold);
        if !follows_something || original.verdict != Verdict::Approved {
            return Err(CardRefusal::OriginalNotFound);
        }
        let held = original.kind == Kind::Hold && original.since == Since::Open;
        if held && original.has_lapsed(network, now) {
            card.end_lapsed_hold(original.at, original.amount);
            original.since = Since::Released;
        }
        match (follow.kind, original.kind, original.since) {
            (_, Kind::Hold, Since::Released) => Err(CardRefusal::HoldReleased),
            (Kind::Capture, Kind::Hold, Since::Open) => {
                let amount = follow.amount.unwrap_or(Tiyin::ZERO);
                if amount == Tiyin::ZERO || amount > original.amount {
                    return Err(CardRefusal::InvalidAmount);
                }
                *totals = totals.debit(amount)?;
                card.end_hold(original.at, original.amount, amount);
                (original.since, original.captured) = (Since::Captured, amount);
                Ok(amount)
            }
            (Kind::Release, Kind::Hold, Since::Open) => {
                // "Holding" in the Subscribe API: such a hold can only be confirmed.
                if network == Network::Humo && original.is_over(now) {
                    return Err(CardRefusal::NotAllowed);
                }
                card.end_hold(original.at, original.amount, Tiyin::ZERO);
                original.since = Since::Released;
                Ok(original.amount)
            }
            (Kind::Refund, Kind::Debit, Since::Open) | (Kind::Refund, _, Since::Captured) => {
                let debit = original.kind == Kind::Debit;
                let taken = if debit { original.amount } else { original.captured };
                if follow.amount != Some(taken) {
                    return Err(CardRefusal::InvalidAmount);
                }
                *totals = totals.refund(taken)?;
                card.refund(taken)?;
                original.since = Since::Refunded;
                Ok(taken)
            }
            (Kind::Capture, Kind::Hold, _) | (Kind::Refund, _, Since::Refunded) => {
                Err(CardRefusal::AlreadyDone)
            }
            _ => Err(CardRefusal::NotAllowed),
        }
    }
}
