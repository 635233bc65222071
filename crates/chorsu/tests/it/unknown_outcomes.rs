//! Card networks that misbehave: whatever happens to an answer, the customer is debited once or
//! not at all, and the receipt ends in the state that goes with it.

use serde_json::{Value, json};

use crate::pans;
use crate::sandbox::Totals;
use crate::shop::state_in;
use crate::wire::Answer;
use crate::world::World;

/// What the card has at first, and what each receipt is for.
const BALANCE: i64 = 1_000_000;
const AMOUNT: i64 = 1_000;

/// The step that is disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Pay,
    Hold,
    Confirm,
    Cancel,
    CancelHold,
}

/// A fault and whether the network, which must be asked then, ends up having done it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Effect {
    None,
    Done,
}

/// What goes wrong, and what the network has done in the end. Captures, refunds and releases are
/// sent again until they are done, so "none" is only for those that open something.
fn faults() -> Vec<(Value, Effect)> {
    let fault = |name: &str| json!({ "fault": name, "times": 1 });
    let also_questions = |name: &str| json!({ "fault": name, "calls": "all", "times": 3 });
    vec![
        (json!({ "fault": "refuse", "reason": "declined", "times": 1 }), Effect::None),
        (json!({ "fault": "refuse", "reason": "unavailable", "times": 1 }), Effect::None),
        (json!({ "fault": "delay", "delay_ms": 300, "times": 1 }), Effect::Done),
        (fault("drop_before_effect"), Effect::None),
        (fault("drop_after_effect"), Effect::Done),
        (fault("garbage_answer"), Effect::Done),
        (fault("duplicate_answer"), Effect::Done),
        (fault("wrong_amount"), Effect::Done),
        (fault("undocumented_code"), Effect::Done),
        (also_questions("drop_before_effect"), Effect::None),
        (also_questions("drop_after_effect"), Effect::Done),
        (also_questions("garbage_answer"), Effect::Done),
        (also_questions("undocumented_code"), Effect::Done),
    ]
}

/// A receipt on its way to the step, and the card it uses.
struct Case<'a> {
    world: &'a World,
    pan: String,
    token: String,
}

impl<'a> Case<'a> {
    /// A card with money on a world.
    async fn new(world: &'a World) -> Self {
        let pan = pans::fresh("8600");
        let token = world.shop.card(&pan, true).await;
        world.sandbox.change_card(&pan, json!({ "balance": BALANCE })).await;
        Self { world, pan, token }
    }

    /// A receipt for which the step is next.
    async fn before(&self, step: Step) -> String {
        let shop = &self.world.shop;
        match step {
            Step::Pay => shop.receipt(AMOUNT).await,
            Step::Hold => shop.receipt_to_hold(AMOUNT).await,
            Step::Confirm | Step::CancelHold => shop.held(AMOUNT, &self.token).await,
            Step::Cancel => shop.paid(AMOUNT, &self.token).await,
        }
    }

    /// The step.
    async fn perform(&self, step: Step, receipt: &str) -> Answer {
        let shop = &self.world.shop;
        match step {
            Step::Pay | Step::Hold => shop.pay(receipt, &self.token).await,
            Step::Confirm => shop.confirm(receipt).await,
            Step::Cancel | Step::CancelHold => shop.cancel(receipt).await,
        }
    }

    /// What the card has and holds, and what the network has moved since.
    async fn money(&self, before: &Totals) -> (i64, i64, i64) {
        let card = self.world.sandbox.card(&self.pan).await;
        let totals = self.world.sandbox.totals("uzcard").await;
        assert!(totals.debits - before.debits <= 1, "captured twice: {totals:?}");
        assert!(totals.refunds - before.refunds <= 1, "refunded twice: {totals:?}");
        (card.balance, card.held, totals.net - before.net)
    }
}

/// The money that goes with a settled state: what the card has and holds, and what the network
/// owes.
fn expected(state: i64) -> (i64, i64, i64) {
    match state {
        0 | 50 => (BALANCE, 0, 0),
        4 => (BALANCE - AMOUNT, 0, AMOUNT),
        5 => (BALANCE - AMOUNT, AMOUNT, 0),
        _ => panic!("{state} is not a settled state"),
    }
}

/// The states in which the receipt may end.
fn may_end(step: Step, fault: &Value, effect: Effect) -> &'static [i64] {
    let refused = fault["fault"] == "refuse";
    match (step, effect) {
        (Step::Pay | Step::Confirm, Effect::Done) => &[4],
        (Step::Hold, Effect::Done) => &[5],
        (Step::Pay | Step::Hold, Effect::None) => &[0],
        (Step::Confirm, Effect::None) if refused => &[5],
        // A capture that did not arrive may be sent again, or be reported as not done.
        (Step::Confirm, Effect::None) => &[4, 5],
        // The shop was told that the money goes back. Only a network that says no stops that, and
        // then an operator has to look.
        (Step::Cancel | Step::CancelHold, _) if refused => &[20],
        (Step::Cancel | Step::CancelHold, _) => &[50],
    }
}

/// The answer to the step must be true: a success for what was done, a refusal for what was not.
fn check_answer(step: Step, state: i64, answer: &Answer) {
    let done = if step == Step::Hold { 5 } else { 4 };
    match (step, answer) {
        (Step::Cancel | Step::CancelHold, answer) => {
            assert_eq!(state_in(answer.as_ref().unwrap()), 21);
        }
        (_, Ok(result)) => assert_eq!((state_in(result), state), (done, done)),
        (_, Err(refusal)) if refusal.data == "outcome_unknown" => {}
        (_, Err(refusal)) => assert_ne!(state, done, "{refusal:?}"),
    }
}

/// Disturbs one step by one fault, and checks where the money went.
async fn disturb(world: &World, step: Step, fault: &Value, effect: Effect) {
    let case = Case::new(world).await;
    let before = world.sandbox.totals("uzcard").await;
    let receipt = case.before(step).await;
    world.sandbox.add_fault("uzcard", fault.clone()).await;
    let answer = case.perform(step, &receipt).await;
    let ends = may_end(step, fault, effect);
    let settled = match step {
        Step::Cancel | Step::CancelHold => &[20, 50][..],
        _ => &[0, 4, 5],
    };
    let state = world.shop.wait_for_state(&receipt, settled).await;
    world.sandbox.clear_faults("uzcard").await;
    assert!(ends.contains(&state), "{step:?} with {fault} ends in {state}: {answer:?}");
    check_answer(step, state, &answer);
    let stands = match (state, step) {
        (20, Step::Cancel) => 4,
        (20, _) => 5,
        (state, _) => state,
    };
    let money = case.money(&before).await;
    assert_eq!(money, expected(stands), "{step:?} with {fault} ends in {state}");
    if state == 20 {
        // A network that thinks better of it is asked by the same call again.
        check_answer(step, state, &case.perform(step, &receipt).await);
        world.shop.wait_for_state(&receipt, &[50]).await;
        assert_eq!(case.money(&before).await, expected(50), "{step:?} after {fault}, once more");
    }
}

/// Disturbs one step by every fault, one after the other.
async fn disturb_by_all(step: Step) {
    let world = World::sqlite().await;
    for (fault, effect) in faults() {
        disturb(&world, step, &fault, effect).await;
    }
    world.finish().await;
}

#[tokio::test]
async fn paying() {
    disturb_by_all(Step::Pay).await;
}

#[tokio::test]
async fn holding() {
    disturb_by_all(Step::Hold).await;
}

#[tokio::test]
async fn confirming() {
    disturb_by_all(Step::Confirm).await;
}

#[tokio::test]
async fn cancelling() {
    disturb_by_all(Step::Cancel).await;
}

#[tokio::test]
async fn cancelling_a_hold() {
    disturb_by_all(Step::CancelHold).await;
}

/// An answer that comes later than anybody waits for it: 15 seconds are the limit of a call.
#[tokio::test]
async fn answers_that_come_too_late() {
    // Each on a server of its own, so that they wait together.
    let late = async |step| {
        let world = World::sqlite().await;
        let fault = json!({ "fault": "delay", "delay_ms": 20_000, "times": 1 });
        disturb(&world, step, &fault, Effect::Done).await;
        world.finish().await;
    };
    tokio::join!(
        late(Step::Pay),
        late(Step::Hold),
        late(Step::Confirm),
        late(Step::Cancel),
        late(Step::CancelHold),
    );
}

/// A network that is silent for longer than the caller waits: the caller is told so, and the truth
/// comes out later.
#[tokio::test]
async fn a_network_that_is_silent_for_long() {
    let world = World::sqlite().await;
    let case = Case::new(&world).await;
    let before = world.sandbox.totals("uzcard").await;
    let receipt = case.before(Step::Pay).await;
    let silent = json!({ "fault": "drop_after_effect", "calls": "all" });
    world.sandbox.add_fault("uzcard", silent).await;
    let refusal = case.perform(Step::Pay, &receipt).await.unwrap_err();
    assert_eq!((refusal.code, refusal.data), (-31002, json!("outcome_unknown")));
    assert_eq!(world.shop.state(&receipt).await, 2);
    // Until it is known, nobody may pay or cancel it.
    assert_eq!(case.perform(Step::Pay, &receipt).await.unwrap_err().code, -31602);
    assert_eq!(case.perform(Step::Cancel, &receipt).await.unwrap_err().code, -31800);
    world.sandbox.clear_faults("uzcard").await;
    let state = world.shop.wait_for_state(&receipt, &[0, 4]).await;
    assert_eq!(state, 4);
    assert_eq!(case.money(&before).await, expected(4));
    world.finish().await;
}
