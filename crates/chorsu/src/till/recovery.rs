//! Settling what was under way at the till when a process died, or what nobody could settle in time.

use std::sync::Arc;
use std::time::Duration;

use chorsu_core::plan::{OutboxKind, OutboxRow};
use chorsu_core::{Document, UnixMillis};
use tokio::time::{Instant, sleep};

use super::provider::{Truth, Way};
use super::reversal::Return;
use super::{TillFailure, delivery, doubt, fiscalise, payment, payment_of, reversal};
use crate::app::App;

/// How long one round of questions goes on.
const ROUND: Duration = Duration::from_secs(20);
/// The first pause between two questions; it doubles each time.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a process may take to note that it is about to tell a till of a payment.
const TELLING: Duration = Duration::from_secs(3);
/// So long after its intent was made a payment is not being sent any more, whoever sends it: until
/// when it may be sent, and how long a call takes.
const SENT_BY_MS: i64 = 40_000;
/// How long a pinpad's program may go on without the process that started it.
const PINPAD_PROGRAM_LIFE: Duration = Duration::from_secs(180);

/// Settles an intent whose owner has died or given up.
///
/// # Errors
/// What is still in the way; the intent then stays for the next round.
pub(crate) async fn recover(app: &Arc<App>, row: OutboxRow) -> Result<Arc<Document>, TillFailure> {
    let document = app.store.document(row.document).await?.map(Arc::new);
    let document = document.ok_or(TillFailure::Internal)?;
    match row.kind {
        OutboxKind::TillPay if payment_of(&document)?.is_untold() => {
            give_back(app, &document).await
        }
        OutboxKind::TillPay => {
            let document = find_out(app, &document, &row).await?;
            // Whoever waited for it is gone.
            if payment_of(&document)?.is_untold() {
                return give_back(app, &document).await;
            }
            Ok(document)
        }
        OutboxKind::TillReverse => Ok(reversal::run(app, document, row).await?.document),
        OutboxKind::TillDeliver => delivery::run(app, document, row).await,
        OutboxKind::FiscalRegister => fiscalise::run(app, document, row).await,
        _ => Err(TillFailure::Internal),
    }
}

/// Gives back what nobody was told of: the till, which has no key to ask about it, will ask for
/// another payment.
async fn give_back(app: &Arc<App>, document: &Document) -> Result<Arc<Document>, TillFailure> {
    // A living process is about to note that the till knows.
    sleep(TELLING).await;
    let found = app.store.document(document.id()).await?.map(Arc::new);
    let document = found.ok_or(TillFailure::Internal)?;
    let payment = payment_of(&document)?;
    if !payment.is_untold() {
        return Ok(document);
    }
    Ok(reversal::reverse(app, Return::whole(payment.id, payment::UNTOLD)).await?.document)
}

async fn find_out(
    app: &Arc<App>,
    document: &Document,
    row: &OutboxRow,
) -> Result<Arc<Document>, TillFailure> {
    let deadline = Instant::now() + ROUND;
    let paying = payment_of(document)?;
    let till = app.tills.find(&paying.till).ok_or(TillFailure::NotConfigured)?;
    let way = Way::of(&till, paying)?;
    let needs_number = paying.prepared.is_none() && till.prepares(paying.provider);
    let mut truth = if needs_number {
        // The provider's number was never journalled, so the payment was never sent.
        Truth::not_paid("the payment was not begun")
    } else {
        Truth::UNKNOWN
    };
    let mut pause = PAUSE;
    while let Truth::Unknown { payment_id } = truth {
        let age = age_of(app, &way, row);
        let asks_by_paying = way.asks_by_paying(payment_id.as_ref());
        truth = way.ask(app, paying, payment_id, age).await;
        // Nobody waits for a payment that only the question has made, or may have made.
        let may_have_taken = matches!(truth, Truth::TakenByAsking { .. })
            || (asks_by_paying && matches!(truth, Truth::Unknown { .. }));
        if may_have_taken {
            doubt::give_up(app, paying.id).await?;
        }
        if let Truth::Unknown { .. } = truth {
            if Instant::now() + pause >= deadline {
                return Err(TillFailure::Unknown(Arc::new(document.clone())));
            }
            sleep(pause).await;
            pause *= 2;
        }
    }
    payment::settle(app, paying, row.operation, truth).await
}

/// How long a payment has certainly not been under way any more.
fn age_of(app: &App, way: &Way, row: &OutboxRow) -> Duration {
    let since = |at: UnixMillis| {
        Duration::from_millis(u64::try_from(app.clock.now().since(at)).unwrap_or(0))
    };
    match way {
        // Its program may have outlived the process that started it. The sandbox's says so itself.
        Way::Pinpad(pinpad) if app.sandbox.is_none() => {
            since(row.created_at).saturating_sub(PINPAD_PROGRAM_LIFE.max(2 * pinpad.time_limit()))
        }
        Way::Pinpad(_) => since(row.created_at),
        Way::Wallet(..) => {
            let sent_by = row.created_at.plus(SENT_BY_MS);
            // What this process alone can have begun ended with the process before it.
            let is_of_predecessor = !app.store.is_shared() && row.created_at < app.started_at;
            since(if is_of_predecessor { sent_by.min(app.started_at) } else { sent_by })
        }
    }
}
