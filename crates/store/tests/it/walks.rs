//! Receipts from their creation to their end.

use std::sync::Arc;

use chorsu_core::command::{ConfirmOutcome, Outcome, Target};
use chorsu_core::{Command, ReceiptState as State, Reject};
use chorsu_store::SubmitError;

use crate::fresh::Fresh;
use crate::world::{
    KASSA, NOW, OTHER_KASSA, Shop, begun, new_receipt, operation_id, receipt_id, receipt_of,
    reject, target,
};

conformance!(
    paid_and_refunded,
    refused_and_paid_again,
    cancelled_before_payment,
    held_and_captured,
    held_and_released,
    repeats_and_late_outcomes_change_nothing,
    wrong_states_are_refused,
    another_kassas_receipt_does_not_exist,
    fiscal_data_is_kept,
);

async fn paid_and_refunded(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    let receipt = shop.receipt().await;
    assert_eq!(shop.stored(receipt.id).await, receipt);
    let begun_pay = receipt_of(shop.begin_pay(receipt.id, &card, false).await);
    assert_eq!((begun_pay.state, begun_pay.card), (State::Debiting, Some(card.face)));
    assert_eq!(shop.stored(receipt.id).await, begun_pay);
    assert_eq!(store.outbox_depth().await.unwrap(), 1);
    let paid = receipt_of(shop.finish_pay(&begun_pay, &card, Outcome::Done).await);
    assert_eq!((paid.state, paid.debit), (State::Paid, begun_pay.operation));
    assert_eq!(shop.stored(receipt.id).await, paid);
    assert_eq!(store.outbox_depth().await.unwrap(), 0);
    let balance = |account| {
        format!("SELECT CAST(sum(amount) AS BIGINT) FROM balance WHERE account = '{account}'")
    };
    assert_eq!(fresh.number(&balance("network:uzcard".into())).await, 5_000);
    assert_eq!(fresh.number(&balance(format!("merchant:{KASSA}"))).await, -4_950);
    assert_eq!(fresh.number(&balance("fees".into())).await, -50);

    let (queued, row) = begun(shop.begin_cancel(receipt.id).await);
    assert_eq!(queued.state, State::CancelQueued);
    fresh.assert_clean().await;
    let cancelled = receipt_of(shop.finish_cancel(&row, Outcome::Done).await);
    assert_eq!(cancelled.state, State::Cancelled);
    assert_eq!(shop.stored(receipt.id).await, cancelled);
    assert_eq!(fresh.number("SELECT count(*) FROM balance WHERE amount <> 0").await, 0);
    let report = fresh.assert_clean().await;
    assert_eq!((report.entries, report.receipts, report.accounts), (2, 1, 3));
    store.close().await;
}

async fn refused_and_paid_again(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    let receipt = shop.receipt().await;
    let begun_pay = receipt_of(shop.begin_pay(receipt.id, &card, false).await);
    let refused = receipt_of(shop.finish_pay(&begun_pay, &card, Outcome::Refused).await);
    assert_eq!(refused, receipt, "as it was before");
    assert_eq!(shop.stored(receipt.id).await, receipt);
    let again = receipt_of(shop.begin_pay(receipt.id, &card, false).await);
    let paid = receipt_of(shop.finish_pay(&again, &card, Outcome::Done).await);
    assert_eq!(paid.state, State::Paid);
    let report = fresh.assert_clean().await;
    assert_eq!(report.entries, 1);
}

async fn cancelled_before_payment(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let receipt = shop.receipt().await;
    let cancelled = receipt_of(shop.begin_cancel(receipt.id).await);
    assert_eq!(cancelled.state, State::Cancelled);
    assert_eq!(shop.stored(receipt.id).await, cancelled);
    assert_eq!(receipt_of(shop.begin_cancel(receipt.id).await), cancelled, "a repeat");
    assert_eq!(fresh.assert_clean().await.entries, 0);
}

async fn held_and_captured(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    for (part, amount, commission) in [(None, 5_000, 50), (Some(2_000), 2_000, 20)] {
        let held = shop.paid(&card, true).await;
        assert_eq!((held.state, held.held_at), (State::Held, Some(NOW.plus(1_000))));
        assert_eq!(shop.stored(held.id).await, held);
        fresh.assert_clean().await;

        let (queued, row) = begun(shop.begin_confirm(held.id, part).await);
        assert_eq!((queued.state, row.amount.get()), (State::CloseQueued, amount));
        fresh.assert_clean().await;
        let stands = receipt_of(shop.finish_confirm(&row, ConfirmOutcome::HoldStands).await);
        assert_eq!(stands, held);
        fresh.assert_clean().await;
        let (_, row) = begun(shop.begin_confirm(held.id, part).await);
        let paid = receipt_of(shop.finish_confirm(&row, ConfirmOutcome::Captured).await);
        assert_eq!((paid.state, paid.amount.get()), (State::Paid, amount));
        assert_eq!(paid.commission.get(), commission);
        assert_eq!(shop.stored(held.id).await, paid);
        assert_eq!(receipt_of(shop.begin_confirm(held.id, part).await), paid, "a repeat");
    }
    let report = fresh.assert_clean().await;
    assert_eq!(report.entries, 6);
    let held = "SELECT count(*) FROM balance WHERE account LIKE 'held:%' AND amount <> 0";
    assert_eq!(fresh.number(held).await, 0);
}

async fn held_and_released(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    let held = shop.paid(&card, true).await;
    let (queued, row) = begun(shop.begin_cancel(held.id).await);
    assert_eq!(queued.state, State::CancelQueued);
    fresh.assert_clean().await;
    let paused = receipt_of(shop.finish_cancel(&row, Outcome::Refused).await);
    assert_eq!(paused.state, State::Paused);
    fresh.assert_clean().await;
    let (_, row) = begun(shop.begin_cancel(held.id).await);
    fresh.assert_clean().await;
    let cancelled = receipt_of(shop.finish_cancel(&row, Outcome::Done).await);
    assert_eq!(cancelled.state, State::Cancelled);

    let held = shop.paid(&card, true).await;
    let (_, row) = begun(shop.begin_cancel(held.id).await);
    let cancelled = receipt_of(shop.finish_cancel(&row, Outcome::Done).await);
    assert_eq!(cancelled.state, State::Cancelled);

    let held = shop.paid(&card, true).await;
    let (_, row) = begun(shop.begin_confirm(held.id, None).await);
    let gone = receipt_of(shop.finish_confirm(&row, ConfirmOutcome::HoldGone).await);
    assert_eq!(gone.state, State::Cancelled);
    assert_eq!(fresh.assert_clean().await.entries, 6);
}

async fn repeats_and_late_outcomes_change_nothing(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    let receipt = shop.receipt().await;
    let begun_pay = receipt_of(shop.begin_pay(receipt.id, &card, false).await);
    let paid = receipt_of(shop.finish_pay(&begun_pay, &card, Outcome::Done).await);
    for late in [Outcome::Done, Outcome::Refused] {
        assert_eq!(receipt_of(shop.finish_pay(&begun_pay, &card, late).await), paid);
    }
    assert_eq!(shop.stored(receipt.id).await, paid);
    assert_eq!(fresh.assert_clean().await.entries, 1);
}

async fn wrong_states_are_refused(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    let created = shop.receipt().await.id;
    let debiting = shop.receipt().await.id;
    receipt_of(shop.begin_pay(debiting, &card, false).await);
    let paid = shop.paid(&card, false).await.id;
    let held = shop.paid(&card, true).await.id;
    let state = |state| Reject::ReceiptState(state);
    for (receipt, now) in [(debiting, State::Debiting), (paid, State::Paid), (held, State::Held)] {
        assert_eq!(reject(shop.begin_pay(receipt, &card, false).await), state(now));
    }
    for (receipt, now) in
        [(created, State::Created), (debiting, State::Debiting), (paid, State::Paid)]
    {
        assert_eq!(reject(shop.begin_confirm(receipt, None).await), state(now));
    }
    assert_eq!(reject(shop.begin_cancel(debiting).await), state(State::Debiting));
    assert_eq!(reject(shop.begin_confirm(held, Some(5_001)).await), Reject::MoreThanHeld);
    assert_eq!(reject(shop.begin_cancel(receipt_id(NOW)).await), Reject::ReceiptNotFound);
    let twice = shop.create(shop.stored(paid).await).await;
    assert!(matches!(twice, Err(SubmitError::Failed)), "an id is used once: {twice:?}");
    assert_eq!(fresh.assert_clean().await.receipts, 4);
}

async fn another_kassas_receipt_does_not_exist(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let receipt = shop.receipt().await;
    let theirs = Target { kassa: OTHER_KASSA, ..target(receipt.id) };
    let commands = [
        Command::BeginCancel { target: theirs.clone(), operation: operation_id() },
        Command::BeginConfirm { target: theirs.clone(), operation: operation_id(), amount: None },
        Command::SetFiscal { target: theirs, fiscal: Arc::from("{}") },
    ];
    for command in commands {
        assert_eq!(reject(store.submit(command).await), Reject::ReceiptNotFound);
    }
    assert_eq!(shop.stored(receipt.id).await, receipt);
}

async fn fiscal_data_is_kept(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let receipt = shop.receipt().await;
    let fiscal: Arc<str> = Arc::from(r#"{"qr_code_url":"https://ofd.uz/чек"}"#);
    let command = Command::SetFiscal { target: target(receipt.id), fiscal: fiscal.clone() };
    assert_eq!(receipt_of(store.submit(command).await).fiscal, Some(fiscal.clone()));
    assert_eq!(shop.stored(receipt.id).await.fiscal, Some(fiscal));

    let mut born_with_all = new_receipt(NOW);
    born_with_all.hold = true;
    born_with_all.payer = Some(Arc::from("{}"));
    born_with_all.fiscal = Some(Arc::from("{}"));
    let stored = receipt_of(shop.create(born_with_all.clone()).await);
    born_with_all.number = stored.number;
    assert_eq!(shop.stored(born_with_all.id).await, born_with_all);
}
