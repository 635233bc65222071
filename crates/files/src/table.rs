//! Tables as CSV or as a sheet: what statements and settlement reports have in common.

mod csv;
mod xlsx;

use std::io::Write;

use chorsu_core::UnixMillis;

use crate::day::Day;
use crate::error::ExportError;
use crate::format::TableFormat;

use self::csv::CsvTable;
use self::xlsx::XlsxTable;

/// A column: its name, and its width on a sheet in characters.
pub(crate) type Heading = (&'static str, u16);

/// What a cell holds.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Text; never a formula.
    Text(&'a str),
    /// An amount in tiyin, shown in sums.
    Sum(i64),
    /// A day.
    Day(Day),
}

/// What is the same for every row.
pub(crate) struct Layout<'a> {
    /// The name of the sheet.
    pub(crate) title: &'static str,
    /// Lines above the table, as pairs; a sheet has them, CSV does not.
    pub(crate) preamble: &'a [(&'static str, Cell<'a>)],
    /// The columns.
    pub(crate) headings: &'static [Heading],
    /// When the file is made.
    pub(crate) created_at: UnixMillis,
}

/// A table that is being written.
pub(crate) enum Table<W: Write> {
    Csv(Box<CsvTable<W>>),
    Xlsx(Box<XlsxTable<W>>),
}

impl<W: Write + Send> Table<W> {
    /// A table with its headings.
    pub(crate) fn begin(
        format: TableFormat,
        layout: &Layout<'_>,
        out: W,
    ) -> Result<Self, ExportError> {
        Ok(match format {
            TableFormat::Csv(style) => Self::Csv(Box::new(CsvTable::begin(style, layout, out)?)),
            TableFormat::Xlsx => Self::Xlsx(Box::new(XlsxTable::begin(layout, out)?)),
        })
    }

    /// One row, with as many cells as there are headings.
    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ExportError> {
        match self {
            Self::Csv(table) => table.row(cells),
            Self::Xlsx(table) => table.row(cells),
        }
    }

    /// Writes what is left and gives the writer back.
    pub(crate) fn finish(self) -> Result<W, ExportError> {
        match self {
            Self::Csv(table) => table.finish(),
            Self::Xlsx(table) => table.finish(),
        }
    }
}
