//! The bank: orders, incoming payments, settlements, and a random walk over all of them.

mod movement;
mod settlement;

use std::sync::Arc;

use crate::account::Account;
use crate::bank::{CardRule, Direction, OrderState, ServiceId};
use crate::bank_service::BankService;
use crate::command::Command;
use crate::command::bank::{
    BankCommand, ConcludeSettlement, OrderEnd, SendSettlement, SettleOrder,
};
use crate::decide::decide;
use crate::entry::EntryKind;
use crate::id::{DocumentId, KassaId, PartnerId};
use crate::money::Tiyin;
use crate::order::{Incoming, PaymentOrder};
use crate::plan::Reply;
use crate::reject::Reject;
use crate::rows::Rows;
use crate::settlement::{Settlement, SettlementState as Stage, Share};
use crate::time::UnixMillis;

const PARTNER: PartnerId = PartnerId([7; 12]);
const STRANGER: PartnerId = PartnerId([8; 12]);
const MERCHANT: KassaId = KassaId([1; 12]);
const SERVICE: ServiceId = ServiceId(33);
const OTHER: ServiceId = ServiceId(34);
const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

fn service(id: ServiceId) -> BankService {
    BankService {
        id,
        partner: PARTNER,
        name: Arc::from("payouts"),
        activated: true,
        cards: CardRule::Optional,
        account: Arc::from("20208000900000000001"),
        mfo: Arc::from("00014"),
        owner_name: Arc::from("Bozor"),
        inn: Arc::from("300000000"),
        available: Tiyin::ZERO,
        reserved: Tiyin::ZERO,
        last_line: 0,
    }
}

/// A bank with two services.
struct Branch {
    rows: Rows,
    ids: u32,
    refuse_unfunded: bool,
}

impl Branch {
    /// With this much on the first service.
    fn new(funds: i64) -> Self {
        let mut rows = Rows::default();
        for id in [SERVICE, OTHER] {
            rows.services.insert(id, Arc::new(service(id)));
        }
        let mut branch = Self { rows, ids: 0, refuse_unfunded: false };
        if funds > 0 {
            branch.receive(SERVICE, "opening", funds).unwrap();
        }
        branch
    }

    fn run(&mut self, command: BankCommand) -> Result<Reply, Reject> {
        let plan = decide(&Command::Bank(command), &self.rows)?;
        let reply = plan.reply.clone();
        self.rows.apply(plan);
        self.check();
        Ok(reply)
    }

    fn id(&mut self) -> DocumentId {
        self.ids += 1;
        DocumentId::new(NOW, [0, 0, 0, 0, 0, 0]).with(self.ids)
    }

    fn receive(&mut self, service: ServiceId, reference: &str, sum: i64) -> Result<Reply, Reject> {
        let incoming = Box::new(Incoming {
            id: self.id(),
            reference: Arc::from(reference),
            service,
            partner: PARTNER,
            amount: tiyin(sum),
            at: NOW,
            bank_day: 20_000,
            number: 1,
            parties: Arc::from("{}"),
        });
        let key = Arc::from(Incoming::key(service, reference));
        self.run(BankCommand::Receive { incoming, key })
    }

    fn accept(&mut self, key: &str, sum: i64, fee: i64) -> Result<Reply, Reject> {
        self.accept_of(PARTNER, SERVICE, key, [sum, fee])
    }

    fn accept_of(
        &mut self,
        partner: PartnerId,
        service: ServiceId,
        order_key: &str,
        [sum, fee]: [i64; 2],
    ) -> Result<Reply, Reject> {
        let order = Box::new(self.new_order((partner, service), order_key, [sum, fee]));
        let key = Arc::from(PaymentOrder::key(partner, order_key));
        self.run(BankCommand::Accept { order, key, refuse_unfunded: self.refuse_unfunded })
    }

    fn new_order(
        &mut self,
        (partner, service): (PartnerId, ServiceId),
        order_key: &str,
        [sum, fee]: [i64; 2],
    ) -> PaymentOrder {
        PaymentOrder {
            id: self.id(),
            partner,
            service,
            order_key: Arc::from(order_key),
            amount: tiyin(sum),
            commission: tiyin(fee),
            doc_id: Arc::from("1"),
            requisites: Arc::from("{}"),
            state: OrderState::Entered,
            is_funded: false,
            created_at: NOW,
            ended_at: None,
            line: None,
            due_at: Some(NOW.plus(5)),
            tries: 0,
            bank_lines: Vec::new(),
            settlement: None,
            reason: None,
            steps: Vec::new(),
        }
    }

    fn post(&mut self, id: DocumentId) -> Result<Reply, Reject> {
        self.settle(id, OrderEnd::Posted { parties: Arc::from("{}") })
    }

    fn delete(&mut self, id: DocumentId) -> Result<Reply, Reject> {
        self.settle(id, OrderEnd::Deleted { reason: Arc::from("no such account") })
    }

    fn settle(&mut self, id: DocumentId, end: OrderEnd) -> Result<Reply, Reject> {
        let order = self.order(id);
        self.run(BankCommand::Settle(SettleOrder {
            id,
            service: order.service,
            settlement: order.settlement,
            end,
            by_hand: None,
            bank_day: 20_000,
            aside: Arc::from("{\"aside\":true}"),
            now: NOW.plus(9),
        }))
    }

    fn defer(&mut self, id: DocumentId) -> Result<Reply, Reject> {
        let note = Some(Arc::from("no answer"));
        self.run(BankCommand::Defer { id, due_at: NOW.plus(99), tries: 3, note })
    }

    fn order(&self, id: DocumentId) -> &PaymentOrder {
        self.rows.documents[&id].order().unwrap()
    }

    fn settlement(&self, id: DocumentId) -> &Settlement {
        self.rows.documents[&id].settlement().unwrap()
    }

    /// What is available on the first service and what is set aside.
    fn money(&self) -> (i64, i64) {
        let service = &self.rows.services[&SERVICE];
        (service.available.get(), service.reserved.get())
    }

    fn balance(&self, account: Account) -> i64 {
        let postings = self.rows.entries.iter().flat_map(|entry| entry.postings.postings());
        postings.filter(|p| p.account == account).map(|p| p.amount).sum()
    }

    fn kinds(&self) -> Vec<EntryKind> {
        self.rows.entries.iter().map(|entry| entry.kind).collect()
    }

    fn state(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        (self.rows.documents.clone(), self.rows.services.clone(), self.rows.entries.clone())
    }

    /// What holds after every command: the books balance, services say what the ledger says, and
    /// the lines of a statement are numbered without holes and sum to what the service has.
    fn check(&self) {
        let postings = self.rows.entries.iter().flat_map(|entry| entry.postings.postings());
        assert_eq!(postings.map(|p| i128::from(p.amount)).sum::<i128>(), 0);
        for (id, service) in &self.rows.services {
            assert_eq!(-self.balance(Account::Service(*id)), service.available.get());
            assert_eq!(-self.balance(Account::ServiceReserved(*id)), service.reserved.get());
            let lines = || self.rows.lines_new.iter().filter(|line| line.service == *id);
            assert!(lines().map(|line| line.id).eq(1..=service.last_line));
            let signed = lines().map(|line| match line.direction {
                Direction::Incoming => line.amount.get(),
                Direction::Outgoing => -line.amount.get(),
            });
            let money = service.available.get() + service.reserved.get();
            assert_eq!(signed.sum::<i64>(), money, "service {id}");
        }
        let documents = self.rows.documents.values();
        let suspended = documents.filter_map(|document| document.settlement());
        let suspended: i64 = suspended.map(|settlement| settlement.suspended.get()).sum();
        // What a bank's statement has that is no partner's may wait there too.
        let moved = self.rows.entries.iter().filter(|entry| entry.kind == EntryKind::BankMoved);
        let moved = moved.flat_map(|entry| entry.postings.postings());
        let moved = moved.filter(|posting| posting.account == Account::Suspense);
        let moved: i64 = moved.map(|posting| posting.amount).sum();
        assert_eq!(moved - self.balance(Account::Suspense), suspended);
    }
}

impl DocumentId {
    /// The same id with another end.
    fn with(mut self, number: u32) -> Self {
        self.0[8..].copy_from_slice(&number.to_be_bytes());
        self
    }
}

fn document(reply: Result<Reply, Reject>) -> DocumentId {
    match reply.unwrap() {
        Reply::Document(document) => document.id(),
        other => panic!("not about a document: {other:?}"),
    }
}

#[test]
fn an_order_is_funded_when_all_of_it_is_there() {
    let cases = [
        (1_000, 990, 10, true),
        (1_000, 1_000, 0, true),
        (1_000, 991, 10, false),
        (1_000, 1_001, 0, false),
        (0, 1, 0, false),
        (i64::MAX, i64::MAX - 1, 1, true),
    ];
    for (funds, sum, fee, is_funded) in cases {
        let mut branch = Branch::new(funds);
        let id = document(branch.accept("1", sum, fee));
        assert_eq!(branch.order(id).is_funded, is_funded, "{funds} for {sum} and {fee}");
        let set_aside = if is_funded { sum + fee } else { 0 };
        assert_eq!(branch.money(), (funds - set_aside, set_aside));
    }
    let mut branch = Branch::new(5);
    assert_eq!(branch.accept("1", i64::MAX, 1), Err(Reject::AmountAboveLimit));
}

#[test]
fn every_end_in_every_state() {
    use OrderState::{Deleted, Entered, Posted};
    type Act = fn(&mut Branch, DocumentId) -> Result<Reply, Reject>;
    let start = |is_funded: bool, end: Option<Act>| {
        let mut branch = Branch::new(1_000);
        let id = document(branch.accept("1", if is_funded { 900 } else { 9_000 }, 10));
        end.map(|end| end(&mut branch, id));
        (branch, id)
    };
    // From where, by what, to where, and what is then available and set aside.
    type Case = (bool, Option<Act>, Act, OrderState, (i64, i64));
    let cases: [Case; 12] = [
        (true, None, Branch::post, Posted, (90, 0)),
        (true, None, Branch::delete, Deleted, (1_000, 0)),
        (true, None, Branch::defer, Entered, (90, 910)),
        (false, None, Branch::post, Deleted, (1_000, 0)),
        (false, None, Branch::delete, Deleted, (1_000, 0)),
        (false, None, Branch::defer, Entered, (1_000, 0)),
        (true, Some(Branch::post), Branch::post, Posted, (90, 0)),
        (true, Some(Branch::post), Branch::delete, Posted, (90, 0)),
        (true, Some(Branch::post), Branch::defer, Posted, (90, 0)),
        (true, Some(Branch::delete), Branch::post, Deleted, (1_000, 0)),
        (true, Some(Branch::delete), Branch::defer, Deleted, (1_000, 0)),
        (false, Some(Branch::post), Branch::post, Deleted, (1_000, 0)),
    ];
    for (number, (is_funded, end, act, state, money)) in cases.into_iter().enumerate() {
        let (mut branch, id) = start(is_funded, end);
        let before = branch.state();
        act(&mut branch, id).unwrap();
        assert_eq!(branch.order(id).state, state, "case {number}");
        assert_eq!(branch.money(), money, "case {number}");
        assert_eq!(end.is_some(), branch.state() == before, "case {number}: an end is final");
        let order = branch.order(id);
        assert_eq!(order.due_at.is_some(), state == Entered, "case {number}");
        assert_eq!(order.ended_at.is_some(), state != Entered, "case {number}");
        assert_eq!(order.reason.is_some(), state != Posted, "case {number}");
    }
}

#[test]
fn what_leaves_is_on_the_statement_and_what_comes_back_is_the_exact_reverse() {
    let mut branch = Branch::new(1_000);
    let first = document(branch.accept("1", 300, 10));
    let second = document(branch.accept("2", 400, 20));
    branch.post(second).unwrap();
    branch.delete(first).unwrap();
    use EntryKind::{BankReceived, OrderAccepted, OrderDeleted, OrderPosted};
    let kinds = [BankReceived, OrderAccepted, OrderAccepted, OrderPosted, OrderDeleted];
    assert_eq!(branch.kinds(), kinds);
    let of = |kind: EntryKind| {
        let found = branch.rows.entries.iter().find(|entry| entry.kind == kind);
        let mut postings = found.unwrap().postings.postings().to_vec();
        postings.sort_unstable_by_key(|posting| posting.account);
        postings
    };
    let taken = of(OrderAccepted);
    let given = of(OrderDeleted).into_iter().map(|p| (p.account, -p.amount));
    assert!(taken.into_iter().map(|p| (p.account, p.amount)).eq(given));
    assert_eq!(branch.balance(Account::Fees), -20);
    assert_eq!(branch.balance(Account::Correspondent), 1_000 - 400);

    let third = document(branch.accept("3", 1, 0));
    branch.post(third).unwrap();
    document(branch.receive(OTHER, "r", 5));
    let lines: Vec<_> = branch
        .rows
        .lines_new
        .iter()
        .map(|line| (line.service, line.id, line.direction, line.amount.get(), line.document))
        .collect();
    let opening = lines[0].4;
    assert_eq!(lines[0], (SERVICE, 1, Direction::Incoming, 1_000, opening));
    assert_eq!(lines[1], (SERVICE, 2, Direction::Outgoing, 400, second));
    assert_eq!(lines[2], (SERVICE, 3, Direction::Outgoing, 20, second), "its commission");
    assert_eq!(lines[3], (SERVICE, 4, Direction::Outgoing, 1, third));
    assert_eq!((lines[4].0, lines[4].1), (OTHER, 1), "each service counts its own");
    let known = [first, second, third].map(|id| branch.order(id).line);
    assert_eq!(known, [None, Some(2), Some(4)]);
}

#[test]
fn numbers_and_references_are_used_once() {
    let mut branch = Branch::new(1_000);
    let id = document(branch.accept("1", 300, 0));
    let known = branch.rows.documents[&id].clone();
    let before = branch.state();
    assert_eq!(branch.accept("1", 300, 0), Err(Reject::OrderUsed(known.clone())));
    let other = branch.accept_of(PARTNER, OTHER, "1", [5, 0]);
    assert_eq!(other, Err(Reject::OrderUsed(known)), "unique over all services");
    let first = document(branch.receive(SERVICE, "opening", 77));
    assert!(branch.state() == before, "{first}: what has come in is booked once");
    branch.delete(id).unwrap();
    assert!(matches!(branch.accept("1", 1, 0), Err(Reject::OrderUsed(_))), "for ever");
    document(branch.receive(OTHER, "opening", 77));
}

/// The first use of a number may be what took the money: its repeat must not be told that nothing
/// was created.
#[test]
fn a_refusal_for_want_of_money_comes_after_the_number() {
    let mut branch = Branch::new(1_000);
    branch.refuse_unfunded = true;
    let id = document(branch.accept("1", 1_000, 0));
    let known = branch.rows.documents[&id].clone();
    assert_eq!(branch.accept("1", 1_000, 0), Err(Reject::OrderUsed(known)));
    let before = branch.state();
    assert_eq!(branch.accept("2", 1, 0), Err(Reject::Underfunded));
    assert!(branch.state() == before, "nothing is left of it");
    branch.delete(id).unwrap();
    document(branch.accept("2", 1, 0));
}

#[test]
fn another_partners_service_does_not_exist() {
    let mut branch = Branch::new(1_000);
    let theirs = branch.accept_of(STRANGER, SERVICE, "1", [5, 0]);
    assert_eq!(theirs, Err(Reject::NoSuchService));
    let nowhere = branch.accept_of(PARTNER, ServiceId(99), "1", [5, 0]);
    assert_eq!(nowhere, Err(Reject::NoSuchService));
    assert_eq!(branch.receive(ServiceId(99), "r", 5), Err(Reject::NoSuchService));
    assert_eq!(branch.receive(SERVICE, "much", i64::MAX), Err(Reject::AmountAboveLimit));
    // What is set aside must fit on the service when it comes back.
    let id = document(branch.accept("2", 900, 0));
    assert_eq!(branch.receive(SERVICE, "much", i64::MAX - 500), Err(Reject::AmountAboveLimit));
    branch.delete(id).unwrap();
    assert_eq!(branch.money(), (1_000, 0));
}

/// Brings a settlement of 500 with 20 for us to a stage.
fn settled(stage: Stage) -> (Branch, DocumentId) {
    let mut branch = Branch::new(0);
    let id = document(branch.propose(1, [500, 20]));
    match stage {
        Stage::Proposed => {}
        Stage::Withdrawn => drop(branch.conclude(id, stage)),
        Stage::Sent => drop(branch.send(id)),
        Stage::Settled | Stage::Differs => {
            branch.send(id).unwrap();
            for order in branch.orders_of(id) {
                branch.post(order).unwrap();
            }
            branch.conclude(id, stage).unwrap();
        }
    }
    assert_eq!(branch.settlement(id).state, stage);
    (branch, id)
}

#[test]
fn a_random_walk_keeps_the_books() {
    let mut seed = 88_172_645_463_325_252_u64;
    let mut roll = |sides: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        i64::try_from(seed % sides).unwrap()
    };
    let mut branch = Branch::new(0);
    let (mut orders, mut settlements, mut resent) = (Vec::new(), Vec::new(), 0);
    for step in 0..5_000 {
        let sum = roll(1_000) + 1;
        let service = if roll(3) == 0 { OTHER } else { SERVICE };
        let pick = usize::try_from(roll(64)).unwrap();
        let order = orders.iter().rev().nth(pick).copied();
        let settlement = settlements.iter().rev().nth(pick % 24).copied();
        // Branch::run checks what must hold after each of these.
        match (roll(9), order, settlement) {
            (0, ..) => drop(branch.receive(service, &format!("{}", roll(900)), sum)),
            (1..=3, ..) => {
                let key = format!("{}", roll(3_000));
                let accepted = branch.accept_of(PARTNER, service, &key, [sum, roll(20)]);
                orders.extend(accepted.is_ok().then(|| document(accepted)));
            }
            (4, Some(id), _) => drop(branch.post(id).unwrap()),
            (5, Some(id), _) => drop(branch.delete(id).unwrap()),
            (6, Some(id), _) => drop(branch.defer(id).unwrap()),
            (7, ..) => {
                let sums = [sum + roll(1_000), roll(2)];
                settlements.push(document(branch.propose(step / 9, sums)));
            }
            (8, _, Some(id)) => {
                branch.send(id).unwrap();
                let state = Stage::ALL[usize::try_from(roll(5)).unwrap()];
                branch.conclude(id, state).unwrap();
                orders.extend(branch.orders_of(id));
                resent += usize::from(branch.resend_what_differs(id));
            }
            _ => {}
        }
    }
    let count = |state| orders.iter().filter(|id| branch.order(**id).state == state).count();
    let ends = [OrderState::Entered, OrderState::Posted, OrderState::Deleted].map(count);
    assert!(ends.iter().all(|count| *count > 50), "a dull walk: {ends:?}");
    let of = |wanted| branch.kinds().into_iter().filter(|kind| *kind == wanted).count();
    assert!(of(EntryKind::Settled) > 50, "{}", of(EntryKind::Settled));
    assert!(of(EntryKind::SettlementHeld) > 20 && resent > 5, "{resent}");
}
