//! One face over all formats of a statement: begin, a line at a time, finish.

use std::io::{BufWriter, IntoInnerError, Write};

use crate::camt053::Camt053;
use crate::error::{ExportError, SourceError};
use crate::format::{StatementFormat, TableFormat};
use crate::one_c::OneC;
use crate::statement::{Line, Statement, Tally};
use crate::statement_table::StatementTable;

/// A statement that is being written. Dropped without [`Self::finish`], it leaves half a file.
pub struct StatementFile<W: Write> {
    tally: Tally,
    body: Body<W>,
}

enum Body<W: Write> {
    OneC(OneC, BufWriter<W>),
    Camt053(Box<Camt053<BufWriter<W>>>),
    Table(Box<StatementTable<BufWriter<W>>>),
}

impl<W: Write + Send> StatementFile<W> {
    /// Writes everything that comes before the first line.
    ///
    /// # Errors
    ///
    /// [`ExportError::Balances`] before the first byte when `head` contradicts itself; otherwise
    /// what the writer or the format refuses.
    pub fn begin(format: StatementFormat, head: &Statement, out: W) -> Result<Self, ExportError> {
        let tally = Tally::begin(head)?;
        let mut out = BufWriter::new(out);
        let body = match format {
            StatementFormat::OneC(encoding) => {
                let file = OneC::new(encoding);
                file.head(&mut out, head)?;
                Body::OneC(file, out)
            }
            StatementFormat::Camt053 => Body::Camt053(Box::new(Camt053::begin(out, head)?)),
            StatementFormat::Csv(style) => {
                let file = StatementTable::begin(TableFormat::Csv(style), head, out)?;
                Body::Table(Box::new(file))
            }
            StatementFormat::Xlsx => {
                let file = StatementTable::begin(TableFormat::Xlsx, head, out)?;
                Body::Table(Box::new(file))
            }
        };
        Ok(Self { tally, body })
    }

    /// Writes one line. Memory does not grow with the number of lines.
    ///
    /// # Errors
    ///
    /// What the writer or the format refuses.
    pub fn line(&mut self, line: &Line) -> Result<(), ExportError> {
        self.tally.add(line)?;
        match &mut self.body {
            Body::OneC(file, out) => file.line(out, line),
            Body::Camt053(file) => file.line(line),
            Body::Table(file) => file.line(line),
        }
    }

    /// Writes the end of the file and gives the writer back.
    ///
    /// # Errors
    ///
    /// [`ExportError::Totals`] when the lines were not what the head promised: then the file has no
    /// end, so that nobody takes it for whole. Otherwise what the writer refuses.
    pub fn finish(self) -> Result<W, ExportError> {
        self.tally.end()?;
        let out = match self.body {
            Body::OneC(file, mut out) => {
                file.end(&mut out)?;
                out
            }
            Body::Camt053(file) => file.finish()?,
            Body::Table(file) => file.finish()?,
        };
        out.into_inner().map_err(IntoInnerError::into_error).map_err(ExportError::Write)
    }
}

/// Writes a whole statement: `head`, then `lines` one after the other, to `out`.
///
/// # Errors
///
/// [`ExportError::Source`] with the cause when `lines` fail; otherwise as [`StatementFile`].
pub fn write_statement<W: Write + Send>(
    format: StatementFormat,
    head: &Statement,
    lines: impl IntoIterator<Item = Result<Line, SourceError>>,
    out: W,
) -> Result<W, ExportError> {
    let mut file = StatementFile::begin(format, head, out)?;
    for line in lines {
        file.line(&line.map_err(ExportError::Source)?)?;
    }
    file.finish()
}
