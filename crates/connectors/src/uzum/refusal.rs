//! What Uzum's error messages mean for the payment that was answered with them.

use crate::wallet::Refusal;

/// What an error says about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It was not made, and there was none before under the same order.
    No,
    /// This attempt was turned away. Whether an earlier one under the same order went through,
    /// which may be why, it does not say.
    NotNow,
    /// It may have been made.
    Unsettled,
}

/// Refusals that could only be given to an order that was not paid before.
const NO: [&str; 11] = [
    "wrong.prefix.otp.data",
    "unsupported.operation",
    "reverse.not.allowed",
    "device.not.registered",
    "operation.not.found",
    "receipt.qr.only.yours",
    "user.card.not.found",
    "user.does.not.exist",
    "limit.was.set",
    "operation.failed",
    "operation.forbidden",
];
/// Refusals that the first attempt itself can bring about for the next: a used or expired code; and
/// those that come before the order is looked at.
const NOT_NOW: [&str; 4] = [
    "apelsin.pay.user.otp.data.expired",
    "qr.duplicated",
    "apelsin.pay.authorization.error",
    "safe.mode.on",
];
/// Another attempt is there, or something behind Uzum is down.
const UNSETTLED: [&str; 5] = [
    "order.id.duplicated",
    "transaction.duplicated",
    "operation.is.inProcess",
    "external.service.unavailable",
    "service.not.working",
];

/// The meaning of a refusal, by its message where that is documented and by its code otherwise;
/// `None` when neither is.
#[must_use]
pub fn meaning(refusal: &Refusal) -> Option<Meaning> {
    let message = refusal.message.trim();
    if NO.contains(&message) {
        return Some(Meaning::No);
    }
    if NOT_NOW.contains(&message) {
        return Some(Meaning::NotNow);
    }
    if UNSETTLED.contains(&message) {
        return Some(Meaning::Unsettled);
    }
    match refusal.code {
        400 | 401 | 403 | 404 | 416 => Some(Meaning::NotNow),
        503 => Some(Meaning::Unsettled),
        _ => None,
    }
}

/// Whether Uzum turned a call away that was about an earlier payment, so that its answer says
/// nothing about that payment: keys, safe mode, something down, or not found, which a payment that
/// Uzum itself has named cannot be.
#[must_use]
pub fn turned_away(refusal: &Refusal) -> bool {
    matches!(refusal.code, 401 | 403 | 416 | 503)
        || matches!(
            refusal.message.trim(),
            "apelsin.pay.authorization.error"
                | "safe.mode.on"
                | "service.not.working"
                | "external.service.unavailable"
                | "operation.is.inProcess"
                | "operation.not.found"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: i64, message: &str) -> Refusal {
        Refusal { code, message: message.to_owned() }
    }

    #[test]
    fn the_message_counts_before_the_code() {
        let cases = [
            (400, "limit.was.set", Some(Meaning::No)),
            (400, " operation.failed ", Some(Meaning::No)),
            (400, "qr.duplicated", Some(Meaning::NotNow)),
            (503, "apelsin.pay.user.otp.data.expired", Some(Meaning::NotNow)),
            (400, "operation.is.inProcess", Some(Meaning::Unsettled)),
            (0, "order.id.duplicated", Some(Meaning::Unsettled)),
            (400, "something new", Some(Meaning::NotNow)),
            (403, "", Some(Meaning::NotNow)),
            (503, "", Some(Meaning::Unsettled)),
            (777, "", None),
            (0, "", None),
        ];
        for (code, message, want) in cases {
            assert_eq!(meaning(&refusal(code, message)), want, "{code} {message}");
        }
    }

    #[test]
    fn what_turns_a_question_away_says_nothing_about_its_payment() {
        for (code, message, want) in [
            (403, "", true),
            (400, "operation.not.found", true),
            (400, "reverse.not.allowed", false),
            (400, "apelsin.pay.user.otp.data.expired", false),
            (0, "", false),
        ] {
            assert_eq!(turned_away(&refusal(code, message)), want, "{code} {message}");
        }
    }
}
