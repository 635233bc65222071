//! The till's page of the sandbox.

use chorsu_core::till::{Delivery, TillState};
use chorsu_core::{Network, Provider, Tiyin, Wallet};

use super::fixtures::{CODE, TRANSACTION, payment, scan, till, tiyin};
use crate::{
    CodePanel, CommonFault, Counterparty, Customer, FaultChoice, FaultProblem, FaultyCalls,
    FiscalMark, Language, PinpadCustomer, Scan, TillPage,
};

fn render(page: &TillPage<'_>) -> String {
    page.render().unwrap().replace('\u{a0}', " ").replace("&#34;", "\"").replace("&#39;", "'")
}

#[test]
fn a_fresh_code_can_be_scanned_and_copied() {
    for wallet in Wallet::ALL {
        let page = till(Language::En, "text");
        let code = CodePanel { wallet, customer: Customer::LostAfter, ..page.code };
        let html = render(&TillPage { code, ..page });
        let line = format!(
            "curl -s 'http://127.0.0.1:8080/payment/{}' -d '{{\"amount\": 5000, \"qr_code\": \
             \"{CODE}\"}}'",
            wallet.name()
        );
        let query = format!("wallet={}&#38;customer=005&#38;seed=0123456789abcdef", wallet.name());
        let wanted = [
            "<svg class=\"qr\" viewBox=\"-4 -4 ",
            "<path d=\"M0 0h7v1h-7z",
            "Not scanned yet",
            "one payment",
            "<option value=\"005\" selected>pays, but the answer is lost</option>",
            line.as_str(),
            query.as_str(),
        ];
        for text in wanted {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(html.contains(&format!("value=\"{}\" class=\"chosen\"", wallet.name())));
    }
}

#[test]
fn the_state_of_a_scanned_code_decides_what_comes_next() {
    let cases = [
        (TillState::Sent, "Asking", false),
        (TillState::Unknown, "Outcome unknown", false),
        (TillState::Succeeded, "Paid", true),
        (TillState::Reversing, "Being given back", false),
        (TillState::Reversed, "Given back", false),
        (TillState::Declined, "Declined", false),
    ];
    assert_eq!(cases.map(|(state, ..)| state), TillState::ALL);
    for (state, text, orders) in cases {
        let page = till(Language::En, "text");
        let code = CodePanel { scan: Some(Scan { state, ..scan() }), ..page.code };
        let html = render(&TillPage { code, payments: vec![], ..page });
        assert!(html.contains(&format!(">{text}</span> <strong class=\"sum\">5,000.00 UZS")));
        assert!(html.contains(&format!("href=\"/payment/status/{TRANSACTION}\"")), "{text}");
        let is_free = state == TillState::Declined;
        assert_eq!(html.contains("/payment/click'"), is_free, "{text}");
        let order = "\"extra_info\": {\"phone_number\": \"998901234566\", \
                     \"qr_payment_provider\": 64,\n    \"qr_payment_id\": \"4710103925\"}}'";
        assert_eq!(html.contains(order), orders, "{text}");
    }
    let page = till(Language::En, "text");
    let scan = Some(Scan { is_registered: true, ..scan() });
    let html = render(&TillPage { code: CodePanel { scan, ..page.code }, ..page });
    assert!(!html.contains("/order'"));
}

#[test]
fn payments_show_both_sides_and_the_receipt() {
    let page = till(Language::En, "text");
    let fiscal = FiscalMark {
        url: "https://ofd.soliq.uz/check?t=UZ1&r=77&c=1",
        ..payment().fiscal.unwrap()
    };
    let cases = [
        (Provider::Wallet(Wallet::Uzum), Some(tiyin(700)), Some(Delivery::Queued)),
        (Provider::Wallet(Wallet::Click), Some(Tiyin::ZERO), Some(Delivery::Refused)),
        (Provider::Pinpad(Network::Humo), None, None),
    ];
    let payments = cases.map(|(provider, charged, delivery)| crate::PaymentLine {
        provider,
        charged,
        fiscal: delivery.map(|delivery| FiscalMark { delivery, ..fiscal }),
        ..payment()
    });
    let html = render(&TillPage { payments: payments.to_vec(), ..page.clone() });
    let wanted = [
        "<strong>Uzum</strong>",
        "7.00 UZS",
        "No. 77",
        "on its way to the wallet",
        "not charged",
        "refused by the wallet",
        "<strong>HUMO</strong>",
        "class=\"number sum none\">–<",
        "30.11.2026, 23:59:59",
    ];
    for text in wanted {
        assert!(html.contains(text), "{text}");
    }
    let html = render(&TillPage { payments: vec![], ..page });
    assert!(html.contains("No payments yet") && !html.contains("class=\"stacking\""));
}

#[test]
fn pinpad_and_module_say_how_they_are() {
    let page = till(Language::En, "text");
    let html = render(&page);
    for text in [
        "Shift 7",
        "12,345.67 UZS",
        "No. 3, open",
        "value=\"disconnect\"",
        "value=\"offline\"",
        "<option value=\"poor\" selected>has no money on the card</option>",
        "'{\"amount\": 500000}'",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let mut page = page;
    page.module.is_open = false;
    page.module.is_connected = false;
    page.module.is_online = false;
    let html = render(&page);
    for text in ["No. 3, closed", "error 104", "value=\"connect\"", "value=\"online\"", "pile up"] {
        assert!(html.contains(text), "{text}");
    }
    page.module.shift = 0;
    assert!(render(&page).contains("none yet"));
}

#[test]
fn faults_are_listed_and_a_wrong_one_is_explained() {
    let page = till(Language::En, "drop_after");
    let html = render(&page);
    assert!(html.contains("<code>drop_after</code> · <code>drop_after</code> · 3 more"));
    assert_eq!(html.matches("action=\"/sandbox/forms/till/clear\"").count(), 1);
    let choice = FaultChoice {
        at: Counterparty::Module,
        fault: CommonFault::WrongAmount,
        calls: FaultyCalls::Reverse,
        problem: Some(FaultProblem::Impossible),
    };
    let html = render(&TillPage { faults: vec![], choice, ..page.clone() });
    for text in [
        "Nothing goes wrong",
        "cannot do that",
        "<option value=\"fiscal\" selected>Fiscal module<",
        "<option value=\"wrong_amount\" selected>",
        "<option value=\"reverse\" selected>",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let choice = FaultChoice { problem: Some(FaultProblem::Full), ..choice };
    assert!(render(&TillPage { choice, ..page }).contains("too many faults"));
}

#[test]
fn every_value_of_a_field_is_read_back() {
    for one in Customer::ALL {
        assert_eq!(Customer::from_tag(one.tag()), Some(one));
    }
    for one in PinpadCustomer::ALL {
        assert_eq!(PinpadCustomer::from_tag(one.tag()), Some(one));
    }
    for one in Counterparty::ALL {
        assert_eq!(Counterparty::from_tag(one.tag()), Some(one));
    }
    for one in CommonFault::ALL {
        assert_eq!(CommonFault::from_tag(one.tag()), Some(one));
    }
    for one in FaultyCalls::ALL {
        assert_eq!(FaultyCalls::from_tag(one.tag()), Some(one));
    }
    assert_eq!(Customer::from_tag("009"), None);
}
