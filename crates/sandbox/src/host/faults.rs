//! What a host can be told to do wrong, and how slow it is.

use chorsu_connectors::card::CardRefusal;
use serde::{Deserialize, Serialize};

use crate::bank::Call;
use crate::controls::Controls;
use crate::rules::Rule;

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The call is refused; an operation stays refused.
    Refuse {
        /// Why, by the name of the refusal: `insufficient_funds`, `unavailable` …
        #[serde(with = "refusal_name")]
        reason: CardRefusal,
    },
    /// It is done at once, and the answer comes so many milliseconds later.
    Delay {
        /// How much later.
        delay_ms: u64,
    },
    /// The connection is closed and nothing is done.
    DropBeforeEffect,
    /// It is done, and the connection is closed instead of an answer.
    DropAfterEffect,
    /// It is done, and the answer is no message.
    GarbageAnswer,
    /// It is done, and answered twice.
    DuplicateAnswer,
    /// It is done, and the answer names another amount.
    WrongAmount,
    /// It is done, and the answer has a response code without a meaning.
    UndocumentedCode,
}

/// Which calls a fault is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultCalls {
    /// Those that move money: debit, hold, capture, refund, release.
    #[default]
    Operations,
    /// Inquiries about cards.
    Inquiries,
    /// Questions about operations.
    Questions,
    /// All.
    All,
}

/// A fault and the calls it befalls.
pub type FaultRule = Rule<Fault, FaultCalls>;

/// Latency and faults of one host, changeable while it runs.
pub type HostControls = Controls<Fault, FaultCalls>;

impl HostControls {
    /// The fault that befalls `call`, counted off its rule: of the first rule for such calls.
    pub(super) fn befall_call(&self, call: &Call) -> Option<Fault> {
        self.befall(|rule| rule.calls.include(call))
    }
}

impl FaultCalls {
    const fn include(self, call: &Call) -> bool {
        match (self, call) {
            (Self::All, _)
            | (Self::Operations, Call::Open(_) | Call::Follow(_))
            | (Self::Inquiries, Call::Inquire(_))
            | (Self::Questions, Call::Ask(_)) => true,
            (Self::Operations | Self::Inquiries | Self::Questions, _) => false,
        }
    }
}

/// A refusal by its name.
mod refusal_name {
    use chorsu_connectors::card::CardRefusal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        refusal: &CardRefusal,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(refusal.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<CardRefusal, D::Error> {
        let name = String::deserialize(from)?;
        CardRefusal::from_name(&name).ok_or_else(|| D::Error::custom("no refusal has this name"))
    }
}

#[cfg(test)]
mod tests {
    use chorsu_core::OperationId;

    use super::*;

    fn rule(json: &str) -> FaultRule {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn rules_are_written_as_json() {
        let refuse = rule(r#"{"fault":"refuse","reason":"insufficient_funds","times":2}"#);
        assert_eq!(refuse.fault, Fault::Refuse { reason: CardRefusal::InsufficientFunds });
        assert_eq!((refuse.calls, refuse.times), (FaultCalls::Operations, Some(2)));
        let delay = rule(r#"{"fault":"delay","delay_ms":500,"calls":"all"}"#);
        assert_eq!(delay.fault, Fault::Delay { delay_ms: 500 });
        let written = serde_json::to_string(&delay).unwrap();
        assert_eq!(rule(&written), delay);
        for bad in [r#"{"fault":"refuse","reason":"x"}"#, r#"{"fault":"x"}"#, "{}"] {
            assert!(serde_json::from_str::<FaultRule>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn faults_befall_their_calls_and_run_out() {
        let controls = HostControls::default();
        let ask = Call::Ask(OperationId([1; 12]));
        assert_eq!(controls.befall_call(&ask), None);
        assert!(controls.add_fault(rule(r#"{"fault":"wrong_amount"}"#)));
        assert!(
            controls.add_fault(rule(r#"{"fault":"garbage_answer","calls":"questions","times":1}"#))
        );
        assert!(controls.add_fault(rule(r#"{"fault":"duplicate_answer","calls":"all"}"#)));
        assert_eq!(controls.befall_call(&ask), Some(Fault::GarbageAnswer));
        assert_eq!(controls.befall_call(&ask), Some(Fault::DuplicateAnswer));
        assert_eq!(controls.faults().len(), 2);
        controls.clear_faults();
        assert_eq!(controls.befall_call(&ask), None);
    }
}
