//! Lines of a bank's statement: booked once, whatever they are about.

use super::*;
use crate::movement::Movement;
use crate::network::Network;

impl Branch {
    fn book(&mut self, reference: &str, direction: Direction, account: Account) -> DocumentId {
        self.book_beside(reference, direction, account, None)
    }

    fn book_beside(
        &mut self,
        reference: &str,
        direction: Direction,
        account: Account,
        beside: Option<(DocumentId, (i64, i64))>,
    ) -> DocumentId {
        let movement = Box::new(Movement {
            id: self.id(),
            reference: Arc::from(reference),
            service: SERVICE,
            partner: PARTNER,
            direction,
            account,
            amount: tiyin(70),
            at: NOW,
            bank_day: NOW.tashkent_day(),
            parties: Arc::from("{}"),
            reason: None,
        });
        let key = Arc::from(Incoming::key(SERVICE, reference));
        document(self.run(BankCommand::Move { movement, key, beside }))
    }

    fn explain(&mut self, id: DocumentId, line: i64) -> DocumentId {
        let key = Arc::from(Incoming::key(SERVICE, &format!("upstream:{line}")));
        document(self.run(BankCommand::Match { id, lines: (self.line_of(id), line), key }))
    }

    /// The number of a document's line on the statement, 0 without one.
    fn line_of(&self, id: DocumentId) -> i64 {
        let line = self.rows.lines_new.iter().find(|line| line.document == id);
        line.map_or(0, |line| line.id)
    }

    fn bank_line(&self, id: DocumentId) -> Option<i64> {
        let order = self.rows.documents[&id].order().unwrap();
        assert!(order.bank_lines.len() < 2);
        order.bank_lines.first().map(|(_, theirs)| *theirs)
    }
}

#[test]
fn movements_are_booked_once_and_leave_services_alone() {
    let mut branch = Branch::new(1_000);
    let humo = Account::Network(Network::Humo);
    let available = branch.rows.services[&SERVICE].available;
    let first = branch.book("upstream:1", Direction::Incoming, humo);
    assert_eq!(branch.book("upstream:1", Direction::Incoming, humo), first, "once");
    branch.book("upstream:2", Direction::Outgoing, Account::Suspense);
    assert_eq!((branch.balance(humo), branch.balance(Account::Suspense)), (-70, 70));
    assert_eq!(branch.balance(Account::Correspondent), 1_000);
    assert_eq!(branch.rows.services[&SERVICE].available, available);
    assert_eq!(branch.rows.lines_new.len(), 1, "only the opening is on a statement");
    // A line that is income is not a movement too.
    let income = document(branch.receive(SERVICE, "upstream:3", 5));
    assert_eq!(branch.book("upstream:3", Direction::Incoming, humo), income);
}

#[test]
fn what_a_bank_takes_for_an_order_leaves_fees_and_is_a_pair_of_lines_once() {
    let mut branch = Branch::new(1_000);
    let [paid, open] = ["1", "2"].map(|key| document(branch.accept(key, 300, 70)));
    branch.post(paid).unwrap();
    let line = branch.rows.documents[&paid].order().unwrap().commission_line().unwrap();
    assert_eq!(line, branch.rows.lines_new.last().unwrap().id);
    let mut take = |reference: &str, order| {
        let beside = Some((order, (line, 9)));
        branch.book_beside(reference, Direction::Outgoing, Account::Fees, beside)
    };
    let first = take("upstream:9", paid);
    assert_eq!(take("upstream:9", paid), first, "once");
    take("upstream:10", paid);
    take("upstream:11", open);
    assert_eq!(branch.balance(Account::Fees), -70 + 3 * 70);
    assert_eq!(branch.balance(Account::Correspondent), 1_000 - 300 - 3 * 70);
    let lines = |id| branch.rows.documents[&id].order().unwrap().bank_lines.clone();
    assert_eq!((lines(paid), lines(open)), (vec![(line, 9)], vec![]));
}

#[test]
fn an_order_is_on_one_line_and_a_line_is_about_one_order() {
    let mut branch = Branch::new(1_000);
    let [first, second] = ["1", "2"].map(|key| document(branch.accept(key, 300, 0)));
    assert_eq!(branch.explain(first, 7), first);
    assert_eq!(branch.bank_line(first), None, "it is not posted");
    branch.post(first).unwrap();
    branch.post(second).unwrap();
    branch.explain(first, 7);
    assert_eq!(branch.bank_line(first), Some(7));
    branch.explain(first, 8);
    assert_eq!(branch.bank_line(first), Some(7), "one line");
    assert_eq!(branch.explain(second, 7), first, "one order");
    assert_eq!(branch.bank_line(second), None);
    branch.explain(second, 8);
    assert_eq!(branch.bank_line(second), Some(8), "line 8 is free still");
    // What an order costs beside its amount may have a line of its own at both ends.
    let key = Arc::from(Incoming::key(SERVICE, "upstream:9"));
    document(branch.run(BankCommand::Match { id: second, lines: (99, 9), key }));
    assert_eq!(branch.rows.documents[&second].order().unwrap().bank_lines.len(), 2);
}
