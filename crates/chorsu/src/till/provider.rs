//! One payment at one provider: what is asked, and what the answers prove.

use std::sync::Arc;
use std::time::Duration;

use chorsu_connectors::Effect;
use chorsu_connectors::pinpad::{
    Answer, Asked, DeclineReason, LastSlip, Pinpad, PinpadError, Rrn, Slip, SlipKind, judge_last,
};
use chorsu_connectors::wallet::{
    AskAnswer, AskRequest, PayAnswer, PayRequest, Payment, Refusal, ReverseAnswer, ReverseRequest,
    WalletError, WalletLink,
};
use chorsu_core::{Provider, TillPayment};

use super::pinpad::{BUSY, is_free_for_void, is_of_last_void, is_the_latest};
use super::registry::Till;
use super::{TillFailure, reference};
use crate::app::App;

/// What is known of a payment, in the words of the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// The customer was charged.
    Paid {
        /// The provider's number; the RRN for a pinpad.
        payment_id: Option<Arc<str>>,
        /// The customer's phone.
        phone: Option<Arc<str>>,
        /// The provider's words, or the slip.
        note: Option<Arc<str>>,
    },
    /// Like `Paid`, but nobody had taken the money before the question that brought this answer.
    TakenByAsking {
        /// The provider's number.
        payment_id: Option<Arc<str>>,
        /// The customer's phone.
        phone: Option<Arc<str>>,
    },
    /// The provider has not seen it, although it should have by now: taken for not charged, and
    /// asked about again later.
    NotSeen,
    /// The customer was not charged and never will be.
    NotPaid {
        /// The reference on the slip of a pinpad's refusal.
        payment_id: Option<Arc<str>>,
        /// Why, in the provider's words.
        note: Option<Arc<str>>,
    },
    /// Nobody knows yet.
    Unknown {
        /// The provider's number, when an answer named it.
        payment_id: Option<String>,
    },
}

impl Truth {
    pub(super) const UNKNOWN: Self = Self::Unknown { payment_id: None };

    fn refused(refusal: &Refusal) -> Self {
        Self::not_paid(&format!("{} {}", refusal.code, refusal.message))
    }

    pub(super) fn not_paid(note: &str) -> Self {
        Self::NotPaid { payment_id: None, note: Some(Arc::from(note)) }
    }

    fn paid(payment: Payment) -> Self {
        Self::Paid {
            payment_id: Some(payment.payment_id.into()),
            phone: payment.phone.map(Arc::from),
            note: payment.message.map(Arc::from),
        }
    }
}

/// What became of a reversal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reversal {
    /// The money is back; a pinpad has printed a slip about it.
    Done(Option<Arc<str>>),
    /// The provider will not; it says why.
    Refused(Arc<str>),
    /// It has to be sent again.
    Again,
}

/// The way to the provider of one payment.
#[expect(clippy::large_enum_variant, reason = "a payment has one, and wallets are the rule")]
pub(super) enum Way {
    /// A wallet.
    Wallet(WalletLink, PayRequest),
    /// A pinpad.
    Pinpad(Pinpad),
}

impl Way {
    /// The way of `payment` from `till`.
    ///
    /// # Errors
    /// [`TillFailure::NotConfigured`] when the till has no such provider any more.
    pub(super) fn of(till: &Till, payment: &TillPayment) -> Result<Self, TillFailure> {
        match payment.provider {
            Provider::Wallet(wallet) => {
                let link = till.wallet(wallet).ok_or(TillFailure::NotConfigured)?;
                let request = PayRequest {
                    transaction: reference(payment.id),
                    code: payment.code.as_deref().unwrap_or_default().to_owned(),
                    amount: payment.amount,
                    prepared: payment.prepared.as_deref().map(str::to_owned),
                    till: till.at_provider(),
                };
                Ok(Self::Wallet(link.clone(), request))
            }
            Provider::Pinpad(_) => {
                let pinpad = till.pinpad().ok_or(TillFailure::NotConfigured)?;
                Ok(Self::Pinpad(pinpad.clone()))
            }
        }
    }

    /// What has to come before a payment and takes no money: Payme's receipt.
    ///
    /// # Errors
    /// The truth, which is that nobody was charged.
    pub(super) async fn prepare(&self) -> Result<Option<String>, Truth> {
        match self {
            Self::Wallet(link, request) => link.prepare(request).await.map_err(|error| {
                tracing::info!(error = &error as &dyn std::error::Error, "a payment was not begun");
                match error {
                    WalletError::PrepareRefused(refusal) => Truth::refused(&refusal),
                    _ => Truth::not_paid("the provider cannot be reached"),
                }
            }),
            Self::Pinpad(_) => Ok(None),
        }
    }

    /// Notes what [`Way::prepare`] has brought.
    pub(super) fn set_prepared(&mut self, prepared: Option<String>) {
        if let Self::Wallet(_, request) = self {
            request.prepared = prepared;
        }
    }

    /// The number of a payment that waits for our confirmation, once [`Way::pay`] has met one.
    pub(super) fn unconfirmed(&self) -> Option<&str> {
        match self {
            Self::Wallet(WalletLink::Click(_), request) => request.prepared.as_deref(),
            Self::Wallet(..) | Self::Pinpad(_) => None,
        }
    }

    /// Whether a question sends the payment again, for lack of a number to ask by.
    pub(super) const fn asks_by_paying(&self, payment_id: Option<&String>) -> bool {
        matches!(self, Self::Wallet(WalletLink::Uzum(_), _)) && payment_id.is_none()
    }

    /// Takes the payment; to be called once.
    pub(super) async fn pay(&mut self, payment: &TillPayment) -> Truth {
        match self {
            Self::Wallet(link, request) => match link.pay(request).await {
                Ok(PayAnswer::Paid(paid)) => Truth::paid(paid),
                Ok(PayAnswer::Refused(refusal)) => Truth::refused(&refusal),
                Ok(PayAnswer::Pending { payment_id }) => Truth::Unknown { payment_id },
                Ok(PayAnswer::Unconfirmed { payment_id }) => {
                    request.prepared = Some(payment_id.clone());
                    Truth::Unknown { payment_id: Some(payment_id) }
                }
                Err(error) if error.effect() == Effect::None => {
                    Truth::not_paid("the provider cannot be reached")
                }
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(payment = %payment.id, error, "an answer was lost");
                    Truth::UNKNOWN
                }
            },
            Self::Pinpad(pinpad) => match pinpad.sale(payment.amount).await {
                Ok(answer) => of_slip(answer),
                Err(error) if error.effect() == Effect::None => Truth::not_paid(match error {
                    PinpadError::Busy => BUSY,
                    _ => "the pinpad cannot be reached",
                }),
                Err(_) => Truth::UNKNOWN,
            },
        }
    }

    /// Finds out what became of a payment. `age` is the time since the call that sent it ended.
    pub(super) async fn ask(
        &self,
        app: &App,
        payment: &TillPayment,
        payment_id: Option<String>,
        age: Duration,
    ) -> Truth {
        match self {
            Self::Wallet(link, request) => {
                let ask = AskRequest { payment: request.clone(), payment_id, age };
                match link.ask(&ask).await {
                    Ok(AskAnswer::Paid(paid)) => Truth::paid(paid),
                    Ok(AskAnswer::PaidByAsking(paid)) => Truth::TakenByAsking {
                        payment_id: Some(paid.payment_id.into()),
                        phone: paid.phone.map(Arc::from),
                    },
                    Ok(AskAnswer::Refused(refusal)) => Truth::refused(&refusal),
                    Ok(AskAnswer::Reversed) => Truth::not_paid("reversed by the provider"),
                    Ok(AskAnswer::NotFound) => Truth::NotSeen,
                    Ok(AskAnswer::Pending { payment_id }) => {
                        Truth::Unknown { payment_id: payment_id.or(ask.payment_id) }
                    }
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::info!(payment = %payment.id, error, "no answer to a question");
                        Truth::Unknown { payment_id: ask.payment_id }
                    }
                }
            }
            Self::Pinpad(pinpad) => ask_pinpad(app, pinpad, payment, age).await,
        }
    }

    /// Gives the money back. May be repeated.
    pub(super) async fn reverse(&self, app: &App, payment: &TillPayment) -> Reversal {
        let payment_id = payment.payment_id.as_deref().unwrap_or_default();
        match self {
            Self::Wallet(link, request) => {
                let reverse = ReverseRequest {
                    transaction: request.transaction.clone(),
                    payment_id: payment_id.to_owned(),
                };
                match link.reverse(&reverse).await {
                    Ok(ReverseAnswer::Reversed) => Reversal::Done(None),
                    Ok(ReverseAnswer::Refused(refusal)) => {
                        Reversal::Refused(format!("{} {}", refusal.code, refusal.message).into())
                    }
                    Ok(ReverseAnswer::Pending) => Reversal::Again,
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(payment = %payment.id, error, "a reversal has no answer");
                        Reversal::Again
                    }
                }
            }
            Self::Pinpad(pinpad) => {
                let Some(rrn) = Rrn::parse(payment_id) else {
                    return Reversal::Refused(Arc::from("the payment has no reference"));
                };
                match is_free_for_void(app, payment, app.clock.now()).await {
                    Ok(true) => void(pinpad, payment, &rrn).await,
                    Ok(false) | Err(_) => Reversal::Again,
                }
            }
        }
    }
}

fn of_slip(answer: Answer) -> Truth {
    let number = |slip: &Slip| slip.rrn.as_ref().map(|rrn| Arc::from(rrn.as_str()));
    match answer {
        Answer::Approved(approval) => Truth::Paid {
            payment_id: approval.rrn.map(|rrn| Arc::from(rrn.as_str())),
            phone: None,
            note: Some(approval.slip.text.into()),
        },
        Answer::Declined(decline) => Truth::NotPaid {
            payment_id: number(&decline.slip),
            note: Some(decline.slip.text.into()),
        },
    }
}

/// The last slip tells, unless it is that of a payment we know, or of a void.
async fn ask_pinpad(app: &App, pinpad: &Pinpad, payment: &TillPayment, age: Duration) -> Truth {
    let Ok(slip) = pinpad.last().await else { return Truth::UNKNOWN };
    let is_known = match &slip.rrn {
        None => false,
        Some(rrn) => {
            let key = TillPayment::paid_key(payment.provider, &payment.till, rrn.as_str());
            match app.store.document_by_key(key).await {
                Ok(found) => found.is_some_and(|document| document.id() != payment.id),
                Err(_) => return Truth::UNKNOWN,
            }
        }
    };
    if !is_the_latest(app, payment).await.unwrap_or(false) {
        // The last slip is not of this payment, whether it was made or not.
        return Truth::UNKNOWN;
    }
    let is_blank = slip.rrn.is_none() && slip.text.contains(NO_OPERATIONS);
    let is_old = is_from_before(app, &slip, payment);
    let last = if is_blank || pinpad.is_previous(&slip).await {
        Ok(LastSlip::Earlier)
    } else if slip.kind == SlipKind::Void {
        // A void of before; one that nobody knows may have come after the payment.
        match is_old || is_of_last_void(app, &payment.till, &slip).await.unwrap_or(false) {
            true => Ok(LastSlip::Earlier),
            false => return Truth::UNKNOWN,
        }
    } else if is_old && !is_known {
        // Somebody else's payment: this one may have left no slip.
        return Truth::UNKNOWN;
    } else {
        judge_last(&Asked::Sale { amount: payment.amount }, slip, is_known)
    };
    match last {
        Ok(LastSlip::Ours(answer)) => of_slip(*answer),
        // The pinpad is free and had time to end by itself, so it is not at it any more.
        Ok(LastSlip::Earlier) if age >= PINPAD_SETTLED_AFTER && pinpad.is_settled() => {
            Truth::not_paid("the pinpad has not seen it")
        }
        Ok(LastSlip::Earlier) | Err(_) => Truth::UNKNOWN,
    }
}

/// Whether a slip was printed before the payment was asked for, by the clock of its terminal; one
/// without a time was not.
fn is_from_before(app: &App, slip: &Slip, payment: &TillPayment) -> bool {
    // Terminals do not follow the sandbox's clock.
    let asked_at = payment.created_at.plus(-app.clock.offset());
    slip.printed_at().is_some_and(|at| at.since(asked_at) < -TERMINAL_CLOCK_MS)
}

/// What a pinpad without any operation prints for its last slip.
const NO_OPERATIONS: &str = "НЕТ ОПЕРАЦИЙ";
/// So long after it was started at least, a payment that left no slip is not under way any more.
const PINPAD_SETTLED_AFTER: Duration = Duration::from_secs(2);
/// How far a terminal's clock may be behind ours, in milliseconds.
const TERMINAL_CLOCK_MS: i64 = 2 * 60 * 1_000;

async fn void(pinpad: &Pinpad, payment: &TillPayment, rrn: &Rrn) -> Reversal {
    let answer = match pinpad.void(payment.amount, rrn).await {
        Ok(answer) => answer,
        Err(error) if error.effect() == Effect::None => return Reversal::Again,
        Err(_) => {
            let Ok(slip) = pinpad.last().await else { return Reversal::Again };
            let asked = Asked::Void { amount: payment.amount, rrn: rrn.clone() };
            match judge_last(&asked, slip, true) {
                Ok(LastSlip::Ours(answer)) => *answer,
                Ok(LastSlip::Earlier) | Err(_) => return Reversal::Again,
            }
        }
    };
    match answer {
        Answer::Approved(approval) => Reversal::Done(Some(approval.slip.text.into())),
        Answer::Declined(decline) if decline.reason == DeclineReason::AlreadyVoid => {
            Reversal::Done(None)
        }
        // What passes is no refusal.
        Answer::Declined(decline)
            if matches!(
                decline.reason,
                DeclineReason::NotConnected
                    | DeclineReason::NotReady
                    | DeclineReason::CardRemoved
                    | DeclineReason::CancelledByCashier
            ) =>
        {
            Reversal::Again
        }
        Answer::Declined(decline) => Reversal::Refused(decline.slip.text.into()),
    }
}
