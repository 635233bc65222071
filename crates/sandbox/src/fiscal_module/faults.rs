//! What the service around the modules can be told to do wrong.

use serde::{Deserialize, Serialize};

use crate::controls::Controls;
use crate::rules::Rule;

/// What goes wrong with a call, and whether what was asked for happens all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum FiscalFault {
    /// It does not happen: the answer is an error.
    Refuse {
        /// The error code, in decimal; without it the module is locked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i64>,
    },
    /// It happens at once, and the answer comes so many milliseconds later.
    Delay {
        /// How much later.
        delay_ms: u64,
    },
    /// It happens, and the answer is HTTP 500 with a body that is not JSON.
    #[serde(rename = "http_500")]
    Http500,
    /// It happens, and the answer breaks off in the middle of its JSON.
    BrokenJson,
    /// It does not happen: the connection is closed without an answer.
    DropBefore,
    /// It happens, and the connection is closed without an answer.
    DropAfter,
    /// It happens, and the answer never comes; the connection stays open.
    Hang,
}

/// Which calls a fault is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FiscalCalls {
    /// Those that register receipts.
    #[default]
    Receipts,
    /// Those that open and close shifts.
    Shifts,
    /// Those that change nothing.
    Questions,
    /// All.
    All,
}

/// A fault and the calls it befalls.
pub type FiscalFaultRule = Rule<FiscalFault, FiscalCalls>;

/// Latency and faults of the service, for all of its modules.
pub type FiscalControls = Controls<FiscalFault, FiscalCalls>;

impl FiscalControls {
    /// The fault that befalls a call of this sort, counted off its rule.
    pub(super) fn befall_call(&self, calls: FiscalCalls) -> Option<FiscalFault> {
        let is_for = |rule: &FiscalFaultRule| rule.calls == FiscalCalls::All || rule.calls == calls;
        self.befall(is_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_written_as_json() {
        let rule = |json: &str| serde_json::from_str::<FiscalFaultRule>(json);
        let cases = [
            (r#"{"fault":"refuse","code":65534}"#, FiscalFault::Refuse { code: Some(65_534) }),
            (r#"{"fault":"refuse","times":2}"#, FiscalFault::Refuse { code: None }),
            (r#"{"fault":"delay","delay_ms":5,"calls":"all"}"#, FiscalFault::Delay { delay_ms: 5 }),
            (r#"{"fault":"http_500"}"#, FiscalFault::Http500),
            (r#"{"fault":"broken_json","calls":"shifts"}"#, FiscalFault::BrokenJson),
            (r#"{"fault":"drop_before"}"#, FiscalFault::DropBefore),
            (r#"{"fault":"drop_after"}"#, FiscalFault::DropAfter),
            (r#"{"fault":"hang","calls":"questions"}"#, FiscalFault::Hang),
        ];
        for (json, fault) in cases {
            let read = rule(json).unwrap();
            assert_eq!(read.fault, fault, "{json}");
            assert_eq!(rule(&serde_json::to_string(&read).unwrap()).unwrap(), read, "{json}");
        }
        assert!(rule(r#"{"fault":"x"}"#).is_err());
    }
}
