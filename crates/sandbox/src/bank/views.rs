//! What an operator sees of the sandbox's networks, and can change.

use chorsu_connectors::iso8583::Ascii;
use chorsu_core::{Network, OperationId, Tiyin, UnixMillis};
use serde::{Deserialize, Serialize};

use super::card::Card;
use super::operation::{Operation, Verdict, rrn};
use super::sight::{Sight, phone};

/// A card, as an operator sees it. Amounts are tiyin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardView {
    /// `uzcard` or `humo`.
    pub network: &'static str,
    /// The masked number.
    pub number: String,
    /// The expiry `YYMM`, once a request has shown it.
    pub expiry: Option<String>,
    /// What can be spent.
    pub balance: i64,
    /// What is held, beside the balance.
    pub held: i64,
    /// What may be debited and held in a Tashkent day.
    pub daily_limit: i64,
    /// What was debited and held today.
    pub spent_today: i64,
    /// Whether it is blocked.
    pub blocked: bool,
    /// Whether SMS informing is on.
    pub sms: bool,
    /// The holder's phone, 12 digits.
    pub phone: String,
}

/// A change to a card; what is absent stays. Amounts are tiyin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardChange {
    /// What can be spent; what is held stays held.
    #[serde(default)]
    pub balance: Option<u64>,
    /// What may be debited and held in a Tashkent day.
    #[serde(default)]
    pub daily_limit: Option<u64>,
    /// Whether it is blocked.
    #[serde(default)]
    pub blocked: Option<bool>,
    /// Whether SMS informing is on.
    #[serde(default)]
    pub sms: Option<bool>,
}

/// An operation, as an operator sees it. Amounts are tiyin, times UNIX milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OperationView {
    /// Its id.
    pub id: String,
    /// `debit`, `hold`, `capture`, `refund`, `release`, or `unseen` when it was asked about before
    /// it came.
    pub kind: &'static str,
    /// The card's masked number.
    pub number: Option<String>,
    /// How much.
    pub amount: i64,
    /// The response code it was answered with.
    pub code: &'static str,
    /// The same in a word: `approved`, or why not.
    pub result: &'static str,
    /// The network's reference.
    pub rrn: String,
    /// The operation it follows up on.
    pub original: Option<String>,
    /// What became of a debit or hold: `open`, `captured`, `released`, `refunded`.
    pub since: &'static str,
    /// When it was decided.
    pub at: i64,
}

/// What a network has moved, for reconciliation. Amounts are tiyin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TotalsView {
    /// Sum of debits and captures.
    pub debited: i64,
    /// How many debits and captures there were.
    pub debits: u64,
    /// Sum of refunds.
    pub refunded: i64,
    /// How many refunds there were.
    pub refunds: u64,
    /// What the network owes the acquirer: debited less refunded.
    pub net: i64,
}

impl CardView {
    pub(super) fn new(network: Network, sight: &Sight, card: &Card, now: UnixMillis) -> Self {
        Self {
            network: network.name(),
            number: card.masked.to_string(),
            expiry: card.expiry.as_ref().map(Ascii::to_string),
            balance: card.balance.get(),
            held: card.held.get(),
            daily_limit: card.daily_limit.get(),
            spent_today: card.spent_today(now).get(),
            blocked: card.blocked,
            sms: card.sms,
            phone: phone(sight.tag).to_string(),
        }
    }
}

impl CardChange {
    /// Makes the change; an amount too large to be one is kept at the largest.
    pub(super) fn apply(self, card: &mut Card) {
        let amount = |value: u64| Tiyin::new(i64::try_from(value).unwrap_or(i64::MAX));
        card.balance = self.balance.and_then(amount).unwrap_or(card.balance);
        card.daily_limit = self.daily_limit.and_then(amount).unwrap_or(card.daily_limit);
        card.blocked = self.blocked.unwrap_or(card.blocked);
        card.sms = self.sms.unwrap_or(card.sms);
    }
}

impl OperationView {
    pub(crate) fn new(
        network: Network,
        id: OperationId,
        operation: &Operation,
        now: UnixMillis,
    ) -> Self {
        Self {
            id: id.to_string(),
            kind: operation.kind.name(),
            number: None,
            amount: operation.amount.get(),
            code: operation.verdict.code(),
            result: match operation.verdict {
                Verdict::Approved => "approved",
                Verdict::Refused(refusal) => refusal.name(),
            },
            rrn: rrn(id).to_string(),
            original: operation.original.map(|original| original.to_string()),
            since: operation.since_name(network, now),
            at: operation.at,
        }
    }
}
