//! A bank partner's services: each has its own account and says whether orders name a card.

/// A service's number at its bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub i64);

impl std::fmt::Display for ServiceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether orders of a service must name the card that paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServiceKind {
    /// Reference number, card type and card number are required.
    WorkingWithCard,
    /// They may be left out.
    CardIsOptional,
}

impl ServiceKind {
    /// The word of the protocol.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::WorkingWithCard => "WORKING_WITH_CARD",
            Self::CardIsOptional => "CARD_IS_OPTIONAL",
        }
    }

    /// The kind of a word of the protocol.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::WorkingWithCard, Self::CardIsOptional].into_iter().find(|kind| kind.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_kinds() {
        for kind in [ServiceKind::WorkingWithCard, ServiceKind::CardIsOptional] {
            assert_eq!(ServiceKind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(ServiceKind::from_word("working_with_card"), None);
    }
}
