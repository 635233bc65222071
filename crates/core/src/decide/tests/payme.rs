//! Receipts whose money Payme takes.

use super::*;
use crate::account::Account;
use crate::command::payme::{Begin, End, PaymeCommand};
use crate::plan::OutboxKind;
use crate::provider::Wallet;

fn shop() -> Shop {
    let mut shop = Shop::new(Network::Uzcard, true);
    let payme = Receipt { acquirer: Acquirer::Payme, ..Receipt::clone(shop.receipt()) };
    shop.rows.receipts.insert(RECEIPT, Arc::new(payme));
    shop
}

fn face() -> CardFace {
    card(Network::Humo, true).face
}

impl Shop {
    fn begin_at_payme(&mut self, hold: bool) -> Result<OperationId, Reject> {
        let operation = self.operation();
        let begin = Begin { target: self.target(), operation, hold, payer: Some("{}".into()) };
        let reply = self.run(Command::Payme(PaymeCommand::Begin(Box::new(begin))))?;
        let Reply::Begun(receipt, row) = reply else { panic!("{reply:?}") };
        assert_eq!((receipt.operation, row.operation), (Some(operation), operation));
        let kind = if receipt.hold { OutboxKind::Hold } else { OutboxKind::Debit };
        assert_eq!((row.kind, row.amount), (kind, receipt.amount));
        Ok(operation)
    }

    fn end_at_payme(&mut self, operation: OperationId, end: End) -> State {
        let (receipt, now) = (RECEIPT, self.now);
        let finish = PaymeCommand::Finish { receipt, operation, end, now };
        self.run(Command::Payme(finish)).unwrap();
        self.receipt().state
    }

    fn balance(&self, account: Account) -> i64 {
        let postings = self.rows.entries.iter().flat_map(|entry| entry.postings.postings());
        postings.filter(|posting| posting.account == account).map(|posting| posting.amount).sum()
    }
}

const WALLET: Account = Account::Wallet(Wallet::Payme);
const HELD: Account = Account::HeldWallet(Wallet::Payme);

#[test]
fn a_payment_is_owed_by_the_wallet_whatever_the_card() {
    for known in [None, Some(face())] {
        let mut shop = shop();
        let operation = shop.begin_at_payme(false).unwrap();
        assert_eq!(shop.receipt().state, State::Debiting);
        assert_eq!(shop.begin_at_payme(false), Err(Reject::ReceiptState(State::Debiting)));
        assert_eq!(shop.end_at_payme(operation, End::Paid(known)), State::Paid);
        // A repeat changes nothing.
        assert_eq!(shop.end_at_payme(operation, End::Closed), State::Paid);
        assert_eq!(shop.ledger(985), [EntryKind::ReceiptPaid]);
        assert_eq!((shop.balance(WALLET), shop.receipt().card), (1_000, known));
        assert_eq!((shop.receipt().debit, shop.open_intents()), (Some(operation), 0));
    }
}

#[test]
fn refused_or_closed_takes_nothing() {
    let mut shop = shop();
    let first = shop.begin_at_payme(true).unwrap();
    assert_eq!(shop.end_at_payme(first, End::Refused), State::Created);
    let second = shop.begin_at_payme(true).unwrap();
    assert_eq!(shop.end_at_payme(first, End::Paid(None)), State::Holding, "an old operation");
    assert_eq!(shop.end_at_payme(second, End::Closed), State::Cancelled);
    assert!(shop.receipt().cancelled_at.is_some());
    assert_eq!((shop.ledger(0), shop.open_intents()), (vec![], 0));
}

#[test]
fn a_hold_is_confirmed_or_released_as_a_whole() {
    let mut shop = shop();
    let operation = shop.begin_at_payme(true).unwrap();
    assert_eq!(shop.end_at_payme(operation, End::Held(None)), State::Held);
    assert_eq!(shop.balance(HELD), 1_000);
    assert_eq!(shop.begin_confirm(Some(999)), Err(Reject::WholeHoldOnly));
    let confirm = shop.begin_confirm(Some(1_000)).unwrap();
    shop.finish_confirm(confirm, 1_000, ConfirmOutcome::Captured);
    assert_eq!((shop.balance(HELD), shop.balance(WALLET)), (0, 1_000));
    let refund = shop.begin_cancel().unwrap();
    shop.finish_cancel(refund, Outcome::Done);
    assert_eq!((shop.receipt().state, shop.balance(WALLET)), (State::Cancelled, 0));
}

#[test]
fn a_hold_that_turns_out_to_be_paid_is_booked_as_both() {
    let mut shop = shop();
    let operation = shop.begin_at_payme(true).unwrap();
    assert_eq!(shop.end_at_payme(operation, End::Paid(None)), State::Paid);
    let kinds = [EntryKind::ReceiptHeld, EntryKind::HoldEnded, EntryKind::ReceiptPaid];
    assert_eq!(shop.ledger(985), kinds);
    assert_eq!((shop.balance(HELD), shop.balance(WALLET)), (0, 1_000));
}

#[test]
fn a_debit_that_is_held_instead_is_no_outcome() {
    let mut shop = shop();
    let operation = shop.begin_at_payme(false).unwrap();
    assert_eq!(shop.end_at_payme(operation, End::Held(None)), State::Debiting);
    assert_eq!(shop.open_intents(), 1);
}

#[test]
fn a_refused_cancel_leaves_all_as_it_was() {
    for (hold, state) in [(false, State::Paid), (true, State::Held)] {
        let mut shop = shop();
        let operation = shop.begin_at_payme(hold).unwrap();
        let end = if hold { End::Held(None) } else { End::Paid(None) };
        assert_eq!(shop.end_at_payme(operation, end), state);
        // The networks' rule about old holds is not Payme's.
        shop.now = shop.now.plus(HOLD_LIFE_MS + 1);
        let cancel = shop.begin_cancel().unwrap();
        assert_eq!(shop.receipt().state, State::CancelQueued);
        shop.finish_cancel(cancel, Outcome::Refused);
        assert_eq!((shop.receipt().state, shop.open_intents()), (state, 0));
        let again = shop.begin_cancel().unwrap();
        shop.finish_cancel(again, Outcome::Done);
        assert_eq!(shop.receipt().state, State::Cancelled);
    }
}

#[test]
fn each_acquirer_is_asked_for_its_own_receipts_only() {
    let mut shop = shop();
    assert_eq!(shop.begin_pay(false), Err(Reject::OtherAcquirer));
    assert_eq!(shop.begin_cancel(), Err(Reject::OtherAcquirer));
    let mut networks = Shop::new(Network::Uzcard, true);
    assert_eq!(networks.begin_at_payme(false), Err(Reject::OtherAcquirer));
}

#[test]
fn what_payme_cancels_by_itself_goes_back_once() {
    let cancelled_there = |shop: &mut Shop| {
        let (receipt, now) = (RECEIPT, shop.now);
        shop.run(Command::Payme(PaymeCommand::CancelledThere { receipt, now })).unwrap();
        shop.receipt().state
    };
    for (end, account) in [(End::Paid(None), WALLET), (End::Held(None), HELD)] {
        let mut shop = shop();
        assert_eq!(cancelled_there(&mut shop), State::Created, "nothing was paid");
        let operation = shop.begin_at_payme(matches!(end, End::Held(_))).unwrap();
        assert!(matches!(cancelled_there(&mut shop), State::Debiting | State::Holding));
        shop.end_at_payme(operation, end);
        assert_eq!(shop.balance(account), 1_000);
        assert_eq!(cancelled_there(&mut shop), State::Cancelled);
        let entries = shop.rows.entries.len();
        assert_eq!(cancelled_there(&mut shop), State::Cancelled);
        assert_eq!((shop.balance(account), shop.rows.entries.len()), (0, entries));
        assert!(shop.receipt().cancelled_at.is_some() && shop.open_intents() == 0);
    }

    // What is being cancelled from here goes on as it was.
    let mut shop = shop();
    let operation = shop.begin_at_payme(false).unwrap();
    shop.end_at_payme(operation, End::Paid(None));
    let refund = shop.begin_cancel().unwrap();
    assert_eq!(cancelled_there(&mut shop), State::CancelQueued);
    shop.finish_cancel(refund, Outcome::Done);
    assert_eq!((shop.receipt().state, shop.balance(WALLET)), (State::Cancelled, 0));

    // The card networks have no cabinet of that kind.
    let mut networks = Shop::new(Network::Uzcard, true);
    let paid = Receipt { state: State::Paid, ..Receipt::clone(networks.receipt()) };
    networks.rows.receipts.insert(RECEIPT, Arc::new(paid));
    assert_eq!(cancelled_there(&mut networks), State::Paid);
}
