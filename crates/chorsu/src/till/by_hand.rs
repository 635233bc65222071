//! Payments whose provider does not say what became of them: an operator looks it up there, and says
//! so here.

use std::sync::Arc;

use chorsu_core::command::till::{SettleByHand, TillCommand, TillEnd};
use chorsu_core::{Command, Document, KassaId, Reply, TillPayment};
use chorsu_store::StoreError;

use super::writing::begin;
use super::{TillFailure, reversal};
use crate::app::App;
use crate::ids;

/// Open payments that are looked through at once.
const OPEN_MAX: u32 = 1_000;

/// What an operator has found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The customer was charged; the provider's number of the payment.
    Paid(String),
    /// The customer was not charged.
    NotPaid,
    /// The money that was to go back has gone back.
    Returned,
    /// It has not, and will not.
    Kept,
}

/// The payments of these merchants whose outcome, or whose way back, is not known; the oldest first.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn open(app: &App, merchants: &[KassaId]) -> Result<Vec<TillPayment>, StoreError> {
    let mut open = Vec::new();
    for row in app.store.open_till_payments(OPEN_MAX).await? {
        if !merchants.contains(&row.owner.into()) {
            continue;
        }
        // It may have ended a moment ago.
        let document = app.store.document(row.document).await?;
        open.extend(document.as_ref().and_then(Document::till).cloned());
    }
    Ok(open)
}

/// Writes down what an operator has found out; `by` says who, and why. A payment that was taken
/// after its till was told "unknown" starts its way back.
///
/// # Errors
/// [`chorsu_core::Reject::TillState`] when there is nothing to find out any more.
pub(crate) async fn settle(
    app: &Arc<App>,
    payment: &TillPayment,
    finding: Finding,
    by: String,
) -> Result<Arc<Document>, TillFailure> {
    let (id, now, by) = (payment.id, app.clock.now(), Arc::from(by));
    let (is_reversal, is_paid, number) = match finding {
        Finding::Paid(number) => (false, true, Some(Arc::from(number))),
        Finding::NotPaid => (false, false, None),
        Finding::Kept => (true, true, None),
        Finding::Returned => (true, false, None),
    };
    let end = TillEnd {
        is_paid,
        paid_key: number.as_ref().map(|number: &Arc<str>| payment.own_paid_key(number)),
        payment_id: number,
        phone: None,
        note: Some(Arc::clone(&by)),
        ask_again_at: None,
        reverse_as: ids::operation(now),
        void_key: payment.own_void_key(),
    };
    let settle = SettleByHand { id, is_reversal, end, by, now };
    match begin(app, Command::Till(TillCommand::SettleByHand(Box::new(settle)))).await? {
        Reply::Document(document) => Ok(document),
        Reply::DocumentBegun(document, row) => {
            reversal::start(app, document.clone(), row);
            Ok(document)
        }
        _ => Err(TillFailure::Internal),
    }
}
