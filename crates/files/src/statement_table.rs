//! A statement as a table, in the columns that accountants of Uzbekistan know from their banks.

use std::io::Write;

use crate::error::ExportError;
use crate::format::TableFormat;
use crate::statement::{Direction, Line, Statement};
use crate::table::{Cell, Heading, Layout, Table};

const TITLE: &str = "Выписка";
const HEADINGS: [Heading; 9] = [
    ("Дата", 11),
    ("Номер документа", 17),
    ("Дебет", 18),
    ("Кредит", 18),
    ("Счёт контрагента", 24),
    ("ИНН контрагента", 16),
    ("Контрагент", 36),
    ("МФО", 8),
    ("Назначение платежа", 70),
];

/// A statement that is being written as a table.
pub(crate) struct StatementTable<W: Write>(Table<W>);

impl<W: Write + Send> StatementTable<W> {
    /// The table with its headings.
    pub(crate) fn begin(
        format: TableFormat,
        head: &Statement,
        out: W,
    ) -> Result<Self, ExportError> {
        let preamble = [
            ("Счёт", Cell::Text(&head.account)),
            ("МФО", Cell::Text(&head.mfo)),
            ("Владелец", Cell::Text(&head.owner_name)),
            ("ИНН", Cell::Text(head.owner_inn.as_deref().unwrap_or_default())),
            ("С", Cell::Day(head.from)),
            ("По", Cell::Day(head.to)),
            ("Остаток на начало", Cell::Sum(head.opening_tiyin)),
            ("Поступило", Cell::Sum(head.incoming.get())),
            ("Списано", Cell::Sum(head.outgoing.get())),
            ("Остаток на конец", Cell::Sum(head.closing_tiyin)),
        ];
        let layout = Layout {
            title: TITLE,
            preamble: &preamble,
            headings: &HEADINGS,
            created_at: head.created_at,
        };
        Table::begin(format, &layout, out).map(Self)
    }

    /// One row. From the bank's side of the books, what leaves an account is its debit.
    pub(crate) fn line(&mut self, line: &Line) -> Result<(), ExportError> {
        let amount = Cell::Sum(line.amount.get());
        let (debit, credit) = match line.direction {
            Direction::Outgoing => (amount, Cell::Empty),
            Direction::Incoming => (Cell::Empty, amount),
        };
        let other = line.counterparty();
        self.0.row(&[
            Cell::Day(line.bank_day),
            Cell::Text(&line.number),
            debit,
            credit,
            Cell::Text(&other.account),
            Cell::Text(other.inn.as_deref().unwrap_or_default()),
            Cell::Text(&other.name),
            Cell::Text(&other.mfo),
            Cell::Text(&line.purpose),
        ])
    }

    /// Writes what is left and gives the writer back.
    pub(crate) fn finish(self) -> Result<W, ExportError> {
        self.0.finish()
    }
}
