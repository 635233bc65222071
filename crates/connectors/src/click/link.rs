//! The link to Click: which calls make up a payment, a question, a reversal and a delivery.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chorsu_core::Tiyin;

use super::answer::{self, Shown, Status};
use super::items::FiscalItems;
use super::request::{ClickSettings, Requests};
use crate::http::{HttpClient, HttpRequest, HttpResponse};
use crate::wallet::{
    AskAnswer, AskRequest, FiscalAnswer, FiscalDelivery, PayAnswer, PayRequest, Refusal,
    ReverseAnswer, ReverseRequest, Verdict, WalletError, unix_time,
};

/// Click gives an unconfirmed payment back after 30 seconds; after these it has.
const CONFIRMATION_OVER: Duration = Duration::from_secs(45);

/// The link to one merchant's account at Click.
#[derive(Clone, Debug)]
pub struct ClickLink {
    http: HttpClient,
    settings: ClickSettings,
    /// Whether the last payment waited for a confirmation: so the service is in that mode, whatever
    /// the settings say.
    confirms: Arc<AtomicBool>,
}

impl ClickLink {
    /// A link; nothing is sent yet.
    #[must_use]
    pub fn new(http: HttpClient, settings: ClickSettings) -> Self {
        Self { http, settings, confirms: Arc::default() }
    }

    /// Takes a payment, and confirms it where the service is in confirmation mode.
    ///
    /// # Errors
    /// [`WalletError`]; its effect says whether money may have moved.
    pub async fn pay(&self, pay: &PayRequest) -> Result<PayAnswer, WalletError> {
        let response = self.send(self.requests().pay(pay)).await?;
        let shown = match answer::payment(&response, pay)? {
            Verdict::Done(shown) => shown,
            Verdict::Refused(refusal) => return Ok(PayAnswer::Refused(refusal)),
        };
        self.confirms.store(shown.confirm, Ordering::Relaxed);
        let payment_id = shown.payment.payment_id.clone();
        match shown.status {
            Some(Status::Failed(code)) => Ok(PayAnswer::Refused(failed(code))),
            Some(Status::Success) if !shown.confirm => Ok(PayAnswer::Paid(shown.payment)),
            // From here on the payment is there and has an id: whatever fails, it is asked for.
            _ if shown.confirm && self.confirmed(&shown).await.unwrap_or(false) => {
                Ok(PayAnswer::Paid(shown.payment))
            }
            _ if shown.confirm => Ok(PayAnswer::Unconfirmed { payment_id }),
            _ => Ok(PayAnswer::Pending { payment_id: Some(payment_id) }),
        }
    }

    /// Asks by our reference which payment it is, and then for its state.
    ///
    /// # Errors
    /// [`WalletError`]; nothing is known then.
    pub async fn ask(&self, ask: &AskRequest) -> Result<AskAnswer, WalletError> {
        let is_to_be_confirmed = self.settings.confirmation_mode
            || ask.payment.prepared.is_some()
            || self.confirms.load(Ordering::Relaxed);
        let found = match ask.payment_id.as_ref().or(ask.payment.prepared.as_ref()) {
            Some(payment_id) => self.status(payment_id).await?,
            None => match self.find(ask).await? {
                Some(shown) => shown,
                None if ask.age >= self.settings.not_found_after => return Ok(AskAnswer::NotFound),
                None => return Ok(AskAnswer::Pending { payment_id: None }),
            },
        };
        let payment_id = &found.payment.payment_id;
        match found.status {
            Some(Status::Failed(code)) => Ok(AskAnswer::Refused(failed(code))),
            Some(Status::Success) if !is_to_be_confirmed => Ok(AskAnswer::Paid(found.payment)),
            _ if is_to_be_confirmed => {
                match self.confirm(payment_id).await? {
                    Verdict::Done(()) => {}
                    // Confirmed already, or given back. Which of them, the state tells when the
                    // time for confirming is over.
                    Verdict::Refused(_) if ask.age >= CONFIRMATION_OVER => {}
                    Verdict::Refused(_) => {
                        return Ok(AskAnswer::Pending { payment_id: Some(payment_id.clone()) });
                    }
                }
                self.settled(payment_id).await
            }
            _ => Ok(AskAnswer::Pending { payment_id: Some(payment_id.clone()) }),
        }
    }

    /// Gives a payment back. When Click refuses, the payment's state tells whether it already was.
    ///
    /// # Errors
    /// [`WalletError`]; the reversal has to be sent again.
    pub async fn reverse(&self, reverse: &ReverseRequest) -> Result<ReverseAnswer, WalletError> {
        let payment_id = &reverse.payment_id;
        let response = self.send(self.requests().reversal(payment_id)?).await?;
        let refusal = match answer::plain(&response, payment_id)? {
            Verdict::Done(()) => return Ok(ReverseAnswer::Reversed),
            Verdict::Refused(refusal) => refusal,
        };
        match self.status(payment_id).await?.status {
            Some(Status::Failed(_)) => Ok(ReverseAnswer::Reversed),
            Some(Status::Success) => Ok(ReverseAnswer::Refused(refusal)),
            Some(Status::Open) | None => Ok(ReverseAnswer::Pending),
        }
    }

    /// Gives `amount` of a payment back. Not to be repeated blindly: Click has no reference by
    /// which it would know a repeat.
    ///
    /// # Errors
    /// [`WalletError`]; its effect says whether money may have moved.
    pub async fn reverse_part(
        &self,
        payment_id: &str,
        amount: Tiyin,
    ) -> Result<Verdict<()>, WalletError> {
        let response = self.send(self.requests().partial_reversal(payment_id, amount)?).await?;
        Ok(answer::plain(&response, payment_id)?)
    }

    /// Hands over the address of the receipt.
    ///
    /// # Errors
    /// [`WalletError`]; the delivery has to be sent again.
    pub async fn deliver_fiscal(
        &self,
        delivery: &FiscalDelivery,
    ) -> Result<FiscalAnswer, WalletError> {
        let request = self.requests().submit_qrcode(&delivery.payment_id, &delivery.url);
        let response = self.send(request).await?;
        match informed(answer::plain(&response, &delivery.payment_id)?)? {
            Verdict::Done(()) => Ok(FiscalAnswer::Delivered),
            Verdict::Refused(refusal) => Ok(FiscalAnswer::Refused(refusal)),
        }
    }

    /// Hands over the goods of a payment, for Click to register the receipt itself.
    ///
    /// # Errors
    /// [`WalletError`]; the goods have to be sent again.
    pub async fn submit_items(
        &self,
        payment_id: &str,
        goods: &FiscalItems,
    ) -> Result<FiscalAnswer, WalletError> {
        let response = self.send(self.requests().submit_items(payment_id, goods)).await?;
        match informed(answer::plain(&response, payment_id)?)? {
            Verdict::Done(()) => Ok(FiscalAnswer::Delivered),
            Verdict::Refused(refusal) => Ok(FiscalAnswer::Refused(refusal)),
        }
    }

    /// The address of the receipt of a payment, if Click has one.
    ///
    /// # Errors
    /// [`WalletError`].
    pub async fn receipt_url(
        &self,
        payment_id: &str,
    ) -> Result<Verdict<Option<String>>, WalletError> {
        let response = self.send(self.requests().ofd_data(payment_id)?).await?;
        Ok(answer::ofd_data(&response, payment_id)?)
    }

    /// Turns the confirmation mode of the service on or off at Click. The setting of this link has
    /// to follow.
    ///
    /// # Errors
    /// [`WalletError`].
    pub async fn set_confirmation_mode(&self, on: bool) -> Result<Verdict<()>, WalletError> {
        let response = self.send(self.requests().confirmation_mode(on)).await?;
        Ok(answer::mode(&response)?)
    }

    /// The payment with our reference, with its state; `None` when Click has none.
    async fn find(&self, ask: &AskRequest) -> Result<Option<Shown>, WalletError> {
        let transaction = &ask.payment.transaction;
        let response = self.send(self.requests().status_by_mti(transaction)).await?;
        match answer::by_transaction(&response, transaction)? {
            Verdict::Done(shown) if shown.status.is_some() => Ok(Some(shown)),
            Verdict::Done(shown) => self.status(&shown.payment.payment_id).await.map(Some),
            Verdict::Refused(refusal)
                if answer::is_not_found(&response, &refusal, self.settings.not_found_code) =>
            {
                Ok(None)
            }
            Verdict::Refused(refusal) => Err(WalletError::NoInformation(refusal)),
        }
    }

    async fn status(&self, payment_id: &str) -> Result<Shown, WalletError> {
        let response = self.send(self.requests().status(payment_id)?).await?;
        match answer::status(&response, payment_id)? {
            Verdict::Done(shown) => Ok(shown),
            Verdict::Refused(refusal) => Err(WalletError::NoInformation(refusal)),
        }
    }

    async fn confirm(&self, payment_id: &str) -> Result<Verdict<()>, WalletError> {
        let response = self.send(self.requests().confirm(payment_id)).await?;
        Ok(answer::plain(&response, payment_id)?)
    }

    /// Confirms a payment that was just made. Whether that ended it well.
    async fn confirmed(&self, shown: &Shown) -> Result<bool, WalletError> {
        let payment_id = &shown.payment.payment_id;
        match self.confirm(payment_id).await? {
            Verdict::Refused(_) => Ok(false),
            Verdict::Done(()) if shown.status == Some(Status::Success) => Ok(true),
            Verdict::Done(()) => Ok(self.status(payment_id).await?.status == Some(Status::Success)),
        }
    }

    /// The answer for a payment that waits for no confirmation any more.
    async fn settled(&self, payment_id: &str) -> Result<AskAnswer, WalletError> {
        let shown = self.status(payment_id).await?;
        Ok(match shown.status {
            Some(Status::Success) => AskAnswer::Paid(shown.payment),
            Some(Status::Failed(code)) => AskAnswer::Refused(failed(code)),
            Some(Status::Open) | None => {
                AskAnswer::Pending { payment_id: Some(shown.payment.payment_id) }
            }
        })
    }

    fn requests(&self) -> Requests<'_> {
        let seconds = i64::try_from(unix_time().as_secs()).unwrap_or(i64::MAX);
        Requests { settings: &self.settings, seconds }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, WalletError> {
        Ok(self.http.call(&self.settings.base_url, request).await?)
    }
}

/// The refusal in a payment's state. The note beside it is about the call, which went well.
fn failed(code: i64) -> Refusal {
    Refusal { code, message: format!("payment status {code}") }
}

/// A request that was turned away by its HTTP status says nothing about what it was for.
fn informed(verdict: Verdict<()>) -> Result<Verdict<()>, WalletError> {
    match verdict {
        Verdict::Refused(refusal) if refusal.code > 0 => Err(WalletError::NoInformation(refusal)),
        verdict => Ok(verdict),
    }
}
