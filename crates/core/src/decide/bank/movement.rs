//! Lines of a bank's statement that are no partner's income: what networks and wallets pay, what
//! orders of ours have paid, what the bank takes for them, and what nobody can explain.

use std::sync::Arc;

use super::super::transfer;
use super::{find, unchanged};
use crate::account::Account;
use crate::bank::{Direction, OrderState};
use crate::document::Document;
use crate::entry::{Entry, EntryKind, Sums};
use crate::id::DocumentId;
use crate::money::Tiyin;
use crate::movement::Movement;
use crate::order::PaymentOrder;
use crate::plan::{Plan, Reply};
use crate::reject::Reject;
use crate::rows::Rows;

/// Books a movement, and notes on the order that has a line about the same which line of the bank's
/// that is. The same line again changes nothing.
pub(super) fn book(
    movement: &Movement,
    key: &Arc<str>,
    beside: Option<(DocumentId, (i64, i64))>,
    rows: &Rows,
) -> Result<Plan, Reject> {
    if let Some(known) = rows.by_key(key) {
        return Ok(Plan::answer(Reply::Document(known.clone())));
    }
    assert!(
        !matches!(
            movement.account,
            Account::Merchant(_) | Account::Service(_) | Account::ServiceReserved(_)
        ),
        "what is a partner's has documents of its own"
    );
    let (debit, credit) = match movement.direction {
        Direction::Incoming => (Account::Correspondent, movement.account),
        Direction::Outgoing => (movement.account, Account::Correspondent),
    };
    let sums = Sums { amount: movement.amount, commission: Tiyin::ZERO };
    let entry = Entry {
        kind: EntryKind::BankMoved,
        owner: movement.partner.into(),
        document: movement.id,
        at: movement.at,
        postings: transfer(debit, credit, sums),
    };
    let mut plan = Plan::document(Document::Movement(movement.clone()));
    plan.is_new_document = true;
    plan.entries = vec![entry];
    plan.keys_taken = vec![(key.clone(), movement.id)];
    if let Some((id, lines)) = beside {
        let mut order = find(rows, id)?;
        if takes(&order, lines) {
            order.bank_lines.push(lines);
            plan.other_documents = vec![Arc::new(Document::Order(order))];
        }
    }
    Ok(plan)
}

/// Whether a line of an order's is still without a line of the bank's.
fn takes(order: &PaymentOrder, lines: (i64, i64)) -> bool {
    order.state == OrderState::Posted && order.bank_lines.iter().all(|(ours, _)| *ours != lines.0)
}

/// Notes that a line of the bank's statement is a line of a posted order. Each is the other's alone:
/// whatever else is asked for changes nothing, and the answer is what the bank's line is about, or
/// the order as it is.
pub(super) fn explain(
    rows: &Rows,
    id: DocumentId,
    lines: (i64, i64),
    key: &Arc<str>,
) -> Result<Plan, Reject> {
    if let Some(known) = rows.by_key(key) {
        return Ok(Plan::answer(Reply::Document(known.clone())));
    }
    let mut order = find(rows, id)?;
    if !takes(&order, lines) {
        return Ok(unchanged(Document::Order(order)));
    }
    order.bank_lines.push(lines);
    let mut plan = Plan::document(Document::Order(order));
    plan.keys_taken = vec![(key.clone(), id)];
    Ok(plan)
}
