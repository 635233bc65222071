//! The SQL of documents, their keys, bank services and statements.

use chorsu_core::document::Envelope;
use chorsu_core::order::StatementLine;
use chorsu_core::rows::KeyChange;
use chorsu_core::{BankService, Document, DocumentId, DocumentKind, PartnerId, Rows, ServiceId};
use rusqlite::{Connection, Row, params};

use super::row::{document_id, millis, optional, owner_id, text, tiyin};
use crate::error::StoreError;
use crate::service_json::ServiceColumns;
use crate::{document_json, service_json};

/// The columns [`document`] reads, in its order.
pub(super) const DOCUMENT_COLUMNS: &str =
    "id, kind, owner_id, state, amount, created_at, due_at, body";

/// The columns [`service`] reads, in its order.
pub(super) const SERVICE_COLUMNS: &str = "id, partner_id, available, reserved, last_line, settings";

/// A document from [`DOCUMENT_COLUMNS`].
pub(super) fn document(row: &Row<'_>) -> Result<Document, StoreError> {
    let kind = DocumentKind::from_number(row.get(1)?).ok_or(StoreError::Corrupt("document"))?;
    let envelope = Envelope {
        id: document_id(row, 0)?,
        kind,
        owner: owner_id(row, 2)?,
        state: row.get(3)?,
        amount: tiyin(row, 4)?,
        created_at: millis(row, 5)?,
        due_at: optional(row, 6, millis)?,
    };
    document_json::from_json(&envelope, text(row, 7)?)
}

/// A service from [`SERVICE_COLUMNS`].
pub(super) fn service(row: &Row<'_>) -> Result<BankService, StoreError> {
    let columns = ServiceColumns {
        id: row.get(0)?,
        partner: PartnerId(owner_id(row, 1)?.0),
        available: row.get(2)?,
        reserved: row.get(3)?,
        last_line: row.get(4)?,
    };
    service_json::from_row(&columns, text(row, 5)?)
}

/// The document with this id.
pub(super) fn find_document(
    connection: &Connection,
    id: DocumentId,
) -> Result<Option<Document>, StoreError> {
    const SQL: &str = "SELECT id, kind, owner_id, state, amount, created_at, due_at, body \
         FROM document WHERE id = ?1";
    let mut query = connection.prepare_cached(SQL)?;
    let mut found = query.query([id.as_bytes()])?;
    found.next()?.map(document).transpose()
}

/// The id of the document that is found under `key`.
pub(super) fn find_key(
    connection: &Connection,
    key: &str,
) -> Result<Option<DocumentId>, StoreError> {
    let mut query =
        connection.prepare_cached("SELECT document_id FROM document_key WHERE key = ?1")?;
    let mut found = query.query([key])?;
    found.next()?.map(|row| document_id(row, 0)).transpose()
}

/// The service of this number.
pub(super) fn find_service(
    connection: &Connection,
    id: ServiceId,
) -> Result<Option<BankService>, StoreError> {
    const SQL: &str = "SELECT id, partner_id, available, reserved, last_line, settings \
         FROM bank_service WHERE id = ?1";
    let mut query = connection.prepare_cached(SQL)?;
    let mut found = query.query([id.0])?;
    found.next()?.map(service).transpose()
}

/// Writes what a batch changed of documents, keys, services and statements.
pub(super) fn write(connection: &Connection, rows: &Rows) -> Result<(), StoreError> {
    for id in &rows.documents_changed {
        let Some(document) = rows.documents.get(id) else { continue };
        if rows.documents_new.contains(id) {
            insert(connection, document)?;
        } else {
            update(connection, document)?;
        }
    }
    for (key, change) in rows.key_changes() {
        change_key(connection, key, change)?;
    }
    for id in &rows.services_changed {
        let Some(service) = rows.services.get(id) else { continue };
        update_service(connection, service)?;
    }
    rows.lines_new.iter().try_for_each(|line| insert_line(connection, line))
}

fn insert(connection: &Connection, document: &Document) -> Result<(), StoreError> {
    let envelope = document.envelope();
    connection
        .prepare_cached(
            "INSERT INTO document (id, kind, owner_id, state, amount, created_at, due_at, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            envelope.id.as_bytes(),
            envelope.kind.number(),
            envelope.owner.as_bytes(),
            envelope.state,
            envelope.amount.get(),
            envelope.created_at.0,
            envelope.due_at.map(|at| at.0),
            document_json::to_json(document)?,
        ])?;
    Ok(())
}

fn update(connection: &Connection, document: &Document) -> Result<(), StoreError> {
    let envelope = document.envelope();
    let changed = connection
        .prepare_cached(
            "UPDATE document SET state = ?2, amount = ?3, due_at = ?4, body = ?5 WHERE id = ?1",
        )?
        .execute(params![
            envelope.id.as_bytes(),
            envelope.state,
            envelope.amount.get(),
            envelope.due_at.map(|at| at.0),
            document_json::to_json(document)?,
        ])?;
    assert!(changed == 1, "a document that was read can be written");
    Ok(())
}

fn change_key(connection: &Connection, key: &str, change: KeyChange) -> Result<(), StoreError> {
    match change {
        KeyChange::Add(document) => connection
            .prepare_cached("INSERT INTO document_key (key, document_id) VALUES (?1, ?2)")?
            .execute(params![key, document.as_bytes()])?,
        KeyChange::Move(document) => connection
            .prepare_cached("UPDATE document_key SET document_id = ?2 WHERE key = ?1")?
            .execute(params![key, document.as_bytes()])?,
        KeyChange::Remove => {
            connection.prepare_cached("DELETE FROM document_key WHERE key = ?1")?.execute([key])?
        }
    };
    Ok(())
}

fn update_service(connection: &Connection, service: &BankService) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE bank_service SET available = ?2, reserved = ?3, last_line = ?4 WHERE id = ?1",
        )?
        .execute(params![
            service.id.0,
            service.available.get(),
            service.reserved.get(),
            service.last_line,
        ])?;
    Ok(())
}

/// Adds a service or changes its settings; its money is changed by decisions alone.
pub(super) fn put_service(
    connection: &Connection,
    service: &BankService,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO bank_service (id, partner_id, settings, available, reserved, last_line) \
             VALUES (?1, ?2, ?3, 0, 0, 0) \
             ON CONFLICT (id) DO UPDATE SET settings = excluded.settings",
        )?
        .execute(params![
            service.id.0,
            service.partner.as_bytes(),
            service_json::to_json(service)?,
        ])?;
    Ok(())
}

fn insert_line(connection: &Connection, line: &StatementLine) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO statement_line (service_id, id, direction, document_id, at, bank_day, \
             amount, number, parties) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            line.service.0,
            line.id,
            line.direction.number(),
            line.document.as_bytes(),
            line.at.0,
            line.bank_day,
            line.amount.get(),
            line.number,
            &*line.parties,
        ])?;
    Ok(())
}
