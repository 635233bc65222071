//! Money that comes in for a service: booked once for each reference of the payer's bank.

use std::sync::Arc;

use chorsu_core::command::bank::BankCommand;
use chorsu_core::order::{Incoming, PaymentOrder, document_number};
use chorsu_core::{Command, Document, Reply, Tiyin};
use chorsu_store::SubmitError;

use super::parties::{Parties, Side};
use super::requisites;
use super::service_book::Service;
use crate::app::App;
use crate::ids;

/// A payment that has reached one of our services.
pub(crate) struct Arrived<'a> {
    /// The payer's bank's number of it.
    pub(crate) reference: &'a str,
    /// How much.
    pub(crate) amount: Tiyin,
    /// Who paid.
    pub(crate) payer: Side<'a>,
    /// What for.
    pub(crate) purpose: &'a str,
}

/// Books money for a service; the same reference again changes nothing and gives the first one.
///
/// # Errors
/// Those of the store.
pub(crate) async fn book(
    app: &App,
    service: &Service,
    arrived: Arrived<'_>,
) -> Result<Arc<Document>, SubmitError> {
    let parties = Parties {
        payer: arrived.payer,
        receiver: Side::of_service(&service.settings),
        purpose: arrived.purpose.into(),
        ..Parties::default()
    };
    let at = app.clock.now();
    let id = ids::document(at);
    let incoming = Incoming {
        id,
        reference: arrived.reference.into(),
        service: service.settings.id,
        partner: service.settings.partner,
        amount: arrived.amount,
        at,
        bank_day: i64::from(app.bank.operating_day(at).number()),
        number: i64::from(document_number(id)),
        parties: parties.to_json(),
    };
    receive(app, incoming).await
}

pub(super) async fn receive(app: &App, incoming: Incoming) -> Result<Arc<Document>, SubmitError> {
    let key = Incoming::key(incoming.service, &incoming.reference).into();
    let receive = BankCommand::Receive { incoming: Box::new(incoming), key };
    match app.store.submit(Command::Bank(receive)).await? {
        Reply::Document(document) => Ok(document),
        _ => Err(SubmitError::Failed),
    }
}

/// What the references of our own orders begin with.
pub(crate) const ORDER_PREFIX: &str = "order:";

/// The reference under which an order arrives at a service of ours.
pub(super) fn reference_of(order: &PaymentOrder) -> String {
    format!("{ORDER_PREFIX}{}", order.id)
}

/// Books what an order of `payer` brings to `receiver`, a service of ours too.
///
/// # Errors
/// Those of the store; [`chorsu_core::Reject::AmountAboveLimit`] when the receiver cannot hold it.
pub(super) async fn from_order(
    app: &App,
    payer: &Service,
    receiver: &Service,
    order: &PaymentOrder,
) -> Result<(), SubmitError> {
    let said = requisites::from_json(&order.requisites).ok_or(SubmitError::Failed)?;
    let at = app.clock.now();
    let incoming = Incoming {
        id: ids::document(at),
        reference: reference_of(order).into(),
        service: receiver.settings.id,
        partner: receiver.settings.partner,
        amount: order.amount,
        at,
        bank_day: i64::from(app.bank.operating_day(at).number()),
        number: i64::from(order.doc_number()),
        parties: Parties::of_order(&payer.settings, &said, Some(&order.doc_id)).to_json(),
    };
    receive(app, incoming).await.map(drop)
}
