//! Cards: tokens, one-time use, one-time codes, the vault.

use std::sync::Arc;

use chorsu_core::card::SealedPan;
use chorsu_core::command::{Outcome, Token};
use chorsu_core::secret::SecretHash;
use chorsu_core::{Card, Command, KassaId, ReceiptState, Reject, Reply};

use crate::fresh::Fresh;
use crate::world::{KASSA, NOW, OTHER_KASSA, Shop, Submitted, new_card, receipt_of, reject, token};

conformance!(
    a_one_time_card_pays_once,
    a_recurrent_card_pays_again,
    codes_and_their_counters_are_kept,
    a_removed_card_forgets_its_number,
    another_kassas_card_does_not_exist,
    numbers_are_sealed_anew,
);

fn code(text: &str) -> SecretHash {
    SecretHash::of(b"code", text.as_bytes())
}

fn refused(submitted: Submitted) -> Reject {
    match submitted.unwrap() {
        Reply::Refused(reject) => reject,
        other => panic!("not refused: {other:?}"),
    }
}

impl Shop<'_> {
    async fn send_code(self, card: &Card, text: &str) -> Submitted {
        let (token, code) = (token(card), code(text));
        self.0.submit(Command::SendCode { kassa: KASSA, token, code, now: NOW }).await
    }

    async fn verify_card(self, card: &Card, text: &str) -> Submitted {
        let (token, code) = (token(card), code(text));
        self.0.submit(Command::VerifyCard { kassa: KASSA, token, code, now: NOW }).await
    }

    async fn remove_card(self, card: &Card) -> Submitted {
        self.0.submit(Command::RemoveCard { kassa: KASSA, token: token(card), now: NOW }).await
    }

    async fn stored_card(self, card: &Card) -> Card {
        self.0.card(card.id()).await.unwrap().unwrap()
    }
}

async fn a_one_time_card_pays_once(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(false).await;
    let (first, second) = (shop.receipt().await.id, shop.receipt().await.id);
    let begun = receipt_of(shop.begin_pay(first, &card, false).await);
    assert_eq!(shop.stored_card(&card).await.in_use, begun.operation);
    assert_eq!(reject(shop.begin_pay(second, &card, false).await), Reject::CardInUse);
    receipt_of(shop.finish_pay(&begun, &card, Outcome::Refused).await);
    assert_eq!(shop.stored_card(&card).await, card, "free again");
    let begun = receipt_of(shop.begin_pay(second, &card, false).await);
    let paid = receipt_of(shop.finish_pay(&begun, &card, Outcome::Done).await);
    assert_eq!(paid.state, ReceiptState::Paid);
    let used_up = shop.stored_card(&card).await;
    assert_eq!((used_up.removed_at, used_up.pan), (Some(NOW.plus(1_000)), None));
    assert_eq!(reject(shop.begin_pay(first, &card, false).await), Reject::CardRemoved);
    assert_eq!(fresh.number("SELECT count(*) FROM vault").await, 0);
    fresh.assert_clean().await;
}

async fn a_recurrent_card_pays_again(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    shop.paid(&card, false).await;
    shop.paid(&card, false).await;
    assert_eq!(shop.stored_card(&card).await, card);
    assert_eq!(fresh.assert_clean().await.entries, 2);
}

async fn codes_and_their_counters_are_kept(fresh: Fresh) {
    let store = fresh.open().await;
    let mut card = new_card(true);
    card.verified = false;
    let command = Command::CreateCard { card: Box::new(card.clone()), key: None };
    store.submit(command).await.unwrap();
    let receipt = Shop(&store).receipt().await;
    let unproved = Shop(&store).begin_pay(receipt.id, &card, false).await;
    assert_eq!(reject(unproved), Reject::CardNotVerified);
    Shop(&store).send_code(&card, "1").await.unwrap();
    assert_eq!(refused(Shop(&store).verify_card(&card, "0").await), Reject::CodeWrong);
    store.close().await;

    let store = fresh.open().await;
    let shop = Shop(&store);
    let stored = shop.stored_card(&card).await;
    assert_eq!((stored.code.wrong_tries, stored.code.sends), (1, 1));
    assert_eq!(stored.code.sent, Some((code("1"), NOW)));
    for _ in 0..2 {
        assert_eq!(refused(shop.verify_card(&card, "0").await), Reject::CodeWrong);
    }
    assert_eq!(refused(shop.verify_card(&card, "1").await), Reject::CodeTriesExceeded);
    for number in 2..=5 {
        shop.send_code(&card, "1").await.unwrap();
        assert_eq!(shop.stored_card(&card).await.code.sends, number);
    }
    assert_eq!(reject(shop.send_code(&card, "1").await), Reject::TooManyCodes);
    assert!(matches!(shop.verify_card(&card, "1").await, Ok(Reply::Card(card)) if card.verified));
    assert!(shop.stored_card(&card).await.verified);
    assert_eq!(refused(shop.verify_card(&card, "1").await), Reject::CodeExpired, "used up");
    receipt_of(shop.begin_pay(receipt.id, &card, false).await);
}

async fn a_removed_card_forgets_its_number(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    assert_eq!(fresh.number("SELECT count(*) FROM vault").await, 1);
    shop.remove_card(&card).await.unwrap();
    let removed = shop.stored_card(&card).await;
    assert_eq!((removed.removed_at, removed.pan), (Some(NOW), None));
    assert_eq!(fresh.number("SELECT count(*) FROM vault").await, 0);
    assert_eq!(reject(shop.remove_card(&card).await), Reject::CardRemoved);
}

async fn another_kassas_card_does_not_exist(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    let forged = Token { secret: code("guess"), ..token(&card) };
    let remove = |kassa: KassaId, token| Command::RemoveCard { kassa, token, now: NOW };
    for (kassa, token) in [(OTHER_KASSA, token(&card)), (KASSA, forged)] {
        assert_eq!(reject(store.submit(remove(kassa, token)).await), Reject::CardNotFound);
    }
    let unknown = new_card(true);
    assert_eq!(reject(shop.remove_card(&unknown).await), Reject::CardNotFound);
    assert!(store.card(unknown.id()).await.unwrap().is_none());
    assert_eq!(shop.stored_card(&card).await, card);
}

async fn numbers_are_sealed_anew(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    let from = card.pan.clone().unwrap();
    let to = SealedPan { key_id: u32::MAX, bytes: Arc::from(&b"sealed anew"[..]) };
    let reseal = || Command::ResealCard { card: card.id(), from: from.clone(), to: to.clone() };
    store.submit(reseal()).await.unwrap();
    assert_eq!(shop.stored_card(&card).await.pan, Some(to.clone()));
    assert_eq!(reject(store.submit(reseal()).await), Reject::CardNotFound, "it has changed");
}
