//! Reading the statements of the banks behind our services: what came in is booked, what went out is
//! led back to the order that paid it, or that it was taken for, and what nobody can explain goes to
//! suspense.
//!
//! Each line is about one document, which is found under the line's number: to read a line again
//! changes nothing. So all processes of a database may read, and now and then the last ten days are
//! read once more, because banks add and change lines later.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chorsu_connectors::bank::{BankError, StatementEntry, StatementQuery, last_id};
use chorsu_core::bank::{self, BankDay, Direction, OrderState};
use chorsu_core::command::bank::BankCommand;
use chorsu_core::movement::Movement;
use chorsu_core::order::Incoming;
use chorsu_core::{Account, Command, Document, DocumentId, Reply};
use chorsu_store::{StoreError, SubmitError};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Upstream;
use super::commission::Commissions;
use super::look::text;
use super::matching::Unmatched;
use crate::app::App;
use crate::bank::incoming::receive;
use crate::bank::parties::{Parties, Side};
use crate::bank::service_book::Service;
use crate::ids;

/// How many days are read again.
const REREAD_DAYS: i32 = 10;
/// How often they are.
const REREAD_EVERY: Duration = Duration::from_secs(60 * 60);
/// Pages read in one go; the next look goes on where this one ended.
const PAGES_MAX: u32 = 1_000;

/// Why a statement was not read to its end. It is read again.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotRead {
    #[error("the bank has not shown its statement: {}", text(.0))]
    Bank(#[from] BankError),
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("a line was not booked: {0}")]
    Submit(#[from] SubmitError),
}

/// Reads the statements of all banks until `stop` changes.
pub(crate) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut reading = JoinSet::new();
    for upstream in &app.bank.upstreams.0 {
        reading.spawn(follow(app.clone(), upstream.clone()));
    }
    // Whatever it is doing, the next start does it again.
    let _ = stop.changed().await;
    reading.shutdown().await;
}

/// Reads the statements of one bank, again and again.
async fn follow(app: Arc<App>, upstream: Arc<Upstream>) {
    let every = Duration::from_secs(upstream.settings.statement_every_seconds);
    let mut accounts: Vec<Reader> =
        upstream.settings.services.values().map(|theirs| Reader::new(*theirs)).collect();
    loop {
        let mut pause = every;
        for (ours, reader) in upstream.settings.services.keys().zip(&mut accounts) {
            let services = app.bank.services();
            let Some(service) = services.get(*ours) else { continue };
            // The money of another account would be booked.
            if upstream.is_silent() || upstream.unfit(*ours).is_some() {
                continue;
            }
            match reader.look(&app, &upstream, service).await {
                Ok(Round::Done) => {}
                Ok(Round::Full) => pause = Duration::ZERO,
                Err(error) => {
                    tracing::warn!(service = %ours, %error, "a statement was not read to its end");
                }
            }
        }
        tokio::time::sleep(pause).await;
    }
}

/// Up to where a service's statement was read and compared; it is kept as a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The first day that is read at all.
    pub(super) first: BankDay,
    /// The largest number of a line that was read.
    last: i64,
    /// That line's day.
    day: BankDay,
    /// Up to this line of ours, every order was found in the bank's statement.
    pub(super) compared: i64,
}

impl Cursor {
    fn from_text(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let first = BankDay::parse(words.next()?)?;
        let last = words.next()?.parse().ok()?;
        let day = BankDay::parse(words.next()?)?;
        Some(Self { first, last, day, compared: words.next()?.parse().ok()? })
    }

    fn to_text(self) -> String {
        format!("{} {} {} {}", self.first, self.last, self.day, self.compared)
    }
}

/// Whether there may be more to read at once.
enum Round {
    Full,
    Done,
}

/// Reads the statement of one service.
struct Reader {
    theirs: bank::ServiceNumber,
    /// How far the last days are read once more, while they are.
    reread: Option<i64>,
    reread_at: Instant,
    unmatched: Unmatched,
    commissions: Commissions,
}

impl Reader {
    fn new(theirs: bank::ServiceNumber) -> Self {
        Self {
            theirs,
            reread: Some(0),
            reread_at: Instant::now(),
            unmatched: Unmatched::default(),
            commissions: Commissions::default(),
        }
    }

    /// Reads what is new, or now and then all of the last days; then compares.
    async fn look(
        &mut self,
        app: &App,
        upstream: &Upstream,
        service: &Service,
    ) -> Result<Round, NotRead> {
        // The number of the other service is in it: a statement of another service begins anew.
        let setting = format!("bank_statement:{}:{}", service.settings.id, self.theirs);
        let today = BankDay::of(app.clock.now());
        let mut cursor = begin(app, upstream, &setting, today).await?;
        if self.reread_at <= Instant::now() {
            self.reread.get_or_insert(0);
        }
        let mut round = Round::Full;
        for _ in 0..PAGES_MAX {
            let asked = self.reread.unwrap_or(cursor.last);
            let query = StatementQuery {
                service: self.theirs,
                direction: None,
                last_id: asked,
                from: cursor.day.plus(-REREAD_DAYS).max(cursor.first),
                to: today.plus(1),
            };
            let page = upstream.heard(upstream.link.statement(&query).await)?;
            self.page(app, upstream, service, &page).await?;
            let Some(last) = last_id(&page, asked) else {
                round = Round::Done;
                if self.reread.take().is_some() {
                    self.reread_at = Instant::now() + REREAD_EVERY;
                }
                break;
            };
            if let Some(place) = &mut self.reread {
                *place = last;
            }
            if last > cursor.last {
                let day = page.iter().filter(|entry| entry.id == last).map(|entry| entry.day);
                cursor.day = day.max().unwrap_or(cursor.day).max(cursor.day);
                cursor.last = last;
                app.store.put_setting(&setting, cursor.to_text()).await?;
            }
        }
        self.commissions.settle(app, service, &mut self.unmatched).await?;
        let compared = self.unmatched.compare(app, upstream, service, &cursor).await?;
        if compared != cursor.compared {
            cursor.compared = compared;
            app.store.put_setting(&setting, cursor.to_text()).await?;
        }
        Ok(round)
    }

    /// Books what is new on a page.
    async fn page(
        &mut self,
        app: &App,
        upstream: &Upstream,
        service: &Service,
        page: &[StatementEntry],
    ) -> Result<(), NotRead> {
        for entry in page.iter().filter(|entry| entry.status == OrderState::Posted) {
            let key = Incoming::key(service.settings.id, &reference_of(entry));
            match app.store.document_by_key(key).await? {
                Some(known) => compare_known(app, service, entry, &known),
                None if entry.direction == Direction::Outgoing => {
                    if !self.commissions.add(upstream, entry) {
                        self.unmatched.add(entry);
                    }
                }
                None => come_in(app, upstream, service, entry).await?,
            }
        }
        Ok(())
    }
}

/// The cursor as it was kept, or a new one.
async fn begin(
    app: &App,
    upstream: &Upstream,
    setting: &str,
    today: BankDay,
) -> Result<Cursor, StoreError> {
    let stored = app.store.setting(setting).await?;
    if let Some(cursor) = stored.as_deref().and_then(Cursor::from_text) {
        return Ok(cursor);
    }
    let first = upstream.settings.statement_from.unwrap_or(today);
    let cursor = Cursor { first, last: 0, day: first, compared: 0 };
    // From when it is read must not move with the days.
    app.store.put_setting(setting, cursor.to_text()).await?;
    Ok(cursor)
}

/// The number under which a line's document is found.
pub(super) fn reference_of(entry: &StatementEntry) -> String {
    format!("upstream:{}", entry.id)
}

/// A line that was booked before must still say the same.
fn compare_known(app: &App, service: &Service, entry: &StatementEntry, known: &Document) {
    if known.envelope().amount != entry.amount {
        app.metrics.bank_difference();
        tracing::error!(
            service = %service.settings.id, line = entry.id, document = %known.id(),
            booked = known.envelope().amount.get(), now = entry.amount.get(),
            "the bank has changed a line that was booked"
        );
    }
}

/// Books money that came in: for the service, or for the network or wallet that owed it. What a
/// network pays was given to the service when the merchant was settled.
async fn come_in(
    app: &App,
    upstream: &Upstream,
    service: &Service,
    entry: &StatementEntry,
) -> Result<(), NotRead> {
    if let Some(account) = upstream.settings.payers.get(&entry.payer.account) {
        let origin = Origin { account: *account, reason: None, beside: None };
        return book(app, service, entry, origin).await;
    }
    let settings = &service.settings;
    let incoming = Incoming {
        id: ids::document(app.clock.now()),
        reference: reference_of(entry).into(),
        service: settings.id,
        partner: settings.partner,
        amount: entry.amount,
        at: entry.at,
        bank_day: i64::from(entry.day.number()),
        number: entry.number.parse().unwrap_or(entry.id),
        parties: parties(entry).to_json(),
    };
    receive(app, incoming).await?;
    Ok(())
}

/// Where the money of a line that is no partner's came from or went.
pub(super) struct Origin<'a> {
    /// The account.
    pub(super) account: Account,
    /// What a person should know about it.
    pub(super) reason: Option<&'a str>,
    /// The order that has a line about the same, and the numbers of both, ours and the bank's.
    pub(super) beside: Option<(DocumentId, (i64, i64))>,
}

/// Books a line that is no partner's.
pub(super) async fn book(
    app: &App,
    service: &Service,
    entry: &StatementEntry,
    origin: Origin<'_>,
) -> Result<(), NotRead> {
    let Origin { account, reason, beside } = origin;
    let movement = Movement {
        id: ids::document(app.clock.now()),
        reference: reference_of(entry).into(),
        service: service.settings.id,
        partner: service.settings.partner,
        direction: entry.direction,
        account,
        amount: entry.amount,
        at: entry.at,
        bank_day: i64::from(entry.day.number()),
        parties: parties(entry).to_json(),
        reason: reason.map(Into::into),
    };
    let key = Incoming::key(movement.service, &movement.reference).into();
    let book = BankCommand::Move { movement: Box::new(movement), key, beside };
    match app.store.submit(Command::Bank(book)).await? {
        Reply::Document(_) => Ok(()),
        _ => Err(SubmitError::Failed.into()),
    }
}

fn parties(entry: &StatementEntry) -> Parties<'_> {
    Parties {
        payer: side(&entry.payer),
        receiver: side(&entry.receiver),
        purpose: (&*entry.purpose).into(),
        ..Parties::default()
    }
}

fn side(side: &chorsu_connectors::bank::Side) -> Side<'_> {
    Side {
        mfo: (&*side.mfo).into(),
        account: (&*side.account).into(),
        name: (&*side.name).into(),
        inn: side.tax_id.as_deref().unwrap_or_default().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let day = |text| BankDay::parse(text).unwrap();
        let cursor = Cursor {
            first: day("2026-11-01"),
            last: 2_111_291_793,
            day: day("2026-11-20"),
            compared: 7,
        };
        assert_eq!(cursor.to_text(), "2026-11-01 2111291793 2026-11-20 7");
        assert_eq!(Cursor::from_text(&cursor.to_text()), Some(cursor));
        for bad in ["", "2026-11-01", "2026-11-01 1 2026-11-20", "x 1 2026-11-20 7"] {
            assert_eq!(Cursor::from_text(bad), None, "{bad}");
        }
    }
}
