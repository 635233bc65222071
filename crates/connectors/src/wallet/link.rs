//! The link to one wallet, whichever it is.

use std::time::Duration;

use super::answer::{AskAnswer, FiscalAnswer, PayAnswer, ReverseAnswer};
use super::error::WalletError;
use super::request::{AskRequest, FiscalDelivery, PayRequest, ReverseRequest};
use crate::click::ClickLink;
use crate::payme::PaymeLink;
use crate::uzum::UzumLink;

/// So long after the call that sent a payment has ended it is not on its way any more. Payme's
/// receipt is closed then; Click, which can close nothing, is given a time of its own.
pub const SETTLED_AFTER: Duration = Duration::from_secs(5);

/// The link to one wallet with the credentials of one merchant; clones share connections.
#[derive(Clone, Debug)]
pub enum WalletLink {
    /// CLICK Pass.
    Click(ClickLink),
    /// Payme Go.
    Payme(PaymeLink),
    /// Uzum FastPay.
    Uzum(UzumLink),
}

impl WalletLink {
    /// Does what has to come before a payment and takes no money. What it returns must be durable
    /// before [`WalletLink::pay`]: Payme's receipt id, nothing for the others.
    ///
    /// # Errors
    /// [`WalletError`], always with [`crate::Effect::None`]: whatever failed, nothing was paid.
    pub async fn prepare(&self, pay: &PayRequest) -> Result<Option<String>, WalletError> {
        match self {
            Self::Payme(link) => link.prepare(pay).await.map(Some),
            Self::Click(_) | Self::Uzum(_) => Ok(None),
        }
    }

    /// Pays. To be called once for each payment; after a lost answer [`WalletLink::ask`].
    ///
    /// # Errors
    /// [`WalletError`]; its effect says whether the money may have moved.
    pub async fn pay(&self, pay: &PayRequest) -> Result<PayAnswer, WalletError> {
        match self {
            Self::Click(link) => link.pay(pay).await,
            Self::Payme(link) => link.pay(pay).await,
            Self::Uzum(link) => link.pay(pay).await,
        }
    }

    /// Asks what became of a payment. May be repeated.
    ///
    /// Asking can act: it confirms a Click payment that waits for it, closes a Payme receipt that
    /// nobody has paid, and sends a payment that Uzum has not seen. Each is how that wallet can be
    /// brought to a definite answer, and none can charge twice.
    ///
    /// # Errors
    /// [`WalletError`]. Whatever its effect, nothing is known about the payment.
    pub async fn ask(&self, ask: &AskRequest) -> Result<AskAnswer, WalletError> {
        match self {
            Self::Click(link) => link.ask(ask).await,
            Self::Payme(link) => link.ask(ask).await,
            Self::Uzum(link) => link.ask(ask).await,
        }
    }

    /// Gives a payment back. May be repeated: what is given back already counts as done.
    ///
    /// # Errors
    /// [`WalletError`]; the reversal has to be sent again.
    pub async fn reverse(&self, reverse: &ReverseRequest) -> Result<ReverseAnswer, WalletError> {
        match self {
            Self::Click(link) => link.reverse(reverse).await,
            Self::Payme(link) => link.reverse(reverse).await,
            Self::Uzum(link) => link.reverse(reverse).await,
        }
    }

    /// Hands the fiscal receipt of a payment to the wallet. May be repeated.
    ///
    /// # Errors
    /// [`WalletError`]; the delivery has to be sent again.
    pub async fn deliver_fiscal(
        &self,
        delivery: &FiscalDelivery,
    ) -> Result<FiscalAnswer, WalletError> {
        match self {
            Self::Click(link) => link.deliver_fiscal(delivery).await,
            Self::Payme(link) => link.deliver_fiscal(delivery).await,
            Self::Uzum(link) => link.deliver_fiscal(delivery).await,
        }
    }
}
