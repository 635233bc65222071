//! Closing a shift under an idempotency key: the intent, each try, and what the till is answered.

use std::sync::Arc;

use crate::command::shift::{ClosingEnd, ShiftCommand};
use crate::document::Document;
use crate::id::DocumentId;
use crate::plan::{IdempotencyRow, Plan, Reply};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::shift::{ClosingState as State, SENT_MAX, ShiftClosing};

/// Decides a command about closing a shift. What has ended does not change any more.
pub(super) fn decide(command: &ShiftCommand, rows: &Rows) -> Result<Plan, Reject> {
    match command {
        ShiftCommand::Begin { closing, key } => {
            assert!(closing.state == State::Sent, "a closing is born without an end");
            let row =
                IdempotencyRow { key: key.clone(), document: closing.id.0, at: closing.created_at };
            let plan = Plan::document(Document::Shift(ShiftClosing::clone(closing)));
            Ok(Plan { is_new_document: true, key: Some(row), ..plan })
        }
        ShiftCommand::Send { id, at } => change(*id, rows, |closing| {
            if closing.sent_at.len() >= SENT_MAX {
                closing.sent_at.remove(0);
            }
            closing.sent_at.push(*at);
        }),
        ShiftCommand::Finish { id, end } => change(*id, rows, |closing| {
            (closing.state, closing.answer) = match end {
                ClosingEnd::Closed(answer) => (State::Closed, Some(answer.clone())),
                ClosingEnd::NotOpen => (State::NotOpen, None),
                ClosingEnd::Refused(text) => (State::Refused, Some(text.clone())),
            };
        }),
    }
}

fn change(
    id: DocumentId,
    rows: &Rows,
    change: impl FnOnce(&mut ShiftClosing),
) -> Result<Plan, Reject> {
    let found = rows.documents.get(&id).and_then(|document| document.shift());
    let mut closing = found.cloned().ok_or(Reject::OrderNotFound)?;
    if closing.state != State::Sent {
        return Ok(Plan::answer(Reply::Document(Arc::new(Document::Shift(closing)))));
    }
    change(&mut closing);
    Ok(Plan::document(Document::Shift(closing)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::IdempotencyKey;
    use crate::id::KassaId;
    use crate::secret::SecretHash;
    use crate::time::UnixMillis;

    fn decided(command: &ShiftCommand, rows: &mut Rows) -> ShiftClosing {
        let plan = decide(command, rows).unwrap();
        let Reply::Document(document) = plan.reply.clone() else { panic!("{:?}", plan.reply) };
        rows.apply(plan);
        document.shift().unwrap().clone()
    }

    #[test]
    fn a_closing_remembers_its_tries_and_ends_once() {
        let (id, kassa) = (DocumentId([7; 12]), KassaId([1; 12]));
        let closing = ShiftClosing {
            id,
            till: "a".into(),
            merchant: kassa,
            state: State::Sent,
            number: 3,
            sent_at: Vec::new(),
            answer: None,
            created_at: UnixMillis(5),
        };
        let key = IdempotencyKey { kassa, key: "k".into(), fingerprint: SecretHash::of(b"", b"") };
        let mut rows = Rows::default();
        let begin = ShiftCommand::Begin { closing: Box::new(closing.clone()), key: key.clone() };
        assert_eq!(decided(&begin, &mut rows), closing);
        assert!(rows.is_used(&key), "the same key again is not another closing");
        for second in 0..100 {
            let at = UnixMillis(second * 1_000);
            decided(&ShiftCommand::Send { id, at }, &mut rows);
        }
        let finish = |end| ShiftCommand::Finish { id, end };
        let closed = decided(&finish(ClosingEnd::Closed("{}".into())), &mut rows);
        assert_eq!((closed.state, closed.number), (State::Closed, 3));
        assert_eq!(closed.sent_at.len(), SENT_MAX);
        assert_eq!(closed.sent_at.last(), Some(&UnixMillis(99_000)), "the newest are kept");
        let late = ShiftCommand::Send { id, at: UnixMillis(0) };
        for command in [finish(ClosingEnd::NotOpen), finish(ClosingEnd::Refused("no".into())), late]
        {
            assert_eq!(decided(&command, &mut rows), closed);
        }
    }
}
