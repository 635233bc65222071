//! A table as CSV, safe to open in a spreadsheet.

use std::borrow::Cow;
use std::io::Write;

use csv::{Terminator, Writer, WriterBuilder};

use super::{Cell, Layout};
use crate::error::ExportError;
use crate::format::CsvStyle;
use crate::line_text::one_line;
use crate::sums::in_sums;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// A cell that begins with one of these is taken for a formula by spreadsheets; a purpose text
/// comes from strangers.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A CSV file that is being written.
pub(crate) struct CsvTable<W: Write> {
    writer: Writer<W>,
    style: CsvStyle,
}

impl<W: Write> CsvTable<W> {
    /// A file with its headings.
    pub(crate) fn begin(
        style: CsvStyle,
        layout: &Layout<'_>,
        mut out: W,
    ) -> Result<Self, ExportError> {
        let delimiter = match style {
            CsvStyle::People => {
                out.write_all(BYTE_ORDER_MARK)?;
                b';'
            }
            CsvStyle::Programs => b',',
        };
        let mut writer =
            WriterBuilder::new().delimiter(delimiter).terminator(Terminator::CRLF).from_writer(out);
        writer.write_record(layout.headings.iter().map(|(name, _)| *name))?;
        Ok(Self { writer, style })
    }

    /// One row.
    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ExportError> {
        for cell in cells {
            let text = self.text(cell);
            self.writer.write_field(text.as_bytes())?;
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Writes what is left and gives the writer back.
    pub(crate) fn finish(self) -> Result<W, ExportError> {
        self.writer.into_inner().map_err(|error| ExportError::Write(error.into_error()))
    }

    fn text<'a>(&self, cell: &Cell<'a>) -> Cow<'a, str> {
        match cell {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) => guarded(text),
            Cell::Sum(tiyin) => Cow::Owned(match self.style {
                CsvStyle::People => in_sums(*tiyin).replace('.', ","),
                CsvStyle::Programs => in_sums(*tiyin),
            }),
            Cell::Day(day) => Cow::Owned(match self.style {
                CsvStyle::People => day.dotted(),
                CsvStyle::Programs => day.iso(),
            }),
        }
    }
}

/// `text` on one line, and with an apostrophe in front when a spreadsheet would calculate it.
fn guarded(text: &str) -> Cow<'_, str> {
    let line = one_line(text);
    if line.starts_with(FORMULA_STARTS) { Cow::Owned(format!("'{line}")) } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("+998", "'+998"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'=1"),
            ("за товар = 5", "за товар = 5"),
            ("", ""),
        ];
        for (text, want) in cases {
            assert_eq!(guarded(text), want);
        }
    }
}
