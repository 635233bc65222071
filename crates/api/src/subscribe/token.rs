//! Card tokens as text: the card's id, an underscore and a secret that only its holder has.
//!
//! The server keeps a hash of the secret, so an answer can show a token only as the caller gave it.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chorsu_core::CardId;
use chorsu_core::command::Token;
use chorsu_core::secret::SecretHash;

use super::catalogue::{self, Fault};

/// Random bytes of a token's secret.
pub const SECRET_BYTES: usize = 32;
/// Characters of the secret: [`SECRET_BYTES`] in base64url without padding.
const SECRET_CHARS: usize = 43;
/// Characters of the id.
const ID_CHARS: usize = 24;
/// Where the secret starts.
const SECRET_START: usize = ID_CHARS + 1;
/// Tokens of the original server have 280 to 415 characters; whatever is shorter than this is not
/// one of them.
const FOREIGN_MIN: usize = 100;
/// And whatever is longer than this neither.
const FOREIGN_MAX: usize = 1024;

/// A token of the right form. Whether it opens a card is for the store to say.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText<'a> {
    card: CardId,
    text: Cow<'a, str>,
}

impl TokenText<'static> {
    /// The token of a new card; `secret` must come from a secure random source.
    #[must_use]
    pub fn new(card: CardId, secret: &[u8; SECRET_BYTES]) -> Self {
        let mut text = format!("{card}_");
        URL_SAFE_NO_PAD.encode_string(secret, &mut text);
        Self { card, text: Cow::Owned(text) }
    }
}

impl<'a> TokenText<'a> {
    /// The token `text`.
    ///
    /// # Errors
    /// `-32500` when it cannot be a token. A shop that moves here shows tokens of the server it
    /// came from: those are well-formed and only not known here, and `-31400` makes its software
    /// ask for the card anew, where "invalid token format" would look like a defect of the shop.
    pub fn parse(text: Cow<'a, str>) -> Result<Self, &'static Fault> {
        match card_of(&text) {
            Some(card) => Ok(Self { card, text }),
            None if is_foreign(&text) => Err(&catalogue::CARD_NOT_FOUND),
            None => Err(&catalogue::TOKEN_FORMAT),
        }
    }

    /// The card it stands for.
    #[must_use]
    pub const fn card(&self) -> CardId {
        self.card
    }

    /// The whole text, for the answer to its holder.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The token as the store knows it: the secret hashed together with the card's id.
    #[must_use]
    pub fn hashed(&self) -> Token {
        let secret = self.text.as_bytes().get(SECRET_START..).unwrap_or_default();
        Token { card: self.card, secret: SecretHash::of(self.card.as_bytes(), secret) }
    }
}

impl fmt::Debug for TokenText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenText({}_..)", self.card)
    }
}

/// The card of a token of ours.
fn card_of(text: &str) -> Option<CardId> {
    let (id, secret) = text.split_at_checked(ID_CHARS)?;
    let secret = secret.strip_prefix('_')?;
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let sound = secret.len() == SECRET_CHARS && secret.bytes().all(is_base64url);
    if sound { id.parse().ok() } else { None }
}

/// Whether a text may be a token of the original server: an id and a long secret, in older days
/// wrapped in base64 as a whole.
fn is_foreign(text: &str) -> bool {
    let is_base64 =
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte));
    let has_id = text.split_once('_').is_some_and(|(id, _)| id.parse::<CardId>().is_ok());
    (FOREIGN_MIN..=FOREIGN_MAX).contains(&text.len()) && (is_base64 || has_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_reads_back_and_hides_its_secret() {
        let card: CardId = "584a84d62abb5caa31079914".parse().unwrap();
        let token = TokenText::new(card, &[0xFB; SECRET_BYTES]);
        assert_eq!(token.as_str().len(), SECRET_START + SECRET_CHARS);
        let read = TokenText::parse(Cow::Borrowed(token.as_str())).unwrap();
        assert_eq!((read.card(), read.hashed()), (card, token.hashed()));
        assert_eq!(format!("{read:?}"), "TokenText(584a84d62abb5caa31079914_..)");
        assert_ne!(TokenText::new(card, &[1; SECRET_BYTES]).hashed(), token.hashed());
    }

    #[test]
    fn other_forms_are_malformed_or_of_another_server() {
        let old_wrapped = "NTg0YTg0ZDYyYWJiNWNhYTMxMDc5OTE0X1VnYU02ME92".repeat(7) + "==";
        let old_plain = format!("584a84d62abb5caa31079914_{}", "K&#%@?!".repeat(40));
        let short = format!("584a84d62abb5caa31079914_{}", "a".repeat(42));
        let wrong_id = format!("z84a84d62abb5caa31079914_{}", "a".repeat(43));
        let symbol = format!("584a84d62abb5caa31079914_{}", "?".repeat(43));
        let endless = "a".repeat(5000);
        let cases = [
            (old_wrapped.as_str(), -31400),
            (&old_plain, -31400),
            (&short, -32500),
            (&wrong_id, -32500),
            (&symbol, -32500),
            (&endless, -32500),
            ("", -32500),
            ("ДДДДДДДДДДДДД", -32500),
            ("token", -32500),
        ];
        for (text, code) in cases {
            let fault = TokenText::parse(Cow::Borrowed(text)).unwrap_err();
            assert_eq!(fault.code, code, "{text}");
        }
    }
}
