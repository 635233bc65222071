//! Bulk payments from files: CSV, XLSX and pain.001, read row by row.
//!
//! A file gives payments or sentences about what is wrong, and never a guess: a sum is read by its
//! digits, a unit that is not said is refused, a row that is not understood is an error of that row.
//! Whether a payment is allowed, known already or payable is not asked here.
//!
//! CSV and pain.001 need memory for one row. A sheet is read whole, within [`MAX_SHEET_BYTES`].

mod column;
mod csv_rows;
mod draft;
mod header;
mod pain001;
mod problem;
mod sheet;

use std::io::{Read, Seek};

use chorsu_core::{Network, Pan, Tiyin};

pub use self::column::Column;
pub use self::problem::{BulkError, FileError, Problem, RowError};
pub use self::sheet::MAX_SHEET_BYTES;

use self::csv_rows::CsvRows;
use self::pain001::Pain001Rows;
use self::sheet::SheetRows;

/// Most payments in one file.
pub const MAX_ROWS: u64 = 1_000_000;
/// Most bytes of one CSV row, and of one tag or text of a pain.001.
pub const MAX_ITEM_BYTES: usize = 64 * 1024;
/// Most characters of a name or a purpose.
pub const MAX_TEXT_CHARS: usize = 1_024;
/// Most characters of an order id.
pub const MAX_ORDER_KEY_CHARS: usize = 64;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BulkFormat {
    /// Text with `;`, `,` or tabs between the cells, in UTF-8 or windows-1251.
    Csv,
    /// The first sheet of an Office Open XML workbook.
    Xlsx,
    /// ISO 20022 pain.001, any version.
    Pain001,
}

impl BulkFormat {
    /// The format of a file called `name`, by its extension: csv, txt, xlsx, xlsm or xml.
    #[must_use]
    pub fn of_file_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "csv" | "txt" => Some(Self::Csv),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            "xml" => Some(Self::Pain001),
            _ => None,
        }
    }
}

/// The card from which the money of a payment came ("payments by requisites, payment").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardFields {
    /// `UZCARD` or `HUMO`.
    pub network: Network,
    /// The whole number, 16 digits; it hides itself when printed.
    pub number: Pan,
    /// The card network's reference.
    pub reference: String,
}

/// One payment of a bulk file. Its fields have the shapes that the bank API documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRow {
    /// Where it is in the file: the row as a spreadsheet counts (the headings of a CSV are row 1,
    /// its blank lines do not count), or the number of the transaction in a pain.001. Rises through
    /// the file.
    pub row: u64,
    /// The order id: no spaces, 1 to 64 characters. Whether it is unique is not looked at.
    pub order_key: String,
    /// The receiver's name; may be empty for a payment to the budget.
    pub receiver_name: String,
    /// The receiver's bank, 5 digits; empty for a payment to the budget that names none.
    pub mfo: String,
    /// The receiver's account: 20 digits, or up to 27 for a payment to the budget.
    pub account: String,
    /// The receiver's taxpayer number, 9 digits.
    pub inn: Option<String>,
    /// How much, without commission; more than nothing.
    pub amount: Tiyin,
    /// The commission.
    pub commission: Tiyin,
    /// What for.
    pub purpose: String,
    /// The purpose code, 5 digits.
    pub purpose_code: Option<String>,
    /// Whether it is a payment to the budget; it then has `inn` and `purpose_code`.
    pub budget: bool,
    /// The card, all three fields or none.
    pub card: Option<CardFields>,
    /// The payer's account, where the file names one (pain.001).
    pub payer_account: Option<String>,
}

/// The payments of a file, one after the other. After a [`BulkError::File`] nothing follows.
pub struct BulkRows<R> {
    rows: Rows<R>,
    found: u64,
    over: bool,
}

enum Rows<R> {
    Csv(Box<CsvRows<R>>),
    Sheet(SheetRows),
    Pain001(Box<Pain001Rows<R>>),
}

impl<R: Read + Seek> BulkRows<R> {
    /// The payments that `reader` holds from its beginning.
    ///
    /// # Errors
    ///
    /// When the file as a whole cannot be understood: another format, no headings, headings that
    /// are missing or do not say their unit, an encoding that is not supported.
    pub fn open(format: BulkFormat, reader: R) -> Result<Self, FileError> {
        let rows = match format {
            BulkFormat::Csv => Rows::Csv(Box::new(CsvRows::open(reader)?)),
            BulkFormat::Xlsx => Rows::Sheet(SheetRows::open(reader)?),
            BulkFormat::Pain001 => Rows::Pain001(Box::new(Pain001Rows::open(reader)?)),
        };
        Ok(Self { rows, found: 0, over: false })
    }

    /// Headings that mean nothing here and are passed over, to be shown to whoever sent the file.
    #[must_use]
    pub fn ignored_columns(&self) -> &[String] {
        match &self.rows {
            Rows::Csv(rows) => rows.ignored_columns(),
            Rows::Sheet(rows) => rows.ignored_columns(),
            Rows::Pain001(_) => &[],
        }
    }
}

impl<R: Read + Seek> Iterator for BulkRows<R> {
    type Item = Result<BulkRow, BulkError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let mut next = match &mut self.rows {
            Rows::Csv(rows) => rows.next(),
            Rows::Sheet(rows) => rows.next(),
            Rows::Pain001(rows) => rows.next(),
        };
        self.found += 1;
        if next.is_some() && self.found > MAX_ROWS {
            next = Some(Err(BulkError::File(FileError::TooManyRows)));
        }
        self.over = matches!(next, None | Some(Err(BulkError::File(_))));
        next
    }
}
