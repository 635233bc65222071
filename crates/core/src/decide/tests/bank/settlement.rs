//! Every step of a settlement, and where its money is after it.

use super::*;
use crate::settlement::Share;

#[test]
fn every_step_of_a_settlement() {
    use Stage::{Differs, Proposed, Sent, Settled, Withdrawn};
    let steps = [(Proposed, Withdrawn), (Sent, Settled), (Sent, Differs), (Differs, Settled)];
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
        let is_sent = !matches!(from, Withdrawn);
        assert_eq!(branch.kinds().len(), usize::from(is_sent), "{from:?}: it is booked once");
        let available = if is_sent { 480 } else { 0 };
        assert_eq!(branch.money(), (available, 0), "{from:?}");
        let merchant = branch.balance(Account::Merchant(MERCHANT));
        assert_eq!(
            (merchant, branch.balance(Account::Fees)),
            if is_sent { (500, -20) } else { (0, 0) }
        );

        let (mut branch, id) = settled(from);
        let again = document(branch.propose(1, [700, 0]));
        assert_eq!(again == id, from != Withdrawn, "{from:?}: one a day");
        assert_ne!(document(branch.propose(2, [1, 0])), id);
    }
}

#[test]
fn a_settlement_must_be_of_something_and_more_than_its_commission() {
    for (gross, fee, want) in [
        (500, 500, Ok(0)),
        (0, 0, Err(Reject::AmountDiffers)),
        (500, 501, Err(Reject::AmountDiffers)),
        (i64::MAX, 0, Err(Reject::AmountAboveLimit)),
    ] {
        let mut branch = Branch::new(10);
        let id = document(branch.propose(1, [gross, fee]));
        let sent = branch.send(id).map(|_| branch.money().0 - 10);
        assert_eq!(sent, want, "{gross} less {fee}");
    }
}

#[test]
fn what_comes_back_waits_in_suspense_until_it_is_sent_anew() {
    let share = |key: &str, amount: i64| Share {
        order_key: Arc::from(key),
        amount: tiyin(amount),
        bank_fee: tiyin(10),
        requisites: Arc::from("{}"),
    };
    let (mut branch, id) = settled(Stage::Sent);
    branch.conclude_with(id, Stage::Differs, 300).unwrap();
    assert_eq!(branch.settlement(id).suspended, tiyin(300));
    assert_eq!((branch.money().0, branch.balance(Account::Suspense)), (180, -300));
    branch.conclude_with(id, Stage::Differs, 300).unwrap();
    branch.conclude_with(id, Stage::Settled, 0).unwrap();
    assert_eq!(branch.settlement(id).state, Stage::Differs, "the money has not reached anybody");

    let resume = |branch: &mut Branch, shares| {
        branch.run(BankCommand::Resume { id, service: SERVICE, shares, now: NOW })
    };
    let dearer = resume(&mut branch, vec![share("a", 1)]);
    assert_eq!(dearer, Err(Reject::AmountDiffers));
    resume(&mut branch, Vec::new()).unwrap();
    assert_eq!((branch.money().0, branch.balance(Account::Suspense)), (480, 0));
    let before = branch.state();
    resume(&mut branch, Vec::new()).unwrap();
    assert_eq!(branch.state(), before, "it is sent anew once");

    // Who looked before that knows about the orders of then.
    let stale = ConcludeSettlement {
        id,
        service: SERVICE,
        attempt: 1,
        state: Stage::Differs,
        returned: tiyin(300),
        note: None,
        now: NOW,
    };
    branch.run(BankCommand::Conclude(stale)).unwrap();
    assert_eq!(branch.state(), before);
    // Other orders have spent what came back: what is left is held, and nothing below zero.
    branch.conclude_with(id, Stage::Differs, 10_000).unwrap();
    assert_eq!((branch.money().0, branch.balance(Account::Suspense)), (0, -480));
}
