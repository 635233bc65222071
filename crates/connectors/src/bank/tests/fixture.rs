//! The fixtures, and the orders that all of them speak of: the document's examples.

use std::path::Path;

use chorsu_core::bank::{BankDirectory, CardRule, NewOrder, OrderDraft, OrderKind};

use crate::Secret;
use crate::bank::BankSettings;
use crate::http::{HttpRequest, HttpResponse};

pub(super) const PAN: &str = "9860531554896678";

/// The text of a fixture.
pub(super) fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/bank/{name}.txt"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A fixture as an answer: the status, an empty line, the body.
pub(super) fn response(name: &str) -> HttpResponse {
    let text = text(name);
    let (status, body) = text.split_once("\n\n").unwrap_or((text.as_str(), ""));
    HttpResponse { status: status.trim().parse().unwrap(), body: body.trim_end().into() }
}

/// A request as its fixture shows it.
pub(super) fn render(request: &HttpRequest) -> String {
    let mut text = format!("{} {}\n", request.method.as_str(), request.path);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {}\n", value.as_str()));
    }
    text.push('\n');
    text.push_str(std::str::from_utf8(&request.body).unwrap());
    text.trim_end().to_owned() + "\n"
}

pub(super) fn settings(base_url: &str) -> BankSettings {
    BankSettings {
        base_url: base_url.parse().unwrap(),
        username: "gray".to_owned(),
        password: Secret::new("p@ssw0rd"),
    }
}

/// The document's example of an order of that kind.
pub(super) fn order(kind: OrderKind) -> NewOrder {
    let shared = OrderDraft {
        amount: Some("500000".into()),
        commission: Some("20000".into()),
        reference: Some("016351273642".into()),
        card_type: Some("HUMO".into()),
        card_number: Some(PAN.into()),
        ..OrderDraft::default()
    };
    let draft = match kind {
        OrderKind::Ordinary => OrderDraft {
            key: Some("009445151277".into()),
            service: Some("2".into()),
            name: Some("Test".into()),
            mfo: Some("01091".into()),
            account: Some("29801000990248844444".into()),
            tax_id: Some("123456789".into()),
            purpose: Some("Test 24/7".into()),
            ..shared
        },
        OrderKind::Budget => OrderDraft {
            key: Some("1000001".into()),
            service: Some("1".into()),
            account: Some("29801000599024884444".into()),
            tax_id: Some("12345".into()),
            purpose: Some("11Test 24/7".into()),
            purpose_code: Some("09510".into()),
            ..shared
        },
    };
    draft.check(kind, CardRule::Required, &BankDirectory::built_in()).unwrap()
}
