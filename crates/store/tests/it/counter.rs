//! The counter of the tests: payments at the till and fiscal receipts, and what is asked of them.

use std::sync::Arc;

use chorsu_core::command::IdempotencyKey;
use chorsu_core::command::fiscal::{BeginFiscal, FinishFiscal, FiscalCommand, PaymentLink};
use chorsu_core::command::till::{Begin, BeginReverse, Deliver, TillCommand, TillEnd};
use chorsu_core::fiscal_receipt::{FiscalKind, FiscalReceipt, FiscalState, Registration};
use chorsu_core::plan::OutboxRow;
use chorsu_core::till::{TillPayment, TillState};
use chorsu_core::{Command, Document, DocumentId, OperationId, Provider, Reply, Tiyin, Wallet};
use chorsu_store::Store;

use crate::world::{KASSA, NOW, Submitted, operation_id, receipt_id};

pub(crate) const TILL: &str = "касса 1";
pub(crate) const CLICK: Provider = Provider::Wallet(Wallet::Click);

pub(crate) fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

/// An id that no other document has.
pub(crate) fn document_id() -> DocumentId {
    receipt_id(NOW).into()
}

/// A scan of 5000 tiyin with a commission of 50.
pub(crate) fn new_payment(code: &str) -> TillPayment {
    TillPayment {
        id: document_id(),
        till: Arc::from(TILL),
        merchant: KASSA,
        provider: CLICK,
        code: Some(Arc::from(code)),
        amount: tiyin(5_000),
        commission: tiyin(50),
        state: TillState::Sent,
        operation: None,
        created_at: NOW,
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

/// An order of 5000 tiyin.
pub(crate) fn new_fiscal(client_id: &str) -> FiscalReceipt {
    FiscalReceipt {
        id: document_id(),
        till: Arc::from(TILL),
        merchant: KASSA,
        kind: FiscalKind::Sale,
        total: tiyin(5_000),
        client_id: Some(Arc::from(client_id)),
        body: Arc::from(r#"{"items":[]}"#),
        state: FiscalState::Draft,
        operation: None,
        created_at: NOW,
        payment: None,
        second_payment: None,
        registration: None,
        refusal: None,
        steps: Vec::new(),
    }
}

pub(crate) fn registration(number: i64) -> Registration {
    Registration {
        terminal: Arc::from("UZ000000000001"),
        number,
        date_time: Arc::from("20260101120000"),
        sign: Arc::from("000000000001"),
        url: Arc::from(format!("https://ofd.soliq.uz/check?t=UZ000000000001&r={number}")),
    }
}

pub(crate) fn scan_key(payment: &TillPayment) -> Option<Arc<str>> {
    let code = payment.code.as_ref()?;
    Some(Arc::from(TillPayment::scan_key(payment.provider, code)))
}

/// The command that begins a payment; its request is `operation`.
pub(crate) fn begin(
    payment: TillPayment,
    operation: OperationId,
    key: Option<IdempotencyKey>,
) -> Command {
    let scan_key = scan_key(&payment);
    let begin = Begin { payment, operation, scan_key, pinpad: None, key };
    Command::Till(TillCommand::Begin(Box::new(begin)))
}

/// The command that ends a payment, with the provider's number when it was paid.
pub(crate) fn finish(id: DocumentId, operation: OperationId, number: Option<&str>) -> Command {
    let end = TillEnd {
        is_paid: number.is_some(),
        payment_id: number.map(Arc::from),
        paid_key: number.map(|number| Arc::from(TillPayment::paid_key(CLICK, TILL, number))),
        phone: number.map(|_| Arc::from("998901234567")),
        note: Some(Arc::from("as the provider says")),
        ask_again_at: None,
        reverse_as: operation_id(),
        void_key: None,
    };
    Command::Till(TillCommand::Finish { id, operation, end, now: NOW.plus(1_000) })
}

/// The command that drafts an order; it names the payment of `number`.
pub(crate) fn order(receipt: FiscalReceipt, number: Option<&str>) -> Command {
    let client_key = receipt.client_id.as_ref();
    let client_key = client_key.map(|id| Arc::from(FiscalReceipt::client_key(&receipt.till, id)));
    let link = |number| PaymentLink {
        paid_key: Arc::from(TillPayment::paid_key(CLICK, TILL, number)),
        amount: receipt.total,
    };
    let payments = [number.map(link), None];
    let (operation, repeat_key, key) = (operation_id(), None, None);
    let begin = BeginFiscal { receipt, operation, client_key, repeat_key, payments, key };
    Command::Fiscal(FiscalCommand::Begin(Box::new(begin)))
}

/// The document of a reply.
pub(crate) fn document_of(submitted: Submitted) -> Document {
    match submitted.unwrap() {
        Reply::Document(document) | Reply::DocumentBegun(document, _) => Document::clone(&document),
        other => panic!("not about a document: {other:?}"),
    }
}

pub(crate) fn payment_of(submitted: Submitted) -> TillPayment {
    document_of(submitted).till().unwrap().clone()
}

pub(crate) fn fiscal_of(submitted: Submitted) -> FiscalReceipt {
    document_of(submitted).fiscal().unwrap().clone()
}

/// The intent of a reply that begins something.
pub(crate) fn intent_of(submitted: Submitted) -> OutboxRow {
    match submitted.unwrap() {
        Reply::DocumentBegun(_, row) => row,
        other => panic!("nothing has begun: {other:?}"),
    }
}

/// The store as the counter of the tests uses it.
#[derive(Clone, Copy)]
pub(crate) struct Counter<'a>(pub(crate) &'a Store);

impl Counter<'_> {
    pub(crate) async fn scan(self, code: &str) -> TillPayment {
        payment_of(self.0.submit(begin(new_payment(code), operation_id(), None)).await)
    }

    pub(crate) async fn finish(self, payment: &TillPayment, number: Option<&str>) -> Submitted {
        self.0.submit(finish(payment.id, payment.operation.unwrap(), number)).await
    }

    /// A payment that has succeeded under this number.
    pub(crate) async fn paid(self, code: &str, number: &str) -> TillPayment {
        let payment = self.scan(code).await;
        payment_of(self.finish(&payment, Some(number)).await)
    }

    pub(crate) async fn doubt(self, id: DocumentId) -> TillPayment {
        payment_of(self.0.submit(Command::Till(TillCommand::Doubt { id, now: NOW })).await)
    }

    pub(crate) async fn prepared(self, payment: &TillPayment, prepared: &str) -> TillPayment {
        let (id, prepared) = (payment.id, Arc::from(prepared));
        let operation = payment.operation.unwrap();
        let command = TillCommand::Prepared { id, operation, prepared, now: NOW };
        payment_of(self.0.submit(Command::Till(command)).await)
    }

    pub(crate) async fn reverse(self, id: DocumentId) -> Submitted {
        let (operation, reason) = (operation_id(), Arc::from("goods are back"));
        let (amount, void_key, key, now) = (None, None, None, NOW);
        let reverse = BeginReverse { id, operation, amount, reason, void_key, key, now };
        self.0.submit(Command::Till(TillCommand::BeginReverse(reverse))).await
    }

    pub(crate) async fn finish_reverse(
        self,
        payment: &TillPayment,
        refusal: Option<&str>,
    ) -> TillPayment {
        let (id, refusal) = (payment.id, refusal.map(Arc::from));
        let operation = payment.operation.unwrap();
        let (slip, now) = (None, NOW);
        let command = TillCommand::FinishReverse { id, operation, refusal, slip, now };
        payment_of(self.0.submit(Command::Till(command)).await)
    }

    pub(crate) async fn deliver(self, payment: DocumentId, url: &str) -> Submitted {
        let (operation, url) = (operation_id(), Arc::from(url));
        let deliver = Deliver { payment, operation, url, key: None, now: NOW };
        self.0.submit(Command::Till(TillCommand::Deliver(deliver))).await
    }

    pub(crate) async fn delivered(
        self,
        payment: &TillPayment,
        refusal: Option<&str>,
    ) -> TillPayment {
        let (id, refusal) = (payment.id, refusal.map(Arc::from));
        let operation = payment.operation.unwrap();
        let command = TillCommand::Delivered { id, operation, refusal, now: NOW };
        payment_of(self.0.submit(Command::Till(command)).await)
    }

    pub(crate) async fn order(self, client_id: &str, number: Option<&str>) -> FiscalReceipt {
        fiscal_of(self.0.submit(order(new_fiscal(client_id), number)).await)
    }

    pub(crate) async fn finish_order(
        self,
        receipt: &FiscalReceipt,
        end: Result<Registration, &str>,
    ) -> FiscalReceipt {
        fiscal_of(self.try_finish_order(receipt, end).await)
    }

    pub(crate) async fn try_finish_order(
        self,
        receipt: &FiscalReceipt,
        end: Result<Registration, &str>,
    ) -> Submitted {
        let finish = FinishFiscal {
            id: receipt.id,
            payments: receipt.payments(),
            last_key: Arc::from(FiscalReceipt::last_key(&receipt.till)),
            operation: receipt.operation.unwrap(),
            end: end.map_err(Arc::from),
            deliver_as: operation_id(),
            now: NOW.plus(2_000),
        };
        let finish = FiscalCommand::Finish(Box::new(finish));
        self.0.submit(Command::Fiscal(finish)).await
    }

    /// The document as it is stored.
    pub(crate) async fn stored(self, id: DocumentId) -> Document {
        self.0.document(id).await.unwrap().unwrap()
    }

    pub(crate) async fn stored_payment(self, id: DocumentId) -> TillPayment {
        self.stored(id).await.till().unwrap().clone()
    }
}
