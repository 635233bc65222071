//! A payment as its cells were written, and what makes a payment of it.

use chorsu_core::{Network, Pan, Tiyin};

use super::column::Column;
use super::problem::{Problem, RowError};
use super::{BulkRow, CardFields, MAX_ORDER_KEY_CHARS, MAX_TEXT_CHARS};
use crate::sums::{parse_sums, parse_tiyin};

/// Digits of an ordinary account.
const ACCOUNT_DIGITS: usize = 20;
/// Digits of a budget recipient's account ("payments by requisites, paymentBudget").
pub(crate) const BUDGET_DIGITS: usize = 27;
const MFO_DIGITS: usize = 5;
/// An INN, or the PINFL of a person, as the bank takes both in one field.
const INN_DIGITS: [usize; 2] = [9, 14];
const CODE_DIGITS: usize = 5;
const CARD_DIGITS: usize = 16;

/// A problem and the column that has it.
type Fault = (Column, Problem);

/// The cells of one payment.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    cells: [Option<String>; Column::COUNT],
    /// The payer's account, where there is one.
    pub(crate) payer_account: Option<String>,
    /// What was wrong already when the cells were read.
    fault: Option<Fault>,
}

impl Draft {
    /// What the cell of `column` holds. Spaces around it do not count, except around amounts: there
    /// they are not digits.
    pub(crate) fn set(&mut self, column: Column, text: String) {
        let is_amount = matches!(
            column,
            Column::Amount | Column::AmountSum | Column::Commission | Column::CommissionSum
        );
        let trimmed = text.trim();
        self.cells[column as usize] = if trimmed.is_empty() {
            None
        } else if is_amount || trimmed.len() == text.len() {
            Some(text)
        } else {
            Some(trimmed.to_owned())
        };
    }

    /// The cell of `column` cannot be read; the first such fault is the one that is told.
    pub(crate) fn refuse(&mut self, column: Column, problem: Problem) {
        self.fault.get_or_insert((column, problem));
    }

    /// Whether nothing has been written into any cell.
    pub(crate) fn is_blank(&self) -> bool {
        self.fault.is_none() && self.cells.iter().all(Option::is_none)
    }

    /// The payment, if all cells are what they must be.
    pub(crate) fn into_row(mut self, row: u64) -> Result<BulkRow, RowError> {
        self.payment(row).map_err(|(column, problem)| RowError {
            row,
            column: Some(column),
            problem,
        })
    }

    fn payment(&mut self, row: u64) -> Result<BulkRow, Fault> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let order_key = self.order_key()?;
        let account = self.needed(Column::Account)?;
        let budget = self.budget(&account)?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let length_is_right =
            account.len() == ACCOUNT_DIGITS || budget && account.len() == BUDGET_DIGITS;
        if !digits(&account) || !length_is_right {
            return Err((Column::Account, Problem::Account));
        }
        let (receiver_name, mfo) = if budget {
            let mfo = self.digits(Column::Mfo, MFO_DIGITS)?;
            (self.text(Column::ReceiverName)?.unwrap_or_default(), mfo.unwrap_or_default())
        } else {
            let name = self.text(Column::ReceiverName)?;
            let mfo = self.digits(Column::Mfo, MFO_DIGITS)?;
            (present(name, Column::ReceiverName)?, present(mfo, Column::Mfo)?)
        };
        let inn = self.inn()?;
        let purpose_code = self.digits(Column::PurposeCode, CODE_DIGITS)?;
        if budget && inn.is_none() {
            return Err((Column::Inn, Problem::Empty));
        }
        if budget && purpose_code.is_none() {
            return Err((Column::PurposeCode, Problem::Empty));
        }
        let amount = self
            .money(Column::Amount, Column::AmountSum)?
            .ok_or((Column::Amount, Problem::Empty))?;
        if amount == Tiyin::ZERO {
            return Err((Column::Amount, Problem::Zero));
        }
        Ok(BulkRow {
            row,
            order_key,
            receiver_name,
            mfo,
            account,
            inn,
            amount,
            commission: self
                .money(Column::Commission, Column::CommissionSum)?
                .unwrap_or(Tiyin::ZERO),
            purpose: present(self.text(Column::Purpose)?, Column::Purpose)?,
            purpose_code,
            budget,
            card: self.card()?,
            payer_account: self.payer_account.take(),
        })
    }

    fn take(&mut self, column: Column) -> Option<String> {
        self.cells[column as usize].take()
    }

    fn needed(&mut self, column: Column) -> Result<String, Fault> {
        present(self.take(column), column)
    }

    /// An order id: "must not contain a space" ("payments by requisites, orderId").
    fn order_key(&mut self) -> Result<String, Fault> {
        let key = self.needed(Column::OrderKey)?;
        let problem = if key.chars().any(char::is_whitespace) {
            Problem::Spaces
        } else if key.chars().any(char::is_control) {
            Problem::Unprintable
        } else if key.chars().count() > MAX_ORDER_KEY_CHARS {
            Problem::LongKey
        } else {
            return Ok(key);
        };
        Err((Column::OrderKey, problem))
    }

    /// Text that can be printed and is not too long.
    fn text(&mut self, column: Column) -> Result<Option<String>, Fault> {
        let Some(text) = self.take(column) else { return Ok(None) };
        if text.chars().any(char::is_control) {
            return Err((column, Problem::Unprintable));
        }
        if text.chars().count() > MAX_TEXT_CHARS {
            return Err((column, Problem::LongText));
        }
        Ok(Some(text))
    }

    /// Exactly `count` digits, if anything is written.
    fn digits(&mut self, column: Column, count: usize) -> Result<Option<String>, Fault> {
        let Some(text) = self.take(column) else { return Ok(None) };
        if text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Some(text))
        } else {
            Err((column, Problem::Digits(count)))
        }
    }

    /// A taxpayer number, if anything is written.
    fn inn(&mut self) -> Result<Option<String>, Fault> {
        let Some(text) = self.take(Column::Inn) else { return Ok(None) };
        let fits = INN_DIGITS.contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Some(text))
        } else {
            Err((Column::Inn, Problem::TaxNumber))
        }
    }

    /// Whether it goes to the budget: said by the flag, or by an account of 27 digits.
    fn budget(&mut self, account: &str) -> Result<bool, Fault> {
        let by_account = account.len() == BUDGET_DIGITS;
        let Some(flag) = self.take(Column::Budget) else { return Ok(by_account) };
        match flag.to_lowercase().as_str() {
            "1" | "yes" | "true" | "да" | "истина" | "ha" | "+" => Ok(true),
            "0" | "no" | "false" | "нет" | "ложь" | "yo'q" | "yo‘q" | "yoʻq" | "-" => {
                if by_account {
                    Err((Column::Budget, Problem::BudgetAccount))
                } else {
                    Ok(false)
                }
            }
            _ => Err((Column::Budget, Problem::YesNo)),
        }
    }

    /// An amount from its column in tiyin or from its column in sums.
    fn money(&mut self, tiyin: Column, sums: Column) -> Result<Option<Tiyin>, Fault> {
        match (self.take(tiyin), self.take(sums)) {
            (None, None) => Ok(None),
            (Some(text), None) => parse_tiyin(&text).map(Some).map_err(|p| (tiyin, p)),
            (None, Some(text)) => parse_sums(&text).map(Some).map_err(|p| (sums, p)),
            (Some(_), Some(_)) => Err((tiyin, Problem::Twice)),
        }
    }

    /// The three fields of a card, all or none.
    fn card(&mut self) -> Result<Option<CardFields>, Fault> {
        let kind = self.take(Column::CardType);
        let number = self.take(Column::CardNumber);
        let reference = self.text(Column::RefNumber)?;
        if kind.is_none() && number.is_none() && reference.is_none() {
            return Ok(None);
        }
        let kind = present(kind, Column::CardType)?;
        let network = Network::from_name(&kind.to_ascii_lowercase())
            .ok_or((Column::CardType, Problem::Network))?;
        let number = Pan::parse(&present(number, Column::CardNumber)?)
            .ok_or((Column::CardNumber, Problem::Digits(CARD_DIGITS)))?;
        let reference = present(reference, Column::RefNumber)?;
        Ok(Some(CardFields { network, number, reference }))
    }
}

/// What is in the cell of `column`, which must not be empty.
fn present(text: Option<String>, column: Column) -> Result<String, Fault> {
    text.ok_or((column, Problem::Empty))
}
