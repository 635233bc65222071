//! How a kassa's settings are stored: one JSON text per kassa, the same in both databases.

use chorsu_core::kassa::{AccountField, Merchant, Titles};
use chorsu_core::secret::SecretHash;
use chorsu_core::{Kassa, KassaId, Tiyin, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

#[derive(Serialize, Deserialize)]
struct Row {
    key_hashes: Vec<[u8; 32]>,
    name: String,
    organization: String,
    address: String,
    business_id: String,
    epos_merchant_id: String,
    epos_terminal_id: String,
    line: TitlesRow,
    account: Vec<FieldRow>,
    amount_min_tiyin: i64,
    amount_max_tiyin: i64,
    commission_ppm: u32,
    hold_allowed: bool,
    save_allowed: bool,
    blocked: bool,
    created_at_ms: i64,
}

#[derive(Serialize, Deserialize)]
struct FieldRow {
    name: String,
    titles: TitlesRow,
    required: bool,
}

#[derive(Serialize, Deserialize)]
struct TitlesRow {
    ru: String,
    uz: String,
    en: String,
}

impl From<&Titles> for TitlesRow {
    fn from(titles: &Titles) -> Self {
        let Titles { ru, uz, en } = titles.clone();
        Self { ru, uz, en }
    }
}

impl From<TitlesRow> for Titles {
    fn from(TitlesRow { ru, uz, en }: TitlesRow) -> Self {
        Self { ru, uz, en }
    }
}

/// The stored text of a kassa.
pub(crate) fn to_json(kassa: &Kassa) -> Result<String, StoreError> {
    let merchant = kassa.merchant.clone();
    let field = |field: &AccountField| FieldRow {
        name: field.name.clone(),
        titles: (&field.titles).into(),
        required: field.required,
    };
    let row = Row {
        key_hashes: kassa.keys.iter().map(|key| key.0).collect(),
        name: merchant.name,
        organization: merchant.organization,
        address: merchant.address,
        business_id: merchant.business_id,
        epos_merchant_id: merchant.epos_merchant_id,
        epos_terminal_id: merchant.epos_terminal_id,
        line: (&merchant.line).into(),
        account: kassa.account.iter().map(field).collect(),
        amount_min_tiyin: kassa.amount_min.get(),
        amount_max_tiyin: kassa.amount_max.get(),
        commission_ppm: kassa.commission_ppm,
        hold_allowed: kassa.hold_allowed,
        save_allowed: kassa.save_allowed,
        blocked: kassa.blocked,
        created_at_ms: kassa.created_at.0,
    };
    serde_json::to_string(&row).map_err(|_| StoreError::Corrupt("kassa settings"))
}

/// The kassa of a stored text.
pub(crate) fn from_json(id: KassaId, text: &str) -> Result<Kassa, StoreError> {
    let corrupt = || StoreError::Corrupt("kassa settings");
    let row: Row = serde_json::from_str(text).map_err(|_| corrupt())?;
    let field = |field: FieldRow| AccountField {
        name: field.name,
        titles: field.titles.into(),
        required: field.required,
    };
    Ok(Kassa {
        id,
        keys: row.key_hashes.into_iter().map(SecretHash).collect(),
        merchant: Merchant {
            name: row.name,
            organization: row.organization,
            address: row.address,
            business_id: row.business_id,
            epos_merchant_id: row.epos_merchant_id,
            epos_terminal_id: row.epos_terminal_id,
            line: row.line.into(),
        },
        account: row.account.into_iter().map(field).collect(),
        amount_min: Tiyin::new(row.amount_min_tiyin).ok_or_else(corrupt)?,
        amount_max: Tiyin::new(row.amount_max_tiyin).ok_or_else(corrupt)?,
        commission_ppm: row.commission_ppm,
        hold_allowed: row.hold_allowed,
        save_allowed: row.save_allowed,
        blocked: row.blocked,
        created_at: UnixMillis(row.created_at_ms),
    })
}
