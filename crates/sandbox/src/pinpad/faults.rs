//! What the pinpad can be told to do wrong.

use serde::{Deserialize, Serialize};

use super::arguments::Order;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinpadFaultRule {
    /// What goes wrong.
    #[serde(flatten)]
    pub fault: PinpadFault,
    /// With which runs.
    #[serde(default)]
    pub calls: PinpadCalls,
    /// With how many more of them; with all until cleared when absent.
    #[serde(default)]
    pub times: Option<u64>,
}

impl PinpadCalls {
    const fn include(self, order: &Order) -> bool {
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

/// Takes the fault that befalls `order` off `rules`: of the first rule for such runs.
pub(super) fn befall(rules: &mut Vec<PinpadFaultRule>, order: &Order) -> Option<PinpadFault> {
    let place = rules.iter().position(|rule| rule.calls.include(order))?;
    let rule = &mut rules[place];
    let fault = rule.fault.clone();
    if let Some(times) = &mut rule.times {
        *times = times.saturating_sub(1);
        if *times == 0 {
            rules.remove(place);
        }
    }
    Some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> PinpadFaultRule {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn rules_are_written_as_json_and_run_out() {
        let mut rules = vec![
            rule(r#"{"fault":"refuse","code":"116","times":1,"calls":"sale"}"#),
            rule(r#"{"fault":"delay","delay_ms":5,"calls":"all"}"#),
        ];
        let written = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<Vec<PinpadFaultRule>>(&written).unwrap(), rules);
        let sale = Order::Sale(chorsu_core::Tiyin::ZERO);
        let delay = Some(PinpadFault::Delay { delay_ms: 5 });
        assert_eq!(befall(&mut rules, &Order::PrintLast), delay);
        let refuse = PinpadFault::Refuse { code: "116".into() };
        assert_eq!(befall(&mut rules, &sale), Some(refuse));
        assert_eq!(befall(&mut rules, &sale), delay);
        assert_eq!(befall(&mut Vec::new(), &sale), None);
        for bad in [r#"{"fault":"x"}"#, r#"{"fault":"refuse"}"#, "{}"] {
            assert!(serde_json::from_str::<PinpadFaultRule>(bad).is_err(), "{bad}");
        }
    }
}
