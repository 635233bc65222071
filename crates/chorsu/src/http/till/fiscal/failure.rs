//! What a till is told when an order is not registered, or a shift not opened or closed.

use chorsu_api::till::{TillError, module_fault};

use crate::http::till::failure::error_of;
use crate::till::TillFailure;
use crate::till::fiscal_map::fiscal_error;
use crate::till::fiscalise::OrderFailure;
use crate::till::fiscalise::claim::{Field, PaymentProblem};
use crate::till::shift::ShiftFailure;

/// The error for an order that is not registered.
pub(super) fn of_order(failure: OrderFailure) -> TillError {
    match failure {
        OrderFailure::Till(failure) => of_till(&failure),
        OrderFailure::Fault(fault) => fault.into(),
        OrderFailure::Time => time(),
        OrderFailure::Payment(problem) => payment(problem),
    }
}

/// The error for a shift that is not opened, closed or shown.
pub(super) fn of_shift(failure: ShiftFailure) -> TillError {
    match failure {
        ShiftFailure::Till(failure) => of_question(&failure),
        ShiftFailure::Time => time(),
        ShiftFailure::AlreadyOpen => TillError::ZreportAlreadyOpen,
        ShiftFailure::NotOpen => TillError::ZreportAlreadyClosed,
    }
}

/// The error for a question about the module, or a shift of it.
pub(super) fn of_question(failure: &TillFailure) -> TillError {
    match failure {
        TillFailure::ModuleSilent => {
            let said = "The fiscal module has not answered. Ask for the shift before trying again.";
            TillError::Module(&module_fault::CONNECT, Some(said.to_owned()))
        }
        other => of_till(other),
    }
}

/// The error for any other failure.
pub(super) fn of_till(failure: &TillFailure) -> TillError {
    match failure {
        TillFailure::NotConfigured
        | TillFailure::Module(_)
        | TillFailure::Refused(_)
        | TillFailure::ModuleSilent => fiscal_error(failure),
        other => error_of(other),
    }
}

fn time() -> TillError {
    TillError::InvalidArgument("Invalid time: it is more than 5 minutes from the clock.".into())
}

fn payment(problem: PaymentProblem) -> TillError {
    let text = problem.reason.to_string();
    match problem.field {
        Field::Wallet => TillError::extra_info("qr_payment_id", text),
        Field::Provider => TillError::extra_info("qr_payment_provider", text),
        Field::Pinpad => TillError::invalid("ppt_id", text),
    }
}
