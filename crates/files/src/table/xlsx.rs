//! A table as a sheet of Office Open XML.
//!
//! Finished rows go to a temporary file of the library, so a long sheet needs no more memory than a
//! short one. The format keeps numbers as binary fractions. An amount is a number here only if it is
//! read back digit by digit the same; otherwise it is text.

use std::io::Write;

use chorsu_core::UnixMillis;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::{Cell, Layout};
use crate::error::ExportError;
use crate::line_text::{limited, one_line};
use crate::sums::in_sums;

/// Every decimal number of so many digits has a binary fraction that is read back the same.
const EXACT_DIGITS: usize = 15;
/// So many characters fit into a cell.
const LONGEST_TEXT: usize = 32_767;
const SUM_FORMAT: &str = "#,##0.00";
const DAY_FORMAT: &str = "dd.mm.yyyy";

/// A sheet that is being written.
pub(crate) struct XlsxTable<W> {
    workbook: Workbook,
    formats: Formats,
    next_row: u32,
    out: W,
}

struct Formats {
    heading: Format,
    sum: Format,
    day: Format,
}

impl<W: Write + Send> XlsxTable<W> {
    /// A sheet with its preamble and headings.
    pub(crate) fn begin(layout: &Layout<'_>, out: W) -> Result<Self, ExportError> {
        let formats = Formats {
            heading: Format::new().set_bold().set_align(FormatAlign::Left),
            sum: Format::new().set_num_format(SUM_FORMAT),
            day: Format::new().set_num_format(DAY_FORMAT),
        };
        let mut workbook = Workbook::new();
        workbook.set_properties(&properties(layout.created_at)?);
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(refused)?;
        sheet.set_name(layout.title).map_err(refused)?;
        for (column, (_, width)) in (0..).zip(layout.headings) {
            sheet.set_column_width(column, *width).map_err(refused)?;
        }
        let mut row = 0;
        for (name, value) in layout.preamble {
            sheet.write_string_with_format(row, 0, *name, &formats.heading).map_err(refused)?;
            write_cell(sheet, &formats, (row, 1), value).map_err(refused)?;
            row += 1;
        }
        // An empty row parts the preamble from the table.
        row += u32::from(!layout.preamble.is_empty());
        for (column, (name, _)) in (0..).zip(layout.headings) {
            sheet
                .write_string_with_format(row, column, *name, &formats.heading)
                .map_err(refused)?;
        }
        Ok(Self { workbook, formats, next_row: row + 1, out })
    }

    /// One row.
    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ExportError> {
        let sheet = self.workbook.worksheet_from_index(0).map_err(refused)?;
        for (column, cell) in (0..).zip(cells) {
            write_cell(sheet, &self.formats, (self.next_row, column), cell).map_err(refused)?;
        }
        self.next_row += 1;
        Ok(())
    }

    /// Writes the file and gives the writer back.
    pub(crate) fn finish(mut self) -> Result<W, ExportError> {
        self.workbook.save_to_writer(&mut self.out).map_err(refused)?;
        Ok(self.out)
    }
}

/// The moment of creation; without it the library would ask the machine's clock.
fn properties(created_at: UnixMillis) -> Result<DocProperties, ExportError> {
    let seconds = created_at.0.div_euclid(1_000);
    let created = ExcelDateTime::from_timestamp(seconds).map_err(refused)?;
    Ok(DocProperties::new().set_creation_datetime(&created))
}

fn write_cell(
    sheet: &mut Worksheet,
    formats: &Formats,
    place: (u32, u16),
    cell: &Cell<'_>,
) -> Result<(), XlsxError> {
    let (row, column) = place;
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            sheet.write_string(row, column, limited(&one_line(text), LONGEST_TEXT))?;
        }
        Cell::Sum(tiyin) => {
            let text = in_sums(*tiyin);
            match exact_number(&text) {
                Some(number) => {
                    sheet.write_number_with_format(row, column, number, &formats.sum)?
                }
                None => sheet.write_string(row, column, text)?,
            };
        }
        Cell::Day(day) => {
            match day.for_sheet() {
                Some((year, month, day)) => {
                    let date = ExcelDateTime::from_ymd(year, month, day)?;
                    sheet.write_datetime_with_format(row, column, date, &formats.day)?
                }
                None => sheet.write_string(row, column, day.dotted())?,
            };
        }
    }
    Ok(())
}

/// The binary fraction for a decimal number, if the decimal number can be had back from it.
fn exact_number(decimal: &str) -> Option<f64> {
    let digits = decimal.bytes().filter(u8::is_ascii_digit).count();
    if digits > EXACT_DIGITS { None } else { decimal.parse().ok() }
}

fn refused(error: XlsxError) -> ExportError {
    match error {
        XlsxError::RowColumnLimitError => ExportError::TooManyRows,
        XlsxError::IoError(error) => ExportError::Write(error),
        other => ExportError::Sheet(Box::new(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_or_text() {
        for text in ["0.00", "0.10", "-5000.05", "9999999999999.99"] {
            let number = exact_number(text).unwrap();
            assert_eq!(format!("{number:.2}"), text);
        }
        assert_eq!(exact_number("92233720368547758.07"), None);
    }
}
