//! The actors of the tests: kassas, cards and receipts, and the walks they take.

use std::sync::Arc;

use chorsu_core::card::{CardFace, SealedPan};
use chorsu_core::command::{BeginPay, ConfirmOutcome, IdempotencyKey, Outcome, Target, Token};
use chorsu_core::otp::PendingCode;
use chorsu_core::plan::OutboxRow;
use chorsu_core::secret::SecretHash;
use chorsu_core::{
    Acquirer, Card, CardId, Command, Expiry, KassaId, MaskedPan, Network, OperationId, Receipt,
    ReceiptId, ReceiptState, Reject, Reply, Tiyin, UnixMillis,
};
use chorsu_store::{Store, SubmitError};

use crate::fresh::unique;

/// The kassa of most tests.
pub(crate) const KASSA: KassaId = KassaId([7; 12]);
/// Another one.
pub(crate) const OTHER_KASSA: KassaId = KassaId([9; 12]);
/// The time of most tests.
pub(crate) const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

pub(crate) fn random() -> [u8; 6] {
    let number = unique();
    // Spread over the last byte, by which lanes are chosen.
    let [a, b, c, d] = number.to_be_bytes();
    let spread = number.wrapping_mul(2_654_435_761).to_be_bytes();
    [a, b, c, d, spread[0], spread[1]]
}

pub(crate) fn receipt_id(at: UnixMillis) -> ReceiptId {
    ReceiptId::new(at, random())
}

pub(crate) fn operation_id() -> OperationId {
    OperationId::new(NOW, random())
}

pub(crate) fn key(text: &str) -> IdempotencyKey {
    let fingerprint = SecretHash::of(b"request", text.as_bytes());
    IdempotencyKey { kassa: KASSA, key: text.to_owned(), fingerprint }
}

/// A receipt of 5000 tiyin with a commission of 50.
pub(crate) fn new_receipt(at: UnixMillis) -> Receipt {
    Receipt {
        id: receipt_id(at),
        kassa: KASSA,
        acquirer: Acquirer::Networks,
        state: ReceiptState::Created,
        amount: Tiyin::new(5_000).unwrap(),
        commission: Tiyin::new(50).unwrap(),
        number: 0,
        hold: false,
        created_at: at,
        paid_at: None,
        held_at: None,
        cancelled_at: None,
        operation: None,
        debit: None,
        card: None,
        body: Arc::from(r#"{"account":{"order_id":"чек № 1"}}"#),
        payer: None,
        fiscal: None,
    }
}

/// A card that has been proved by a code.
pub(crate) fn new_card(recurrent: bool) -> Card {
    let id = CardId::new(NOW, random());
    let face = CardFace {
        id,
        masked: MaskedPan::parse("860006******6311").unwrap(),
        expiry: Expiry::parse_mmyy("0399").unwrap(),
        network: Network::Uzcard,
    };
    Card {
        face,
        kassa: KASSA,
        token: SecretHash::of(b"token", id.as_bytes()),
        recurrent,
        verified: true,
        removed_at: None,
        created_at: NOW,
        pan: Some(SealedPan { key_id: 1, bytes: Arc::from(&b"sealed number"[..]) }),
        code: PendingCode::default(),
        in_use: None,
    }
}

pub(crate) fn token(card: &Card) -> Token {
    Token { card: card.id(), secret: card.token }
}

pub(crate) fn target(receipt: ReceiptId) -> Target {
    Target { receipt, kassa: KASSA, now: NOW, key: None }
}

/// A small generator of numbers that look random (xorshift).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// What a walk through the store comes back with.
pub(crate) type Submitted = Result<Reply, SubmitError>;

/// The reason of a refusal.
pub(crate) fn reject(submitted: Submitted) -> Reject {
    match submitted {
        Err(SubmitError::Rejected(reject)) => reject,
        other => panic!("not a refusal: {other:?}"),
    }
}

pub(crate) fn receipt_of(submitted: Submitted) -> Receipt {
    match submitted.unwrap() {
        Reply::Receipt(receipt) | Reply::PayBegun(receipt, _) | Reply::Begun(receipt, _) => {
            Receipt::clone(&receipt)
        }
        other => panic!("not about a receipt: {other:?}"),
    }
}

/// The store as the kassa of the tests uses it.
#[derive(Clone, Copy)]
pub(crate) struct Shop<'a>(pub(crate) &'a Store);

impl Shop<'_> {
    pub(crate) async fn card(self, recurrent: bool) -> Card {
        let card = new_card(recurrent);
        let command = Command::CreateCard { card: Box::new(card.clone()), key: None };
        assert_eq!(self.0.submit(command).await.unwrap(), Reply::Card(Arc::new(card.clone())));
        card
    }

    pub(crate) async fn create(self, receipt: Receipt) -> Submitted {
        self.0.submit(Command::CreateReceipt { receipt: Box::new(receipt), key: None }).await
    }

    pub(crate) async fn receipt(self) -> Receipt {
        receipt_of(self.create(new_receipt(NOW)).await)
    }

    pub(crate) async fn begin_pay(self, receipt: ReceiptId, card: &Card, hold: bool) -> Submitted {
        let pay = BeginPay {
            target: target(receipt),
            token: token(card),
            operation: operation_id(),
            hold,
            payer: Some(Arc::from(r#"{"phone":"998901234567"}"#)),
        };
        self.0.submit(Command::BeginPay(Box::new(pay))).await
    }

    /// Ends the request to the network that the receipt waits for.
    pub(crate) async fn finish_pay(
        self,
        receipt: &Receipt,
        card: &Card,
        outcome: Outcome,
    ) -> Submitted {
        let one_time_card = (!card.recurrent).then(|| card.id());
        let operation = receipt.operation.unwrap();
        let receipt = receipt.id;
        let now = NOW.plus(1_000);
        let command = Command::FinishPay { receipt, operation, one_time_card, outcome, now };
        self.0.submit(command).await
    }

    /// A receipt that was paid, or held, with this card.
    pub(crate) async fn paid(self, card: &Card, hold: bool) -> Receipt {
        let receipt = self.receipt().await;
        let begun = receipt_of(self.begin_pay(receipt.id, card, hold).await);
        receipt_of(self.finish_pay(&begun, card, Outcome::Done).await)
    }

    pub(crate) async fn begin_cancel(self, receipt: ReceiptId) -> Submitted {
        let (target, operation) = (target(receipt), operation_id());
        self.0.submit(Command::BeginCancel { target, operation }).await
    }

    pub(crate) async fn finish_cancel(self, row: &OutboxRow, outcome: Outcome) -> Submitted {
        let (receipt, operation) = (row.document.into(), row.operation);
        let now = NOW.plus(2_000);
        self.0.submit(Command::FinishCancel { receipt, operation, outcome, now }).await
    }

    pub(crate) async fn begin_confirm(self, receipt: ReceiptId, part: Option<i64>) -> Submitted {
        let (target, operation) = (target(receipt), operation_id());
        let amount = part.map(|part| Tiyin::new(part).unwrap());
        self.0.submit(Command::BeginConfirm { target, operation, amount }).await
    }

    pub(crate) async fn finish_confirm(
        self,
        row: &OutboxRow,
        outcome: ConfirmOutcome,
    ) -> Submitted {
        let (receipt, operation, amount) = (row.document.into(), row.operation, row.amount);
        let now = NOW.plus(3_000);
        self.0.submit(Command::FinishConfirm { receipt, operation, amount, outcome, now }).await
    }

    /// The receipt as it is stored.
    pub(crate) async fn stored(self, id: ReceiptId) -> Receipt {
        self.0.receipt(id).await.unwrap().unwrap()
    }
}

/// The receipt and the intent of a walk that has begun.
pub(crate) fn begun(submitted: Submitted) -> (Receipt, OutboxRow) {
    match submitted.unwrap() {
        Reply::Begun(receipt, row) => (Receipt::clone(&receipt), row),
        other => panic!("nothing has begun: {other:?}"),
    }
}
