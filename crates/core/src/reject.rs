//! Why a request was turned down. Nothing has happened when one of these is the answer.

use std::sync::Arc;

use crate::document::Document;
use crate::receipt::ReceiptState;
use crate::till::TillState;

/// A reason to refuse a request, in the domain's words; each API has its own code for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reject {
    /// The kassa creates no receipts.
    #[error("the kassa is blocked")]
    KassaBlocked,
    /// The kassa may not hold payments.
    #[error("the kassa may not hold payments")]
    HoldNotAllowed,
    /// The kassa may not keep cards.
    #[error("the kassa may not keep cards")]
    SaveNotAllowed,
    /// The amount is under the kassa's limit.
    #[error("the amount is below the limit")]
    AmountBelowLimit,
    /// The amount is over the kassa's limit.
    #[error("the amount is above the limit")]
    AmountAboveLimit,
    /// This account field is missing, empty or unknown.
    #[error("account field {0} is missing or wrong")]
    AccountField(String),
    /// No such receipt at this kassa.
    #[error("no such receipt")]
    ReceiptNotFound,
    /// The receipt is in a state that does not allow the request.
    #[error("the receipt is {0:?}")]
    ReceiptState(ReceiptState),
    /// The hold is past the network's 30 days and can only be confirmed.
    #[error("this hold can only be confirmed")]
    HoldOnlyConfirmable,
    /// A hold cannot be confirmed for more than was held.
    #[error("more than was held")]
    MoreThanHeld,
    /// The receipt's money is taken elsewhere, and only there it can be paid or closed.
    #[error("the receipt has another acquirer")]
    OtherAcquirer,
    /// The acquirer confirms a hold as a whole only.
    #[error("a hold can only be confirmed as a whole")]
    WholeHoldOnly,
    /// No such card at this kassa, or the token's secret is wrong.
    #[error("no such card")]
    CardNotFound,
    /// The token was removed or used up.
    #[error("the card was removed")]
    CardRemoved,
    /// The card's holder has not proved it by a code.
    #[error("the card is not verified")]
    CardNotVerified,
    /// The one-time token is being used for another payment.
    #[error("the card is being used for another payment")]
    CardInUse,
    /// The one-time code is wrong.
    #[error("wrong code")]
    CodeWrong,
    /// The one-time code is too old, used up or was never sent.
    #[error("the code has expired")]
    CodeExpired,
    /// The code was tried too often; a new one is needed.
    #[error("too many wrong tries")]
    CodeTriesExceeded,
    /// Too many codes were sent for this card.
    #[error("too many codes were sent")]
    TooManyCodes,
    /// The scanned code is that of another payment.
    #[error("the code was used for another payment")]
    CodeUsed,
    /// The provider's number is that of another payment.
    #[error("the provider's number is that of another payment")]
    PaymentIdUsed,
    /// The pinpad waits for the outcome of an operation before.
    #[error("the pinpad serves another customer")]
    PinpadBusy,
    /// No such payment at this till.
    #[error("no such payment")]
    PaymentNotFound,
    /// The payment is in a state that does not allow the request.
    #[error("the payment is {0:?}")]
    TillState(TillState),
    /// The payment's amount is another.
    #[error("the amount is another")]
    AmountDiffers,
    /// The payment is on another fiscal receipt.
    #[error("the payment is on another fiscal receipt")]
    OtherFiscalReceipt,
    /// No such order or settlement.
    #[error("no such order")]
    OrderNotFound,
    /// The order's id was used for another order.
    #[error("the order id was used for another order")]
    OrderIdUsed,
    /// The partner has used this number for an order before.
    #[error("the order number was used before")]
    OrderUsed(Arc<Document>),
    /// The service has too little money for this, and it is to be refused.
    #[error("not enough money on the service")]
    Underfunded,
    /// No such bank service.
    #[error("no such service")]
    NoSuchService,
    /// The idempotency key was used before; the caller reads what it stands for.
    #[error("the idempotency key was used before")]
    IdempotencyKeyUsed,
}
