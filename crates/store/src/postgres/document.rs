//! Documents, their keys, bank services and statements, a batch at a time.

use std::sync::Arc;

use chorsu_core::bank_service::Direction;
use chorsu_core::document::Envelope;
use chorsu_core::order::StatementLine;
use chorsu_core::rows::KeyChange;
use chorsu_core::{
    BankService, Document, DocumentId, DocumentKind, OwnerId, PartnerId, Rows, ServiceId,
};
use tokio_postgres::{Client, Row, Statement};

use super::row::{id, millis, shared_text, tiyin};
use super::write::{Columns, Run, column};
use crate::batch::Needs;
use crate::error::{PostgresFailure, StoreError};
use crate::service_json::ServiceColumns;
use crate::{document_json, service_json};

/// The columns [`document`] reads, in its order.
pub(super) const DOCUMENT_COLUMNS: &str = "document.id, document.kind, document.owner_id, \
     document.state, document.amount, document.created_at, document.due_at, document.body";

/// The columns [`service`] reads, in its order.
pub(super) const SERVICE_COLUMNS: &str = "id, partner_id, available, reserved, last_line, settings";

/// A document from [`DOCUMENT_COLUMNS`].
pub(super) fn document(row: &Row) -> Result<Document, StoreError> {
    let kind = DocumentKind::from_number(row.try_get(1)?).ok_or(StoreError::Corrupt("document"))?;
    let envelope = Envelope {
        id: id(row, 0, DocumentId::from_bytes)?,
        kind,
        owner: id(row, 2, OwnerId::from_bytes)?,
        state: row.try_get(3)?,
        amount: tiyin(row, 4)?,
        created_at: millis(row, 5)?.ok_or(StoreError::Corrupt("document"))?,
        due_at: millis(row, 6)?,
    };
    document_json::from_json(&envelope, row.try_get(7)?)
}

/// A service from [`SERVICE_COLUMNS`].
pub(super) fn service(row: &Row) -> Result<BankService, StoreError> {
    let columns = ServiceColumns {
        id: row.try_get(0)?,
        partner: id(row, 1, PartnerId::from_bytes)?,
        available: row.try_get(2)?,
        reserved: row.try_get(3)?,
        last_line: row.try_get(4)?,
    };
    service_json::from_row(&columns, row.try_get(5)?)
}

/// A line of a statement.
pub(super) fn line(row: &Row) -> Result<StatementLine, StoreError> {
    const CORRUPT: StoreError = StoreError::Corrupt("statement");
    Ok(StatementLine {
        service: ServiceId(u32::try_from(row.try_get::<_, i64>(0)?).map_err(|_| CORRUPT)?),
        id: row.try_get(1)?,
        direction: Direction::from_number(row.try_get(2)?).ok_or(CORRUPT)?,
        document: id(row, 3, DocumentId::from_bytes)?,
        at: millis(row, 4)?.ok_or(CORRUPT)?,
        bank_day: row.try_get(5)?,
        amount: tiyin(row, 6)?,
        number: row.try_get(7)?,
        parties: shared_text(row, 8)?.ok_or(CORRUPT)?,
    })
}

/// The prepared statements about documents.
pub(super) struct DocumentStatements {
    documents: Statement,
    keys: Statement,
    services: Statement,
    insert: Statement,
    update: Statement,
    key_insert: Statement,
    key_update: Statement,
    key_delete: Statement,
    service_update: Statement,
    line_insert: Statement,
}

impl DocumentStatements {
    /// Prepares all of them.
    ///
    /// # Errors
    /// When the connection breaks or the schema is not ours.
    pub(super) async fn prepare(client: &Client) -> Result<Self, StoreError> {
        // Rows are locked in key order, see the statements about receipts, and therefore by one
        // statement, whether they are named or found. Keys are read by the next one: it sees where
        // they lead once the locks are held, for whoever changes a key holds its document.
        let documents = format!(
            "SELECT {DOCUMENT_COLUMNS} FROM document WHERE id = ANY($1 || \
             ARRAY(SELECT document_id FROM document_key WHERE key = ANY($2))) \
             ORDER BY id FOR UPDATE"
        );
        let keys = "SELECT key, document_id FROM document_key WHERE key = ANY($1)";
        let services = format!(
            "SELECT {SERVICE_COLUMNS} FROM bank_service WHERE id = ANY($1) ORDER BY id FOR UPDATE"
        );
        Ok(Self {
            documents: client.prepare(&documents).await?,
            keys: client.prepare(keys).await?,
            services: client.prepare(&services).await?,
            insert: client.prepare(INSERT).await?,
            update: client.prepare(UPDATE).await?,
            key_insert: client.prepare(KEY_INSERT).await?,
            key_update: client.prepare(KEY_UPDATE).await?,
            key_delete: client.prepare("DELETE FROM document_key WHERE key = ANY($1)").await?,
            service_update: client.prepare(SERVICE_UPDATE).await?,
            line_insert: client.prepare(LINE_INSERT).await?,
        })
    }
}

const INSERT: &str = "INSERT INTO document (id, kind, owner_id, state, amount, created_at, due_at, \
     body) SELECT * FROM UNNEST($1::bytea[], $2::smallint[], $3::bytea[], $4::smallint[], \
     $5::bigint[], $6::bigint[], $7::bigint[], $8::text[])";

const UPDATE: &str = "UPDATE document SET state = new.state, amount = new.amount, \
     due_at = new.due_at, body = new.body \
     FROM UNNEST($1::bytea[], $2::smallint[], $3::bigint[], $4::bigint[], $5::text[]) \
     AS new (id, state, amount, due_at, body) WHERE document.id = new.id";

/// Fails, and the batch with it, when another document has one of the keys by now.
const KEY_INSERT: &str = "INSERT INTO document_key (key, document_id) \
     SELECT * FROM UNNEST($1::text[], $2::bytea[])";

const KEY_UPDATE: &str = "UPDATE document_key SET document_id = new.document_id \
     FROM UNNEST($1::text[], $2::bytea[]) AS new (key, document_id) \
     WHERE document_key.key = new.key";

const SERVICE_UPDATE: &str = "UPDATE bank_service SET available = new.available, \
     reserved = new.reserved, last_line = new.last_line \
     FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) \
     AS new (id, available, reserved, last_line) WHERE bank_service.id = new.id";

const LINE_INSERT: &str = "INSERT INTO statement_line (service_id, id, direction, document_id, at, \
     bank_day, amount, number, parties) SELECT * FROM UNNEST($1::bigint[], $2::bigint[], \
     $3::smallint[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], \
     $9::text[])";

/// Reads and locks the documents and services a batch needs, within its transaction. What it sends
/// leaves with whatever is polled beside it.
///
/// # Errors
/// When PostgreSQL fails.
pub(super) async fn load(
    client: &Client,
    statements: &DocumentStatements,
    needs: &Needs,
) -> Result<DocumentRows, StoreError> {
    let ids: Vec<&[u8]> = needs.documents.iter().map(|id| &id.as_bytes()[..]).collect();
    let keys: Vec<&str> = needs.lookups.iter().map(|key| &**key).collect();
    let services: Vec<i64> = needs.services.iter().map(|id| i64::from(id.0)).collect();
    let (documents, found_keys, services) = tokio::join!(
        biased;
        async {
            if ids.is_empty() && keys.is_empty() { return Ok(Vec::new()) }
            client.query(&statements.documents, &[&ids, &keys]).await
        },
        async {
            if keys.is_empty() { return Ok(Vec::new()) }
            client.query(&statements.keys, &[&keys]).await
        },
        async {
            if services.is_empty() { return Ok(Vec::new()) }
            client.query(&statements.services, &[&services]).await
        },
    );
    Ok(DocumentRows { documents: documents?, keys: found_keys?, services: services? })
}

/// What [`load`] has found.
#[derive(Default)]
pub(super) struct DocumentRows {
    documents: Vec<Row>,
    keys: Vec<Row>,
    services: Vec<Row>,
}

impl DocumentRows {
    /// Puts the rows where decisions look for them.
    ///
    /// # Errors
    /// When a row is not one that we have written, or when another lane has taken a key while this
    /// one waited for its locks; the batch is then to be tried again.
    pub(super) fn into_rows(self, needs: &Needs, rows: &mut Rows) -> Result<(), StoreError> {
        for found in &self.documents {
            let document = document(found)?;
            rows.documents.insert(document.id(), Arc::new(document));
        }
        rows.keys_seen.extend(needs.lookups.iter().map(|key| (key.clone(), false)));
        for found in &self.keys {
            let key: Arc<str> = Arc::from(found.try_get::<_, &str>(0)?);
            let document = id(found, 1, DocumentId::from_bytes)?;
            if !rows.documents.contains_key(&document) {
                return Err(PostgresFailure::new("another lane has just taken a key").into());
            }
            rows.document_keys.insert(key.clone(), document);
            rows.keys_seen.insert(key, true);
        }
        for found in &self.services {
            let service = service(found)?;
            rows.services.insert(service.id, Arc::new(service));
        }
        Ok(())
    }
}

/// What a batch changes of documents.
#[derive(Default)]
pub(super) struct DocumentChanges<'a> {
    new: Vec<Written>,
    changed: Vec<Written>,
    keys_new: Vec<(&'a str, DocumentId)>,
    keys_changed: Vec<(&'a str, DocumentId)>,
    keys_gone: Vec<&'a str>,
    services: Vec<&'a BankService>,
    lines: &'a [StatementLine],
}

/// A document as it is written.
struct Written {
    envelope: Envelope,
    body: String,
}

impl<'a> DocumentChanges<'a> {
    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.new.is_empty()
            && self.changed.is_empty()
            && self.keys_new.is_empty()
            && self.keys_changed.is_empty()
            && self.keys_gone.is_empty()
            && self.services.is_empty()
            && self.lines.is_empty()
    }

    /// The changes of `rows`.
    ///
    /// # Errors
    /// When a document cannot be written as text, which never happens.
    pub(super) fn of(rows: &'a Rows) -> Result<Self, StoreError> {
        let mut changes = Self { lines: &rows.lines_new, ..Self::default() };
        for document in rows.documents_changed.iter().filter_map(|id| rows.documents.get(id)) {
            let body = document_json::to_json(document)?;
            let written = Written { envelope: document.envelope(), body };
            let is_new = rows.documents_new.contains(&written.envelope.id);
            if is_new { &mut changes.new } else { &mut changes.changed }.push(written);
        }
        for (key, change) in rows.key_changes() {
            match change {
                KeyChange::Add(document) => changes.keys_new.push((key, document)),
                KeyChange::Move(document) => changes.keys_changed.push((key, document)),
                KeyChange::Remove => changes.keys_gone.push(key),
            }
        }
        let services = rows.services_changed.iter().filter_map(|id| rows.services.get(id));
        changes.services = services.map(|service| &**service).collect();
        Ok(changes)
    }
}

impl Run<'_> {
    /// Writes all of it; like every write of a batch it leaves without waiting for an answer.
    pub(super) async fn documents(
        &self,
        statements: &DocumentStatements,
        changes: &DocumentChanges<'_>,
    ) {
        tokio::join!(
            biased;
            self.document_insert(&statements.insert, &changes.new),
            self.document_update(&statements.update, &changes.changed),
            self.put_keys(&statements.key_insert, &changes.keys_new),
            self.put_keys(&statements.key_update, &changes.keys_changed),
            self.drop_keys(&statements.key_delete, &changes.keys_gone),
            self.service_update(&statements.service_update, &changes.services),
            self.line_insert(&statements.line_insert, changes.lines),
        );
    }

    async fn document_insert(&self, statement: &Statement, documents: &[Written]) {
        if documents.is_empty() {
            return;
        }
        let parameters: Columns<'_> = &[
            &column(documents, |document| &document.envelope.id.as_bytes()[..]),
            &column(documents, |document| document.envelope.kind.number()),
            &column(documents, |document| &document.envelope.owner.as_bytes()[..]),
            &column(documents, |document| document.envelope.state),
            &column(documents, |document| document.envelope.amount.get()),
            &column(documents, |document| document.envelope.created_at.0),
            &column(documents, |document| document.envelope.due_at.map(|at| at.0)),
            &column(documents, |document| document.body.as_str()),
        ];
        self.execute(statement, parameters).await;
    }

    async fn document_update(&self, statement: &Statement, documents: &[Written]) {
        if documents.is_empty() {
            return;
        }
        let parameters: Columns<'_> = &[
            &column(documents, |document| &document.envelope.id.as_bytes()[..]),
            &column(documents, |document| document.envelope.state),
            &column(documents, |document| document.envelope.amount.get()),
            &column(documents, |document| document.envelope.due_at.map(|at| at.0)),
            &column(documents, |document| document.body.as_str()),
        ];
        self.execute(statement, parameters).await;
    }

    async fn put_keys(&self, statement: &Statement, keys: &[(&str, DocumentId)]) {
        if keys.is_empty() {
            return;
        }
        let parameters: Columns<'_> = &[
            &column(keys, |(key, _)| *key),
            &column(keys, |(_, document)| &document.as_bytes()[..]),
        ];
        self.execute(statement, parameters).await;
    }

    async fn drop_keys(&self, statement: &Statement, keys: &[&str]) {
        if !keys.is_empty() {
            self.execute(statement, &[&keys]).await;
        }
    }

    async fn service_update(&self, statement: &Statement, services: &[&BankService]) {
        if services.is_empty() {
            return;
        }
        let parameters: Columns<'_> = &[
            &column(services, |service| i64::from(service.id.0)),
            &column(services, |service| service.available.get()),
            &column(services, |service| service.reserved.get()),
            &column(services, |service| service.last_line),
        ];
        self.execute(statement, parameters).await;
    }

    async fn line_insert(&self, statement: &Statement, lines: &[StatementLine]) {
        if lines.is_empty() {
            return;
        }
        let parameters: Columns<'_> = &[
            &column(lines, |line| i64::from(line.service.0)),
            &column(lines, |line| line.id),
            &column(lines, |line| line.direction.number()),
            &column(lines, |line| &line.document.as_bytes()[..]),
            &column(lines, |line| line.at.0),
            &column(lines, |line| line.bank_day),
            &column(lines, |line| line.amount.get()),
            &column(lines, |line| line.number),
            &column(lines, |line| &*line.parties),
        ];
        self.execute(statement, parameters).await;
    }
}
