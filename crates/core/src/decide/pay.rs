//! receipts.pay: the intent, then the outcome. The card network is asked in between.

use std::sync::Arc;

use super::{owned, transfer, with_key};
use crate::account::Account;
use crate::acquirer::Acquirer;
use crate::card::Card;
use crate::command::{BeginPay, Outcome};
use crate::entry::{Entry, EntryKind, Sums};
use crate::id::{CardId, OperationId};
use crate::money::Tiyin;
use crate::network::Network;
use crate::plan::{OutboxKind, OutboxRow, Plan, Reply};
use crate::receipt::{Receipt, ReceiptState as State};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::time::UnixMillis;

/// Starts a debit or a hold: state 0 → 1 → 2 (or 6), with the intent in the outbox.
pub(super) fn begin(pay: &BeginPay, rows: &Rows) -> Result<Plan, Reject> {
    let BeginPay { target, token, operation, hold, payer } = pay;
    let current = owned(rows, target)?;
    if current.acquirer != Acquirer::Networks {
        return Err(Reject::OtherAcquirer);
    }
    if current.state != State::Created {
        return Err(Reject::ReceiptState(current.state));
    }
    let card = super::cards::find(rows, target.kassa, token)?;
    if !card.verified {
        return Err(Reject::CardNotVerified);
    }
    if card.in_use.is_some() {
        return Err(Reject::CardInUse);
    }

    let mut receipt = Receipt::clone(&current);
    receipt.hold |= *hold;
    let (asked, kind) = if receipt.hold {
        (State::Holding, OutboxKind::Hold)
    } else {
        (State::Debiting, OutboxKind::Debit)
    };
    receipt.walk(&[State::Checking, asked]);
    receipt.operation = Some(*operation);
    receipt.card = Some(card.face);
    receipt.payer = payer.clone();
    let row = OutboxRow {
        operation: *operation,
        kind,
        document: receipt.id.into(),
        owner: receipt.kassa.into(),
        amount: receipt.amount,
        created_at: target.now,
    };
    let reserved = (!card.recurrent)
        .then(|| Arc::new(Card { in_use: Some(*operation), ..Card::clone(&card) }));
    let receipt = Arc::new(receipt);
    let plan = Plan {
        receipt: Some(receipt.clone()),
        card: reserved.clone(),
        outbox_new: Some(row),
        ..Plan::answer(Reply::PayBegun(receipt, reserved.unwrap_or(card)))
    };
    Ok(with_key(plan, target))
}

/// What became of the request to the network.
pub(super) struct End {
    pub(super) operation: OperationId,
    pub(super) one_time_card: Option<CardId>,
    pub(super) outcome: Outcome,
    pub(super) now: UnixMillis,
}

/// Ends a debit or a hold. A repeat, or an outcome that comes too late, changes nothing.
pub(super) fn finish(current: Arc<Receipt>, end: &End, rows: &Rows) -> Plan {
    if current.operation != Some(end.operation)
        || !matches!(current.state, State::Debiting | State::Holding)
    {
        return Plan::answer(Reply::Receipt(current));
    }
    let mut receipt = Receipt::clone(&current);
    receipt.operation = None;
    let mut entries = Vec::new();
    match end.outcome {
        Outcome::Refused => {
            receipt.walk(&[State::Created]);
            receipt.card = None;
            receipt.payer = None;
        }
        Outcome::Done if current.state == State::Debiting => {
            receipt.debit = Some(end.operation);
            receipt.walk(&[State::Closing, State::Paid]);
            receipt.paid_at = Some(end.now);
            entries.push(paid_entry(&receipt, end.now));
        }
        Outcome::Done => {
            receipt.debit = Some(end.operation);
            receipt.walk(&[State::Held]);
            receipt.held_at = Some(end.now);
            entries.push(held_entry(&receipt, end.now));
        }
    }
    let card = end.one_time_card.and_then(|id| rows.cards.get(&id));
    let card = card.filter(|card| card.in_use == Some(end.operation)).map(|card| {
        let mut card = Card::clone(card);
        card.in_use = None;
        if end.outcome == Outcome::Done {
            card.remove(end.now);
        }
        Arc::new(card)
    });
    Plan { card, entries, outbox_done: Some(end.operation), ..Plan::receipt(receipt) }
}

/// The entry of a paid receipt: Dr network or wallet, Cr merchant and fees.
pub(super) fn paid_entry(receipt: &Receipt, now: UnixMillis) -> Entry {
    let sums = Sums { amount: receipt.amount, commission: receipt.commission };
    let debtor = debtor(receipt, Acquirer::account);
    Entry {
        kind: EntryKind::ReceiptPaid,
        owner: receipt.kassa.into(),
        document: receipt.id.into(),
        at: now,
        postings: transfer(debtor, Account::Merchant(receipt.kassa), sums),
    }
}

/// The entry of a held receipt: Dr held:network or held:wallet, Cr held:merchant.
pub(super) fn held_entry(receipt: &Receipt, now: UnixMillis) -> Entry {
    let sums = Sums { amount: receipt.amount, commission: Tiyin::ZERO };
    let debtor = debtor(receipt, Acquirer::held_account);
    let held_merchant = Account::HeldMerchant(receipt.kassa);
    Entry {
        kind: EntryKind::ReceiptHeld,
        owner: receipt.kassa.into(),
        document: receipt.id.into(),
        at: now,
        postings: transfer(debtor, held_merchant, sums),
    }
}

/// The account of who owes us for a receipt.
fn debtor(receipt: &Receipt, account: fn(Acquirer, Option<Network>) -> Option<Account>) -> Account {
    let network = receipt.card.map(|card| card.network);
    #[expect(clippy::expect_used, reason = "begin() sets the card before any debit")]
    account(receipt.acquirer, network).expect("a receipt debited by a network has a card")
}
