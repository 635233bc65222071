//! Enums whose variants have numbers in the database.

/// Declares such an enum, so that each variant and its number stand in one place. A number that was
/// ever written is never given to another variant.
macro_rules! numbered {
    (
        $(#[$about:meta])*
        pub enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $number:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant = $number,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: [Self; [$($number),+].len()] = [$(Self::$variant),+];

            /// Its number.
            #[must_use]
            pub const fn number(self) -> i16 {
                self as i16
            }

            /// The one with this number.
            #[must_use]
            pub const fn from_number(number: i16) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::shift::ClosingState as State;

    #[test]
    fn numbers_lead_back_to_variants() {
        assert_eq!(State::ALL, [State::Sent, State::Closed, State::NotOpen, State::Refused]);
        assert_eq!(State::ALL.map(State::number), [1, 4, 49, 50]);
        assert_eq!(
            State::ALL.map(|state| State::from_number(state.number())),
            State::ALL.map(Some)
        );
        assert_eq!([0, 2, -1, i16::MAX].map(State::from_number), [None; 4]);
    }
}
