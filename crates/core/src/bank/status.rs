//! The words in which banks say where an order stands and which way money went.

numbered! {
    /// Where an accepted order stands. Both ends are final.
    pub enum OrderState {
        /// `Введен`: accepted, its outcome is not known yet.
        Entered = 1,
        /// `Проведен`: carried out.
        Posted = 4,
        /// `Удален`: turned down after it was accepted; the money is back.
        Deleted = 50,
    }
}

impl OrderState {
    /// The word of the protocol (`payment_status`).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Entered => "Введен",
            Self::Posted => "Проведен",
            Self::Deleted => "Удален",
        }
    }

    /// The state of a word of the protocol, letter for letter; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

numbered! {
    /// Which way money went, seen from the service's account.
    pub enum Direction {
        /// `Приход`: it came in.
        Incoming = 1,
        /// `Расход`: it went out.
        Outgoing = 2,
    }
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
        Self::ALL.into_iter().find(|way| way.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_letter_for_letter() {
        for state in OrderState::ALL {
            assert_eq!(OrderState::from_word(state.word()), Some(state));
            assert_eq!(OrderState::from_number(state.number()), Some(state));
        }
        for way in Direction::ALL {
            assert_eq!(Direction::from_number(way.number()), Some(way));
            assert_eq!(Direction::from_word(way.word()), Some(way));
        }
        // The second one has a Latin letter in it.
        for other in ["", "Bведен", "Введён", "введен", "Проведен ", "Oтложен"]
        {
            assert_eq!(OrderState::from_word(other), None, "{other}");
        }
    }
}
