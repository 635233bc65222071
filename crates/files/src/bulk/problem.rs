//! What can be wrong with a bulk file, in plain sentences.
//!
//! No sentence repeats what a cell holds: it could be the number of a card.

use std::io;

use super::column::Column;
use super::{MAX_ITEM_BYTES, MAX_ORDER_KEY_CHARS, MAX_ROWS, MAX_TEXT_CHARS};

/// What is wrong with one cell or one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Problem {
    /// Nothing is written where something must be.
    #[error("it is empty")]
    Empty,
    /// Not the digits that are asked for.
    #[error("it must be {0} digits")]
    Digits(usize),
    /// Not a taxpayer number.
    #[error("it must be 9 digits, or 14 digits of a person")]
    TaxNumber,
    /// Not an account.
    #[error("it must be 20 digits, or 27 digits for a payment to the budget")]
    Account,
    /// The flag says no, the account says yes.
    #[error("an account of 27 digits belongs to the budget")]
    BudgetAccount,
    /// Tiyin with something else than digits.
    #[error("an amount in tiyin is written with digits only")]
    NotWhole,
    /// Sums with something else than digits and a separator.
    #[error("an amount in sums is written with digits, and at most two more after a dot")]
    NotSums,
    /// More than two decimals.
    #[error("an amount in sums has at most two decimals")]
    TooManyDecimals,
    /// More than any account can hold.
    #[error("the amount is too large")]
    TooMuch,
    /// No money.
    #[error("the amount must be more than zero")]
    Zero,
    /// Filled in tiyin and in sums.
    #[error("the amount is given twice, in tiyin and in sums")]
    Twice,
    /// Another currency.
    #[error("the currency must be UZS")]
    Currency,
    /// An amount given as the equivalent of another.
    #[error("an equivalent amount cannot be paid, only an instructed amount")]
    Equivalent,
    /// An IBAN.
    #[error("accounts in Uzbekistan have no IBAN, the account goes into Othr/Id")]
    Iban,
    /// A cheque, a direct debit.
    #[error("only transfers can be paid (PmtMtd TRF)")]
    Method,
    /// White space in an order id.
    #[error("it must not contain spaces")]
    Spaces,
    /// A line break, or worse.
    #[error("it contains characters that cannot be printed")]
    Unprintable,
    /// A name or a purpose beyond the limit.
    #[error("it is longer than {MAX_TEXT_CHARS} characters")]
    LongText,
    /// An order id beyond the limit.
    #[error("it is longer than {MAX_ORDER_KEY_CHARS} characters")]
    LongKey,
    /// Not a yes and not a no.
    #[error("it must be yes or no")]
    YesNo,
    /// Not a card network.
    #[error("it must be UZCARD or HUMO")]
    Network,
    /// A number, a date or a formula's error in the place of text.
    #[error("the cell must be formatted as text")]
    NotText,
    /// A binary fraction that is no decimal number.
    #[error("the number is not exact, round it or format the cell as text")]
    NotExact,
    /// Cells beyond the last heading.
    #[error("the row has more cells than there are headings")]
    TooManyCells,
}

/// A row that cannot be paid as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}{}: {problem}", place(*column))]
pub struct RowError {
    /// The row, counted as in `BulkRow::row`.
    pub row: u64,
    /// The column, unless it is the whole row.
    pub column: Option<Column>,
    /// What is wrong.
    pub problem: Problem,
}

fn place(column: Option<Column>) -> String {
    column.map_or_else(String::new, |column| format!(", {}", column.name()))
}

/// Why a file cannot be read at all, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The reader failed.
    #[error("the file could not be read")]
    Read(#[source] io::Error),
    /// There is nothing in it.
    #[error("the file has no headings")]
    NoHeadings,
    /// UTF-16, or UTF-8 that is none.
    #[error("the file must be in UTF-8 or windows-1251")]
    Encoding,
    /// Headings that are needed and not there.
    #[error("the file lacks columns: {0}")]
    MissingColumns(String),
    /// Two columns for one thing.
    #[error("the file has two columns for {}", .0.name())]
    TwoColumns(Column),
    /// A heading of an amount that does not say its unit.
    #[error("the heading \"{0}\" must say whether it counts sums or tiyin")]
    UnitNotSaid(String),
    /// One item of the file never ends.
    #[error("one row or tag of the file is longer than {MAX_ITEM_BYTES} bytes")]
    TooLong,
    /// More than anybody pays at once.
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// Larger unpacked than a sheet of payments can be.
    #[error("the workbook is too large")]
    WorkbookTooLarge,
    /// Not a workbook.
    #[error("the workbook cannot be read")]
    Workbook(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Not XML.
    #[error("the file is not well-formed XML near byte {position}")]
    Xml {
        /// Where the parser stopped.
        position: u64,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// XML, but something else.
    #[error("the file is not a pain.001")]
    NotPain001,
    /// A document type definition, or an entity that only one could define.
    #[error("the file must not define or use entities")]
    Entities,
    /// Elements in elements in elements.
    #[error("the elements of the file are nested too deeply")]
    TooDeep,
    /// The end is missing.
    #[error("the file ends in the middle")]
    Truncated,
    /// The head of a pain.001 promised another number of payments.
    #[error("the file says that it has {0} payments, but it has {1}")]
    Count(String, u64),
    /// The head of a pain.001 promised another total.
    #[error("the payments of the file do not add up to its control sum")]
    ControlSum,
}

/// What an iterator of payments gives in the place of a payment.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// This row is wrong; others follow.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The file is wrong; nothing follows.
    #[error(transparent)]
    File(#[from] FileError),
}
