//! The words in which banks say where an order stands and which way money went.

/// Where an accepted order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// `Введен`: accepted, not settled yet.
    Entered,
    /// `Проведен`: settled. An end.
    Posted,
    /// `Удален`: turned down after it was accepted; the money is back. An end.
    Deleted,
}

impl OrderStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Entered, Self::Posted, Self::Deleted];

    /// The word of the protocol.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Entered => "Введен",
            Self::Posted => "Проведен",
            Self::Deleted => "Удален",
        }
    }

    /// The status of a word of the protocol, letter for letter; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether nothing changes any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Posted | Self::Deleted)
    }
}

/// Which way money went, seen from the service's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `Приход`: it came in.
    Incoming,
    /// `Расход`: it went out.
    Outgoing,
}

impl Direction {
    /// The word of the protocol.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Incoming => "Приход",
            Self::Outgoing => "Расход",
        }
    }

    /// The direction of a word of the protocol.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Incoming, Self::Outgoing].into_iter().find(|way| way.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_letter_for_letter() {
        for status in OrderStatus::ALL {
            assert_eq!(OrderStatus::from_word(status.word()), Some(status));
        }
        for way in [Direction::Incoming, Direction::Outgoing] {
            assert_eq!(Direction::from_word(way.word()), Some(way));
        }
        // The second one has a Latin letter in it.
        for other in ["", "Bведен", "Введён", "введен", "Проведен ", "Oтложен"]
        {
            assert_eq!(OrderStatus::from_word(other), None, "{other}");
        }
    }
}
