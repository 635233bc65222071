//! Settlements as statements for accounting programs: one statement for each merchant, of its
//! account in our books.
//!
//! What was collected for a settlement comes in; the commission, each share with what the bank took
//! for it, and the merchant's own payment go out. What stays there has not reached its receiver.

use chorsu_core::bank::{OrderState, Receiver};
use chorsu_core::order::{PaymentOrder, document_number};
use chorsu_core::settlement::{Settlement, Share};
use chorsu_core::step::Event;
use chorsu_core::{BankService, KassaId, Tiyin, UnixMillis};
use chorsu_files::{
    Day, Direction, Line, Party, SettlementReport, Statement, StatementFormat, write_statements,
};

use super::report::{TableError, within};
use super::{SettlementError, send};
use crate::app::App;
use crate::bank::requisites;

/// A file of the settlements of merchants whose last day is within a period.
///
/// # Errors
/// When the store fails, or a sum is beyond what a file can hold.
pub(crate) async fn file(
    app: &App,
    merchants: &[KassaId],
    (format, report): (StatementFormat, &SettlementReport),
) -> Result<Vec<u8>, TableError> {
    let mut statements = Vec::with_capacity(merchants.len());
    for merchant in merchants {
        let mut book = Book::of(app, *merchant);
        for settlement in within(app, *merchant, report).await? {
            book.settlement(app, &settlement).await?;
        }
        statements.push(book.close(report));
    }
    Ok(write_statements(format, &statements, Vec::new())?)
}

/// A merchant's account while it is being written.
struct Book {
    account: String,
    name: String,
    /// The code of the bank that the last settlement was paid from.
    mfo: String,
    lines: Vec<Line>,
}

/// What a line is about.
struct About {
    number: u32,
    at: UnixMillis,
    day: Option<Day>,
    purpose: String,
}

impl Book {
    fn of(app: &App, merchant: KassaId) -> Self {
        let kassa = app.kassas.get(merchant);
        let name = kassa.map(|kassa| kassa.merchant.name.clone()).unwrap_or_default();
        Self { account: merchant.to_string(), name, mfo: String::new(), lines: Vec::new() }
    }

    fn merchant(&self) -> Party {
        let (mfo, account) = (self.mfo.clone(), self.account.clone());
        Party { mfo, account, name: self.name.clone(), inn: None }
    }

    /// Writes down what has moved of a settlement; of one that was not sent, nothing has.
    async fn settlement(
        &mut self,
        app: &App,
        settlement: &Settlement,
    ) -> Result<(), SettlementError> {
        let sent = settlement.steps.iter().find(|step| step.event == Event::Sent);
        let Some(sent) = sent else { return Ok(()) };
        let services = app.bank.services();
        let service = services.get(settlement.service).map(|service| &service.settings);
        self.mfo = service.map(|service| service.mfo.to_string()).unwrap_or_default();
        let hub = named(service, "Комиссия");
        let day = Day::from_number(settlement.day);
        let covered = day.map(Day::dotted).unwrap_or_default();
        let about = |purpose: &str| About {
            number: document_number(settlement.id),
            at: sent.at,
            day: Some(Day::of(sent.at)),
            purpose: format!("{purpose} за {covered}"),
        };
        let buyers = named(service, "Покупатели");
        self.incoming(settlement.gross, buyers, about("Принято от покупателей"));
        self.outgoing(settlement.commission, hub, about("Комиссия"));
        for share in &settlement.shares {
            let order = send::order_of(app, settlement, share).await?;
            let Some(order) = order.filter(is_posted) else { continue };
            self.share(settlement, (share, &order), named(service, "Комиссия банка"));
        }
        Ok(())
    }

    /// A share that has reached its receiver, and what the bank took for it unless the service
    /// paid that.
    fn share(
        &mut self,
        settlement: &Settlement,
        (share, order): (&Share, &PaymentOrder),
        bank: Party,
    ) {
        let about = |purpose: String| About {
            number: order.doc_number(),
            at: order.created_at,
            day: order.ended_at.map(Day::of),
            purpose,
        };
        let Some(said) = requisites::from_json(&share.requisites) else { return };
        let to = said.document_receiver();
        let receiver = Party {
            mfo: to.mfo.as_str().to_owned(),
            account: to.account.as_str().to_owned(),
            name: to.name.to_string(),
            inn: to.tax_id.map(|id| id.as_str().to_owned()),
        };
        self.outgoing(share.amount, receiver, about(said.document_purpose().into_owned()));
        if let Some(line) = self.lines.last_mut() {
            line.order_key = Some(order.order_key.to_string());
            line.doc_id = Some(order.doc_id.to_string());
            line.purpose_code = match &said.receiver {
                Receiver::Budget { code, .. } => Some(code.as_str().to_owned()),
                Receiver::Ordinary { .. } => None,
            };
        }
        if takes_fees(settlement) {
            let purpose = format!("Плата за перевод {}", order.order_key);
            self.outgoing(share.bank_fee, bank, about(purpose));
        }
    }

    fn incoming(&mut self, amount: Tiyin, payer: Party, about: About) {
        let receiver = self.merchant();
        self.line(Direction::Incoming, amount, (payer, receiver), about);
    }

    fn outgoing(&mut self, amount: Tiyin, receiver: Party, about: About) {
        let payer = self.merchant();
        self.line(Direction::Outgoing, amount, (payer, receiver), about);
    }

    fn line(
        &mut self,
        direction: Direction,
        amount: Tiyin,
        (payer, receiver): (Party, Party),
        about: About,
    ) {
        if amount == Tiyin::ZERO {
            return;
        }
        self.lines.push(Line {
            id: i64::try_from(self.lines.len()).unwrap_or(i64::MAX - 1) + 1,
            number: about.number.to_string(),
            doc_time: about.at,
            bank_day: about.day.unwrap_or_else(|| Day::of(about.at)),
            direction,
            amount,
            payer,
            receiver,
            purpose: about.purpose,
            purpose_code: None,
            order_key: None,
            doc_id: None,
        });
    }

    fn close(self, report: &SettlementReport) -> (Statement, Vec<Line>) {
        let total = |direction| {
            let side = self.lines.iter().filter(|line| line.direction == direction);
            // A sum that does not fit is refused by the file: it is not what the lines add up to.
            let sum = side.map(|line| line.amount.get()).fold(0, i64::saturating_add);
            Tiyin::new(sum).unwrap_or(Tiyin::ZERO)
        };
        let (incoming, outgoing) = (total(Direction::Incoming), total(Direction::Outgoing));
        let statement = Statement {
            account: self.account,
            mfo: self.mfo,
            owner_name: self.name,
            owner_inn: None,
            from: report.from,
            to: report.to,
            created_at: report.created_at,
            opening_tiyin: 0,
            closing_tiyin: incoming.get() - outgoing.get(),
            incoming,
            outgoing,
        };
        (statement, self.lines)
    }
}

fn is_posted(order: &PaymentOrder) -> bool {
    order.state == OrderState::Posted
}

/// Whether the bank's fees are parts of what was collected, and not the service's own cost.
fn takes_fees(settlement: &Settlement) -> bool {
    let shares = settlement.shares.iter().map(|share| share.amount.get()).sum::<i64>();
    shares + settlement.commission.get() < settlement.gross.get()
}

/// Somebody with no account of its own, at the bank that keeps the service's.
fn named(service: Option<&BankService>, name: &str) -> Party {
    let mfo = service.map(|service| service.mfo.to_string()).unwrap_or_default();
    Party { mfo, account: String::new(), name: name.to_owned(), inn: None }
}

#[cfg(test)]
mod tests {
    use chorsu_core::settlement::SettlementState;

    use super::*;

    #[test]
    fn fees_are_the_merchants_when_shares_are_less_than_everything() {
        let tiyin = |amount| Tiyin::new(amount).unwrap();
        let share = Share {
            order_key: "st-1-0".into(),
            amount: tiyin(90),
            bank_fee: tiyin(5),
            requisites: "{}".into(),
        };
        let mut settlement = Settlement {
            id: chorsu_core::DocumentId([1; 12]),
            merchant: KassaId([1; 12]),
            partner: chorsu_core::PartnerId([1; 12]),
            service: chorsu_core::ServiceId(1),
            day: 1,
            gross: tiyin(100),
            commission: tiyin(5),
            shares: vec![share],
            attempts: 1,
            suspended: Tiyin::ZERO,
            waiting: 0,
            due_at: None,
            state: SettlementState::Settled,
            created_at: UnixMillis(0),
            steps: Vec::new(),
        };
        assert!(takes_fees(&settlement));
        settlement.commission = tiyin(10);
        assert!(!takes_fees(&settlement));
    }
}
