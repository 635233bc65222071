//! The steps of the checkout.

use chorsu_core::{Acquirer, Receipt, ReceiptState, UnixMillis};

use super::fixtures::{RECEIPT, checkout, code_step, steps, tiyin};
use crate::{CheckoutStep, CodeStep, Language, Refund};

fn render(language: Language, name: &str) -> String {
    let (_, step) = steps().into_iter().find(|(known, _)| *known == name).unwrap();
    checkout(language, step, "Shop").render().unwrap().replace('\u{a0}', " ")
}

#[test]
fn each_step_says_what_it_has_to() {
    let cases: [(&str, &[&str]); 14] = [
        ("card", &["To pay</span> <strong>5,000.00 UZS", "Card details", "× Shop", "−100.00 UZS"]),
        (
            "card again",
            &["<title>Error: ", "A card number has 16 digits", "value=\"13/30\"", "not answering"],
        ),
        ("code", &["+998 90 *** ** 66", "data-countdown>60</span>", "Pay 5,000.00 UZS"]),
        ("code again", &["<title>Error: ", "Wrong code", "aria-invalid"]),
        ("code over", &["The code has expired", "the phone linked to your card"]),
        ("code resent", &["A new code is on its way", "data-countdown"]),
        (
            "paid",
            &["Payment complete", "8600 06** **** 6311", "30.11.2026, 23:59:59", "Amount</span>"],
        ),
        ("held", &["on hold", "8600 06** **** 6311"]),
        ("cancelled", &["can no longer be paid"]),
        ("refunding", &["on its way back"]),
        ("refunded", &["was returned"]),
        ("processing", &["do not pay again", "Refresh now"]),
        ("paused", &["do not pay again"]),
        ("refused", &["not enough money", "was not charged", "Try again"]),
    ];
    for (name, wanted) in cases {
        let html = render(Language::En, name);
        for text in wanted {
            assert!(html.contains(text), "{text} on {name}");
        }
    }
    assert!(!render(Language::En, "closed").contains("Try again"));
    assert!(!render(Language::En, "paid somehow").contains("Time (Tashkent)"));
}

#[test]
fn amounts_and_texts_follow_the_language() {
    let cases = [
        (Language::Uz, "5 000,00 soʻm", "106"),
        (Language::Ru, "5 000,00 сум", "106"),
        (Language::En, "5,000.00 UZS", "106"),
    ];
    for (language, amount, absent) in cases {
        let html = render(language, "card");
        assert!(html.contains(amount) && !html.contains(absent), "{}", language.tag());
        let lang = format!("name=\"lang\" value=\"{}\"", language.tag());
        assert!(html.contains(&lang));
    }
}

#[test]
fn forms_post_what_the_routes_expect() {
    let names = |html: &str| -> Vec<String> {
        let fields = html.split(" name=\"").skip(1);
        let names = fields.map(|rest| rest.split('"').next().unwrap().to_owned());
        names
            .filter(|name| !["viewport", "color-scheme", "robots"].contains(&name.as_str()))
            .collect()
    };
    let card = render(Language::Uz, "card");
    assert!(card.contains(&format!("method=\"post\" action=\"/pay/{RECEIPT}/card\"")));
    assert_eq!(names(&card), ["lang", "number", "expire"]);
    for attribute in
        ["autocomplete=\"cc-number\"", "autocomplete=\"cc-exp\"", "inputmode=\"numeric\""]
    {
        assert!(card.contains(attribute), "{attribute}");
    }
    let code = render(Language::Uz, "code");
    assert!(code.contains(&format!("method=\"post\" action=\"/pay/{RECEIPT}/code\"")));
    assert!(code.contains(&format!("method=\"post\" action=\"/pay/{RECEIPT}/resend\"")));
    assert!(code.contains("autocomplete=\"one-time-code\""));
    assert_eq!(names(&code), ["token", "lang", "phone", "code", "token", "lang", "phone"]);
    assert_eq!(code.matches("value=\"99890*****66\"").count(), 2);
    assert!(!render(Language::Uz, "code over").contains("name=\"phone\""));
}

#[test]
fn only_pages_that_may_be_loaded_again_offer_it() {
    for (name, _) in steps() {
        let html = render(Language::Ru, name);
        let lasting = !name.starts_with("code") && name != "refused" && name != "closed";
        assert_eq!(html.contains("class=\"languages\""), lasting, "{name}");
        assert_eq!(html.contains("http-equiv=\"refresh\""), name == "processing", "{name}");
    }
    let address = format!("content=\"3;url=/pay/{RECEIPT}?lang=ru\"");
    assert!(render(Language::Ru, "processing").contains(&address));
}

#[test]
fn a_hold_is_called_a_hold() {
    for (step, text) in [
        (CheckoutStep::Code(code_step("token")), "Hold 5,000.00 UZS"),
        (CheckoutStep::Card(crate::CardStep::default()), "first held on your card"),
    ] {
        let mut page = checkout(Language::En, step, "Shop");
        page.receipt.hold = true;
        let html = page.render().unwrap().replace('\u{a0}', " ");
        assert!(html.contains(text) && !html.contains("Pay 5,000.00"), "{text}");
    }
}

#[test]
fn what_the_shop_left_out_is_left_out() {
    let mut page = checkout(Language::En, CheckoutStep::Processing, "");
    page.receipt.items.clear();
    page.receipt.account.clear();
    let html = page.render().unwrap();
    for absent in ["Your order", "class=\"description\"", "class=\"items\"", "Discount"] {
        assert!(!html.contains(absent), "{absent}");
    }
    let step =
        CodeStep { seconds: 0, problem: Some(crate::CodeProblem::Expired), ..code_step("t") };
    let html = checkout(Language::En, CheckoutStep::Code(step), "Shop").render().unwrap();
    // Beside the field, and once more for the script, which says it when the time is up.
    assert_eq!(html.matches("The code has expired").count(), 2);
}

#[test]
fn a_receipts_state_decides_the_step() {
    let receipt = |state, paid_at: Option<i64>, held_at: Option<i64>| Receipt {
        id: RECEIPT.parse().unwrap(),
        kassa: "100fe486b33784292111b7dc".parse().unwrap(),
        acquirer: Acquirer::Networks,
        state,
        amount: tiyin(1),
        commission: tiyin(0),
        number: 1,
        hold: false,
        created_at: UnixMillis(0),
        paid_at: paid_at.map(UnixMillis),
        held_at: held_at.map(UnixMillis),
        cancelled_at: None,
        operation: None,
        debit: None,
        card: None,
        body: "{}".into(),
        payer: None,
        fiscal: None,
    };
    for (state, number) in ReceiptState::ALL {
        let step = CheckoutStep::of_receipt(&receipt(state, None, None));
        let right = match number {
            0 => matches!(step, CheckoutStep::Card(_)),
            1 | 2 | 3 | 6 => matches!(step, CheckoutStep::Processing),
            4 => matches!(step, CheckoutStep::Paid(_)),
            5 | 30 => matches!(step, CheckoutStep::Held(_)),
            20 => matches!(step, CheckoutStep::Paused),
            21 => matches!(step, CheckoutStep::Cancelled(Refund::UnderWay)),
            _ => matches!(step, CheckoutStep::Cancelled(Refund::Nothing)),
        };
        assert!(right, "state {number}: {step:?}");
    }
    for (paid_at, held_at) in [(Some(1), None), (None, Some(1))] {
        let step = CheckoutStep::of_receipt(&receipt(ReceiptState::Cancelled, paid_at, held_at));
        assert!(matches!(step, CheckoutStep::Cancelled(Refund::Done)));
    }
}
