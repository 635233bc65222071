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
                file.head(&mut out, std::slice::from_ref(head))?;
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

/// Writes statements of several accounts into one file, each with its lines. Formats of programs
/// can hold them; a table is of one account.
///
/// # Errors
///
/// [`ExportError::Nothing`] without a statement or for a table; otherwise as [`StatementFile`].
pub fn write_statements<W: Write>(
    format: StatementFormat,
    statements: &[(Statement, Vec<Line>)],
    out: W,
) -> Result<W, ExportError> {
    for (head, lines) in statements {
        let mut tally = Tally::begin(head)?;
        lines.iter().try_for_each(|line| tally.add(line))?;
        tally.end()?;
    }
    let mut out = BufWriter::new(out);
    let out = match (format, statements) {
        (_, []) | (StatementFormat::Csv(_) | StatementFormat::Xlsx, _) => {
            return Err(ExportError::Nothing);
        }
        (StatementFormat::OneC(encoding), _) => {
            let file = OneC::new(encoding);
            let heads: Vec<Statement> = statements.iter().map(|(head, _)| head.clone()).collect();
            file.head(&mut out, &heads)?;
            let mut lines = statements.iter().flat_map(|(_, lines)| lines);
            lines.try_for_each(|line| file.line(&mut out, line))?;
            file.end(&mut out)?;
            out
        }
        (StatementFormat::Camt053, [(head, lines), rest @ ..]) => {
            let mut file = Camt053::begin(out, head)?;
            lines.iter().try_for_each(|line| file.line(line))?;
            for (head, lines) in rest {
                file.next(head)?;
                lines.iter().try_for_each(|line| file.line(line))?;
            }
            file.finish()?
        }
    };
    out.into_inner().map_err(IntoInnerError::into_error).map_err(ExportError::Write)
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
