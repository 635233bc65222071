//! Click, Payme and Uzum: one payment of each for every moment.

use serde_json::json;
use tokio::task::JoinHandle;

use super::cell::{Cell, End, Fault, Moment};
use crate::place::Place;
use crate::till_stand::{Chorsu, Control, Till, Told, WALLETS, contracts, till_settings};

/// How long a payment takes that takes longer than its till waits, in milliseconds.
const SLOW_MS: u64 = 2_000;

/// The tills: one that waits long, one that waits for a second only.
const TILLS: [(&str, u64); 2] = [("patient", 20), ("hasty", 1)];

/// A server under test, and the one that plays its wallets and is never killed.
struct Stand {
    chorsu: Chorsu,
    wallets: Option<Chorsu>,
    fault: Fault,
    /// The amount of the last payment, in sums; each has another.
    amount: i64,
}

/// A payment that was asked for.
struct Sent {
    wallet: &'static str,
    till: &'static str,
    code: String,
    sums: i64,
    answer: JoinHandle<Told>,
}

/// A payment and what the till was told of it.
struct Case {
    wallet: &'static str,
    till: &'static str,
    code: String,
    sums: i64,
    told: Told,
}

/// Fills the cells of one fault at these moments.
pub(super) async fn run(place: Place, fault: Fault, moments: &[Moment]) -> Vec<Cell> {
    // Without a fault the server plays its wallets itself, and they are killed with it.
    let wallets = match fault {
        Fault::None => None,
        _ => Some(Chorsu::start(Place::sqlite(), "").await),
    };
    let contracts = match &wallets {
        None => String::new(),
        Some(wallets) => contracts(&wallets.control()).await,
    };
    let tills = TILLS.map(|(name, budget)| till_settings(name, budget) + &contracts);
    let chorsu = Chorsu::start(place, &tills.concat()).await;
    let mut stand = Stand { chorsu, wallets, fault, amount: 1_000 };
    let mut cells = Vec::new();
    for moment in moments {
        cells.extend(stand.fill(*moment).await);
    }
    stand.finish().await;
    cells
}

impl Stand {
    /// The controls of the wallets.
    fn control(&self) -> Control {
        self.wallets.as_ref().unwrap_or(&self.chorsu).control()
    }

    /// Lets the fault befall the next call of this sort at each wallet.
    async fn arm(&self, calls: &str) {
        if let Some(rule) = self.fault.rule(calls) {
            for wallet in WALLETS {
                self.control().add_fault(wallet, rule.clone()).await;
            }
        }
    }

    /// Lets the wallets work well again.
    async fn disarm(&self) {
        for wallet in WALLETS {
            self.control().clear_faults(wallet).await;
            self.control().set_latency(wallet, 0).await;
        }
    }

    /// Asks for a payment at each wallet.
    async fn send(&mut self, till: &'static str) -> Vec<Sent> {
        let mut sent = Vec::new();
        for wallet in WALLETS {
            self.amount += 1;
            let (sums, code) = (self.amount, self.control().code(wallet).await);
            let (at, scanned) = (self.chorsu.till().named(till), code.clone());
            let answer = tokio::spawn(async move { at.scan(wallet, &scanned, sums).await });
            sent.push(Sent { wallet, till, code, sums, answer });
        }
        sent
    }

    /// Kills the server, and starts it again with the fault waiting for calls of this sort.
    async fn kill_and_start(&mut self, armed: Option<&str>) {
        self.chorsu.kill();
        if self.wallets.is_some() {
            self.disarm().await;
            if let Some(calls) = armed {
                self.arm(calls).await;
            }
        }
        self.chorsu.start_again().await;
    }

    async fn fill(&mut self, moment: Moment) -> Vec<Cell> {
        let sent = match moment {
            Moment::Undisturbed => {
                self.arm("pay").await;
                self.send("patient").await
            }
            Moment::IntentDurable | Moment::Prepared | Moment::BeforeSend => {
                self.killed_before_the_call(moment).await
            }
            Moment::DuringCall => self.killed_during_the_call().await,
            Moment::AnswerReceived | Moment::OutcomeDurable => {
                self.killed_after_the_call(moment, "patient").await
            }
            Moment::ToldUnknown => {
                self.slow_down().await;
                self.arm("pay").await;
                self.send("hasty").await
            }
            Moment::DoubtDurable => {
                self.slow_down().await;
                self.killed_after_the_call(moment, "hasty").await
            }
            Moment::ReversalDurable | Moment::ReversalAnswered | Moment::Reversal => {
                self.reversed(moment).await
            }
        };
        let cases = answers(sent).await;
        if moment == Moment::ToldUnknown {
            for wallet in WALLETS {
                self.control().set_latency(wallet, 0).await;
            }
        }
        self.chorsu.wait_until_settled().await;
        self.disarm().await;
        let mut cells = Vec::new();
        for case in cases {
            cells.push(self.check(moment, case).await);
        }
        self.chorsu.wait_until_settled().await;
        cells
    }

    async fn killed_before_the_call(&mut self, moment: Moment) -> Vec<Sent> {
        let place = moment.place().unwrap();
        self.chorsu.control().hold(place).await;
        let sent = self.send("patient").await;
        self.chorsu.control().wait_for_held(place, sent.len()).await;
        self.kill_and_start(Some("all")).await;
        sent
    }

    async fn killed_during_the_call(&mut self) -> Vec<Sent> {
        for (wallet, latency_ms) in [("click", 60_000), ("payme", 1_500), ("uzum", 60_000)] {
            self.control().set_latency(wallet, latency_ms).await;
        }
        self.arm("pay").await;
        let sent = self.send("patient").await;
        for sent in &sent {
            self.wait_until_called(sent).await;
        }
        self.kill_and_start(None).await;
        sent
    }

    /// Waits until the wallet has got the payment, and done what it does with it.
    async fn wait_until_called(&self, sent: &Sent) {
        let (control, tiyin) = (self.control(), sent.sums * 100);
        crate::until(&format!("the call to {}", sent.wallet), async || {
            let is_befallen = control.faults_left(sent.wallet).await == 0;
            let is_done = !self.fault.has_effect() || {
                let book = control.payments(sent.wallet, tiyin).await;
                book.iter().any(|payment| payment["status"] != "created")
            };
            (is_befallen && is_done).then_some(())
        })
        .await;
    }

    /// Makes payments take longer than the hasty till waits; Payme answers twice before it is paid.
    async fn slow_down(&self) {
        for (wallet, latency_ms) in [("click", SLOW_MS), ("payme", 700), ("uzum", SLOW_MS)] {
            self.control().set_latency(wallet, latency_ms).await;
        }
    }

    async fn killed_after_the_call(&mut self, moment: Moment, till: &'static str) -> Vec<Sent> {
        let place = moment.place().unwrap();
        self.arm("pay").await;
        self.chorsu.control().hold(place).await;
        let sent = self.send(till).await;
        self.chorsu.control().wait_for_held(place, sent.len()).await;
        self.kill_and_start(None).await;
        sent
    }

    /// Payments that are paid after the till was told that nobody knows.
    async fn reversed(&mut self, moment: Moment) -> Vec<Sent> {
        let slow = json!({ "fault": "delay", "delay_ms": SLOW_MS, "times": 1 });
        for wallet in WALLETS {
            self.control().add_fault(wallet, slow.clone()).await;
        }
        if moment != Moment::ReversalDurable {
            self.arm("reverse").await;
        }
        let Some(place) = moment.place() else { return self.send("hasty").await };
        self.chorsu.control().hold(place).await;
        let sent = self.send("hasty").await;
        self.chorsu.control().wait_for_held(place, sent.len()).await;
        let armed = (moment == Moment::ReversalDurable).then_some("reverse");
        self.kill_and_start(armed).await;
        sent
    }

    /// Looks at a payment that is settled, and scans its code once more.
    async fn check(&self, moment: Moment, case: Case) -> Cell {
        let Case { wallet, till, code, sums, told } = case;
        let tiyin = sums * 100;
        let states = self.chorsu.states(tiyin).await;
        assert_eq!(states.len(), 1, "{wallet}, {moment:?}: {states:?}");
        if let Told::Unknown(id) = &told {
            let history = self.chorsu.till().status(id).await;
            assert_eq!(
                (&history["amount_tiyin"], &history["provider"]),
                (&tiyin.into(), &wallet.into())
            );
            let steps = history["steps"].as_array().unwrap();
            let has = |event: &str| steps.iter().any(|step| step["event"] == event);
            assert!(has("told_unknown"), "{history}");
        }
        let charged = charged(&self.control(), wallet, tiyin).await;
        let at: Till = self.chorsu.till().named(till);
        let told_again = at.scan(wallet, &code, sums).await;
        if let (Told::Done(first), Told::Done(second)) = (&told, &told_again) {
            assert_eq!(first, second, "a payment that was told of stays as it was told");
        }
        self.chorsu.wait_until_settled().await;
        let after = self::charged(&self.control(), wallet, tiyin).await;
        let expected = expected(wallet, self.fault, moment);
        Cell {
            provider: wallet,
            fault: self.fault,
            moment,
            told,
            state: states[0],
            charged,
            amount: tiyin,
            again: Some((told_again, after)),
            expected,
        }
    }

    /// The ledger and each wallet's own book agree; the ledger is in order.
    async fn finish(self) {
        for wallet in WALLETS {
            let net = self.control().totals(wallet).await["net"].as_i64().unwrap();
            assert_eq!(self.chorsu.balance(&format!("wallet:{wallet}")).await, net, "{wallet}");
        }
        self.chorsu.finish().await;
    }
}

/// What the tills were told; nothing, where the server was killed.
async fn answers(sent: Vec<Sent>) -> Vec<Case> {
    let mut cases = Vec::new();
    for Sent { wallet, till, code, sums, answer } in sent {
        cases.push(Case { wallet, till, code, sums, told: answer.await.unwrap() });
    }
    cases
}

/// The charges of this amount in a wallet's own book, and what they come to.
async fn charged(control: &Control, wallet: &str, tiyin: i64) -> (usize, i64) {
    let book = control.payments(wallet, tiyin).await;
    let net = book.iter().map(|payment| payment["net"].as_i64().unwrap());
    let net: Vec<_> = net.filter(|net| *net > 0).collect();
    (net.len(), net.iter().sum())
}

/// In what a payment has to end.
fn expected(wallet: &str, fault: Fault, moment: Moment) -> Vec<End> {
    // Uzum answers no question about an order whose payment it has not named: it gets the same
    // order again, and what it has not seen it then takes. That is a payment when a till waits for
    // it; when nobody does, it goes back.
    let asks_by_paying = wallet == "uzum";
    let unpaid = |end| if asks_by_paying { end } else { End::Declined };
    let end = match (moment, fault) {
        (Moment::IntentDurable | Moment::Prepared | Moment::BeforeSend, Fault::Refuse) => {
            End::Declined
        }
        (Moment::IntentDurable | Moment::Prepared | Moment::BeforeSend, _) => unpaid(End::Reversed),
        (Moment::Undisturbed | Moment::OutcomeDurable, Fault::Refuse) => End::Declined,
        (Moment::Undisturbed | Moment::OutcomeDurable, Fault::DropBefore) => unpaid(End::Paid),
        (Moment::DuringCall | Moment::AnswerReceived, Fault::Late) if asks_by_paying => {
            // The question comes first, or what is late does.
            return vec![End::Reversed, End::Paid];
        }
        (Moment::DuringCall, Fault::DropBefore) if asks_by_paying => {
            // The process that is killed has asked by then, or has not.
            return vec![End::Reversed, End::Paid];
        }
        (Moment::DuringCall | Moment::AnswerReceived, _) if !fault.has_effect() => {
            unpaid(End::Reversed)
        }
        // The refusal is not heard any more.
        (Moment::DoubtDurable, Fault::Refuse) => unpaid(End::Reversed),
        (Moment::ToldUnknown, Fault::Refuse) => End::Declined,
        (Moment::ToldUnknown | Moment::DoubtDurable, Fault::DropBefore) => unpaid(End::Reversed),
        (Moment::ToldUnknown | Moment::DoubtDurable, _) if wallet == "payme" => {
            // On a busy machine the time is up before the payment is sent.
            return vec![End::Reversed, End::Declined];
        }
        (
            Moment::ToldUnknown
            | Moment::DoubtDurable
            | Moment::ReversalDurable
            | Moment::ReversalAnswered
            | Moment::Reversal,
            _,
        ) => End::Reversed,
        _ => End::Paid,
    };
    vec![end]
}
