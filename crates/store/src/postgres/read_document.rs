//! Reading documents, services and statements beside the lanes.

use std::collections::BTreeMap;

use chorsu_core::id::ID_BYTES;
use chorsu_core::{
    Account, BankService, Document, DocumentId, DocumentKind, ServiceId, UnixMillis,
};
use tokio_postgres::{Client, Row, Statement};

use super::document::{DOCUMENT_COLUMNS, SERVICE_COLUMNS, document, service};
use super::read::{Parameters, Readers};
use crate::error::{PostgresFailure, StoreError};
use crate::range::DocumentRange;
use crate::register::Register;
use crate::service_json;
use crate::store::BankEntry;

/// The prepared questions about documents.
pub(super) struct DocumentQuestions {
    by_id: Statement,
    by_key: Statement,
    range: Statement,
    due: Statement,
    services: Statement,
    put_service: Statement,
    balance: Statement,
    directory: Statement,
    put_directory: Statement,
    registers: [(Statement, Statement); 2],
}

impl DocumentQuestions {
    /// Prepares all of them.
    ///
    /// # Errors
    /// When the connection breaks or the schema is not ours.
    pub(super) async fn prepare(client: &Client) -> Result<Self, StoreError> {
        let documents = format!("SELECT {DOCUMENT_COLUMNS} FROM document");
        let register = async |register: Register| -> Result<_, StoreError> {
            let (table, id) = register.table();
            let read = format!("SELECT {id}, settings FROM {table} ORDER BY {id}");
            let put = format!(
                "INSERT INTO {table} ({id}, settings) VALUES ($1, $2) \
                 ON CONFLICT ({id}) DO UPDATE SET settings = excluded.settings"
            );
            Ok((client.prepare(&read).await?, client.prepare(&put).await?))
        };
        Ok(Self {
            by_id: client.prepare(&format!("{documents} WHERE id = $1")).await?,
            by_key: client
                .prepare(&format!(
                    "{documents} JOIN document_key ON document_key.document_id = document.id \
                     WHERE document_key.key = $1"
                ))
                .await?,
            range: client
                .prepare(&format!(
                    "{documents} WHERE owner_id = $1 AND kind = $2 AND id < $3 \
                     ORDER BY id DESC LIMIT $4"
                ))
                .await?,
            due: client
                .prepare(&format!(
                    "{documents} WHERE kind = $1 AND due_at <= $2 AND (due_at, id) > ($3, $4) \
                     ORDER BY due_at, id LIMIT $5"
                ))
                .await?,
            services: client
                .prepare(&format!(
                    "SELECT {SERVICE_COLUMNS} FROM bank_service \
                     WHERE $1::bigint IS NULL OR id = $1 ORDER BY id"
                ))
                .await?,
            put_service: client.prepare(PUT_SERVICE).await?,
            balance: client
                .prepare("SELECT coalesce(sum(amount), 0)::bigint FROM balance WHERE account = $1")
                .await?,
            directory: client
                .prepare("SELECT mfo, name, is_member FROM bank_directory ORDER BY mfo")
                .await?,
            put_directory: client.prepare(PUT_DIRECTORY).await?,
            registers: [
                register(Register::Partners).await?,
                register(Register::SettlementRules).await?,
            ],
        })
    }

    fn register(&self, register: Register) -> &(Statement, Statement) {
        let [partners, rules] = &self.registers;
        match register {
            Register::Partners => partners,
            Register::SettlementRules => rules,
        }
    }
}

const PUT_SERVICE: &str = "INSERT INTO bank_service (id, partner_id, settings, available, \
     reserved, last_line) VALUES ($1, $2, $3, 0, 0, 0) \
     ON CONFLICT (id) DO UPDATE SET settings = excluded.settings";

const PUT_DIRECTORY: &str = "INSERT INTO bank_directory (mfo, name, is_member) \
     SELECT * FROM UNNEST($1::text[], $2::text[], $3::boolean[]) \
     ON CONFLICT (mfo) DO UPDATE SET name = excluded.name, is_member = excluded.is_member";

fn only<'a>(found: &'a [Row], what: &str) -> Result<&'a Row, StoreError> {
    Ok(found.first().ok_or_else(|| PostgresFailure::new(what))?)
}

impl Readers {
    pub(crate) async fn document(&self, id: DocumentId) -> Result<Option<Document>, StoreError> {
        let found = self.ask(|reader| &reader.documents.by_id, &[&&id.as_bytes()[..]]).await?;
        found.first().map(document).transpose()
    }

    pub(crate) async fn document_by_key(
        &self,
        key: String,
    ) -> Result<Option<Document>, StoreError> {
        let found = self.ask(|reader| &reader.documents.by_key, &[&key]).await?;
        found.first().map(document).transpose()
    }

    pub(crate) async fn documents(
        &self,
        range: DocumentRange,
    ) -> Result<Vec<Document>, StoreError> {
        let DocumentRange { kind, owner, before, limit } = range;
        let before = before.unwrap_or(DocumentId([0xff; ID_BYTES]));
        let parameters: Parameters<'_> = &[
            &&owner.as_bytes()[..],
            &DocumentKind::number(kind),
            &&before.as_bytes()[..],
            &i64::from(limit),
        ];
        let found = self.ask(|reader| &reader.documents.range, parameters).await?;
        found.iter().map(document).collect()
    }

    pub(crate) async fn due_documents(
        &self,
        kind: DocumentKind,
        now: UnixMillis,
        (time, id): (UnixMillis, DocumentId),
        limit: u32,
    ) -> Result<Vec<Document>, StoreError> {
        let (kind, id) = (kind.number(), &id.as_bytes()[..]);
        let parameters: Parameters<'_> = &[&kind, &now.0, &time.0, &id, &i64::from(limit)];
        let found = self.ask(|reader| &reader.documents.due, parameters).await?;
        found.iter().map(document).collect()
    }

    pub(crate) async fn services(&self) -> Result<Vec<BankService>, StoreError> {
        let found = self.ask(|reader| &reader.documents.services, &[&None::<i64>]).await?;
        found.iter().map(service).collect()
    }

    pub(crate) async fn service(&self, id: ServiceId) -> Result<Option<BankService>, StoreError> {
        let found =
            self.ask(|reader| &reader.documents.services, &[&Some(i64::from(id.0))]).await?;
        found.first().map(service).transpose()
    }

    pub(crate) async fn put_service(&self, service: &BankService) -> Result<(), StoreError> {
        let parameters: Parameters<'_> = &[
            &i64::from(service.id.0),
            &&service.partner.as_bytes()[..],
            &service_json::to_json(service)?,
        ];
        self.ask(|reader| &reader.documents.put_service, parameters).await?;
        Ok(())
    }

    pub(crate) async fn balance(&self, account: Account) -> Result<i64, StoreError> {
        let found = self.ask(|reader| &reader.documents.balance, &[&account.to_string()]).await?;
        Ok(only(&found, "a balance has no row")?.try_get(0)?)
    }

    pub(crate) async fn register(
        &self,
        register: Register,
    ) -> Result<Vec<([u8; ID_BYTES], String)>, StoreError> {
        let found = self.ask(|reader| &reader.documents.register(register).0, &[]).await?;
        let read = |row: &Row| {
            let id: &[u8] = row.try_get(0)?;
            Ok((id.try_into().map_err(|_| StoreError::Corrupt("id"))?, row.try_get(1)?))
        };
        found.iter().map(read).collect()
    }

    pub(crate) async fn put_register(
        &self,
        register: Register,
        key: [u8; ID_BYTES],
        settings: String,
    ) -> Result<(), StoreError> {
        let parameters: Parameters<'_> = &[&&key[..], &settings];
        self.ask(|reader| &reader.documents.register(register).1, parameters).await?;
        Ok(())
    }

    pub(crate) async fn bank_directory(&self) -> Result<Vec<BankEntry>, StoreError> {
        let found = self.ask(|reader| &reader.documents.directory, &[]).await?;
        let read = |row: &Row| {
            Ok(BankEntry {
                mfo: row.try_get(0)?,
                name: row.try_get(1)?,
                is_member: row.try_get(2)?,
            })
        };
        found.iter().map(read).collect()
    }

    pub(crate) async fn put_bank_directory(
        &self,
        entries: Vec<BankEntry>,
    ) -> Result<(), StoreError> {
        // One statement cannot replace a row twice: of a code that comes twice the last counts.
        let entries: BTreeMap<&str, &BankEntry> =
            entries.iter().map(|entry| (entry.mfo.as_str(), entry)).collect();
        let codes: Vec<&str> = entries.keys().copied().collect();
        let names: Vec<&str> = entries.values().map(|entry| entry.name.as_str()).collect();
        let members: Vec<bool> = entries.values().map(|entry| entry.is_member).collect();
        let parameters: Parameters<'_> = &[&codes, &names, &members];
        self.ask(|reader| &reader.documents.put_directory, parameters).await?;
        Ok(())
    }
}
