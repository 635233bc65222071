//! Whoever changes the books behind our back is found out.

use crate::fresh::Fresh;
use crate::world::{Shop, begun};

conformance!(tampering_is_found);

/// Statements that undo the protection of the ledger first.
fn unprotected(fresh: &Fresh, sql: &str) -> String {
    let table = if fresh.is_postgres() { " ON entry" } else { "" };
    format!(
        "DROP TRIGGER IF EXISTS entry_is_final{table}; DROP TRIGGER IF EXISTS entry_stays{table}; \
         {sql}"
    )
}

/// What an intruder does, what undoes it, and a part of each sentence that must be found.
const CASES: &[(&str, &str, &[&str])] = &[
    (
        "UPDATE entry SET postings = replace(postings, '5000', '5001') WHERE kind = 'receipt_held'",
        "UPDATE entry SET postings = replace(postings, '5001', '5000')",
        &["was changed", "is for 5000, but 5001 were held", "postings sum to"],
    ),
    (
        "UPDATE entry SET postings = replace(postings, '-5000', '-4999') \
         WHERE kind = 'receipt_held'",
        "UPDATE entry SET postings = replace(postings, '-4999', '-5000')",
        &["was changed", "does not balance", "postings sum to"],
    ),
    (
        "UPDATE entry SET at = at + 1 WHERE kind = 'receipt_paid'",
        "UPDATE entry SET at = at - 1 WHERE kind = 'receipt_paid'",
        &["was changed"],
    ),
    (
        "UPDATE entry SET kind = 'gift' WHERE kind = 'receipt_held'",
        "UPDATE entry SET kind = 'receipt_held' WHERE kind = 'gift'",
        &["unknown kind", "must have 1 receipt_held entries, but has 0"],
    ),
    (
        "UPDATE entry SET postings = 'nothing' || postings WHERE kind = 'receipt_held'",
        "UPDATE entry SET postings = replace(postings, 'nothing', '')",
        &["unreadable", "was changed"],
    ),
    (
        "UPDATE entry SET postings = replace(postings, 'fees', 'mine')",
        "UPDATE entry SET postings = replace(postings, 'mine', 'fees')",
        &["an account that does not exist: mine", "the balance of account fees"],
    ),
    (
        "UPDATE entry SET seq = seq + 1000 WHERE kind = 'receipt_refunded'",
        "UPDATE entry SET seq = seq - 1000 WHERE kind = 'receipt_refunded'",
        &["has a hole"],
    ),
    ("UPDATE lane SET seq = seq + 1", "UPDATE lane SET seq = seq - 1", &["says its last entry is"]),
    (
        "UPDATE balance SET amount = amount + 1 WHERE account = 'fees'",
        "UPDATE balance SET amount = amount - 1 WHERE account = 'fees'",
        &["the balance of account fees", "instead of zero"],
    ),
    (
        "UPDATE receipt SET amount = amount + 1 WHERE state = 4",
        "UPDATE receipt SET amount = amount - 1 WHERE state = 4",
        &["is for 5001, but 5000 were paid"],
    ),
    (
        "UPDATE receipt SET state = 4, paid_at = 1 WHERE state = 0",
        "UPDATE receipt SET state = 0, paid_at = NULL WHERE paid_at = 1",
        &["in state 4 must have 1 receipt_paid entries, but has 0"],
    ),
    (
        "UPDATE receipt SET state = 0, held_at = NULL WHERE state = 5",
        "UPDATE receipt SET state = 5, held_at = created_at WHERE state = 0 AND card_id IS NOT NULL",
        &["in state 0 must have 0 receipt_held entries, but has 1"],
    ),
    (
        "UPDATE receipt SET state = 5, held_at = 1 WHERE state = 4",
        "UPDATE receipt SET state = 4, held_at = NULL WHERE held_at = 1",
        &["which does not go with its times", "must have 1 receipt_held"],
    ),
    (
        "UPDATE receipt SET state = 50 WHERE state = 4",
        "UPDATE receipt SET state = 4 WHERE state = 50 AND cancelled_at IS NULL",
        &["must have 1 receipt_refunded entries, but has 0"],
    ),
    (
        "UPDATE receipt SET kassa_id = id WHERE state = 4",
        "UPDATE receipt SET kassa_id = (SELECT kassa_id FROM receipt WHERE state = 5) \
         WHERE state = 4",
        &["the receipt_paid entry of receipt", "is kept for another kassa"],
    ),
    (
        "UPDATE receipt SET operation = id WHERE state = 2",
        "UPDATE receipt SET operation = (SELECT operation FROM outbox WHERE kind = 'debit') \
         WHERE state = 2",
        &["and the outbox do not agree"],
    ),
    (
        "UPDATE outbox SET kind = 'hold' WHERE kind = 'debit'",
        "UPDATE outbox SET kind = 'debit' WHERE kind = 'hold'",
        &["and the outbox do not agree"],
    ),
    (
        "UPDATE outbox SET document_id = operation WHERE kind = 'debit'",
        "UPDATE outbox SET document_id = (SELECT id FROM receipt WHERE state = 2) \
         WHERE kind = 'debit'",
        &["and the outbox do not agree", "a debit waits for receipt"],
    ),
    (
        "DELETE FROM entry WHERE kind = 'receipt_refunded'",
        "",
        &["says its last entry is", "must have 1 receipt_refunded entries", "postings sum to"],
    ),
    ("DELETE FROM receipt WHERE state = 4", "", &["a receipt_paid entry is about receipt"]),
];

async fn tampering_is_found(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    shop.paid(&card, false).await;
    shop.paid(&card, true).await;
    let waiting = shop.receipt().await;
    shop.begin_pay(waiting.id, &card, false).await.unwrap();
    shop.receipt().await;
    // The last entry is a refund, so that its loss leaves no hole.
    let refunded = shop.paid(&card, false).await;
    let (_, row) = begun(shop.begin_cancel(refunded.id).await);
    shop.finish_cancel(&row, chorsu_core::command::Outcome::Done).await.unwrap();
    store.close().await;
    fresh.assert_clean().await;
    for (crime, repair, sentences) in CASES {
        fresh.sql(&unprotected(&fresh, crime)).await;
        let report = fresh.verify().await;
        let found: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert_eq!(usize::try_from(report.findings_total).unwrap(), found.len());
        for sentence in *sentences {
            assert!(found.iter().any(|found| found.contains(sentence)), "{crime}: {found:#?}");
        }
        if repair.is_empty() {
            // What follows only adds to the damage.
            continue;
        }
        fresh.sql(repair).await;
        fresh.assert_clean().await;
    }
}
