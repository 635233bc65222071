//! Which order is which outgoing line of a bank's statement. Lines do not name orders, so an order is
//! led to a line of the same sum, receiver's account and purpose; of several, the first to the first.
//!
//! | what is found | what is done |
//! |---|---|
//! | a line and a posted order | the order keeps the line's number; neither is looked for again |
//! | a line, and an order that may still be posted | nothing yet |
//! | a line and no order, for three days | it goes to suspense, or to the network it was paid to |
//! | a posted order and no line, for three days | it is told of, as a difference |

use std::collections::{BTreeMap, HashMap};

use chorsu_connectors::bank::StatementEntry;
use chorsu_core::bank::{BankDay, Direction, OrderState};
use chorsu_core::command::bank::BankCommand;
use chorsu_core::order::{Incoming, PaymentOrder, StatementLine};
use chorsu_core::{Account, Command, Document, DocumentKind, Reply, ServiceId, Tiyin, UnixMillis};
use chorsu_store::{StatementRange, SubmitError};

use super::Upstream;
use super::statement::{Cursor, NotRead, Origin, book, reference_of};
use crate::app::App;
use crate::bank::parties::Parties;
use crate::bank::requisites;
use crate::bank::service_book::Service;

/// Lines that wait for their order at most; what is more is found by the next reading of the days.
pub(super) const LINES_MAX: usize = 20_000;
/// How many days the bank's day and ours may be apart, and how long a line may wait for its order.
const DAYS: i32 = 3;
/// Rows read at once.
const PAGE: u32 = 1_000;
/// Pages of waiting orders that are looked through before a line goes to suspense.
const WAITING_PAGES: u32 = 50;

/// Outgoing lines whose orders are not known yet.
#[derive(Default)]
pub(super) struct Unmatched {
    lines: BTreeMap<i64, StatementEntry>,
}

/// What a line and an order have in common: the sum and the receiver's account.
type Common = (Tiyin, String);

impl Unmatched {
    /// Keeps a line until its order is found.
    pub(super) fn add(&mut self, entry: &StatementEntry) {
        if self.lines.len() < LINES_MAX {
            self.lines.insert(entry.id, entry.clone());
        }
    }

    /// Leads lines and posted orders to one another. Up to which line of ours every order has its
    /// line now.
    ///
    /// # Errors
    /// When the store fails; what was found is kept.
    pub(super) async fn compare(
        &mut self,
        app: &App,
        upstream: &Upstream,
        service: &Service,
        cursor: &Cursor,
    ) -> Result<i64, NotRead> {
        let today = BankDay::of(app.clock.now());
        let mut wanted: HashMap<Common, Vec<i64>> = HashMap::new();
        for (id, entry) in &self.lines {
            let common = (entry.amount, entry.receiver.account.clone());
            wanted.entry(common).or_default().push(*id);
        }
        let mut compared = cursor.compared;
        let mut is_whole = true;
        let mut after = compared;
        loop {
            let page = app.store.statement(range(service.settings.id, after, cursor)).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for line in page {
                let parties = Parties::from_json(&line.parties).unwrap_or_default();
                if parties.is_aside {
                    // What an order costs is on the bank's statement as the bank likes, if at all:
                    // its line is led to ours where there is one, not ours to it.
                    if is_whole {
                        compared = line.id;
                    }
                    continue;
                }
                let common = (line.amount, parties.receiver.account.to_string());
                let candidates = wanted.get_mut(&common).filter(|lines| !lines.is_empty());
                if candidates.is_none() && !is_whole {
                    continue;
                }
                let place = candidates.as_ref().and_then(|ids| self.fitting(ids, &parties.purpose));
                let is_done = match self.look(app, &line, candidates.zip(place)).await? {
                    Found::Done => true,
                    Found::Nothing if is_whole => given_up(app, &line, today, cursor.first),
                    Found::Nothing => false,
                };
                is_whole &= is_done;
                if is_whole {
                    compared = line.id;
                }
            }
        }
        self.give_up(app, upstream, service, today).await?;
        Ok(compared)
    }

    /// Which of these lines has this purpose; banks put codes before it.
    fn fitting(&self, ids: &[i64], purpose: &str) -> Option<usize> {
        let purpose = plain(purpose);
        let said = |id: &i64| self.lines.get(id).map_or_else(String::new, |e| plain(&e.purpose));
        let same = ids.iter().position(|id| said(id) == purpose);
        same.or_else(|| ids.iter().position(|id| said(id).contains(&purpose)))
    }

    /// Looks at the order of one of our lines, and leads it to the bank's line at a place among
    /// candidates.
    async fn look(
        &mut self,
        app: &App,
        line: &StatementLine,
        found: Option<(&mut Vec<i64>, usize)>,
    ) -> Result<Found, NotRead> {
        let order = match app.store.document(line.document).await? {
            Some(Document::Order(order)) if is_open(&order, line) => order,
            _ => return Ok(Found::Done),
        };
        let Some((candidates, place)) = found else { return Ok(Found::Nothing) };
        let number = candidates.remove(place);
        let Some(entry) = self.lines.remove(&number) else { return Ok(Found::Nothing) };
        let key = Incoming::key(order.service, &reference_of(&entry)).into();
        let explain = BankCommand::Match { id: order.id, lines: (line.id, number), key };
        match app.store.submit(Command::Bank(explain)).await {
            Ok(Reply::Document(_)) => Ok(Found::Done),
            Ok(_) => Err(SubmitError::Failed.into()),
            Err(error) => {
                self.lines.insert(number, entry);
                Err(error.into())
            }
        }
    }

    /// Books lines that have waited for long enough.
    async fn give_up(
        &mut self,
        app: &App,
        upstream: &Upstream,
        service: &Service,
        today: BankDay,
    ) -> Result<(), NotRead> {
        let old: Vec<i64> = self
            .lines
            .values()
            .filter(|entry| entry.day.plus(DAYS) <= today)
            .map(|entry| entry.id)
            .collect();
        if old.is_empty() {
            return Ok(());
        }
        let waiting = waiting(app, service.settings.id).await?;
        for id in old {
            let Some(entry) = self.lines.get(&id) else { continue };
            let common = (entry.amount, entry.receiver.account.clone());
            if waiting.contains(&common) {
                tracing::error!(
                    service = %service.settings.id, line = id,
                    "the bank's statement has a payment whose order the bank has not ended"
                );
                continue;
            }
            let account = upstream.settings.payers.get(&entry.receiver.account);
            let reason = "the bank has paid it, and no order of ours has";
            let origin = Origin {
                account: account.copied().unwrap_or(Account::Suspense),
                reason: account.is_none().then_some(reason),
                beside: None,
            };
            book(app, service, entry, origin).await?;
            if account.is_none() {
                app.metrics.bank_difference();
                let amount = entry.amount.get();
                tracing::error!(
                    service = %service.settings.id, line = id, amount, purpose = entry.purpose,
                    "the bank's statement has a payment without an order: it is in suspense"
                );
            }
            self.lines.remove(&id);
        }
        Ok(())
    }
}

/// Whether a line is one of a posted order and was not found at the bank yet.
fn is_open(order: &PaymentOrder, line: &StatementLine) -> bool {
    order.state == OrderState::Posted && order.bank_lines.iter().all(|(ours, _)| *ours != line.id)
}

/// What became of one of our lines.
enum Found {
    /// Its order has its line at the bank.
    Done,
    /// Not yet.
    Nothing,
}

fn range(service: ServiceId, after: i64, cursor: &Cursor) -> StatementRange {
    StatementRange {
        service,
        after,
        // The bank's day and ours may differ by one.
        from_day: i64::from(cursor.first.number()) - 1,
        to_day: i64::MAX,
        direction: Some(Direction::Outgoing),
        limit: PAGE,
    }
}

/// Whether an order is waited for no longer; that is told of once.
fn given_up(app: &App, line: &StatementLine, today: BankDay, first: BankDay) -> bool {
    let is_old = line.bank_day + i64::from(DAYS) <= i64::from(today.number());
    if is_old && line.bank_day >= i64::from(first.number()) {
        app.metrics.bank_difference();
        tracing::error!(
            service = %line.service, line = line.id, order = %line.document,
            amount = line.amount.get(),
            "the bank has told that it carried an order out, but its statement does not have it"
        );
    }
    is_old
}

/// What orders of a service would be on the bank's statement as, whose end is not known.
async fn waiting(app: &App, service: ServiceId) -> Result<Vec<Common>, NotRead> {
    let mut found = Vec::new();
    let mut after = None;
    for _ in 0..WAITING_PAGES {
        let page =
            app.store.due_documents(DocumentKind::Order, UnixMillis(i64::MAX), after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.envelope().due_at.map(|due_at| (due_at, last.id()));
        let orders = page.iter().filter_map(Document::order);
        found.extend(orders.filter(|order| order.service == service).filter_map(common_of));
    }
    Ok(found)
}

fn common_of(order: &PaymentOrder) -> Option<Common> {
    let said = requisites::from_json(&order.requisites)?;
    Some((order.amount, said.document_receiver().account.as_str().to_owned()))
}

/// A purpose as it is compared: without spaces, which banks change.
fn plain(purpose: &str) -> String {
    purpose.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use chorsu_connectors::bank::Side;
    use chorsu_core::bank::{Direction as Way, OrderState};

    use super::*;

    pub(in super::super) fn entry(id: i64, purpose: &str) -> StatementEntry {
        let side = || Side {
            mfo: "00401".to_owned(),
            account: "20208000905123456001".to_owned(),
            name: "Test".to_owned(),
            tax_id: None,
        };
        StatementEntry {
            id,
            number: id.to_string(),
            at: UnixMillis(1_700_000_000_000),
            day: BankDay::of(UnixMillis(1_700_000_000_000)),
            direction: Way::Outgoing,
            payer: side(),
            receiver: side(),
            amount: Tiyin::new(100).unwrap(),
            purpose: purpose.to_owned(),
            status: OrderState::Posted,
        }
    }

    #[test]
    fn the_same_purpose_goes_before_one_with_a_code_in_front() {
        let mut unmatched = Unmatched::default();
        for entry in [entry(5, "00668 rent for  May"), entry(6, "rent for May"), entry(7, "x")] {
            unmatched.add(&entry);
        }
        let place = |purpose| unmatched.fitting(&[5, 6, 7], purpose);
        assert_eq!(place("rent for May"), Some(1));
        assert_eq!(place("for May"), Some(0));
        assert_eq!(place("rent for June"), None);
    }
}
