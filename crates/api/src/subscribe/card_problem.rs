//! What a card network says of a card, and the code for it: one family while a token is made, and
//! another when it pays.

use super::catalogue::{self, Fault};
use super::error::RpcError;

/// Why a card network, or the way to it, did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardProblem {
    /// The number cannot be a card's: wrong check digit.
    BadNumber,
    /// The network knows no such card.
    NotFound,
    /// The expiry is not the card's.
    WrongExpiry,
    /// A company's card.
    Corporate,
    /// The card is past its expiry.
    Expired,
    /// The card is blocked.
    Blocked,
    /// No phone is attached to the card.
    SmsOff,
    /// No network serves such cards.
    NotServed,
    /// Too little money.
    InsufficientFunds,
    /// A limit of the card is exceeded.
    LimitExceeded,
    /// Refused without a reason we know.
    Refused,
    /// The debit itself failed.
    DebitFailed,
    /// The network cannot be reached, and nothing was done.
    Unavailable,
    /// The request may have been done; it is being found out.
    OutcomeUnknown,
    /// The network could not send the code.
    SmsFailed,
    /// The network failed inside.
    SystemError,
    /// We have too much to do to ask the network.
    Overloaded,
}

/// At which call the card was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// cards.create, cards.get_verify_code and cards.verify: codes -3130x.
    Card,
    /// receipts.pay and receipts.confirm_hold: codes -31630 and -31640.
    Pay,
}

impl RpcError {
    /// The answer when a card network refuses at `stage` ("Payme Subscribe API, errors").
    #[must_use]
    pub fn of_card(problem: CardProblem, stage: Stage) -> Self {
        use CardProblem as P;

        let (card, pay): (&'static Fault, &'static Fault) = match problem {
            P::BadNumber => (&catalogue::CARD_NUMBER_WRONG, &catalogue::PAY_UNKNOWN_CARD),
            P::NotFound => (&catalogue::CARD_NUMBER_UNKNOWN, &catalogue::PAY_UNKNOWN_CARD),
            P::WrongExpiry => (&catalogue::CARD_EXPIRY_WRONG, &catalogue::PAY_EXPIRY_WRONG),
            P::Corporate => (&catalogue::CARD_CORPORATE, &catalogue::PAY_CORPORATE),
            P::Expired => (&catalogue::CARD_EXPIRED, &catalogue::PAY_CARD_EXPIRED),
            P::Blocked => (&catalogue::CARD_BLOCKED, &catalogue::PAY_CARD_BLOCKED),
            P::SmsOff => (&catalogue::CARD_SMS_OFF, &catalogue::PAY_SMS_OFF),
            P::InsufficientFunds => (&catalogue::CARD_NO_MONEY, &catalogue::PAY_NO_MONEY),
            P::LimitExceeded => (&catalogue::CARD_LIMIT, &catalogue::PAY_LIMIT),
            P::Refused => (&catalogue::CARD_REFUSED, &catalogue::PAY_REFUSED),
            P::DebitFailed => (&catalogue::CARD_REFUSED, &catalogue::DEBIT_FAILED),
            P::NotServed => (&catalogue::CARD_TYPE_NOT_SERVED, &catalogue::CARD_TYPE_NOT_SERVED),
            P::Unavailable => {
                (&catalogue::PROCESSING_UNAVAILABLE, &catalogue::PROCESSING_UNAVAILABLE)
            }
            // Only money can be in doubt; a card request that got no answer is asked again.
            P::OutcomeUnknown => (&catalogue::PROCESSING_UNAVAILABLE, &catalogue::OUTCOME_UNKNOWN),
            P::SmsFailed => (&catalogue::SMS_FAILED, &catalogue::SMS_FAILED),
            P::SystemError => (&catalogue::PROCESSING_ERROR, &catalogue::PROCESSING_ERROR),
            P::Overloaded => (&catalogue::OVERLOADED, &catalogue::OVERLOADED),
        };
        match stage {
            Stage::Card => card.into(),
            Stage::Pay => pay.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_chooses_the_family() {
        let cases = [
            (CardProblem::BadNumber, -31300, -31630),
            (CardProblem::NotFound, -31300, -31630),
            (CardProblem::WrongExpiry, -31300, -31630),
            (CardProblem::Corporate, -31300, -31630),
            (CardProblem::Expired, -31301, -31630),
            (CardProblem::Blocked, -31301, -31630),
            (CardProblem::SmsOff, -31301, -31630),
            (CardProblem::NotServed, -31900, -31900),
            (CardProblem::InsufficientFunds, -31303, -31630),
            (CardProblem::LimitExceeded, -31303, -31630),
            (CardProblem::Refused, -31301, -31630),
            (CardProblem::DebitFailed, -31301, -31640),
            (CardProblem::Unavailable, -31002, -31002),
            (CardProblem::OutcomeUnknown, -31002, -31002),
            (CardProblem::SmsFailed, -31110, -31110),
            (CardProblem::SystemError, -32400, -32400),
            (CardProblem::Overloaded, -31001, -31001),
        ];
        for (problem, card, pay) in cases {
            let code = |stage| RpcError::of_card(problem, stage).fault.code;
            assert_eq!((code(Stage::Card), code(Stage::Pay)), (card, pay), "{problem:?}");
        }
    }
}
