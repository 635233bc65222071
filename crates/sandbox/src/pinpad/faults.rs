//! What the pinpad can be told to do wrong.

use serde::{Deserialize, Serialize};

use super::arguments::Order;
use crate::rules::{Rule, Rules};

/// What goes wrong with a run, and whether what was asked for happens all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum PinpadFault {
    /// It is declined.
    Refuse {
        /// The response code on the slip, three digits.
        code: String,
    },
    /// It happens at once, and the slip comes so many milliseconds later.
    Delay {
        /// How much later.
        delay_ms: u64,
    },
    /// It happens, and there is no slip.
    NoSlip,
    /// It happens, and the slip is not one.
    GarbageSlip,
    /// It does not happen: the program fails.
    CrashBefore,
    /// It happens, and the program fails before the slip.
    CrashAfter,
    /// It happens, and the slip names another amount.
    WrongAmount,
    /// It happens, and the slip has a response code without a meaning.
    UnknownCode,
    /// It does not happen, and the program never ends.
    Hang,
    /// It happens, and the program never ends.
    HangAfter,
}

/// Which runs a fault is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinpadCalls {
    /// Those that move money: payments and voids.
    #[default]
    Operations,
    /// Payments.
    Sale,
    /// Voids.
    Void,
    /// The reconciliation and the short report.
    Reports,
    /// The last slip.
    Last,
    /// All.
    All,
}

/// A fault and the runs it befalls.
pub type PinpadFaultRule = Rule<PinpadFault, PinpadCalls>;

/// The rules of one pinpad.
pub(super) type PinpadFaultRules = Rules<PinpadFault, PinpadCalls>;

impl PinpadCalls {
    pub(super) const fn include(self, order: &Order) -> bool {
        match (self, order) {
            (Self::All, _)
            | (Self::Operations, Order::Sale(_) | Order::Void(..))
            | (Self::Sale, Order::Sale(_))
            | (Self::Void, Order::Void(..))
            | (Self::Reports, Order::Reconcile | Order::ShortReport)
            | (Self::Last, Order::PrintLast) => true,
            (Self::Operations | Self::Sale | Self::Void | Self::Reports | Self::Last, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> PinpadFaultRule {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn rules_are_written_as_json_and_run_out() {
        let mut rules = PinpadFaultRules::default();
        rules.add(rule(r#"{"fault":"refuse","code":"116","times":1,"calls":"sale"}"#));
        rules.add(rule(r#"{"fault":"delay","delay_ms":5,"calls":"all"}"#));
        let written = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<PinpadFaultRules>(&written).unwrap(), rules);
        let mut befall = |order| rules.befall(|rule| rule.calls.include(&order));
        let sale = || Order::Sale(chorsu_core::Tiyin::ZERO);
        let delay = Some(PinpadFault::Delay { delay_ms: 5 });
        assert_eq!(befall(Order::PrintLast), delay);
        assert_eq!(befall(sale()), Some(PinpadFault::Refuse { code: "116".into() }));
        assert_eq!(befall(sale()), delay);
        for bad in [r#"{"fault":"x"}"#, r#"{"fault":"refuse"}"#, "{}"] {
            assert!(serde_json::from_str::<PinpadFaultRule>(bad).is_err(), "{bad}");
        }
    }
}
