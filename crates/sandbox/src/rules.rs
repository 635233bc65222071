//! Rules by which a played counterparty goes wrong: what, with which calls, and how often.
//!
//! What a fault means and which calls are which is the counterparty's business; this only keeps
//! rules and counts them down.

use serde::{Deserialize, Serialize};

/// Rules that a counterparty keeps at most.
const RULES_MAX: usize = 64;

/// A fault and the calls it befalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule<F, C> {
    /// What goes wrong.
    #[serde(flatten)]
    pub fault: F,
    /// With which calls.
    #[serde(default)]
    pub calls: C,
    /// With how many more of them; with all until cleared when absent.
    #[serde(default)]
    pub times: Option<u64>,
}

/// Rules in the order in which they are applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent, bound(deserialize = "Rule<F, C>: Deserialize<'de>"))]
pub struct Rules<F, C>(Vec<Rule<F, C>>);

impl<F, C> Default for Rules<F, C> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: Clone, C> Rules<F, C> {
    /// The rules that hold, the first to be applied first.
    #[must_use]
    pub fn as_slice(&self) -> &[Rule<F, C>] {
        &self.0
    }

    /// Adds a rule behind the others; `false` when there are 64 already.
    pub fn add(&mut self, rule: Rule<F, C>) -> bool {
        let room = self.0.len() < RULES_MAX;
        if room && rule.times != Some(0) {
            self.0.push(rule);
        }
        room
    }

    /// Removes all of them.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault of the first rule for which `is_for` holds, counted off it.
    pub fn befall(&mut self, is_for: impl Fn(&Rule<F, C>) -> bool) -> Option<F> {
        let place = self.0.iter().position(is_for)?;
        let rule = &mut self.0[place];
        let fault = rule.fault.clone();
        if let Some(times) = &mut rule.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.0.remove(place);
            }
        }
        Some(fault)
    }
}
