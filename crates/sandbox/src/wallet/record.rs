//! The records of the wallets' books: payments, used codes, references, totals.

use chorsu_core::{Tiyin, UnixMillis, Wallet};
use serde::{Deserialize, Serialize};

use super::call::Refusal;
use super::customer::CodeTag;
use crate::bank::tiyin_text;
use crate::book::{RecordId, RecordKey};

/// How long a cancelled receipt of Payme waits in its queue, in milliseconds.
pub(super) const CANCEL_QUEUE_MS: i64 = 1_000;

/// The kinds of records of one wallet.
pub(super) struct Kinds {
    pub(super) payment: &'static str,
    code: &'static str,
    reference: &'static str,
    totals: &'static str,
    items: &'static str,
    confirmation: &'static str,
}

/// The kinds of records of `wallet`: each has its own.
pub(super) const fn kinds(wallet: Wallet) -> Kinds {
    macro_rules! kinds {
        ($name:literal) => {
            Kinds {
                payment: concat!($name, ".payment"),
                code: concat!($name, ".code"),
                reference: concat!($name, ".reference"),
                totals: concat!($name, ".totals"),
                items: concat!($name, ".items"),
                confirmation: concat!($name, ".confirmation"),
            }
        };
    }
    match wallet {
        Wallet::Click => kinds!("click"),
        Wallet::Payme => kinds!("payme"),
        Wallet::Uzum => kinds!("uzum"),
    }
}

/// The key of a payment.
pub(super) const fn payment_key(wallet: Wallet, id: RecordId) -> RecordKey {
    RecordKey { kind: kinds(wallet).payment, id }
}

/// The key of what is known of a code.
pub(super) fn code_key(wallet: Wallet, tag: CodeTag) -> RecordKey {
    RecordKey { kind: kinds(wallet).code, id: RecordId::of(tag) }
}

/// The key of the payments under one reference of the merchant.
pub(super) const fn reference_key(wallet: Wallet, reference: RecordId) -> RecordKey {
    RecordKey { kind: kinds(wallet).reference, id: reference }
}

/// The key of the wallet's totals.
pub(super) fn totals_key(wallet: Wallet) -> RecordKey {
    RecordKey { kind: kinds(wallet).totals, id: RecordId::of([0]) }
}

/// The key of the goods of a payment.
pub(super) const fn items_key(wallet: Wallet, id: RecordId) -> RecordKey {
    RecordKey { kind: kinds(wallet).items, id }
}

/// The key of the confirmation mode.
pub(super) fn confirmation_key(wallet: Wallet) -> RecordKey {
    RecordKey { kind: kinds(wallet).confirmation, id: RecordId::of([0]) }
}

/// What was decided about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Fate {
    /// Nothing yet: a receipt nobody has paid.
    #[serde(rename = "n")]
    Unpaid,
    /// It is cancelled at `decided_at`, unless the merchant confirms it before.
    #[serde(rename = "w")]
    Waiting,
    /// The customer pays, at `decided_at`.
    #[serde(rename = "p")]
    Paid,
    /// It is refused, at `decided_at`.
    #[serde(rename = "x")]
    Refused,
    /// It was cancelled before it was paid.
    #[serde(rename = "c")]
    Cancelled,
}

/// Where a payment stands at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Created,
    Processing,
    Success,
    Refused,
    Reversed,
    Cancelled,
}

impl Stage {
    /// The name people read.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Processing => "processing",
            Self::Success => "success",
            Self::Refused => "refused",
            Self::Reversed => "reversed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payment {
    /// The merchant's own id of it.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    #[serde(rename = "a", with = "tiyin_text")]
    pub(super) amount: Tiyin,
    #[serde(rename = "s")]
    pub(super) fate: Fate,
    /// Why it was refused.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<Refusal>,
    /// When it was created; UNIX milliseconds of the sandbox clock, as all times here.
    #[serde(rename = "t")]
    pub(super) created_at: i64,
    /// When its fate is decided, which may be in the future.
    #[serde(rename = "p")]
    pub(super) decided_at: i64,
    /// How much was given back.
    #[serde(rename = "v", with = "tiyin_text", default = "none", skip_serializing_if = "is_none")]
    pub(super) reversed: Tiyin,
    /// When it was cancelled or last given back.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<i64>,
    /// The URL of its fiscal receipt.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(super) fiscal_url: Option<String>,
    /// The customer's phone.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(super) phone: Option<String>,
}

const fn none() -> Tiyin {
    Tiyin::ZERO
}

fn is_none(amount: &Tiyin) -> bool {
    *amount == Tiyin::ZERO
}

impl Payment {
    /// A payment of `amount` that nobody has paid yet.
    pub(super) fn new(reference: Option<&str>, amount: Tiyin, now: UnixMillis) -> Self {
        Self {
            reference: reference.map(str::to_owned),
            amount,
            fate: Fate::Unpaid,
            refusal: None,
            created_at: now.0,
            decided_at: now.0,
            reversed: Tiyin::ZERO,
            ended_at: None,
            fiscal_url: None,
            phone: None,
        }
    }

    /// Where it stands at `now`.
    pub(super) fn stage(&self, now: UnixMillis) -> Stage {
        let decided = now.0 >= self.decided_at;
        match self.fate {
            Fate::Unpaid => Stage::Created,
            Fate::Cancelled => Stage::Cancelled,
            Fate::Waiting if decided => Stage::Cancelled,
            _ if !decided => Stage::Processing,
            Fate::Waiting | Fate::Refused => Stage::Refused,
            Fate::Paid if self.left() == Tiyin::ZERO => Stage::Reversed,
            Fate::Paid => Stage::Success,
        }
    }

    /// What the customer has paid and not got back; nothing when it was not paid.
    pub(super) fn left(&self) -> Tiyin {
        let paid = if self.fate == Fate::Paid { self.amount } else { Tiyin::ZERO };
        paid.checked_sub(self.reversed).unwrap_or(Tiyin::ZERO)
    }

    /// Whether its cancellation is still in the queue at `now`.
    pub(super) fn is_cancelling(&self, now: UnixMillis) -> bool {
        self.ended_at.is_some_and(|at| now.since(UnixMillis(at)) < CANCEL_QUEUE_MS)
    }
}

/// What is known of a code.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Code {
    /// Whether a payment was made with it.
    #[serde(rename = "u")]
    pub(super) used: bool,
    /// Whether its first try was lost already.
    #[serde(rename = "l", default)]
    pub(super) lost: bool,
}

/// The payments under one reference, the oldest first, as the wallet writes their ids.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Reference(pub(super) Vec<String>);

/// The goods of a payment, as they were submitted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Items(pub(super) String);

/// Whether payments wait for the merchant's confirmation.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Confirmation(pub(super) bool);

/// What a wallet has moved.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Totals {
    #[serde(rename = "n")]
    pub(super) payments: u64,
    #[serde(rename = "p", with = "tiyin_text")]
    pub(super) paid: Tiyin,
    #[serde(rename = "k")]
    pub(super) reversals: u64,
    #[serde(rename = "v", with = "tiyin_text")]
    pub(super) reversed: Tiyin,
    #[serde(rename = "f")]
    pub(super) fiscal: u64,
}

impl Default for Totals {
    fn default() -> Self {
        Self { payments: 0, paid: Tiyin::ZERO, reversals: 0, reversed: Tiyin::ZERO, fiscal: 0 }
    }
}

impl Totals {
    /// The totals after one more payment.
    pub(super) fn pay(self, amount: Tiyin) -> Result<Self, Refusal> {
        let paid = self.paid.checked_add(amount).ok_or(Refusal::Unavailable)?;
        Ok(Self { paid, payments: self.payments + 1, ..self })
    }

    /// The totals after one more reversal.
    pub(super) fn reverse(self, amount: Tiyin) -> Result<Self, Refusal> {
        let reversed = self.reversed.checked_add(amount).ok_or(Refusal::Unavailable)?;
        Ok(Self { reversed, reversals: self.reversals + 1, ..self })
    }
}
