//! A bank partner's services: each has its own account and says whether orders name a card.

use std::fmt;

/// The number of a service of ours ("payments by requisites", `serviceId`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u32);

impl ServiceId {
    /// The service of this decimal number; `None` unless it is written without sign and zeros.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(text.parse().ok()?);
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A service's number as the other side writes it: a caller's, which may be no service of ours, or
/// that of a bank which is not us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceNumber(pub i64);

impl fmt::Display for ServiceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<ServiceId> for ServiceNumber {
    fn from(id: ServiceId) -> Self {
        Self(id.0.into())
    }
}

impl ServiceNumber {
    /// The service of ours that has this number; `None` when none can have it.
    #[must_use]
    pub fn ours(self) -> Option<ServiceId> {
        self.0.try_into().ok().map(ServiceId)
    }
}

/// Whether orders of a service must name the card that paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardRule {
    /// `refNumber`, `cardType` and `cardNumber` are required.
    Required,
    /// They may be left out.
    Optional,
}

impl CardRule {
    /// The word of the protocol ("services", `type`).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Required => "WORKING_WITH_CARD",
            Self::Optional => "CARD_IS_OPTIONAL",
        }
    }

    /// The rule of a word of the protocol.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Required, Self::Optional].into_iter().find(|rule| rule.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_rules() {
        for rule in [CardRule::Required, CardRule::Optional] {
            assert_eq!(CardRule::from_word(rule.word()), Some(rule));
        }
        assert_eq!(CardRule::from_word("working_with_card"), None);
    }
}
