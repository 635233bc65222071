//! The fixtures, and the payment that all of them speak of.

use std::path::Path;
use std::time::Duration;

use chorsu_connectors::Secret;
use chorsu_connectors::click::{ClickSettings, answer};
use chorsu_connectors::http::{BaseUrl, HttpRequest, HttpResponse};
use chorsu_connectors::payme::PaymeSettings;
use chorsu_connectors::uzum::UzumSettings;
use chorsu_connectors::wallet::{
    AskRequest, FiscalDelivery, PayRequest, ReverseRequest, SETTLED_AFTER, Till, TransactionRef,
};
use chorsu_core::Tiyin;

pub(crate) const TRANSACTION: &str = "0196f3c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f";
pub(crate) const CLICK_ID: &str = "4710103925";
pub(crate) const PAYME_ID: &str = "644113a290a5eba4298f05d5";
pub(crate) const UZUM_ID: &str = "bb75f609-6d97-4b45-9ed3-80e5fcd19ef1";
pub(crate) const PHONE: &str = "998946532140";
const RECEIPT_URL: &str =
    "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161";

/// The text of a fixture.
pub(crate) fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.txt"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A fixture as an answer: the status, an empty line, the body.
pub(crate) fn response(name: &str) -> HttpResponse {
    let text = text(name);
    let (status, body) = text.split_once("\n\n").unwrap_or((text.as_str(), ""));
    HttpResponse { status: status.trim().parse().unwrap(), body: body.trim_end().into() }
}

/// A request as its fixture shows it.
pub(crate) fn render(request: &HttpRequest) -> String {
    let mut text = format!("{} {}\n", request.method.as_str(), request.path);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {}\n", value.as_str()));
    }
    text.push('\n');
    text.push_str(std::str::from_utf8(&request.body).unwrap());
    text.trim_end().to_owned() + "\n"
}

pub(crate) fn click(base_url: BaseUrl) -> ClickSettings {
    ClickSettings {
        base_url,
        merchant_user_id: "45".to_owned(),
        secret: Secret::new("secret"),
        service_id: 12_345,
        cashbox_code: Some("KASSA-1".to_owned()),
        confirmation_mode: false,
        not_found_after: SETTLED_AFTER,
        not_found_code: answer::NOT_FOUND,
    }
}

pub(crate) fn payme(url: BaseUrl) -> PaymeSettings {
    PaymeSettings {
        url,
        merchant_id: "5e730e8e0b852a417aa49ceb".to_owned(),
        key: Secret::new("mjES8ycLucnvygt4dPwerK2vj45Eensn3ZPr"),
        account_field: "document".to_owned(),
    }
}

pub(crate) fn uzum(base_url: BaseUrl) -> UzumSettings {
    UzumSettings {
        base_url,
        merchant_service_user_id: "77".to_owned(),
        secret: Secret::new("secret"),
        service_id: 777,
        cashbox_code: Some("KASSA-0".to_owned()),
        time_offset_ms: 0,
    }
}

pub(crate) fn nowhere() -> BaseUrl {
    "http://127.0.0.1:9".parse().unwrap()
}

fn pay(code: &str, prepared: Option<&str>, till: Till) -> PayRequest {
    PayRequest {
        transaction: TransactionRef::new(TRANSACTION).unwrap(),
        code: code.to_owned(),
        amount: Tiyin::new(50_005).unwrap(),
        prepared: prepared.map(str::to_owned),
        till,
    }
}

pub(crate) fn click_pay() -> PayRequest {
    pay("880101698207133392", None, Till::default())
}

pub(crate) fn payme_pay() -> PayRequest {
    let till = Till {
        cashbox_code: None,
        kkm_id: Some("00000001".to_owned()),
        device_id: Some("00000002".to_owned()),
    };
    pay("50501010793410469483", Some(PAYME_ID), till)
}

pub(crate) fn uzum_pay() -> PayRequest {
    let code = "7993:5061401:01GXAMPLE0000000000000000:c2NhbiBtZQ==";
    pay(code, None, Till { cashbox_code: Some("KASSA-1".to_owned()), ..Till::default() })
}

pub(crate) fn ask(payment: PayRequest, payment_id: Option<&str>, seconds: u64) -> AskRequest {
    let age = Duration::from_secs(seconds);
    AskRequest { payment, payment_id: payment_id.map(str::to_owned), age }
}

pub(crate) fn reverse(payment_id: &str) -> ReverseRequest {
    let transaction = TransactionRef::new(TRANSACTION).unwrap();
    ReverseRequest { transaction, payment_id: payment_id.to_owned() }
}

pub(crate) fn delivery(payment_id: &str) -> FiscalDelivery {
    FiscalDelivery {
        payment_id: payment_id.to_owned(),
        url: RECEIPT_URL.to_owned(),
        terminal: Some("UZ170703100597".to_owned()),
        receipt: 2421,
        date: Some("20230104121801".to_owned()),
        sign: Some("514343190161".to_owned()),
    }
}
