//! Answers but the statement, in the documented envelopes.
//!
//! Services, orders and errors carry `code`; the balance, like the statement, does not. That is
//! how the document shows them.

use chorsu_core::Tiyin;
use chorsu_core::bank::{BankCode, CardRule, OrderState, ServiceNumber};

use super::message::message;
use crate::json::write;

/// A service, as its partner sees it.
#[derive(Clone, Copy, Debug)]
pub struct ServiceView<'a> {
    /// Its number.
    pub id: ServiceNumber,
    /// Its name.
    pub name: &'a str,
    /// Whether it can be used.
    pub activated: bool,
    /// Whether its orders name a card.
    pub kind: CardRule,
    /// The account its money is on.
    pub account: &'a str,
}

/// An order, as its partner sees it.
#[derive(Clone, Copy, Debug)]
pub struct OrderView<'a> {
    /// Where it stands.
    pub status: OrderState,
    /// The bank's reference.
    pub doc_id: &'a str,
}

/// Writes the answer of `services`.
pub fn write_services<'a>(out: &mut Vec<u8>, services: impl IntoIterator<Item = ServiceView<'a>>) {
    write::object(out, |answer| {
        answer.string("status", "success");
        answer.integer("code", 0);
        answer.array("data", |list| {
            for service in services {
                list.object(|o| {
                    o.integer("id", service.id.0);
                    o.string("name", service.name);
                    o.boolean("activated", service.activated);
                    o.string("type", service.kind.word());
                    o.string("account", service.account);
                });
            }
        });
    });
}

/// Writes the answer of `payment`, `paymentBudget` and `payment/{orderId}`.
pub fn write_order(out: &mut Vec<u8>, order: &OrderView<'_>) {
    write::object(out, |answer| {
        answer.string("status", "success");
        answer.integer("code", 0);
        answer.object("data", |o| {
            o.string("payment_status", order.status.word());
            o.string("doc_id", order.doc_id);
        });
    });
}

/// Writes the answer of `account/{serviceId}/balance`: the balance in tiyin, as a string.
pub fn write_balance(out: &mut Vec<u8>, balance: Tiyin) {
    write::object(out, |answer| {
        answer.string("status", "success");
        answer.object("data", |o| o.string("balance", &balance.get().to_string()));
    });
}

/// Writes the answer of any method that was not done.
pub fn write_error(out: &mut Vec<u8>, code: BankCode) {
    write::object(out, |answer| {
        answer.string("status", "error");
        answer.integer("code", i64::from(code.number()));
        answer.string("message", message(code));
        answer.null("data");
    });
}
