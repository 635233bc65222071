//! The statement, written row by row: a page is never a tree in memory.

use chorsu_core::bank::{BankDay, Direction, LocalTime, OrderState};
use chorsu_core::{Tiyin, UnixMillis};

use crate::json::write;

/// Payer or receiver of a document.
#[derive(Clone, Copy, Debug)]
pub struct SideView<'a> {
    /// The bank's code.
    pub mfo: &'a str,
    /// The account.
    pub account: &'a str,
    /// The name.
    pub name: &'a str,
    /// The taxpayer number; empty when the document has none.
    pub tax_id: &'a str,
}

/// A document of a statement.
#[derive(Clone, Copy, Debug)]
pub struct StatementRow<'a> {
    /// Its place in the service's statement; the next page begins after it.
    pub id: i64,
    /// Its number.
    pub number: &'a str,
    /// When it was carried out.
    pub at: UnixMillis,
    /// The banking day it counts to.
    pub day: BankDay,
    /// Which way the money went.
    pub direction: Direction,
    /// Who paid.
    pub payer: SideView<'a>,
    /// Who was paid.
    pub receiver: SideView<'a>,
    /// How much.
    pub amount: Tiyin,
    /// What for.
    pub purpose: &'a str,
    /// Where it stands.
    pub status: OrderState,
}

/// A statement being written. The buffer may be sent and cleared between any two calls.
#[derive(Debug)]
pub struct StatementPage {
    empty: bool,
}

impl StatementPage {
    /// Begins a page.
    #[must_use]
    pub fn begin(out: &mut Vec<u8>) -> Self {
        out.extend_from_slice(br#"{"status":"success","data":["#);
        Self { empty: true }
    }

    /// Adds a row, about 600 bytes.
    pub fn row(&mut self, out: &mut Vec<u8>, row: &StatementRow<'_>) {
        if !std::mem::replace(&mut self.empty, false) {
            out.push(b',');
        }
        write::object(out, |o| {
            o.integer("id", row.id);
            o.string("docNumber", row.number);
            o.string("docDate", LocalTime::of(row.at).as_str());
            o.string("paymentDate", LocalTime::midnight(row.day).as_str());
            o.string("type", row.direction.word());
            o.string("mfoPayer", row.payer.mfo);
            o.string("accountPayer", row.payer.account);
            o.string("namePayer", row.payer.name);
            o.string("innPayer", row.payer.tax_id);
            o.string("mfoReceiver", row.receiver.mfo);
            o.string("accountReceiver", row.receiver.account);
            o.string("nameReceiver", row.receiver.name);
            o.string("innReceiver", row.receiver.tax_id);
            o.integer("amount", row.amount.get());
            o.string("purpose", row.purpose);
            o.string("status", row.status.word());
        });
    }

    /// Ends the page.
    pub fn end(self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"]}");
    }
}
