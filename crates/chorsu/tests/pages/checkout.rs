//! The hosted checkout: from the card to the result, and everything that can come between.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::browser::{Browser, CARD, hidden};

#[tokio::test]
async fn a_receipt_is_paid_by_card_and_code() {
    let chorsu = Browser::start();
    let receipt = chorsu.receipt(false).await;
    let path = format!("/pay/{receipt}");
    let page = chorsu.get(&format!("{path}?lang=en")).await.html(StatusCode::OK);
    for text in ["5,000.00", "Chorsu Demo Shop", "Order number", "A-77", "Tomatoes", "× 2"] {
        assert!(page.contains(text), "{text} is missing");
    }
    assert!(!page.contains("<b>"), "the description is not escaped");

    let token = chorsu.token(&receipt, CARD).await;
    for (code, problem) in [
        ("", "Enter the code from the SMS."),
        ("12", "The code is digits only."),
        ("000000", "Wrong code."),
    ] {
        let page = chorsu.type_code(&receipt, &token, code).await.html(StatusCode::OK);
        assert!(page.contains(problem), "{code}: {page}");
        assert_eq!(hidden(&page, "token"), token);
    }
    let paid = chorsu.type_code(&receipt, &token, "666 666").await;
    assert_eq!(paid.location(), format!("{path}?lang=en"));
    assert_eq!(chorsu.state(&receipt).await, 4);
    let page = chorsu.get(paid.location()).await.html(StatusCode::OK);
    assert!(page.contains("Payment complete"), "{page}");

    // Whatever is sent again leads to the paid receipt.
    for again in [
        chorsu.type_code(&receipt, &token, "666666").await,
        chorsu.type_card(&receipt, CARD, "03/99").await,
        chorsu.post(&format!("{path}/resend"), &[("token", &token), ("lang", "en")]).await,
        chorsu.get(&format!("{path}/code?lang=en")).await,
    ] {
        assert_eq!(again.location(), format!("{path}?lang=en"));
    }
}

#[tokio::test]
async fn a_receipt_to_be_held_is_held() {
    let chorsu = Browser::start();
    let receipt = chorsu.receipt(true).await;
    let token = chorsu.token(&receipt, "9860 0101 0101 0101").await;
    let held = chorsu.type_code(&receipt, &token, "666666").await;
    assert_eq!(chorsu.state(&receipt).await, 5);
    let page = chorsu.get(held.location()).await.html(StatusCode::OK);
    assert!(page.contains("The amount is on hold"), "{page}");
    chorsu.call("receipts.cancel", json!({ "id": receipt })).await;
    let page = chorsu.get(held.location()).await.html(StatusCode::OK);
    assert!(page.contains("Payment cancelled"), "{page}");
}

#[tokio::test]
async fn what_is_wrong_with_a_card_is_said_beside_its_field() {
    let chorsu = Browser::start();
    let receipt = chorsu.receipt(false).await;
    for (number, expire, problem) in [
        ("", "03/99", "Enter the card number."),
        (CARD, "", "Enter the expiry date."),
        ("8600 0691", "03/99", "A card number has 16 digits."),
        (CARD, "13/99", "Write month and year"),
        (CARD, "03/20", "This card has expired."),
        (CARD, "04/99", "The expiry date does not match the card."),
        ("1234 5678 9012 3456", "03/99", "No such card."),
        ("8600 0609 2109 0842", "03/99", "SMS alerts are not enabled"),
        ("3333 3364 1580 4657", "03/99", "This card has expired."),
        ("4444 4459 8745 9073", "03/99", "This card is blocked."),
    ] {
        let page = chorsu.type_card(&receipt, number, expire).await.html(StatusCode::OK);
        assert!(page.contains(problem), "{number} {expire}: {page}");
        assert!(number.is_empty() || !page.contains(number), "the number came back");
    }
    assert_eq!(chorsu.state(&receipt).await, 0);
}

#[tokio::test]
async fn a_refusal_says_that_nothing_was_charged_and_lets_try_again() {
    let chorsu = Browser::start();
    let receipt = chorsu.receipt(false).await;
    let poor = json!({ "balance": 499_999 });
    chorsu.sandbox(Method::PATCH, "/cards/8600069195406311", poor).await;
    for (number, reason) in [
        (CARD, "There is not enough money on the card."),
        ("8600 1434 1777 0323", "The bank had a technical failure."),
    ] {
        let token = chorsu.token(&receipt, number).await;
        let page = chorsu.type_code(&receipt, &token, "666666").await.html(StatusCode::OK);
        assert!(page.contains("Your card was not charged.") && page.contains(reason), "{page}");
        // The code is used up: the receipt's page asks for a card again.
        let again = chorsu.type_code(&receipt, &token, "666666").await;
        let page = chorsu.get(again.location()).await.html(StatusCode::OK);
        assert!(page.contains("Card details"), "{page}");
    }
    assert_eq!(chorsu.state(&receipt).await, 0);
    let token = chorsu.token(&receipt, "8600 4954 7331 6478").await;
    chorsu.type_code(&receipt, &token, "666666").await.location();
    assert_eq!(chorsu.state(&receipt).await, 4);

    let other = chorsu.receipt(false).await;
    for token in ["", "token", token.as_str()] {
        let page = chorsu.type_code(&other, token, "666666").await.html(StatusCode::OK);
        assert!(page.contains("This page is out of date."), "{page}");
    }
    assert_eq!(chorsu.state(&other).await, 0);
}

#[tokio::test]
async fn while_the_outcome_is_open_the_page_waits() {
    let chorsu = Browser::start();
    let receipt = chorsu.receipt(false).await;
    let slow = json!({ "fault": "delay", "delay_ms": 1_500, "times": 1 });
    chorsu.sandbox(Method::POST, "/networks/uzcard/faults", slow).await;
    let token = chorsu.token(&receipt, CARD).await;
    let path = format!("/pay/{receipt}?lang=en");
    let paying = chorsu.type_code(&receipt, &token, "666666");
    let watching = async {
        loop {
            let page = chorsu.get(&path).await.html(StatusCode::OK);
            assert!(!page.contains("not charged"), "{page}");
            if page.contains("Checking your payment") {
                assert!(page.contains("http-equiv=\"refresh\""), "{page}");
                break;
            }
        }
        // Pressed again, with this card or another: the outcome comes first.
        let code = chorsu.type_code(&receipt, &token, "666666").await;
        let card = chorsu.type_card(&receipt, CARD, "03/99").await;
        assert_eq!((code.location(), card.location()), (path.as_str(), path.as_str()));
    };
    let (paid, ()) = tokio::join!(paying, watching);
    assert_eq!(paid.location(), path);
    assert_eq!(chorsu.state(&receipt).await, 4);
    let networks = chorsu.sandbox(Method::GET, "/networks/uzcard", json!({})).await;
    assert_eq!(
        (&networks["totals"]["debits"], &networks["totals"]["debited"]),
        (&json!(1), &json!(500_000))
    );
}

#[tokio::test]
async fn another_code_replaces_the_first_and_their_number_is_limited() {
    let chorsu = Browser::start();
    let receipt = chorsu.receipt(false).await;
    let number = "8600 1234 5678 9012";
    let page = chorsu.type_card(&receipt, number, "12/30").await.html(StatusCode::OK);
    let (token, phone) = (hidden(&page, "token").to_owned(), hidden(&page, "phone").to_owned());
    let resend = [("token", token.as_str()), ("phone", &phone), ("lang", "en")];
    let path = format!("/pay/{receipt}/resend");
    for _ in 0..4 {
        let page = chorsu.post(&path, &resend).await.html(StatusCode::OK);
        assert!(page.contains("A new code is on its way."), "{page}");
        assert_eq!((hidden(&page, "token"), hidden(&page, "phone")), (&*token, &*phone));
    }
    let page = chorsu.post(&path, &resend).await.html(StatusCode::OK);
    assert!(page.contains("Too many codes were sent."), "{page}");

    let inbox = chorsu.sandbox(Method::GET, "/sms", json!({})).await;
    let newest = inbox[0]["text"].as_str().unwrap();
    let code = newest.split(' ').find(|word| word.len() == 6 && word.parse::<u32>().is_ok());
    let sandbox = chorsu.get("/sandbox?lang=en").await.html(StatusCode::OK);
    assert!(sandbox.contains(code.unwrap()), "{sandbox}");
    let paid = chorsu.type_code(&receipt, &token, code.unwrap()).await;
    assert_eq!(paid.location(), format!("/pay/{receipt}?lang=en"));
    assert_eq!(chorsu.state(&receipt).await, 4);
}

#[tokio::test]
async fn an_old_code_is_refused() {
    let chorsu = Browser::start();
    let receipt = chorsu.receipt(false).await;
    let token = chorsu.token(&receipt, CARD).await;
    for _ in 0..3 {
        chorsu.type_code(&receipt, &token, "000000").await.html(StatusCode::OK);
    }
    let page = chorsu.type_code(&receipt, &token, "666666").await.html(StatusCode::OK);
    assert!(page.contains("Too many wrong tries."), "{page}");
    let token = chorsu.token(&receipt, CARD).await;
    let turned = chorsu.post("/sandbox/forms/clock", &[("forward", "1h"), ("lang", "en")]).await;
    assert_eq!(turned.location(), "/sandbox?lang=en");
    let page = chorsu.type_code(&receipt, &token, "666666").await.html(StatusCode::OK);
    assert!(page.contains("The code has expired."), "{page}");
    assert_eq!(chorsu.state(&receipt).await, 0);
}
