//! Card requests as messages, and messages as card answers: pure, and strict on the way in.
//!
//! The processing codes are those of ISO 8583:1987: 00 purchase, 20 refund, 31 account inquiry.

use std::fmt::Write as _;

use chorsu_core::{Expiry, KassaId, OperationId, Pan, Tiyin};

use super::private::Private;
use super::refusal::{APPROVED, CardRefusal, IN_PROGRESS};
use super::request::{Approval, AuthCode, CardAnswer, CardRequest, Holder, Rrn};
use super::stamp::Stamp;
use crate::iso8583::{Ascii, EncodeError, Field, Message, Mti};

/// Processing code of a purchase, and of everything that is about one.
pub const PURCHASE: &str = "000000";
/// Processing code of a refund.
pub const REFUND: &str = "200000";
/// Processing code of an inquiry about a card.
pub const INQUIRY: &str = "310000";
/// Currency 860: the sum of Uzbekistan.
pub const CURRENCY: &str = "860";
const TERMINAL: &str = "CHORSU01";
/// Characters of a merchant in field 42; a kassa's id is longer and goes by its last ones, the
/// random half and the milliseconds of its birth.
const MERCHANT_DIGITS: usize = 15;

/// Trace number and time of sending: what pairs an answer with its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Field 11.
    pub stan: Ascii<6>,
    /// Field 7.
    pub sent_at: Stamp,
}

/// What an answer must repeat to be the answer of a request.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    kind: Kind,
    mti: Mti,
    processing_code: &'static str,
    operation: Option<OperationId>,
    amount: Option<Tiyin>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Inquiry,
    Operation,
    Question,
}

/// An answer came and is of no use: what happened at the network is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The response code has no documented meaning.
    #[error("the network answered with the undocumented response code {0}")]
    UndocumentedCode(Ascii<2>),
    /// The answer is about another operation.
    #[error("the network answered about another operation")]
    OtherOperation,
    /// The answer names another amount.
    #[error("the network answered with another amount")]
    OtherAmount,
    /// The answer is of another type, or for another processing code.
    #[error("the network answered with another kind of message")]
    OtherKind,
    /// The answer lacks a field, or has one that cannot be read.
    #[error("field {0:?} of the network's answer is missing or broken")]
    Field(Field),
    /// The network would not say what became of the operation.
    #[error("the network did not tell what became of the operation: {}", .0.name())]
    NotTold(CardRefusal),
}

/// The parts of a request that not every kind has.
#[derive(Default)]
struct Parts<'a> {
    card: Option<(&'a Pan, Expiry)>,
    amount: Option<Tiyin>,
    merchant: Option<KassaId>,
    original: Option<OperationId>,
}

impl CardRequest {
    /// What its answer must repeat.
    #[must_use]
    pub fn expected(&self) -> Expected {
        let (kind, mti, processing_code) = match self {
            Self::Inquire { .. } => (Kind::Inquiry, Mti::AUTHORISATION, INQUIRY),
            Self::Debit { .. } => (Kind::Operation, Mti::FINANCIAL, PURCHASE),
            Self::Hold { .. } => (Kind::Operation, Mti::AUTHORISATION, PURCHASE),
            Self::Capture { .. } => (Kind::Operation, Mti::ADVICE, PURCHASE),
            Self::Refund { .. } => (Kind::Operation, Mti::ADVICE, REFUND),
            Self::Release { .. } => (Kind::Operation, Mti::REVERSAL, PURCHASE),
            Self::Ask { .. } => (Kind::Question, Mti::ADMINISTRATIVE, PURCHASE),
        };
        let amount = self.parts().amount;
        Expected { kind, mti, processing_code, operation: self.operation(), amount }
    }

    fn parts(&self) -> Parts<'_> {
        match self {
            Self::Inquire { pan, expiry } => {
                Parts { card: Some((pan, *expiry)), ..Parts::default() }
            }
            Self::Debit { pan, expiry, amount, merchant, .. }
            | Self::Hold { pan, expiry, amount, merchant, .. } => Parts {
                card: Some((pan, *expiry)),
                amount: Some(*amount),
                merchant: Some(*merchant),
                original: None,
            },
            Self::Capture { original, amount, .. } | Self::Refund { original, amount, .. } => {
                Parts { amount: Some(*amount), original: Some(*original), ..Parts::default() }
            }
            Self::Release { original, .. } => {
                Parts { original: Some(*original), ..Parts::default() }
            }
            Self::Ask { .. } => Parts::default(),
        }
    }

    /// Appends the request as one frame to `out`; `scratch` is for building text and is cleared.
    ///
    /// # Errors
    /// A value that no message can carry, an amount above 999,999,999,999 tiyin above all; nothing
    /// is appended then.
    pub fn encode(
        &self,
        trace: &Trace,
        scratch: &mut String,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let expected = self.expected();
        let parts = self.parts();
        let amount = parts.amount.map(amount_digits).transpose()?;
        let expiry = parts.card.map(|(_, expiry)| expiry.yymm());
        scratch.clear();
        let private = Private {
            operation: expected.operation,
            original: parts.original,
            ..Private::default()
        };
        private.write(scratch);
        let private_end = scratch.len();
        if let Some(kassa) = parts.merchant {
            // Writing into a String cannot fail.
            let _ = write!(scratch, "{kassa}");
        }
        let (private, kassa) = scratch.split_at(private_end);

        let mut message = Message::new(expected.mti);
        message.set(Field::ProcessingCode, expected.processing_code);
        message.set(Field::TransmittedAt, trace.sent_at.as_str());
        message.set(Field::Stan, trace.stan.as_str());
        message.set(Field::Terminal, TERMINAL);
        if let (Some((pan, _)), Some(expiry)) = (parts.card, &expiry) {
            message.set(Field::Pan, pan.digits());
            message.set(Field::Expiry, expiry);
        }
        if let Some(amount) = &amount {
            message.set(Field::Amount, amount.as_str());
            message.set(Field::Currency, CURRENCY);
        }
        if !kassa.is_empty() {
            message.set(Field::Merchant, &kassa[kassa.len().saturating_sub(MERCHANT_DIGITS)..]);
        }
        if !private.is_empty() {
            message.set(Field::Private, private);
        }
        message.encode(out)
    }
}

/// An amount as field 4 carries it.
///
/// # Errors
/// When it has more than 12 digits.
pub fn amount_digits(amount: Tiyin) -> Result<Ascii<12>, EncodeError> {
    let digits = u64::try_from(amount.get()).ok().and_then(Ascii::from_number);
    digits.ok_or(EncodeError::Length(Field::Amount))
}

/// The amount in field 4 of a message, if it has one that can be read.
#[must_use]
pub fn read_amount(message: &Message<'_>) -> Option<Tiyin> {
    message.get(Field::Amount)?.parse().ok().and_then(Tiyin::new)
}

impl Expected {
    /// Reads `message` as the answer to the request that this was made from.
    ///
    /// # Errors
    /// [`AnswerError`] whenever the answer is not in every respect one to that request; what
    /// happened is then unknown.
    pub fn read(&self, message: &Message<'_>) -> Result<CardAnswer, AnswerError> {
        let processing_code = message.get(Field::ProcessingCode);
        if message.mti() != self.mti.answer() || processing_code != Some(self.processing_code) {
            return Err(AnswerError::OtherKind);
        }
        let code = message.get(Field::ResponseCode).ok_or(missing(Field::ResponseCode))?;
        let private = Private::read(message.get(Field::Private).unwrap_or_default())
            .map_err(|_| missing(Field::Private))?;
        if private.operation != self.operation {
            return Err(AnswerError::OtherOperation);
        }
        match self.kind {
            Kind::Inquiry if code == APPROVED => Ok(CardAnswer::Card(Holder {
                phone: private.phone.map(str::to_owned),
                sms: private.sms.ok_or(missing(Field::Private))?,
            })),
            Kind::Operation if code == APPROVED => {
                let approval = approval(message)?;
                if self.amount.is_some_and(|amount| amount != approval.amount) {
                    return Err(AnswerError::OtherAmount);
                }
                Ok(CardAnswer::Approved(approval))
            }
            Kind::Operation if code == IN_PROGRESS => Ok(CardAnswer::StillProcessing),
            Kind::Inquiry | Kind::Operation => refusal(code).map(CardAnswer::Refused),
            Kind::Question => told(code, &private, message),
        }
    }
}

/// Reads the answer to "what became of it?".
fn told(
    code: &str,
    private: &Private<'_>,
    message: &Message<'_>,
) -> Result<CardAnswer, AnswerError> {
    if code == IN_PROGRESS {
        return Ok(CardAnswer::StillProcessing);
    }
    if code != APPROVED {
        return match refusal(code)? {
            CardRefusal::NotFound => Ok(CardAnswer::NotFound),
            refusal => Err(AnswerError::NotTold(refusal)),
        };
    }
    match private.told_code.ok_or(missing(Field::Private))? {
        APPROVED if private.released => approval(message).map(CardAnswer::Released),
        APPROVED => approval(message).map(CardAnswer::Approved),
        told => refusal(told).map(CardAnswer::Refused),
    }
}

fn refusal(code: &str) -> Result<CardRefusal, AnswerError> {
    CardRefusal::from_code(code).ok_or_else(|| {
        Ascii::parse(code).map_or(missing(Field::ResponseCode), AnswerError::UndocumentedCode)
    })
}

fn approval(message: &Message<'_>) -> Result<Approval, AnswerError> {
    let rrn = message.get(Field::Rrn).and_then(Rrn::parse);
    let auth_code = message.get(Field::AuthCode).and_then(AuthCode::parse);
    Ok(Approval {
        rrn: rrn.ok_or(missing(Field::Rrn))?,
        auth_code: auth_code.ok_or(missing(Field::AuthCode))?,
        amount: read_amount(message).ok_or(missing(Field::Amount))?,
    })
}

const fn missing(field: Field) -> AnswerError {
    AnswerError::Field(field)
}

#[cfg(test)]
mod tests;
