//! Requests to a fiscal module, as JSON-RPC. Pure.

use serde::Serialize;

use super::local_time::LocalTime;
use super::receipt::{Receipt, ReceiptOperation, ReceiptType};
use crate::http::{HttpRequest, Method};

/// What a module can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleCall<'a> {
    /// To open a shift.
    OpenZReport(LocalTime),
    /// To close the shift.
    CloseZReport(LocalTime),
    /// To register a receipt; repeating it with the same TXID registers nothing new.
    Register(&'a Receipt),
    /// For a shift: 0 is the current one, 1 the one before it …
    ZReportInfo(u32),
    /// For the module's own state.
    Info,
    /// For the receipt registered last.
    LastRegisteredReceipt,
    /// To send what is not acknowledged yet.
    ResendUnsent,
}

#[derive(Serialize)]
struct Envelope<'a> {
    jsonrpc: &'static str,
    id: u64,
    method: &'static str,
    params: Params<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Params<'a> {
    #[serde(rename = "FactoryID")]
    factory_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<LocalTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<&'a Receipt>,
}

impl ModuleCall<'_> {
    /// The method's name.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::OpenZReport(_) => "Api.OpenZReport",
            Self::CloseZReport(_) => "Api.CloseZReport",
            Self::Register(receipt) => match (receipt.operation, receipt.kind) {
                (ReceiptOperation::Refund, _) => "Api.SendRefundReceipt",
                (ReceiptOperation::Sale, ReceiptType::Purchase) => "Api.SendSaleReceipt",
                (ReceiptOperation::Sale, ReceiptType::Advance) => "Api.SendAdvanceReceipt",
                (ReceiptOperation::Sale, ReceiptType::Credit) => "Api.SendCreditReceipt",
            },
            Self::ZReportInfo(_) => "Api.GetZReportInfo",
            Self::Info => "Api.GetInfo",
            Self::LastRegisteredReceipt => "Api.GetLastRegisteredReceipt",
            Self::ResendUnsent => "Api.ResendUnsent",
        }
    }

    /// The request to the module whose factory id is `factory_id`; `id` comes back in the answer.
    #[must_use]
    #[expect(clippy::expect_used, reason = "plain structs with text keys cannot fail to write")]
    pub fn request(&self, factory_id: &str, id: u64) -> HttpRequest {
        let (mut time, mut number, mut receipt) = (None, None, None);
        match *self {
            Self::OpenZReport(at) | Self::CloseZReport(at) => time = Some(at),
            Self::ZReportInfo(index) => number = Some(index),
            Self::Register(registered) => receipt = Some(registered),
            Self::Info | Self::LastRegisteredReceipt | Self::ResendUnsent => {}
        }
        let params = Params { factory_id, time, number, receipt };
        let envelope = Envelope { jsonrpc: "2.0", id, method: self.method(), params };
        let body = serde_json::to_vec(&envelope).expect("a request is plain JSON");
        HttpRequest::json(Method::Post, "", body)
    }
}
