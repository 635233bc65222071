//! Forward-only migrations, numbered alike for both databases and guarded by checksums.

use sha2::{Digest, Sha256};

use crate::error::StoreError;

/// One migration in both dialects.
pub(crate) struct Migration {
    pub(crate) number: i64,
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

macro_rules! migration {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// Every migration in order. A shipped one is never edited.
pub(crate) const MIGRATIONS: [Migration; 5] = [
    migration!(1, "0001_payments"),
    migration!(2, "0002_documents"),
    migration!(3, "0003_acquirers"),
    migration!(4, "0004_days"),
    migration!(5, "0005_income"),
];

/// The table that remembers what was applied; the same text is valid in both dialects.
pub(crate) const HISTORY_TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (
    number BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL
)";

/// The checksum of a migration's text.
pub(crate) fn checksum(sql: &str) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(sql.as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Which migrations are still to be applied, given the checksums of the applied ones by number.
///
/// # Errors
/// The number of a migration that the database has in another form, or that this version lacks.
pub(crate) fn pending(
    applied: &[(i64, String)],
    dialect: impl Fn(&Migration) -> &'static str,
) -> Result<Vec<&'static Migration>, i64> {
    for (number, found) in applied {
        let known = MIGRATIONS.iter().find(|migration| migration.number == *number);
        if known.map(|migration| checksum(dialect(migration))).as_ref() != Some(found) {
            return Err(*number);
        }
    }
    let is_new = |m: &&Migration| applied.iter().all(|(number, _)| *number != m.number);
    Ok(MIGRATIONS.iter().filter(is_new).collect())
}

/// Checks that the database has exactly the migrations of this version, for those who only read.
///
/// # Errors
/// [`StoreError::Migration`] names the first that differs or is missing.
pub(crate) fn check(
    applied: &[(i64, String)],
    dialect: impl Fn(&Migration) -> &'static str,
) -> Result<(), StoreError> {
    match pending(applied, dialect) {
        Ok(missing) => match missing.first() {
            Some(missing) => Err(StoreError::Migration { number: missing.number }),
            None => Ok(()),
        },
        Err(number) => Err(StoreError::Migration { number }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_by_one_and_stand_in_the_names() {
        for (place, migration) in (1..).zip(&MIGRATIONS) {
            assert_eq!(migration.number, place);
            assert!(migration.name.starts_with(&format!("{place:04}_")));
        }
    }

    #[test]
    fn the_databases_know_the_states_of_the_core() {
        let numbers = chorsu_core::ReceiptState::ALL.map(|(_, number)| number.to_string());
        let check = format!("CHECK (state IN ({}))", numbers.join(", "));
        for sql in [MIGRATIONS[0].sqlite, MIGRATIONS[0].postgres] {
            assert!(sql.contains(&check), "{check}");
        }
    }

    #[test]
    fn a_changed_or_unknown_migration_stops_the_start() {
        let first = (1, checksum(MIGRATIONS[0].sqlite));
        let sqlite = |migration: &Migration| migration.sqlite;
        assert_eq!(pending(&[], sqlite).unwrap().len(), MIGRATIONS.len());
        assert_eq!(pending(&[first], sqlite).unwrap().len(), MIGRATIONS.len() - 1);
        assert_eq!(pending(&[(1, "other".into())], sqlite).err(), Some(1));
        assert_eq!(pending(&[(99, "newer".into())], sqlite).err(), Some(99));
    }
}
