//! The headings of a table of payments: which cell means what.

use super::column::{Column, of_heading};
use super::problem::FileError;

/// Most columns that are looked at; a sheet can have 16,384.
pub(crate) const MAX_COLUMNS: usize = 256;
/// Most headings without a meaning that are told of.
const MAX_IGNORED: usize = 32;

/// The meaning of each column of a file.
#[derive(Debug)]
pub(crate) struct Header {
    columns: Vec<Option<Column>>,
    ignored: Vec<String>,
}

impl Header {
    /// The header in `cells`. Whether there is enough to pay by is asked here, once for all rows.
    pub(crate) fn parse<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Self, FileError> {
        let mut header = Self { columns: Vec::new(), ignored: Vec::new() };
        for cell in cells.take(MAX_COLUMNS) {
            let column = of_heading(cell)?;
            match column {
                Some(column) if header.has(column) => return Err(FileError::TwoColumns(column)),
                Some(_) => {}
                None if cell.trim().is_empty() || header.ignored.len() == MAX_IGNORED => {}
                None => header.ignored.push(cell.trim().to_owned()),
            }
            header.columns.push(column);
        }
        header.complete()
    }

    /// What the column at `place` means.
    pub(crate) fn column(&self, place: usize) -> Option<Column> {
        self.columns.get(place).copied().flatten()
    }

    /// How many columns there are, with or without a meaning.
    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// Headings without a meaning.
    pub(crate) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    fn has(&self, column: Column) -> bool {
        self.columns.contains(&Some(column))
    }

    /// Refuses a header without the columns that no payment can do without. Name and bank of the
    /// receiver are not among them: a file of payments to the budget has neither.
    fn complete(self) -> Result<Self, FileError> {
        if self.columns.iter().all(Option::is_none) {
            return Err(FileError::NoHeadings);
        }
        let mut missing: Vec<&str> = [Column::OrderKey, Column::Account, Column::Purpose]
            .into_iter()
            .filter(|column| !self.has(*column))
            .map(Column::name)
            .collect();
        if !self.has(Column::Amount) && !self.has(Column::AmountSum) {
            missing.push("amount or amount_sum");
        }
        if missing.is_empty() {
            Ok(self)
        } else {
            Err(FileError::MissingColumns(missing.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(cells: &[&str]) -> Result<Header, FileError> {
        Header::parse(cells.iter().copied())
    }

    #[test]
    fn a_header_says_what_it_lacks() {
        let cases: [(&[&str], &str); 4] = [
            (&["order_id", "account"], "the file lacks columns: purpose, amount or amount_sum"),
            (&["one", "two"], "the file has no headings"),
            (&["mfo", "МФО"], "the file has two columns for mfo"),
            (&["Сумма"], "the heading \"сумма\" must say whether it counts sums or tiyin"),
        ];
        for (cells, want) in cases {
            assert_eq!(parse(cells).unwrap_err().to_string(), want);
        }
    }

    #[test]
    fn other_columns_may_stand_between() {
        let header =
            parse(&["№", "order_id", "", "account", "purpose", "amount", "Комментарий"]).unwrap();
        assert_eq!(header.ignored(), ["№", "Комментарий"]);
        assert_eq!(header.column(1), Some(Column::OrderKey));
        assert_eq!(header.column(2), None);
        assert_eq!(header.column(99), None);
        assert_eq!(header.width(), 7);
    }
}
