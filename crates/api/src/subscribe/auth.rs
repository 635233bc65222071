//! The X-Auth header: `id`, or `id:key`, and what each method asks of it.

use std::fmt;

use chorsu_core::{Kassa, KassaId};

use super::catalogue;
use super::error::RpcError;
use super::method::Method;

/// Longest header that is looked at, in bytes; real ones have about 61.
const HEADER_MAX: usize = 512;

/// Who calls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// The kassa.
    pub kassa: KassaId,
    /// Its key, when the caller gave one.
    pub key: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    /// Reads the header's value: split at the first colon, trimmed. Keys may hold colons.
    ///
    /// # Errors
    /// `-32504` with `invalid_authorization_header` when the header is absent or no text, and
    /// with `invalid_id` when its id cannot be a kassa's.
    pub fn parse(header: Option<&'a [u8]>) -> Result<Self, RpcError> {
        let text = header
            .filter(|bytes| bytes.len() <= HEADER_MAX)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .ok_or(&catalogue::NO_CREDENTIALS)?;
        let (id, key) = text.split_once(':').unwrap_or((text, ""));
        let kassa = id.trim().parse().map_err(|_| &catalogue::UNKNOWN_KASSA)?;
        let key = key.trim();
        Ok(Self { kassa, key: (!key.is_empty()).then_some(key) })
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.key.is_some() { "with a key" } else { "without a key" };
        write!(f, "Credentials({}, {key})", self.kassa)
    }
}

/// Checks that the caller may call `method`; `kassa` is the one its id names, if there is one.
///
/// A key that is given must be right at every method: a shop with a mistyped key should learn so
/// at its first call.
///
/// # Errors
/// `-32504` with `invalid_id`, `invalid_authorization_header` (the method needs a key and none was
/// given) or `invalid_key`.
pub fn authorize<'k>(
    credentials: &Credentials<'_>,
    kassa: Option<&'k Kassa>,
    method: Method,
) -> Result<&'k Kassa, RpcError> {
    let kassa = kassa.ok_or(&catalogue::UNKNOWN_KASSA)?;
    assert!(kassa.id == credentials.kassa, "a caller is checked against its own kassa");
    match credentials.key {
        None if method.needs_key() => Err((&catalogue::NO_CREDENTIALS).into()),
        Some(key) if !kassa.has_key(key) => Err((&catalogue::WRONG_KEY).into()),
        _ => Ok(kassa),
    }
}
