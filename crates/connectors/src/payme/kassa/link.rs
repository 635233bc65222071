//! The link to a kassa at Payme: which calls make up a payment, a question, a capture and a
//! refund, and what their answers prove.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chorsu_core::{ReceiptId, Tiyin, UnixMillis};
use serde_json::value::RawValue;

use super::answer::{self, KassaCard, KassaPage, KassaView, Rejection, Told};
use super::request::{CardMethod, KassaPayment, KassaReceipt, KassaRequests, KassaSettings};
use crate::http::{HttpClient, HttpRequest, HttpResponse};
use crate::payme::answer::State;
use crate::payme::refusal::{Meaning, meaning};
use crate::reading::{AnswerError, same};
use crate::wallet::{Refusal, SETTLED_AFTER, WalletError};

/// How a receipt stands at Payme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has paid it.
    Unpaid,
    /// No outcome yet.
    Open,
    /// The money is held.
    Held,
    /// The money is taken.
    Paid,
    /// It is closed, and whatever was taken is given back.
    Cancelled,
}

/// What the answer to a payment proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paid {
    /// The money is taken.
    Taken(Option<KassaCard>),
    /// The money is held.
    Held(Option<KassaCard>),
    /// Nothing was taken, and by this call nothing will be.
    Refused(Rejection),
    /// No outcome yet: ask.
    Open,
}

/// What a question about a payment has found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The money is taken.
    Taken(Option<KassaCard>),
    /// The money is held.
    Held(Option<KassaCard>),
    /// It is closed, none of the money is with us, and none ever will be.
    Closed,
    /// No outcome yet: ask again.
    Open,
}

/// What became of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The money is taken.
    Taken,
    /// Payme will not; the hold stands.
    Refused(Rejection),
    /// The hold is gone.
    Gone,
    /// No outcome yet: send it again, which is safe.
    Open,
}

/// What became of a cancel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// None of the money is with us.
    Done,
    /// It will go back.
    Queued,
    /// Payme will not; all is as it was.
    Refused(Rejection),
    /// No outcome yet: send it again, which is safe.
    Open,
}

/// The link to one kassa; clones share connections.
#[derive(Clone, Debug)]
pub struct KassaLink {
    http: HttpClient,
    settings: KassaSettings,
    /// The number of the next request.
    next: Arc<AtomicU64>,
}

impl KassaLink {
    /// A link; nothing is sent yet.
    #[must_use]
    pub fn new(http: HttpClient, settings: KassaSettings) -> Self {
        Self { http, settings, next: Arc::new(AtomicU64::new(1)) }
    }

    /// Passes a call about a card on and returns its result, in JSON, as it came. It moves no
    /// money.
    ///
    /// # Errors
    /// [`WalletError`] when there was no answer, or none to this call.
    pub async fn card(
        &self,
        method: CardMethod,
        params: &RawValue,
        language: Option<&str>,
    ) -> Result<Told<String>, WalletError> {
        let requests = self.requests(language);
        let response = self.send_request(requests.card(method, params)).await?;
        Ok(answer::card(&response, requests.id, method)?)
    }

    /// Creates a receipt and returns its id. It takes no money; after a lost answer an unpaid
    /// receipt stays there.
    ///
    /// # Errors
    /// [`WalletError`] when there was no answer, or one about another amount.
    pub async fn create(
        &self,
        receipt: &KassaReceipt<'_>,
        language: Option<&str>,
    ) -> Result<Told<ReceiptId>, WalletError> {
        let requests = self.requests(language);
        let response = self.send_request(requests.create(receipt)).await?;
        let view = match answer::receipt(&response, requests.id)? {
            Told::Done(view) => view,
            Told::Refused(rejection) => return Ok(Told::Refused(rejection)),
        };
        same("amount", Some(&view.amount), &receipt.amount)?;
        match view.state {
            State::Created => Ok(Told::Done(view.id)),
            _ => Err(AnswerError::Contradiction("state").into()),
        }
    }

    /// Pays or holds; to be called once for each intent, and after a lost answer
    /// [`KassaLink::ask`].
    ///
    /// # Errors
    /// [`WalletError`]; its effect says whether money may have moved.
    pub async fn pay(
        &self,
        payment: &KassaPayment<'_>,
        language: Option<&str>,
    ) -> Result<Paid, WalletError> {
        let requests = self.requests(language);
        let response = self.send_request(requests.pay(payment)).await?;
        let view = match answer::receipt(&response, requests.id)? {
            Told::Done(view) => view,
            Told::Refused(rejection) => {
                return match meaning(rejection.code) {
                    Some(Meaning::No) => Ok(Paid::Refused(rejection)),
                    Some(Meaning::Unsettled) => Ok(Paid::Open),
                    None => Err(AnswerError::UnknownCode(rejection.code).into()),
                };
            }
        };
        expect(&view, payment.receipt, payment.amount)?;
        Ok(match view.state {
            State::Paid => Paid::Taken(view.card),
            State::Held => Paid::Held(view.card),
            State::Created | State::Open | State::Cancelling | State::Cancelled => Paid::Open,
        })
    }

    /// Finds out what became of a payment that was sent `age` ago. May be repeated.
    ///
    /// A receipt that is still unpaid when the payment cannot be on its way any more is closed:
    /// only then is it certain that it never will be paid.
    ///
    /// # Errors
    /// [`WalletError`]; nothing is known then.
    pub async fn ask(
        &self,
        receipt: ReceiptId,
        amount: Tiyin,
        age: Duration,
    ) -> Result<Asked, WalletError> {
        Ok(match self.standing(receipt).await? {
            Standing::Paid => Asked::Taken(self.card_of(receipt, amount).await?),
            Standing::Held => Asked::Held(self.card_of(receipt, amount).await?),
            Standing::Cancelled => Asked::Closed,
            Standing::Unpaid if age >= SETTLED_AFTER => match self.cancel(receipt).await? {
                Cancelled::Done => Asked::Closed,
                Cancelled::Queued | Cancelled::Refused(_) | Cancelled::Open => Asked::Open,
            },
            Standing::Unpaid | Standing::Open => Asked::Open,
        })
    }

    /// Takes what is held. May be repeated: what is taken already counts as done.
    ///
    /// # Errors
    /// [`WalletError`]; the capture has to be sent again.
    pub async fn confirm(
        &self,
        receipt: ReceiptId,
        amount: Tiyin,
    ) -> Result<Confirmed, WalletError> {
        let requests = self.requests(None);
        let response = self.send_request(requests.confirm_hold(receipt)).await?;
        let rejection = match answer::receipt(&response, requests.id)? {
            Told::Done(view) => {
                expect(&view, receipt, amount)?;
                return Ok(match view.state {
                    State::Paid => Confirmed::Taken,
                    State::Cancelled => Confirmed::Gone,
                    _ => Confirmed::Open,
                });
            }
            Told::Refused(rejection) => rejection,
        };
        Ok(match self.standing(receipt).await? {
            Standing::Paid => Confirmed::Taken,
            Standing::Cancelled => Confirmed::Gone,
            Standing::Held if is_no(&rejection) => Confirmed::Refused(rejection),
            Standing::Held | Standing::Unpaid | Standing::Open => Confirmed::Open,
        })
    }

    /// Gives the money back, or closes an unpaid receipt. May be repeated: what is given back
    /// already counts as done.
    ///
    /// # Errors
    /// [`WalletError`]; the cancel has to be sent again.
    pub async fn cancel(&self, receipt: ReceiptId) -> Result<Cancelled, WalletError> {
        let requests = self.requests(None);
        let response = self.send_request(requests.cancel(receipt)).await?;
        let rejection = match answer::receipt(&response, requests.id)? {
            Told::Done(view) => {
                same("_id", Some(&view.id), &receipt)?;
                return Ok(match view.state {
                    State::Cancelled => Cancelled::Done,
                    State::Cancelling => Cancelled::Queued,
                    _ => Cancelled::Open,
                });
            }
            Told::Refused(rejection) => rejection,
        };
        Ok(match self.check(receipt).await? {
            State::Cancelled => Cancelled::Done,
            State::Cancelling => Cancelled::Queued,
            State::Paid | State::Held | State::Created if is_no(&rejection) => {
                Cancelled::Refused(rejection)
            }
            _ => Cancelled::Open,
        })
    }

    /// A page of the receipts created from the first moment to the second, after `offset` of them.
    ///
    /// # Errors
    /// [`WalletError`] when there was no answer.
    pub async fn page(
        &self,
        created: (UnixMillis, UnixMillis),
        offset: u32,
    ) -> Result<Told<KassaPage>, WalletError> {
        let requests = self.requests(None);
        let response = self.send_request(requests.page(created, offset)).await?;
        Ok(answer::page(&response, requests.id)?)
    }

    /// How a receipt stands.
    ///
    /// # Errors
    /// [`WalletError`]; nothing is known then.
    pub async fn standing(&self, receipt: ReceiptId) -> Result<Standing, WalletError> {
        Ok(match self.check(receipt).await? {
            State::Created => Standing::Unpaid,
            State::Open | State::Cancelling => Standing::Open,
            State::Held => Standing::Held,
            State::Paid => Standing::Paid,
            State::Cancelled => Standing::Cancelled,
        })
    }

    /// Sends a link to pay the receipt to a phone.
    ///
    /// # Errors
    /// [`WalletError`] when there was no answer to it.
    pub async fn send(
        &self,
        receipt: ReceiptId,
        phone: &str,
        language: Option<&str>,
    ) -> Result<Told<()>, WalletError> {
        let requests = self.requests(language);
        let response = self.send_request(requests.send(receipt, phone)).await?;
        Ok(answer::success(&response, requests.id)?)
    }

    /// Hands the fiscal receipt over. May be repeated.
    ///
    /// # Errors
    /// [`WalletError`] when there was no answer to it.
    pub async fn set_fiscal_data(
        &self,
        receipt: ReceiptId,
        fiscal: &RawValue,
        language: Option<&str>,
    ) -> Result<Told<()>, WalletError> {
        let requests = self.requests(language);
        let response = self.send_request(requests.set_fiscal_data(receipt, fiscal)).await?;
        Ok(answer::success(&response, requests.id)?)
    }

    async fn check(&self, receipt: ReceiptId) -> Result<State, WalletError> {
        let requests = self.requests(None);
        let response = self.send_request(requests.check(receipt)).await?;
        match answer::check(&response, requests.id)? {
            Told::Done(state) => Ok(state),
            Told::Refused(rejection) => Err(no_information(rejection)),
        }
    }

    /// The card of a receipt that is known to be paid or held. Which card it was is worth another
    /// call, but no failure; another amount is one.
    async fn card_of(
        &self,
        receipt: ReceiptId,
        amount: Tiyin,
    ) -> Result<Option<KassaCard>, WalletError> {
        let requests = self.requests(None);
        let answered = match self.send_request(requests.get(receipt)).await {
            Ok(response) => answer::receipt(&response, requests.id).map_err(WalletError::from),
            Err(error) => Err(error),
        };
        match answered {
            Ok(Told::Done(view)) => {
                expect(&view, receipt, amount)?;
                Ok(view.card)
            }
            Ok(Told::Refused(Rejection { code, .. })) => {
                tracing::warn!(%receipt, code, "paid, but by which card is not known");
                Ok(None)
            }
            Err(error) => {
                tracing::warn!(%receipt, %error, "paid, but by which card is not known");
                Ok(None)
            }
        }
    }

    fn requests<'a>(&'a self, language: Option<&'a str>) -> KassaRequests<'a> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        KassaRequests { settings: &self.settings, id, language }
    }

    async fn send_request(&self, request: HttpRequest) -> Result<HttpResponse, WalletError> {
        Ok(self.http.call(&self.settings.url, request).await?)
    }
}

/// The answer has to speak of the receipt that was asked for, and of its amount.
fn expect(view: &KassaView, receipt: ReceiptId, amount: Tiyin) -> Result<(), AnswerError> {
    same("_id", Some(&view.id), &receipt)?;
    same("amount", Some(&view.amount), &amount)
}

fn is_no(rejection: &Rejection) -> bool {
    meaning(rejection.code) == Some(Meaning::No)
}

fn no_information(rejection: Rejection) -> WalletError {
    let Rejection { code, message, .. } = rejection;
    WalletError::NoInformation(Refusal { code, message })
}
