//! Orders that are wrong, each with its message.

use chorsu_api::till::decode;
use serde_json::{Value, json};

use super::world::{NOW, message};

fn good() -> Value {
    json!({
        "products": [{
            "name": "Non", "amount": 1000, "price": 50_000, "class_code": "10999001001000000"
        }],
        "received_cash": 50_000
    })
}

fn refused(body: &Value) -> String {
    message(decode::order(body.to_string().as_bytes(), NOW))
}

/// Sets a member at a JSON pointer; null removes nothing, it is a null.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    parent.as_object_mut().unwrap().insert(name.to_owned(), value);
    body
}

#[test]
fn fields_of_the_order() {
    assert!(decode::order(good().to_string().as_bytes(), NOW).is_ok());
    let time = "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DD hh:mm:ss.";
    let cases = [
        ("receipt_type", json!("refund"), "\\\"refund\\\" is not a valid choice."),
        ("products", json!(null), "This field may not be null."),
        ("products", json!([]), "This list may not be empty."),
        ("products", json!({}), "Expected a list of items but got type \\\"dict\\\"."),
        ("products", json!("Non"), "Expected a list of items but got type \\\"str\\\"."),
        ("time", json!("21.02.2024"), time),
        ("time", json!(1_708_503_583), time),
        ("received_cash", json!(-1), "Ensure this value is greater than or equal to 0."),
        ("received_card", json!(0.5), "A valid integer is required."),
        (
            "received_card",
            json!(1_000_000_000_000_001_i64),
            "Ensure this value is less than or equal to 1000000000000000.",
        ),
        ("change", json!([]), "A valid integer is required."),
        ("card_type", json!(4), "\\\"4\\\" is not a valid choice."),
        ("number", json!("one"), "A valid integer is required."),
        ("cashier", json!({}), "Not a valid string."),
        ("open_cashbox", json!("open"), "Must be a valid boolean."),
    ];
    for (name, value, want) in cases {
        let body = with(&format!("/{name}"), value);
        assert_eq!(refused(&body), format!("{{\"{name}\":[\"{want}\"]}}"), "{body}");
    }
    assert_eq!(refused(&json!({})), r#"{"products":["This field is required."]}"#);
    assert_eq!(
        message(decode::refund(good().to_string().as_bytes(), NOW)),
        r#"{"qr_code":["This field is required."]}"#
    );
    assert_eq!(
        message(decode::refund(with("/qr_code", json!("x")).to_string().as_bytes(), NOW)),
        r#"{"qr_code":["Enter a valid URL."]}"#
    );
}

#[test]
fn fields_of_a_line() {
    let cases = [
        ("name", json!(" "), "This field may not be blank."),
        ("amount", json!(0), "Ensure this value is greater than or equal to 1."),
        ("amount", json!(0.5), "A valid integer is required."),
        ("price", json!(null), "This field may not be null."),
        ("price", json!(-1), "Ensure this value is greater than or equal to 0."),
        ("vat", json!("12%"), "A valid integer is required."),
        ("vat_percent", json!(100), "Ensure this value is less than or equal to 99."),
        ("discount", json!(-5), "Ensure this value is greater than or equal to 0."),
        ("labels", json!("05367567230048c"), "Expected a list of items but got type \\\"str\\\"."),
        ("labels", json!([1.5, 2.5]), "Not a valid string."),
        ("class_code", json!(""), "This field may not be blank."),
        ("owner_type", json!(3), "\\\"3\\\" is not a valid choice."),
    ];
    for (name, value, want) in cases {
        let body = with(&format!("/products/0/{name}"), value);
        let want = format!("{{\"products\":[{{\"{name}\":[\"{want}\"]}}]}}");
        assert_eq!(refused(&body), want, "{body}");
    }
    assert_eq!(
        refused(&with("/products/0/comission_info", json!([1]))),
        "{\"products\":[{\"comission_info\":{\"non_field_errors\":\
         [\"Invalid data. Expected a dictionary, but got list.\"]}}]}"
    );
    let mut body = good();
    let item = body["products"][0].clone();
    body["products"] = json!([item, {}, 5]);
    assert_eq!(
        refused(&body),
        "{\"products\":[{},{\"name\":[\"This field is required.\"],\
         \"amount\":[\"This field is required.\"],\"price\":[\"This field is required.\"],\
         \"class_code\":[\"This field is required.\"]},\
         {\"non_field_errors\":[\"Invalid data. Expected a dictionary, but got int.\"]}]}"
    );
}

#[test]
fn extra_info() {
    let extra = |value| refused(&with("/extra_info", value));
    assert_eq!(
        extra(json!({"qr_payment_id": "1"})),
        r#"{"extra_info":{"qr_payment_provider":["This field is required."]}}"#
    );
    assert_eq!(
        extra(json!({"qr_payment_provider": 64})),
        r#"{"extra_info":{"qr_payment_id":["This field is required."]}}"#
    );
    assert_eq!(
        extra(json!({"qr_payment_id": "1", "qr_payment_provider": "click"})),
        r#"{"extra_info":{"qr_payment_provider":["A valid integer is required."]}}"#
    );
    assert_eq!(
        extra(json!([{}, {}])),
        r#"{"extra_info":["Ensure this field has no more than 1 elements."]}"#
    );
    assert_eq!(
        extra(json!("Payme")),
        "{\"extra_info\":{\"non_field_errors\":\
         [\"Invalid data. Expected a dictionary, but got str.\"]}}"
    );
}

#[test]
fn errors_of_many_lines_are_bounded() {
    let mut body = good();
    body["products"] = json!(vec![json!({}); 500]);
    assert_eq!(refused(&body).matches("class_code").count(), 20);
    body["products"] = json!(vec![json!({}); 501]);
    assert_eq!(
        refused(&body),
        r#"{"products":["Ensure this field has no more than 500 elements."]}"#
    );
}

#[test]
fn everything_wrong_is_told_at_once() {
    let body = json!({"number": "x", "products": [], "time": "x", "received_cash": "x",
        "extra_info": [], "banners": [{"type": "picture"}], "prices": 5});
    assert_eq!(
        refused(&body),
        "{\"number\":[\"A valid integer is required.\"],\
         \"products\":[\"This list may not be empty.\"],\
         \"time\":[\"Datetime has wrong format. Use one of these formats instead: \
         YYYY-MM-DD hh:mm:ss.\"],\"received_cash\":[\"A valid integer is required.\"],\
         \"banners\":[{\"type\":[\"\\\"picture\\\" is not a valid choice.\"]}],\
         \"prices\":[\"Expected a list of items but got type \\\"int\\\".\"]}"
    );
}
