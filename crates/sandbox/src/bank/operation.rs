//! An operation as its host remembers it, and the kinds of records a host keeps.

use chorsu_connectors::card::{APPROVED, AuthCode, CardRefusal, Rrn};
use chorsu_core::{Network, OperationId, Tiyin, UnixMillis};
use serde::{Deserialize, Serialize};

use super::call::HostAnswer;
use super::sight::CardTag;
use super::text;
use crate::book::{RecordId, RecordKey};

/// The kinds of records of one host.
pub(crate) struct Kinds {
    pub(crate) card: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) totals: &'static str,
}

/// The kinds of records of the host of `network`: each host has its own.
pub(crate) const fn kinds(network: Network) -> Kinds {
    match network {
        Network::Uzcard => {
            Kinds { card: "uzcard.card", operation: "uzcard.operation", totals: "uzcard.totals" }
        }
        Network::Humo => {
            Kinds { card: "humo.card", operation: "humo.operation", totals: "humo.totals" }
        }
    }
}

/// The key of an operation's record.
pub(crate) fn operation_key(network: Network, operation: OperationId) -> RecordKey {
    RecordKey { kind: kinds(network).operation, id: RecordId::of(operation.0) }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    #[serde(rename = "d")]
    Debit,
    #[serde(rename = "h")]
    Hold,
    #[serde(rename = "c")]
    Capture,
    #[serde(rename = "r")]
    Refund,
    #[serde(rename = "x")]
    Release,
    /// Asked about before it came: never to be done.
    #[serde(rename = "u")]
    Unseen,
}

impl Kind {
    /// The name people read.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Hold => "hold",
            Self::Capture => "capture",
            Self::Refund => "refund",
            Self::Release => "release",
            Self::Unseen => "unseen",
        }
    }
}

/// How an operation was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Approved,
    Refused(CardRefusal),
}

impl Verdict {
    /// The response code that says it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Approved => APPROVED,
            Self::Refused(refusal) => refusal.code(),
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl text::Text for Verdict {
    fn read(text: &str) -> Option<Self> {
        if text == APPROVED {
            return Some(Self::Approved);
        }
        CardRefusal::from_code(text).map(Self::Refused)
    }
}

/// What has become of an approved debit or hold since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Since {
    /// Nothing: the money is debited, or held.
    #[default]
    #[serde(rename = "o")]
    Open,
    /// The hold was captured.
    #[serde(rename = "c")]
    Captured,
    /// The hold was given back.
    #[serde(rename = "r")]
    Released,
    /// What was taken was given back.
    #[serde(rename = "f")]
    Refunded,
}

impl Since {
    fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

/// An operation, kept for ever: a repeat is answered from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Operation {
    /// What it does.
    #[serde(rename = "k")]
    pub(crate) kind: Kind,
    /// With which card; none for a follow-up to nothing.
    #[serde(rename = "c", with = "text::option", default, skip_serializing_if = "Option::is_none")]
    pub(crate) card: Option<CardTag>,
    /// How much.
    #[serde(rename = "a", with = "text::tiyin")]
    pub(crate) amount: Tiyin,
    /// How it was answered.
    #[serde(rename = "v", with = "text")]
    pub(crate) verdict: Verdict,
    /// When, in UNIX milliseconds of the sandbox clock.
    #[serde(rename = "t")]
    pub(crate) at: i64,
    /// The operation it follows up on.
    #[serde(rename = "o", with = "text::option", default, skip_serializing_if = "Option::is_none")]
    pub(crate) original: Option<OperationId>,
    /// What has become of it since.
    #[serde(rename = "s", default, skip_serializing_if = "Since::is_open")]
    pub(crate) since: Since,
    /// How much of the hold was captured.
    #[serde(rename = "p", with = "text::tiyin", default = "none", skip_serializing_if = "is_none")]
    pub(crate) captured: Tiyin,
    /// When its answer is ready, if that is later than it came.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(crate) ready_at: Option<i64>,
}

const fn none() -> Tiyin {
    Tiyin::ZERO
}

fn is_none(amount: &Tiyin) -> bool {
    *amount == Tiyin::ZERO
}

impl Operation {
    /// Whether it is an approved hold that is not held any more at `now`, be it that UZCARD's 30
    /// days are over and nobody has noticed yet.
    pub(crate) fn is_released(&self, network: Network, now: UnixMillis) -> bool {
        let lapsed = self.since == Since::Open && self.has_lapsed(network, now);
        let held_once = self.kind == Kind::Hold && self.verdict == Verdict::Approved;
        held_once && (lapsed || self.since == Since::Released)
    }

    /// Whether the network has given this hold back by itself, if it was still held.
    pub(crate) fn has_lapsed(&self, network: Network, now: UnixMillis) -> bool {
        network == Network::Uzcard && self.is_over(now)
    }

    /// How many milliseconds from `now` its answer is due.
    pub(crate) fn wait_ms(&self, now: UnixMillis) -> i64 {
        self.ready_at.map_or(0, |ready_at| UnixMillis(ready_at).since(now).max(0))
    }

    /// What its caller is answered, now or again.
    pub(crate) fn answer(&self, now: UnixMillis) -> HostAnswer {
        let (verdict, amount) = (self.verdict, self.amount);
        HostAnswer::Decided { verdict, amount, wait_ms: self.wait_ms(now) }
    }

    /// What became of it, in the word people read.
    pub(crate) fn since_name(&self, network: Network, now: UnixMillis) -> &'static str {
        match self.since {
            _ if self.is_released(network, now) => "released",
            Since::Open => "open",
            Since::Captured => "captured",
            Since::Released => "released",
            Since::Refunded => "refunded",
        }
    }

    /// Whether the hold is past its 30 days.
    pub(crate) fn is_over(&self, now: UnixMillis) -> bool {
        Network::hold_is_over(UnixMillis(self.at), now)
    }
}

/// The network's reference of an operation, made from its id.
pub(crate) fn rrn(operation: OperationId) -> Rrn {
    Rrn::last_digits(number(operation))
}

/// The authorisation code of an operation, made from its id.
pub(crate) fn auth_code(operation: OperationId) -> AuthCode {
    AuthCode::last_digits(number(operation) / 1_000_003)
}

fn number(operation: OperationId) -> u64 {
    let [_, _, _, _, tail @ ..] = operation.0;
    u64::from_be_bytes(tail)
}
