//! The settlement report: what each merchant was paid, and where the rest went.
//!
//! The amounts are given, not computed: who pays a fee is a rule of the settlement and not of its
//! report.

use std::fmt::Write as _;
use std::io::{BufWriter, IntoInnerError, Write};

use chorsu_core::{Tiyin, UnixMillis};

use crate::day::Day;
use crate::error::ExportError;
use crate::format::TableFormat;
use crate::table::{Cell, Heading, Layout, Table};

const TITLE: &str = "Расчёты";
const HEADINGS: [Heading; 11] = [
    ("Продавец", 26),
    ("Наименование", 36),
    ("Оборот", 18),
    ("Комиссия", 16),
    ("Плата за перевод", 16),
    ("Доли, всего", 18),
    ("Доли", 50),
    ("К выплате", 18),
    ("Платёжное поручение", 38),
    ("Статус", 14),
    ("Дата выплаты", 14),
];

/// The head of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlementReport {
    /// The first business day.
    pub from: Day,
    /// The last business day, itself included.
    pub to: Day,
    /// When the file is made.
    pub created_at: UnixMillis,
}

/// A part of a merchant's money that went to somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// To whom.
    pub name: String,
    /// How much.
    pub amount: Tiyin,
}

/// One merchant of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementRow {
    /// The merchant's id.
    pub merchant_id: String,
    /// The merchant's name.
    pub merchant_name: String,
    /// What was collected for the merchant.
    pub gross: Tiyin,
    /// The commission on it.
    pub commission: Tiyin,
    /// The fee for the transfer.
    pub fee: Tiyin,
    /// What went to others.
    pub shares: Vec<Share>,
    /// What the merchant is paid.
    pub net: Tiyin,
    /// The order id of the payment order, once there is one.
    pub order_key: Option<String>,
    /// The state of the payment, in the words of the bank or our own.
    pub status: String,
    /// The bank day of the payment, once it is posted.
    pub paid_on: Option<Day>,
}

/// A settlement report that is being written.
pub struct SettlementFile<W: Write>(Table<BufWriter<W>>);

impl<W: Write + Send> SettlementFile<W> {
    /// Writes everything that comes before the first merchant.
    ///
    /// # Errors
    ///
    /// What the writer or the format refuses.
    pub fn begin(
        format: TableFormat,
        report: &SettlementReport,
        out: W,
    ) -> Result<Self, ExportError> {
        let preamble = [("С", Cell::Day(report.from)), ("По", Cell::Day(report.to))];
        let layout = Layout {
            title: TITLE,
            preamble: &preamble,
            headings: &HEADINGS,
            created_at: report.created_at,
        };
        Table::begin(format, &layout, BufWriter::new(out)).map(Self)
    }

    /// Writes one merchant.
    ///
    /// # Errors
    ///
    /// [`ExportError::AmountTooLarge`] when the shares do not add up to an amount; otherwise what
    /// the writer or the format refuses.
    pub fn row(&mut self, row: &SettlementRow) -> Result<(), ExportError> {
        let mut total = Tiyin::ZERO;
        let mut shares = String::new();
        for share in &row.shares {
            total = total.checked_add(share.amount).ok_or(ExportError::AmountTooLarge)?;
            let separator = if shares.is_empty() { "" } else { "; " };
            // Writing into a string cannot fail.
            let _ = write!(shares, "{separator}{}: {}", share.name, share.amount);
        }
        self.0.row(&[
            Cell::Text(&row.merchant_id),
            Cell::Text(&row.merchant_name),
            Cell::Sum(row.gross.get()),
            Cell::Sum(row.commission.get()),
            Cell::Sum(row.fee.get()),
            Cell::Sum(total.get()),
            Cell::Text(&shares),
            Cell::Sum(row.net.get()),
            Cell::Text(row.order_key.as_deref().unwrap_or_default()),
            Cell::Text(&row.status),
            row.paid_on.map_or(Cell::Empty, Cell::Day),
        ])
    }

    /// Writes what is left and gives the writer back.
    ///
    /// # Errors
    ///
    /// What the writer refuses.
    pub fn finish(self) -> Result<W, ExportError> {
        let out = self.0.finish()?;
        out.into_inner().map_err(IntoInnerError::into_error).map_err(ExportError::Write)
    }
}
