//! Reading what a request carries: its body, bounded, and its idempotency key.

use axum::body::Body;
use axum::http::HeaderMap;
use bytes::Bytes;
use http_body_util::BodyExt as _;

/// The largest request that is looked at.
const BODY_MAX: usize = 1024 * 1024;
/// A larger one is read up to here before it is answered, so that its sender gets the answer
/// instead of a broken connection.
const BODY_DRAIN_MAX: usize = 16 * 1024 * 1024;
/// The largest idempotency key.
pub(super) const KEY_MAX: usize = 255;

/// The whole body; `None` when it is too large or breaks off.
pub(super) async fn read(mut body: Body) -> Option<Bytes> {
    let mut whole: Vec<u8> = Vec::new();
    let mut first: Option<Bytes> = None;
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > BODY_DRAIN_MAX {
            return None;
        }
        if length > BODY_MAX {
            whole.clear();
            first = None;
            continue;
        }
        // Nearly every request comes in one piece, which is passed on without a copy.
        match first.take() {
            None if whole.is_empty() => first = Some(data),
            None => whole.extend_from_slice(&data),
            Some(start) => {
                whole.extend_from_slice(&start);
                whole.extend_from_slice(&data);
            }
        }
    }
    if length > BODY_MAX {
        return None;
    }
    Some(first.unwrap_or_else(|| whole.into()))
}

/// The text of the Idempotency-Key header; `Err` when it cannot be one.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, ()> {
    let Some(header) = headers.get("idempotency-key") else { return Ok(None) };
    let key = header.to_str().map_err(|_| ())?.trim();
    if key.is_empty() || key.len() > KEY_MAX { Err(()) } else { Ok(Some(key)) }
}
