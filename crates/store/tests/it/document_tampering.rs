//! Whoever changes documents, statements or services behind our back is found out.

use crate::branch::{Branch, SERVICE, new_incoming, receive};
use crate::counter::Counter;
use crate::fresh::Fresh;

conformance!(tampering_with_documents_is_found);

/// What an intruder does, what undoes it, and a part of each sentence that must be found. Without
/// a sentence it must not matter.
const CASES: &[(&str, &str, &[&str])] = &[
    (
        "UPDATE document SET state = 50 WHERE kind = 1 AND state = 4",
        "UPDATE document SET state = 4 WHERE kind = 1 AND state = 50",
        &["in state 50 must have the entries [], but has [\"till_paid\"]"],
    ),
    (
        "UPDATE document SET state = 4 WHERE kind = 1 AND state = 1",
        "UPDATE document SET state = 1 WHERE kind = 1 AND state = 4 AND body LIKE '%waiting%'",
        &["in state 4 must have the entries [\"till_paid\"], but has []"],
    ),
    (
        "UPDATE document SET state = 22 WHERE kind = 1 AND state = 4",
        "UPDATE document SET state = 4 WHERE kind = 1 AND state = 22",
        &["must have the entries [\"till_paid\", \"till_reversed\"], but has [\"till_paid\"]"],
    ),
    (
        "UPDATE document SET state = 4 WHERE kind = 2",
        "UPDATE document SET state = 1 WHERE kind = 2",
        &["do not agree on what is being asked: [\"fiscal_register\"] instead of []"],
    ),
    (
        "UPDATE document SET state = 1 WHERE kind = 3 AND state = 4",
        "UPDATE document SET state = 4 WHERE kind = 3 AND state = 1 AND due_at IS NULL",
        &[
            "must have the entries [\"order_accepted\"], but has [\"order_accepted\", \"order_pos",
            "but the 1 documents behind them to 10000 in and 0 out",
        ],
    ),
    (
        "UPDATE document SET state = 2 WHERE kind = 5",
        "UPDATE document SET state = 1 WHERE kind = 5",
        &["in state 2 must have the entries [\"settled\"], but has []"],
    ),
    (
        "UPDATE document SET state = 77 WHERE kind = 2",
        "UPDATE document SET state = 1 WHERE kind = 2",
        &["is not readable"],
    ),
    (
        "UPDATE document SET body = '{}' || body WHERE kind = 5",
        "UPDATE document SET body = substr(body, 3) WHERE kind = 5",
        &["is not readable"],
    ),
    (
        "UPDATE document SET amount = amount + 1 WHERE kind = 1 AND state = 4",
        "UPDATE document SET amount = amount - 1 WHERE kind = 1 AND state = 4",
        &["the till_paid entry of document", "is about 5000 instead of 5001"],
    ),
    (
        "UPDATE document SET amount = amount + 1 WHERE kind = 1 AND state = 1",
        "UPDATE document SET amount = amount - 1 WHERE kind = 1 AND state = 1",
        &["in state 1 and the outbox do not agree"],
    ),
    (
        "UPDATE document SET amount = amount + 1 WHERE kind = 3 AND state = 4",
        "UPDATE document SET amount = amount - 1 WHERE kind = 3 AND state = 4",
        &["the order_posted entry of document", "to 10000 in and 1011 out"],
    ),
    (
        "UPDATE document SET amount = amount + 1 WHERE kind = 4",
        "UPDATE document SET amount = amount - 1 WHERE kind = 4",
        &["the bank_received entry of document", "is about 10000 instead of 10001"],
    ),
    (
        "UPDATE document SET owner_id = id WHERE kind = 1 AND state = 4",
        "UPDATE document SET owner_id = (SELECT owner_id FROM document WHERE state = 1 \
         AND kind = 1) WHERE kind = 1 AND state = 4",
        &["the till_paid entry of document", "is kept for another owner"],
    ),
    (
        "UPDATE entry SET postings = replace(postings, '5000', '5001') WHERE kind = 'till_paid'",
        "UPDATE entry SET postings = replace(postings, '5001', '5000') WHERE kind = 'till_paid'",
        &["was changed", "is about 5001 instead of 5000", "postings sum to"],
    ),
    (
        "UPDATE entry SET document_id = owner_id WHERE kind = 'order_deleted'",
        "UPDATE entry SET document_id = (SELECT id FROM document WHERE kind = 3 AND state = 50) \
         WHERE kind = 'order_deleted'",
        &["was changed", "a order_deleted entry is about document", "must have the entries"],
    ),
    (
        "UPDATE bank_service SET available = available + 1 WHERE id = 33",
        "UPDATE bank_service SET available = available - 1 WHERE id = 33",
        &["service 33 says", "for account service:33, but the ledger says"],
    ),
    (
        "UPDATE bank_service SET reserved = 0 WHERE id = 33",
        "UPDATE bank_service SET reserved = 1010 WHERE id = 33",
        &["service 33 says 0 for account service:33:reserved, but the ledger says 1010"],
    ),
    (
        "UPDATE bank_service SET last_line = last_line + 1 WHERE id = 33",
        "UPDATE bank_service SET last_line = last_line - 1 WHERE id = 33",
        &["the statement of service 33 must have 4 lines, but has 3 up to 3"],
    ),
    (
        "UPDATE statement_line SET amount = amount - 1 WHERE direction = 2",
        "UPDATE statement_line SET amount = amount + 1 WHERE direction = 2",
        &["sum to 10000 in and 1008 out"],
    ),
    (
        "UPDATE statement_line SET direction = 1 WHERE direction = 2",
        "UPDATE statement_line SET direction = 2 WHERE id IN (2, 3)",
        &["sum to 11010 in and 0 out", "sum to 11010, but it has 8990"],
    ),
    (
        "UPDATE statement_line SET id = 9 WHERE id = 2",
        "UPDATE statement_line SET id = 2 WHERE id = 9",
        &["must have 3 lines, but has 3 up to 9"],
    ),
    (
        "INSERT INTO balance_day (account, day, amount) VALUES ('merchant:1', 1, 5)",
        "DELETE FROM balance_day",
        &["account merchant:1 was counted to change by 5 on day 1, but its postings sum to 0"],
    ),
    (
        "INSERT INTO balance_mark (lane, seq) SELECT min(lane), 1000 FROM lane",
        "DELETE FROM balance_mark",
        &["was counted to change by 0 on day", "but its postings sum to -4950"],
    ),
    (
        "INSERT INTO statement_day (service_id, bank_day, direction, lines, amount, first_id, \
         last_id) VALUES (33, 1, 1, 1, 1, 1, 1)",
        "DELETE FROM statement_day",
        &["1 days of statements were not counted as their lines are"],
    ),
    (
        "UPDATE outbox SET operation = document_id WHERE kind = 'till_pay'",
        "",
        &["in state 1 and the outbox do not agree"],
    ),
    (
        "UPDATE outbox SET kind = 'till_deliver' WHERE kind = 'fiscal_register'",
        "UPDATE outbox SET kind = 'fiscal_register' WHERE kind = 'till_deliver'",
        &["[\"till_deliver\"] instead of [\"fiscal_register\"]"],
    ),
    // What finds documents is no part of the books.
    ("DELETE FROM document_key WHERE key LIKE 'paid:%'", "", &[]),
    (
        "DELETE FROM outbox WHERE kind = 'fiscal_register'",
        "",
        &["do not agree on what is being asked: [] instead of [\"fiscal_register\"]"],
    ),
    (
        "DELETE FROM statement_line WHERE id = 2",
        "",
        &["must have 3 lines, but has 2 up to 3", "sum to 10000 in and 10 out"],
    ),
    (
        "DELETE FROM document WHERE kind = 1",
        "",
        &["a till_paid entry is about document", "a till_pay waits for document"],
    ),
];

/// Statements that undo the protection of the ledger first.
fn unprotected(fresh: &Fresh, sql: &str) -> String {
    let table = if fresh.is_postgres() { " ON entry" } else { "" };
    format!(
        "DROP TRIGGER IF EXISTS entry_is_final{table}; DROP TRIGGER IF EXISTS entry_stays{table}; \
         {sql}"
    )
}

async fn tampering_with_documents_is_found(fresh: Fresh) {
    let store = fresh.open().await;
    let (counter, branch) = (Counter(&store), Branch(&store));
    branch.open(10_000).await;
    counter.paid("paid", "1").await;
    counter.scan("waiting").await;
    counter.order("draft", None).await;
    let posted = branch.accept("posted").await;
    branch.post(&posted, 20_000).await;
    let deleted = branch.accept("deleted").await;
    branch.delete(&deleted).await;
    branch.accept("entered").await;
    branch.propose(1).await;
    let repeat = store.submit(receive(new_incoming(SERVICE, "opening", 1))).await;
    repeat.unwrap();
    store.close().await;
    fresh.assert_clean().await;
    let mut damage = 0;
    for (crime, repair, sentences) in CASES {
        fresh.sql(&unprotected(&fresh, crime)).await;
        let report = fresh.verify().await;
        let found: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        for sentence in *sentences {
            assert!(found.iter().any(|found| found.contains(sentence)), "{crime}: {found:#?}");
        }
        if repair.is_empty() {
            // What follows only adds to the damage.
            assert!(report.findings_total >= damage, "{crime}: {found:#?}");
            damage = report.findings_total;
            continue;
        }
        fresh.sql(repair).await;
        let repaired = fresh.verify().await;
        assert_eq!(repaired.findings_total, damage, "{crime}: {:#?}", repaired.findings);
    }
}
