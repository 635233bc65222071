//! The link to Payme: which calls make up a payment, a question, a reversal and a delivery.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::answer::{self, Receipt, State};
use super::refusal::{Meaning, meaning};
use super::request::{PaymeSettings, Requests};
use crate::http::{HttpClient, HttpRequest, HttpResponse};
use crate::reading::{AnswerError, same};
use crate::wallet::{
    AskAnswer, AskRequest, FiscalAnswer, FiscalDelivery, PayAnswer, PayRequest, Payment, Refusal,
    RequestError, ReverseAnswer, ReverseRequest, SETTLED_AFTER, Verdict, WalletError,
};

/// The link to one cash desk at Payme.
#[derive(Clone, Debug)]
pub struct PaymeLink {
    http: HttpClient,
    settings: PaymeSettings,
    /// The number of the next request.
    next: Arc<AtomicU64>,
}

impl PaymeLink {
    /// A link; nothing is sent yet.
    #[must_use]
    pub fn new(http: HttpClient, settings: PaymeSettings) -> Self {
        Self { http, settings, next: Arc::new(AtomicU64::new(1)) }
    }

    /// Creates the receipt of a payment and returns its id. It takes no money.
    ///
    /// # Errors
    /// [`WalletError`], always without effect: a receipt that was created unseen is never paid.
    pub async fn prepare(&self, pay: &PayRequest) -> Result<String, WalletError> {
        match self.create(pay).await {
            Ok(Verdict::Done(receipt)) => Ok(receipt.id),
            Ok(Verdict::Refused(refusal)) => Err(WalletError::PrepareRefused(refusal)),
            Err(error) => Err(WalletError::PrepareFailed(Box::new(error))),
        }
    }

    /// Pays the prepared receipt with the scanned code.
    ///
    /// # Errors
    /// [`WalletError`]; its effect says whether money may have moved.
    pub async fn pay(&self, pay: &PayRequest) -> Result<PayAnswer, WalletError> {
        let receipt = pay.prepared.as_deref().ok_or(RequestError::NotPrepared)?;
        let requests = self.requests();
        let response = self.send(requests.pay(receipt, &pay.code)).await?;
        let pending = PayAnswer::Pending { payment_id: Some(receipt.to_owned()) };
        let found = match answer::receipt(&response, requests.id)? {
            Verdict::Done(found) => found,
            Verdict::Refused(refusal) => {
                return match meaning(refusal.code) {
                    Some(Meaning::No) => Ok(PayAnswer::Refused(refusal)),
                    Some(Meaning::Unsettled) => Ok(pending),
                    None => Err(AnswerError::UnknownCode(refusal.code).into()),
                };
            }
        };
        expect_receipt(&found, receipt, pay)?;
        Ok(match found.state {
            State::Paid => PayAnswer::Paid(payment(found)),
            State::Created | State::Open | State::Held | State::Cancelling | State::Cancelled => {
                pending
            }
        })
    }

    /// Asks for the state of the receipt. One that is still unpaid when the payment cannot be on
    /// its way any more is closed: only then is it certain that it never will be paid.
    ///
    /// # Errors
    /// [`WalletError`]; nothing is known then.
    pub async fn ask(&self, ask: &AskRequest) -> Result<AskAnswer, WalletError> {
        // The receipt's id is durable before it is paid: without one, nothing was.
        let Some(receipt) = ask.payment_id.as_deref().or(ask.payment.prepared.as_deref()) else {
            return Ok(AskAnswer::NotFound);
        };
        let pending = AskAnswer::Pending { payment_id: Some(receipt.to_owned()) };
        Ok(match self.check(receipt).await? {
            State::Paid => AskAnswer::Paid(self.details(receipt, &ask.payment).await?),
            State::Cancelled => self.never_paid_or_reversed(receipt).await,
            State::Created if ask.age >= SETTLED_AFTER => match self.cancel(receipt).await? {
                Verdict::Done(State::Cancelled) => self.never_paid_or_reversed(receipt).await,
                _ => pending,
            },
            State::Created | State::Open | State::Held | State::Cancelling => pending,
        })
    }

    /// Cancels the paid receipt. When Payme refuses, its state tells whether it already was.
    ///
    /// # Errors
    /// [`WalletError`]; the reversal has to be sent again.
    pub async fn reverse(&self, reverse: &ReverseRequest) -> Result<ReverseAnswer, WalletError> {
        let receipt = &reverse.payment_id;
        let refusal = match self.cancel(receipt).await? {
            Verdict::Done(State::Cancelled) => return Ok(ReverseAnswer::Reversed),
            Verdict::Done(_) => return Ok(ReverseAnswer::Pending),
            Verdict::Refused(refusal) => refusal,
        };
        Ok(match self.check(receipt).await? {
            State::Cancelled => ReverseAnswer::Reversed,
            State::Paid if meaning(refusal.code) == Some(Meaning::No) && !passing(&refusal) => {
                ReverseAnswer::Refused(refusal)
            }
            State::Paid | State::Created | State::Open | State::Held | State::Cancelling => {
                ReverseAnswer::Pending
            }
        })
    }

    /// Hands the fiscal receipt over.
    ///
    /// # Errors
    /// [`WalletError`]; the delivery has to be sent again.
    pub async fn deliver_fiscal(
        &self,
        delivery: &FiscalDelivery,
    ) -> Result<FiscalAnswer, WalletError> {
        let requests = self.requests();
        let response = self.send(requests.set_fiscal_data(delivery)).await?;
        match answer::fiscal(&response, requests.id)? {
            Verdict::Done(()) => Ok(FiscalAnswer::Delivered),
            Verdict::Refused(refusal) if passing(&refusal) => {
                Err(WalletError::NoInformation(refusal))
            }
            Verdict::Refused(refusal) => Ok(FiscalAnswer::Refused(refusal)),
        }
    }

    /// All about a receipt.
    ///
    /// # Errors
    /// [`WalletError`].
    pub async fn get(&self, receipt: &str) -> Result<Receipt, WalletError> {
        let requests = self.requests();
        let response = self.send(requests.get(receipt)).await?;
        match answer::receipt(&response, requests.id)? {
            Verdict::Done(found) => {
                same("_id", Some(found.id.as_str()), receipt)?;
                Ok(found)
            }
            Verdict::Refused(refusal) => Err(WalletError::NoInformation(refusal)),
        }
    }

    async fn create(&self, pay: &PayRequest) -> Result<Verdict<Receipt>, WalletError> {
        let requests = self.requests();
        let response = self.send(requests.create(pay)).await?;
        let verdict = answer::receipt(&response, requests.id)?;
        if let Verdict::Done(receipt) = &verdict {
            same("amount", receipt.amount.as_ref(), &pay.amount)?;
            if receipt.state != State::Created {
                return Err(AnswerError::Contradiction("state").into());
            }
        }
        Ok(verdict)
    }

    async fn check(&self, receipt: &str) -> Result<State, WalletError> {
        let requests = self.requests();
        let response = self.send(requests.check(receipt)).await?;
        match answer::check(&response, requests.id)? {
            Verdict::Done(state) => Ok(state),
            Verdict::Refused(refusal) => Err(WalletError::NoInformation(refusal)),
        }
    }

    async fn cancel(&self, receipt: &str) -> Result<Verdict<State>, WalletError> {
        let requests = self.requests();
        let response = self.send(requests.cancel(receipt)).await?;
        match answer::receipt(&response, requests.id)? {
            Verdict::Done(found) => {
                same("_id", Some(found.id.as_str()), receipt)?;
                Ok(Verdict::Done(found.state))
            }
            Verdict::Refused(refusal) => Ok(Verdict::Refused(refusal)),
        }
    }

    /// The payment behind a receipt that is known to be paid. Its state alone comes from the check;
    /// who paid is worth another call, but no failure.
    async fn details(&self, receipt: &str, pay: &PayRequest) -> Result<Payment, WalletError> {
        match self.get(receipt).await {
            Ok(found) => {
                expect_receipt(&found, receipt, pay)?;
                Ok(payment(found))
            }
            Err(error) => {
                tracing::warn!(receipt, %error, "paid, but who paid is not known");
                let payment_id = receipt.to_owned();
                Ok(Payment { payment_id, phone: None, message: None, card: None })
            }
        }
    }

    /// A closed receipt without a time of payment was never paid. Where that cannot be learned, it
    /// is taken for reversed: either way the money is with the customer.
    async fn never_paid_or_reversed(&self, receipt: &str) -> AskAnswer {
        match self.get(receipt).await {
            Ok(Receipt { pay_time: Some(0), .. }) => AskAnswer::NotFound,
            Ok(_) | Err(_) => AskAnswer::Reversed,
        }
    }

    fn requests(&self) -> Requests<'_> {
        Requests { settings: &self.settings, id: self.next.fetch_add(1, Ordering::Relaxed) }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, WalletError> {
        Ok(self.http.call(&self.settings.url, request).await?)
    }
}

/// The answer has to speak of the receipt that was asked for, and of its amount.
fn expect_receipt(found: &Receipt, receipt: &str, pay: &PayRequest) -> Result<(), AnswerError> {
    same("_id", Some(found.id.as_str()), receipt)?;
    same("amount", found.amount.as_ref(), &pay.amount)
}

fn payment(receipt: Receipt) -> Payment {
    Payment { payment_id: receipt.id, phone: receipt.phone, message: None, card: None }
}

/// Whether the refusal passes: something is down, payments are suspended, or the key is being
/// changed. "Not found or paid already" does not.
fn passing(refusal: &Refusal) -> bool {
    let down = meaning(refusal.code) == Some(Meaning::Unsettled) && refusal.code != -31_602;
    down || matches!(refusal.code, -31_700 | -32_504)
}
