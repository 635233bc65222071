//! Every request, byte for byte.

use chorsu_connectors::click::{self, Commission, FiscalItem, FiscalItems};
use chorsu_connectors::http::HttpRequest;
use chorsu_connectors::wallet::RequestError;
use chorsu_connectors::{payme, uzum};
use chorsu_core::Tiyin;

use crate::fixture::{
    self, CLICK_ID, PAYME_ID, UZUM_ID, click_pay, delivery, nowhere, payme_pay, render, uzum_pay,
};

fn compare(requests: Vec<(&str, HttpRequest)>) {
    for (name, request) in requests {
        assert_eq!(render(&request), fixture::text(&format!("{name}.request")), "{name}");
    }
}

fn goods() -> FiscalItems {
    let tiyin = |value| Tiyin::new(value).unwrap();
    let item = FiscalItem {
        name: "Non".to_owned(),
        barcode: Some("4780000000007".to_owned()),
        labels: vec!["010478000000000721A".to_owned()],
        spic: "01905001001000000".to_owned(),
        units: 1,
        package_code: "1234567".to_owned(),
        good_price: tiyin(50_005),
        price: tiyin(50_005),
        amount: 1000,
        vat: tiyin(5358),
        vat_percent: 12,
        discount: tiyin(0),
        other: tiyin(0),
        commission: Some(Commission::Tin("123456789".to_owned())),
    };
    FiscalItems {
        items: vec![item],
        received_ecash: tiyin(50_005),
        received_cash: tiyin(0),
        received_card: tiyin(0),
    }
}

#[test]
fn requests_to_click() {
    let settings = fixture::click(nowhere());
    let requests = click::request::Requests { settings: &settings, seconds: 1_700_000_000 };
    let pay = click_pay();
    compare(vec![
        ("click/pay", requests.pay(&pay)),
        ("click/confirm", requests.confirm(CLICK_ID)),
        ("click/mode_on", requests.confirmation_mode(true)),
        ("click/mode_off", requests.confirmation_mode(false)),
        ("click/status", requests.status(CLICK_ID).unwrap()),
        ("click/by_transaction", requests.status_by_mti(&pay.transaction)),
        ("click/reversal", requests.reversal(CLICK_ID).unwrap()),
        (
            "click/partial_reversal",
            requests.partial_reversal(CLICK_ID, Tiyin::new(10_050).unwrap()).unwrap(),
        ),
        ("click/submit_items", requests.submit_items(CLICK_ID, &goods())),
        ("click/submit_qrcode", requests.submit_qrcode(CLICK_ID, &delivery(CLICK_ID).url)),
        ("click/ofd_data", requests.ofd_data(CLICK_ID).unwrap()),
    ]);
    for id in ["", "../1", "1 2", "я"] {
        assert_eq!(requests.status(id), Err(RequestError::BadId("payment_id")), "{id}");
    }
}

#[test]
fn requests_to_payme() {
    let settings = fixture::payme(nowhere());
    let requests = payme::request::Requests { settings: &settings, id: 7 };
    let pay = payme_pay();
    compare(vec![
        ("payme/create", requests.create(&pay)),
        ("payme/pay", requests.pay(PAYME_ID, &pay.code)),
        ("payme/check", requests.check(PAYME_ID)),
        ("payme/get", requests.get(PAYME_ID)),
        ("payme/cancel", requests.cancel(PAYME_ID)),
        ("payme/fiscal", requests.set_fiscal_data(&delivery(PAYME_ID))),
    ]);
}

#[test]
fn requests_to_uzum() {
    let settings = fixture::uzum(nowhere());
    let requests = uzum::request::Requests { settings: &settings, millis: 1_700_000_000_000 };
    let pay = uzum_pay();
    compare(vec![
        ("uzum/pay", requests.pay(&pay)),
        ("uzum/status", requests.status(UZUM_ID)),
        ("uzum/reversal", requests.reversal(&pay.transaction, UZUM_ID)),
        ("uzum/fiscal", requests.fiscal(UZUM_ID, &delivery(UZUM_ID).url)),
    ]);
}

#[test]
fn the_offset_moves_the_time_of_uzums_signature() {
    let mut settings = fixture::uzum(nowhere());
    settings.time_offset_ms = 5 * 60 * 60 * 1000;
    let millis = 1_700_000_000_000 - settings.time_offset_ms;
    let requests = uzum::request::Requests { settings: &settings, millis };
    assert_eq!(render(&requests.status(UZUM_ID)), fixture::text("uzum/status.request"));
}

#[test]
fn settings_and_payments_do_not_print_keys_and_codes() {
    let printed = format!(
        "{:?} {:?} {:?} {:?}",
        fixture::click(nowhere()),
        fixture::payme(nowhere()),
        fixture::uzum(nowhere()),
        click_pay()
    );
    for secret in ["\"secret\"", "mjES8yc", "880101698207133392"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
