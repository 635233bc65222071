//! One draft on its way through the fiscal module.

use std::sync::Arc;
use std::time::Duration;

use chorsu_api::till::decode;
use chorsu_connectors::Effect;
use chorsu_connectors::fiscal_module::{ModuleError, Receipt};
use chorsu_core::command::fiscal::{FinishFiscal, FiscalCommand};
use chorsu_core::fiscal_receipt::{FiscalReceipt, Registration};
use chorsu_core::plan::OutboxRow;
use chorsu_core::{Command, Document, Reply};
use tokio::time::{Instant, sleep, timeout_at};

use super::receipt_of;
use crate::app::App;
use crate::ids;
use crate::till::fiscal_map::{module_receipt, refusal_text, registration};
use crate::till::registry::Till;
use crate::till::shift::desk::{Desk, Operation, is_blind};
use crate::till::writing::write;
use crate::till::{TillFailure, delivery};

/// The first pause between two tries; it doubles each time.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// What a draft is refused with when its module could not be asked at all.
const OUT_OF_REACH: &str = "65534 - CANNOT_CONNECT_CARD";

/// How a draft ends: registered, or refused with a reason.
type End = Result<Registration, Arc<str>>;

/// A draft that is being registered.
pub(super) struct Registering<'a> {
    app: &'a Arc<App>,
    till: Arc<Till>,
    document: Arc<Document>,
    row: OutboxRow,
    receipt: Receipt,
    deadline: Instant,
    /// Whether the module may have got the receipt by a try whose answer was lost.
    is_lost: bool,
}

impl<'a> Registering<'a> {
    /// A draft that nobody has sent yet.
    ///
    /// # Errors
    /// [`TillFailure`] when it has no till any more, or cannot be read.
    pub(super) fn new(
        app: &'a Arc<App>,
        document: Arc<Document>,
        row: OutboxRow,
        deadline: Instant,
    ) -> Result<Self, TillFailure> {
        let draft = receipt_of(&document)?;
        let till = app.tills.find(&draft.till).ok_or(TillFailure::NotConfigured)?;
        let unreadable = || {
            tracing::error!(receipt = %draft.id, "a stored order cannot be read");
            TillFailure::Internal
        };
        let order = decode::stored_order(&draft.body).map_err(|_| unreadable())?;
        let receipt = module_receipt(draft.id, &order.fiscal).ok_or_else(unreadable)?;
        Ok(Self { app, till, document, row, receipt, deadline, is_lost: false })
    }

    /// The same draft when somebody may have sent it before.
    pub(super) fn sent_before(self) -> Self {
        Self { is_lost: true, ..self }
    }

    /// Sends the draft, again and again until its deadline, and writes down what came of it.
    ///
    /// # Errors
    /// [`TillFailure::ModuleSilent`] when nobody knows what came of it.
    pub(super) async fn run(mut self) -> Result<Arc<Document>, TillFailure> {
        let mut pause = PAUSE;
        let end = loop {
            match timeout_at(self.deadline, self.attempt()).await {
                Ok(Ok(Some(end))) => break end,
                Ok(Err(error)) => return Err(error),
                Ok(Ok(None)) if Instant::now() + pause < self.deadline => sleep(pause).await,
                _ if self.is_lost => return Err(TillFailure::ModuleSilent),
                // Nothing was ever sent: that is certain, so the till may know.
                _ => break Err(Arc::from(OUT_OF_REACH)),
            }
            pause = (pause * 2).min(PAUSE_MAX);
        };
        crate::sandbox::pause::at(self.app, "fiscal.answer_received").await;
        self.finish(end).await
    }

    /// Sends the draft once; `None` when that has settled nothing.
    async fn attempt(&mut self) -> Result<Option<End>, TillFailure> {
        let till = self.till.clone();
        let mut desk = match Desk::take(&till, self.deadline).await {
            Err(TillFailure::ModuleSilent) => return Ok(None),
            desk => desk?,
        };
        crate::sandbox::pause::at(self.app, "fiscal.before_send").await;
        let was_lost = self.is_lost;
        // Should this try be given up in the middle, nobody knows how far it came.
        self.is_lost = true;
        let register = Operation::Register(&self.receipt);
        let failed = match desk.perform(register, self.receipt.time).await {
            Ok(performed) => {
                let registered = performed.registered.as_ref();
                return Ok(registered.map(|registered| Ok(registration(registered))));
            }
            Err(failed) => failed,
        };
        let may_be_sent = failed.sent_at.is_some() && failed.error.effect() != Effect::None;
        self.is_lost = was_lost || may_be_sent;
        match &failed.error {
            ModuleError::Refused(refused) if !was_lost || !is_blind(refused.refusal) => {
                return Ok(Some(Err(Arc::from(refusal_text(refused)))));
            }
            error if error.effect() == Effect::None && !self.is_lost => {
                return Ok(Some(Err(Arc::from(OUT_OF_REACH))));
            }
            error => {
                let error: &dyn std::error::Error = error;
                tracing::warn!(receipt = %self.document.id(), error, "an order has no answer");
            }
        }
        Ok(None)
    }

    /// Writes the end down. A receipt of a wallet's payment goes on to the wallet.
    async fn finish(self, end: End) -> Result<Arc<Document>, TillFailure> {
        let draft = receipt_of(&self.document)?;
        let now = self.app.clock.now();
        let command = FinishFiscal {
            id: draft.id,
            payments: draft.payments(),
            last_key: Arc::from(FiscalReceipt::last_key(&draft.till)),
            operation: self.row.operation,
            end,
            deliver_as: ids::operation(now),
            now,
        };
        let command = Command::Fiscal(FiscalCommand::Finish(Box::new(command)));
        let reply = write(self.app, command).await.map_err(|error| {
            tracing::error!(receipt = %draft.id, %error, "an outcome is not written down");
            // It is found out again from the outbox.
            TillFailure::ModuleSilent
        })?;
        crate::sandbox::pause::at(self.app, "fiscal.outcome_durable").await;
        match reply {
            Reply::Document(document) => Ok(document),
            Reply::DocumentBegun(document, row) => {
                deliver(self.app, row);
                Ok(document)
            }
            _ => Err(TillFailure::Internal),
        }
    }
}

/// Starts the delivery of a receipt to its wallet; nobody waits for it.
fn deliver(app: &Arc<App>, row: OutboxRow) {
    let app = app.clone();
    tokio::spawn(async move {
        match app.store.document(row.document).await {
            Ok(Some(payment)) => delivery::start(&app, Arc::new(payment), row),
            Ok(None) => tracing::error!(payment = %row.document, "a payment is gone"),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "a delivery goes on from the outbox");
            }
        }
    });
}
