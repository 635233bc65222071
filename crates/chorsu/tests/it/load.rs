//! Writers that keep a server busy and remember what it has answered, so that it can be held to it
//! after it has been killed.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::pans;
use crate::place::Place;
use crate::sandbox::{Sandbox, Totals};
use crate::shop::{Shop, id_of, new_receipt, state_in};

/// Writers at once.
const WRITERS: u64 = 6;

/// How far a receipt has come, as its writer knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The payment was asked for and not answered.
    Paying,
    /// Answered with state 4.
    Paid,
    /// The hold was asked for and not answered.
    Holding,
    /// Answered with state 5.
    Held,
    /// The capture was asked for and not answered.
    Confirming,
    /// The refund was asked for and not answered.
    Refunding,
    /// The release was asked for and not answered.
    Releasing,
    /// Answered with state 21: the money is on its way back.
    Cancelled,
}

impl Phase {
    /// The states in which the receipt may be when a server has just started again.
    const fn may_be(self) -> &'static [i64] {
        match self {
            Self::Paying => &[0, 2, 4],
            Self::Paid => &[4],
            Self::Holding => &[0, 6, 5],
            Self::Held => &[5],
            Self::Confirming => &[5, 30, 4],
            Self::Refunding => &[4, 21, 50],
            Self::Releasing => &[5, 21, 50],
            Self::Cancelled => &[21, 50],
        }
    }

    /// Those of them in which it may stay.
    fn may_stay(self) -> impl Iterator<Item = i64> {
        self.may_be().iter().copied().filter(|state| is_settled(*state))
    }
}

/// Whether nothing is under way for a receipt in this state.
fn is_settled(state: i64) -> bool {
    [0, 4, 5, 50].contains(&state)
}

/// A card of each network, usable again and again.
#[derive(Clone)]
pub(crate) struct Cards([String; 2]);

impl Cards {
    /// Makes and verifies them.
    pub(crate) async fn new(shop: &Shop) -> Self {
        Self([
            shop.card(&pans::fresh("8600"), true).await,
            shop.card(&pans::fresh("9860"), true).await,
        ])
    }
}

/// The receipts whose payment was asked for, and what is known of each.
#[derive(Default)]
pub(crate) struct Known(HashMap<String, Phase>);

/// Writers at work.
pub(crate) struct Writers(Vec<JoinHandle<Known>>);

impl Writers {
    /// Starts them; they end when the server does.
    pub(crate) fn start(shop: &Shop, cards: &Cards) -> Self {
        let writer = |number| {
            let (shop, cards) = (shop.clone(), cards.clone());
            tokio::spawn(async move {
                let mut known = Known::default();
                for step in number.. {
                    if known.walk(&shop, &cards, step).await.is_err() {
                        break;
                    }
                }
                known
            })
        };
        Self((0..WRITERS).map(writer).collect())
    }

    /// What they know, once the server is gone.
    pub(crate) async fn join(self) -> Known {
        let mut all = Known::default();
        for writer in self.0 {
            all.0.extend(writer.await.unwrap().0);
        }
        all
    }
}

/// Calls a method that must succeed unless the connection breaks.
async fn call(shop: &Shop, method: &str, params: Value) -> Result<Value, reqwest::Error> {
    let answer = shop.try_call(method, &params).await?;
    Ok(answer.unwrap_or_else(|refusal| panic!("{method} {params}: {refusal:?}")))
}

impl Known {
    /// One receipt from its creation on: mostly it is paid, now and then held or cancelled too.
    async fn walk(&mut self, shop: &Shop, cards: &Cards, step: u64) -> Result<(), reqwest::Error> {
        let kind = step % 8;
        let hold = kind >= 6;
        let created = call(shop, "receipts.create", new_receipt(1_000, hold)).await?;
        let receipt = id_of(&created);
        let id = json!({ "id": receipt });
        let token = &cards.0[usize::from(step.is_multiple_of(3))];

        self.note(&receipt, if hold { Phase::Holding } else { Phase::Paying });
        let pay = json!({ "id": receipt, "token": token });
        let paid = state_in(&call(shop, "receipts.pay", pay).await?);
        assert_eq!(paid, if hold { 5 } else { 4 });
        self.note(&receipt, if hold { Phase::Held } else { Phase::Paid });

        match kind {
            5 => self.cancel(shop, &receipt, Phase::Refunding).await?,
            6 => {
                self.note(&receipt, Phase::Confirming);
                assert_eq!(state_in(&call(shop, "receipts.confirm_hold", id).await?), 4);
                self.note(&receipt, Phase::Paid);
            }
            7 => self.cancel(shop, &receipt, Phase::Releasing).await?,
            _ => {}
        }
        Ok(())
    }

    async fn cancel(
        &mut self,
        shop: &Shop,
        receipt: &str,
        phase: Phase,
    ) -> Result<(), reqwest::Error> {
        self.note(receipt, phase);
        let cancelled = call(shop, "receipts.cancel", json!({ "id": receipt })).await?;
        assert_eq!(state_in(&cancelled), 21);
        self.note(receipt, Phase::Cancelled);
        Ok(())
    }

    fn note(&mut self, receipt: &str, phase: Phase) {
        self.0.insert(receipt.to_owned(), phase);
    }

    /// How many receipts are known.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds what another run has learnt.
    pub(crate) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Checks over the API that the server still stands by what was answered before it was killed.
    pub(crate) async fn check(&self, shop: &Shop) {
        let receipts: Vec<_> = self.0.iter().map(|(id, phase)| (id.clone(), *phase)).collect();
        let part = receipts.len().div_ceil(4).max(1);
        let readers = receipts.chunks(part).map(|part| {
            let (shop, part) = (shop.clone(), part.to_vec());
            tokio::spawn(async move {
                for (receipt, phase) in part {
                    let state = shop.state(&receipt).await;
                    let right = phase.may_be().contains(&state);
                    assert!(right, "{receipt} was {phase:?} and is in state {state}");
                }
            })
        });
        for reader in readers.collect::<Vec<_>>() {
            reader.await.unwrap();
        }
    }

    /// Checks in the database that every receipt is settled, in a state that goes with what was
    /// answered.
    pub(crate) async fn check_settled(&self, place: &Place) {
        let rows = place.rows("SELECT id, state FROM receipt").await;
        let states: HashMap<&str, i64> =
            rows.iter().map(|row| (row[0].as_str(), row[1].parse().unwrap())).collect();
        for (receipt, state) in &states {
            assert!(is_settled(*state), "{receipt} is left in state {state}");
        }
        for (receipt, phase) in &self.0 {
            let Some(state) = states.get(receipt.as_str()) else {
                panic!("{receipt} was {phase:?} and is lost")
            };
            let right = phase.may_stay().any(|settled| settled == *state);
            assert!(right, "{receipt} was {phase:?} and has ended in state {state}");
        }
    }
}

/// Waits until no request to a card network is open any more.
pub(crate) async fn wait_for_outbox(place: &Place) {
    crate::until("an empty outbox", async || {
        let rows = place.rows("SELECT count(*) FROM outbox").await;
        (rows[0][0] == "0").then_some(())
    })
    .await;
}

/// Compares the ledger with what the networks say they have moved: the same sums, and as many
/// captures and refunds.
pub(crate) async fn compare_with_networks(place: &Place, sandbox: &Sandbox) {
    let mut moved = Totals::default();
    for network in ["uzcard", "humo"] {
        let totals = sandbox.totals(network).await;
        let balance = format!(
            "SELECT coalesce(sum(amount), 0) FROM balance WHERE account = 'network:{network}'"
        );
        let balance = place.rows(&balance).await;
        assert_eq!(balance[0][0], totals.net.to_string(), "{network}: {totals:?}");
        moved.debits += totals.debits;
        moved.refunds += totals.refunds;
    }
    for (kind, count) in [("receipt_paid", moved.debits), ("receipt_refunded", moved.refunds)] {
        let entries = format!(
            "SELECT count(*), count(DISTINCT document_id) FROM entry WHERE kind = '{kind}'"
        );
        let entries = place.rows(&entries).await;
        let count = count.to_string();
        assert_eq!(entries[0], [count.clone(), count], "{kind}");
    }
}
