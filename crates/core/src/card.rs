//! Cards: the number that must stay secret, its masked form, the expiry and the stored card.

use std::fmt;
use std::sync::Arc;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::command::Token;
use crate::id::{CardId, KassaId, OperationId};
use crate::network::Network;
use crate::otp::PendingCode;
use crate::reject::Reject;
use crate::secret::SecretHash;
use crate::time::UnixMillis;

const PAN_DIGITS: usize = 16;

/// A whole card number. It is wiped from memory when dropped and never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Pan([u8; PAN_DIGITS]);

impl Pan {
    /// The card number `digits`: exactly 16 digits without spaces, else `None`.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let bytes: [u8; PAN_DIGITS] = digits.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_digit).then_some(Self(bytes))
    }

    /// The digits, for the vault and the card network only.
    #[must_use]
    pub fn digits(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether the check digit is right (ISO/IEC 7812, the Luhn formula).
    #[must_use]
    pub fn passes_luhn(&self) -> bool {
        let sum: u32 = self
            .0
            .iter()
            .enumerate()
            .map(|(place, digit)| {
                let value = u32::from(digit - b'0');
                if place % 2 == 0 { value * 2 - if value > 4 { 9 } else { 0 } } else { value }
            })
            .sum();
        sum.is_multiple_of(10)
    }

    /// The form that may be stored and shown: first six and last four digits.
    #[must_use]
    pub fn masked(&self) -> MaskedPan {
        let mut masked = self.0;
        masked[6..12].fill(b'*');
        MaskedPan(masked)
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pan({})", self.masked())
    }
}

/// A card number as it may be shown: `860006******6311`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MaskedPan([u8; PAN_DIGITS]);

impl MaskedPan {
    /// The masked number from its text; `None` unless it has the masked form, so that a whole
    /// number can never pass as a masked one. Some answers hide the last four digits too.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; PAN_DIGITS] = text.as_bytes().try_into().ok()?;
        let is_hidden = |digits: &[u8]| digits.iter().all(|digit| *digit == b'*');
        let is_shown = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
        let (head, tail) = (&bytes[..6], &bytes[12..]);
        (is_shown(head) && is_hidden(&bytes[6..12]) && (is_shown(tail) || is_hidden(tail)))
            .then_some(Self(bytes))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for MaskedPan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for MaskedPan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A card's expiry: good to the end of that month of 20YY.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry {
    year: u8,
    month: u8,
}

impl Expiry {
    /// The expiry of `MMYY`, as requests carry it ("Payme Subscribe API, cards.create").
    #[must_use]
    pub fn parse_mmyy(text: &str) -> Option<Self> {
        let digits: [u8; 4] = text.as_bytes().try_into().ok()?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let two = |high: u8, low: u8| (high - b'0') * 10 + (low - b'0');
        let (month, year) = (two(digits[0], digits[1]), two(digits[2], digits[3]));
        (1..=12).contains(&month).then_some(Self { year, month })
    }

    /// The expiry of `YYMM`, as it is stored.
    #[must_use]
    pub fn parse_yymm(text: &str) -> Option<Self> {
        let (year, month) = text.split_at_checked(2)?;
        Self::parse_mmyy(&format!("{month}{year}"))
    }

    /// `MM/YY`, as card answers show it.
    #[must_use]
    pub fn slashed(self) -> String {
        format!("{:02}/{:02}", self.month, self.year)
    }

    /// `YYMM`, as receipts and card networks write it.
    #[must_use]
    pub fn yymm(self) -> String {
        format!("{:02}{:02}", self.year, self.month)
    }

    /// Whether the card is past the end of its last month, in Tashkent.
    #[must_use]
    pub fn is_past(self, now: UnixMillis) -> bool {
        let (year, month) = now.tashkent_month();
        (2000 + i16::from(self.year), i16::from(self.month)) < (year, i16::from(month))
    }
}

/// A whole card number sealed by the vault; only the vault can open it.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPan {
    /// Which data key sealed it.
    pub key_id: u32,
    /// Nonce and ciphertext.
    pub bytes: Arc<[u8]>,
}

impl fmt::Debug for SealedPan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedPan(key {})", self.key_id)
    }
}

/// What the shop may know of a card, and what a paid receipt keeps of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardFace {
    /// Which card.
    pub id: CardId,
    /// Its masked number.
    pub masked: MaskedPan,
    /// Its expiry.
    pub expiry: Expiry,
    /// The network that serves it.
    pub network: Network,
}

/// A card a kassa has made a token for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Masked number, expiry and network.
    pub face: CardFace,
    /// The kassa whose token it is.
    pub kassa: KassaId,
    /// The hash of the token's secret half.
    pub token: SecretHash,
    /// Whether the token lives on after a payment.
    pub recurrent: bool,
    /// Whether its holder has proved it by a one-time code.
    pub verified: bool,
    /// When the token was removed or, being one-time, used up.
    pub removed_at: Option<UnixMillis>,
    /// When the token was made.
    pub created_at: UnixMillis,
    /// The number, sealed; gone once the token is removed.
    pub pan: Option<SealedPan>,
    /// The code that was sent and not yet used, with its bounds.
    pub code: PendingCode,
    /// The payment that a one-time token is being used for.
    pub in_use: Option<OperationId>,
}

impl Card {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> CardId {
        self.face.id
    }

    /// Whether `token`, shown by `kassa`, opens this card.
    ///
    /// # Errors
    /// [`Reject::CardNotFound`] for a wrong secret or another kassa, [`Reject::CardRemoved`] for
    /// a token out of use.
    pub fn check_token(&self, kassa: KassaId, token: &Token) -> Result<(), Reject> {
        if self.kassa != kassa || !self.token.matches(&token.secret) {
            return Err(Reject::CardNotFound);
        }
        if self.removed_at.is_some() { Err(Reject::CardRemoved) } else { Ok(()) }
    }

    /// Takes the token out of use and forgets the sealed number.
    pub fn remove(&mut self, now: UnixMillis) {
        self.removed_at = Some(now);
        self.pan = None;
        self.code = PendingCode::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_sixteen_digits_and_never_printed() {
        let pan = Pan::parse("8600069195406311").unwrap();
        assert_eq!(pan.masked().as_str(), "860006******6311");
        assert_eq!(format!("{pan:?}"), "Pan(860006******6311)");
        for bad in ["", "8600 0691 9540 6311", "860006919540631", "860006919540631a"] {
            assert!(Pan::parse(bad).is_none(), "{bad}");
        }
        assert!(MaskedPan::parse("8600069195406311").is_none());
        for good in ["860006******6311", "626247**********"] {
            assert!(MaskedPan::parse(good).is_some(), "{good}");
        }
        assert!(MaskedPan::parse("626247********11").is_none());
    }

    #[test]
    fn the_published_test_cards_pass_luhn() {
        for good in ["8600495473316478", "8600069195406311", "3333336415804657", "4444445987459073"]
        {
            assert!(Pan::parse(good).unwrap().passes_luhn(), "{good}");
        }
        assert!(!Pan::parse("9860531554896678").unwrap().passes_luhn());
    }

    #[test]
    fn expiry_reads_and_writes_both_orders() {
        let expiry = Expiry::parse_mmyy("0399").unwrap();
        assert_eq!((expiry.slashed(), expiry.yymm()), ("03/99".into(), "9903".into()));
        assert_eq!(Expiry::parse_yymm("9903"), Some(expiry));
        for bad in ["1399", "0099", "03/9", "399", "03999", "ab99"] {
            assert_eq!(Expiry::parse_mmyy(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_card_is_good_to_the_end_of_its_month_in_tashkent() {
        let expiry = Expiry::parse_mmyy("1126").unwrap();
        let last_millisecond = UnixMillis(1_796_065_199_999); // 2026-11-30T23:59:59.999+05:00
        assert!(!expiry.is_past(last_millisecond));
        assert!(expiry.is_past(last_millisecond.plus(1)));
    }
}
