//! Answers byte for byte: keys, their order, and the envelope.

use chorsu_api::till::error::{PaymentRef, Refusal};
use chorsu_api::till::view::{ModuleInfo, Slip, ZreportOpened};
use chorsu_api::till::{TillError, decode, encode, module_fault};
use chorsu_core::fiscal::FiscalTime;

use super::world::{
    NOW, TRANSACTION, click_confirmed, payme_confirmed, registered, slip, tiyin, url, uzum_done,
    wallet_paid, zreport,
};

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn payments() {
    assert_eq!(
        written(|out| encode::wallet_paid(out, &wallet_paid(tiyin(50_000), "880101698207133392"))),
        "{\"data\":{\"status_code\":0,\"status\":\"successfully\",\
         \"message\":\"Успешно подтвержден\",\
         \"transaction_id\":\"0e436d79-f100-4373-b12a-1f238b558054\",\
         \"payment_id\":\"644113a290a5eba4298f05d5\",\"amount\":500,\
         \"qr_code\":\"880101698207133392\",\"inn\":\"123456789\",\"kkm_id\":\"00000001\",\
         \"device_id\":\"00000001\",\"client_phone_number\":\"998946532140\"},\
         \"error\":null,\"is_success\":true}"
    );
    assert_eq!(
        written(|out| encode::uzum_done(out, &uzum_done("bb75"))),
        "{\"data\":{\"payment_id\":\"bb75\",\"payment_status\":\"SUCCESS\",\"error_code\":\"0\",\
         \"error_message\":null,\"client_phone_number\":\"998946532140\"},\
         \"error\":null,\"is_success\":true}"
    );
    assert_eq!(
        written(|out| encode::slip(out, &slip())),
        "{\"data\":{\"message\":\"ОБЫЧНЫЙ ТОВАР\\n\\tОДОБРЕНО\\nRRN:231511584547 \",\
         \"ppt_id\":\"231511584547\"},\"error\":null,\"is_success\":true}"
    );
    assert_eq!(
        written(|out| encode::slip(out, &Slip { text: "Отчет окончен", rrn: None })),
        "{\"data\":{\"message\":\"Отчет окончен\",\"ppt_id\":null},\
         \"error\":null,\"is_success\":true}"
    );
}

#[test]
fn confirmations() {
    assert_eq!(
        written(|out| encode::click_confirmed(out, &click_confirmed("2354512461", &url()))),
        "{\"data\":{\"inn\":\"000000000\",\"payment_id\":\"2354512461\",\"qr_code\":\
         \"https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161\",\
         \"status\":\"successfully\",\"error\":null},\"error\":null,\"is_success\":true}"
    );
    assert_eq!(
        written(|out| encode::payme_confirmed(out, &payme_confirmed("63b1"))),
        "{\"data\":{\"id\":123,\"result\":{\"receipt\":{\"_id\":\"63b1\",\
         \"create_time\":1672600657448,\"pay_time\":1672600657716}},\"error\":null},\
         \"error\":null,\"is_success\":true}"
    );
}

#[test]
fn fiscal_answers() {
    let url = url();
    assert_eq!(
        written(|out| encode::registered(out, &registered(&url))),
        "{\"data\":{\"terminal_id\":\"UZ170703100597\",\"receipt_count\":2421,\
         \"date_time\":\"20230104121801\",\"fiscal_sign\":\"514343190161\",\
         \"applet_version\":\"0300\",\"qr_url\":\
         \"https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161\",\
         \"cash_box_number\":\"1\"},\"error\":null,\"is_success\":true}"
    );
    let mut unsigned = registered(&url);
    (unsigned.fiscal_sign, unsigned.url) = (None, None);
    let answer = written(|out| encode::registered(out, &unsigned));
    assert!(answer.contains("\"fiscal_sign\":null") && answer.contains("\"qr_url\":null"));
    assert_eq!(
        written(encode::printed),
        "{\"result\":{\"data\":null,\"error\":null,\"is_success\":true}}"
    );
}

#[test]
fn shifts() {
    let time = FiscalTime::at(NOW);
    assert_eq!(
        written(|out| {
            encode::zreport_opened(out, &ZreportOpened { time, applet_version: "0300" });
        }),
        "{\"data\":{\"time\":\"2024-02-21 13:19:43\",\"applet_version\":\"0300\"},\
         \"error\":null,\"is_success\":true}"
    );
    let report = "{\"data\":{\"applet_version\":\"0300\",\"terminal_id\":\"UZ170703100597\",\
         \"number\":3,\"count\":20,\"last_receipt_seq\":20,\"first_receipt_seq\":18,\
         \"open_time\":\"2019-10-07 17:07:52\",\"close_time\":\"\",\
         \"total_refund_vat\":9,\"total_refund_card\":7,\"total_refund_cash\":5,\
         \"total_refund_count\":1,\"total_sale_vat\":9,\"total_sale_card\":7,\
         \"total_sale_cash\":195000,\"total_sale_count\":3},\"error\":null,\"is_success\":true}";
    assert_eq!(written(|out| encode::zreport(out, &zreport())), report);
    let nested = format!("{{\"result\":{report}}}");
    assert_eq!(written(|out| encode::zreport_info(out, &zreport())), nested);
}

#[test]
fn the_module() {
    let info = ModuleInfo {
        terminal_id: "UZ170703100189",
        applet_version: "0300",
        current_receipt_seq: 836,
        current_time: FiscalTime::at(NOW),
        last_operation_time: None,
        receipt_count: 1,
        receipt_max_count: 858,
        zreport_count: 38,
        zreport_max_count: 832,
        available_memory: [6_100, 1_440, 1_441],
        cashbox_number: 1,
        version_code: "0.1.0",
        is_updated: false,
    };
    assert_eq!(
        written(|out| encode::module_info(out, &info)),
        "{\"data\":{\"terminal_id\":\"UZ170703100189\",\"applet_version\":\"0300\",\
         \"current_receipt_seq\":\"836\",\"current_time\":\"2024-02-21 13:19:43\",\
         \"last_operation_time\":\"\",\"receipt_count\":1,\"receipt_max_count\":858,\
         \"zreport_count\":38,\"zreport_max_count\":832,\"available_persistent_memory\":6100,\
         \"available_reset_memory\":1440,\"available_deselect_memory\":1441,\
         \"cashbox_number\":1,\"version_code\":\"0.1.0\",\"is_updated\":false},\
         \"error\":null,\"is_success\":true}"
    );
}

#[test]
fn errors() {
    let transaction_id = || TRANSACTION.to_owned();
    let error = |error: &TillError| written(|out| encode::error(out, error));
    assert_eq!(
        error(&TillError::Billing),
        "{\"data\":null,\"error\":{\"code\":104,\"message\":\"BILLING_ERROR\",\"data\":null},\
         \"is_success\":false}"
    );
    assert_eq!(
        error(&decode::confirm(br#"{"payment_id":" ","qr_code":null}"#).unwrap_err()),
        "{\"data\":null,\"error\":{\"code\":7,\"message\":\
         \"{\\\"payment_id\\\":[\\\"This field may not be blank.\\\"],\
         \\\"qr_code\\\":[\\\"This field may not be null.\\\"]}\",\"data\":null},\
         \"is_success\":false}"
    );
    assert_eq!(
        error(&TillError::Unknown(PaymentRef { transaction_id: transaction_id() })),
        "{\"data\":null,\"error\":{\"code\":106,\"message\":\"PAYMENT_STATUS_UNKNOWN\",\"data\":\
         {\"transaction_id\":\"0e436d79-f100-4373-b12a-1f238b558054\",\"status\":\"unknown\"}},\
         \"is_success\":false}"
    );
    let (code, message) = ("-301".to_owned(), "\"used\"".to_owned());
    let refusal = Refusal { transaction_id: transaction_id(), provider: "click", code, message };
    assert_eq!(
        error(&TillError::Declined(refusal)),
        "{\"data\":null,\"error\":{\"code\":106,\"message\":\"\\\"used\\\"\",\"data\":\
         {\"transaction_id\":\"0e436d79-f100-4373-b12a-1f238b558054\",\"status\":\"declined\",\
         \"provider\":\"click\",\"error_code\":\"-301\",\"error_message\":\"\\\"used\\\"\"}},\
         \"is_success\":false}"
    );
    let fault = &module_fault::ZREPORT_NOT_OPEN;
    assert_eq!(
        written(|out| encode::error_in_result(out, &TillError::Module(fault, None))),
        "{\"result\":{\"data\":null,\"error\":{\"code\":36909,\
         \"message\":\"ZREPORT_IS_NOT_OPEN\",\"data\":null},\"is_success\":false}}"
    );
}
