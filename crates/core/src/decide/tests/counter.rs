//! A counter with tills and a fiscal module: what the tests of payments and fiscal receipts act on.

use std::sync::Arc;

use crate::account::Account;
use crate::command::fiscal::{BeginFiscal, FinishFiscal, FiscalCommand, PaymentLink};
use crate::command::till::{
    Begin, BeginReverse, Deliver, PinpadKeys, SettleByHand, TillCommand, TillEnd,
};
use crate::command::{Command, IdempotencyKey};
use crate::decide::decide;
use crate::document::Document;
use crate::entry::EntryKind;
use crate::fiscal_receipt::{FiscalKind, FiscalReceipt, FiscalState, Registration};
use crate::id::{DocumentId, KassaId, OperationId};
use crate::money::Tiyin;
use crate::plan::{OutboxRow, Reply};
use crate::provider::{Provider, Wallet};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::till::{TillPayment, TillState};
use crate::time::UnixMillis;

pub(super) const MERCHANT: KassaId = KassaId([1; 12]);
pub(super) const CLICK: Provider = Provider::Wallet(Wallet::Click);
pub(super) const TILL: &str = "main";
pub(super) const CODE: &str = "880000000000000001";
pub(super) const NUMBER: &str = "4710103925";
pub(super) const URL: &str = "https://ofd.soliq.uz/check?t=1&r=1";

pub(super) fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

/// A scan of 1000 tiyin with a commission of 15.
pub(super) fn payment(id: DocumentId) -> TillPayment {
    TillPayment {
        id,
        till: Arc::from(TILL),
        merchant: MERCHANT,
        provider: CLICK,
        code: Some(Arc::from(CODE)),
        amount: tiyin(1_000),
        commission: tiyin(15),
        state: TillState::Sent,
        operation: None,
        created_at: UnixMillis(1_000),
        paid_at: None,
        prepared: None,
        payment_id: None,
        phone: None,
        note: None,
        told_unknown: false,
        has_key: false,
        ask_again_at: None,
        order: None,
        fiscal: None,
        steps: Vec::new(),
    }
}

/// An order of 1000 tiyin.
pub(super) fn receipt(id: DocumentId) -> FiscalReceipt {
    FiscalReceipt {
        id,
        till: Arc::from(TILL),
        merchant: MERCHANT,
        kind: FiscalKind::Sale,
        total: tiyin(1_000),
        client_id: Some(Arc::from("17")),
        body: Arc::from("{}"),
        state: FiscalState::Draft,
        operation: None,
        created_at: UnixMillis(2_000),
        payment: None,
        second_payment: None,
        registration: None,
        refusal: None,
        steps: Vec::new(),
    }
}

pub(super) fn registration(url: &str) -> Registration {
    Registration {
        terminal: Arc::from("UZ000000000001"),
        number: 1,
        date_time: Arc::from("20260101120000"),
        sign: Arc::from("000000000001"),
        url: Arc::from(url),
    }
}

/// The rows, and the ids that were given out.
pub(super) struct Counter {
    pub(super) rows: Rows,
    pub(super) now: UnixMillis,
    ids: u8,
}

impl Counter {
    pub(super) fn new() -> Self {
        Self { rows: Rows::default(), now: UnixMillis(5_000), ids: 0 }
    }

    pub(super) fn run(&mut self, command: Command) -> Result<Reply, Reject> {
        let plan = decide(&command, &self.rows)?;
        let reply = plan.reply.clone();
        self.rows.apply(plan);
        Ok(reply)
    }

    pub(super) fn till(&mut self, command: TillCommand) -> Result<Reply, Reject> {
        self.run(Command::Till(command))
    }

    pub(super) fn document_id(&mut self) -> DocumentId {
        self.ids += 1;
        DocumentId([self.ids; 12])
    }

    pub(super) fn operation(&mut self) -> OperationId {
        self.ids += 1;
        OperationId([self.ids; 12])
    }

    /// Scans; the payment is as `change` makes it.
    pub(super) fn scan(&mut self, change: impl FnOnce(&mut TillPayment)) -> Result<Reply, Reject> {
        self.scan_with(None, change)
    }

    pub(super) fn scan_with(
        &mut self,
        key: Option<IdempotencyKey>,
        change: impl FnOnce(&mut TillPayment),
    ) -> Result<Reply, Reject> {
        let mut payment = payment(self.document_id());
        change(&mut payment);
        let operation = self.operation();
        let scan_key = payment.code.as_ref();
        let scan_key =
            scan_key.map(|code| Arc::from(TillPayment::scan_key(payment.provider, code)));
        let is_at_pinpad = matches!(payment.provider, Provider::Pinpad(_));
        let pinpad = is_at_pinpad.then(|| PinpadKeys::of(&payment.till));
        let begin = Begin { payment, operation, scan_key, pinpad, key };
        self.till(TillCommand::Begin(Box::new(begin)))
    }

    /// Scans, and gives the id of the payment this began.
    pub(super) fn begun(&mut self) -> DocumentId {
        begun(self.scan(|_| ())).0.id()
    }

    /// A payment in this state; it is the only one, unless `self` had some before.
    pub(super) fn at(&mut self, state: TillState) -> DocumentId {
        let id = self.begun();
        if state == TillState::Unknown {
            self.doubt(id);
        }
        match state {
            TillState::Sent | TillState::Unknown => {}
            TillState::Declined => drop(self.finish(id, false)),
            TillState::Succeeded => drop(self.finish(id, true)),
            TillState::Reversing | TillState::Reversed => {
                self.finish(id, true);
                self.reverse(id).unwrap();
            }
        }
        if state == TillState::Reversed {
            self.finish_reverse(id, None);
        }
        assert_eq!(self.payment(id).state, state);
        id
    }

    pub(super) fn finish(&mut self, id: DocumentId, is_paid: bool) -> Reply {
        self.try_finish(id, is_paid).unwrap()
    }

    pub(super) fn try_finish(&mut self, id: DocumentId, is_paid: bool) -> Result<Reply, Reject> {
        let operation = self.payment(id).operation.unwrap_or(OperationId([99; 12]));
        self.try_finish_as(id, operation, is_paid)
    }

    pub(super) fn finish_as(
        &mut self,
        id: DocumentId,
        operation: OperationId,
        is_paid: bool,
    ) -> Reply {
        self.try_finish_as(id, operation, is_paid).unwrap()
    }

    fn end(&mut self, id: DocumentId, is_paid: bool) -> TillEnd {
        TillEnd {
            is_paid,
            payment_id: is_paid.then(|| Arc::from(NUMBER)),
            paid_key: is_paid.then(|| self.payment(id).own_paid_key(NUMBER)),
            phone: is_paid.then(|| Arc::from("998901234567")),
            note: Some(Arc::from(if is_paid { "ok" } else { "no" })),
            ask_again_at: (!is_paid).then(|| self.now.plus(60_000)),
            reverse_as: self.operation(),
            void_key: self.payment(id).own_void_key(),
        }
    }

    /// What an operator says of a payment as it stands.
    pub(super) fn hand(&mut self, id: DocumentId, is_paid: bool) -> SettleByHand {
        let (end, by, now) = (self.end(id, is_paid), Arc::from("an operator"), self.now);
        let is_reversal = self.payment(id).state == TillState::Reversing;
        SettleByHand { id, is_reversal, end, by, now }
    }

    pub(super) fn settle_by_hand(
        &mut self,
        id: DocumentId,
        is_paid: bool,
    ) -> Result<Reply, Reject> {
        let settle = self.hand(id, is_paid);
        self.till(TillCommand::SettleByHand(Box::new(settle)))
    }

    fn try_finish_as(
        &mut self,
        id: DocumentId,
        operation: OperationId,
        is_paid: bool,
    ) -> Result<Reply, Reject> {
        let end = self.end(id, is_paid);
        let now = self.now;
        self.till(TillCommand::Finish { id, operation, end, now })
    }

    pub(super) fn doubt(&mut self, id: DocumentId) -> Reply {
        let now = self.now;
        self.till(TillCommand::Doubt { id, now }).unwrap()
    }

    pub(super) fn reverse(&mut self, id: DocumentId) -> Result<Reply, Reject> {
        self.reverse_of(id, None)
    }

    pub(super) fn reverse_of(
        &mut self,
        id: DocumentId,
        amount: Option<i64>,
    ) -> Result<Reply, Reject> {
        let operation = self.operation();
        let (amount, now) = (amount.map(tiyin), self.now);
        let reason = Arc::from("goods are back");
        let void_key = self.rows.documents.get(&id).and_then(|document| document.till());
        let void_key = void_key.and_then(TillPayment::own_void_key);
        let key = None;
        let reverse = BeginReverse { id, operation, amount, reason, void_key, key, now };
        self.till(TillCommand::BeginReverse(reverse))
    }

    pub(super) fn finish_reverse(&mut self, id: DocumentId, refusal: Option<&str>) -> Reply {
        let operation = self.payment(id).operation.unwrap_or(OperationId([99; 12]));
        let (refusal, now) = (refusal.map(Arc::from), self.now);
        let slip = Some(Arc::from("the slip of the void"));
        self.till(TillCommand::FinishReverse { id, operation, refusal, slip, now }).unwrap()
    }

    pub(super) fn deliver(&mut self, payment: DocumentId, url: &str) -> Result<Reply, Reject> {
        let (operation, url, now) = (self.operation(), Arc::from(url), self.now);
        self.till(TillCommand::Deliver(Deliver { payment, operation, url, key: None, now }))
    }

    pub(super) fn delivered(
        &mut self,
        id: DocumentId,
        operation: OperationId,
        refusal: Option<&str>,
    ) -> Reply {
        let (refusal, now) = (refusal.map(Arc::from), self.now);
        self.till(TillCommand::Delivered { id, operation, refusal, now }).unwrap()
    }

    /// Sends an order that names the payment of `number`, as `change` makes it.
    pub(super) fn order(
        &mut self,
        number: Option<&str>,
        change: impl FnOnce(&mut FiscalReceipt),
    ) -> Result<Reply, Reject> {
        let mut receipt = receipt(self.document_id());
        change(&mut receipt);
        let operation = self.operation();
        let client_key = receipt.client_id.as_ref();
        let client_key =
            client_key.map(|id| Arc::from(FiscalReceipt::client_key(&receipt.till, id)));
        let link = |number| PaymentLink {
            paid_key: Arc::from(TillPayment::paid_key(CLICK, TILL, number)),
            amount: receipt.total,
        };
        let payments = [number.map(link), None];
        self.order_with(BeginFiscal {
            receipt,
            operation,
            client_key,
            repeat_key: None,
            payments,
            key: None,
        })
    }

    pub(super) fn order_with(&mut self, begin: BeginFiscal) -> Result<Reply, Reject> {
        self.run(Command::Fiscal(FiscalCommand::Begin(Box::new(begin))))
    }

    pub(super) fn finish_order(
        &mut self,
        id: DocumentId,
        end: Result<Registration, Arc<str>>,
    ) -> Reply {
        let receipt = self.fiscal(id);
        let (payments, operation) =
            (receipt.payments(), receipt.operation.unwrap_or(OperationId([99; 12])));
        let last_key = Arc::from(FiscalReceipt::last_key(&receipt.till));
        let (deliver_as, now) = (self.operation(), self.now);
        let finish = FinishFiscal { id, payments, last_key, operation, end, deliver_as, now };
        self.run(Command::Fiscal(FiscalCommand::Finish(Box::new(finish)))).unwrap()
    }

    pub(super) fn payment(&self, id: DocumentId) -> &TillPayment {
        self.rows.documents[&id].till().unwrap()
    }

    pub(super) fn fiscal(&self, id: DocumentId) -> &FiscalReceipt {
        self.rows.documents[&id].fiscal().unwrap()
    }

    /// What of the rows a command may change.
    pub(super) fn state(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        (
            self.rows.documents.clone(),
            self.rows.document_keys.clone(),
            self.rows.entries.clone(),
            self.rows.outbox_new.clone(),
            self.rows.outbox_done.clone(),
        )
    }

    /// The kinds of the entries so far; all of them together leave `merchant` with the merchant,
    /// and zero over all accounts.
    pub(super) fn ledger(&self, merchant: i64) -> Vec<EntryKind> {
        let postings = || self.rows.entries.iter().flat_map(|entry| entry.postings.postings());
        let account = Account::Merchant(MERCHANT);
        let sum: i64 = postings().filter(|p| p.account == account).map(|p| p.amount).sum();
        assert_eq!(-sum, merchant, "balance of the merchant");
        assert_eq!(postings().map(|p| p.amount).sum::<i64>(), 0);
        self.rows.entries.iter().map(|entry| entry.kind).collect()
    }

    /// The intents that wait, by document and operation.
    pub(super) fn waiting(&self) -> Vec<&OutboxRow> {
        assert!(self.rows.outbox_done.is_empty(), "every intent was born in these rows");
        self.rows.outbox_new.iter().collect()
    }
}

/// The document and the intent of a reply that begins something.
pub(super) fn begun(reply: Result<Reply, Reject>) -> (Arc<Document>, OutboxRow) {
    match reply.unwrap() {
        Reply::DocumentBegun(document, row) => (document, row),
        other => panic!("nothing has begun: {other:?}"),
    }
}

/// The document of a reply that begins nothing.
pub(super) fn answered(reply: Result<Reply, Reject>) -> Arc<Document> {
    match reply.unwrap() {
        Reply::Document(document) => document,
        other => panic!("not an answer: {other:?}"),
    }
}
