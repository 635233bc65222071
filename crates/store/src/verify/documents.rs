//! Comparing every other document with its ledger entries and the outbox, and every bank service
//! with its accounts and its statement.

use std::collections::BTreeMap;

use chorsu_core::bank::OrderState;
use chorsu_core::fiscal_receipt::FiscalState;
use chorsu_core::plan::OutboxKind;
use chorsu_core::settlement::SettlementState;
use chorsu_core::till::{Delivery, TillState};
use chorsu_core::{Account, Document, DocumentId, EntryKind, ServiceId};

use super::receipts::AFTER_ALL_IDS;
use super::{
    ByDocument, EntryOf, Family, IdRange, IntentOf, Ledger, PAGE, Progress, Report, Stage,
    StoredDocument, StoredStatement, debits, is_reverse, parse_postings,
};
use crate::error::StoreError;

/// Checks every document and every service.
pub(super) async fn check(
    ledger: &impl Ledger,
    report: &mut Report,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), StoreError> {
    let total = ledger.document_count().await?;
    let mut statements = Statements::new();
    let mut after = Vec::new();
    let mut page = ledger.documents(&after, PAGE).await?;
    loop {
        let last = page.last().map(|stored| stored.id.as_bytes().to_vec());
        let is_end = last.is_none();
        let range = IdRange { after, last: last.unwrap_or_else(|| AFTER_ALL_IDS.to_vec()) };
        let (entries, intents, next) = tokio::join!(
            biased;
            ledger.entries_of(Family::Documents, &range),
            ledger.intents_of(Family::Documents, &range),
            ledger.documents(&range.last, PAGE),
        );
        let entries = entries?;
        check_page(&page, &entries, &intents?, report);
        let mut entries = ByDocument { rows: &entries, id: |entry| entry.document };
        for StoredDocument { id, document } in &page {
            entries.before(*id);
            let entries = entries.of(*id);
            if let Some(document) = document {
                note_lines(document, entries, &mut statements);
            }
        }
        progress(Progress { stage: Stage::Documents, done: report.documents, total });
        if is_end {
            break;
        }
        (page, after) = (next?, range.last);
    }
    services(ledger, &statements, report).await
}

/// How many lines the statement of a service must have, and what they must sum to.
#[derive(Default)]
struct Lines {
    count: i64,
    incoming: i128,
    outgoing: i128,
}

type Statements = BTreeMap<ServiceId, Lines>;

impl Lines {
    /// Counts a line of so much, in or out when that is below zero; none of nothing.
    fn add(&mut self, change: i128) {
        self.count += i64::from(change != 0);
        self.incoming += change.max(0);
        self.outgoing += (-change).max(0);
    }
}

/// Counts the lines that a document must have on the statement of its service. Those of a
/// settlement are as many as its entries about the service.
fn note_lines(document: &Document, entries: &[EntryOf], statements: &mut Statements) {
    match document {
        Document::Order(order) if order.state == OrderState::Posted && order.is_funded => {
            let lines = statements.entry(order.service).or_default();
            lines.add(-i128::from(order.amount.get()));
            lines.add(-i128::from(order.commission.get()));
        }
        Document::Incoming(incoming) => {
            let lines = statements.entry(incoming.service).or_default();
            lines.add(i128::from(incoming.amount.get()));
        }
        Document::Settlement(settlement) => {
            let lines = statements.entry(settlement.service).or_default();
            let service = Account::Service(settlement.service).to_string();
            for entry in entries {
                let postings = parse_postings(&entry.postings).unwrap_or_default();
                let own = postings.iter().filter(|(account, _)| *account == service);
                lines.add(-own.map(|(_, amount)| i128::from(*amount)).sum::<i128>());
            }
        }
        _ => {}
    }
}

fn check_page(
    documents: &[StoredDocument],
    entries: &[EntryOf],
    intents: &[IntentOf],
    report: &mut Report,
) {
    let mut entries = ByDocument { rows: entries, id: |entry| entry.document };
    let mut intents = ByDocument { rows: intents, id: |intent| intent.document };
    for StoredDocument { id, document } in documents {
        strays(entries.before(*id), intents.before(*id), report);
        let (entries, intents) = (entries.of(*id), intents.of(*id));
        match document {
            Some(document) => Check { document, entries }.run(intents, report),
            None => report.find(format_args!("document {id} is not readable")),
        }
        report.documents += 1;
    }
    strays(entries.rows, intents.rows, report);
}

/// Rows about documents that do not exist.
fn strays(entries: &[EntryOf], intents: &[IntentOf], report: &mut Report) {
    for EntryOf { kind, document, .. } in entries {
        report.find(format_args!(
            "a {kind} entry is about document {document}, which does not exist"
        ));
    }
    for IntentOf { kind, document, .. } in intents {
        report.find(format_args!("a {kind} waits for document {document}, which does not exist"));
    }
}

/// One document with its entries.
struct Check<'a> {
    document: &'a Document,
    entries: &'a [EntryOf],
}

/// An entry a document must have, and its gross amount.
type Expected = (EntryKind, i128);

impl Check<'_> {
    fn run(&self, intents: &[IntentOf], report: &mut Report) {
        let id = self.document.id();
        let owner = self.document.envelope().owner;
        for entry in self.entries.iter().filter(|entry| entry.owner != owner) {
            report.find(format_args!(
                "the {} entry of document {id} is kept for another owner",
                entry.kind
            ));
        }
        let expected = expected(self.document);
        let kinds = expected.iter().map(|(kind, _)| kind.code());
        let kinds: Vec<&str> = kinds.chain(self.suspense(report)).collect();
        let mut found: Vec<&str> = self.entries.iter().map(|entry| entry.kind.as_str()).collect();
        let mut wanted = kinds.clone();
        found.sort_unstable();
        wanted.sort_unstable();
        if found != wanted {
            report.find(format_args!(
                "document {id} in state {} must have the entries {kinds:?}, but has {found:?}",
                self.document.envelope().state
            ));
            return;
        }
        self.amounts(id, &expected, report);
        self.intents(intents, report);
    }

    fn amounts(&self, id: DocumentId, expected: &[Expected], report: &mut Report) {
        let postings = |kind: EntryKind| {
            let entry = self.entries.iter().find(|entry| entry.kind == kind.code())?;
            parse_postings(&entry.postings)
        };
        for (kind, amount) in expected {
            if let Some(gross) = postings(*kind).map(|lines| debits(&lines))
                && gross != *amount
            {
                let kind = kind.code();
                report.find(format_args!(
                    "the {kind} entry of document {id} is about {gross} instead of {amount}"
                ));
            }
        }
        let pairs = [
            (EntryKind::TillPaid, EntryKind::TillReversed),
            (EntryKind::OrderAccepted, EntryKind::OrderDeleted),
        ];
        for (taken, given) in pairs {
            if let (Some(taken), Some(back)) = (postings(taken), postings(given))
                && !is_reverse(&taken, &back)
                && !is_swapped(&taken, &back)
            {
                let given = given.code();
                report.find(format_args!(
                    "the {given} entry of document {id} is not the reverse of what was taken"
                ));
            }
        }
    }

    /// A settlement's money goes to suspense and comes back as often as it was sent anew; what is
    /// there now must be what the settlement says. Returns the kinds of the entries that do so.
    fn suspense(&self, report: &mut Report) -> Vec<&'static str> {
        let mut kinds = Vec::new();
        let Document::Settlement(settlement) = self.document else { return kinds };
        let suspense = Account::Suspense.to_string();
        let mut held = 0;
        for kind in [EntryKind::SettlementHeld, EntryKind::SettlementResumed] {
            for entry in self.entries.iter().filter(|entry| entry.kind == kind.code()) {
                let Some(lines) = parse_postings(&entry.postings) else { continue };
                let there = lines.iter().filter(|(account, _)| *account == suspense);
                held -= there.map(|(_, amount)| i128::from(*amount)).sum::<i128>();
                kinds.push(kind.code());
            }
        }
        if held != i128::from(settlement.suspended.get()) {
            report.find(format_args!(
                "settlement {} says that {} of it is in suspense, but the ledger says {held}",
                settlement.id,
                settlement.suspended.get()
            ));
        }
        kinds
    }

    fn intents(&self, intents: &[IntentOf], report: &mut Report) {
        let expected = waiting(self.document);
        let kinds: Vec<&str> = expected.iter().map(|(kind, _)| kind.code()).collect();
        let found: Vec<&str> = intents.iter().map(|intent| intent.kind.as_str()).collect();
        let amount = self.document.envelope().amount.get();
        let fits = |(intent, (_, operation)): (&IntentOf, &(OutboxKind, Option<&[u8]>))| {
            *operation == Some(intent.operation.as_slice()) && intent.amount == amount
        };
        if found != kinds || !intents.iter().zip(&expected).all(fits) {
            report.find(format_args!(
                "document {} in state {} and the outbox do not agree on what is being asked: \
                 {found:?} instead of {kinds:?}",
                self.document.id(),
                self.document.envelope().state
            ));
        }
    }
}

/// Whether one entry gives back, line for line, what another took, in any order.
fn is_swapped(taken: &super::Postings<'_>, given: &super::Postings<'_>) -> bool {
    let mut lines = taken.clone();
    lines.extend(given.iter().copied());
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for (account, amount) in lines {
        *sums.entry(account).or_default() += i128::from(amount);
    }
    sums.values().all(|sum| *sum == 0)
}

/// The entries a document must have in its state, and their gross amounts.
fn expected(document: &Document) -> Vec<Expected> {
    match document {
        Document::Till(payment) => {
            let amount = i128::from(payment.amount.get());
            let paid = (EntryKind::TillPaid, amount);
            match payment.state {
                TillState::Sent | TillState::Unknown | TillState::Declined => Vec::new(),
                TillState::Succeeded | TillState::Reversing => vec![paid],
                TillState::Reversed => vec![paid, (EntryKind::TillReversed, amount)],
            }
        }
        Document::Order(order) if order.is_funded => {
            let total = i128::from(order.amount.get()) + i128::from(order.commission.get());
            let accepted = (EntryKind::OrderAccepted, total);
            match order.state {
                OrderState::Entered => vec![accepted],
                OrderState::Posted => vec![accepted, (EntryKind::OrderPosted, total)],
                OrderState::Deleted => vec![accepted, (EntryKind::OrderDeleted, total)],
            }
        }
        Document::Incoming(incoming) => {
            vec![(EntryKind::BankReceived, i128::from(incoming.amount.get()))]
        }
        Document::Movement(movement) => {
            vec![(EntryKind::BankMoved, i128::from(movement.amount.get()))]
        }
        Document::Settlement(settlement) => match settlement.state {
            SettlementState::Proposed | SettlementState::Withdrawn => Vec::new(),
            SettlementState::Sent | SettlementState::Settled | SettlementState::Differs => {
                vec![(EntryKind::Settled, i128::from(settlement.gross.get()))]
            }
        },
        Document::Order(_) | Document::Fiscal(_) | Document::Shift(_) => Vec::new(),
    }
}

/// What a document waits for, with the request's id.
fn waiting(document: &Document) -> Vec<(OutboxKind, Option<&[u8]>)> {
    match document {
        Document::Till(payment) => {
            let operation = payment.operation.as_ref().map(|id| &id.as_bytes()[..]);
            let is_delivering =
                payment.fiscal.as_ref().is_some_and(|fiscal| fiscal.delivery == Delivery::Queued);
            match payment.state {
                TillState::Sent | TillState::Unknown => vec![(OutboxKind::TillPay, operation)],
                TillState::Reversing => vec![(OutboxKind::TillReverse, operation)],
                _ if is_delivering && operation.is_some() => {
                    vec![(OutboxKind::TillDeliver, operation)]
                }
                _ if payment.is_untold() => vec![(OutboxKind::TillPay, operation)],
                _ => Vec::new(),
            }
        }
        Document::Fiscal(receipt) if receipt.state == FiscalState::Draft => {
            let operation = receipt.operation.as_ref().map(|id| &id.as_bytes()[..]);
            vec![(OutboxKind::FiscalRegister, operation)]
        }
        _ => Vec::new(),
    }
}

/// Compares what services have with the ledger, and their statements with their numbers and with
/// the documents behind them.
async fn services(
    ledger: &impl Ledger,
    documents: &Statements,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut balances: BTreeMap<String, i128> = BTreeMap::new();
    for balance in ledger.balances().await? {
        *balances.entry(balance.account).or_default() += i128::from(balance.amount);
    }
    let statements = ledger.statements().await?;
    for service in ledger.services().await? {
        let id = service.id;
        let sums = [
            (Account::Service(id), service.available),
            (Account::ServiceReserved(id), service.reserved),
        ];
        for (account, amount) in sums {
            let owed = -balances.get(&account.to_string()).copied().unwrap_or(0);
            if owed != i128::from(amount.get()) {
                report.find(format_args!(
                    "service {id} says {} for account {account}, but the ledger says {owed}",
                    amount.get()
                ));
            }
        }
        let found = statements.iter().find(|statement| statement.service == id).copied();
        let none = StoredStatement { service: id, lines: 0, last: 0, incoming: 0, outgoing: 0 };
        let found = found.unwrap_or(none);
        let money = i128::from(service.available.get()) + i128::from(service.reserved.get());
        let sum = i128::from(found.incoming) - i128::from(found.outgoing);
        if sum != money {
            report.find(format_args!(
                "the lines of the statement of service {id} sum to {sum}, but it has {money}"
            ));
        }
        statement(
            &found,
            service.last_line,
            documents.get(&id).unwrap_or(&Lines::default()),
            report,
        );
    }
    Ok(())
}

/// Compares one statement with the number of its last line and with the documents behind it.
fn statement(found: &StoredStatement, last_line: i64, must: &Lines, report: &mut Report) {
    let StoredStatement { service, lines, last, incoming, outgoing } = found;
    if (*lines, *last) != (last_line, last_line) {
        report.find(format_args!(
            "the statement of service {service} must have {last_line} lines, but has {lines} up \
             to {last}"
        ));
    }
    let sums = (must.count, must.incoming, must.outgoing);
    if sums != (*lines, i128::from(*incoming), i128::from(*outgoing)) {
        report.find(format_args!(
            "the {lines} lines of the statement of service {service} sum to {incoming} in and \
             {outgoing} out, but the {} documents behind them to {} in and {} out",
            must.count, must.incoming, must.outgoing
        ));
    }
}
