//! Every request, byte for byte.

use chorsu_core::Pan;
use chorsu_core::bank::{BankDay, Direction, NewOrder, OrderKey, OrderKind, ServiceNumber};

use super::fixture::{self, PAN, render};
use crate::bank::{Requests, StatementQuery, Submit};
use crate::http::HttpRequest;

fn submit(order: &NewOrder, pan: Option<&Pan>) -> HttpRequest {
    let NewOrder { key, service, sum, requisites } = order;
    let settings = fixture::settings("http://127.0.0.1:9/api/v2");
    let submit = Submit { key, service: *service, sum: *sum, requisites, pan };
    Requests { settings: &settings }.submit(&submit)
}

#[test]
fn requests_are_as_documented() {
    let settings = fixture::settings("http://127.0.0.1:9/api/v2");
    let requests = Requests { settings: &settings };
    let pan = Pan::parse(PAN).unwrap();
    let ordinary = fixture::order(OrderKind::Ordinary);
    let query = StatementQuery {
        service: ServiceNumber(27),
        direction: None,
        last_id: 2_111_291_793,
        from: BankDay::parse("2023-01-01").unwrap(),
        to: BankDay::parse("2023-02-21").unwrap(),
    };
    let cases = [
        ("services", requests.services()),
        ("payment", submit(&ordinary, Some(&pan))),
        ("paymentBudget", submit(&fixture::order(OrderKind::Budget), Some(&pan))),
        ("status", requests.status(&ordinary.key)),
        ("balance", requests.balance(ServiceNumber(2))),
        ("statement", requests.statement(&query)),
    ];
    for (name, request) in cases {
        assert_eq!(render(&request), fixture::text(&format!("{name}.request")), "{name}");
    }
    for (direction, word) in [(Direction::Incoming, "1"), (Direction::Outgoing, "2")] {
        let query = StatementQuery { direction: Some(direction), ..query };
        let text = render(&requests.statement(&query));
        assert!(text.contains(&format!(r#""type":"{word}""#)), "{text}");
    }
}

#[test]
fn a_masked_card_number_is_never_sent() {
    let order = fixture::order(OrderKind::Ordinary);
    assert!(order.requisites.card.masked.is_some());
    let text = render(&submit(&order, None));
    assert!(!text.contains("cardNumber") && !text.contains('*'), "{text}");
    assert!(!text.contains("refNumber") && !text.contains("cardType"), "half a card: {text}");
}

#[test]
fn keys_stay_one_segment_of_a_path() {
    let settings = fixture::settings("http://127.0.0.1:9/api/v2");
    let cases = [
        ("5153f545-52bf_a.b~c", "/payment/5153f545-52bf_a.b~c"),
        ("a/b?c#d%e", "/payment/a%2Fb%3Fc%23d%25e"),
        ("..", "/payment/%2E%2E"),
        ("№5", "/payment/%E2%84%965"),
    ];
    for (key, path) in cases {
        let key = OrderKey::parse(key).unwrap();
        assert_eq!(Requests { settings: &settings }.status(&key).path, path);
    }
}

#[test]
fn nothing_printed_shows_password_or_card() {
    let settings = fixture::settings("http://127.0.0.1:9/api/v2");
    let order = fixture::order(OrderKind::Ordinary);
    let pan = Pan::parse(PAN).unwrap();
    let NewOrder { key, service, sum, requisites } = &order;
    let submit = Submit { key, service: *service, sum: *sum, requisites, pan: Some(&pan) };
    let request = Requests { settings: &settings }.submit(&submit);
    let printed = format!("{settings:?} {submit:?} {request:?}");
    assert!(!printed.contains("p@ssw0rd") && !printed.contains(PAN), "{printed}");
}
