//! Reading documents, services and statements beside the writer.

use chorsu_core::id::ID_BYTES;
use chorsu_core::order::StatementLine;
use chorsu_core::{
    Account, BankService, Document, DocumentId, DocumentKind, ServiceId, UnixMillis,
};
use rusqlite::{Row, params};

use super::days;
use super::document::{self, DOCUMENT_COLUMNS, SERVICE_COLUMNS, find_document, find_key};
use super::read::Readers;
use crate::error::StoreError;
use crate::range::{DocumentRange, StatementRange};
use crate::register::Register;
use crate::store::BankEntry;

impl Readers {
    pub(crate) async fn document(&self, id: DocumentId) -> Result<Option<Document>, StoreError> {
        self.run(move |connection| find_document(connection, id)).await
    }

    pub(crate) async fn document_by_key(
        &self,
        key: String,
    ) -> Result<Option<Document>, StoreError> {
        self.run(move |connection| match find_key(connection, &key)? {
            Some(id) => find_document(connection, id),
            None => Ok(None),
        })
        .await
    }

    pub(crate) async fn documents(
        &self,
        range: DocumentRange,
    ) -> Result<Vec<Document>, StoreError> {
        self.run(move |connection| {
            let sql = format!(
                "SELECT {DOCUMENT_COLUMNS} FROM document WHERE owner_id = ?1 AND kind = ?2 \
                 AND id < ?3 ORDER BY id DESC LIMIT ?4"
            );
            let DocumentRange { kind, owner, before, limit } = range;
            let before = before.unwrap_or(DocumentId([0xff; ID_BYTES]));
            let parameters = params![owner.as_bytes(), kind.number(), before.as_bytes(), limit];
            connection
                .prepare_cached(&sql)?
                .query_and_then(parameters, document::document)?
                .collect()
        })
        .await
    }

    pub(crate) async fn due_documents(
        &self,
        kind: DocumentKind,
        now: UnixMillis,
        (time, id): (UnixMillis, DocumentId),
        limit: u32,
    ) -> Result<Vec<Document>, StoreError> {
        self.run(move |connection| {
            let sql = format!(
                "SELECT {DOCUMENT_COLUMNS} FROM document WHERE kind = ?1 AND due_at <= ?2 \
                 AND (due_at, id) > (?3, ?4) ORDER BY due_at, id LIMIT ?5"
            );
            let parameters = params![kind.number(), now.0, time.0, id.as_bytes(), limit];
            connection
                .prepare_cached(&sql)?
                .query_and_then(parameters, document::document)?
                .collect()
        })
        .await
    }

    pub(crate) async fn services(&self) -> Result<Vec<BankService>, StoreError> {
        self.run(move |connection| {
            let sql = format!("SELECT {SERVICE_COLUMNS} FROM bank_service ORDER BY id");
            connection.prepare_cached(&sql)?.query_and_then([], document::service)?.collect()
        })
        .await
    }

    pub(crate) async fn service(&self, id: ServiceId) -> Result<Option<BankService>, StoreError> {
        self.run(move |connection| document::find_service(connection, id)).await
    }

    pub(crate) async fn put_service(&self, service: &BankService) -> Result<(), StoreError> {
        let service = service.clone();
        self.run(move |connection| document::put_service(connection, &service)).await
    }

    pub(crate) async fn statement(
        &self,
        range: StatementRange,
    ) -> Result<Vec<StatementLine>, StoreError> {
        self.run(move |connection| days::statement(connection, range)).await
    }

    pub(crate) async fn balance(&self, account: Account) -> Result<i64, StoreError> {
        self.run(move |connection| {
            let sql = "SELECT coalesce(sum(amount), 0) FROM balance WHERE account = ?1";
            let mut query = connection.prepare_cached(sql)?;
            Ok(query.query_row([account.to_string()], |row| row.get(0))?)
        })
        .await
    }

    pub(crate) async fn register(
        &self,
        register: Register,
    ) -> Result<Vec<([u8; ID_BYTES], String)>, StoreError> {
        self.run(move |connection| {
            let (table, id) = register.table();
            let sql = format!("SELECT {id}, settings FROM {table} ORDER BY {id}");
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
            connection.prepare_cached(&sql)?.query_and_then([], read)?.collect()
        })
        .await
    }

    pub(crate) async fn put_register(
        &self,
        register: Register,
        key: [u8; ID_BYTES],
        settings: String,
    ) -> Result<(), StoreError> {
        self.run(move |connection| {
            let (table, id) = register.table();
            let sql = format!(
                "INSERT INTO {table} ({id}, settings) VALUES (?1, ?2) \
                 ON CONFLICT ({id}) DO UPDATE SET settings = excluded.settings"
            );
            connection.prepare_cached(&sql)?.execute(params![key, settings])?;
            Ok(())
        })
        .await
    }

    pub(crate) async fn bank_directory(&self) -> Result<Vec<BankEntry>, StoreError> {
        self.run(move |connection| {
            let sql = "SELECT mfo, name, is_member FROM bank_directory ORDER BY mfo";
            let read = |row: &Row<'_>| {
                Ok(BankEntry { mfo: row.get(0)?, name: row.get(1)?, is_member: row.get(2)? })
            };
            connection.prepare_cached(sql)?.query_and_then([], read)?.collect()
        })
        .await
    }

    pub(crate) async fn put_bank_directory(
        &self,
        entries: Vec<BankEntry>,
    ) -> Result<(), StoreError> {
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            for entry in &entries {
                transaction
                    .prepare_cached(
                        "INSERT INTO bank_directory (mfo, name, is_member) VALUES (?1, ?2, ?3) \
                         ON CONFLICT (mfo) DO UPDATE SET name = excluded.name, \
                         is_member = excluded.is_member",
                    )?
                    .execute(params![entry.mfo, entry.name, entry.is_member])?;
            }
            Ok(transaction.commit()?)
        })
        .await
    }
}
