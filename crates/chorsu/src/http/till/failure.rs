//! What a till is told when it does not get what it asked for.

use chorsu_api::till::TillError;
use chorsu_api::till::error::{PaymentRef, Refusal};
use chorsu_core::step::{Event, Step};
use chorsu_core::{Document, Provider, Reject};

use crate::till::TillFailure;

/// The error for a failure.
pub(super) fn error_of(failure: &TillFailure) -> TillError {
    match failure {
        TillFailure::Rejected(reject) => rejected(reject),
        TillFailure::NotConfigured => TillError::Billing,
        TillFailure::Declined(document) => declined(document),
        TillFailure::Reversed(document) => TillError::NotPaid(payment(document)),
        TillFailure::Unknown(document) => TillError::Unknown(payment(document)),
        TillFailure::Lost(id) => TillError::Unknown(PaymentRef { transaction_id: id.uuid() }),
        TillFailure::PinpadBusy => busy(),
        TillFailure::PinpadSilent => silent(),
        TillFailure::NothingPrinted => at_pinpad("The pinpad has not been reconciled yet."),
        TillFailure::KeyReused => {
            TillError::invalid("Idempotency-Key", "The key was used for another request.")
        }
        // Fiscal calls tell these in more detail.
        TillFailure::Module(refusal) => TillError::Applet4(refusal.to_string()),
        TillFailure::Refused(reason) => TillError::SaveOrder(Some(reason.to_string())),
        TillFailure::ModuleSilent => TillError::FiscalModuleNotInitialized,
        TillFailure::Busy | TillFailure::Internal => TillError::Internal,
    }
}

fn rejected(reject: &Reject) -> TillError {
    match reject {
        Reject::CodeUsed => {
            TillError::invalid("qr_code", "This code was used for another payment.")
        }
        Reject::PaymentNotFound => {
            TillError::invalid("payment_id", "There is no such payment at this till.")
        }
        Reject::TillState(state) => {
            TillError::invalid("payment_id", format!("The payment is {}.", state.name()))
        }
        Reject::AmountDiffers => {
            TillError::invalid("amount", "The amount is not that of the payment.")
        }
        Reject::OtherFiscalReceipt => {
            TillError::invalid("qr_code", "The payment is on another fiscal receipt.")
        }
        Reject::OrderIdUsed => TillError::invalid("uuid", "This id was used for another order."),
        other => {
            tracing::error!(reject = %other, "a refusal that no till call brings about");
            TillError::Internal
        }
    }
}

fn payment(document: &Document) -> PaymentRef {
    PaymentRef { transaction_id: document.id().uuid() }
}

/// The provider's words; its code stands before them, where it has one.
fn declined(document: &Document) -> TillError {
    let Some(payment) = document.till() else { return TillError::Internal };
    // What was refused may be the fiscal receipt, or the way back, of a payment that went through.
    let note = match payment.steps.last() {
        Some(Step { event: Event::DeliveryRefused | Event::ReversalRefused, note, .. }) => {
            note.as_deref()
        }
        _ => payment.note.as_deref(),
    };
    let note = note.unwrap_or_default();
    let (code, message) = match note.split_once(' ') {
        Some((code, message)) if code.parse::<i64>().is_ok() => (code, message),
        _ => ("", note),
    };
    let refusal = Refusal {
        transaction_id: payment.id.uuid(),
        provider: payment.provider.name(),
        code: code.to_owned(),
        message: message.to_owned(),
    };
    match payment.provider {
        Provider::Wallet(_) => TillError::Declined(refusal),
        Provider::Pinpad(_) => TillError::Pinpad(refusal),
    }
}

fn at_pinpad(message: &str) -> TillError {
    TillError::Pinpad(Refusal {
        transaction_id: String::new(),
        provider: "humo",
        code: String::new(),
        message: message.to_owned(),
    })
}

fn busy() -> TillError {
    at_pinpad("The pinpad serves another customer.")
}

fn silent() -> TillError {
    at_pinpad("The pinpad has not answered.")
}
