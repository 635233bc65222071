//! The table of days that differ from "Monday to Friday", as the store keeps it.

use chorsu_core::bank::{BankCalendar, CalendarError};
use chorsu_store::{Store, StoreError};

/// The setting with the table.
const HOLIDAYS: &str = "settlement_holidays";

/// Why a table is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HolidaysRefused {
    /// A line of it means nothing.
    #[error("{0}")]
    Wrong(#[from] CalendarError),
    /// The configuration names a file with another one.
    #[error("the days are those of the file that `bank.holidays` names")]
    InAFile,
}

/// The table as it was written.
///
/// # Errors
/// When the store fails.
pub(crate) async fn text(store: &Store) -> Result<String, StoreError> {
    Ok(store.setting(HOLIDAYS).await?.unwrap_or_default())
}

/// The days of the table.
///
/// # Errors
/// When the store fails.
pub(super) async fn read(store: &Store) -> Result<BankCalendar, StoreError> {
    Ok(BankCalendar::parse(&text(store).await?).unwrap_or_else(|error| {
        tracing::error!(%error, "the table of holidays cannot be read");
        BankCalendar::default()
    }))
}

/// Replaces the table.
///
/// # Errors
/// The inner one when a line of it means nothing, the outer one when the store fails.
pub(crate) async fn put(
    store: &Store,
    table: String,
) -> Result<Result<BankCalendar, CalendarError>, StoreError> {
    let calendar = match BankCalendar::parse(&table) {
        Ok(calendar) => calendar,
        Err(error) => return Ok(Err(error)),
    };
    store.put_setting(HOLIDAYS, table).await?;
    Ok(Ok(calendar))
}
