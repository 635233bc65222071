//! How bank services and partners are stored: one JSON text each, the same in both databases.

use chorsu_core::bank::CardRule;
use chorsu_core::bank_service::BankService;
use chorsu_core::{PartnerId, ServiceId, Tiyin};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

/// What of a service is not in columns.
#[derive(Serialize, Deserialize)]
struct Settings {
    name: String,
    activated: bool,
    cards: String,
    account: String,
    mfo: String,
    owner_name: String,
    inn: String,
}

/// A row of `bank_service` without its settings.
pub(crate) struct ServiceColumns {
    pub(crate) id: i64,
    pub(crate) partner: PartnerId,
    pub(crate) available: i64,
    pub(crate) reserved: i64,
    pub(crate) last_line: i64,
}

/// The stored settings of a service.
///
/// # Errors
/// Never in practice: every part of it can be written.
pub(crate) fn to_json(service: &BankService) -> Result<String, StoreError> {
    serde_json::to_string(&Settings {
        name: service.name.to_string(),
        activated: service.activated,
        cards: service.cards.word().to_owned(),
        account: service.account.to_string(),
        mfo: service.mfo.to_string(),
        owner_name: service.owner_name.to_string(),
        inn: service.inn.to_string(),
    })
    .map_err(|_| StoreError::Corrupt("service"))
}

/// The service of a row and its settings.
///
/// # Errors
/// When the row is not one that we have written.
pub(crate) fn from_row(
    columns: &ServiceColumns,
    settings: &str,
) -> Result<BankService, StoreError> {
    const CORRUPT: StoreError = StoreError::Corrupt("service");
    let settings: Settings = serde_json::from_str(settings).map_err(|_| CORRUPT)?;
    Ok(BankService {
        id: ServiceId(u32::try_from(columns.id).map_err(|_| CORRUPT)?),
        partner: columns.partner,
        name: settings.name.into(),
        activated: settings.activated,
        cards: CardRule::from_word(&settings.cards).ok_or(CORRUPT)?,
        account: settings.account.into(),
        mfo: settings.mfo.into(),
        owner_name: settings.owner_name.into(),
        inn: settings.inn.into(),
        available: Tiyin::new(columns.available).ok_or(CORRUPT)?,
        reserved: Tiyin::new(columns.reserved).ok_or(CORRUPT)?,
        last_line: columns.last_line,
    })
}
