//! Bringing the schema up to date. Processes that start at once take turns.

use tokio_postgres::Client;

use super::connect::lock;
use crate::error::StoreError;
use crate::migrate;

/// Applies what is missing, all of it or nothing.
///
/// # Errors
/// [`StoreError::Migration`] when the schema is not one of this version.
pub(super) async fn migrate(client: &mut Client) -> Result<(), StoreError> {
    let transaction = client.transaction().await?;
    let lock = format!("SELECT pg_advisory_xact_lock({}, 0)", lock::SCHEMA);
    // Another process may take its time to migrate.
    transaction
        .batch_execute("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
        .await?;
    transaction.batch_execute(&lock).await?;
    transaction.batch_execute(migrate::HISTORY_TABLE).await?;
    let applied = transaction
        .query("SELECT number, checksum FROM migration ORDER BY number", &[])
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<Vec<(i64, String)>, StoreError>>()?;
    let pending = migrate::pending(&applied, |migration| migration.postgres)
        .map_err(|number| StoreError::Migration { number })?;
    for migration in pending {
        transaction.batch_execute(migration.postgres).await?;
        transaction
            .execute(
                "INSERT INTO migration (number, name, checksum) VALUES ($1, $2, $3)",
                &[&migration.number, &migration.name, &migrate::checksum(migration.postgres)],
            )
            .await?;
    }
    Ok(transaction.commit().await?)
}
