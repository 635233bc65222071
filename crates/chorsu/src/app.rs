//! The running Chorsu: everything a request needs, shared by all of them.

use std::sync::Arc;

use chorsu_connectors::card::CardLink;
use chorsu_core::command::IdempotencyKey;
use chorsu_core::id::ID_BYTES;
use chorsu_core::{Kassa, KassaId, Network, ReceiptId, UnixMillis};
use chorsu_sandbox::SandboxClock;
use chorsu_store::Store;
use tokio::sync::Notify;

use crate::bank::Bank;
use crate::http::till_guard::TillGuard;
use crate::kassas::Kassas;
use crate::metrics::Metrics;
use crate::payme_kassas::PaymeKassas;
use crate::sandbox::Sandbox;
use crate::service::ServiceError;
use crate::settlement;
use crate::sms::Sms;
use crate::till::doubt::Doubts;
use crate::till::registry::Tills;
use crate::vault::Vault;

/// Links to the card networks.
pub(crate) struct Networks {
    /// To UZCARD.
    pub(crate) uzcard: CardLink,
    /// To HUMO.
    pub(crate) humo: CardLink,
}

impl Networks {
    /// The link to `network`.
    pub(crate) const fn link(&self, network: Network) -> &CardLink {
        match network {
            Network::Uzcard => &self.uzcard,
            Network::Humo => &self.humo,
        }
    }
}

/// What every part of a running Chorsu shares.
pub(crate) struct App {
    /// The durable side.
    pub(crate) store: Store,
    /// Opens card numbers.
    pub(crate) vault: Vault,
    /// The ways to the card networks.
    pub(crate) networks: Networks,
    /// The kassas at Payme that stand behind some of ours.
    pub(crate) payme: PaymeKassas,
    /// The tills.
    pub(crate) tills: Tills,
    /// What tills were told and is not written down yet.
    pub(crate) doubts: Doubts,
    /// When this process began.
    pub(crate) started_at: UnixMillis,
    /// Who may use them.
    pub(crate) till_guard: TillGuard,
    /// The bank: partners, services, and what becomes of orders.
    pub(crate) bank: Bank,
    /// What merchants are owed, and how it is paid out.
    pub(crate) settlements: settlement::Desk,
    /// The way to the SMS gateway.
    pub(crate) sms: Sms,
    /// Who may ask.
    pub(crate) kassas: Kassas,
    /// The time; only the sandbox turns it forward.
    pub(crate) clock: SandboxClock,
    /// The played counterparties; absent in live mode.
    pub(crate) sandbox: Option<Sandbox>,
    /// Counters and timings.
    pub(crate) metrics: Metrics,
    /// Wakes the sweep over old holds when the clock was turned.
    pub(crate) clock_turned: Notify,
    /// The public base of links sent to payers, without a slash at the end.
    pub(crate) public_url: String,
}

impl App {
    /// The kassa with this id. Demo kassas do not exist in live mode.
    pub(crate) fn kassa(&self, id: KassaId) -> Option<Arc<Kassa>> {
        let kassa = self.kassas.get(id)?;
        (self.sandbox.is_some() || !crate::demo::is_demo(id)).then_some(kassa)
    }

    /// The address where a payer pays or sees a receipt.
    pub(crate) fn checkout_link(&self, receipt: ReceiptId) -> String {
        format!("{}/pay/{receipt}", self.public_url)
    }

    /// The id of what an earlier request with this idempotency key was about, if there was one.
    ///
    /// # Errors
    /// [`ServiceError::KeyReused`] when that was another request.
    pub(crate) async fn earlier_document(
        &self,
        key: &IdempotencyKey,
    ) -> Result<Option<[u8; ID_BYTES]>, ServiceError> {
        match self.store.idempotency(key.kassa, key.key.clone()).await? {
            None => Ok(None),
            Some(record) if record.fingerprint.matches(&key.fingerprint) => {
                Ok(Some(record.document))
            }
            Some(_) => Err(ServiceError::KeyReused),
        }
    }
}
