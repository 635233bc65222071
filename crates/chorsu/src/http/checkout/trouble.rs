//! What a failure means to the payer. "Not charged" is said only where it is certain.

use chorsu_connectors::card::CardRefusal;
use chorsu_core::Reject;
use chorsu_web::{CardProblem, CodeProblem, Refusal};

use crate::service::ServiceError;

/// Why a form did not lead on; `P` are the problems its fields can show.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble<P> {
    /// Something the payer can mend in the form.
    Form(P),
    /// The payment was refused, and nothing was taken.
    Refused(Refusal),
    /// The receipt tells: it was paid or cancelled meanwhile, or its outcome is not known yet.
    Receipt,
    /// A failure of ours, already logged.
    Failed,
}

/// Of making a token for a card and sending the first code.
pub(super) fn of_card(error: ServiceError) -> Trouble<CardProblem> {
    Trouble::Form(match error {
        ServiceError::Card(CardRefusal::NotFound) => CardProblem::NumberUnknown,
        ServiceError::Card(CardRefusal::WrongExpiry) => CardProblem::ExpiryWrong,
        ServiceError::Card(CardRefusal::Expired) => CardProblem::Expired,
        ServiceError::Card(CardRefusal::Blocked) => CardProblem::Blocked,
        ServiceError::Card(CardRefusal::SmsOff) => CardProblem::SmsOff,
        ServiceError::Card(CardRefusal::Unavailable | CardRefusal::SystemError)
        | ServiceError::Unreachable => CardProblem::Unavailable,
        ServiceError::Rejected(Reject::TooManyCodes) => CardProblem::TooManyCodes,
        ServiceError::Sms => CardProblem::SmsFailed,
        ServiceError::Busy => CardProblem::Overloaded,
        error => return of_payment(error),
    })
}

/// Of trying a code, or sending another.
pub(super) fn of_code(error: ServiceError) -> Trouble<CodeProblem> {
    Trouble::Form(match error {
        ServiceError::Rejected(Reject::CodeWrong) => CodeProblem::Wrong,
        ServiceError::Rejected(Reject::CodeExpired) => CodeProblem::Expired,
        ServiceError::Rejected(Reject::CodeTriesExceeded) => CodeProblem::TooManyTries,
        ServiceError::Rejected(Reject::TooManyCodes) => CodeProblem::TooManyCodes,
        // The network knows the phone: without it there is no other SMS, but the last code stands.
        ServiceError::Card(CardRefusal::Unavailable | CardRefusal::SystemError)
        | ServiceError::Unreachable
        | ServiceError::Sms => CodeProblem::SmsFailed,
        ServiceError::Busy => CodeProblem::Overloaded,
        error => return of_payment(error),
    })
}

/// Of the payment itself.
pub(super) fn of_payment<P>(error: ServiceError) -> Trouble<P> {
    match error {
        ServiceError::Card(refusal) => Trouble::Refused(of_refusal(refusal)),
        ServiceError::Rejected(reject) => of_reject(&reject),
        ServiceError::Unreachable => Trouble::Refused(Refusal::Unavailable),
        ServiceError::Busy => Trouble::Refused(Refusal::Overloaded),
        ServiceError::OutcomeUnknown => Trouble::Receipt,
        ServiceError::Sms
        | ServiceError::KeyReused
        | ServiceError::Internal
        // What Payme takes is paid on its own page.
        | ServiceError::Acquirer(_) => Trouble::Failed,
    }
}

const fn of_reject<P>(reject: &Reject) -> Trouble<P> {
    match reject {
        Reject::KassaBlocked | Reject::HoldNotAllowed => Trouble::Refused(Refusal::ShopClosed),
        Reject::CardNotFound
        | Reject::CardRemoved
        | Reject::CardNotVerified
        | Reject::CardInUse
        | Reject::CodeWrong
        | Reject::CodeExpired
        | Reject::CodeTriesExceeded
        | Reject::TooManyCodes => Trouble::Refused(Refusal::SessionOver),
        Reject::ReceiptState(_) | Reject::ReceiptNotFound => Trouble::Receipt,
        // Nothing at the checkout asks for these.
        Reject::SaveNotAllowed
        | Reject::OtherAcquirer
        | Reject::WholeHoldOnly
        | Reject::AmountBelowLimit
        | Reject::AmountAboveLimit
        | Reject::AccountField(_)
        | Reject::HoldOnlyConfirmable
        | Reject::MoreThanHeld
        | Reject::CodeUsed
        | Reject::PaymentIdUsed
        | Reject::PinpadBusy
        | Reject::PaymentNotFound
        | Reject::TillState(_)
        | Reject::AmountDiffers
        | Reject::OtherFiscalReceipt
        | Reject::OrderNotFound
        | Reject::OrderIdUsed
        | Reject::OrderUsed(_)
        | Reject::Underfunded
        | Reject::NoSuchService
        | Reject::IdempotencyKeyUsed => Trouble::Failed,
    }
}

const fn of_refusal(refusal: CardRefusal) -> Refusal {
    match refusal {
        CardRefusal::InsufficientFunds => Refusal::InsufficientFunds,
        CardRefusal::LimitExceeded => Refusal::LimitExceeded,
        CardRefusal::Blocked => Refusal::Blocked,
        CardRefusal::Expired => Refusal::Expired,
        CardRefusal::WrongExpiry => Refusal::ExpiryWrong,
        CardRefusal::NotFound => Refusal::CardUnknown,
        CardRefusal::SmsOff => Refusal::SmsOff,
        CardRefusal::Unavailable | CardRefusal::Withdrawn => Refusal::Unavailable,
        CardRefusal::SystemError => Refusal::SystemError,
        CardRefusal::Declined
        | CardRefusal::InvalidAmount
        | CardRefusal::NotAllowed
        | CardRefusal::HoldReleased
        | CardRefusal::OriginalNotFound
        | CardRefusal::AlreadyDone
        | CardRefusal::Duplicate
        | CardRefusal::BadMessage => Refusal::Declined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use chorsu_core::ReceiptState;

    #[test]
    fn an_open_outcome_is_never_a_refusal() {
        let open = || ServiceError::OutcomeUnknown;
        assert_eq!(of_card(open()), Trouble::Receipt);
        assert_eq!(of_code(open()), Trouble::Receipt);
        assert_eq!(of_payment::<CodeProblem>(open()), Trouble::Receipt);
        for (state, _) in ReceiptState::ALL {
            let error = ServiceError::Rejected(Reject::ReceiptState(state));
            assert_eq!(of_payment::<CodeProblem>(error), Trouble::Receipt, "{state:?}");
        }
        assert_eq!(of_payment::<CodeProblem>(ServiceError::Internal), Trouble::Failed);
    }

    #[test]
    fn a_failure_is_told_where_it_can_be_mended() {
        type Case = (fn() -> ServiceError, Trouble<CardProblem>, Trouble<CodeProblem>);
        let cases: [Case; 7] = [
            (
                || ServiceError::Card(CardRefusal::Blocked),
                Trouble::Form(CardProblem::Blocked),
                Trouble::Refused(Refusal::Blocked),
            ),
            (
                || ServiceError::Card(CardRefusal::InsufficientFunds),
                Trouble::Refused(Refusal::InsufficientFunds),
                Trouble::Refused(Refusal::InsufficientFunds),
            ),
            (
                || ServiceError::Unreachable,
                Trouble::Form(CardProblem::Unavailable),
                Trouble::Form(CodeProblem::SmsFailed),
            ),
            (
                || ServiceError::Sms,
                Trouble::Form(CardProblem::SmsFailed),
                Trouble::Form(CodeProblem::SmsFailed),
            ),
            (
                || ServiceError::Rejected(Reject::TooManyCodes),
                Trouble::Form(CardProblem::TooManyCodes),
                Trouble::Form(CodeProblem::TooManyCodes),
            ),
            (
                || ServiceError::Rejected(Reject::CodeWrong),
                Trouble::Refused(Refusal::SessionOver),
                Trouble::Form(CodeProblem::Wrong),
            ),
            (
                || ServiceError::Rejected(Reject::HoldNotAllowed),
                Trouble::Refused(Refusal::ShopClosed),
                Trouble::Refused(Refusal::ShopClosed),
            ),
        ];
        for (error, card, code) in cases {
            assert_eq!(of_card(error()), card, "{:?}", error());
            assert_eq!(of_code(error()), code, "{:?}", error());
        }
    }
}
