//! Every step of a settlement, and where its money is after it.

use super::*;

impl Branch {
    /// Proposes a settlement without receivers when all of it is commission, else with two: 30 to
    /// one, the rest to the other, and 10 of each for the bank.
    pub(super) fn propose(&mut self, day: i64, [gross, fee]: [i64; 2]) -> Result<Reply, Reject> {
        let share = |place: i64, amount| Share {
            order_key: Arc::from(format!("st-{day}-{place}-{}", self.ids)),
            amount: tiyin(amount),
            bank_fee: tiyin(10),
            requisites: Arc::from("{}"),
        };
        let shares = match gross - fee {
            net if net > 50 => vec![share(1, 30), share(0, net - 50)],
            _ => Vec::new(),
        };
        let settlement = Box::new(Settlement {
            id: self.id(),
            merchant: MERCHANT,
            partner: PARTNER,
            service: SERVICE,
            day,
            gross: tiyin(gross),
            commission: tiyin(fee),
            shares,
            attempts: 0,
            suspended: Tiyin::ZERO,
            waiting: 0,
            due_at: None,
            state: Stage::Proposed,
            created_at: NOW,
            steps: Vec::new(),
        });
        let key = Arc::from(Settlement::key(MERCHANT, day));
        self.run(BankCommand::Propose { settlement, key })
    }

    pub(super) fn send(&mut self, id: DocumentId) -> Result<Reply, Reject> {
        let shares = self.settlement(id).shares.clone();
        let send = self.sending(id, &shares);
        self.run(BankCommand::Send(send))
    }

    /// The orders of these shares.
    fn sending(&mut self, id: DocumentId, shares: &[Share]) -> SendSettlement {
        let order = |share: &Share| PaymentOrder {
            settlement: Some(id),
            ..self.new_order(
                (PARTNER, SERVICE),
                &share.order_key,
                [share.amount.get(), share.bank_fee.get()],
            )
        };
        let orders: Vec<PaymentOrder> = shares.iter().map(order).collect();
        let key = |order: &PaymentOrder| Arc::from(PaymentOrder::key(PARTNER, &order.order_key));
        SendSettlement {
            id,
            service: SERVICE,
            keys: orders.iter().map(key).collect(),
            orders,
            parties: Arc::from("{}"),
            bank_day: 20_000,
            now: NOW,
        }
    }

    /// Sends shares anew: those whose numbers differ from the stored ones.
    fn resume(
        &mut self,
        id: DocumentId,
        attempt: u32,
        shares: Vec<Share>,
    ) -> Result<Reply, Reject> {
        let old = self.settlement(id).shares.clone();
        let anew: Vec<Share> = shares
            .iter()
            .zip(&old)
            .filter(|(new, old)| new.order_key != old.order_key)
            .map(|(new, _)| new.clone())
            .collect();
        let send = self.sending(id, &anew);
        self.run(BankCommand::Resume { send, attempt, shares })
    }

    /// The orders of a settlement's shares, as they stand.
    pub(super) fn orders_of(&self, id: DocumentId) -> Vec<DocumentId> {
        let key = |share: &Share| PaymentOrder::key(PARTNER, &share.order_key);
        let shares = self.settlement(id).shares.iter();
        shares.filter_map(|share| Some(self.rows.by_key(&key(share))?.id())).collect()
    }

    pub(super) fn conclude(&mut self, id: DocumentId, state: Stage) -> Result<Reply, Reject> {
        let attempt = self.settlement(id).attempts;
        let note = Some(Arc::from("as the bank says"));
        let conclude = ConcludeSettlement { id, attempt, state, note, now: NOW };
        self.run(BankCommand::Conclude(conclude))
    }

    /// Concludes a settlement whose orders have ended, and sends refused shares anew. Whether it
    /// did.
    pub(super) fn resend_what_differs(&mut self, id: DocumentId) -> bool {
        self.conclude(id, Stage::Differs).unwrap();
        let settlement = self.settlement(id).clone();
        if settlement.state != Stage::Differs || settlement.suspended == Tiyin::ZERO {
            return false;
        }
        let shares = self.anew(id);
        self.resume(id, settlement.attempts, shares).unwrap();
        true
    }

    /// The shares of a settlement, the refused ones with new numbers.
    fn anew(&self, id: DocumentId) -> Vec<Share> {
        let orders = self.orders_of(id);
        let settlement = self.settlement(id);
        let share = |(share, order): (&Share, &DocumentId)| {
            let mut share = share.clone();
            if self.order(*order).state == OrderState::Deleted {
                share.order_key = Arc::from(format!("{}-{}", share.order_key, settlement.attempts));
            }
            share
        };
        settlement.shares.iter().zip(&orders).map(share).collect()
    }
}

#[test]
fn every_step_of_a_settlement() {
    use Stage::{Differs, Proposed, Settled, Withdrawn};
    let steps = [(Proposed, Withdrawn), (Differs, Settled)];
    for from in Stage::ALL {
        for to in Stage::ALL {
            let (mut branch, id) = settled(from);
            let before = branch.state();
            branch.conclude(id, to).unwrap();
            let is_step = steps.contains(&(from, to));
            let end = if is_step { to } else { from };
            assert_eq!(branch.settlement(id).state, end, "{from:?} to {to:?}");
            assert_eq!(branch.state() == before, !is_step, "{from:?} to {to:?}");
        }
        let (mut branch, id) = settled(from);
        branch.send(id).unwrap();
        let booked = branch.kinds().into_iter().filter(|kind| *kind == EntryKind::Settled).count();
        let is_sent = !matches!(from, Withdrawn);
        assert_eq!(booked, usize::from(is_sent), "{from:?}: it is booked once");
        let reserved = if matches!(from, Proposed | Stage::Sent) { 480 } else { 0 };
        assert_eq!(branch.money(), (0, reserved), "{from:?}");
        let merchant = branch.balance(Account::Merchant(MERCHANT));
        assert_eq!(merchant, if is_sent { 500 } else { 0 });

        let (mut branch, id) = settled(from);
        let again = document(branch.propose(1, [700, 0]));
        assert_eq!(again == id, from != Withdrawn, "{from:?}: one a day");
        assert_ne!(document(branch.propose(2, [1, 0])), id);
    }
}

#[test]
fn a_settlement_is_concluded_when_all_its_orders_have_ended() {
    for (ends, to, want) in [
        ([true, true], Stage::Settled, Stage::Settled),
        ([true, true], Stage::Differs, Stage::Differs),
        ([true, false], Stage::Differs, Stage::Differs),
        ([true, false], Stage::Settled, Stage::Sent),
    ] {
        let (mut branch, id) = settled(Stage::Sent);
        for (order, is_posted) in branch.orders_of(id).into_iter().zip(ends) {
            let before = branch.state();
            branch.conclude(id, to).unwrap();
            assert_eq!(branch.state(), before, "an order is on its way");
            assert_eq!(branch.settlement(id).due_at, None);
            let end = if is_posted { Branch::post } else { Branch::delete };
            end(&mut branch, order).unwrap();
            // A repeat is not the end of another order.
            end(&mut branch, order).unwrap();
        }
        assert!(branch.settlement(id).due_at.is_some(), "it is to be looked at");
        branch.conclude(id, to).unwrap();
        assert_eq!(branch.settlement(id).state, want, "{ends:?} {to:?}");
    }
}

#[test]
fn a_settlement_must_be_of_something_and_more_than_its_commission() {
    for (gross, fee, want) in [
        (500, 500, Ok(())),
        (500, 480, Ok(())),
        (0, 0, Err(Reject::AmountDiffers)),
        (500, 501, Err(Reject::AmountDiffers)),
        (i64::MAX, 0, Err(Reject::AmountAboveLimit)),
    ] {
        let mut branch = Branch::new(10);
        let id = document(branch.propose(1, [gross, fee]));
        assert_eq!(branch.send(id).map(drop), want, "{gross} less {fee}");
        if want.is_ok() {
            assert_eq!(branch.money(), (10 + gross - fee, 0), "nobody else is paid");
            branch.conclude(id, Stage::Settled).unwrap();
            assert_eq!(branch.settlement(id).state, Stage::Settled);
        }
    }
}

#[test]
fn money_of_a_settlement_is_never_there_for_other_orders() {
    let mut branch = Branch::new(0);
    let id = document(branch.propose(1, [500, 20]));
    let in_vain = |branch: &mut Branch, key: &str| {
        let other = document(branch.accept(key, 1, 0));
        assert!(!branch.order(other).is_funded, "{key}");
    };
    branch.send(id).unwrap();
    assert_eq!(branch.money(), (0, 480));
    in_vain(&mut branch, "after it was sent");
    let [first, own] = branch.orders_of(id)[..] else { panic!("two orders") };
    branch.delete(own).unwrap();
    assert_eq!((branch.money(), branch.balance(Account::Suspense)), ((0, 40), -440));
    in_vain(&mut branch, "after one was refused");
    branch.post(first).unwrap();
    branch.conclude(id, Stage::Differs).unwrap();
    in_vain(&mut branch, "in the end");
    let shares = branch.anew(id);
    branch.resume(id, 1, shares).unwrap();
    assert_eq!((branch.money(), branch.balance(Account::Suspense)), ((0, 440), 0));
    in_vain(&mut branch, "after it was sent anew");
    branch.post(branch.orders_of(id)[1]).unwrap();
    branch.conclude(id, Stage::Settled).unwrap();
    assert_eq!(branch.settlement(id).state, Stage::Settled);
    assert_eq!((branch.money(), branch.balance(Account::Suspense)), ((0, 0), 0));
}

#[test]
fn nothing_is_booked_unless_every_order_can_be_accepted() {
    // The number of a share is another order's.
    let mut branch = Branch::new(100);
    let id = document(branch.propose(1, [500, 20]));
    let key = branch.settlement(id).shares[1].order_key.clone();
    branch.accept(&key, 5, 0).unwrap();
    let before = branch.state();
    assert!(matches!(branch.send(id), Err(Reject::OrderUsed(_))));
    assert_eq!(branch.state(), before);

    // The bank takes more than the settlement and the service have.
    let mut branch = Branch::new(9);
    let id = document(branch.propose(1, [500, 20]));
    let mut send = branch.sending(id, &branch.settlement(id).shares.clone());
    send.orders[1].commission = tiyin(20);
    let dearer = branch.run(BankCommand::Send(send));
    assert_eq!(dearer, Err(Reject::AmountDiffers), "not the order of the share");
    let mut settlement = branch.settlement(id).clone();
    settlement.shares[1].bank_fee = tiyin(20);
    branch.rows.documents.insert(id, Arc::new(crate::document::Document::Settlement(settlement)));
    assert_eq!(branch.send(id), Err(Reject::Underfunded));
    branch.receive(SERVICE, "one more", 1).unwrap();
    branch.send(id).unwrap();
    assert_eq!(branch.money(), (0, 490));
}

#[test]
fn only_what_has_come_back_is_sent_anew_and_once() {
    let (mut branch, id) = settled(Stage::Sent);
    let [first, own] = branch.orders_of(id)[..] else { panic!("two orders") };
    branch.post(first).unwrap();
    branch.delete(own).unwrap();
    let shares = branch.anew(id);
    branch.resume(id, 1, shares.clone()).unwrap();
    assert_eq!(branch.settlement(id).state, Stage::Sent, "it was not concluded");
    branch.conclude(id, Stage::Differs).unwrap();

    // Whatever the caller takes for refused: there is no money to pay a share twice.
    let mut both = shares.clone();
    both[0].order_key = Arc::from("paid twice");
    let mut other = branch.settlement(id).shares.clone();
    other[0].order_key = Arc::from("paid twice");
    let mut changed = shares.clone();
    changed[0].requisites = Arc::from("{\"another\":1}");
    let mut dearer = shares.clone();
    dearer[1].amount = tiyin(1);
    let none = branch.settlement(id).shares.clone();
    for wrong in [both, other, changed, dearer, none, Vec::new()] {
        let before = branch.state();
        assert_eq!(branch.resume(id, 1, wrong.clone()), Err(Reject::AmountDiffers), "{wrong:?}");
        assert_eq!(branch.state(), before);
    }
    branch.resume(id, 1, shares).unwrap();
    assert_eq!(branch.settlement(id).attempts, 2);
    // Two have looked at the first attempt and correct the same share: the first one is paid.
    branch.delete(branch.orders_of(id)[1]).unwrap();
    branch.conclude(id, Stage::Differs).unwrap();
    let before = branch.state();
    let late = branch.anew(id);
    branch.resume(id, 1, late).unwrap();
    assert_eq!(branch.state(), before, "who looked at another attempt knows less");

    let stale = ConcludeSettlement { id, attempt: 1, state: Stage::Settled, note: None, now: NOW };
    branch.run(BankCommand::Conclude(stale)).unwrap();
    branch.conclude(id, Stage::Settled).unwrap();
    assert_eq!(branch.state(), before, "the money has not reached anybody");
}
