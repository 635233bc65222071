//! What became of each row: as a line of CSV or of JSON, written as it becomes known and read again
//! by an import that goes on.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// The bank has the order.
    Accepted,
    /// It could be accepted; nothing was asked for.
    Valid,
    /// The bank has an order of this number already and does not say that it is this one.
    Known,
    /// The bank refuses the order; nothing was created.
    Refused,
    /// The row cannot be asked for.
    Invalid,
    /// It is not known yet what became of it. An import that goes on asks again.
    Unknown,
}

impl Status {
    /// The word in files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Valid => "valid",
            Self::Known => "known",
            Self::Refused => "refused",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
        }
    }

    const fn is_done(self) -> bool {
        matches!(self, Self::Accepted)
    }
}

/// A line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The row of the file.
    pub(crate) row: u64,
    /// Its order number, when it could be read.
    #[serde(default)]
    pub(crate) order_id: String,
    /// Its amount in tiyin.
    #[serde(default)]
    pub(crate) amount: i64,
    /// What became of it.
    pub(crate) status: Status,
    /// The code of the bank API, 0 when there is none.
    #[serde(default)]
    pub(crate) code: u16,
    /// `Введен`, `Проведен` or `Удален`, as the bank said last.
    #[serde(default)]
    pub(crate) payment_status: String,
    /// The number the bank knows it by.
    #[serde(default)]
    pub(crate) doc_id: String,
    /// More, for people.
    #[serde(default)]
    pub(crate) message: String,
}

const HEADINGS: &str = "row,order_id,amount,status,code,payment_status,doc_id,message";
const COLUMNS: usize = 8;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// A heading and a line of CSV each.
    Csv,
    /// A JSON object on a line each.
    Json,
}

impl Style {
    /// The style of a file of this name: CSV unless it ends in json, jsonl or ndjson.
    pub(crate) fn of(path: &Path) -> Self {
        let extension = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "json" | "jsonl" | "ndjson" => Self::Json,
            _ => Self::Csv,
        }
    }
}

impl Record {
    /// The record as a line with its end.
    pub(crate) fn line(&self, style: Style) -> String {
        let mut line = match style {
            // Texts and numbers can always be written.
            Style::Json => serde_json::to_string(self).unwrap_or_default(),
            Style::Csv => [
                &*self.row.to_string(),
                &*quoted(&self.order_id),
                &*self.amount.to_string(),
                self.status.name(),
                &*self.code.to_string(),
                &*quoted(&self.payment_status),
                &*quoted(&self.doc_id),
                &*quoted(&self.message),
            ]
            .join(","),
        };
        line.push('\n');
        line
    }

    /// The record of a line; `None` when it is none.
    fn read(line: &str, style: Style) -> Option<Self> {
        if style == Style::Json {
            return serde_json::from_str(line).ok();
        }
        let cells = cells(line);
        let [row, order_id, amount, status, code, payment_status, doc_id, message] =
            <[String; COLUMNS]>::try_from(cells).ok()?;
        let status = serde_json::from_value(serde_json::Value::String(status)).ok()?;
        let (row, amount, code) = (row.parse().ok()?, amount.parse().ok()?, code.parse().ok()?);
        Some(Self { row, order_id, amount, status, code, payment_status, doc_id, message })
    }
}

/// A cell of CSV. Line breaks in it become spaces: a record is one line, so that a torn one is
/// found.
fn quoted(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if flat.contains([',', '"', ';']) { format!("\"{}\"", flat.replace('"', "\"\"")) } else { flat }
}

/// The cells of a line written by [`quoted`].
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let Some(cell) = cells.last_mut() else { break };
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    cells
}

/// A report that grows in a file.
pub(crate) struct ReportFile {
    file: File,
    style: Style,
    /// The last record of each row that was reported before.
    known: HashMap<u64, Record>,
}

impl ReportFile {
    /// Opens a report, new or begun by an import that ended early. A line that was cut off is
    /// removed.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is something else.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let style = Style::of(path);
        let place = || format!("the report {}", path.display());
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(place)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).with_context(place)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(u64::try_from(whole)?).with_context(place)?;
        file.seek(SeekFrom::End(0)).with_context(place)?;
        text.truncate(whole);
        let text = String::from_utf8(text).with_context(place)?;
        let mut known = HashMap::new();
        let mut lines = text.lines();
        if style == Style::Csv {
            match lines.next() {
                None => writeln!(file, "{HEADINGS}").with_context(place)?,
                Some(first) => ensure!(first == HEADINGS, "{} is not a report", path.display()),
            }
        }
        for line in lines {
            let record = Record::read(line, style)
                .with_context(|| format!("{} has a line that is no record", path.display()))?;
            known.insert(record.row, record);
        }
        Ok(Self { file, style, known })
    }

    /// Whether a row needs nothing any more.
    ///
    /// # Errors
    /// When the report is about another row: it belongs to another file then.
    pub(crate) fn is_done(&self, row: u64, order_id: &str, amount: i64) -> anyhow::Result<bool> {
        let Some(known) = self.known.get(&row) else { return Ok(false) };
        ensure!(
            known.order_id == order_id && known.amount == amount,
            "row {row} of the report is about another order: it belongs to another file; name \
             another report with --report"
        );
        Ok(known.status.is_done())
    }

    /// Adds a record; it is with the system when this returns.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn add(&mut self, record: &Record) -> io::Result<()> {
        self.file.write_all(record.line(self.style).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(row: u64, message: &str) -> Record {
        Record {
            row,
            order_id: "a;\"b\",c".to_owned(),
            amount: i64::MAX,
            status: Status::Refused,
            code: 1013,
            payment_status: "Введен".to_owned(),
            doc_id: String::new(),
            message: message.to_owned(),
        }
    }

    #[test]
    fn a_record_is_one_line_and_comes_back() {
        for style in [Style::Csv, Style::Json] {
            let record = record(7, "счёт, \"не найден\"");
            let line = record.line(style);
            assert_eq!(line.matches('\n').count(), 1);
            assert_eq!(Record::read(line.trim_end(), style), Some(record));
        }
        assert_eq!(record(1, "a\r\nb").line(Style::Csv).matches(['\r', '\n']).count(), 1);
        assert_eq!(Record::read("1,2", Style::Csv), None);
    }

    #[test]
    fn a_report_goes_on_after_a_torn_line() {
        let path = std::env::temp_dir().join(format!("chorsu-report-{}", std::process::id()));
        for style in ["csv", "json"] {
            let path = path.with_extension(style);
            let accepted = Record { status: Status::Accepted, ..record(2, "") };
            ReportFile::open(&path).unwrap().add(&accepted).unwrap();
            let mut file = OpenOptions::new().append(true).open(&path).unwrap();
            file.write_all(b"3,half a li").unwrap();
            let mut report = ReportFile::open(&path).unwrap();
            assert!(report.is_done(2, &accepted.order_id, i64::MAX).unwrap());
            assert!(!report.is_done(3, "x", 1).unwrap());
            assert!(report.is_done(2, "another", i64::MAX).is_err());
            report.add(&record(3, "late")).unwrap();
            let report = ReportFile::open(&path).unwrap();
            assert_eq!(report.known.len(), 2, "{style}");
            std::fs::remove_file(&path).unwrap();
        }
    }
}
