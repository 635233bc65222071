//! Each fixture: requests to the letter, and what the answers prove.

use std::path::{Path, PathBuf};

use super::requests::{sale, time};
use crate::Effect;
use crate::fiscal_module::answer::{info, registered, result, z_report};
use crate::fiscal_module::{
    Applet, ModuleCall, ModuleError, Receipt, ReceiptOperation, RefundInfo, Refusal,
};
use crate::http::{HttpRequest, HttpResponse};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fiscal_module")
}

fn text(name: &str) -> String {
    let path = folder().join(format!("{name}.txt"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A request as its fixture shows it.
fn render(request: &HttpRequest) -> String {
    let mut text = format!("{} {}\n", request.method.as_str(), request.path);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {}\n", value.as_str()));
    }
    text + "\n" + std::str::from_utf8(&request.body).unwrap() + "\n"
}

/// A fixture as an answer: the status, an empty line, the body.
fn response(name: &str) -> HttpResponse {
    let text = text(name);
    let (status, body) = text.split_once("\n\n").unwrap();
    HttpResponse { status: status.parse().unwrap(), body: body.trim_end().into() }
}

fn refund() -> Receipt {
    Receipt {
        operation: ReceiptOperation::Refund,
        extra_info: None,
        refund_info: Some(RefundInfo {
            terminal_id: "UZ170703100597".into(),
            receipt_seq: "2421".into(),
            date_time: "20260104121801".into(),
            fiscal_sign: "014343190161".into(),
        }),
        ..sale()
    }
}

/// What a registration's answer proves: the receipt's number, a refusal, or nothing.
type Proof = Result<u64, Option<Refusal>>;

const ANSWERS: [(&str, Proof); 9] = [
    ("sale.registered", Ok(2_421)),
    ("sale.registered_drifted", Ok(2_421)),
    ("sale.no_sign", Err(None)),
    ("sale.other_request", Err(None)),
    ("sale.shift_not_open", Err(Some(Refusal::ShiftNotOpen))),
    ("sale.not_connected", Err(Some(Refusal::NotConnected))),
    ("sale.undocumented", Err(None)),
    ("sale.gateway", Err(None)),
    ("sale.cut_off", Err(None)),
];

#[test]
fn requests_are_written_to_the_letter() {
    let (sale, refund) = (sale(), refund());
    let calls = [
        ("open", ModuleCall::OpenZReport(time())),
        ("close", ModuleCall::CloseZReport(time())),
        ("shift", ModuleCall::ZReportInfo(0)),
        ("info", ModuleCall::Info),
        ("sale", ModuleCall::Register(&sale)),
        ("refund", ModuleCall::Register(&refund)),
    ];
    for (name, call) in calls {
        let written = render(&call.request("ZZ000001", 7));
        assert_eq!(written, text(&format!("{name}.request")), "{name}");
    }
    let count = std::fs::read_dir(folder()).unwrap().count();
    assert_eq!(count, calls.len() + ANSWERS.len() + 2, "every fixture has its place here");
}

#[test]
fn answers_prove_what_they_say() {
    for (name, want) in ANSWERS {
        let response = response(name);
        let read = result(Applet::V0400, 7, &response)
            .and_then(|raw| registered(true, raw).map_err(ModuleError::from));
        let got = match read {
            Ok(last) => Ok(last.registered.receipt_seq),
            Err(error) => {
                let refusal = error.refusal().map(|refused| refused.refusal);
                let effect = if refusal.is_some() { Effect::None } else { Effect::Unknown };
                assert_eq!(error.effect(), effect, "{name}");
                Err(refusal)
            }
        };
        assert_eq!(got, want, "{name}");
    }
    let answer = response("shift.open");
    let shift = z_report(result(Applet::V0400, 7, &answer).unwrap()).unwrap();
    assert_eq!((shift.number, shift.opened, shift.closed), (2, Some(time()), None));
    let answer = response("info.found");
    let state = info(result(Applet::Earlier, 7, &answer).unwrap()).unwrap();
    assert_eq!((&*state.terminal_id, state.current_receipt_seq), ("UZ210317263976", 2_515));
}
