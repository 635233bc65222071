//! The cells of the table: which there are, what each has to end in, and how they are shown.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use crate::till_stand::{State, Told};

/// What a provider does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    None,
    Refuse,
    Delay,
    Http500,
    BrokenJson,
    DropBefore,
    DropAfter,
    DuplicateAnswer,
    WrongAmount,
    UnknownStatus,
    Hang,
    Late,
    NoSlip,
    GarbageSlip,
    CrashBefore,
    CrashAfter,
    UnknownCode,
    HangAfter,
}

impl Fault {
    /// Those of wallets.
    pub(super) const OF_WALLETS: [Self; 12] = [
        Self::None,
        Self::Refuse,
        Self::Delay,
        Self::Http500,
        Self::BrokenJson,
        Self::DropBefore,
        Self::DropAfter,
        Self::DuplicateAnswer,
        Self::WrongAmount,
        Self::UnknownStatus,
        Self::Hang,
        Self::Late,
    ];

    /// Those of pinpads.
    pub(super) const OF_PINPADS: [Self; 11] = [
        Self::None,
        Self::Refuse,
        Self::Delay,
        Self::NoSlip,
        Self::GarbageSlip,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::WrongAmount,
        Self::UnknownCode,
        Self::Hang,
        Self::HangAfter,
    ];

    /// Its name in the sandbox.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Refuse => "refuse",
            Self::Delay => "delay",
            Self::Http500 => "http_500",
            Self::BrokenJson => "broken_json",
            Self::DropBefore => "drop_before",
            Self::DropAfter => "drop_after",
            Self::DuplicateAnswer => "duplicate_answer",
            Self::WrongAmount => "wrong_amount",
            Self::UnknownStatus => "unknown_status",
            Self::Hang => "hang",
            Self::Late => "late",
            Self::NoSlip => "no_slip",
            Self::GarbageSlip => "garbage_slip",
            Self::CrashBefore => "crash_before",
            Self::CrashAfter => "crash_after",
            Self::UnknownCode => "unknown_code",
            Self::HangAfter => "hang_after",
        }
    }

    /// The rule that lets it befall the next call of this sort; nothing when there is none.
    pub(super) fn rule(self, calls: &str) -> Option<Value> {
        let mut rule = json!({ "fault": self.name(), "calls": calls, "times": 1 });
        match self {
            Self::None => return None,
            Self::Delay => rule["delay_ms"] = json!(300),
            // Within the time for which a wallet that has not seen a payment is not believed.
            Self::Late => rule["delay_ms"] = json!(2_000),
            _ => {}
        }
        Some(rule)
    }

    /// Whether what was asked for happens all the same.
    pub(super) const fn has_effect(self) -> bool {
        !matches!(self, Self::Refuse | Self::DropBefore | Self::CrashBefore)
    }
}

/// Where the fault befalls a payment, and where the server is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    /// The fault befalls the payment; no kill.
    Undisturbed,
    /// Killed with the intent durable and nothing sent; the fault befalls the first question.
    IntentDurable,
    /// Killed with the wallet's own number at hand and not written down; the same.
    Prepared,
    /// Killed just before the payment is sent; the fault befalls the first question.
    BeforeSend,
    /// The fault befalls the payment; killed while it is on its way.
    DuringCall,
    /// The fault befalls the payment; killed with the answer at hand and not written down.
    AnswerReceived,
    /// The fault befalls the payment; killed with the outcome durable and the till not told.
    OutcomeDurable,
    /// The fault befalls a payment that takes longer than the till waits.
    ToldUnknown,
    /// Such a payment, killed before the till hears of it; the fault has befallen the payment.
    DoubtDurable,
    /// Such a payment, killed before the reversal; the fault befalls the reversal after it.
    ReversalDurable,
    /// Such a payment, the fault befalls the reversal; killed with the answer not written down.
    ReversalAnswered,
    /// Such a payment, the fault befalls the reversal; no kill.
    Reversal,
}

impl Moment {
    pub(super) const ALL: [Self; 12] = [
        Self::Undisturbed,
        Self::IntentDurable,
        Self::Prepared,
        Self::BeforeSend,
        Self::DuringCall,
        Self::AnswerReceived,
        Self::OutcomeDurable,
        Self::ToldUnknown,
        Self::DoubtDurable,
        Self::ReversalDurable,
        Self::ReversalAnswered,
        Self::Reversal,
    ];

    /// The heading of its column.
    const fn heading(self) -> &'static str {
        match self {
            Self::Undisturbed => "no kill",
            Self::IntentDurable => "k:intent",
            Self::Prepared => "k:number",
            Self::BeforeSend => "k:before",
            Self::DuringCall => "k:call",
            Self::AnswerReceived => "k:answer",
            Self::OutcomeDurable => "k:outcome",
            Self::ToldUnknown => "unknown",
            Self::DoubtDurable => "k:doubt",
            Self::ReversalDurable => "k:rev.int",
            Self::ReversalAnswered => "k:rev.ans",
            Self::Reversal => "rev.fault",
        }
    }

    /// The place where works are held until the kill.
    pub(super) const fn place(self) -> Option<&'static str> {
        match self {
            Self::IntentDurable => Some("till.intent_durable"),
            Self::Prepared => Some("till.prepared"),
            Self::BeforeSend => Some("till.before_send"),
            Self::AnswerReceived => Some("till.answer_received"),
            Self::OutcomeDurable => Some("till.outcome_durable"),
            Self::DoubtDurable => Some("till.doubt_durable"),
            Self::ReversalDurable => Some("till.reversal_durable"),
            Self::ReversalAnswered => Some("till.reversal_answered"),
            Self::Undisturbed | Self::DuringCall | Self::ToldUnknown | Self::Reversal => None,
        }
    }
}

/// How a payment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The customer has paid.
    Paid,
    /// The customer was never charged.
    Declined,
    /// The customer was charged and got the money back.
    Reversed,
}

/// A filled cell.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) provider: &'static str,
    pub(super) fault: Fault,
    pub(super) moment: Moment,
    /// What the till was told.
    pub(super) told: Told,
    /// What the server's books say in the end.
    pub(super) state: State,
    /// How many charges stand in the provider's own book, and how much they come to.
    pub(super) charged: (usize, i64),
    /// How much the payment was for.
    pub(super) amount: i64,
    /// What the same scan is told afterwards, and the charges after that.
    pub(super) again: Option<(Told, (usize, i64))>,
    /// In what it has to end; one of several where that is a matter of time.
    pub(super) expected: Vec<End>,
}

impl Cell {
    fn end(&self) -> Option<End> {
        match self.state {
            State::Open => None,
            State::Paid => Some(End::Paid),
            State::Reversed => Some(End::Reversed),
            State::Declined => Some(End::Declined),
        }
    }

    /// What is wrong with it, if anything.
    pub(super) fn fault_found(&self) -> Option<String> {
        let Some(end) = self.end() else { return Some("it is still open".to_owned()) };
        let charges = match end {
            End::Paid => (1, self.amount),
            End::Declined | End::Reversed => (0, 0),
        };
        if self.charged != charges {
            return Some(format!("the provider has charged {:?}", self.charged));
        }
        let is_true = match (&self.told, end) {
            (Told::Done(_), End::Paid) | (Told::Nothing, _) => true,
            (Told::No { code, .. }, End::Declined | End::Reversed) => {
                [105, 106, 108].contains(code)
            }
            (Told::Unknown(_), End::Declined | End::Reversed) => true,
            _ => false,
        };
        if !is_true {
            return Some("the till was told something else".to_owned());
        }
        if !self.expected.contains(&end) {
            return Some(format!("it should end as {:?}", self.expected));
        }
        let (again, charged) = self.again.as_ref()?;
        let charges = match (again, end) {
            // Who was told "unknown" asks by that scan, and may have taken cash meanwhile.
            (Told::Done(_), _) if !matches!(self.told, Told::Unknown(_)) => (1, self.amount),
            // "Unknown" comes of a busy machine, and ends without a charge too.
            (Told::No { .. } | Told::Unknown(_), End::Declined | End::Reversed) => (0, 0),
            _ => return Some(format!("the same scan is told {again:?}")),
        };
        if *charged != charges {
            return Some(format!("the same scan is told {again:?}, and charged {charged:?}"));
        }
        None
    }
}

/// How something that was told is shown.
const fn letter(told: &Told) -> char {
    match told {
        Told::Done(_) => 'Y',
        Told::No { .. } => 'N',
        Told::Unknown(_) => '?',
        Told::Nothing => '-',
    }
}

impl fmt::Display for Cell {
    /// What was told, how it ended, what the same scan is told.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end() {
            None => "OPEN",
            Some(End::Paid) => "paid",
            Some(End::Declined) => "none",
            Some(End::Reversed) => "back",
        };
        let again = self.again.as_ref().map_or(' ', |(told, _)| letter(told));
        write!(f, "{} {end} {again}", letter(&self.told))
    }
}

/// All cells.
pub(super) struct Table(BTreeMap<(&'static str, Fault, Moment), Cell>);

impl Table {
    pub(super) fn new(cells: Vec<Cell>) -> Self {
        let count = cells.len();
        let place = |cell: Cell| ((cell.provider, cell.fault, cell.moment), cell);
        let cells: BTreeMap<_, _> = cells.into_iter().map(place).collect();
        assert_eq!(cells.len(), count, "a cell was filled twice");
        Self(cells)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Every cell is as it must be.
    pub(super) fn assert_sound(&self) {
        let found = |cell: &Cell| cell.fault_found().map(|found| format!("{found}: {cell:?}"));
        let found: Vec<_> = self.0.values().filter_map(found).collect();
        assert!(found.is_empty(), "{} cells are wrong:\n{}", found.len(), found.join("\n"));
    }

    /// Every cell is as it must be, and none is missing.
    pub(super) fn assert_whole(&self) {
        self.assert_sound();
        let of_wallets = 3 * Fault::OF_WALLETS.len() * Moment::ALL.len();
        let of_pinpads = super::pinpads::CELLS;
        assert_eq!(self.count(), of_wallets + of_pinpads);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "told, how it ended, what the same scan is told; Y yes, N no, ? unknown")?;
        write!(f, "{:<6} {:<17}", "", "")?;
        for moment in Moment::ALL {
            write!(f, "{:<10}", moment.heading())?;
        }
        let mut row = None;
        for ((provider, fault, moment), cell) in &self.0 {
            if row != Some((provider, fault)) {
                row = Some((provider, fault));
                write!(f, "\n{provider:<6} {:<17}", fault.name())?;
                let cells = Moment::ALL.map(|moment| self.0.get(&(*provider, *fault, moment)));
                for cell in cells {
                    let shown = cell.map_or_else(|| "n/a".to_owned(), ToString::to_string);
                    write!(f, "{shown:<10}")?;
                }
            }
            if let Some(found) = cell.fault_found() {
                write!(f, "\n    WRONG at {}: {found}", moment.heading())?;
            }
        }
        writeln!(f)
    }
}
