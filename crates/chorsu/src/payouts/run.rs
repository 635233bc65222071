//! Paying the rows of a file on this server.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chorsu_core::bank::{BankCode, OrderKey, OrderKind};
use chorsu_core::{Document, PartnerId};
use chorsu_files::{BulkFormat, BulkRow, FileError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::report::{Record, Status};
use super::rows::{self, Row, Totals};
use crate::app::App;
use crate::bank::orders::{self, Asked, OrderFailure};
use crate::bank::service_book::Service;

/// Rows that are asked for at once: what comes together is written together.
const AT_ONCE: usize = 256;
/// Rows that are read ahead.
const AHEAD: usize = 1_024;
/// How often a row is asked for that the store had no room for.
const TRIES: u32 = 6;
const TRY_PAUSE: Duration = Duration::from_millis(100);

/// The kinds of orders that a partner may give.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rights {
    /// To accounts at banks.
    pub(crate) ordinary: bool,
    /// To the budget.
    pub(crate) budget: bool,
}

/// A file to be paid, and by whom.
#[derive(Clone)]
pub(crate) struct Job {
    /// The partner.
    pub(crate) partner: PartnerId,
    /// What it may order.
    pub(crate) rights: Rights,
    /// Its service.
    pub(crate) service: Arc<Service>,
    /// The file.
    pub(crate) file: Bytes,
    /// Only looked at, not paid.
    pub(crate) dry_run: bool,
}

impl Job {
    fn format(&self) -> BulkFormat {
        rows::sniff(&self.file)
    }

    /// Looks through the file.
    ///
    /// # Errors
    /// When it cannot be understood.
    pub(crate) async fn totals(&self) -> Result<Totals, FileError> {
        let job = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let mut totals = Totals::default();
            rows::scan(job.format(), Cursor::new(job.file.clone()), |row| {
                totals.add(&row);
                true
            })?;
            Ok(totals)
        });
        reading.await.unwrap_or(Err(FileError::Truncated))
    }

    /// Pays the rows, or looks at them; a record of each goes to `records`, in no order. It ends
    /// early when nobody reads them.
    ///
    /// # Errors
    /// When the file cannot be understood from some row on; those before it are paid.
    pub(crate) async fn run(
        self,
        app: &Arc<App>,
        records: &mpsc::Sender<Record>,
    ) -> Result<(), FileError> {
        let (sender, mut read) = mpsc::channel(AHEAD);
        let job = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            rows::scan(job.format(), Cursor::new(job.file.clone()), |row| {
                sender.blocking_send(row).is_ok()
            })
        });
        let mut working = JoinSet::new();
        while let Some(row) = read.recv().await {
            if working.len() == AT_ONCE && !pass_on(working.join_next().await, records).await {
                break;
            }
            let (app, job) = (app.clone(), self.clone());
            working.spawn(async move { job.row(&app, row).await });
        }
        drop(read);
        while let Some(done) = working.join_next().await {
            pass_on(Some(done), records).await;
        }
        reading.await.unwrap_or(Err(FileError::Truncated))
    }

    async fn row(&self, app: &App, row: Row) -> Record {
        match row {
            Row::Wrong(error) => Record {
                row: error.row,
                order_id: String::new(),
                amount: 0,
                status: Status::Invalid,
                code: 0,
                payment_status: String::new(),
                doc_id: String::new(),
                message: error.to_string(),
            },
            Row::Repeated { row, first } => {
                let message = rows::repeated(row.row, first);
                Record { message, ..record(&row, Status::Invalid) }
            }
            Row::Payment(row) => self.payment(app, &row).await,
        }
    }

    async fn payment(&self, app: &App, row: &BulkRow) -> Record {
        let account = &*self.service.settings.account;
        if row.payer_account.as_deref().is_some_and(|payer| payer != account) {
            let message = "the file pays from another account than the service's".to_owned();
            return Record { message, ..record(row, Status::Invalid) };
        }
        let may = match rows::kind(row) {
            OrderKind::Ordinary => self.rights.ordinary,
            OrderKind::Budget => self.rights.budget,
        };
        if !may {
            return refused(row, BankCode::AccessDenied);
        }
        if self.dry_run { self.look(app, row).await } else { self.pay(app, row).await }
    }

    /// Looks at a row as if it were paid.
    async fn look(&self, app: &App, row: &BulkRow) -> Record {
        let draft = rows::draft(row, self.service.settings.id.0);
        let (kind, cards) = (rows::kind(row), self.service.settings.cards);
        if let Err(code) = draft.check(kind, cards, &*app.bank.directory()) {
            return refused(row, code);
        }
        match self.find(app, row).await {
            Ok(None) => record(row, Status::Valid),
            Ok(Some(known)) => shown(row, Status::Known, &known, "the number was used before"),
            Err(code) => Record { code: code.number(), ..record(row, Status::Unknown) },
        }
    }

    async fn find(&self, app: &App, row: &BulkRow) -> Result<Option<Document>, BankCode> {
        let key = OrderKey::parse(&row.order_key).ok_or(BankCode::FieldMissing)?;
        orders::find(app, self.partner, &key).await
    }

    /// Pays a row. When it is not clear what happened, the order is looked for, and only one that
    /// is not there is asked for again.
    async fn pay(&self, app: &App, row: &BulkRow) -> Record {
        let draft = rows::draft(row, self.service.settings.id.0);
        let mut tries = 1;
        loop {
            let asked = Asked {
                partner: self.partner,
                kind: rows::kind(row),
                at: app.clock.now(),
                is_keyed: true,
            };
            let code = match orders::order(app, asked, &draft).await {
                Ok(accepted) => return shown(row, Status::Accepted, &accepted.document, ""),
                Err(OrderFailure::Underfunded) => {
                    let message = "not enough money on the service".to_owned();
                    return Record { message, ..refused(row, BankCode::FieldMissing) };
                }
                Err(OrderFailure::Code(code)) => code,
            };
            match code {
                BankCode::SystemError | BankCode::CriticalError => {
                    if let Ok(Some(known)) = self.find(app, row).await {
                        let words = "the number was used for another order";
                        return shown(row, Status::Known, &known, words);
                    }
                }
                BankCode::DateBeforeOperatingDay => {}
                code if tries == 1 => return refused(row, code),
                // An earlier try may have been accepted, whatever this one is told.
                code => match self.find(app, row).await {
                    Ok(None) => return refused(row, code),
                    Ok(Some(known)) => {
                        return shown(row, Status::Known, &known, "the number was used before");
                    }
                    Err(_) => {}
                },
            }
            if tries == TRIES {
                return Record { code: code.number(), ..record(row, Status::Unknown) };
            }
            tokio::time::sleep(TRY_PAUSE * tries).await;
            tries += 1;
        }
    }
}

/// Gives a record to whoever reads them; false when nobody does.
async fn pass_on(
    done: Option<Result<Record, tokio::task::JoinError>>,
    records: &mpsc::Sender<Record>,
) -> bool {
    match done {
        Some(Ok(record)) => records.send(record).await.is_ok(),
        Some(Err(error)) => {
            tracing::error!(%error, "paying a row broke off");
            true
        }
        None => true,
    }
}

/// A record about a row that nothing else is known of.
pub(super) fn record(row: &BulkRow, status: Status) -> Record {
    Record {
        row: row.row,
        order_id: row.order_key.clone(),
        amount: row.amount.get(),
        status,
        code: 0,
        payment_status: String::new(),
        doc_id: String::new(),
        message: String::new(),
    }
}

fn refused(row: &BulkRow, code: BankCode) -> Record {
    let message = chorsu_api::bank::message(code).to_owned();
    Record { code: code.number(), message, ..record(row, Status::Refused) }
}

fn shown(row: &BulkRow, status: Status, document: &Document, words: &str) -> Record {
    let order = document.order();
    Record {
        payment_status: order.map(|order| order.state.word().to_owned()).unwrap_or_default(),
        doc_id: order.map(|order| order.doc_id.to_string()).unwrap_or_default(),
        message: words.to_owned(),
        ..record(row, status)
    }
}
