//! JSON-RPC as FiscalDriveAPI speaks it: requests read, answers written. Pure.

use chorsu_connectors::fiscal_module::{Applet, LocalTime, ModuleRefusal, Receipt, Refusal};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::call::{Answer, Call, Decision, Refused, is_by};
use super::desk::FiscalLimits;
use super::record::{FactoryId, Module, Registration, Shift, TerminalId};

/// Not JSON.
const PARSE: i64 = -32_700;
/// Not a request.
const REQUEST: i64 = -32_600;
/// No such method.
const METHOD: i64 = -32_601;
/// Parameters that do not belong to the method.
const PARAMS: i64 = -32_602;
/// The code for what an applet has no code for: the module is locked.
const LOCKED: u16 = 65_279;

/// A request that was understood.
#[derive(Debug)]
pub(super) struct Asked {
    /// As it came: a number or a string.
    pub(super) id: Value,
    pub(super) factory: FactoryId,
    pub(super) call: Call,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Params {
    #[serde(rename = "FactoryID")]
    factory_id: String,
    time: Option<LocalTime>,
    number: Option<u32>,
    receipt: Option<Box<Receipt>>,
}

/// Reads a request; else the answer to it.
pub(super) fn read(body: &[u8]) -> Result<Asked, Value> {
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(body) else {
        let json = serde_json::from_slice::<&RawValue>(body).is_ok();
        let (code, message) = if json { (REQUEST, "not a request") } else { (PARSE, "not JSON") };
        return Err(error(&Value::Null, code, message, ""));
    };
    let Envelope { id, method, params } = envelope;
    let wrong = |code, message: &str| error(&id, code, message, "");
    let text = params.map_or("{}", RawValue::get);
    let params = match serde_json::from_str::<Params>(text) {
        Ok(params) => params,
        Err(why) => return Err(error(&id, PARAMS, "invalid params", &why.to_string())),
    };
    let Some(factory) = FactoryId::parse(&params.factory_id) else {
        return Err(wrong(PARAMS, "FactoryID is none"));
    };
    let Params { time, number, receipt, .. } = params;
    let call = match method.as_str() {
        "Api.OpenZReport" => time.map(Call::OpenShift),
        "Api.CloseZReport" => time.map(Call::CloseShift),
        "Api.GetZReportInfo" => Some(Call::Shift(number.unwrap_or(0))),
        "Api.GetInfo" => Some(Call::Info),
        "Api.GetLastRegisteredReceipt" => Some(Call::Last),
        "Api.ResendUnsent" => Some(Call::Resend),
        "Api.SendSaleReceipt"
        | "Api.SendRefundReceipt"
        | "Api.SendAdvanceReceipt"
        | "Api.SendCreditReceipt" => match receipt {
            Some(receipt) if is_by(&method, &receipt) => Some(Call::Register(receipt)),
            Some(_) => return Err(wrong(PARAMS, "the receipt is of another kind")),
            None => None,
        },
        _ => return Err(wrong(METHOD, "no such method")),
    };
    match call {
        Some(call) => Ok(Asked { id, factory, call }),
        None => Err(wrong(PARAMS, "a parameter is missing")),
    }
}

/// The answer to `asked`.
pub(super) fn write(
    asked: &Asked,
    decision: &Decision,
    limits: FiscalLimits,
    now: Option<LocalTime>,
) -> Value {
    let module = &decision.module;
    let terminal = asked.factory.terminal();
    let result = match &decision.answer {
        Ok(Answer::Done) => {
            json!({ "TerminalID": terminal.as_str(), "AppletVersion": module.version() })
        }
        Ok(Answer::Registered(registration)) => registered(registration, module),
        Ok(Answer::Shift(of_module)) => shift(&terminal, of_module, module),
        Ok(Answer::Info) => info(&terminal, module, limits, now),
        Err(refused) => return refusal(&asked.id, module.applet(), refused),
    };
    json!({ "jsonrpc": "2.0", "id": asked.id, "result": result })
}

/// The answer that refuses with `code`, or locks the module.
pub(super) fn refuse(id: &Value, applet: Applet, code: Option<i64>) -> Value {
    match code {
        Some(code) => {
            let known = ModuleRefusal::read(applet, code, "");
            let message = known.map_or_else(|| "REFUSED".to_owned(), |known| known.to_string());
            error(id, code, &message, "")
        }
        None => refusal(id, applet, &Refused::plain(Refusal::Locked)),
    }
}

fn refusal(id: &Value, applet: Applet, refused: &Refused) -> Value {
    let code = refused.code.or_else(|| refused.refusal.code(applet)).unwrap_or(LOCKED);
    let known = ModuleRefusal::read(applet, code.into(), "");
    let message = known.map_or_else(|| code.to_string(), |known| known.to_string());
    error(id, code.into(), &message, &refused.why)
}

fn error(id: &Value, code: i64, message: &str, why: &str) -> Value {
    let mut error = json!({ "code": code, "message": message });
    if !why.is_empty() {
        error["data"] = why.into();
    }
    json!({ "jsonrpc": "2.0", "id": id, "error": error })
}

fn registered(registration: &Registration, module: &Module) -> Value {
    json!({
        "AppletVersion": module.version(),
        "TerminalID": registration.terminal,
        "ReceiptSeq": registration.seq.to_string(),
        "DateTime": registration.time.compact(),
        "FiscalSign": registration.sign.as_deref().unwrap_or_default(),
        "QRCodeURL": registration.url().unwrap_or_default(),
        "TXID": registration.txid,
    })
}

fn shift(terminal: &TerminalId, shift: &Shift, module: &Module) -> Value {
    json!({
        "AppletVersion": module.version(),
        "TerminalID": terminal.as_str(),
        "Number": shift.number,
        "Count": module.shifts,
        "OpenTime": shift.opened,
        "CloseTime": shift.closed.map(|time| time.to_string()).unwrap_or_default(),
        "FirstReceiptSeq": shift.first.to_string(),
        "LastReceiptSeq": shift.last.to_string(),
        "TotalSaleCash": shift.sold.cash,
        "TotalSaleCard": shift.sold.card,
        "TotalSaleVAT": shift.sold.vat,
        "TotalSaleCount": shift.sold.count,
        "TotalRefundCash": shift.refunded.cash,
        "TotalRefundCard": shift.refunded.card,
        "TotalRefundVAT": shift.refunded.vat,
        "TotalRefundCount": shift.refunded.count,
    })
}

fn info(
    terminal: &TerminalId,
    module: &Module,
    limits: FiscalLimits,
    now: Option<LocalTime>,
) -> Value {
    let time = |time: Option<LocalTime>| time.map(|time| time.to_string()).unwrap_or_default();
    json!({
        "TerminalID": terminal.as_str(),
        "AppletVersion": module.version(),
        "CurrentTime": time(now),
        "LastOperationTime": time(module.last),
        "CurrentReceiptSeq": module.seq.to_string(),
        "ReceiptCount": module.unsent(),
        "ReceiptMaxCount": limits.unsent_receipts,
        "ZReportCount": module.shifts,
        "ZReportMaxCount": limits.shifts,
        "FirstUnacknowledgedReceiptTime": time(module.unsent_since),
        "AvailablePersistentMemory": 10_356,
        "AvailableResetMemory": 709,
        "AvailableDeselectMemory": 709,
    })
}
