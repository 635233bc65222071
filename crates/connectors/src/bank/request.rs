//! Requests to the bank, as plain data.
//!
//! Numbers go out as strings, as in the document's examples of requests.

use chorsu_core::Pan;
use chorsu_core::bank::{
    BankDay, Direction, OrderKey, OrderSum, Receiver, Requisites, ServiceNumber,
};
use serde::Serialize;

use crate::http::{BaseUrl, HttpRequest, Method, path_segment};
use crate::secret::Secret;
use crate::writing::json;

/// A partner's account at a bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankSettings {
    /// Where the API is, with its version: `https://bank.example/api/v2`.
    pub base_url: BaseUrl,
    /// The user's name.
    pub username: String,
    /// The user's password.
    pub password: Secret,
}

/// An order to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Submit<'a> {
    /// The order's key at the bank. It must never have been used for another order there.
    pub key: &'a OrderKey,
    /// The service at the bank whose account pays.
    pub service: ServiceNumber,
    /// Amount and commission.
    pub sum: OrderSum,
    /// Who is paid and what for.
    pub requisites: &'a Requisites,
    /// The whole number of the card that paid. The requisites have it masked only, and a masked
    /// number is never sent: a service that works with cards needs this. Without it nothing is said
    /// of a card at all, as half of what belongs to one may be refused.
    pub pan: Option<&'a Pan>,
}

/// Which part of a statement is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementQuery {
    /// The service at the bank.
    pub service: ServiceNumber,
    /// Only documents of this direction; `None`: all.
    pub direction: Option<Direction>,
    /// Only documents with a larger id; 0 begins.
    pub last_id: i64,
    /// First banking day.
    pub from: BankDay,
    /// Last banking day.
    pub to: BankDay,
}

/// Writes requests of one partner.
#[derive(Clone, Copy, Debug)]
pub struct Requests<'a> {
    /// The partner.
    pub settings: &'a BankSettings,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderBody<'a> {
    order_id: &'a str,
    amount: String,
    /// The documented spelling.
    comission_amount: String,
    purpose: &'a str,
    service_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfo_receiver: Option<&'a str>,
    receiver_account: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    inn_receiver: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ref_number: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatementBody {
    r#type: &'static str,
    last_id: String,
    from_date: String,
    to_date: String,
    service_id: String,
}

impl Requests<'_> {
    /// The partner's services: `services`.
    #[must_use]
    pub fn services(&self) -> HttpRequest {
        self.request(Method::Get, "/services".to_owned(), Vec::new())
    }

    /// Create an order: `payment` or `paymentBudget`, as its receiver asks for.
    #[must_use]
    pub fn submit(&self, order: &Submit<'_>) -> HttpRequest {
        let said = order.requisites;
        let mut body = OrderBody {
            order_id: order.key.as_str(),
            amount: order.sum.amount().get().to_string(),
            comission_amount: order.sum.commission().get().to_string(),
            purpose: &said.purpose,
            service_id: order.service.to_string(),
            purpose_code: None,
            receiver_name: None,
            mfo_receiver: None,
            receiver_account: said.named_account(),
            inn_receiver: None,
            card_type: order
                .pan
                .and(said.card.network)
                .map(|network| network.name().to_ascii_uppercase()),
            card_number: order.pan.map(Pan::digits),
            ref_number: order.pan.and(said.card.reference.as_deref()),
        };
        let path = match &said.receiver {
            Receiver::Ordinary { name, mfo, tax_id, .. } => {
                body.receiver_name = Some(name);
                body.mfo_receiver = Some(mfo.as_str());
                body.inn_receiver = tax_id.as_ref().map(|id| id.as_str());
                "/payment"
            }
            Receiver::Budget { tax_id, code, .. } => {
                body.inn_receiver = Some(tax_id.as_str());
                body.purpose_code = Some(code.as_str());
                "/paymentBudget"
            }
        };
        self.request(Method::Post, path.to_owned(), json(&body))
    }

    /// Where does an order stand: `payment/{orderId}`.
    #[must_use]
    pub fn status(&self, key: &OrderKey) -> HttpRequest {
        let path = format!("/payment/{}", path_segment(key.as_str()));
        self.request(Method::Get, path, Vec::new())
    }

    /// How much money has a service: `account/{serviceId}/balance`.
    #[must_use]
    pub fn balance(&self, service: ServiceNumber) -> HttpRequest {
        self.request(Method::Get, format!("/account/{service}/balance"), Vec::new())
    }

    /// A page of a service's statement: `account/payments`.
    #[must_use]
    pub fn statement(&self, query: &StatementQuery) -> HttpRequest {
        let body = StatementBody {
            r#type: match query.direction {
                None => "0",
                Some(Direction::Incoming) => "1",
                Some(Direction::Outgoing) => "2",
            },
            last_id: query.last_id.to_string(),
            from_date: query.from.to_string(),
            to_date: query.to.to_string(),
            service_id: query.service.to_string(),
        };
        self.request(Method::Post, "/account/payments".to_owned(), json(&body))
    }

    fn request(&self, method: Method, path: String, body: Vec<u8>) -> HttpRequest {
        let BankSettings { username, password, .. } = self.settings;
        HttpRequest::json(method, path, body).with_login(username, password.expose())
    }
}
