//! A card at its host: the money on it, what is held of it, and its limits.

use chorsu_connectors::card::CardRefusal;
use chorsu_connectors::iso8583::Ascii;
use chorsu_core::card::MaskedPan;
use chorsu_core::{Network, Tiyin, UnixMillis};
use serde::{Deserialize, Serialize};

use super::published::Conduct;
use super::sight::Sight;
use super::text;

/// What a card has, and may spend a day, when it is first seen.
pub(crate) const PLENTY: Tiyin = match Tiyin::new(100_000_000_000_000) {
    Some(amount) => amount,
    None => Tiyin::ZERO,
};

/// How many spans of holds a card remembers apart.
const SPANS: usize = 64;

/// Holds made from `first` to `last` and still held. They lapse together, 30 days after the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    #[serde(rename = "f")]
    first: i64,
    #[serde(rename = "l")]
    last: i64,
    #[serde(rename = "a", with = "text::tiyin")]
    sum: Tiyin,
}

/// A card's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Card {
    /// Its masked number.
    #[serde(rename = "m", with = "text")]
    pub(crate) masked: MaskedPan,
    /// Its expiry `YYMM`, once a request has shown it.
    #[serde(rename = "e", with = "text::option", default, skip_serializing_if = "Option::is_none")]
    pub(crate) expiry: Option<Ascii<4>>,
    /// What can be spent.
    #[serde(rename = "b", with = "text::tiyin")]
    pub(crate) balance: Tiyin,
    /// What is held, beside the balance.
    #[serde(rename = "h", with = "text::tiyin")]
    pub(crate) held: Tiyin,
    /// What may be debited and held in a Tashkent day.
    #[serde(rename = "l", with = "text::tiyin")]
    pub(crate) daily_limit: Tiyin,
    /// The last day on which something was.
    #[serde(rename = "d")]
    day: i64,
    /// How much on that day. What is given back does not count against it.
    #[serde(rename = "s", with = "text::tiyin")]
    spent: Tiyin,
    /// Whether it is blocked.
    #[serde(rename = "x")]
    pub(crate) blocked: bool,
    /// Whether SMS informing is on.
    #[serde(rename = "i")]
    pub(crate) sms: bool,
    /// What is held and since when, the oldest first, where the network gives holds back.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    spans: Vec<Span>,
}

impl Card {
    /// A card seen for the first time.
    pub(crate) fn new(sight: &Sight) -> Self {
        Self {
            masked: sight.masked,
            expiry: sight.yymm,
            balance: PLENTY,
            held: Tiyin::ZERO,
            daily_limit: PLENTY,
            day: 0,
            spent: Tiyin::ZERO,
            blocked: sight.conduct == Conduct::Blocked,
            sms: sight.conduct != Conduct::SmsOff,
            spans: Vec::new(),
        }
    }

    /// What was debited and held on the day of `now`.
    pub(crate) fn spent_today(&self, now: UnixMillis) -> Tiyin {
        if self.day == now.tashkent_day() { self.spent } else { Tiyin::ZERO }
    }

    /// Gives back the holds that the network's 30 days have ended ("holding" in the Subscribe API:
    /// UZCARD does so by itself, and only of its holds are spans kept).
    pub(crate) fn lapse(&mut self, now: UnixMillis) {
        let over = |span: &Span| Network::hold_is_over(UnixMillis(span.last), now);
        if !self.spans.iter().any(over) {
            return;
        }
        let (lapsed, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.spans).into_iter().partition(over);
        self.spans = kept;
        for span in lapsed {
            self.give_back_held(span.sum);
        }
    }

    /// Takes `amount` from what can be spent, if the card's state, its limit and its money allow.
    pub(crate) fn spend(&mut self, amount: Tiyin, now: UnixMillis) -> Result<(), CardRefusal> {
        if self.blocked {
            return Err(CardRefusal::Blocked);
        }
        if !self.sms {
            return Err(CardRefusal::SmsOff);
        }
        if amount == Tiyin::ZERO {
            return Err(CardRefusal::InvalidAmount);
        }
        self.lapse(now);
        // What is on the card and held of it together stay a number, whatever comes back later.
        let whole = self.balance.checked_add(self.held);
        whole.ok_or(CardRefusal::SystemError)?;
        let balance = self.balance.checked_sub(amount).ok_or(CardRefusal::InsufficientFunds)?;
        let spent = self.spent_today(now).checked_add(amount);
        let spent = spent.filter(|spent| *spent <= self.daily_limit);
        self.spent = spent.ok_or(CardRefusal::LimitExceeded)?;
        self.day = now.tashkent_day();
        self.balance = balance;
        Ok(())
    }

    /// Takes `amount` and sets it aside; the time from which the hold counts: `now`, and never
    /// earlier than the hold before.
    pub(crate) fn hold(
        &mut self,
        network: Network,
        amount: Tiyin,
        now: UnixMillis,
    ) -> Result<i64, CardRefusal> {
        self.spend(amount, now)?;
        // What is held was on the card, and the card had what fits.
        self.held = self.held.checked_add(amount).unwrap_or(self.held);
        if network == Network::Humo {
            return Ok(now.0);
        }
        match self.spans.last_mut() {
            Some(span) if span.last >= now.0 => {
                span.sum = span.sum.checked_add(amount).unwrap_or(span.sum);
                Ok(span.last)
            }
            _ => {
                self.spans.push(Span { first: now.0, last: now.0, sum: amount });
                self.merge_spans();
                Ok(now.0)
            }
        }
    }

    /// Ends a hold of `amount` made at `held_at`: `captured` of it is gone, the rest comes back.
    pub(crate) fn end_hold(&mut self, held_at: i64, amount: Tiyin, captured: Tiyin) {
        let place =
            self.spans.iter().position(|span| span.first <= held_at && held_at <= span.last);
        if let Some(place) = place {
            let span = &mut self.spans[place];
            span.sum = span.sum.checked_sub(amount).unwrap_or(Tiyin::ZERO);
            if span.sum == Tiyin::ZERO {
                self.spans.remove(place);
            }
        }
        self.give_back_held(amount);
        self.balance = self.balance.checked_sub(captured).unwrap_or(Tiyin::ZERO);
    }

    /// Ends a hold that the network's 30 days have ended, unless [`Card::lapse`] has done so.
    pub(crate) fn end_lapsed_hold(&mut self, held_at: i64, amount: Tiyin) {
        if self.spans.iter().any(|span| span.first <= held_at && held_at <= span.last) {
            self.end_hold(held_at, amount, Tiyin::ZERO);
        }
    }

    /// Gives back what was taken.
    pub(crate) fn refund(&mut self, amount: Tiyin) -> Result<(), CardRefusal> {
        self.balance = self.balance.checked_add(amount).ok_or(CardRefusal::SystemError)?;
        Ok(())
    }

    fn give_back_held(&mut self, amount: Tiyin) {
        let returned = if amount <= self.held { amount } else { self.held };
        // Both are sums of amounts of 12 digits that were taken from this card.
        self.held = self.held.checked_sub(returned).unwrap_or(Tiyin::ZERO);
        self.balance = self.balance.checked_add(returned).unwrap_or(self.balance);
    }

    /// Keeps the record small: the two spans nearest in time become one.
    fn merge_spans(&mut self) {
        if self.spans.len() <= SPANS {
            return;
        }
        let gap =
            |place: &usize| self.spans[place + 1].last.saturating_sub(self.spans[*place].first);
        let Some(place) = (0..self.spans.len() - 1).min_by_key(gap) else { return };
        let later = self.spans.remove(place + 1);
        let span = &mut self.spans[place];
        span.last = later.last;
        span.sum = span.sum.checked_add(later.sum).unwrap_or(span.sum);
    }
}
