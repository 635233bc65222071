//! Taking a payment at the till, from the durable intent to the truth.

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chorsu_core::command::IdempotencyKey;
use chorsu_core::command::till::{Begin, PinpadKeys, TillCommand, TillEnd};
use chorsu_core::till::{TillPayment, TillState};
use chorsu_core::{
    Command, Document, DocumentId, OperationId, Provider, Reject, Reply, Tiyin, UnixMillis,
};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

use super::doubt::{self, doubt};
use super::provider::{Truth, Way};
use super::registry::Till;
use super::reversal::Return;
use super::writing::{begin, write};
use super::{TillFailure, after_intent, late, module_watch, payment_of, reversal};
use crate::app::App;
use crate::ids;

/// The first pause between two questions about a lost answer; it doubles each time.
const ASK_PAUSE: Duration = Duration::from_millis(100);
/// So long after it was asked for a payment may still be sent: well before its intent's lease ends.
const SEND_WITHIN: Duration = Duration::from_secs(20);
/// The longest pause between two questions.
const ASK_PAUSE_MAX: Duration = Duration::from_secs(5);
/// How long the truth is looked for at least, whether the caller still waits or not; then the
/// outbox takes over.
const ROUND: Duration = Duration::from_secs(20);

/// Why a payment goes back that nobody was told of.
pub(super) const UNTOLD: &str = "told_nothing";

/// A payment as a till asks for it.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Who takes it.
    pub(crate) provider: Provider,
    /// What was scanned.
    pub(crate) code: Option<String>,
    /// How much.
    pub(crate) amount: Tiyin,
    /// The caller's idempotency key.
    pub(crate) key: Option<IdempotencyKey>,
}

/// Takes a payment and answers with it once it has succeeded.
///
/// The same code again is the same payment: it is not taken twice, and the answer is what became
/// of it. A caller who hangs up does not stop it.
///
/// # Errors
/// [`TillFailure`]; [`TillFailure::Unknown`] when the time of the till's caller was used up.
pub(crate) async fn pay(
    app: &Arc<App>,
    till: &Arc<Till>,
    order: Order,
) -> Result<Arc<Document>, TillFailure> {
    let deadline = Instant::now() + till.budget;
    let (tell, told) = oneshot::channel();
    let send_before = Instant::now() + SEND_WITHIN;
    let payment = Arc::new(OnceLock::new());
    let (app_of_task, till_of_task, id_of) = (app.clone(), till.clone(), payment.clone());
    tokio::spawn(async move {
        let (app, till) = (app_of_task, till_of_task);
        match start(&app, &till, order).await {
            Ok(Start::New(begun)) => {
                let _ = id_of.set(begun.document.id());
                Search { app, till, deadline, send_before }.run(begun, tell).await
            }
            // Nobody may be listening any more; here and below.
            Ok(Start::Known(id)) => {
                let _ = id_of.set(id);
                drop(tell.send(follow(&app, &till, id, deadline).await));
            }
            Err(error) => drop(tell.send(Err(error))),
        }
    });
    match told.await {
        Ok(told) => told,
        Err(_) => broken_off(app, till, payment.get().copied(), deadline).await,
    }
}

/// What a caller is told whose payment's task has panicked. Once there is a payment, that says
/// nothing about its money: the books are read, and the outbox settles it.
async fn broken_off(
    app: &Arc<App>,
    till: &Till,
    payment: Option<DocumentId>,
    deadline: Instant,
) -> Result<Arc<Document>, TillFailure> {
    let document = follow(app, till, payment.ok_or(TillFailure::Internal)?, deadline).await?;
    // That the till knows was not noted, so the money goes back from the outbox.
    let is_untold = payment_of(&document)?.is_untold();
    if is_untold { Err(TillFailure::Unknown(document)) } else { Ok(document) }
}

/// Who waits for a payment.
type Caller = oneshot::Sender<Result<Arc<Document>, TillFailure>>;

/// What has come of an order.
#[expect(clippy::large_enum_variant, reason = "it lives for one match")]
enum Start {
    /// A payment.
    New(Begun),
    /// It is a payment that was begun before.
    Known(DocumentId),
}

/// A payment whose intent is durable.
struct Begun {
    way: Way,
    document: Arc<Document>,
    operation: OperationId,
}

/// Makes the intent durable.
async fn start(app: &App, till: &Till, order: Order) -> Result<Start, TillFailure> {
    let key = order.key.clone();
    if let Some(id) = earlier(app, key.as_ref()).await? {
        return Ok(Start::Known(id));
    }
    if !module_watch::is_there(till).await {
        // No receipt could follow; what was paid before is told all the same.
        let known = scanned_before(app, till, &order).await?;
        return known.map(Start::Known).ok_or(TillFailure::NotConfigured);
    }
    let now = app.clock.now();
    let payment = payment(till, order, now).ok_or(TillFailure::Internal)?;
    // A way is asked for first, so that a till without this provider leaves no trace.
    let way = Way::of(till, &payment)?;
    let is_at_pinpad = matches!(payment.provider, Provider::Pinpad(_));
    let pinpad = is_at_pinpad.then(|| PinpadKeys::of(&till.id));
    let code = payment.code.as_deref();
    let scan_key = code.map(|code| Arc::from(TillPayment::scan_key(payment.provider, code)));
    let operation = ids::operation(now);
    let begun = Begin { payment, operation, scan_key, pinpad, key: key.clone() };
    match begin(app, Command::Till(TillCommand::Begin(Box::new(begun)))).await {
        Ok(Reply::DocumentBegun(document, row)) => {
            crate::sandbox::pause::at(app, "till.intent_durable").await;
            Ok(Start::New(Begun { way, document, operation: row.operation }))
        }
        Ok(Reply::Document(document)) => Ok(Start::Known(document.id())),
        Ok(_) => Err(TillFailure::Internal),
        // Somebody was faster with the same key, a moment ago.
        Err(TillFailure::Rejected(Reject::IdempotencyKeyUsed)) => {
            let known = earlier(app, key.as_ref()).await?;
            known.map(Start::Known).ok_or(TillFailure::Busy)
        }
        Err(TillFailure::Rejected(Reject::PinpadBusy)) => {
            // It may be this very payment, begun a moment ago.
            let known = earlier(app, key.as_ref()).await?;
            known.map(Start::Known).ok_or(TillFailure::PinpadBusy)
        }
        Err(error) => Err(error),
    }
}

/// The payment that was begun with the same key.
async fn earlier(
    app: &App,
    key: Option<&IdempotencyKey>,
) -> Result<Option<DocumentId>, TillFailure> {
    let Some(key) = key else { return Ok(None) };
    Ok(app.earlier_document(key).await?.map(DocumentId))
}

/// The payment that the same scan has begun.
async fn scanned_before(
    app: &App,
    till: &Till,
    order: &Order,
) -> Result<Option<DocumentId>, TillFailure> {
    let Some(code) = &order.code else { return Ok(None) };
    let key = TillPayment::scan_key(order.provider, code);
    let found = app.store.document_by_key(key).await?;
    let is_same = |known: &&TillPayment| known.till == till.id && known.amount == order.amount;
    Ok(found.as_ref().and_then(Document::till).filter(is_same).map(|known| known.id))
}

/// The payment of an order; `None` when its commission cannot be counted.
pub(super) fn payment(till: &Till, order: Order, now: UnixMillis) -> Option<TillPayment> {
    Some(TillPayment {
        id: DocumentId::new(now, ids::random()),
        till: till.id.clone(),
        merchant: till.merchant,
        provider: order.provider,
        code: order.code.map(Arc::from),
        amount: order.amount,
        commission: order.amount.share(till.commission_ppm)?,
        state: TillState::Sent,
        operation: None,
        created_at: now,
        paid_at: None,
        prepared: None,
        payment_id: None,
        phone: None,
        note: None,
        told_unknown: false,
        has_key: order.key.is_some(),
        ask_again_at: None,
        order: None,
        fiscal: None,
        steps: Vec::new(),
    })
}

/// What a till is told of a payment as it stands, or `None` while nobody knows.
pub(crate) fn verdict(document: Arc<Document>) -> Result<Option<Arc<Document>>, TillFailure> {
    match payment_of(&document)?.state {
        TillState::Sent | TillState::Unknown => Ok(None),
        TillState::Succeeded => Ok(Some(document)),
        TillState::Declined => Err(TillFailure::Declined(document)),
        TillState::Reversing | TillState::Reversed => Err(TillFailure::Reversed(document)),
    }
}

/// Waits until somebody else has found out what became of a payment.
///
/// There is a payment, so a failure of ours is no refusal: the books are read until the time is up.
async fn follow(
    app: &Arc<App>,
    till: &Till,
    id: DocumentId,
    deadline: Instant,
) -> Result<Arc<Document>, TillFailure> {
    let mut pause = Duration::from_millis(20);
    loop {
        let found = app.store.document(id).await;
        let found = found.inspect_err(|error| {
            tracing::warn!(payment = %id, error = error as &dyn std::error::Error, "not read");
        });
        let document = found.ok().flatten().map(Arc::new);
        if let Some(document) = &document
            && let Some(document) = verdict(document.clone())?
        {
            return Ok(document);
        }
        let at_pinpad = match &document {
            Some(document) => pinpad_patience(app, till, payment_of(document)?),
            None => Duration::ZERO,
        };
        if Instant::now() + pause >= deadline.max(Instant::now() + at_pinpad) {
            let Some(document) = document else {
                doubt::owe(app, id);
                return Err(TillFailure::Lost(id));
            };
            return doubt(app, document).await;
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(500));
    }
}

/// How much longer the first caller of a payment at a pinpad may wait for it: nobody else must
/// doubt it while a customer is typing a PIN.
fn pinpad_patience(app: &App, till: &Till, payment: &TillPayment) -> Duration {
    let (Provider::Pinpad(_), Some(pinpad)) = (payment.provider, till.pinpad()) else {
        return Duration::ZERO;
    };
    let age = u64::try_from(app.clock.now().since(payment.created_at)).unwrap_or(0);
    (pinpad.time_limit() + till.budget).saturating_sub(Duration::from_millis(age))
}

/// The search for the truth about a new payment.
struct Search {
    app: Arc<App>,
    till: Arc<Till>,
    /// When the caller's time is up.
    deadline: Instant,
    /// From when on the intent may be taken for an orphan: nothing is sent after that.
    send_before: Instant,
}

impl Search {
    /// Tells the caller the truth or, when his time is up, that it is not known. The search goes on
    /// then: a payment that turns up after that is given back at once.
    async fn run(self, begun: Begun, caller: Caller) {
        let document = begun.document.clone();
        let is_at_pinpad = matches!(begun.way, Way::Pinpad(_));
        let answered = Notify::new();
        let mut finding = pin!(self.find(begun, &answered));
        let time_is_up = async {
            if is_at_pinpad {
                // A pinpad has a limit of its own: its customer needs time for a PIN.
                answered.notified().await;
                sleep(self.till.budget).await;
            } else {
                sleep_until(self.deadline).await;
            }
        };
        let found = tokio::select! {
            biased;
            found = &mut finding => Some(found),
            () = time_is_up => None,
        };
        match found.map(|found| found.map_err(|failure| after_intent(failure, &document))) {
            // A failure of ours after the intent: money may have moved, so it is no refusal.
            Some(Err(TillFailure::Unknown(_))) => {
                self.answer(doubt(&self.app, document).await, caller).await;
            }
            Some(found) => self.answer(found, caller).await,
            None => {
                self.answer(doubt(&self.app, document.clone()).await, caller).await;
                let found = finding.await.map_err(|failure| after_intent(failure, &document));
                if let Err(TillFailure::Unknown(_)) = found {
                    let payment = document.id();
                    tracing::warn!(%payment, "the search goes on from the outbox");
                }
            }
        }
    }

    /// Tells the caller. A payment that nobody can be told of, and that the till has no key to ask
    /// about, goes back: the till will ask for another one.
    async fn answer(&self, found: Result<Arc<Document>, TillFailure>, caller: Caller) {
        let payment = found.as_ref().ok().and_then(|document| document.till());
        let untold = payment.filter(|payment| payment.is_untold());
        let Some((id, operation)) = untold.and_then(|it| Some((it.id, it.operation?))) else {
            drop(caller.send(found));
            return;
        };
        if !caller.is_closed() {
            let told = write(&self.app, Command::Till(TillCommand::Told { id, operation })).await;
            let answer = match told {
                Ok(Reply::Document(document)) => verdict(document.clone())
                    .and_then(|known| known.ok_or(TillFailure::Unknown(document))),
                // It is not noted that the till knows, so the money goes back from the outbox.
                _ => found.and_then(|document| Err(TillFailure::Unknown(document))),
            };
            if caller.send(answer).is_ok() {
                return;
            }
        }
        if let Err(error) = reversal::reverse(&self.app, Return::whole(id, UNTOLD)).await {
            tracing::warn!(payment = %id, %error, "what nobody could be told of goes back later");
        }
    }

    /// Asks the provider to take the payment, and finds the truth; `answered` tells when the
    /// provider has answered or failed to.
    async fn find(&self, begun: Begun, answered: &Notify) -> Result<Arc<Document>, TillFailure> {
        let Begun { mut way, document, operation } = begun;
        let app = &self.app;
        let payment = payment_of(&document)?;
        let mut truth = self.send(&mut way, payment, operation).await?;
        // Until now it may have been on its way.
        let sent = Instant::now();
        answered.notify_one();
        crate::sandbox::pause::at(app, "till.answer_received").await;
        let give_up = Instant::now() + self.till.budget.max(ROUND);
        let mut pause = ASK_PAUSE;
        while let Truth::Unknown { payment_id } = truth {
            if Instant::now() + pause >= give_up {
                return Err(TillFailure::Unknown(document));
            }
            sleep(pause).await;
            pause = (pause * 2).min(ASK_PAUSE_MAX);
            truth = way.ask(app, payment, payment_id, sent.elapsed()).await;
        }
        let document = settle(app, payment, operation, truth).await?;
        crate::sandbox::pause::at(app, "till.outcome_durable").await;
        verdict(document.clone())?.ok_or(TillFailure::Unknown(document))
    }

    /// Asks the provider to take the payment.
    async fn send(
        &self,
        way: &mut Way,
        payment: &TillPayment,
        operation: OperationId,
    ) -> Result<Truth, TillFailure> {
        let prepared = match way.prepare().await {
            Ok(prepared) => prepared,
            Err(truth) => return Ok(truth),
        };
        crate::sandbox::pause::at(&self.app, "till.prepared").await;
        if let Some(prepared) = &prepared {
            note_prepared(&self.app, payment.id, operation, prepared).await?;
        }
        way.set_prepared(prepared);
        crate::sandbox::pause::at(&self.app, "till.before_send").await;
        if Instant::now() >= self.deadline.min(self.send_before) {
            // The till has been told that it does not know, or another process may soon take the
            // intent over; no money has moved so far.
            return Ok(Truth::not_paid("the time was up before the payment was sent"));
        }
        let truth = way.pay(payment).await;
        if let Some(number) = way.unconfirmed() {
            // Whoever asks has to confirm, also when this process is gone.
            let noted = note_prepared(&self.app, payment.id, operation, number).await;
            if let Err(error) = noted {
                tracing::warn!(payment = %payment.id, %error, "not noted that it is unconfirmed");
            }
        }
        Ok(truth)
    }
}

/// Journals the provider's number: once it is durable, the payment can be asked about.
async fn note_prepared(
    app: &App,
    id: DocumentId,
    operation: OperationId,
    prepared: &str,
) -> Result<(), TillFailure> {
    let now = app.clock.now();
    let prepared = Arc::from(prepared);
    let command = TillCommand::Prepared { id, operation, prepared, now };
    let Reply::Document(document) = write(app, Command::Till(command)).await? else {
        return Err(TillFailure::Internal);
    };
    // Somebody else may have settled it while this process was held up: then nothing is sent.
    let is_ours = payment_of(&document)?.operation == Some(operation);
    let is_open = matches!(payment_of(&document)?.state, TillState::Sent | TillState::Unknown);
    if is_ours && is_open { Ok(()) } else { Err(TillFailure::Unknown(document)) }
}

/// Writes the truth down. A payment that turns out to have succeeded after the till was told
/// "unknown" is given back at once.
pub(super) async fn settle(
    app: &Arc<App>,
    payment: &TillPayment,
    operation: OperationId,
    truth: Truth,
) -> Result<Arc<Document>, TillFailure> {
    let now = app.clock.now();
    let id = payment.id;
    doubt::pay_off(app, id).await?;
    let mut ask_again_at = None;
    let (is_paid, payment_id, phone, note) = match truth {
        Truth::Paid { payment_id, phone, note } => (true, payment_id, phone, note),
        Truth::TakenByAsking { payment_id, phone } => (true, payment_id, phone, None),
        Truth::NotPaid { payment_id, note } => (false, payment_id, None, note),
        Truth::NotSeen => {
            ask_again_at = late::next_question(app, payment, now);
            (false, None, None, Some(Arc::from("the provider has not seen it")))
        }
        Truth::Unknown { .. } => return Err(TillFailure::Internal),
    };
    let paid_key = payment_id.as_ref().map(|number| payment.own_paid_key(number));
    let reverse_as = ids::operation(now);
    let void_key = payment.own_void_key();
    let end =
        TillEnd { is_paid, payment_id, paid_key, phone, note, ask_again_at, reverse_as, void_key };
    let finish = Command::Till(TillCommand::Finish { id, operation, end, now });
    let written = match write(app, finish).await {
        // An answer that names another payment says nothing about this one.
        Err(TillFailure::Rejected(Reject::PaymentIdUsed)) => {
            tracing::warn!(payment = %id, "the provider's number is that of another payment");
            let document = app.store.document(id).await?.ok_or(TillFailure::Internal)?;
            return Err(TillFailure::Unknown(Arc::new(document)));
        }
        written => written?,
    };
    match written {
        Reply::Document(document) => Ok(document),
        Reply::DocumentBegun(document, row) => {
            reversal::start(app, document.clone(), row);
            Ok(document)
        }
        _ => Err(TillFailure::Internal),
    }
}
