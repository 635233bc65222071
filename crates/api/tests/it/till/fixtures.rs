//! Every documented request example decodes, and its answer has every documented key with the
//! documented kind of value; the documented errors are answered word for word.

use std::fs;

use chorsu_api::till::{AmountUnit, PinpadPayment, TillError, decode, encode};
use chorsu_core::UnixMillis;
use serde_json::Value;

use super::world::{
    NOW, click_confirmed, payme_confirmed, registered, slip, url, uzum_done, wallet_paid, zreport,
};
use crate::fixtures::{assert_documented, cases};
use crate::world::json;

/// The answer to a request, by the call that the case's name begins with.
fn answer(case: &str, body: &[u8]) -> Result<Vec<u8>, TillError> {
    let mut out = Vec::new();
    // `order.create` is a call of its own, `click.earlier` another document of `click`.
    let call = case.split('.').next().unwrap();
    match call {
        "click" | "payme" => {
            let scan = decode::scan(body, AmountUnit::Sum)?;
            encode::wallet_paid(&mut out, &wallet_paid(scan.amount, &scan.qr_code));
        }
        "uzum" => {
            decode::scan(body, AmountUnit::Sum)?;
            encode::uzum_done(&mut out, &uzum_done("bb75f609-6d97-4b45-9ed3-80e5fcd19ef1"));
        }
        "click_confirm" => {
            let asked = decode::confirm(body)?;
            encode::click_confirmed(&mut out, &click_confirmed(&asked.payment_id, &asked.receipt));
        }
        "payme_confirm" => {
            let asked = decode::payme_confirm(body)?;
            encode::payme_confirmed(&mut out, &payme_confirmed(&asked.payment_id));
        }
        "uzum_confirm" => {
            let asked = decode::confirm(body)?;
            encode::uzum_done(&mut out, &uzum_done(&asked.payment_id));
        }
        "xumo" => {
            let asked = decode::pinpad(body)?;
            assert_eq!(matches!(asked, PinpadPayment::Void { .. }), case == "xumo.void");
            encode::slip(&mut out, &slip());
        }
        "order" => {
            let read: fn(&[u8], UnixMillis) -> _ =
                if case == "order.create" { decode::order } else { decode::refund };
            let order = read(body, NOW)?;
            assert_eq!(order.fiscal.check().unwrap().warnings, []);
            encode::registered(&mut out, &registered(&url()));
        }
        "zreport" => {
            assert!(decode::zreport_close("", body)?.close);
            encode::zreport(&mut out, &zreport());
        }
        _ => panic!("{case} is no call"),
    }
    Ok(out)
}

#[test]
fn every_documented_example_gets_its_documented_answer() {
    let cases = cases("fixtures/till");
    assert_eq!(cases.len(), 16);
    for (case, folder) in cases {
        let body = fs::read(folder.join("request.json")).unwrap();
        match answer(&case, &body) {
            Ok(out) => {
                let answer = json(&out);
                assert_eq!((&answer["error"], &answer["is_success"]), (&Value::Null, &true.into()));
                assert_documented(&case, &answer["data"], &folder);
            }
            Err(error) => {
                let mut out = Vec::new();
                encode::error(&mut out, &error);
                let documented = fs::read(folder.join("error.json"))
                    .unwrap_or_else(|_| panic!("{case} is refused: {error}"));
                assert_eq!(json(&out), json(&documented), "{case}");
            }
        }
    }
}

#[test]
fn the_documents_own_commas_are_read() {
    let body = br#"
{
    "payment_id":"2354512461",
    "qr_code":"https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161",    
}
"#;
    assert_eq!(decode::confirm(body).unwrap().receipt, url());
}
