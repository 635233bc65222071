//! Tests of the decisions: a small shop runs through scripts of commands, one row a step.

mod bank;
mod counter;
mod fiscal;
mod payme;
mod pinpad;
mod till;

use std::sync::Arc;

use super::decide;
use crate::acquirer::Acquirer;
use crate::card::{Card, CardFace, Expiry, Pan, SealedPan};
use crate::command::{BeginPay, Command, ConfirmOutcome, IdempotencyKey, Outcome, Target, Token};
use crate::entry::EntryKind;
use crate::id::{CardId, KassaId, OperationId, ReceiptId};
use crate::money::Tiyin;
use crate::network::{HOLD_LIFE_MS, Network};
use crate::otp::PendingCode;
use crate::plan::Reply;
use crate::receipt::{Receipt, ReceiptState as State};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::secret::SecretHash;
use crate::time::UnixMillis;

const KASSA: KassaId = KassaId([1; 12]);
const STRANGER: KassaId = KassaId([9; 12]);
const RECEIPT: ReceiptId = ReceiptId([2; 12]);
const CARD: CardId = CardId([3; 12]);

/// A kassa with one receipt and one card, and the operation numbers it has used.
struct Shop {
    rows: Rows,
    now: UnixMillis,
    operations: u8,
}

impl Shop {
    fn new(network: Network, recurrent: bool) -> Self {
        let mut shop = Self { rows: Rows::default(), now: UnixMillis(1_000), operations: 0 };
        shop.rows.next_number = 80;
        let card = Box::new(card(network, recurrent));
        shop.run(Command::CreateCard { card, key: None }).unwrap();
        let receipt = Box::new(receipt(RECEIPT));
        shop.run(Command::CreateReceipt { receipt, key: None }).unwrap();
        shop
    }

    fn run(&mut self, command: Command) -> Result<Reply, Reject> {
        let plan = decide(&command, &self.rows)?;
        let reply = plan.reply.clone();
        self.rows.apply(plan);
        Ok(reply)
    }

    fn operation(&mut self) -> OperationId {
        self.operations += 1;
        OperationId([self.operations; 12])
    }

    fn target(&self) -> Target {
        Target { receipt: RECEIPT, kassa: KASSA, now: self.now, key: None }
    }

    fn begin_pay(&mut self, hold: bool) -> Result<OperationId, Reject> {
        let operation = self.operation();
        let pay = BeginPay {
            target: self.target(),
            token: token("secret"),
            operation,
            hold,
            payer: None,
        };
        self.run(Command::BeginPay(Box::new(pay))).map(|_| operation)
    }

    fn finish_pay(&mut self, operation: OperationId, outcome: Outcome) {
        let one_time_card = (!self.rows.cards[&CARD].recurrent).then_some(CARD);
        let (receipt, now) = (RECEIPT, self.now);
        self.run(Command::FinishPay { receipt, operation, one_time_card, outcome, now }).unwrap();
    }

    fn pay(&mut self, hold: bool) {
        let operation = self.begin_pay(hold).unwrap();
        self.finish_pay(operation, Outcome::Done);
    }

    fn begin_confirm(&mut self, amount: Option<i64>) -> Result<OperationId, Reject> {
        let operation = self.operation();
        let amount = amount.and_then(Tiyin::new);
        let target = self.target();
        self.run(Command::BeginConfirm { target, operation, amount }).map(|_| operation)
    }

    fn finish_confirm(&mut self, operation: OperationId, amount: i64, outcome: ConfirmOutcome) {
        let (receipt, now) = (RECEIPT, self.now);
        let amount = Tiyin::new(amount).unwrap();
        self.run(Command::FinishConfirm { receipt, operation, amount, outcome, now }).unwrap();
    }

    fn begin_cancel(&mut self) -> Result<OperationId, Reject> {
        let operation = self.operation();
        let target = self.target();
        self.run(Command::BeginCancel { target, operation }).map(|_| operation)
    }

    fn finish_cancel(&mut self, operation: OperationId, outcome: Outcome) {
        let (receipt, now) = (RECEIPT, self.now);
        self.run(Command::FinishCancel { receipt, operation, outcome, now }).unwrap();
    }

    fn receipt(&self) -> &Receipt {
        &self.rows.receipts[&RECEIPT]
    }

    /// The kinds of the entries so far, and that all of them together leave `balance` with the
    /// merchant.
    fn ledger(&self, merchant: i64) -> Vec<EntryKind> {
        let postings = self.rows.entries.iter().flat_map(|entry| entry.postings.postings());
        let account = crate::account::Account::Merchant(KASSA);
        let sum: i64 = postings.filter(|p| p.account == account).map(|p| p.amount).sum();
        assert_eq!(-sum, merchant, "balance of the merchant");
        self.rows.entries.iter().map(|entry| entry.kind).collect()
    }

    fn open_intents(&self) -> usize {
        self.rows.outbox_new.len() - self.rows.outbox_done.len()
    }
}

fn token(secret: &str) -> Token {
    Token { card: CARD, secret: SecretHash::of(b"", secret.as_bytes()) }
}

fn card(network: Network, recurrent: bool) -> Card {
    let pan = Pan::parse("8600069195406311").unwrap();
    let expiry = Expiry::parse_mmyy("0399").unwrap();
    Card {
        face: CardFace { id: CARD, masked: pan.masked(), expiry, network },
        kassa: KASSA,
        token: token("secret").secret,
        recurrent,
        verified: true,
        removed_at: None,
        created_at: UnixMillis(0),
        pan: Some(SealedPan { key_id: 1, bytes: Arc::from([0_u8; 8].as_slice()) }),
        code: PendingCode::default(),
        in_use: None,
    }
}

fn receipt(id: ReceiptId) -> Receipt {
    Receipt {
        id,
        kassa: KASSA,
        acquirer: Acquirer::Networks,
        state: State::Created,
        amount: Tiyin::new(1_000).unwrap(),
        commission: Tiyin::new(15).unwrap(),
        number: 0,
        hold: false,
        created_at: UnixMillis(0),
        paid_at: None,
        held_at: None,
        cancelled_at: None,
        operation: None,
        debit: None,
        card: None,
        body: Arc::from("{}"),
        payer: None,
        fiscal: None,
    }
}

#[test]
fn paying_walks_to_paid_with_one_entry() {
    let mut shop = Shop::new(Network::Uzcard, true);
    assert_eq!(shop.receipt().number, 80);
    let operation = shop.begin_pay(false).unwrap();
    assert_eq!((shop.receipt().state, shop.open_intents()), (State::Debiting, 1));
    assert_eq!(shop.begin_pay(false), Err(Reject::ReceiptState(State::Debiting)));
    shop.finish_pay(operation, Outcome::Done);
    shop.finish_pay(operation, Outcome::Done);
    shop.finish_pay(operation, Outcome::Refused);
    assert_eq!((shop.receipt().state, shop.open_intents()), (State::Paid, 0));
    assert_eq!(shop.receipt().debit, Some(operation));
    assert_eq!(shop.ledger(985), [EntryKind::ReceiptPaid]);
    assert_eq!(shop.begin_pay(false), Err(Reject::ReceiptState(State::Paid)));
}

#[test]
fn a_refused_payment_can_be_tried_again() {
    let mut shop = Shop::new(Network::Uzcard, true);
    let operation = shop.begin_pay(false).unwrap();
    shop.finish_pay(operation, Outcome::Refused);
    assert_eq!((shop.receipt().state, shop.receipt().card), (State::Created, None));
    assert_eq!(shop.ledger(0), []);
    shop.pay(false);
    assert_eq!(shop.ledger(985), [EntryKind::ReceiptPaid]);
}

#[test]
fn a_late_outcome_of_an_earlier_try_changes_nothing() {
    let mut shop = Shop::new(Network::Uzcard, true);
    let first = shop.begin_pay(false).unwrap();
    shop.finish_pay(first, Outcome::Refused);
    let second = shop.begin_pay(false).unwrap();
    shop.finish_pay(first, Outcome::Done);
    assert_eq!(shop.receipt().state, State::Debiting);
    shop.finish_pay(second, Outcome::Done);
    assert_eq!(shop.ledger(985), [EntryKind::ReceiptPaid]);
}

#[test]
fn a_hold_is_captured_or_given_back() {
    use EntryKind::{HoldEnded, ReceiptHeld, ReceiptPaid};

    let mut shop = Shop::new(Network::Humo, true);
    shop.pay(true);
    assert_eq!(shop.receipt().state, State::Held);
    assert_eq!(shop.ledger(0), [ReceiptHeld]);
    let operation = shop.begin_confirm(None).unwrap();
    assert_eq!(shop.begin_confirm(None), Err(Reject::ReceiptState(State::CloseQueued)));
    assert_eq!(shop.begin_cancel(), Err(Reject::ReceiptState(State::CloseQueued)));
    shop.finish_confirm(operation, 1_000, ConfirmOutcome::HoldStands);
    assert_eq!(shop.receipt().state, State::Held);
    let operation = shop.begin_confirm(None).unwrap();
    shop.finish_confirm(operation, 1_000, ConfirmOutcome::Captured);
    shop.finish_confirm(operation, 1_000, ConfirmOutcome::Captured);
    assert_eq!(shop.receipt().state, State::Paid);
    assert_eq!(shop.ledger(985), [ReceiptHeld, HoldEnded, ReceiptPaid]);
    assert!(shop.begin_confirm(None).is_ok(), "a repeat is answered, not refused");
    assert_eq!(shop.open_intents(), 0);

    let mut shop = Shop::new(Network::Humo, true);
    shop.pay(true);
    let operation = shop.begin_cancel().unwrap();
    assert_eq!(shop.receipt().state, State::CancelQueued);
    shop.finish_cancel(operation, Outcome::Done);
    assert_eq!(shop.receipt().state, State::Cancelled);
    assert_eq!(shop.ledger(0), [ReceiptHeld, HoldEnded]);
}

#[test]
fn a_part_of_a_hold_can_be_captured() {
    let mut shop = Shop::new(Network::Uzcard, true);
    shop.pay(true);
    assert_eq!(shop.begin_confirm(Some(1_001)), Err(Reject::MoreThanHeld));
    assert_eq!(shop.begin_confirm(Some(0)), Err(Reject::AmountBelowLimit));
    let operation = shop.begin_confirm(Some(500)).unwrap();
    shop.finish_confirm(operation, 500, ConfirmOutcome::Captured);
    assert_eq!(shop.receipt().amount, Tiyin::new(500).unwrap());
    // Of 15 tiyin commission on 1000, 7 fall on 500: the half tiyin stays with the merchant.
    shop.ledger(493);
    let operation = shop.begin_cancel().unwrap();
    shop.finish_cancel(operation, Outcome::Done);
    shop.ledger(0);
}

#[test]
fn old_holds_follow_the_rules_of_their_network() {
    let mut shop = Shop::new(Network::Humo, true);
    shop.pay(true);
    shop.now = shop.now.plus(HOLD_LIFE_MS);
    assert_eq!(shop.begin_cancel(), Err(Reject::HoldOnlyConfirmable));
    assert!(shop.begin_confirm(None).is_ok());

    let mut shop = Shop::new(Network::Uzcard, true);
    shop.pay(true);
    shop.now = shop.now.plus(HOLD_LIFE_MS);
    let operation = shop.begin_confirm(None).unwrap();
    shop.finish_confirm(operation, 1_000, ConfirmOutcome::HoldGone);
    assert_eq!(shop.receipt().state, State::Cancelled);
    assert_eq!(shop.ledger(0), [EntryKind::ReceiptHeld, EntryKind::HoldEnded]);
}

#[test]
fn cancelling_ends_at_once_or_refunds_first() {
    let mut shop = Shop::new(Network::Uzcard, true);
    shop.begin_cancel().unwrap();
    assert_eq!((shop.receipt().state, shop.open_intents()), (State::Cancelled, 0));
    assert_eq!(shop.begin_pay(false), Err(Reject::ReceiptState(State::Cancelled)));

    let mut shop = Shop::new(Network::Uzcard, true);
    shop.pay(false);
    let operation = shop.begin_cancel().unwrap();
    assert_eq!((shop.receipt().state, shop.open_intents()), (State::CancelQueued, 1));
    shop.begin_cancel().unwrap();
    assert_eq!(shop.open_intents(), 1, "a repeat queues nothing");
    shop.finish_cancel(operation, Outcome::Done);
    shop.finish_cancel(operation, Outcome::Done);
    assert_eq!(shop.receipt().state, State::Cancelled);
    assert_eq!(shop.ledger(0), [EntryKind::ReceiptPaid, EntryKind::ReceiptRefunded]);

    let mut shop = Shop::new(Network::Uzcard, true);
    shop.pay(false);
    let operation = shop.begin_cancel().unwrap();
    shop.finish_cancel(operation, Outcome::Refused);
    assert_eq!(shop.receipt().state, State::Paused, "for an operator to look at");
    shop.ledger(985);
    let again = shop.begin_cancel().unwrap();
    assert_ne!(again, operation, "the network is asked anew");
    assert_eq!((shop.receipt().state, shop.open_intents()), (State::CancelQueued, 1));
    shop.finish_cancel(again, Outcome::Done);
    assert_eq!(shop.receipt().state, State::Cancelled);
    assert_eq!(shop.ledger(0), [EntryKind::ReceiptPaid, EntryKind::ReceiptRefunded]);
}

#[test]
fn strangers_see_nothing() {
    let mut shop = Shop::new(Network::Uzcard, true);
    let target = Target { kassa: STRANGER, ..shop.target() };
    let operation = shop.operation();
    let cancel = Command::BeginCancel { target: target.clone(), operation };
    assert_eq!(shop.run(cancel), Err(Reject::ReceiptNotFound));
    let fiscal = Command::SetFiscal { target, fiscal: Arc::from("{}") };
    assert_eq!(shop.run(fiscal), Err(Reject::ReceiptNotFound));
    for (kassa, token) in [(STRANGER, token("secret")), (KASSA, token("wrong"))] {
        let remove = Command::RemoveCard { kassa, token, now: shop.now };
        assert_eq!(shop.run(remove), Err(Reject::CardNotFound));
    }
}

#[test]
fn a_one_time_card_pays_once() {
    let mut shop = Shop::new(Network::Uzcard, false);
    let other = ReceiptId([4; 12]);
    let second = Box::new(receipt(other));
    shop.run(Command::CreateReceipt { receipt: second, key: None }).unwrap();
    let operation = shop.begin_pay(false).unwrap();
    let target = Target { receipt: other, ..shop.target() };
    let pay = BeginPay {
        target,
        token: token("secret"),
        operation: shop.operation(),
        hold: false,
        payer: None,
    };
    let elsewhere = Command::BeginPay(Box::new(pay));
    assert_eq!(shop.run(elsewhere.clone()), Err(Reject::CardInUse));
    shop.finish_pay(operation, Outcome::Done);
    assert_eq!(shop.run(elsewhere), Err(Reject::CardRemoved));
    assert_eq!(shop.rows.cards[&CARD].pan, None, "the sealed number is forgotten");

    let mut shop = Shop::new(Network::Uzcard, false);
    let operation = shop.begin_pay(false).unwrap();
    shop.finish_pay(operation, Outcome::Refused);
    shop.pay(false);
    assert_eq!(shop.receipt().state, State::Paid, "a refusal does not use the token up");
}

#[test]
fn an_unverified_card_cannot_pay_until_its_code_comes() {
    let mut shop = Shop::new(Network::Uzcard, true);
    let unverified = Card { verified: false, ..card(Network::Uzcard, true) };
    shop.run(Command::CreateCard { card: Box::new(unverified), key: None }).unwrap();
    assert_eq!(shop.begin_pay(false), Err(Reject::CardNotVerified));
    let (kassa, token, now) = (KASSA, token("secret"), shop.now);
    let code = |text: &str| SecretHash::of(b"", text.as_bytes());
    shop.run(Command::SendCode { kassa, token, code: code("1"), now }).unwrap();
    let wrong = Command::VerifyCard { kassa, token, code: code("2"), now };
    assert_eq!(shop.run(wrong), Ok(Reply::Refused(Reject::CodeWrong)));
    assert_eq!(shop.rows.cards[&CARD].code.wrong_tries, 1, "the try is written down");
    shop.run(Command::VerifyCard { kassa, token, code: code("1"), now }).unwrap();
    shop.pay(false);
}

#[test]
fn an_idempotency_key_is_used_once() {
    let mut shop = Shop::new(Network::Uzcard, true);
    let key = IdempotencyKey {
        kassa: KASSA,
        key: "k1".into(),
        fingerprint: SecretHash::of(b"", b"request"),
    };
    let create = |id: u8, key: &IdempotencyKey| Command::CreateReceipt {
        receipt: Box::new(receipt(ReceiptId([id; 12]))),
        key: Some(key.clone()),
    };
    shop.run(create(5, &key)).unwrap();
    assert_eq!(shop.run(create(6, &key)), Err(Reject::IdempotencyKeyUsed));
    let others = IdempotencyKey { kassa: STRANGER, ..key };
    shop.run(create(7, &others)).unwrap();
}

#[test]
fn a_number_sealed_anew_replaces_only_what_it_was_made_from() {
    let mut shop = Shop::new(Network::Uzcard, true);
    let from = shop.rows.cards[&CARD].pan.clone().unwrap();
    let to = SealedPan { key_id: 2, bytes: Arc::from([1_u8; 8].as_slice()) };
    let reseal = Command::ResealCard { card: CARD, from: from.clone(), to: to.clone() };
    shop.run(reseal.clone()).unwrap();
    assert_eq!(shop.rows.cards[&CARD].pan, Some(to));
    assert_eq!(shop.run(reseal), Err(Reject::CardNotFound));
}
