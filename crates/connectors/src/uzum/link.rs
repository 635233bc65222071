//! The link to Uzum: which calls make up a payment, a question, a reversal and a delivery.

use super::answer::{self, Shown, Status};
use super::refusal::{Meaning, meaning, turned_away};
use super::request::{Requests, UzumSettings};
use crate::http::{HttpClient, HttpRequest, HttpResponse};
use crate::reading::AnswerError;
use crate::wallet::{
    AskAnswer, AskRequest, FiscalAnswer, FiscalDelivery, PayAnswer, PayRequest, ReverseAnswer,
    ReverseRequest, Verdict, WalletError, unix_time,
};

/// The link to one merchant's account at Uzum.
#[derive(Clone, Debug)]
pub struct UzumLink {
    http: HttpClient,
    settings: UzumSettings,
}

impl UzumLink {
    /// A link; nothing is sent yet.
    #[must_use]
    pub const fn new(http: HttpClient, settings: UzumSettings) -> Self {
        Self { http, settings }
    }

    /// Takes a payment.
    ///
    /// # Errors
    /// [`WalletError`]; its effect says whether money may have moved.
    pub async fn pay(&self, pay: &PayRequest) -> Result<PayAnswer, WalletError> {
        let shown = self.attempt(pay).await?;
        let pending = PayAnswer::Pending { payment_id: shown.payment_id.clone() };
        match shown.status {
            Some(Status::Success) => Ok(PayAnswer::Paid(shown.payment(None)?)),
            Some(Status::Duplicated | Status::Open | Status::Reversed) => Ok(pending),
            Some(Status::Failed) | None => match (meaning(&shown.refusal), shown.status) {
                (Some(Meaning::Unsettled), _) => Ok(pending),
                // The first attempt under this order: what turned it away settles it.
                (Some(Meaning::No | Meaning::NotNow), _) | (None, Some(Status::Failed)) => {
                    Ok(PayAnswer::Refused(shown.refusal))
                }
                (None, _) => Err(AnswerError::UnknownCode(shown.refusal.code).into()),
            },
        }
    }

    /// Asks for the state of a payment whose id is known. Otherwise sends it again under the same
    /// order: that brings the id of the earlier attempt, or makes the payment if there was none.
    ///
    /// # Errors
    /// [`WalletError`]; nothing is known then.
    pub async fn ask(&self, ask: &AskRequest) -> Result<AskAnswer, WalletError> {
        if let Some(payment_id) = &ask.payment_id {
            return self.ask_state(payment_id).await;
        }
        let shown = self.attempt(&ask.payment).await?;
        match (shown.status, &shown.payment_id) {
            (Some(Status::Success), _) => Ok(AskAnswer::PaidByAsking(shown.payment(None)?)),
            (Some(Status::Duplicated | Status::Open | Status::Reversed), Some(payment_id)) => {
                self.ask_state(payment_id).await
            }
            (Some(Status::Failed), _) => match meaning(&shown.refusal) {
                Some(Meaning::NotNow | Meaning::Unsettled) => {
                    Ok(AskAnswer::Pending { payment_id: None })
                }
                Some(Meaning::No) | None => Ok(AskAnswer::Refused(shown.refusal)),
            },
            (None, _) if meaning(&shown.refusal).is_none() => {
                Err(AnswerError::UnknownCode(shown.refusal.code).into())
            }
            _ => Ok(AskAnswer::Pending { payment_id: shown.payment_id }),
        }
    }

    /// Gives a payment back. When Uzum does not, the payment's state tells whether it already did.
    ///
    /// # Errors
    /// [`WalletError`]; the reversal has to be sent again.
    pub async fn reverse(&self, reverse: &ReverseRequest) -> Result<ReverseAnswer, WalletError> {
        let payment_id = &reverse.payment_id;
        let request = self.requests().reversal(&reverse.transaction, payment_id);
        let shown = answer::about(&self.send(request).await?, payment_id)?;
        match shown.status {
            Some(Status::Reversed) => return Ok(ReverseAnswer::Reversed),
            Some(Status::Open | Status::Duplicated) => return Ok(ReverseAnswer::Pending),
            Some(Status::Success | Status::Failed) | None => {}
        }
        Ok(match self.state(payment_id).await?.status {
            Some(Status::Reversed | Status::Failed) => ReverseAnswer::Reversed,
            Some(Status::Success) if shown.refusal.code != 0 && !turned_away(&shown.refusal) => {
                ReverseAnswer::Refused(shown.refusal)
            }
            _ => ReverseAnswer::Pending,
        })
    }

    /// Hands over the address of the receipt.
    ///
    /// # Errors
    /// [`WalletError`]; the delivery has to be sent again.
    pub async fn deliver_fiscal(
        &self,
        delivery: &FiscalDelivery,
    ) -> Result<FiscalAnswer, WalletError> {
        let payment_id = &delivery.payment_id;
        let response = self.send(self.requests().fiscal(payment_id, &delivery.url)).await?;
        match answer::fiscal(&response, payment_id)? {
            Verdict::Done(()) => Ok(FiscalAnswer::Delivered),
            Verdict::Refused(refusal) if turned_away(&refusal) => {
                Err(WalletError::NoInformation(refusal))
            }
            Verdict::Refused(refusal) => Ok(FiscalAnswer::Refused(refusal)),
        }
    }

    /// Sends the payment, for the first time or again.
    async fn attempt(&self, pay: &PayRequest) -> Result<Shown, WalletError> {
        let response = self.send(self.requests().pay(pay)).await?;
        Ok(answer::payment(&response, pay)?)
    }

    async fn ask_state(&self, payment_id: &str) -> Result<AskAnswer, WalletError> {
        let shown = self.state(payment_id).await?;
        Ok(match shown.status {
            Some(Status::Success) => AskAnswer::Paid(shown.payment(Some(payment_id))?),
            Some(Status::Failed) => AskAnswer::Refused(shown.refusal),
            Some(Status::Reversed) => AskAnswer::Reversed,
            Some(Status::Duplicated | Status::Open) | None => {
                AskAnswer::Pending { payment_id: Some(payment_id.to_owned()) }
            }
        })
    }

    /// The payment with its state. A question can fail too, and some such answers also say
    /// "failed": what turned the question away says nothing about the payment.
    async fn state(&self, payment_id: &str) -> Result<Shown, WalletError> {
        let response = self.send(self.requests().status(payment_id)).await?;
        let shown = answer::about(&response, payment_id)?;
        match shown.status {
            Some(Status::Failed) if turned_away(&shown.refusal) => {
                Err(WalletError::NoInformation(shown.refusal))
            }
            Some(_) => Ok(shown),
            None => Err(WalletError::NoInformation(shown.refusal)),
        }
    }

    fn requests(&self) -> Requests<'_> {
        let millis = i64::try_from(unix_time().as_millis()).unwrap_or(i64::MAX);
        Requests { settings: &self.settings, millis }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, WalletError> {
        Ok(self.http.call(&self.settings.base_url, request).await?)
    }
}
