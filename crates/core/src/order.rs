//! Payment orders of the bank API, and the lines of a service's statement.

use std::sync::Arc;

use crate::bank::{Direction, OrderState, ServiceId};
use crate::id::{DocumentId, PartnerId};
use crate::money::Tiyin;
use crate::step::Step;
use crate::time::UnixMillis;

/// A payment order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentOrder {
    /// Its id.
    pub id: DocumentId,
    /// Whose.
    pub partner: PartnerId,
    /// From which service it is paid.
    pub service: ServiceId,
    /// The partner's own number, unique over all services and both kinds of orders.
    pub order_key: Arc<str>,
    /// What the receiver gets.
    pub amount: Tiyin,
    /// What it costs in addition.
    pub commission: Tiyin,
    /// The number the bank knows it by (`doc_id`).
    pub doc_id: Arc<str>,
    /// Who gets it and what for, in JSON.
    pub requisites: Arc<str>,
    /// Where it stands.
    pub state: OrderState,
    /// Whether its money is set aside; an order without enough money is accepted and ends deleted.
    pub is_funded: bool,
    /// When it was accepted.
    pub created_at: UnixMillis,
    /// When it ended.
    pub ended_at: Option<UnixMillis>,
    /// The number of its line on the statement, once it was carried out.
    pub line: Option<i64>,
    /// When to look after it next; real time, absent once it has ended.
    pub due_at: Option<UnixMillis>,
    /// How often it was looked after.
    pub tries: u32,
    /// Which of its lines in the service's statement is which in that of the bank that carried it
    /// out, as far as they were found there: our number and the bank's.
    pub bank_lines: Vec<(i64, i64)>,
    /// The settlement it pays a share of.
    pub settlement: Option<DocumentId>,
    /// Why it was deleted, or what is known so far.
    pub reason: Option<Arc<str>>,
    /// What happened so far.
    pub steps: Vec<Step>,
}

impl PaymentOrder {
    /// The key under which the partner's own number is found again.
    #[must_use]
    pub fn key(partner: PartnerId, order_key: &str) -> String {
        format!("bank:{partner}:{order_key}")
    }

    /// The number of the line of its commission on the statement, which follows its own.
    #[must_use]
    pub fn commission_line(&self) -> Option<i64> {
        self.line.filter(|_| self.commission > Tiyin::ZERO).map(|line| line + 1)
    }

    /// The number of the order in statements: eight digits of its id.
    #[must_use]
    pub fn doc_number(&self) -> u32 {
        document_number(self.id)
    }
}

/// The number of a document in statements: eight digits of its id.
#[must_use]
pub const fn document_number(id: DocumentId) -> u32 {
    let id = id.0;
    u32::from_be_bytes([id[8], id[9], id[10], id[11]]) % 100_000_000
}

/// A line of a service's statement. Numbers rise within a service in the order of the commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// Which service.
    pub service: ServiceId,
    /// Its number.
    pub id: i64,
    /// Which way.
    pub direction: Direction,
    /// The order, or the incoming payment.
    pub document: DocumentId,
    /// When.
    pub at: UnixMillis,
    /// The bank day, counted as [`UnixMillis::tashkent_day`].
    pub bank_day: i64,
    /// How much.
    pub amount: Tiyin,
    /// The number of the document.
    pub number: i64,
    /// Both sides and the purpose, in JSON.
    pub parties: Arc<str>,
}

/// Services have numbers below this, so that an id of a line can carry its service.
pub const SERVICES_MAX: u32 = 1 << 20;

impl StatementLine {
    /// The id under which a line is shown: it rises within a service, and no other line of any
    /// service has it.
    #[must_use]
    pub fn shown_id(&self) -> i64 {
        let service = i64::from(self.service.0 % SERVICES_MAX);
        self.id.saturating_mul(i64::from(SERVICES_MAX)).saturating_add(service)
    }

    /// The line within its service of an id that was shown.
    #[must_use]
    pub const fn number_of(shown_id: i64) -> i64 {
        shown_id / SERVICES_MAX as i64
    }
}

/// A payment that came in for a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its id.
    pub id: DocumentId,
    /// The payer's bank's number of it: the same one is booked once.
    pub reference: Arc<str>,
    /// For which service.
    pub service: ServiceId,
    /// Whose service that is.
    pub partner: PartnerId,
    /// How much.
    pub amount: Tiyin,
    /// When.
    pub at: UnixMillis,
    /// The bank day of its line, counted as [`UnixMillis::tashkent_day`].
    pub bank_day: i64,
    /// The number of the document.
    pub number: i64,
    /// Both sides and the purpose, in JSON.
    pub parties: Arc<str>,
}

impl Incoming {
    /// The key under which it is found again.
    #[must_use]
    pub fn key(service: ServiceId, reference: &str) -> String {
        format!("incoming:{service}:{reference}")
    }
}
