//! What a played wallet can be told to do wrong. Latency and counting are in [`Controls`].

use serde::{Deserialize, Serialize};

use crate::controls::Controls;
use crate::rules::Rule;

/// What goes wrong with a call, and whether what was asked for happens all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum WalletFault {
    /// It does not happen: the answer is a refusal, and nothing of the call is remembered.
    Refuse {
        /// The error code of the provider; without it a usual one for such calls.
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
    /// It happens once, and the body of the answer holds the JSON twice.
    DuplicateAnswer,
    /// It happens, and the answer names another amount, or another payment where it names none.
    WrongAmount,
    /// It happens, and the answer has a status without a meaning: 7, 99, `STRANGE`.
    UnknownStatus,
    /// It happens, and the answer never comes; the connection stays open.
    Hang,
    /// The connection is closed without an answer, and it happens so many milliseconds later.
    Late {
        /// How much later.
        delay_ms: u64,
    },
}

/// Which calls a fault is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalletCalls {
    /// Those that take the customer's money; also Click's confirmation of a payment.
    #[default]
    Pay,
    /// Payme's `receipts.create`, which moves no money.
    Create,
    /// Questions about payments.
    Ask,
    /// Reversals and cancellations.
    Reverse,
    /// The delivery of fiscal data.
    Fiscal,
    /// All, also the setting of Click's confirmation mode.
    All,
}

/// A fault and the calls it befalls.
pub type WalletFaultRule = Rule<WalletFault, WalletCalls>;

/// Latency and faults of one played wallet, changeable while it runs.
pub type WalletControls = Controls<WalletFault, WalletCalls>;

impl WalletControls {
    /// The fault that befalls a call of this sort, counted off its rule.
    pub(super) fn befall_call(&self, calls: WalletCalls) -> Option<WalletFault> {
        let is_for = |rule: &WalletFaultRule| rule.calls == WalletCalls::All || rule.calls == calls;
        self.befall(is_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> WalletFaultRule {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn rules_are_written_as_json() {
        let cases = [
            (
                r#"{"fault":"refuse","code":-301,"times":2}"#,
                WalletFault::Refuse { code: Some(-301) },
            ),
            (r#"{"fault":"refuse"}"#, WalletFault::Refuse { code: None }),
            (
                r#"{"fault":"delay","delay_ms":50,"calls":"ask"}"#,
                WalletFault::Delay { delay_ms: 50 },
            ),
            (r#"{"fault":"http_500"}"#, WalletFault::Http500),
            (r#"{"fault":"broken_json"}"#, WalletFault::BrokenJson),
            (r#"{"fault":"drop_before"}"#, WalletFault::DropBefore),
            (r#"{"fault":"drop_after"}"#, WalletFault::DropAfter),
            (r#"{"fault":"duplicate_answer"}"#, WalletFault::DuplicateAnswer),
            (r#"{"fault":"wrong_amount"}"#, WalletFault::WrongAmount),
            (r#"{"fault":"unknown_status","calls":"fiscal"}"#, WalletFault::UnknownStatus),
            (r#"{"fault":"hang","calls":"all"}"#, WalletFault::Hang),
            (r#"{"fault":"late","delay_ms":9000}"#, WalletFault::Late { delay_ms: 9_000 }),
        ];
        for (json, fault) in cases {
            assert_eq!(rule(json).fault, fault, "{json}");
            let written = serde_json::to_string(&rule(json)).unwrap();
            assert_eq!(rule(&written), rule(json), "{written}");
        }
        for bad in [r#"{"fault":"delay"}"#, r#"{"fault":"x"}"#, r#"{"fault":"hang","calls":"x"}"#] {
            assert!(serde_json::from_str::<WalletFaultRule>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn faults_befall_their_calls_and_run_out() {
        let controls = WalletControls::default();
        assert!(controls.add_fault(rule(r#"{"fault":"hang","times":1}"#)));
        assert!(controls.add_fault(rule(r#"{"fault":"http_500","calls":"all"}"#)));
        assert_eq!(controls.befall_call(WalletCalls::Ask), Some(WalletFault::Http500));
        assert_eq!(controls.befall_call(WalletCalls::Pay), Some(WalletFault::Hang));
        assert_eq!(controls.befall_call(WalletCalls::Pay), Some(WalletFault::Http500));
        controls.clear_faults();
        assert_eq!(controls.befall_call(WalletCalls::Pay), None);
    }
}
