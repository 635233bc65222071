//! A defect in the middle of a payment: its task breaks off, and its till is told what is true.

use crate::place::Place;
use crate::till_stand::{Chorsu, State, Told, WALLETS, till_settings};

/// The provider has answered, and nothing of that is written down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_outcome_is_durable() {
    let chorsu = Chorsu::start(Place::sqlite(), &till_settings("hasty", 1)).await;
    let (till, control) = (chorsu.till().named("hasty"), chorsu.control());
    control.break_off("till.answer_received").await;
    let mut scanned = Vec::new();
    for wallet in WALLETS {
        let code = control.code(wallet).await;
        let told = till.scan(wallet, &code, 500).await;
        let Told::Unknown(id) = told else { panic!("{wallet}: {told:?}") };
        scanned.push((wallet, code, id));
    }
    let keyed = till.with_key("sale-1");
    let by_card = tokio::spawn({
        let keyed = keyed.clone();
        async move { keyed.card(70_000).await }
    });
    control.wait_for_held("till.answer_received", 4).await;
    control.let_pass().await;

    // The outbox settles them, and what was taken from those who were told "unknown" goes back.
    chorsu.wait_until_settled().await;
    for (wallet, code, id) in scanned {
        assert_eq!(till.status(&id).await["status"], "reversed", "{wallet}");
        let again = till.scan(wallet, &code, 500).await;
        assert_eq!(again.no(), (105, "PAYMENT_NOT_PAID".to_owned()), "{wallet}");
        assert_eq!(control.totals(wallet).await["net"], 0, "{wallet}");
        assert_eq!(chorsu.balance(&format!("wallet:{wallet}")).await, 0, "{wallet}");
    }
    // A card's customer is given the time for a PIN, and that was enough.
    let paid = by_card.await.unwrap().done();
    assert_eq!(keyed.card(70_000).await.done(), paid);
    assert_eq!(chorsu.balance("network:humo").await, 70_000);
    assert_eq!(control.journal("hasty").await["totals"]["sales"], 1);
    chorsu.finish().await;
}

/// The outcome is durable, and the till is about to be told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_outcome_is_durable() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let (till, control) = (chorsu.till(), chorsu.control());
    control.break_off("till.outcome_durable").await;
    for wallet in WALLETS {
        let code = control.code(wallet).await;
        let told = till.scan(wallet, &code, 500).await.done();
        assert_eq!(till.scan(wallet, &code, 500).await.done(), told, "{wallet}");
        assert_eq!(control.totals(wallet).await["net"], 50_000, "{wallet}");
        assert_eq!(chorsu.balance(&format!("wallet:{wallet}")).await, 50_000, "{wallet}");
    }
    let keyed = till.with_key("sale-1");
    let paid = keyed.card(70_000).await.done();
    assert_eq!(keyed.card(70_000).await.done(), paid);

    // Without a key it cannot be noted any more that the till knows, so it is not told.
    let told = till.card(80_000).await;
    let Told::Unknown(id) = told else { panic!("{told:?}") };
    control.let_pass().await;
    chorsu.wait_until_settled().await;
    assert_eq!(till.status(&id).await["status"], "reversed");
    assert_eq!(chorsu.states(80_000).await, [State::Reversed]);
    assert_eq!(chorsu.balance("network:humo").await, 70_000);
    till.card(80_000).await.done();
    assert_eq!(chorsu.balance("network:humo").await, 150_000);
    chorsu.finish().await;
}
