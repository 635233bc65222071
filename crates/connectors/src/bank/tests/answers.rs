//! Every answer, and what it means for the order.

use chorsu_core::bank::{BankCode, CardRule, Direction, OrderState};

use super::fixture::response;
use crate::Effect;
use crate::bank::*;
use crate::http::HttpResponse;
use crate::reading::AnswerError;

fn shown(status: OrderState, doc_id: &str) -> OrderShown {
    OrderShown { status, doc_id: doc_id.to_owned() }
}

fn answer(status: u16, body: &str) -> HttpResponse {
    HttpResponse { status, body: body.into() }
}

#[test]
fn accepted_orders() {
    let cases = [
        ("payment.entered", shown(OrderState::Entered, "1180_1841519885")),
        ("paymentBudget.entered", shown(OrderState::Entered, "1290084933")),
        ("payment.number_as_reference", shown(OrderState::Posted, "1290084933")),
    ];
    for (name, want) in cases {
        assert_eq!(read_submit(&response(name)).unwrap(), SubmitAnswer::Accepted(want), "{name}");
    }
}

#[test]
fn each_code_has_one_meaning_for_an_order() {
    for code in BankCode::ALL {
        let number = code.number();
        let body = format!(r#"{{"status":"error","code":{number},"message":"Текст","data":null}}"#);
        for (status, body) in [
            (200, body.clone()),
            (400, body.replace(&number.to_string(), &format!("\"{number}\""))),
        ] {
            let found = read_submit(&answer(status, &body));
            let refusal = BankRefusal { code, message: "Текст".to_owned() };
            match number {
                1013..=1017 | 3333 => {
                    assert_eq!(found.unwrap(), SubmitAnswer::Refused(refusal));
                }
                1001 | 1002 | 1004 | 1009 => {
                    assert_eq!(found.unwrap(), SubmitAnswer::NotAllowed(refusal));
                }
                1008 | 1111 | 2222 => {
                    let error = found.unwrap_err();
                    assert!(matches!(&error, BankError::InDoubt(said) if *said == refusal));
                    assert_eq!(error.effect(), Effect::Unknown);
                }
                _ => panic!("{number} is not in this table"),
            }
            let asked = read_status(&answer(status, &body));
            match number {
                1008 => assert_eq!(asked.unwrap(), StatusAnswer::NotRecorded),
                _ => assert!(matches!(asked.unwrap_err(), BankError::NoInformation(_))),
            }
        }
    }
    assert!(matches!(read_submit(&response("payment.refused")), Ok(SubmitAnswer::Refused(_))));
}

#[test]
fn statuses() {
    let cases = [
        ("status.posted", StatusAnswer::Known(shown(OrderState::Posted, "1180_1841519885"))),
        ("status.deleted", StatusAnswer::Known(shown(OrderState::Deleted, "1180_1841519885"))),
        ("status.not_recorded", StatusAnswer::NotRecorded),
    ];
    for (name, want) in cases {
        assert_eq!(read_status(&response(name)).unwrap(), want, "{name}");
    }
}

#[test]
fn what_is_not_understood_is_unknown() {
    use AnswerError::{
        Contradiction, Missing, NotJson, Status, UnknownCode, UnknownStatus, Unreadable,
    };
    let order = |status: &str| {
        format!(
            r#"{{"status":"success","code":0,"data":{{"payment_status":"{status}","doc_id":"1"}}}}"#
        )
    };
    let entered = order("Введен");
    let long_id = entered.replace("\"1\"", &format!("{:?}", "1".repeat(65)));
    let refused = r#"{"status":"error","code":1013,"message":"","data":null}"#;
    let cases = [
        (500, refused.to_owned(), Status(500)),
        (502, "<html>Bad Gateway</html>".to_owned(), Status(502)),
        (500, entered.clone(), Status(500)),
        (302, entered.clone(), Status(302)),
        (403, "<html>Forbidden</html>".to_owned(), Status(403)),
        (404, entered.clone(), Contradiction("code")),
        (401, entered.clone(), Contradiction("code")),
        (200, String::new(), NotJson),
        (200, "<html>".to_owned(), NotJson),
        (200, "null".to_owned(), NotJson),
        (200, entered[..entered.len() - 2].to_owned(), NotJson),
        (200, entered.replace("\"code\":0", "\"code\":0,\"code\":1013"), NotJson),
        (200, "{}".to_owned(), Missing("status")),
        (200, order("Отложен"), UnknownStatus("Отложен".to_owned())),
        (200, order("введен"), UnknownStatus("введен".to_owned())),
        (200, entered.replace("\"code\":0,", ""), Missing("code")),
        (200, entered.replace("\"code\":0", "\"code\":1013"), Contradiction("code")),
        (200, entered.replace("\"code\":0", "\"code\":0.0"), Unreadable("code")),
        (200, entered.replace("success", "ok"), UnknownStatus("ok".to_owned())),
        (200, entered.replace("success", "error"), Contradiction("code")),
        (200, entered.replace(",\"doc_id\":\"1\"", ""), Missing("doc_id")),
        (200, entered.replace("\"1\"", "\"\""), Missing("doc_id")),
        (200, entered.replace("\"1\"", "\"1\\n\""), Unreadable("doc_id")),
        (200, long_id, Unreadable("doc_id")),
        (200, r#"{"status":"success","code":0,"data":null}"#.to_owned(), Missing("data")),
        (200, r#"{"status":"success","code":0,"data":[]}"#.to_owned(), Unreadable("data")),
        (
            200,
            r#"{"status":"success","code":0,"data":["Введен","1"]}"#.to_owned(),
            Unreadable("data"),
        ),
        (200, r#"["error",1013,"",null]"#.to_owned(), NotJson),
        (200, r#"{"status":"success","code":0,"data":{}}"#.to_owned(), Missing("payment_status")),
        (200, r#"{"status":"success","code":0,"data":"1"}"#.to_owned(), Unreadable("data")),
        (200, refused.replace("1013", "1012"), UnknownCode(1012)),
        (200, refused.replace("\"code\":1013,", ""), Missing("code")),
        (200, refused.replace("null", r#"{"doc_id":"1"}"#), Contradiction("data")),
        (200, refused.replace("error", "success"), Contradiction("code")),
    ];
    for (status, body, want) in cases {
        let response = answer(status, &body);
        for error in [read_submit(&response).unwrap_err(), read_status(&response).unwrap_err()] {
            assert_eq!(error.effect(), Effect::Unknown, "{body}");
            let BankError::BadAnswer(found) = error else { panic!("{error:?} for {body}") };
            assert_eq!(found, want, "{body}");
        }
    }
}

#[test]
fn a_caller_who_is_not_known_created_nothing() {
    let spring = r#"{"status":401,"error":"Unauthorized","path":"/api/v2/payment"}"#;
    for body in ["", "<html>Unauthorized</html>", spring] {
        let found = read_submit(&answer(401, body)).unwrap();
        let SubmitAnswer::NotAllowed(refusal) = found else { panic!("{found:?}") };
        assert_eq!(refusal.code, BankCode::UserNotFound);
        let asked = read_status(&answer(401, body)).unwrap_err();
        assert!(matches!(asked, BankError::NoInformation(_)));
    }
}

#[test]
fn balances_and_services() {
    assert_eq!(read_balance(&response("balance.found")).unwrap().get(), 1100);
    let coded = r#"{"status":"success","code":0,"data":{"balance":1100}}"#;
    assert_eq!(read_balance(&answer(200, coded)).unwrap().get(), 1100);
    for balance in ["\"-1\"", "\"1e3\"", "\"11.5\"", "null", "\"\"", "[]"] {
        let body = coded.replace("1100", balance);
        assert!(read_balance(&answer(200, &body)).is_err(), "{balance}");
    }
    assert!(matches!(
        read_balance(&response("balance.no_service")),
        Err(BankError::NoInformation(refusal)) if refusal.code == BankCode::ServiceNotFound
    ));

    let services = read_services(&response("services.found")).unwrap();
    let found: Vec<_> = services.iter().map(|s| (s.id.0, s.kind, s.activated)).collect();
    let card = CardRule::Required;
    assert_eq!(found, [(34, card, true), (35, card, true), (33, CardRule::Optional, true)]);
    let strange = super::fixture::text("services.found").replace("CARD_IS_OPTIONAL", "SOMETHING");
    let (_, body) = strange.split_once("\n\n").unwrap();
    assert!(read_services(&answer(200, body)).is_err());
}

#[test]
fn statements() {
    let page = read_statement(&response("statement.page")).unwrap();
    assert_eq!(page.len(), 2);
    let first = &page[0];
    assert_eq!(
        (first.id, first.number.as_str(), first.amount.get()),
        (2_111_291_793, "1917830", 400)
    );
    assert_eq!((first.direction, first.status), (Direction::Incoming, OrderState::Posted));
    assert_eq!(first.payer.name, "ООО \"MARKETPLACE TRADING\"");
    assert_eq!(first.payer.tax_id.as_deref(), Some("307692757"));
    assert_eq!(first.day.to_string(), "2023-02-01");
    assert_eq!(first.at.since(first.day.start()), ((16 * 60 + 32) * 60 + 23) * 1000);
    let second = &page[1];
    assert_eq!((second.direction, second.receiver.tax_id.as_deref()), (Direction::Outgoing, None));

    assert_eq!(last_id(&page, 0), Some(2_111_291_800));
    assert_eq!(last_id(&page, 2_111_291_800), None, "the same page again ends the statement");
    assert_eq!(last_id(&[], 0), None);
}

#[test]
fn a_row_that_cannot_be_read_spoils_its_page() {
    let text = super::fixture::text("statement.page");
    let (_, body) = text.split_once("\n\n").unwrap();
    let cases = [
        ("\"amount\": 400", "\"amount\": 400.5", "amount"),
        ("\"amount\": 400", "\"amount\": -400", "amount"),
        ("\"amount\": 400", "\"amount\": null", "amount"),
        ("Приход", "Возврат", "type"),
        ("Проведен", "Отложен", "status"),
        ("2023-02-01 16:32:23", "01.02.2023", "docDate"),
        ("2023-02-01 00:00:00", "2023-02-30 00:00:00", "paymentDate"),
        ("\"id\": 2111291793", "\"id\": \"x\"", "id"),
    ];
    for (from, to, field) in cases {
        let changed = body.replacen(from, to, 1);
        assert_ne!(changed, body, "{from}");
        match read_statement(&answer(200, &changed)).unwrap_err() {
            BankError::BadAnswer(AnswerError::Unreadable(name) | AnswerError::Missing(name)) => {
                assert_eq!(name, field, "{to}")
            }
            other => panic!("{other:?} for {to}"),
        }
    }
}
