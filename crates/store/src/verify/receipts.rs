//! Comparing every receipt with its ledger entries and with the outbox.

use chorsu_core::plan::OutboxKind;
use chorsu_core::{EntryKind, ReceiptState};

use super::{
    ByDocument, EntryOf, Family, IdRange, IntentOf, Ledger, PAGE, Postings, Progress, Report,
    Stage, StoredReceipt, debits, is_reverse, parse_postings,
};
use crate::error::StoreError;

/// Greater than any id.
pub(super) const AFTER_ALL_IDS: [u8; 13] = [0xff; 13];

/// Checks every receipt, every entry's document and every intent's receipt.
pub(super) async fn check(
    ledger: &impl Ledger,
    report: &mut Report,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), StoreError> {
    let total = ledger.receipt_count().await?;
    let mut after = Vec::new();
    let mut page = ledger.receipts(&after, PAGE).await?;
    loop {
        let last = page.last().map(|receipt| receipt.id.as_bytes().to_vec());
        let is_end = last.is_none();
        let range = IdRange { after, last: last.unwrap_or_else(|| AFTER_ALL_IDS.to_vec()) };
        let (documents, intents, next) = tokio::join!(
            biased;
            ledger.entries_of(Family::Receipts, &range),
            ledger.intents_of(Family::Receipts, &range),
            ledger.receipts(&range.last, PAGE),
        );
        check_page(&page, &documents?, &intents?, report);
        progress(Progress { stage: Stage::Receipts, done: report.receipts, total });
        if is_end {
            return Ok(());
        }
        (page, after) = (next?, range.last);
    }
}

/// Walks three lists in step; each is ordered by receipt.
fn check_page(
    receipts: &[StoredReceipt],
    documents: &[EntryOf],
    intents: &[IntentOf],
    report: &mut Report,
) {
    let mut documents = ByDocument { rows: documents, id: |entry| entry.document };
    let mut intents = ByDocument { rows: intents, id: |intent| intent.document };
    for receipt in receipts {
        strays(documents.before(receipt.id.into()), intents.before(receipt.id.into()), report);
        let check = Check { receipt, documents: documents.of(receipt.id.into()) };
        check.run(intents.of(receipt.id.into()), report);
        report.receipts += 1;
    }
    strays(documents.rows, intents.rows, report);
}

/// Rows about receipts that do not exist.
fn strays(documents: &[EntryOf], intents: &[IntentOf], report: &mut Report) {
    for EntryOf { kind, document: receipt, .. } in documents {
        report
            .find(format_args!("a {kind} entry is about receipt {receipt}, which does not exist"));
    }
    for IntentOf { kind, document: receipt, .. } in intents {
        report.find(format_args!("a {kind} waits for receipt {receipt}, which does not exist"));
    }
}

/// One receipt with its entries.
struct Check<'a> {
    receipt: &'a StoredReceipt,
    documents: &'a [EntryOf],
}

impl Check<'_> {
    fn run(&self, intents: &[IntentOf], report: &mut Report) {
        let StoredReceipt { id, kassa, state: number, is_paid, is_held, .. } = self.receipt;
        let Some(state) = ReceiptState::from_number(*number) else {
            report.find(format_args!("receipt {id} is in state {number}, which does not exist"));
            return;
        };
        if !times_fit(state, *is_paid, *is_held) {
            report.find(format_args!(
                "receipt {id} is in state {number}, which does not go with its times of payment \
                 and holding"
            ));
        }
        for document in self.documents.iter().filter(|document| document.owner != (*kassa).into()) {
            report.find(format_args!(
                "the {} entry of receipt {id} is kept for another kassa",
                document.kind
            ));
        }
        let is_over = state == ReceiptState::Cancelled;
        let expected = [
            (EntryKind::ReceiptHeld, *is_held),
            (EntryKind::HoldEnded, *is_held && (*is_paid || is_over)),
            (EntryKind::ReceiptPaid, *is_paid),
            (EntryKind::ReceiptRefunded, *is_paid && is_over),
        ];
        for (kind, is_expected) in expected {
            self.count(kind, is_expected, report);
        }
        self.amounts(report);
        self.intent(state, intents, report);
    }

    /// An expected entry is there once, another one not at all.
    fn count(&self, kind: EntryKind, is_expected: bool, report: &mut Report) {
        let count = self.documents.iter().filter(|document| document.kind == kind.code()).count();
        if count != usize::from(is_expected) {
            let StoredReceipt { id, state, .. } = self.receipt;
            report.find(format_args!(
                "receipt {id} in state {state} must have {} {} entries, but has {count}",
                u8::from(is_expected),
                kind.code()
            ));
        }
    }

    fn postings(&self, kind: EntryKind) -> Option<Postings<'_>> {
        let document = self.documents.iter().find(|document| document.kind == kind.code())?;
        parse_postings(&document.postings)
    }

    /// What was paid is the receipt's amount, what was held at least that, and what was given back
    /// is exactly what had been taken.
    fn amounts(&self, report: &mut Report) {
        let StoredReceipt { id, amount, is_paid, .. } = self.receipt;
        let [paid, refunded, held, ended] = [
            EntryKind::ReceiptPaid,
            EntryKind::ReceiptRefunded,
            EntryKind::ReceiptHeld,
            EntryKind::HoldEnded,
        ]
        .map(|kind| self.postings(kind));
        let amount = i128::from(*amount);
        if let Some(paid) = paid.as_ref().map(debits).filter(|paid| *paid != amount) {
            report.find(format_args!("receipt {id} is for {amount}, but {paid} were paid"));
        }
        if let Some(held) = held.as_ref().map(debits)
            && (held < amount || (held > amount && !is_paid))
        {
            report.find(format_args!("receipt {id} is for {amount}, but {held} were held"));
        }
        for (taken, given, what) in [(paid, refunded, "refund"), (held, ended, "release")] {
            if let (Some(taken), Some(given)) = (taken, given)
                && !is_reverse(&taken, &given)
            {
                report.find(format_args!(
                    "the {what} of receipt {id} is not the exact reverse of what was taken"
                ));
            }
        }
    }

    /// A receipt that waits for a card network has its request in the outbox, and no other has.
    fn intent(&self, state: ReceiptState, intents: &[IntentOf], report: &mut Report) {
        let StoredReceipt { id, state: number, amount, is_paid, operation, .. } = self.receipt;
        let expected = match state {
            ReceiptState::Debiting => Some(OutboxKind::Debit),
            ReceiptState::Holding => Some(OutboxKind::Hold),
            ReceiptState::CloseQueued => Some(OutboxKind::Capture),
            ReceiptState::CancelQueued if *is_paid => Some(OutboxKind::Refund),
            ReceiptState::CancelQueued => Some(OutboxKind::Release),
            _ => None,
        };
        let fits = match (expected, operation, intents) {
            (None, None, []) => true,
            (Some(kind), Some(operation), [intent]) => {
                let is_part = kind == OutboxKind::Capture && intent.amount < *amount;
                intent.kind == kind.code()
                    && intent.operation == *operation
                    && (intent.amount == *amount || is_part)
            }
            _ => false,
        };
        if !fits {
            report.find(format_args!(
                "receipt {id} in state {number} and the outbox do not agree on what the card \
                 network is being asked: {} waiting",
                intents.len()
            ));
        }
    }
}

/// Whether a state goes with having been paid and having been held.
fn times_fit(state: ReceiptState, is_paid: bool, is_held: bool) -> bool {
    use ReceiptState as State;

    match state {
        State::Created | State::Checking | State::Debiting | State::Closing | State::Holding => {
            !is_paid && !is_held
        }
        State::Paid => is_paid,
        State::Held | State::CloseQueued => is_held && !is_paid,
        State::CancelQueued => is_paid || is_held,
        State::Paused | State::Cancelled => true,
    }
}
