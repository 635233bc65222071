//! One `CdtTrfTxInf`: which of its elements mean what.
//!
//! A payment to the budget names its recipient as the ultimate creditor, with the account of 27
//! digits as an id; the creditor's account is then the treasury's and is not needed.

use crate::bulk::BulkRow;
use crate::bulk::MAX_TEXT_CHARS;
use crate::bulk::column::Column;
use crate::bulk::draft::{BUDGET_DIGITS, Draft};
use crate::bulk::problem::{Problem, RowError};
use crate::camt053::{NOT_PROVIDED, REMITTANCE};
use crate::line_text::joined;

const CURRENCY: &str = "UZS";
/// The scheme of taxpayer numbers.
const TAX_SCHEME: &str = "TXID";
/// Digits of an INN and of a PINFL.
const INN_DIGITS: [usize; 2] = [9, 14];

/// A payment whose elements come one after the other.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    draft: Draft,
    end_to_end: String,
    unique: String,
    account: String,
    creditor: Party,
    ultimate: Party,
    purpose: String,
    last_piece: usize,
}

/// A creditor: the name, and what its ids turned out to be.
#[derive(Debug, Default)]
struct Party {
    name: String,
    inn: Option<String>,
    budget_account: Option<String>,
    id: String,
    scheme: String,
}

impl Party {
    /// An element below the party ends.
    fn end(&mut self, field: &str, value: &str) {
        match field {
            "/Nm" => value.clone_into(&mut self.name),
            "/Id/OrgId/Othr/Id" | "/Id/PrvtId/Othr/Id" => value.clone_into(&mut self.id),
            "/Id/OrgId/Othr/SchmeNm/Cd" | "/Id/PrvtId/Othr/SchmeNm/Cd" => {
                value.clone_into(&mut self.scheme);
            }
            "/Id/OrgId/Othr" | "/Id/PrvtId/Othr" => self.end_id(),
            _ => {}
        }
    }

    /// An id is complete. Without a scheme its length tells what it is.
    fn end_id(&mut self) {
        let id = std::mem::take(&mut self.id);
        let scheme = std::mem::take(&mut self.scheme);
        if id.len() == BUDGET_DIGITS {
            self.budget_account = Some(id);
        } else if scheme == TAX_SCHEME || scheme.is_empty() && INN_DIGITS.contains(&id.len()) {
            self.inn = Some(id);
        }
    }
}

impl Transaction {
    /// The currency of the instructed amount.
    pub(super) fn currency(&mut self, code: Option<&str>) {
        if code != Some(CURRENCY) {
            self.draft.refuse(Column::AmountSum, Problem::Currency);
        }
    }

    /// An element ends; `field` is its place below the payment, `value` its text.
    pub(super) fn end(&mut self, field: &str, value: &str) {
        if let Some(field) = below(field, "/Cdtr") {
            return self.creditor.end(field, value);
        }
        if let Some(field) = below(field, "/UltmtCdtr") {
            return self.ultimate.end(field, value);
        }
        match field {
            "/PmtId/EndToEndId" => value.clone_into(&mut self.end_to_end),
            "/PmtId/UETR" => value.clone_into(&mut self.unique),
            // A comma is no decimal separator in XML.
            "/Amt/InstdAmt" if value.contains(',') => {
                self.draft.refuse(Column::AmountSum, Problem::NotSums);
            }
            "/Amt/InstdAmt" => self.draft.set(Column::AmountSum, value.to_owned()),
            "/Amt/EqvtAmt" => self.draft.refuse(Column::AmountSum, Problem::Equivalent),
            "/CdtrAgt/FinInstnId/ClrSysMmbId/MmbId" => {
                self.draft.set(Column::Mfo, value.to_owned())
            }
            "/CdtrAcct/Id/Othr/Id" => value.clone_into(&mut self.account),
            "/CdtrAcct/Id/IBAN" => self.draft.refuse(Column::Account, Problem::Iban),
            "/Purp/Prtry" => self.draft.set(Column::PurposeCode, value.to_owned()),
            "/RmtInf/Ustrd" => self.remittance(value),
            _ => {}
        }
    }

    fn remittance(&mut self, piece: &str) {
        let length = piece.chars().count();
        joined(&mut self.purpose, piece, self.last_piece, REMITTANCE);
        self.last_piece = length;
        if self.purpose.chars().count() > MAX_TEXT_CHARS {
            self.draft.refuse(Column::Purpose, Problem::LongText);
            self.purpose.clear();
        }
    }

    /// The payment, number `row` of its file.
    pub(super) fn into_row(
        self,
        row: u64,
        payer_account: Option<String>,
        is_transfer: bool,
    ) -> Result<BulkRow, RowError> {
        let Self { mut draft, creditor, ultimate, .. } = self;
        if !is_transfer {
            return Err(RowError { row, column: None, problem: Problem::Method });
        }
        // The end-to-end id is the customer's own; a UUID stands in where an order id is too long.
        let has_own = !self.end_to_end.is_empty() && self.end_to_end != NOT_PROVIDED;
        draft.set(Column::OrderKey, if has_own { self.end_to_end } else { self.unique });
        let name = if ultimate.name.is_empty() { creditor.name } else { ultimate.name };
        draft.set(Column::ReceiverName, name);
        draft.set(Column::Account, ultimate.budget_account.unwrap_or(self.account));
        draft.set(Column::Inn, ultimate.inn.or(creditor.inn).unwrap_or_default());
        draft.set(Column::Purpose, self.purpose);
        draft.payer_account = payer_account.filter(|account| !account.is_empty());
        draft.into_row(row)
    }
}

/// What follows `party` in `field`.
fn below<'a>(field: &'a str, party: &str) -> Option<&'a str> {
    field.strip_prefix(party).filter(|rest| rest.starts_with('/'))
}
