//! What can be asked of the store: every change of a receipt or a card is one of these.
//!
//! A command carries everything its decision needs from outside the database: the time, new ids,
//! hashes of secrets, and the settings of the kassa where they matter.

pub mod bank;
pub mod fiscal;
pub mod payme;
pub mod shift;
pub mod till;

use std::sync::Arc;

use self::bank::BankCommand;
use self::fiscal::FiscalCommand;
use self::payme::PaymeCommand;
use self::shift::ShiftCommand;
use self::till::TillCommand;
use crate::bank::ServiceId;
use crate::card::{Card, SealedPan};
use crate::id::{CardId, DocumentId, KassaId, OperationId, ReceiptId};
use crate::money::Tiyin;
use crate::receipt::Receipt;
use crate::secret::SecretHash;
use crate::time::UnixMillis;

/// A caller's Idempotency-Key, with what it was used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Whose key.
    pub kassa: KassaId,
    /// The key.
    pub key: String,
    /// The hash of method and parameters; the same key with another hash is an error.
    pub fingerprint: SecretHash,
}

/// A token as its holder shows it: the card and the hash of the secret half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The card it stands for.
    pub card: CardId,
    /// The hash of its secret half.
    pub secret: SecretHash,
}

/// How a request to a card network ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The network did it.
    Done,
    /// The network did not do it and never will under this operation.
    Refused,
}

/// A change to be decided and written.
#[derive(Clone, Debug)]
pub enum Command {
    /// Stores a new receipt ("receipts.create"). Its number is given by the store.
    CreateReceipt {
        /// The receipt, in state 0.
        receipt: Box<Receipt>,
        /// The caller's idempotency key.
        key: Option<IdempotencyKey>,
    },
    /// Starts to debit or hold ("receipts.pay").
    BeginPay(Box<BeginPay>),
    /// Ends what [`Command::BeginPay`] started.
    FinishPay {
        /// Which receipt.
        receipt: ReceiptId,
        /// Which request to the network.
        operation: OperationId,
        /// The one-time card it used, to be used up.
        one_time_card: Option<CardId>,
        /// How it ended.
        outcome: Outcome,
        /// When.
        now: UnixMillis,
    },
    /// Starts to capture a hold ("receipts.confirm_hold").
    BeginConfirm {
        /// What and by whom.
        target: Target,
        /// The new request to the network.
        operation: OperationId,
        /// How much of the hold is taken; all of it when absent.
        amount: Option<Tiyin>,
    },
    /// Ends what [`Command::BeginConfirm`] started.
    FinishConfirm {
        /// Which receipt.
        receipt: ReceiptId,
        /// Which request to the network.
        operation: OperationId,
        /// What was captured.
        amount: Tiyin,
        /// How it ended.
        outcome: ConfirmOutcome,
        /// When.
        now: UnixMillis,
    },
    /// Cancels a receipt, or queues its refund or release ("receipts.cancel").
    BeginCancel {
        /// What and by whom.
        target: Target,
        /// The new request to the network, if one is needed.
        operation: OperationId,
    },
    /// Ends what [`Command::BeginCancel`] started.
    FinishCancel {
        /// Which receipt.
        receipt: ReceiptId,
        /// Which request to the network.
        operation: OperationId,
        /// How it ended.
        outcome: Outcome,
        /// When.
        now: UnixMillis,
    },
    /// Attaches the fiscal receipt ("receipts.set_fiscal_data").
    SetFiscal {
        /// What and by whom.
        target: Target,
        /// The fiscal data, in the API's own JSON.
        fiscal: Arc<str>,
    },
    /// Stores a new card with its sealed number ("cards.create").
    CreateCard {
        /// The card.
        card: Box<Card>,
        /// The caller's idempotency key.
        key: Option<IdempotencyKey>,
    },
    /// Notes that a one-time code is being sent ("cards.get_verify_code").
    SendCode {
        /// Whose token.
        kassa: KassaId,
        /// Which card.
        token: Token,
        /// The salted hash of the code.
        code: SecretHash,
        /// When.
        now: UnixMillis,
    },
    /// Tries a one-time code ("cards.verify").
    VerifyCard {
        /// Whose token.
        kassa: KassaId,
        /// Which card.
        token: Token,
        /// The salted hash of the code.
        code: SecretHash,
        /// When.
        now: UnixMillis,
    },
    /// Takes a token out of use ("cards.remove").
    RemoveCard {
        /// Whose token.
        kassa: KassaId,
        /// Which card.
        token: Token,
        /// When.
        now: UnixMillis,
    },
    /// Seals a card's number with another data key.
    ResealCard {
        /// Which card.
        card: CardId,
        /// The number as it was sealed.
        from: SealedPan,
        /// The same number, sealed anew.
        to: SealedPan,
    },
    /// Pays or closes a receipt whose money Payme takes.
    Payme(PaymeCommand),
    /// Changes a payment at the till.
    Till(TillCommand),
    /// Changes a fiscal receipt.
    Fiscal(FiscalCommand),
    /// Changes the closing of a shift.
    Shift(ShiftCommand),
    /// Changes a payment order, a service or a settlement.
    Bank(BankCommand),
}

/// A receipt that a kassa asks about, now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which receipt.
    pub receipt: ReceiptId,
    /// Who asks.
    pub kassa: KassaId,
    /// When.
    pub now: UnixMillis,
    /// The caller's idempotency key.
    pub key: Option<IdempotencyKey>,
}

/// The particulars of [`Command::BeginPay`].
#[derive(Clone, Debug)]
pub struct BeginPay {
    /// What and by whom.
    pub target: Target,
    /// With which card.
    pub token: Token,
    /// The new request to the network.
    pub operation: OperationId,
    /// Whether to hold although the receipt was not created so.
    pub hold: bool,
    /// Who pays, in the API's own JSON.
    pub payer: Option<Arc<str>>,
}

/// How capturing a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmOutcome {
    /// The money was captured.
    Captured,
    /// The network refused for now; the hold stands.
    HoldStands,
    /// The network has given the money back by itself.
    HoldGone,
}

/// The stored rows a command reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys<'a> {
    /// A receipt.
    pub receipt: Option<ReceiptId>,
    /// A card.
    pub card: Option<CardId>,
    /// An idempotency key.
    pub key: Option<&'a IdempotencyKey>,
    /// Other documents.
    pub documents: [Option<DocumentId>; 3],
    /// Keys under which documents are found.
    pub lookups: [Option<&'a Arc<str>>; 4],
    /// Another such key, which most likely is free: the decision then takes it. Who loads the rows
    /// may take that for granted, as long as the taking fails when it is not so.
    pub likely_free: Option<&'a Arc<str>>,
    /// More of them, for what writes many documents at once.
    pub more_lookups: &'a [Arc<str>],
    /// A bank service.
    pub service: Option<ServiceId>,
}

impl Command {
    /// The rows its decision needs.
    #[must_use]
    pub fn keys(&self) -> Keys<'_> {
        let (receipt, card, key) = match self {
            Self::CreateReceipt { key, .. } | Self::CreateCard { key, .. } => (None, None, key),
            Self::BeginPay(pay) => {
                (Some(pay.target.receipt), Some(pay.token.card), &pay.target.key)
            }
            Self::FinishPay { receipt, one_time_card, .. } => {
                (Some(*receipt), *one_time_card, &None)
            }
            Self::BeginConfirm { target, .. }
            | Self::BeginCancel { target, .. }
            | Self::SetFiscal { target, .. } => (Some(target.receipt), None, &target.key),
            Self::FinishConfirm { receipt, .. } | Self::FinishCancel { receipt, .. } => {
                (Some(*receipt), None, &None)
            }
            Self::SendCode { token, .. }
            | Self::VerifyCard { token, .. }
            | Self::RemoveCard { token, .. } => (None, Some(token.card), &None),
            Self::ResealCard { card, .. } => (None, Some(*card), &None),
            Self::Payme(command) => return command.keys(),
            Self::Till(command) => return command.keys(),
            Self::Fiscal(command) => return command.keys(),
            Self::Shift(command) => return command.keys(),
            Self::Bank(command) => return command.keys(),
        };
        Keys { receipt, card, key: key.as_ref(), ..Keys::default() }
    }
}
