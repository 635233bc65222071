//! Requests to Uzum. Every one is signed with the millisecond it is made in; older than 50 seconds
//! it is refused.

use chorsu_core::Tiyin;
use serde::Serialize;

use crate::http::{BaseUrl, HttpRequest, Method};
use crate::secret::Secret;
use crate::signature::signature;
use crate::wallet::{PayRequest, TransactionRef};
use crate::writing::{as_tiyin, json};

/// A merchant's account at Uzum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UzumSettings {
    /// As published: `https://mobile.apelsin.uz/api/apelsin-pay`.
    pub base_url: BaseUrl,
    /// Who signs.
    pub merchant_service_user_id: String,
    /// What it signs with.
    pub secret: Secret,
    /// The service that takes the payments.
    pub service_id: u64,
    /// The cash desk, when a payment names none.
    pub cashbox_code: Option<String>,
    /// Added to the time of signatures, in milliseconds. The documents ask for UTC+5 and show UTC;
    /// zero is what most callers send, five hours what some do.
    pub time_offset_ms: i64,
}

/// Signs and addresses requests of one merchant in one millisecond.
#[derive(Clone, Copy, Debug)]
pub struct Requests<'a> {
    /// The merchant.
    pub settings: &'a UzumSettings,
    /// The time in milliseconds since the UNIX epoch, without the offset.
    pub millis: i64,
}

#[derive(Serialize)]
struct PayBody<'a> {
    #[serde(serialize_with = "as_tiyin")]
    amount: Tiyin,
    #[serde(skip_serializing_if = "Option::is_none")]
    cashbox_code: Option<&'a str>,
    otp_data: &'a str,
    order_id: &'a str,
    transaction_id: &'a str,
    service_id: u64,
}

#[derive(Serialize)]
struct PaymentBody<'a> {
    payment_id: &'a str,
    service_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    fiscal_url: Option<&'a str>,
}

impl Requests<'_> {
    /// Take a payment by a scanned code. Sent again with the same order, it is not made again.
    #[must_use]
    pub fn pay(&self, pay: &PayRequest) -> HttpRequest {
        let reference = pay.transaction.as_str();
        let body = PayBody {
            amount: pay.amount,
            cashbox_code: pay
                .till
                .cashbox_code
                .as_deref()
                .or(self.settings.cashbox_code.as_deref()),
            otp_data: &pay.code,
            order_id: reference,
            transaction_id: reference,
            service_id: self.settings.service_id,
        };
        self.request(Method::Post, "/merchant/v2/payment".to_owned(), json(&body))
    }

    /// What state is a payment in?
    #[must_use]
    pub fn status(&self, payment_id: &str) -> HttpRequest {
        let body = self.payment(payment_id, None);
        self.request(Method::Post, "/merchant/payment/status".to_owned(), json(&body))
    }

    /// Give a payment back, all of it.
    #[must_use]
    pub fn reversal(&self, transaction: &TransactionRef, payment_id: &str) -> HttpRequest {
        let body = self.payment(payment_id, None);
        let path = format!("/merchant/v2/payment/reversal/{transaction}");
        self.request(Method::Put, path, json(&body))
    }

    /// Hand over the address of the receipt that a till has registered.
    #[must_use]
    pub fn fiscal(&self, payment_id: &str, url: &str) -> HttpRequest {
        let body = self.payment(payment_id, Some(url));
        self.request(Method::Post, "/merchant/payment/fiscal".to_owned(), json(&body))
    }

    fn payment<'a>(&self, payment_id: &'a str, fiscal_url: Option<&'a str>) -> PaymentBody<'a> {
        PaymentBody { payment_id, service_id: self.settings.service_id, fiscal_url }
    }

    fn request(&self, method: Method, path: String, body: Vec<u8>) -> HttpRequest {
        let UzumSettings { merchant_service_user_id, secret, time_offset_ms, .. } = self.settings;
        let time = self.millis.saturating_add(*time_offset_ms);
        let auth = signature(merchant_service_user_id, secret, time);
        HttpRequest::json(method, path, body).with("authorization", auth)
    }
}
