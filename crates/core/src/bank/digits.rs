//! Numbers that are names: a fixed count of decimal digits, where leading zeros count.

use std::fmt;

/// Exactly `N` ASCII digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Digits<const N: usize>([u8; N]);

impl<const N: usize> Digits<N> {
    /// The digits of `text`; `None` unless it is exactly `N` of them and nothing else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_digit).then_some(Self(bytes))
    }

    /// Known digits, at compile time.
    pub(super) const fn of(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The text.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The value of each digit.
    pub(super) fn values(&self) -> [u32; N] {
        self.0.map(|digit| u32::from(digit - b'0'))
    }
}

impl<const N: usize> fmt::Display for Digits<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A public number made of digits: reading, text, printing.
macro_rules! digits_type {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(super) $crate::bank::digits::Digits<$len>);

        impl $name {
            #[doc = concat!("The number of `text`: exactly ", $len, " digits, else `None`.")]
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                $crate::bank::digits::Digits::parse(text).map(Self)
            }

            /// The digits.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }
    };
}

pub(super) use digits_type;
