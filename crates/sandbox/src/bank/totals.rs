//! What a network has moved in all, for reconciliation with the acquirer's ledger.

use chorsu_connectors::card::CardRefusal;
use chorsu_core::{Network, Tiyin};
use serde::{Deserialize, Serialize};

use super::operation::kinds;
use super::text;
use super::views::TotalsView;
use crate::book::{RecordId, RecordKey};

/// The key of the network's totals.
pub(crate) fn totals_key(network: Network) -> RecordKey {
    RecordKey { kind: kinds(network).totals, id: RecordId::of([0]) }
}

/// What a network has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Totals {
    #[serde(rename = "d", with = "text::tiyin")]
    pub(super) debited: Tiyin,
    #[serde(rename = "n")]
    pub(super) debits: u64,
    #[serde(rename = "r", with = "text::tiyin")]
    pub(super) refunded: Tiyin,
    #[serde(rename = "f")]
    pub(super) refunds: u64,
}

impl Default for Totals {
    fn default() -> Self {
        Self { debited: Tiyin::ZERO, debits: 0, refunded: Tiyin::ZERO, refunds: 0 }
    }
}

impl Totals {
    /// The totals after one more debit or capture.
    pub(super) fn debit(self, amount: Tiyin) -> Result<Self, CardRefusal> {
        let debited = self.debited.checked_add(amount).ok_or(CardRefusal::SystemError)?;
        Ok(Self { debited, debits: self.debits + 1, ..self })
    }

    /// The totals after one more refund.
    pub(super) fn refund(self, amount: Tiyin) -> Result<Self, CardRefusal> {
        let refunded = self.refunded.checked_add(amount).ok_or(CardRefusal::SystemError)?;
        Ok(Self { refunded, refunds: self.refunds + 1, ..self })
    }

    /// As an operator sees them.
    pub(super) const fn view(self) -> TotalsView {
        let (debited, refunded) = (self.debited.get(), self.refunded.get());
        let net = debited - refunded;
        TotalsView { debited, debits: self.debits, refunded, refunds: self.refunds, net }
    }
}
