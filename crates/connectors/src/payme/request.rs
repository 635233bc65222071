//! Requests to Payme: JSON-RPC with named parameters, all to one address.

use chorsu_core::Tiyin;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::http::{BaseUrl, HttpRequest, Method};
use crate::secret::Secret;
use crate::wallet::{FiscalDelivery, PayRequest};
use crate::writing::{as_tiyin, json_within};

/// What a call takes beside its parameters, in bytes, at most.
const ENVELOPE_MAX: usize = 128;

/// A merchant's cash desk at Payme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymeSettings {
    /// As published: `https://checkout.paycom.uz/api`.
    pub url: BaseUrl,
    /// The cash desk's id: 24 hexadecimal digits.
    pub merchant_id: String,
    /// Its key.
    pub key: Secret,
    /// The account field that takes our reference. The cash desk's owner names its fields; Payme Go
    /// desks have `document`, others `order_id`.
    pub account_field: String,
}

/// Signs requests of one cash desk, each with its own number.
#[derive(Clone, Copy, Debug)]
pub struct Requests<'a> {
    /// The cash desk.
    pub settings: &'a PaymeSettings,
    /// The number of the request, which its answer repeats.
    pub id: u64,
}

#[derive(Serialize)]
struct Envelope<P> {
    jsonrpc: &'static str,
    id: u64,
    method: &'static str,
    params: P,
}

#[derive(Serialize)]
struct CreateParams<'a> {
    #[serde(serialize_with = "as_tiyin")]
    amount: Tiyin,
    account: Account<'a>,
}

#[derive(Serialize)]
struct PayParams<'a> {
    id: &'a str,
    token: &'a str,
}

#[derive(Serialize)]
struct ReceiptParams<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct FiscalParams<'a> {
    id: &'a str,
    fiscal_data: FiscalData<'a>,
}

#[derive(Serialize)]
struct FiscalData<'a> {
    status_code: i64,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    terminal_id: Option<&'a str>,
    receipt_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fiscal_sign: Option<&'a str>,
    qr_code_url: &'a str,
}

/// The account fields of a receipt, of which absent ones are left out: Payme refuses nulls.
struct Account<'a> {
    field: &'a str,
    pay: &'a PayRequest,
}

impl Serialize for Account<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let till = &self.pay.till;
        let mut fields = serializer.serialize_map(None)?;
        for (name, value) in [("kkm_id", &till.kkm_id), ("device_id", &till.device_id)] {
            if let Some(value) = value {
                fields.serialize_entry(name, value)?;
            }
        }
        fields.serialize_entry(self.field, self.pay.transaction.as_str())?;
        fields.end()
    }
}

impl Requests<'_> {
    /// Create a receipt over the amount: `receipts.create`. It takes no money.
    #[must_use]
    pub fn create(&self, pay: &PayRequest) -> HttpRequest {
        let account = Account { field: &self.settings.account_field, pay };
        self.call("receipts.create", CreateParams { amount: pay.amount, account })
    }

    /// Pay `receipt` with a scanned code: `receipts.pay`.
    #[must_use]
    pub fn pay(&self, receipt: &str, code: &str) -> HttpRequest {
        self.call("receipts.pay", PayParams { id: receipt, token: code })
    }

    /// What state is `receipt` in? `receipts.check`.
    #[must_use]
    pub fn check(&self, receipt: &str) -> HttpRequest {
        self.call("receipts.check", ReceiptParams { id: receipt })
    }

    /// All about `receipt`: `receipts.get`.
    #[must_use]
    pub fn get(&self, receipt: &str) -> HttpRequest {
        self.call("receipts.get", ReceiptParams { id: receipt })
    }

    /// Close `receipt` if it is unpaid, give the money back if it is paid: `receipts.cancel`.
    #[must_use]
    pub fn cancel(&self, receipt: &str) -> HttpRequest {
        self.call("receipts.cancel", ReceiptParams { id: receipt })
    }

    /// Hand over the fiscal receipt: `receipts.set_fiscal_data`.
    #[must_use]
    pub fn set_fiscal_data(&self, delivery: &FiscalDelivery) -> HttpRequest {
        let fiscal_data = FiscalData {
            status_code: 0,
            message: "accepted",
            terminal_id: delivery.terminal.as_deref(),
            receipt_id: delivery.receipt,
            date: delivery.date.as_deref(),
            fiscal_sign: delivery.sign.as_deref(),
            qr_code_url: &delivery.url,
        };
        let params = FiscalParams { id: &delivery.payment_id, fiscal_data };
        self.call("receipts.set_fiscal_data", params)
    }

    fn call(&self, method: &'static str, params: impl Serialize) -> HttpRequest {
        let PaymeSettings { merchant_id, key, .. } = self.settings;
        let auth = Zeroizing::new(format!("{merchant_id}:{}", key.expose()));
        call(auth, self.id, method, params)
    }
}

/// A call of `method`; `auth` is the kassa's id, with its key where that is asked for.
pub(super) fn call(
    auth: Zeroizing<String>,
    id: u64,
    method: &'static str,
    params: impl Serialize,
) -> HttpRequest {
    written(auth, &Envelope { jsonrpc: "2.0", id, method, params }, ENVELOPE_MAX)
}

/// The same with parameters that may hold a whole card number: they are written once, so that
/// nothing of them is left behind.
pub(super) fn call_once_written(
    auth: Zeroizing<String>,
    id: u64,
    method: &'static str,
    params: &RawValue,
) -> HttpRequest {
    let room = ENVELOPE_MAX + params.get().len();
    written(auth, &Envelope { jsonrpc: "2.0", id, method, params }, room)
}

fn written(
    auth: Zeroizing<String>,
    envelope: &Envelope<impl Serialize>,
    room: usize,
) -> HttpRequest {
    let body = json_within(envelope, room);
    HttpRequest::json(Method::Post, "", body).with("x-auth", auth)
}
