//! The bank branch of the tests: services, orders, money that comes in, settlements.

use std::sync::Arc;

use chorsu_core::bank::{CardRule, OrderState};
use chorsu_core::bank_service::BankService;
use chorsu_core::command::bank::{
    BankCommand, ConcludeSettlement, OrderEnd, SendSettlement, SettleOrder,
};
use chorsu_core::order::{Incoming, PaymentOrder};
use chorsu_core::settlement::{Settlement, SettlementState, Share};
use chorsu_core::{Command, DocumentId, PartnerId, ServiceId, Tiyin};
use chorsu_store::Store;

use crate::counter::{document_id, document_of, tiyin};
use crate::world::{KASSA, NOW, Submitted};

/// The partner of the tests.
pub(crate) const PARTNER: PartnerId = PartnerId([5; 12]);
/// Its service.
pub(crate) const SERVICE: ServiceId = ServiceId(33);
/// Another one of it.
pub(crate) const OTHER_SERVICE: ServiceId = ServiceId(u32::MAX);

/// A service without money.
pub(crate) fn new_service(id: ServiceId) -> BankService {
    BankService {
        id,
        partner: PARTNER,
        name: Arc::from("\"Расщепления\""),
        activated: true,
        cards: CardRule::Required,
        account: Arc::from("20208000900000000001"),
        mfo: Arc::from("00014"),
        owner_name: Arc::from("OOO Бозор"),
        inn: Arc::from("300000000"),
        available: Tiyin::ZERO,
        reserved: Tiyin::ZERO,
        last_line: 0,
    }
}

/// An order of 1000 tiyin that costs 10.
pub(crate) fn new_order(order_key: &str) -> PaymentOrder {
    PaymentOrder {
        id: document_id(),
        partner: PARTNER,
        service: SERVICE,
        order_key: Arc::from(order_key),
        amount: tiyin(1_000),
        commission: tiyin(10),
        doc_id: Arc::from("70012345"),
        requisites: Arc::from(r#"{"purpose":"оплата"}"#),
        state: OrderState::Entered,
        is_funded: false,
        created_at: NOW,
        ended_at: None,
        line: None,
        due_at: Some(NOW.plus(5_000)),
        tries: 0,
        bank_lines: Vec::new(),
        settlement: None,
        reason: None,
        steps: Vec::new(),
    }
}

/// What comes in for a service.
pub(crate) fn new_incoming(service: ServiceId, reference: &str, sum: i64) -> Incoming {
    Incoming {
        id: document_id(),
        reference: Arc::from(reference),
        service,
        partner: PARTNER,
        amount: tiyin(sum),
        at: NOW,
        bank_day: NOW.tashkent_day(),
        number: i64::MAX,
        parties: Arc::from(r#"{"payer":"Банк \"Т\""}"#),
    }
}

/// A settlement of 4000 tiyin with 40 for us and two receivers.
pub(crate) fn new_settlement(day: i64) -> Settlement {
    let share = |number: i64| Share {
        order_key: Arc::from(format!("s-{day}-{number}")),
        amount: tiyin(1_970),
        bank_fee: tiyin(10),
        requisites: Arc::from("{}"),
    };
    Settlement {
        id: document_id(),
        merchant: KASSA,
        partner: PARTNER,
        service: SERVICE,
        day,
        gross: tiyin(4_000),
        commission: tiyin(40),
        shares: vec![share(1), share(2)],
        attempts: 0,
        suspended: Tiyin::ZERO,
        waiting: 0,
        due_at: None,
        state: SettlementState::Proposed,
        created_at: NOW,
        steps: Vec::new(),
    }
}

pub(crate) fn accept(order: PaymentOrder) -> Command {
    let key = Arc::from(PaymentOrder::key(order.partner, &order.order_key));
    Command::Bank(BankCommand::Accept { order: Box::new(order), key, refuse_unfunded: false })
}

pub(crate) fn receive(incoming: Incoming) -> Command {
    let key = Arc::from(Incoming::key(incoming.service, &incoming.reference));
    Command::Bank(BankCommand::Receive { incoming: Box::new(incoming), key })
}

pub(crate) fn propose(settlement: Settlement) -> Command {
    let key = Arc::from(Settlement::key(settlement.merchant, settlement.day));
    Command::Bank(BankCommand::Propose { settlement: Box::new(settlement), key })
}

/// What sends these shares.
fn sending(id: DocumentId, shares: &[Share]) -> SendSettlement {
    let order = |share: &Share| PaymentOrder {
        settlement: Some(id),
        amount: share.amount,
        commission: share.bank_fee,
        ..new_order(&share.order_key)
    };
    let orders: Vec<PaymentOrder> = shares.iter().map(order).collect();
    let key = |order: &PaymentOrder| Arc::from(PaymentOrder::key(PARTNER, &order.order_key));
    SendSettlement {
        id,
        service: SERVICE,
        keys: orders.iter().map(key).collect(),
        orders,
        parties: Arc::from(r#"{"purpose":"расчёт"}"#),
        bank_day: NOW.tashkent_day(),
        now: NOW,
    }
}

/// The order of a reply.
pub(crate) fn order_of(submitted: Submitted) -> PaymentOrder {
    document_of(submitted).order().unwrap().clone()
}

/// The settlement of a reply.
pub(crate) fn settlement_of(submitted: Submitted) -> Settlement {
    document_of(submitted).settlement().unwrap().clone()
}

/// The store as the bank of the tests uses it.
#[derive(Clone, Copy)]
pub(crate) struct Branch<'a>(pub(crate) &'a Store);

impl Branch<'_> {
    /// Opens both services, with this much on the first one.
    pub(crate) async fn open(self, funds: i64) {
        for id in [SERVICE, OTHER_SERVICE] {
            self.0.put_service(&new_service(id)).await.unwrap();
        }
        if funds > 0 {
            self.0.submit(receive(new_incoming(SERVICE, "opening", funds))).await.unwrap();
        }
    }

    pub(crate) async fn accept(self, order_key: &str) -> PaymentOrder {
        order_of(self.0.submit(accept(new_order(order_key))).await)
    }

    pub(crate) async fn post(self, order: &PaymentOrder, bank_day: i64) -> PaymentOrder {
        let parties = Arc::from(r#"{"payer":"Бозор"}"#);
        self.settle(order, OrderEnd::Posted { parties }, bank_day).await
    }

    pub(crate) async fn delete(self, order: &PaymentOrder) -> PaymentOrder {
        let end = OrderEnd::Deleted { reason: Arc::from("нет такого счёта") };
        self.settle(order, end, NOW.tashkent_day()).await
    }

    async fn settle(self, order: &PaymentOrder, end: OrderEnd, bank_day: i64) -> PaymentOrder {
        let settle = SettleOrder {
            id: order.id,
            service: order.service,
            settlement: order.settlement,
            end,
            by_hand: None,
            bank_day,
            aside: Arc::from(r#"{"payer":"Бозор","purpose":"комиссия"}"#),
            now: NOW.plus(9_000),
        };
        order_of(self.0.submit(Command::Bank(BankCommand::Settle(settle))).await)
    }

    pub(crate) async fn defer(self, id: DocumentId, due_at: i64, tries: u32) -> PaymentOrder {
        let due_at = NOW.plus(due_at);
        let note = Some(Arc::from("no answer yet"));
        order_of(self.0.submit(Command::Bank(BankCommand::Defer { id, due_at, tries, note })).await)
    }

    pub(crate) async fn propose(self, day: i64) -> Settlement {
        settlement_of(self.0.submit(propose(new_settlement(day))).await)
    }

    pub(crate) async fn send(self, id: DocumentId) -> Settlement {
        let shares = self.settlement(id).await.shares;
        let send = BankCommand::Send(sending(id, &shares));
        settlement_of(self.0.submit(Command::Bank(send)).await)
    }

    async fn settlement(self, id: DocumentId) -> Settlement {
        let stored = self.0.document(id).await.unwrap().unwrap();
        stored.settlement().unwrap().clone()
    }

    /// The orders of a settlement's shares.
    pub(crate) async fn orders_of(self, id: DocumentId) -> Vec<PaymentOrder> {
        let mut orders = Vec::new();
        for share in self.settlement(id).await.shares {
            let key = PaymentOrder::key(PARTNER, &share.order_key);
            let found = self.0.document_by_key(key).await.unwrap().unwrap();
            orders.push(found.order().unwrap().clone());
        }
        orders
    }

    pub(crate) async fn conclude(self, id: DocumentId, state: SettlementState) -> Settlement {
        let attempt = self.settlement(id).await.attempts;
        let note = Some(Arc::from("as the bank says"));
        let conclude = ConcludeSettlement { id, attempt, state, note, now: NOW };
        settlement_of(self.0.submit(Command::Bank(BankCommand::Conclude(conclude))).await)
    }

    /// Sends a settlement's share of this place anew.
    pub(crate) async fn resume(self, id: DocumentId, place: usize) -> Settlement {
        let Settlement { attempts, mut shares, .. } = self.settlement(id).await;
        shares[place].order_key = Arc::from(format!("{}-{attempts}", shares[place].order_key));
        let send = sending(id, &shares[place..=place]);
        let resume = BankCommand::Resume { send, attempt: attempts, shares };
        settlement_of(self.0.submit(Command::Bank(resume)).await)
    }

    /// What is available on a service, what is set aside, and the number of its last line.
    pub(crate) async fn money(self, id: ServiceId) -> (i64, i64, i64) {
        let service = self.0.service(id).await.unwrap().unwrap();
        (service.available.get(), service.reserved.get(), service.last_line)
    }
}
