//! Payments from the first sheet of a workbook.
//!
//! A sheet keeps numbers as binary fractions: account numbers lose digits in them, and sums may
//! carry an error. So accounts have to be text, and a number is taken only if it is a decimal number
//! of at most 15 digits.

mod guard;

use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::IntoIter;

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};

use super::column::Column;
use super::draft::Draft;
use super::header::{Header, MAX_COLUMNS};
use super::problem::{BulkError, FileError, Problem, RowError};
use super::{BulkRow, MAX_ITEM_BYTES, MAX_ROWS};

pub use self::guard::MAX_SHEET_BYTES;

/// Every decimal number of so many digits can be had back from its binary fraction.
const EXACT_DIGITS: usize = 15;

type Row = Result<BulkRow, RowError>;

/// The payments of a sheet.
pub(crate) struct SheetRows {
    rows: IntoIter<Row>,
    ignored: Vec<String>,
}

impl SheetRows {
    /// Reads the whole sheet.
    pub(crate) fn open<R: Read + Seek>(mut source: R) -> Result<Self, FileError> {
        guard::check(&mut source)?;
        source.seek(SeekFrom::Start(0)).map_err(FileError::Read)?;
        // The library panics on some broken workbooks, which only their senders are to blame for.
        // It gets the source for itself, so nothing half done is left behind.
        catch_unwind(AssertUnwindSafe(|| read(source)))
            .unwrap_or_else(|_| Err(FileError::Workbook("the workbook is damaged".into())))
    }

    /// Headings without a meaning.
    pub(crate) fn ignored_columns(&self) -> &[String] {
        &self.ignored
    }

    /// The next payment.
    pub(crate) fn next(&mut self) -> Option<Result<BulkRow, BulkError>> {
        self.rows.next().map(|row| row.map_err(BulkError::from))
    }
}

/// Reads the first sheet of `source`.
fn read<R: Read + Seek>(source: R) -> Result<SheetRows, FileError> {
    let mut workbook = Xlsx::new(source).map_err(unreadable)?;
    let name = workbook.sheet_names().into_iter().next().ok_or(FileError::NoHeadings)?;
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut sheet = Sheet::default();
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        sheet.cell(row, column as usize, cell.get_value())?;
    }
    sheet.end()
}

fn unreadable(error: XlsxError) -> FileError {
    FileError::Workbook(Box::new(error))
}

/// A sheet whose cells come one after the other, row by row.
#[derive(Default)]
struct Sheet {
    header: Option<Header>,
    headings: Vec<String>,
    row: u32,
    draft: Draft,
    too_many_cells: bool,
    rows: Vec<Row>,
}

impl Sheet {
    /// One cell; rows are counted from 0 here.
    fn cell(&mut self, row: u32, place: usize, value: &DataRef<'_>) -> Result<(), FileError> {
        if row < self.row {
            return Err(FileError::Workbook("the rows are not in order".into()));
        }
        if row > self.row {
            self.end_row()?;
            self.row = row;
        }
        if matches!(value, DataRef::Empty) {
            return Ok(());
        }
        match &self.header {
            None => self.heading(place, value),
            Some(header) => match header.column(place) {
                Some(column) => fill(&mut self.draft, column, value),
                None => self.too_many_cells |= place >= header.width(),
            },
        }
        Ok(())
    }

    fn heading(&mut self, place: usize, value: &DataRef<'_>) {
        if place < MAX_COLUMNS {
            let width = self.headings.len().max(place + 1);
            self.headings.resize(width, String::new());
            self.headings[place] = text_of(value).unwrap_or_default().to_owned();
        }
    }

    /// What has been collected is a row, the first one of all the headings.
    fn end_row(&mut self) -> Result<(), FileError> {
        let draft = std::mem::take(&mut self.draft);
        let too_many_cells = std::mem::take(&mut self.too_many_cells);
        if self.header.is_none() {
            if self.headings.iter().any(|heading| !heading.trim().is_empty()) {
                self.header = Some(Header::parse(self.headings.iter().map(String::as_str))?);
            }
            return Ok(());
        }
        let row = u64::from(self.row) + 1;
        if too_many_cells {
            let problem = Problem::TooManyCells;
            self.rows.push(Err(RowError { row, column: None, problem }));
        } else if !draft.is_blank() {
            self.rows.push(draft.into_row(row));
        }
        if self.rows.len() as u64 > MAX_ROWS { Err(FileError::TooManyRows) } else { Ok(()) }
    }

    fn end(mut self) -> Result<SheetRows, FileError> {
        self.end_row()?;
        let header = self.header.ok_or(FileError::NoHeadings)?;
        Ok(SheetRows { rows: self.rows.into_iter(), ignored: header.ignored().to_vec() })
    }
}

/// Puts `value` into `draft`, as far as nothing of it has been lost in the sheet.
fn fill(draft: &mut Draft, column: Column, value: &DataRef<'_>) {
    let is_amount = matches!(
        column,
        Column::Amount | Column::AmountSum | Column::Commission | Column::CommissionSum
    );
    match value {
        DataRef::Float(number) => match exact(*number) {
            Some(text) => draft.set(column, text),
            None if is_amount => draft.refuse(column, Problem::NotExact),
            None => draft.refuse(column, Problem::NotText),
        },
        DataRef::Int(number) => draft.set(column, number.to_string()),
        DataRef::Bool(flag) if column == Column::Budget => {
            draft.set(column, if *flag { "yes" } else { "no" }.to_owned());
        }
        other => match text_of(other) {
            Some(text) if text.len() <= MAX_ITEM_BYTES => draft.set(column, text.to_owned()),
            Some(_) => draft.refuse(column, Problem::LongText),
            None => draft.refuse(column, Problem::NotText),
        },
    }
}

fn text_of<'a>(value: &'a DataRef<'_>) -> Option<&'a str> {
    match value {
        DataRef::String(text) => Some(text),
        DataRef::SharedString(text) => Some(text),
        _ => None,
    }
}

/// The decimal number that was typed, if it has so few digits that there is only one.
fn exact(number: f64) -> Option<String> {
    // The shortest decimal number with this binary fraction; it has no exponent.
    let text = number.to_string();
    let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit);
    (number.is_finite() && digits.count() <= EXACT_DIGITS).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_numbers_are_taken() {
        let cases = [
            (500.5, Some("500.5")),
            (0.05, Some("0.05")),
            (1e9, Some("1000000000")),
            (999_999_999_999_999.0, Some("999999999999999")),
            (0.1 + 0.2, None),
            (20_208_000_405_273_320_010.0, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (-1.0, Some("-1")),
        ];
        for (number, want) in cases {
            assert_eq!(exact(number).as_deref(), want);
        }
    }
}
