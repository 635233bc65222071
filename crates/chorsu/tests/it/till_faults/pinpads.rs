//! Pinpads: each cell has a till with a pinpad of its own, whose faults and whose memory outlive the
//! server. Before the payment some have had another of the same amount, and some a void.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::cell::{Cell, End, Fault, Moment};
use crate::place::Place;
use crate::server;
use crate::till_stand::{Chorsu, Told, till_settings};

/// How many cells there are: see [`is_tried`].
pub(super) const CELLS: usize = 99;
/// How long a pinpad's program may take, in seconds.
const TIME_LIMIT: u64 = 3;

/// A cell to be filled.
struct Case {
    fault: Fault,
    moment: Moment,
    till: String,
    /// What the payment is for, in tiyin; no other has it, but for those before it at its pinpad.
    amount: i64,
}

/// What a pinpad has moved and not given back.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Moved {
    count: i64,
    sum: i64,
}

/// Whether a fault is tried at a moment: a run of the program is over too soon to be cut off unless
/// something holds it up, and a till is told "unknown" only when the slip is of no use.
fn is_tried(fault: Fault, moment: Moment) -> bool {
    match moment {
        Moment::DuringCall => {
            matches!(fault, Fault::Delay | Fault::Hang | Fault::HangAfter)
        }
        // A pinpad gives no number before, and its doubts come after its answer.
        Moment::Prepared | Moment::DoubtDurable => false,
        Moment::ToldUnknown => !matches!(fault, Fault::None | Fault::Refuse | Fault::Delay),
        _ => true,
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for moment in Moment::ALL {
        for fault in Fault::OF_PINPADS.into_iter().filter(|fault| is_tried(*fault, moment)) {
            let number = cases.len();
            let (till, amount) = (format!("pinpad-{number}"), 100_000 + number as i64);
            cases.push(Case { fault, moment, till, amount });
        }
    }
    cases
}

/// Fills all cells, on some servers beside one another.
pub(super) async fn run() -> Vec<Cell> {
    let [first, second, third] = [
        [Moment::Undisturbed, Moment::IntentDurable, Moment::ReversalDurable].as_slice(),
        &[Moment::ToldUnknown, Moment::BeforeSend, Moment::ReversalAnswered],
        &[Moment::DuringCall, Moment::AnswerReceived, Moment::OutcomeDurable, Moment::Reversal],
    ]
    .map(fill_all);
    let (first, second, third) = tokio::join!(first, second, third);
    [first, second, third].concat()
}

/// Fills the cells of these moments, one moment after the other.
async fn fill_all(moments: &[Moment]) -> Vec<Cell> {
    let (place, mut cases) = (Place::sqlite(), cases());
    assert_eq!(cases.len(), CELLS);
    cases.retain(|case| moments.contains(&case.moment));
    let settings: String = cases.iter().map(|case| case.settings(&place)).collect();
    let mut chorsu = Chorsu::start(place, &settings).await;
    let mut cells = Vec::new();
    for moment in moments {
        let cases: Vec<_> = cases.iter().filter(|case| case.moment == *moment).collect();
        cells.extend(fill(&mut chorsu, *moment, &cases).await);
    }
    let mut net = 0;
    for case in &cases {
        net += case.moved(&chorsu).await.sum;
    }
    let wrong: Vec<_> = cells.iter().filter(|cell| cell.fault_found().is_some()).collect();
    assert_eq!(chorsu.balance("network:humo").await, net, "{wrong:?}");
    chorsu.finish().await;
    cells
}

/// Fills the cells of a moment: one kill for all of them.
async fn fill(chorsu: &mut Chorsu, moment: Moment, cases: &[&Case]) -> Vec<Cell> {
    let mut before = Vec::new();
    for case in cases {
        case.prepare(chorsu).await;
        before.push(case.moved(chorsu).await);
    }
    if let Some(place) = moment.place() {
        chorsu.control().hold(place).await;
    }
    let sent: Vec<_> = cases.iter().map(|case| case.send(chorsu)).collect();
    let programs = match moment.place() {
        Some(place) => {
            chorsu.control().wait_for_held(place, cases.len()).await;
            chorsu.kill();
            true
        }
        None if moment == Moment::DuringCall => {
            for case in cases {
                case.wait_until_under_way(chorsu).await;
            }
            chorsu.kill();
            true
        }
        None => false,
    };
    if programs {
        for case in cases.iter().filter(|case| case.fault != Fault::Delay) {
            case.end_programs(&chorsu.place);
        }
        chorsu.start_again().await;
    }
    let mut told = Vec::new();
    for answer in sent {
        told.push(answer.await.unwrap());
    }
    chorsu.wait_until_settled().await;
    let mut cells = Vec::new();
    for ((case, before), told) in cases.iter().zip(&before).zip(told) {
        cells.push(case.check(chorsu, *before, told).await);
    }
    for ((case, before), cell) in cases.iter().zip(&before).zip(&mut cells) {
        if cell.told == Told::Nothing {
            cell.again = Some(case.repeat(chorsu, *before).await);
        }
    }
    cells
}

impl Case {
    /// Where its pinpad keeps its memory.
    fn folder(&self, place: &Place) -> PathBuf {
        place.data().join("pinpad").join(&self.till)
    }

    /// Its till in the configuration.
    fn settings(&self, place: &Place) -> String {
        let budget = match self.moment {
            Moment::ToldUnknown
            | Moment::DoubtDurable
            | Moment::ReversalDurable
            | Moment::ReversalAnswered
            | Moment::Reversal => 1,
            _ => 20,
        };
        let folder = self.folder(place);
        std::fs::create_dir_all(&folder).unwrap();
        let program = server::command("pinpad");
        let program = Path::new(program.get_program());
        let command = |arguments: &[&str]| {
            let fixed = ["pinpad", "--dir", folder.to_str().unwrap(), "--"];
            let parts = [program.to_str().unwrap()].into_iter().chain(fixed);
            format!("{:?}", parts.chain(arguments.iter().copied()).collect::<Vec<_>>())
        };
        format!(
            "{}[till.pinpad]\nsale = {}\nvoid = {}\nprint_last = {}\ndirectory = {folder:?}\n\
             slip_file = {:?}\ntime_limit_seconds = {TIME_LIMIT}\n",
            till_settings(&self.till, budget),
            command(&["/o1", "/a{amount}", "/c860"]),
            command(&["/o4", "/a{amount}", "/c860", "/r{rrn}"]),
            command(&["/o96"]),
            folder.join("cheq.out"),
        )
    }

    /// The fault as a rule for these runs of the program.
    async fn arm(&self, chorsu: &Chorsu, fault: Fault, calls: &str, times: u64) {
        let Some(mut rule) = fault.rule(calls) else { return };
        rule["times"] = json!(times);
        if fault == Fault::Refuse {
            rule["code"] = json!("116");
        }
        if fault == Fault::Delay && self.moment == Moment::DuringCall {
            rule["delay_ms"] = json!(2_000);
        }
        chorsu.control().add_pinpad_fault(&self.till, rule).await;
    }

    /// Makes the payments before, and sets the faults.
    async fn prepare(&self, chorsu: &Chorsu) {
        let till = chorsu.till().named(&self.till);
        if self.amount % 3 > 0 {
            let paid = till.card(self.amount).await.done();
            if self.amount % 3 == 2 {
                till.void(paid["ppt_id"].as_str().unwrap(), self.amount).await.done();
            }
        }
        match self.moment {
            Moment::IntentDurable | Moment::Prepared | Moment::BeforeSend => {
                self.arm(chorsu, self.fault, "last", 1).await;
            }
            Moment::Undisturbed
            | Moment::DuringCall
            | Moment::AnswerReceived
            | Moment::OutcomeDurable => self.arm(chorsu, self.fault, "sale", 1).await,
            Moment::ToldUnknown | Moment::DoubtDurable => {
                self.arm(chorsu, self.fault, "sale", 1).await;
                self.arm(chorsu, Fault::CrashBefore, "last", 4).await;
            }
            Moment::ReversalDurable | Moment::ReversalAnswered | Moment::Reversal => {
                self.arm(chorsu, Fault::CrashAfter, "sale", 1).await;
                self.arm(chorsu, Fault::CrashBefore, "last", 4).await;
                self.arm(chorsu, self.fault, "void", 1).await;
            }
        }
    }

    fn send(&self, chorsu: &Chorsu) -> JoinHandle<Told> {
        let (till, amount) = (chorsu.till().named(&self.till), self.amount);
        tokio::spawn(async move { till.card(amount).await })
    }

    async fn journal(&self, chorsu: &Chorsu) -> Value {
        chorsu.control().journal(&self.till).await
    }

    async fn moved(&self, chorsu: &Chorsu) -> Moved {
        let totals = &self.journal(chorsu).await["totals"];
        let total = |name: &str| totals[name].as_i64().unwrap();
        Moved { count: total("sales") - total("voids"), sum: total("sold") - total("voided") }
    }

    async fn wait_until_under_way(&self, chorsu: &Chorsu) {
        let folder = self.folder(&chorsu.place);
        let before = self.journal(chorsu).await["operations"].as_array().unwrap().len();
        let is_prior = (self.amount % 3) as usize;
        crate::until("the payment at the pinpad", async || {
            let operations = self.journal(chorsu).await["operations"].as_array().unwrap().len();
            let is_there = match self.fault {
                Fault::Hang => !programs(&folder).is_empty(),
                _ => operations > is_prior || operations > before,
            };
            is_there.then_some(())
        })
        .await;
    }

    /// Ends programs that have outlived the server and would never end by themselves.
    fn end_programs(&self, place: &Place) {
        for program in programs(&self.folder(place)) {
            // It may have ended by itself meanwhile.
            let _ = Command::new("kill").args(["-KILL", &program]).status();
        }
    }

    /// A till that was told nothing asks again; what it is told, and the charges after that.
    async fn repeat(&self, chorsu: &Chorsu, before: Moved) -> (Told, (usize, i64)) {
        chorsu.control().clear_pinpad_faults(&self.till).await;
        let told = chorsu.till().named(&self.till).card(self.amount).await;
        let after = self.moved(chorsu).await;
        let charges = usize::try_from(after.count - before.count).unwrap_or(usize::MAX);
        (told, (charges, after.sum - before.sum))
    }

    /// Looks at a payment that is settled.
    async fn check(&self, chorsu: &Chorsu, before: Moved, told: Told) -> Cell {
        let states = chorsu.states(self.amount).await;
        if let Told::Done(slip) = &told {
            let journal = self.journal(chorsu).await;
            assert_eq!(slip["ppt_id"], journal["operations"][0]["rrn"], "{journal}");
        }
        let after = self.moved(chorsu).await;
        let charges = usize::try_from(after.count - before.count).unwrap_or(usize::MAX);
        Cell {
            provider: "humo",
            fault: self.fault,
            moment: self.moment,
            told,
            state: *states.last().unwrap(),
            charged: (charges, after.sum - before.sum),
            amount: self.amount,
            again: None,
            expected: vec![expected(self.fault, self.moment)],
        }
    }
}

/// The processes of the pinpad in this folder.
fn programs(folder: &Path) -> Vec<String> {
    let listed = Command::new("ps").args(["-axww", "-o", "pid=,args="]).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let of_pinpad = format!(" pinpad --dir {} ", folder.display());
    let pid = |line: &str| line.split_whitespace().next().map(str::to_owned);
    listed.lines().filter(|line| line.contains(&of_pinpad)).filter_map(pid).collect()
}

/// In what a payment has to end.
fn expected(fault: Fault, moment: Moment) -> End {
    let is_made = fault.has_effect() && fault != Fault::Hang;
    match moment {
        Moment::IntentDurable | Moment::Prepared | Moment::BeforeSend => End::Declined,
        Moment::Undisturbed => {
            if is_made {
                End::Paid
            } else {
                End::Declined
            }
        }
        // Nobody was told of it, and the till has no key to ask about it.
        Moment::DuringCall
        | Moment::AnswerReceived
        | Moment::OutcomeDurable
        | Moment::ToldUnknown
        | Moment::DoubtDurable => {
            if is_made {
                End::Reversed
            } else {
                End::Declined
            }
        }
        Moment::ReversalDurable | Moment::ReversalAnswered | Moment::Reversal => End::Reversed,
    }
}
