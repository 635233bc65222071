//! Documents, their keys, bank services and statements: reading a batch of them, and what of them
//! a batch changes. How that is written is the business of the statements.

use std::sync::Arc;

use chorsu_core::bank::Direction;
use chorsu_core::document::Envelope;
use chorsu_core::order::StatementLine;
use chorsu_core::rows::KeyChange;
use chorsu_core::{
    BankService, Document, DocumentId, DocumentKind, OwnerId, PartnerId, Rows, ServiceId,
};
use tokio_postgres::{Client, Row, Statement};

use super::memory::{Seen, Versions};
use super::row::{Version, id, millis, shared_text, tiyin, version};
use crate::batch::Needs;
use crate::error::{PostgresFailure, StoreError};
use crate::service_json::ServiceColumns;
use crate::{document_json, service_json};

/// The columns [`document`] reads, in its order.
pub(super) const DOCUMENT_COLUMNS: &str = "document.id, document.kind, document.owner_id, \
     document.state, document.amount, document.created_at, document.due_at, document.body";

/// How many these are.
const DOCUMENT_WIDTH: usize = 8;

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

/// The prepared statements that read documents.
pub(super) struct DocumentStatements {
    documents: Statement,
    keys: Statement,
    services: Statement,
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
            "SELECT {DOCUMENT_COLUMNS}, document.xmin::text::bigint FROM document \
             WHERE id = ANY($1 || \
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
        })
    }
}

/// What is to be read of documents.
pub(super) struct Missing<'a> {
    ids: Vec<&'a [u8]>,
    keys: Vec<&'a Arc<str>>,
    services: Vec<i64>,
}

impl<'a> Missing<'a> {
    /// What of `needs` is not among `rows`. Keys that most likely are free are taken to be so when
    /// `is_trusting`: the statement that takes them fails when they are not.
    pub(super) fn of(needs: &'a Needs, rows: &Rows, is_trusting: bool) -> Self {
        let ids = needs.documents.iter().filter(|id| !rows.documents.contains_key(id));
        let is_read = |key: &&Arc<str>| !(is_trusting && needs.likely_free.contains(*key));
        Self {
            ids: ids.map(|id| &id.as_bytes()[..]).collect(),
            keys: needs.lookups.iter().filter(is_read).collect(),
            services: needs.services.iter().map(|id| i64::from(id.0)).collect(),
        }
    }

    /// Whether nothing is to be read.
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.keys.is_empty() && self.services.is_empty()
    }
}

/// Reads and locks the documents and services a batch needs, within its transaction. What it sends
/// leaves with whatever is polled beside it.
///
/// # Errors
/// When PostgreSQL fails.
pub(super) async fn load(
    client: &Client,
    statements: &DocumentStatements,
    missing: &Missing<'_>,
) -> Result<DocumentRows, StoreError> {
    let Missing { ids, keys, services } = missing;
    let keys: Vec<&str> = keys.iter().map(|key| &***key).collect();
    let (documents, found_keys, services) = tokio::join!(
        biased;
        async {
            if ids.is_empty() && keys.is_empty() { return Ok(Vec::new()) }
            client.query(&statements.documents, &[ids, &keys]).await
        },
        async {
            if keys.is_empty() { return Ok(Vec::new()) }
            client.query(&statements.keys, &[&keys]).await
        },
        async {
            if services.is_empty() { return Ok(Vec::new()) }
            client.query(&statements.services, &[services]).await
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
    pub(super) fn into_rows(
        self,
        missing: &Missing<'_>,
        rows: &mut Rows,
        versions: &mut Versions,
    ) -> Result<(), StoreError> {
        for found in &self.documents {
            let document = document(found)?;
            let seen = Seen { version: version(found, DOCUMENT_WIDTH)?, is_remembered: false };
            versions.documents.insert(document.id(), seen);
            rows.documents.insert(document.id(), Arc::new(document));
        }
        rows.keys_seen.extend(missing.keys.iter().map(|key| (Arc::clone(key), false)));
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

/// What a batch changes of documents, and the versions of those it was decided on.
#[derive(Default)]
pub(super) struct DocumentChanges<'a> {
    pub(super) new: Vec<Written>,
    pub(super) changed: Vec<(Written, Version)>,
    /// Documents that were remembered and stay as they are.
    pub(super) seen: Vec<(&'a [u8], Version)>,
    pub(super) keys_new: Vec<(&'a str, DocumentId)>,
    pub(super) keys_moved: Vec<(&'a str, DocumentId)>,
    pub(super) keys_gone: Vec<&'a str>,
    pub(super) services: Vec<&'a BankService>,
    pub(super) lines: &'a [StatementLine],
}

/// A document as it is written.
pub(super) struct Written {
    pub(super) envelope: Envelope,
    pub(super) body: String,
}

impl<'a> DocumentChanges<'a> {
    /// The changes of `rows`, which were read in `versions`.
    ///
    /// # Errors
    /// When a document cannot be written as text, which never happens.
    pub(super) fn of(rows: &'a Rows, versions: &'a Versions) -> Result<Self, StoreError> {
        let mut changes = Self { lines: &rows.lines_new, ..Self::default() };
        for document in rows.documents_changed.iter().filter_map(|id| rows.documents.get(id)) {
            let body = document_json::to_json(document)?;
            let written = Written { envelope: document.envelope(), body };
            match versions.documents.get(&written.envelope.id) {
                Some(seen) => changes.changed.push((written, seen.version)),
                None => changes.new.push(written),
            }
        }
        changes.seen = versions
            .documents
            .iter()
            .filter(|(id, seen)| seen.is_remembered && !rows.documents_changed.contains(id))
            .map(|(id, seen)| (&id.as_bytes()[..], seen.version))
            .collect();
        for (key, change) in rows.key_changes() {
            match change {
                KeyChange::Add(document) => changes.keys_new.push((key, document)),
                KeyChange::Move(document) => changes.keys_moved.push((key, document)),
                KeyChange::Remove => changes.keys_gone.push(key),
            }
        }
        let services = rows.services_changed.iter().filter_map(|id| rows.services.get(id));
        changes.services = services.map(|service| &**service).collect();
        Ok(changes)
    }

    /// Whether there is nothing to write and nothing to look at.
    pub(super) fn is_empty(&self) -> bool {
        self.new.is_empty()
            && self.changed.is_empty()
            && self.seen.is_empty()
            && self.keys_new.is_empty()
            && self.are_plain()
    }

    /// Whether there are no changes but those of documents and of the keys that they take.
    pub(super) fn are_plain(&self) -> bool {
        self.keys_moved.is_empty()
            && self.keys_gone.is_empty()
            && self.services.is_empty()
            && self.lines.is_empty()
    }

    /// How many documents must be of the version on which the batch was decided.
    pub(super) fn expected(&self) -> usize {
        self.changed.len() + self.seen.len()
    }
}
