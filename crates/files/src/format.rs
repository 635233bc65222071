//! The formats in which files leave, with their names, extensions and media types.

/// How the text of a 1CClientBankExchange file is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OneCEncoding {
    /// windows-1251, which every version of 1C reads.
    Windows1251,
    /// UTF-8 without a byte order mark; keeps the Uzbek letters that windows-1251 lacks.
    Utf8,
}

/// The two kinds of CSV that are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CsvStyle {
    /// `;` between cells, a comma in amounts, a byte order mark: opens by a double click in a
    /// spreadsheet whose language is Russian or Uzbek.
    People,
    /// `,` between cells, a dot in amounts, no byte order mark (RFC 4180).
    Programs,
}

/// A format of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatementFormat {
    /// 1CClientBankExchange 1.03.
    OneC(OneCEncoding),
    /// A table as text.
    Csv(CsvStyle),
    /// A sheet of Office Open XML.
    Xlsx,
    /// ISO 20022 camt.053.001.02.
    Camt053,
}

/// A format of a settlement report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableFormat {
    /// A table as text.
    Csv(CsvStyle),
    /// A sheet of Office Open XML.
    Xlsx,
}

/// One row of the tables below: format, name in queries, extension, media type.
type Known<F> = (F, &'static str, &'static str, &'static str);

const XLSX_MEDIA: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const STATEMENTS: [Known<StatementFormat>; 6] = [
    (
        StatementFormat::OneC(OneCEncoding::Windows1251),
        "1c",
        "txt",
        "text/plain; charset=windows-1251",
    ),
    (StatementFormat::OneC(OneCEncoding::Utf8), "1c-utf8", "txt", "text/plain; charset=utf-8"),
    (StatementFormat::Csv(CsvStyle::People), "csv", "csv", "text/csv; charset=utf-8"),
    (StatementFormat::Csv(CsvStyle::Programs), "csv-plain", "csv", "text/csv; charset=utf-8"),
    (StatementFormat::Xlsx, "xlsx", "xlsx", XLSX_MEDIA),
    (StatementFormat::Camt053, "camt053", "xml", "application/xml"),
];

const TABLES: [Known<TableFormat>; 3] = [
    (TableFormat::Csv(CsvStyle::People), "csv", "csv", "text/csv; charset=utf-8"),
    (TableFormat::Csv(CsvStyle::Programs), "csv-plain", "csv", "text/csv; charset=utf-8"),
    (TableFormat::Xlsx, "xlsx", "xlsx", XLSX_MEDIA),
];

/// The row of `format`; every format has one, which a test proves.
fn known<F: Copy + PartialEq>(table: &[Known<F>], format: F) -> Known<F> {
    *table.iter().find(|row| row.0 == format).unwrap_or(&table[0])
}

/// The format called `name`.
fn named<F: Copy>(table: &[Known<F>], name: &str) -> Option<F> {
    table.iter().find(|row| row.1 == name).map(|row| row.0)
}

impl StatementFormat {
    /// Every format, in the order in which they are listed to people.
    pub const ALL: [Self; 6] = [
        STATEMENTS[0].0,
        STATEMENTS[1].0,
        STATEMENTS[2].0,
        STATEMENTS[3].0,
        STATEMENTS[4].0,
        STATEMENTS[5].0,
    ];

    /// The name used in queries and commands: `1c`, `1c-utf8`, `csv`, `csv-plain`, `xlsx`,
    /// `camt053`.
    #[must_use]
    pub fn name(self) -> &'static str {
        known(&STATEMENTS, self).1
    }

    /// The format called `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        named(&STATEMENTS, name)
    }

    /// The extension of its files, without a dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        known(&STATEMENTS, self).2
    }

    /// The media type for `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        known(&STATEMENTS, self).3
    }
}

impl TableFormat {
    /// The name used in queries and commands: `csv`, `csv-plain`, `xlsx`.
    #[must_use]
    pub fn name(self) -> &'static str {
        known(&TABLES, self).1
    }

    /// The format called `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        named(&TABLES, name)
    }

    /// The extension of its files, without a dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        known(&TABLES, self).2
    }

    /// The media type for `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        known(&TABLES, self).3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in StatementFormat::ALL {
            assert_eq!(StatementFormat::from_name(format.name()), Some(format));
        }
        for format in [
            TableFormat::Csv(CsvStyle::People),
            TableFormat::Csv(CsvStyle::Programs),
            TableFormat::Xlsx,
        ] {
            assert_eq!(TableFormat::from_name(format.name()), Some(format));
        }
        assert_eq!(StatementFormat::from_name("pdf"), None);
    }
}
