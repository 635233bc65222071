//! Every example of the document: its request is read, and its answer is written key for key.

use std::fs;
use std::path::{Path, PathBuf};

use chorsu_core::Tiyin;
use chorsu_core::bank::{
    AccountFound, BankCode, BankDay, BankDirectory, BankFound, CardRule, Direction, LocalTime, Mfo,
    NewOrder, OrderKind, OrderState, ReceiverLookup, ServiceNumber,
};
use serde_json::Value;

use crate::bank::*;
use crate::json::read;

const CASES: [&str; 8] = [
    "balance",
    "payment",
    "payment.refused",
    "paymentBudget",
    "payments",
    "services",
    "status",
    "status.refused",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bank")
}

fn text(case: &str, file: &str) -> String {
    fs::read_to_string(folder().join(case).join(file)).unwrap()
}

/// The built-in banks; accounts that end in 0013 do not exist.
struct Lookup(BankDirectory);

impl ReceiverLookup for Lookup {
    fn find_account(&self, _: Option<&Mfo>, account: &str) -> AccountFound {
        if account.ends_with("0013") { AccountFound::No } else { AccountFound::Yes }
    }

    fn find_bank(&self, mfo: &Mfo) -> BankFound {
        self.0.find_bank(mfo)
    }
}

fn order(case: &str, kind: OrderKind, service: CardRule) -> Result<NewOrder, BankCode> {
    let body = text(case, "request.json");
    let draft = read_order(kind, body.as_bytes())?;
    draft.check(kind, service, &Lookup(BankDirectory::built_in()))
}

/// The part of a request line after the part that all of them begin with.
fn path(case: &str) -> String {
    text(case, "request.txt").trim().strip_prefix("GET /api/v2/").unwrap().to_owned()
}

fn order_view(status: OrderState, doc_id: &str) -> Vec<u8> {
    let mut out = Vec::new();
    write_order(&mut out, &OrderView { status, doc_id });
    out
}

fn services() -> Vec<u8> {
    let service = |id, name, kind| ServiceView {
        id: ServiceNumber(id),
        name,
        activated: true,
        kind,
        account: "#счет партнера#",
    };
    let list = [
        service(34, "Оплата по реквизитам UZCARD", CardRule::Required),
        service(35, "Оплата по реквизитам HUMO", CardRule::Required),
        service(33, "Расщепления", CardRule::Optional),
    ];
    let mut out = Vec::new();
    write_services(&mut out, list);
    out
}

fn statement() -> Vec<u8> {
    let side = |account, name| SideView { mfo: "00401", account, name, tax_id: "307692757" };
    let mut out = Vec::new();
    let mut page = StatementPage::begin(&mut out);
    page.row(
        &mut out,
        &StatementRow {
            id: 2_111_291_793,
            number: "1917830",
            at: LocalTime::parse("2023-02-01 16:32:23").unwrap(),
            day: BankDay::parse("2023-02-01").unwrap(),
            direction: Direction::Incoming,
            payer: side("20208000405273320010", "ООО \"MARKETPLACE TRADING\""),
            receiver: side("29896000200000401070", "SELLO - C2C"),
            amount: Tiyin::new(400).unwrap(),
            purpose: "тест",
            status: OrderState::Posted,
        },
    );
    page.end(&mut out);
    out
}

fn error(code: BankCode) -> Vec<u8> {
    let mut out = Vec::new();
    write_error(&mut out, code);
    out
}

/// Reads the request of a case and writes the answer that the document shows for it.
fn answer(case: &str) -> Vec<u8> {
    match case {
        "services" => {
            assert_eq!(path(case), "services");
            services()
        }
        "payment" => {
            // The example has all fields of a card, so that it is sound for both kinds.
            for service in [CardRule::Optional, CardRule::Required] {
                assert_eq!(order(case, OrderKind::Ordinary, service).unwrap().service.0, 2);
            }
            order_view(OrderState::Entered, "1180_1841519885")
        }
        "paymentBudget" => {
            let order = order(case, OrderKind::Budget, CardRule::Required).unwrap();
            assert_eq!(order.key.as_str(), "1000001");
            order_view(OrderState::Entered, "1290084933")
        }
        "payment.refused" => {
            error(order(case, OrderKind::Ordinary, CardRule::Optional).unwrap_err())
        }
        "status" | "status.refused" => {
            let path = path(case);
            let key = order_of_path(path.strip_prefix("payment/").unwrap()).unwrap();
            assert_eq!(key.as_str(), "009445151277");
            if case == "status" {
                order_view(OrderState::Posted, "1180_1841519885")
            } else {
                error(order_of_path("no such order").unwrap_err())
            }
        }
        "balance" => {
            let path = path(case);
            let service = path.strip_prefix("account/").unwrap().strip_suffix("/balance").unwrap();
            assert_eq!(service_of_path(service), Ok(ServiceNumber(2)));
            let mut out = Vec::new();
            write_balance(&mut out, Tiyin::new(1100).unwrap());
            out
        }
        "payments" => {
            let body = text(case, "request.json");
            let request = read_statement(body.as_bytes(), None).unwrap().check().unwrap();
            assert_eq!((request.service, request.last_id), (ServiceNumber(27), 2_111_291_793));
            assert_eq!(request.scope, StatementScope::All);
            assert_eq!(request.from.to_string(), "2023-01-01");
            assert_eq!(request.to.to_string(), "2023-02-21");
            statement()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn every_documented_answer_is_written_word_for_word() {
    for case in CASES {
        let documented = read::minified(&text(case, "answer.json"));
        let written = String::from_utf8(answer(case)).unwrap();
        assert_eq!(written, documented.trim(), "{case}");
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_i64() => "int",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Every path of a value, in order, with the kind that is there; an array by its first element.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    if !path.is_empty() {
        found.push(format!("{path} {}", kind(value)));
    }
    match value {
        Value::Object(members) => {
            let dot = if path.is_empty() { "" } else { "." };
            for (name, member) in members {
                paths(member, &format!("{path}{dot}{name}"), found);
            }
        }
        Value::Array(list) => {
            for (name, member) in list[0].as_object().unwrap() {
                paths(member, &format!("{path}[].{name}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_answer_has_the_listed_keys_and_no_others() {
    let mut folders: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders, CASES);
    for case in CASES {
        let mut found = Vec::new();
        paths(&serde_json::from_slice(&answer(case)).unwrap(), "", &mut found);
        found.sort();
        let listed = text(case, "answer.txt");
        let mut listed: Vec<_> = listed.lines().collect();
        listed.sort_unstable();
        assert_eq!(found, listed, "{case}");
    }
}

#[test]
fn every_code_has_its_documented_text() {
    let documented = [
        (1001, "Сервис не найден"),
        (1002, "Настройки для сервиса отсутствуют"),
        (1004, "Пользователь не найден"),
        (1008, "Не удалось получить данные"),
        (1009, "Нет доступа для метода"),
        (1013, "Счёт не найден"),
        (1014, "Банк получателя не является участником СМП"),
        (1015, "Поле Наименование получателя содержит непечатаемые символы"),
        (1016, "Поле Назначение платежа содержит непечатаемые символы"),
        (1017, "Отсутствуют обязательные поля"),
        (1111, "Системная ошибка"),
        (2222, "Критическая ошибка"),
        (3333, "Дата документа не может быть меньше даты операционного дня"),
    ];
    assert_eq!(documented.map(|(code, _)| code), BankCode::ALL.map(BankCode::number));
    for (code, text) in documented {
        let code = BankCode::from_number(i64::from(code)).unwrap();
        let answer: Value = serde_json::from_slice(&error(code)).unwrap();
        assert_eq!(answer["message"], text);
        assert_eq!(answer["code"], code.number());
        assert_eq!((&answer["status"], &answer["data"]), (&Value::from("error"), &Value::Null));
    }
}

#[test]
fn a_page_can_be_empty_and_can_have_many_rows() {
    let mut out = Vec::new();
    StatementPage::begin(&mut out).end(&mut out);
    assert_eq!(out, br#"{"status":"success","data":[]}"#);

    let row = StatementRow {
        id: 1,
        number: "1",
        at: chorsu_core::UnixMillis(0),
        day: BankDay::of(chorsu_core::UnixMillis(0)),
        direction: Direction::Outgoing,
        payer: SideView { mfo: "00401", account: "1", name: "\"\\\n", tax_id: "" },
        receiver: SideView { mfo: "00014", account: "2", name: "", tax_id: "" },
        amount: Tiyin::new(i64::MAX).unwrap(),
        purpose: "~1~2~3",
        status: OrderState::Posted,
    };
    let (mut sent, mut out) = (Vec::new(), Vec::new());
    let mut page = StatementPage::begin(&mut out);
    for id in 1..=3 {
        page.row(&mut out, &StatementRow { id, ..row });
        sent.append(&mut out);
    }
    page.end(&mut sent);
    let answer: Value = serde_json::from_slice(&sent).unwrap();
    let ids: Vec<_> = answer["data"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [1, 2, 3]);
    assert_eq!(answer["data"][2]["amount"], i64::MAX);
    assert_eq!(answer["data"][2]["type"], "Расход");
    assert_eq!(answer["data"][2]["innPayer"], "");
}
