//! Small tables of settings that other crates give a meaning to: an id and a text.

/// A table of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// Partners of the bank API.
    Partners,
    /// How merchants are paid out.
    SettlementRules,
}

impl Register {
    /// Its table and the column of its ids.
    pub(crate) const fn table(self) -> (&'static str, &'static str) {
        match self {
            Self::Partners => ("bank_partner", "id"),
            Self::SettlementRules => ("settlement_rule", "merchant_id"),
        }
    }
}
