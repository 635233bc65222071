//! cards.* at Payme: passed on as they came, and answered as Payme answers.

use chorsu_connectors::payme::kassa::CardMethod;
use serde_json::value::RawValue;

use super::{ServiceError, harmless};
use crate::payme_kassas::PaymeKassa;

/// Passes a call about a card on; `params` may hold a whole card number and is kept nowhere. The
/// result is JSON.
///
/// # Errors
/// [`ServiceError::Acquirer`] in Payme's words, [`ServiceError::Unreachable`].
pub(crate) async fn relay(
    desk: &PaymeKassa,
    method: CardMethod,
    params: &str,
    language: Option<&str>,
) -> Result<String, ServiceError> {
    let params: &RawValue = serde_json::from_str(params).map_err(|_| ServiceError::Internal)?;
    harmless(desk.link.card(method, params, language).await, method.name())
}
