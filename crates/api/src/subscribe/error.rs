//! The error of a Subscribe call, and which of the domain's refusals becomes which code.

use std::borrow::Cow;

use chorsu_core::Reject;

use super::catalogue::{self, Fault};
use super::method::Method;

/// An error answer: a fault of the catalogue, and what `data` says about this case of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {}", self.code(), fault.en)]
pub struct RpcError {
    /// Which fault.
    pub fault: &'static Fault,
    /// The data of this case; the fault's reason stands in when there is none.
    pub data: Option<Cow<'static, str>>,
    /// What is answered in its place: an error in the words of who stands behind the kassa.
    pub foreign: Option<Box<ForeignError>>,
}

/// An error that another server of this API has answered, passed on as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignError {
    /// Its code.
    pub code: i64,
    /// Its text.
    pub message: String,
    /// Its data, in JSON.
    pub data: String,
    /// Whose word it is.
    pub origin: Option<String>,
}

impl From<&'static Fault> for RpcError {
    fn from(fault: &'static Fault) -> Self {
        Self { fault, data: None, foreign: None }
    }
}

impl RpcError {
    /// The fault with this data. Data must never carry a card number, a token or a key.
    #[must_use]
    pub fn with_data(fault: &'static Fault, data: impl Into<Cow<'static, str>>) -> Self {
        Self { fault, data: Some(data.into()), foreign: None }
    }

    /// `-32602` about the parameter at `path`, for example `detail.items[0].price`.
    #[must_use]
    pub fn invalid(path: impl Into<Cow<'static, str>>) -> Self {
        Self::with_data(&catalogue::INVALID_PARAMS, path)
    }

    /// An error of who stands behind the kassa.
    #[must_use]
    pub fn of_acquirer(foreign: ForeignError) -> Self {
        let fault = &catalogue::PROCESSING_ERROR;
        Self { fault, data: None, foreign: Some(Box::new(foreign)) }
    }

    /// The code on the wire.
    #[must_use]
    pub fn code(&self) -> i64 {
        self.foreign.as_ref().map_or(i64::from(self.fault.code), |foreign| foreign.code)
    }

    /// What `data` says on the wire.
    #[must_use]
    pub fn data(&self) -> Option<&str> {
        self.data.as_deref().or(self.fault.reason)
    }

    /// The answer to a refusal of the domain at a call of `method`.
    #[must_use]
    pub fn of_reject(reject: Reject, method: Method) -> Self {
        let fault = match reject {
            Reject::AccountField(name) => {
                return Self::with_data(&catalogue::ACCOUNT_FIELD, name);
            }
            // Only a cancel has a code of its own for "not in this state"; everything else says
            // "not found or paid", which is what SDKs expect of a second pay. The state's number
            // in `data` tells the two apart.
            Reject::ReceiptState(state) => {
                let fault = match method {
                    Method::ReceiptsCancel => &catalogue::CANNOT_CANCEL,
                    _ => &catalogue::RECEIPT_NOT_FOUND,
                };
                return Self::with_data(fault, format!("state:{}", state.number()));
            }
            Reject::HoldNotAllowed => {
                return Self::with_data(&catalogue::OPERATION_NOT_SERVED, "hold");
            }
            Reject::SaveNotAllowed => {
                return Self::with_data(&catalogue::OPERATION_NOT_SERVED, "save");
            }
            Reject::OtherAcquirer => {
                return Self::with_data(&catalogue::OPERATION_NOT_SERVED, "acquirer");
            }
            Reject::WholeHoldOnly => {
                return Self::with_data(&catalogue::OPERATION_NOT_SERVED, "amount");
            }
            Reject::KassaBlocked => &catalogue::KASSA_BLOCKED,
            Reject::AmountBelowLimit => &catalogue::AMOUNT_BELOW_LIMIT,
            Reject::AmountAboveLimit | Reject::MoreThanHeld => &catalogue::AMOUNT_ABOVE_LIMIT,
            Reject::ReceiptNotFound => &catalogue::RECEIPT_NOT_FOUND,
            Reject::HoldOnlyConfirmable => &catalogue::HOLD_ONLY_CONFIRMABLE,
            Reject::CardNotFound => &catalogue::CARD_NOT_FOUND,
            Reject::CardRemoved => &catalogue::CARD_REMOVED,
            // No source names the code. -31400 makes an SDK ask for the card anew, which is the
            // remedy; -31630, the other candidate, is read by clients as "no money".
            Reject::CardNotVerified => &catalogue::CARD_NOT_VERIFIED,
            Reject::CardInUse => &catalogue::CARD_IN_USE,
            Reject::CodeWrong => &catalogue::CODE_WRONG,
            Reject::CodeExpired => &catalogue::CODE_EXPIRED,
            Reject::CodeTriesExceeded => &catalogue::CODE_TRIES_EXCEEDED,
            // -31110 is what SDKs know of cards.get_verify_code; -31700 belongs to payments.
            Reject::TooManyCodes => &catalogue::TOO_MANY_CODES,
            Reject::IdempotencyKeyUsed => &catalogue::IDEMPOTENCY_KEY_USED,
            // These are about the till and the bank and never come of a call here.
            Reject::CodeUsed
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
            | Reject::NoSuchService => &catalogue::SYSTEM_ERROR,
        };
        fault.into()
    }
}

#[cfg(test)]
mod tests {
    use chorsu_core::ReceiptState;

    use super::*;

    #[test]
    fn refusals_have_the_codes_clients_know() {
        let cases = [
            (Reject::KassaBlocked, -31601, None),
            (Reject::HoldNotAllowed, -31901, Some("hold")),
            (Reject::SaveNotAllowed, -31901, Some("save")),
            (Reject::OtherAcquirer, -31901, Some("acquirer")),
            (Reject::WholeHoldOnly, -31901, Some("amount")),
            (Reject::AmountBelowLimit, -31611, None),
            (Reject::AmountAboveLimit, -31612, None),
            (Reject::MoreThanHeld, -31612, None),
            (Reject::AccountField("order_id".into()), -31610, Some("order_id")),
            (Reject::ReceiptNotFound, -31602, None),
            (Reject::ReceiptState(ReceiptState::Paid), -31602, Some("state:4")),
            (Reject::HoldOnlyConfirmable, -31800, Some("hold_only_confirmable")),
            (Reject::CardNotFound, -31400, None),
            (Reject::CardRemoved, -31400, Some("deleted")),
            (Reject::CardNotVerified, -31400, Some("not_verified")),
            (Reject::CardInUse, -31630, Some("in_use")),
            (Reject::CodeWrong, -31103, Some("code_wrong")),
            (Reject::CodeExpired, -31101, Some("code_expired")),
            (Reject::CodeTriesExceeded, -31102, Some("code_tries_exceeded")),
            (Reject::TooManyCodes, -31110, Some("too_many_codes")),
            (Reject::IdempotencyKeyUsed, -32602, Some("idempotency_key")),
        ];
        for (reject, code, data) in cases {
            let error = RpcError::of_reject(reject.clone(), Method::ReceiptsPay);
            assert_eq!((error.fault.code, error.data()), (code, data), "{reject:?}");
        }
    }

    #[test]
    fn a_cancel_in_the_wrong_state_has_its_own_code() {
        let reject = Reject::ReceiptState(ReceiptState::Debiting);
        let error = RpcError::of_reject(reject.clone(), Method::ReceiptsCancel);
        assert_eq!((error.fault.code, error.data()), (-31800, Some("state:2")));
        let error = RpcError::of_reject(reject, Method::ReceiptsConfirmHold);
        assert_eq!(error.fault.code, -31602);
        assert_eq!(error.to_string(), "-31602 The receipt is not found or already paid.");
    }
}
