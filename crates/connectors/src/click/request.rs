//! Requests to Click. Every one is signed with the second it is made in.

use std::time::Duration;

use chorsu_core::Tiyin;
use serde::{Serialize, Serializer};

use super::items::{FiscalItem, FiscalItems};
use crate::http::{BaseUrl, HttpRequest, Method};
use crate::reading::is_id;
use crate::secret::Secret;
use crate::signature::signature;
use crate::wallet::{PayRequest, RequestError, TransactionRef};
use crate::writing::{as_sums, json, sums};

/// A merchant's account at Click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClickSettings {
    /// As published: `https://api.click.uz/v2/merchant`.
    pub base_url: BaseUrl,
    /// Who signs.
    pub merchant_user_id: String,
    /// What it signs with.
    pub secret: Secret,
    /// The service that takes the payments.
    pub service_id: u64,
    /// The cash desk, when a payment names none.
    pub cashbox_code: Option<String>,
    /// Whether the service is in confirmation mode, in which a payment that nobody confirms is
    /// given back after 30 seconds.
    pub confirmation_mode: bool,
    /// So long after the call that sent a payment has ended, "there is no such payment" is believed.
    pub not_found_after: Duration,
    /// The error code of "there is no such payment"; HTTP 404 says the same.
    pub not_found_code: i64,
}

/// Signs and addresses requests of one merchant in one second.
#[derive(Clone, Copy, Debug)]
pub struct Requests<'a> {
    /// The merchant.
    pub settings: &'a ClickSettings,
    /// The time in seconds since the UNIX epoch.
    pub seconds: i64,
}

#[derive(Serialize)]
struct PayBody<'a> {
    service_id: u64,
    otp_data: &'a str,
    #[serde(serialize_with = "as_sums")]
    amount: Tiyin,
    #[serde(skip_serializing_if = "Option::is_none")]
    cashbox_code: Option<&'a str>,
    transaction_id: &'a str,
}

#[derive(Serialize)]
struct PaymentBody<'a> {
    service_id: u64,
    payment_id: PaymentId<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qrcode: Option<&'a str>,
}

#[derive(Serialize)]
struct ItemsBody<'a> {
    service_id: u64,
    payment_id: PaymentId<'a>,
    items: &'a [FiscalItem],
    received_ecash: i64,
    received_cash: i64,
    received_card: i64,
}

/// Click's ids are numbers on its wire and text everywhere else.
struct PaymentId<'a>(&'a str);

impl Serialize for PaymentId<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.parse::<u64>() {
            Ok(number) => serializer.serialize_u64(number),
            Err(_) => serializer.serialize_str(self.0),
        }
    }
}

impl Requests<'_> {
    /// Take a payment by a scanned code: `click_pass/payment`.
    #[must_use]
    pub fn pay(&self, pay: &PayRequest) -> HttpRequest {
        let body = PayBody {
            service_id: self.settings.service_id,
            otp_data: &pay.code,
            amount: pay.amount,
            cashbox_code: pay
                .till
                .cashbox_code
                .as_deref()
                .or(self.settings.cashbox_code.as_deref()),
            transaction_id: pay.transaction.as_str(),
        };
        self.request(Method::Post, "/click_pass/payment".to_owned(), json(&body))
    }

    /// Confirm a payment of a service in confirmation mode: `click_pass/confirm`.
    #[must_use]
    pub fn confirm(&self, payment_id: &str) -> HttpRequest {
        let body = self.payment(payment_id, None);
        self.request(Method::Post, "/click_pass/confirm".to_owned(), json(&body))
    }

    /// Turn the confirmation mode of the service on or off.
    #[must_use]
    pub fn confirmation_mode(&self, on: bool) -> HttpRequest {
        let method = if on { Method::Put } else { Method::Delete };
        let path = format!("/click_pass/confirmation/{}", self.settings.service_id);
        self.request(method, path, Vec::new())
    }

    /// What state is a payment in?
    ///
    /// # Errors
    /// [`RequestError::BadId`] for an id that is not one of Click's.
    pub fn status(&self, payment_id: &str) -> Result<HttpRequest, RequestError> {
        self.about(Method::Get, "/payment/status", payment_id, None)
    }

    /// Which payment has our reference? The path is taken without the date that one version of the
    /// documents appends.
    #[must_use]
    pub fn status_by_mti(&self, transaction: &TransactionRef) -> HttpRequest {
        let path = format!("/payment/status_by_mti/{}/{transaction}", self.settings.service_id);
        self.request(Method::Get, path, Vec::new())
    }

    /// Give a payment back.
    ///
    /// # Errors
    /// [`RequestError::BadId`] for an id that is not one of Click's.
    pub fn reversal(&self, payment_id: &str) -> Result<HttpRequest, RequestError> {
        self.about(Method::Delete, "/payment/reversal", payment_id, None)
    }

    /// Give a part of a payment back; the amount goes into the path in sums.
    ///
    /// # Errors
    /// [`RequestError::BadId`] for an id that is not one of Click's.
    pub fn partial_reversal(
        &self,
        payment_id: &str,
        amount: Tiyin,
    ) -> Result<HttpRequest, RequestError> {
        self.about(Method::Delete, "/payment/partial_reversal", payment_id, Some(amount))
    }

    /// Hand over the goods of a payment, for Click to register the receipt.
    #[must_use]
    pub fn submit_items(&self, payment_id: &str, goods: &FiscalItems) -> HttpRequest {
        let body = ItemsBody {
            service_id: self.settings.service_id,
            payment_id: PaymentId(payment_id),
            items: &goods.items,
            received_ecash: goods.received_ecash.get(),
            received_cash: goods.received_cash.get(),
            received_card: goods.received_card.get(),
        };
        self.request(Method::Post, "/payment/ofd_data/submit_items".to_owned(), json(&body))
    }

    /// Hand over the address of the receipt that a till has registered.
    #[must_use]
    pub fn submit_qrcode(&self, payment_id: &str, url: &str) -> HttpRequest {
        let body = self.payment(payment_id, Some(url));
        self.request(Method::Post, "/payment/ofd_data/submit_qrcode".to_owned(), json(&body))
    }

    /// Which receipt does a payment have?
    ///
    /// # Errors
    /// [`RequestError::BadId`] for an id that is not one of Click's.
    pub fn ofd_data(&self, payment_id: &str) -> Result<HttpRequest, RequestError> {
        self.about(Method::Get, "/payment/ofd_data", payment_id, None)
    }

    fn payment<'a>(&self, payment_id: &'a str, qrcode: Option<&'a str>) -> PaymentBody<'a> {
        let service_id = self.settings.service_id;
        PaymentBody { service_id, payment_id: PaymentId(payment_id), qrcode }
    }

    /// A request whose path names a payment, and for some an amount.
    fn about(
        &self,
        method: Method,
        call: &str,
        payment_id: &str,
        amount: Option<Tiyin>,
    ) -> Result<HttpRequest, RequestError> {
        if !is_id(payment_id) {
            return Err(RequestError::BadId("payment_id"));
        }
        let mut path = format!("{call}/{}/{payment_id}", self.settings.service_id);
        if let Some(amount) = amount {
            path.push('/');
            path.push_str(&sums(amount));
        }
        Ok(self.request(method, path, Vec::new()))
    }

    fn request(&self, method: Method, path: String, body: Vec<u8>) -> HttpRequest {
        let ClickSettings { merchant_user_id, secret, .. } = self.settings;
        let auth = signature(merchant_user_id, secret, self.seconds);
        HttpRequest::json(method, path, body).with("auth", auth)
    }
}
