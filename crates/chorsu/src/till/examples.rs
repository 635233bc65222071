//! The payments that the published examples of the till API speak of. In the sandbox they are paid
//! at the default till as soon as an example names them, so that every example can be sent as it
//! is printed.

use std::sync::Arc;
use std::time::Duration;

use chorsu_core::command::till::{Begin, TillCommand};
use chorsu_core::{Command, Provider, Reject, Reply, TillPayment, Tiyin, Wallet};
use chorsu_sandbox::KnownPayment;
use tokio::time::sleep;

use super::config::DEFAULT_TILL;
use super::provider::Truth;
use super::registry::Till;
use super::writing::begin;
use super::{TillFailure, payment, payment_of};
use crate::app::App;
use crate::ids;

/// A payment of an example.
struct Example {
    wallet: Wallet,
    /// The wallet's id of it.
    payment_id: &'static str,
    /// The customer's phone, where the answer of the example has one.
    phone: Option<&'static str>,
}

const EXAMPLES: [Example; 4] = [
    Example { wallet: Wallet::Click, payment_id: "2354512461", phone: None },
    Example { wallet: Wallet::Payme, payment_id: "63b5282a6f47f572807fd53e", phone: None },
    Example {
        wallet: Wallet::Uzum,
        payment_id: "7e577908-6851-4a8d-ac1d-bdd17002f96b",
        phone: None,
    },
    Example {
        wallet: Wallet::Uzum,
        payment_id: "bb75f609-6d97-4b45-9ed3-80e5fcd19ef1",
        phone: Some("998712565009"),
    },
];
/// What each of them is over, in tiyin: the 500 sum that the examples of payments ask for.
const AMOUNT: i64 = 50_000;
/// How often a request waits for another one that is making the same payment.
const LOOKS_MAX: u32 = 50;
/// The pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(20);

/// Makes the payment `payment_id` if it is one of the examples' and `till` may have it; whether it
/// is there now.
///
/// # Errors
/// [`TillFailure`] when a book cannot be written.
pub(super) async fn make(
    app: &Arc<App>,
    till: &Till,
    wallet: Wallet,
    payment_id: &str,
) -> Result<bool, TillFailure> {
    let is_named = |known: &&Example| known.wallet == wallet && known.payment_id == payment_id;
    let Some(example) = EXAMPLES.iter().find(is_named) else { return Ok(false) };
    // Money at a counterparty that is not played would be false.
    let Some(sandbox) = app.sandbox.as_ref().filter(|_| till.plays(wallet)) else {
        return Ok(false);
    };
    let amount = Tiyin::new(AMOUNT).filter(|_| *till.id == *DEFAULT_TILL);
    let Some(amount) = amount else { return Ok(false) };
    let code = Some(example.payment_id.to_owned());
    let order = payment::Order { provider: Provider::Wallet(wallet), code, amount, key: None };
    let now = app.clock.now();
    let payment = payment::payment(till, order, now).ok_or(TillFailure::Internal)?;
    // Two requests for the same payment meet at this key.
    let scan_key = Some(Arc::from(TillPayment::scan_key(payment.provider, payment_id)));
    let begun =
        Begin { payment, operation: ids::operation(now), scan_key, pinpad: None, key: None };
    let (document, row) = match begin(app, Command::Till(TillCommand::Begin(Box::new(begun)))).await
    {
        Ok(Reply::DocumentBegun(document, row)) => (document, row),
        Ok(Reply::Document(_)) => return wait(app, till, example).await,
        Err(TillFailure::Rejected(Reject::CodeUsed)) => return Ok(false),
        Ok(_) => return Err(TillFailure::Internal),
        Err(error) => return Err(error),
    };
    let known = KnownPayment {
        payment_id: payment_id.to_owned(),
        transaction_id: document.id().uuid(),
        amount,
        phone: example.phone.map(str::to_owned),
    };
    sandbox.world.wallets().put_known(wallet, known).await.map_err(|error| {
        tracing::error!(%error, "a wallet's book was not written");
        TillFailure::Internal
    })?;
    let (payment_id, phone) = (Some(Arc::from(payment_id)), example.phone.map(Arc::from));
    let truth = Truth::Paid { payment_id, phone, note: None };
    payment::settle(app, payment_of(&document)?, row.operation, truth).await?;
    Ok(true)
}

/// Waits for the request that is making the same payment.
async fn wait(app: &App, till: &Till, example: &Example) -> Result<bool, TillFailure> {
    let provider = Provider::Wallet(example.wallet);
    for _ in 0..LOOKS_MAX {
        let key = TillPayment::paid_key(provider, &till.id, example.payment_id);
        if app.store.document_by_key(key).await?.is_some() {
            return Ok(true);
        }
        sleep(LOOK_PAUSE).await;
    }
    Ok(false)
}
