//! Orders that another bank carries out, through the connector.
//!
//! | what the journal says | what is done |
//! |---|---|
//! | nothing was ever sent | "sent" is written, then the order is sent |
//! | sent, outcome unknown | the bank is asked; only when it knows no such order, it is sent again |
//! | refused, but sent before | the bank is asked; only when it knows no such order, it is deleted |
//! | accepted | the bank is asked until it says `Проведен` or `Удален`; never sent again |
//!
//! "No such order" is believed only some time after the last sending: a request whose answer nobody
//! waits for any more may still arrive.
//!
//! Every look begins by taking the order: its next look is put off in the store, with a mark of
//! who took it. So two processes do not send at once, and a dead one is followed by another.

use std::time::Duration;

use chorsu_connectors::Effect;
use chorsu_connectors::bank::{
    BankError, BankRefusal, OrderShown, StatusAnswer, Submit, SubmitAnswer, next_poll,
};
use chorsu_core::bank::{self, BankCode, OrderKey, OrderState, OrderSum};
use chorsu_core::command::bank::BankCommand;
use chorsu_core::order::PaymentOrder;
use chorsu_core::{Command, Document, Reply, UnixMillis};

use super::Upstream;
use super::journal::{Known, Note};
use crate::app::App;
use crate::bank::service_book::Service;
use crate::bank::{clearing, real_now, requisites};
use crate::ids;
use crate::sandbox::pause;

/// How long one look may take: two calls and what is between them. When a process dies, another
/// takes over after this time.
const LEASE_MS: i64 = 35_000;
/// The pause when the schedule of questions has ended: nothing is forgotten, a person has to look.
const LATE: Duration = Duration::from_secs(60 * 60);
/// The pause after a refusal that is not the order's fault: settings have to be changed, or the
/// bank's day has to begin.
const HELD_UP: Duration = Duration::from_secs(60);
/// The shortest pause.
const SOON: Duration = Duration::from_secs(1);
/// A look counts twice: when it begins and when it ends.
const LOOK: u32 = 2;

/// How a look at an order ended.
enum Next {
    /// Look again after a pause.
    Later(Note, Duration),
    /// The bank has carried it out; its number there.
    Posted(String),
    /// It was not carried out and never will be.
    Deleted(String),
}

/// Looks after one order that is due. Whatever happens, the order is left due again or ended.
pub(in crate::bank) async fn look_after(app: &App, service: &Service, order: &PaymentOrder) {
    let Some(upstream) = &service.upstream else { return };
    let now = real_now();
    let before = Note::read(order.reason.as_deref(), now);
    let journal = match before.known {
        Known::Fresh => Known::Sent(now),
        // It may be sent again within this look.
        Known::Sent(at) if upstream.believes(at, now) => Known::Sent(now),
        ref other => other.clone(),
    };
    let Some(order) = take(app, order, journal).await else { return };
    pause::at(app, "bank.order_taken").await;
    let next = match Look::new(upstream, &order, now) {
        Some(look) => look.run(before.known).await,
        None => Next::Later(Note::new(before.known, "the stored order cannot be read"), LATE),
    };
    pause::at(app, "bank.order_answered").await;
    let is_end = !matches!(next, Next::Later(..));
    let written = match next {
        Next::Posted(doc_id) => clearing::post(app, service, &order, Some(&doc_id)).await,
        Next::Deleted(reason) => clearing::delete(app, &order, &reason).await,
        Next::Later(note, pause) => {
            wait_for(app, &order, &note, pause);
            let note = Some(note.to_string());
            defer(app, &order, order.tries + 1, pause_ms(pause), note).await.map(drop)
        }
    };
    if written.is_none() {
        // It is due again when its time is over, and the bank is asked anew.
        tracing::warn!(order = %order.id, "what the bank said was not written down");
    } else if is_end {
        pause::at(app, "bank.order_ended").await;
    }
}

/// Says that an order waits; loudly when it has waited for so long that a person has to look.
fn wait_for(app: &App, order: &PaymentOrder, note: &Note, pause: Duration) {
    if pause < LATE {
        tracing::info!(order = %order.id, %note, "an order waits at its bank");
        return;
    }
    app.metrics.order_late();
    let (key, amount) = (&order.order_key, order.amount);
    tracing::error!(
        order = %order.id, %key, %amount, %note,
        "the bank has not said for a day what became of an order: see `chorsu order list --late`"
    );
}

/// Takes an order for one look: nobody else looks after it meanwhile. What is written says that a
/// request may leave, when one may.
async fn take(app: &App, order: &PaymentOrder, journal: Known) -> Option<PaymentOrder> {
    let mut mark = [0; 4];
    ids::fill(&mut mark);
    let mark = format!("look {:08x}", u32::from_be_bytes(mark));
    let note = Note::new(journal, mark).to_string();
    let taken = defer(app, order, order.tries + 1, LEASE_MS, Some(note.clone())).await?;
    let is_ours =
        taken.state == OrderState::Entered && taken.reason.as_deref() == Some(note.as_str());
    is_ours.then_some(taken)
}

/// Puts an order off; the order as it is then.
async fn defer(
    app: &App,
    order: &PaymentOrder,
    tries: u32,
    pause_ms: i64,
    note: Option<String>,
) -> Option<PaymentOrder> {
    let due_at = real_now().plus(pause_ms);
    let defer = BankCommand::Defer { id: order.id, due_at, tries, note: note.map(Into::into) };
    match app.store.submit(Command::Bank(defer)).await {
        Ok(Reply::Document(document)) => match &*document {
            Document::Order(order) => Some(order.clone()),
            _ => None,
        },
        Ok(_) => None,
        Err(error) => {
            tracing::warn!(order = %order.id, %error, "an order was not put off");
            None
        }
    }
}

fn pause_ms(pause: Duration) -> i64 {
    i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)
}

/// The pause before the next question about an order that was looked at so often.
fn pause_after(tries: u32) -> Duration {
    let mut age = Duration::ZERO;
    for _ in 0..tries / LOOK {
        match next_poll(age) {
            Some(pause) => age += pause,
            None => return LATE,
        }
    }
    next_poll(age).unwrap_or(LATE)
}

/// Whether an order has been asked for as long as the schedule of questions goes.
pub(in crate::bank) fn is_late(order: &PaymentOrder) -> bool {
    order.state == OrderState::Entered && pause_after(order.tries) >= LATE
}

impl Upstream {
    /// Whether "no such order", answered now, is true for an order that was sent at `sent`.
    fn believes(&self, sent: UnixMillis, now: UnixMillis) -> bool {
        sent.plus(self.settings.believe_1008_after_ms) <= now
    }

    /// The number of an order over there: ours, which nobody else has used for anything.
    pub(in crate::bank) fn order_key(&self, order: &PaymentOrder) -> Option<OrderKey> {
        OrderKey::parse(&format!("{}{}", self.settings.order_prefix, order.id))
    }
}

/// One look at one order.
struct Look<'a> {
    upstream: &'a Upstream,
    service: bank::ServiceNumber,
    key: OrderKey,
    sum: OrderSum,
    requisites: bank::Requisites,
    /// When it began.
    now: UnixMillis,
    pause: Duration,
}

impl<'a> Look<'a> {
    fn new(upstream: &'a Upstream, order: &PaymentOrder, now: UnixMillis) -> Option<Self> {
        Some(Self {
            upstream,
            service: upstream.number_of(order.service)?,
            key: upstream.order_key(order)?,
            sum: OrderSum::new(order.amount, order.commission)?,
            requisites: requisites::from_json(&order.requisites)?,
            now,
            pause: pause_after(order.tries),
        })
    }

    async fn run(&self, known: Known) -> Next {
        if known == Known::Fresh {
            return self.submit(Known::Fresh).await;
        }
        match self.upstream.heard(self.upstream.link.status(&self.key).await) {
            Ok(StatusAnswer::Known(shown)) => self.shown(shown),
            Ok(StatusAnswer::NotRecorded) => self.not_recorded(known).await,
            Err(error) => self.later(known, text(&error)),
        }
    }

    /// The bank knows no such order.
    async fn not_recorded(&self, known: Known) -> Next {
        match known {
            Known::Sent(at) | Known::Refused(_, at) if !self.upstream.believes(at, self.now) => {
                let left = at.plus(self.upstream.settings.believe_1008_after_ms).since(self.now);
                let left = Duration::from_millis(u64::try_from(left).unwrap_or(0)).max(SOON);
                let words = "the bank does not know it, but it may still arrive there";
                Next::Later(Note::new(known, words), self.pause.min(left))
            }
            Known::Fresh | Known::Sent(_) => self.submit(known).await,
            Known::Refused(code, _) => Next::Deleted(format!("the bank refused it: code {code}")),
            Known::Accepted(doc_id) => {
                // To send it again could pay it twice.
                tracing::error!(key = %self.key, doc_id, "the bank has lost an order");
                let words = "the bank accepted it and does not know it any more";
                self.later(Known::Accepted(doc_id), words)
            }
        }
    }

    /// Sends the order. That it may have left is durable already; `before` is what was known
    /// before this request.
    async fn submit(&self, before: Known) -> Next {
        let submit = Submit {
            key: &self.key,
            service: self.service,
            sum: self.sum,
            requisites: &self.requisites,
            // Card numbers are not kept: the service over there must not ask for them.
            pan: None,
        };
        match self.upstream.heard(self.upstream.link.submit(&submit).await) {
            Ok(SubmitAnswer::Accepted(shown)) => self.shown(shown),
            Ok(SubmitAnswer::Refused(refusal)) => refused(before, &refusal, real_now()),
            Ok(SubmitAnswer::NotAllowed(refusal)) => {
                tracing::error!(code = refusal.code.number(), "the bank does not serve us");
                Next::Later(Note::new(before, spoken(&refusal)), HELD_UP)
            }
            Err(error) if error.effect() == Effect::None => self.later(before, text(&error)),
            Err(error) => self.later(Known::Sent(real_now()), text(&error)),
        }
    }

    fn shown(&self, shown: OrderShown) -> Next {
        match shown.status {
            OrderState::Posted => Next::Posted(shown.doc_id),
            OrderState::Deleted => Next::Deleted("the bank deleted it".to_owned()),
            OrderState::Entered => self.later(Known::Accepted(shown.doc_id), ""),
        }
    }

    fn later(&self, known: Known, words: impl std::fmt::Display) -> Next {
        Next::Later(Note::new(known, words), self.pause)
    }
}

/// A definite no to a request. Only when no earlier request can have been accepted, it is the end.
fn refused(before: Known, refusal: &BankRefusal, now: UnixMillis) -> Next {
    if refusal.code == BankCode::DateBeforeOperatingDay {
        return Next::Later(Note::new(before, spoken(refusal)), HELD_UP);
    }
    match before {
        Known::Fresh => Next::Deleted(format!("the bank refused it: {}", spoken(refusal))),
        _ => {
            let note = Note::new(Known::Refused(refusal.code.number(), now), spoken(refusal));
            Next::Later(note, SOON)
        }
    }
}

fn spoken(refusal: &BankRefusal) -> String {
    format!("code {} {}", refusal.code.number(), refusal.message)
}

/// An error with its cause.
pub(super) fn text(error: &BankError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    #[test]
    fn looks_come_less_and_less_often_and_never_end() {
        let pauses: Vec<u64> =
            (0..400).map(|look| pause_after(LOOK * look + 1).as_secs()).collect();
        assert_eq!(pauses[..5], [1, 2, 5, 10, 30]);
        assert!(pauses.is_sorted());
        assert_eq!(pauses.last(), Some(&3_600));
    }

    #[test]
    fn an_order_is_late_when_the_schedule_of_questions_has_ended() {
        let pauses: Vec<u64> = (0..400).map(|tries| pause_after(tries).as_secs()).collect();
        let end = pauses.iter().position(|pause| *pause == LATE.as_secs()).unwrap();
        let asked: u64 = pauses.iter().take(end).step_by(2).sum();
        assert!((86_400..90_000).contains(&asked), "after a day: {asked}");
    }

    #[test]
    fn only_a_first_refusal_is_final() {
        let refusal = |code| BankRefusal { code, message: String::new() };
        let no_account = refusal(BankCode::AccountNotFound);
        assert!(matches!(refused(Known::Fresh, &no_account, NOW), Next::Deleted(_)));
        let later = refused(Known::Sent(NOW.plus(-1)), &no_account, NOW);
        let Next::Later(note, _) = later else { panic!("not later") };
        assert_eq!(note.known, Known::Refused(1013, NOW));
        let late = refusal(BankCode::DateBeforeOperatingDay);
        let Next::Later(note, _) = refused(Known::Fresh, &late, NOW) else { panic!("not later") };
        assert_eq!(note.known, Known::Fresh);
    }
}
