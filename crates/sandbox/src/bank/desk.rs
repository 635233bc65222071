//! The desk of the hosts: decides requests, one after the other, over the records of one
//! transaction.
//!
//! A request that needs a record that is not loaded changes nothing and says which. An operation
//! is decided once: a repeat is answered from its record.

use chorsu_connectors::card::CardRefusal;
use chorsu_core::{Network, OperationId, Tiyin, UnixMillis};

use super::call::{Call, FollowUp, HostAnswer, Opening};
use super::card::Card;
use super::follow::Settlement;
use super::operation::{Kind, Operation, Since, Verdict, operation_key};
use super::published::{self, Conduct};
use super::shelf::{Halt, Shelf};
use super::sight::{Sight, card_key, phone};
use super::totals::{Totals, totals_key};
use super::views::{CardChange, CardView, TotalsView};
use crate::book::{RecordKey, Records};

/// Why a rule did not go through.
enum Stop {
    Halt(Halt),
    Refuse(CardRefusal),
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<CardRefusal> for Stop {
    fn from(refusal: CardRefusal) -> Self {
        Self::Refuse(refusal)
    }
}

/// Turns a refusal into a value: only a halt stops a request.
fn settled<T>(result: Result<T, Stop>) -> Result<Result<T, CardRefusal>, Halt> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Refuse(refusal)) => Ok(Err(refusal)),
        Err(Stop::Halt(halt)) => Err(halt),
    }
}

/// The desk of both hosts for one transaction at one moment.
pub(crate) struct Desk<'a> {
    records: &'a mut Records,
    now: UnixMillis,
    cards: Shelf<Card>,
    operations: Shelf<Operation>,
    totals: Shelf<Totals>,
}

impl<'a> Desk<'a> {
    /// A desk over the records of a transaction.
    pub(crate) fn new(records: &'a mut Records, now: UnixMillis) -> Self {
        let (cards, operations, totals) = Default::default();
        Self { records, now, cards, operations, totals }
    }

    /// Writes what changed into the records.
    pub(crate) fn save(self) {
        self.cards.save(self.records);
        self.operations.save(self.records);
        self.totals.save(self.records);
    }

    /// Decides one request; `forced` refuses it whatever the rules say, unless it was decided
    /// before.
    pub(crate) fn perform(
        &mut self,
        network: Network,
        call: &Call,
        forced: Option<CardRefusal>,
    ) -> Result<HostAnswer, Halt> {
        match (call, forced) {
            (Call::Inquire(_) | Call::Ask(_), Some(refusal)) => Ok(HostAnswer::Refused(refusal)),
            (Call::Inquire(card), None) => self.inquire(network, card),
            (Call::Ask(operation), None) => self.ask(network, *operation),
            (Call::Open(opening), forced) => self.open(network, opening, forced),
            (Call::Follow(follow), forced) => self.follow(network, follow, forced),
        }
    }

    /// A card as it is now, changed by `change`; `None` when there can be no such card.
    pub(crate) fn look(
        &mut self,
        network: Network,
        sight: &Sight,
        change: CardChange,
    ) -> Result<Option<CardView>, Halt> {
        if !sight.genuine {
            return Ok(None);
        }
        let opened = self.cards.open(self.records, card_key(network, sight.tag))?;
        let mut card = opened.get().cloned().unwrap_or_else(|| Card::new(sight));
        card.lapse(self.now);
        change.apply(&mut card);
        let view = CardView::new(network, sight, &card, self.now);
        if opened.get().is_some() || change != CardChange::default() {
            opened.set(card);
        }
        Ok(Some(view))
    }

    /// What the network has moved.
    pub(crate) fn totals(&mut self, network: Network) -> Result<TotalsView, Halt> {
        let totals = self.totals.open(self.records, totals_key(network))?;
        Ok(totals.get().copied().unwrap_or_default().view())
    }

    /// The masked number of a card that is loaded and there.
    pub(crate) fn masked(&mut self, key: RecordKey) -> Result<Option<String>, Halt> {
        let card = self.cards.open(self.records, key)?.get();
        Ok(card.map(|card| card.masked.to_string()))
    }

    fn inquire(&mut self, network: Network, sight: &Sight) -> Result<HostAnswer, Halt> {
        let admitted = settled(self.admit(network, sight).map(|card| (card.blocked, card.sms)))?;
        Ok(match admitted {
            Ok((true, _)) => HostAnswer::Refused(CardRefusal::Blocked),
            Ok((false, sms)) => HostAnswer::Card { phone: phone(sight.tag), sms },
            Err(refusal) => HostAnswer::Refused(refusal),
        })
    }

    /// The card, made on first sight, if number and expiry are in order.
    fn admit(&mut self, network: Network, sight: &Sight) -> Result<&mut Card, Stop> {
        if !sight.genuine {
            return Err(CardRefusal::NotFound.into());
        }
        let opened = self.cards.open(self.records, card_key(network, sight.tag))?;
        let known = opened.get().and_then(|card| card.expiry);
        let wrong = |yymm: &_| {
            sight.published && yymm != published::EXPIRY
                || known.is_some_and(|known| known.as_str() != yymm)
        };
        if sight.yymm.is_none_or(|yymm| wrong(yymm.as_str())) {
            return Err(CardRefusal::WrongExpiry.into());
        }
        let past = sight.expiry.is_none_or(|expiry| expiry.is_past(self.now));
        if past || sight.conduct == Conduct::Expired {
            return Err(CardRefusal::Expired.into());
        }
        if opened.get().is_none() {
            opened.set(Card::new(sight));
        }
        let card = opened.change().ok_or(CardRefusal::SystemError)?;
        card.expiry = sight.yymm;
        Ok(card)
    }

    fn open(
        &mut self,
        network: Network,
        opening: &Opening,
        forced: Option<CardRefusal>,
    ) -> Result<HostAnswer, Halt> {
        let Opening { operation, kind, card, amount } = *opening;
        if let Some(before) = self.operation(network, operation)? {
            let same =
                before.kind == kind && before.amount == amount && before.card == Some(card.tag);
            return Ok(self.repeat(&before, same));
        }
        self.cards.open(self.records, card_key(network, card.tag))?;
        let decided = match forced {
            Some(refusal) => Err(refusal),
            None => settled(self.authorise(network, opening))?,
        };
        let slow = decided == Err(CardRefusal::Unavailable) && card.conduct == Conduct::Slow;
        let record = Operation {
            kind,
            card: Some(card.tag),
            amount,
            verdict: decided.map_or_else(Verdict::Refused, |_| Verdict::Approved),
            at: decided.unwrap_or(self.now.0),
            original: None,
            since: Since::Open,
            captured: Tiyin::ZERO,
            ready_at: slow.then(|| self.now.plus(published::SLOW_MS).0),
        };
        self.record(network, operation, record)
    }

    /// Debits or holds; the time from which it counts.
    fn authorise(&mut self, network: Network, opening: &Opening) -> Result<i64, Stop> {
        let (now, amount) = (self.now, opening.amount);
        let totals = self.moved(network)?;
        let card = self.admit(network, &opening.card)?;
        match opening.card.conduct {
            Conduct::SystemError => return Err(CardRefusal::SystemError.into()),
            Conduct::Slow => return Err(CardRefusal::Unavailable.into()),
            _ => {}
        }
        if opening.kind == Kind::Hold {
            return Ok(card.hold(network, amount, now)?);
        }
        let totals = totals.debit(amount)?;
        card.spend(amount, now)?;
        self.totals.open(self.records, totals_key(network))?.set(totals);
        Ok(now.0)
    }

    fn follow(
        &mut self,
        network: Network,
        follow: &FollowUp,
        forced: Option<CardRefusal>,
    ) -> Result<HostAnswer, Halt> {
        if let Some(before) = self.operation(network, follow.operation)? {
            let same = before.kind == follow.kind
                && before.original == Some(follow.original)
                && follow.amount.is_none_or(|amount| amount == before.amount);
            return Ok(self.repeat(&before, same));
        }
        let original = self.operation(network, follow.original)?;
        let card = original.and_then(|original| original.card);
        let decided = match (original, card, forced) {
            (_, _, Some(refusal)) => Err(refusal),
            (Some(original), Some(card), None) => {
                let card = card_key(network, card);
                self.settle(network, follow, original, card)?
            }
            _ => Err(CardRefusal::OriginalNotFound),
        };
        let record = Operation {
            kind: follow.kind,
            card,
            amount: decided.ok().or(follow.amount).unwrap_or(Tiyin::ZERO),
            verdict: decided.map_or_else(Verdict::Refused, |_| Verdict::Approved),
            at: self.now.0,
            original: Some(follow.original),
            since: Since::Open,
            captured: Tiyin::ZERO,
            ready_at: None,
        };
        self.record(network, follow.operation, record)
    }

    /// Captures, releases or refunds what `original` did; the amount that moved.
    fn settle(
        &mut self,
        network: Network,
        follow: &FollowUp,
        mut original: Operation,
        card_key: RecordKey,
    ) -> Result<Result<Tiyin, CardRefusal>, Halt> {
        let mut totals = self.moved(network)?;
        let opened = self.cards.open(self.records, card_key)?;
        let Some(card) = opened.change() else {
            // An operation that was refused before its card was ever seen.
            return Ok(Err(CardRefusal::OriginalNotFound));
        };
        let settlement = Settlement {
            network,
            now: self.now,
            original: &mut original,
            card,
            totals: &mut totals,
        };
        let decided = settlement.apply(follow);
        self.operations.open(self.records, operation_key(network, follow.original))?.set(original);
        if decided.is_ok() {
            self.totals.open(self.records, totals_key(network))?.set(totals);
        }
        Ok(decided)
    }

    /// What became of an operation. One that never came is closed, so that it cannot come true
    /// after its asker was told that it is not there.
    fn ask(&mut self, network: Network, operation: OperationId) -> Result<HostAnswer, Halt> {
        let Some(known) = self.operation(network, operation)? else {
            let record = Operation {
                kind: Kind::Unseen,
                card: None,
                amount: Tiyin::ZERO,
                verdict: Verdict::Refused(CardRefusal::Withdrawn),
                at: self.now.0,
                original: None,
                since: Since::Open,
                captured: Tiyin::ZERO,
                ready_at: None,
            };
            self.record(network, operation, record)?;
            return Ok(HostAnswer::Unseen);
        };
        Ok(match known {
            Operation { kind: Kind::Unseen, .. } => HostAnswer::Unseen,
            _ if known.wait_ms(self.now) > 0 => HostAnswer::InProgress,
            Operation { verdict, amount, .. } => {
                let released = known.is_released(network, self.now);
                HostAnswer::Told { verdict, amount, released }
            }
        })
    }

    fn repeat(&self, before: &Operation, same: bool) -> HostAnswer {
        if before.kind != Kind::Unseen && !same {
            return HostAnswer::Decided {
                verdict: Verdict::Refused(CardRefusal::Duplicate),
                amount: Tiyin::ZERO,
                wait_ms: 0,
            };
        }
        before.answer(self.now)
    }

    fn record(
        &mut self,
        network: Network,
        id: OperationId,
        operation: Operation,
    ) -> Result<HostAnswer, Halt> {
        self.operations.open(self.records, operation_key(network, id))?.set(operation);
        Ok(operation.answer(self.now))
    }

    fn operation(&mut self, network: Network, id: OperationId) -> Result<Option<Operation>, Halt> {
        let opened = self.operations.open(self.records, operation_key(network, id))?;
        Ok(opened.get().copied())
    }

    fn moved(&mut self, network: Network) -> Result<Totals, Halt> {
        let opened = self.totals.open(self.records, totals_key(network))?;
        Ok(opened.get().copied().unwrap_or_default())
    }
}
