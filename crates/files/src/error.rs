//! Why a file could not be written.

use std::io;

/// What a source of lines may fail with; it is passed on as the cause.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Why an export stopped. What has been written until then is not a whole file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The writer refused bytes.
    #[error("the file could not be written")]
    Write(#[source] io::Error),
    /// The caller's own iterator failed.
    #[error("the lines could not be read")]
    Source(#[source] SourceError),
    /// Opening balance, totals and closing balance of a statement contradict one another.
    #[error("opening balance plus incoming minus outgoing is not the closing balance")]
    Balances,
    /// The lines of a statement do not add up to the totals that its head promised.
    #[error("the lines do not add up to the totals of the statement")]
    Totals,
    /// There is no statement, or the format is a table, which is of one account.
    #[error("this format cannot hold these statements")]
    Nothing,
    /// An amount has more digits than the format can hold.
    #[error("an amount does not fit into this format")]
    AmountTooLarge,
    /// A sheet holds 1,048,576 rows and no more.
    #[error("there are more rows than a sheet can hold")]
    TooManyRows,
    /// The sheet could not be built.
    #[error("the sheet could not be built")]
    Sheet(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        Self::Write(error.into())
    }
}
