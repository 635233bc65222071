//! The desk of the wallets: decides calls, one after the other, over the records of one
//! transaction.
//!
//! A call that needs a record that is not loaded changes nothing and says which. No sockets, no
//! clock and no faults here.

use chorsu_core::time::{DAY_MS, SECOND_MS};
use chorsu_core::{Tiyin, UnixMillis, Wallet};

use super::call::{Answer, Call, Charge, Outcome, Refusal, reference_id};
use super::customer::{Conduct, Customer};
use super::ids;
use super::record::{
    Code, Confirmation, Fate, Items, Payment, Reference, Stage, Totals, code_key, confirmation_key,
    items_key, payment_key, reference_key, totals_key,
};
use crate::bank::{Halt, Shelf};
use crate::book::{RecordId, Records};

/// How long a payment of a slow customer is in progress.
const PROCESSING_MS: i64 = 5 * SECOND_MS;
/// How long the answer to a slow customer's payment takes.
const SLOW_MS: u64 = 3_000;
/// How long Click waits for a confirmation before it cancels the payment.
const CONFIRMATION_MS: i64 = 30 * SECOND_MS;
/// The smallest payment, in tiyin; none of the providers publishes its own.
const SMALLEST: i64 = 100;
/// The largest payment, in tiyin: ten billion sum.
const LARGEST: i64 = 1_000_000_000_000;
/// Payments under one reference at most.
const SAME_REFERENCE: usize = 100;
/// How the URL of a fiscal receipt begins.
const FISCAL_URL: &str = "https://ofd.soliq.uz/";
/// The longest URL of a fiscal receipt, in bytes.
const FISCAL_URL_BYTES: usize = 512;

/// Why a rule did not go through.
enum Stop {
    Halt(Halt),
    Refuse(Refusal),
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}

/// The desk of all wallets for one transaction at one moment.
pub(super) struct Desk<'a> {
    records: &'a mut Records,
    now: UnixMillis,
    payments: Shelf<Payment>,
    codes: Shelf<Code>,
    references: Shelf<Reference>,
    totals: Shelf<Totals>,
    items: Shelf<Items>,
    confirmations: Shelf<Confirmation>,
}

impl<'a> Desk<'a> {
    /// A desk over the records of a transaction.
    pub(super) fn new(records: &'a mut Records, now: UnixMillis) -> Self {
        let (payments, codes, references) = Default::default();
        let (totals, items, confirmations) = Default::default();
        Self { records, now, payments, codes, references, totals, items, confirmations }
    }

    /// Writes what changed into the records.
    pub(super) fn save(self) {
        self.payments.save(self.records);
        self.codes.save(self.records);
        self.references.save(self.records);
        self.totals.save(self.records);
        self.items.save(self.records);
        self.confirmations.save(self.records);
    }

    /// Decides one call.
    pub(super) fn perform(&mut self, wallet: Wallet, call: &Call) -> Result<Answer, Halt> {
        let decided = match call {
            Call::Create { id, reference, amount } => {
                self.create(wallet, *id, reference.as_deref(), *amount)
            }
            Call::Charge(charge) => self.charge(wallet, charge),
            Call::Pay { id, customer } => self.pay(wallet, *id, customer),
            Call::Confirm { id } => self.confirm(wallet, *id),
            Call::SetConfirmation(on) => self.set_confirmation(wallet, *on),
            Call::Look { id } => self.look(wallet, *id),
            Call::Find { reference } => self.find(wallet, reference),
            Call::Reverse { id, amount, reference } => {
                self.reverse(wallet, *id, *amount, reference.as_deref())
            }
            Call::Fiscal { id, url } => self.fiscal(wallet, *id, url),
            Call::Items { id, items } => self.put_items(wallet, *id, items),
        };
        match decided {
            Ok(answer) => Ok(answer),
            Err(Stop::Refuse(refusal)) => Ok(Outcome::Refused(refusal).into()),
            Err(Stop::Halt(halt)) => Err(halt),
        }
    }

    /// Takes in a payment that was made without a call; one of the same id stays as it is.
    pub(super) fn know(
        &mut self,
        wallet: Wallet,
        id: RecordId,
        payment: Payment,
    ) -> Result<(), Halt> {
        if self.payments.open(self.records, payment_key(wallet, id))?.get().is_some() {
            return Ok(());
        }
        let counted = self.count(wallet, |totals| totals.pay(payment.amount));
        match counted.and_then(|()| self.enter(wallet, id, payment)) {
            Err(Stop::Halt(halt)) => Err(halt),
            Err(Stop::Refuse(_)) | Ok(_) => Ok(()),
        }
    }

    fn create(
        &mut self,
        wallet: Wallet,
        id: RecordId,
        reference: Option<&str>,
        amount: Tiyin,
    ) -> Result<Answer, Stop> {
        check_amount(amount)?;
        self.check_room(wallet, id, reference)?;
        self.enter(wallet, id, Payment::new(reference, amount, self.now))
    }

    fn charge(&mut self, wallet: Wallet, charge: &Charge) -> Result<Answer, Stop> {
        // Only Uzum promises that a reference is good for one payment.
        let reference = charge.reference.as_deref().and_then(reference_id);
        if let (Wallet::Uzum, Some(reference)) = (wallet, reference) {
            let known = self.references.open(self.records, reference_key(wallet, reference))?.get();
            let first = known.and_then(|known| known.0.first());
            if let Some(id) = first.and_then(|id| ids::parse(wallet, id)) {
                return Ok(Outcome::Duplicate { id }.into());
            }
        }
        check_amount(charge.amount)?;
        self.check_room(wallet, charge.id, charge.reference.as_deref())?;
        if self.is_lost(wallet, &charge.customer)? {
            return Ok(Answer { lost: true, ..Outcome::Done.into() });
        }
        let confirmed = wallet == Wallet::Click && {
            let key = confirmation_key(wallet);
            self.confirmations.open(self.records, key)?.get().is_some_and(|mode| mode.0)
        };
        let mut payment = Payment::new(charge.reference.as_deref(), charge.amount, self.now);
        self.take(wallet, &mut payment, &charge.customer, confirmed)?;
        let answer = self.enter(wallet, charge.id, payment)?;
        Ok(conduct(answer, &charge.customer))
    }

    fn pay(&mut self, wallet: Wallet, id: RecordId, customer: &Customer) -> Result<Answer, Stop> {
        let mut payment = self.payment(wallet, id)?;
        if payment.stage(self.now) != Stage::Created {
            return Err(Refusal::NotPayable.into());
        }
        if self.is_lost(wallet, customer)? {
            return Ok(Answer { lost: true, ..Outcome::Done.into() });
        }
        self.take(wallet, &mut payment, customer, false)?;
        if let (Fate::Refused, Some(refusal), Stage::Refused) =
            (payment.fate, payment.refusal, payment.stage(self.now))
        {
            // A receipt outlives a customer who cannot pay it.
            return Err(refusal.into());
        }
        Ok(conduct(self.put(wallet, id, payment)?, customer))
    }

    /// Whether this is the first try of a customer whose first try is lost; then it is marked.
    fn is_lost(&mut self, wallet: Wallet, customer: &Customer) -> Result<bool, Stop> {
        let opened = self.codes.open(self.records, code_key(wallet, customer.tag))?;
        let code = opened.get().copied().unwrap_or_default();
        let is_lost = customer.conduct == Conduct::LostBefore && !code.lost;
        if is_lost {
            opened.set(Code { lost: true, ..code });
        }
        Ok(is_lost)
    }

    /// Takes the money for `payment` from the customer, or finds out why not.
    fn take(
        &mut self,
        wallet: Wallet,
        payment: &mut Payment,
        customer: &Customer,
        confirmed: bool,
    ) -> Result<(), Stop> {
        let opened = self.codes.open(self.records, code_key(wallet, customer.tag))?;
        let code = opened.get().copied().unwrap_or_default();
        if code.used {
            return Err(Refusal::UsedCode.into());
        }
        let later = self.now.plus(PROCESSING_MS).0;
        let (fate, decided_at, refusal) = match customer.conduct {
            Conduct::Expired => return Err(Refusal::ExpiredCode.into()),
            Conduct::NoFunds => (Fate::Refused, self.now.0, Some(Refusal::NoFunds)),
            Conduct::Blocked => (Fate::Refused, self.now.0, Some(Refusal::Blocked)),
            Conduct::SlowRefusal => (Fate::Refused, later, Some(Refusal::Declined)),
            Conduct::SlowSuccess => (Fate::Paid, later, None),
            _ if confirmed => (Fate::Waiting, self.now.plus(CONFIRMATION_MS).0, None),
            _ => (Fate::Paid, self.now.0, None),
        };
        if fate == Fate::Paid {
            self.count(wallet, |totals| totals.pay(payment.amount))?;
        }
        if fate != Fate::Refused {
            let opened = self.codes.open(self.records, code_key(wallet, customer.tag))?;
            opened.set(Code { used: true, ..code });
        }
        payment.phone = Some(customer.phone());
        (payment.fate, payment.decided_at, payment.refusal) = (fate, decided_at, refusal);
        Ok(())
    }

    fn confirm(&mut self, wallet: Wallet, id: RecordId) -> Result<Answer, Stop> {
        let mut payment = self.payment(wallet, id)?;
        match (payment.fate, payment.stage(self.now)) {
            (Fate::Waiting, Stage::Processing) => {
                self.count(wallet, |totals| totals.pay(payment.amount))?;
                (payment.fate, payment.decided_at) = (Fate::Paid, self.now.0);
                self.put(wallet, id, payment)
            }
            (Fate::Paid, _) => Ok(shown(id, payment)),
            _ => Err(Refusal::NotConfirmable.into()),
        }
    }

    fn set_confirmation(&mut self, wallet: Wallet, on: bool) -> Result<Answer, Stop> {
        let key = confirmation_key(wallet);
        self.confirmations.open(self.records, key)?.set(Confirmation(on));
        Ok(Outcome::Done.into())
    }

    fn look(&mut self, wallet: Wallet, id: RecordId) -> Result<Answer, Stop> {
        Ok(shown(id, self.payment(wallet, id)?))
    }

    fn find(&mut self, wallet: Wallet, reference: &str) -> Result<Answer, Stop> {
        let reference = reference_id(reference).ok_or(Refusal::NotFound)?;
        let known = self.references.open(self.records, reference_key(wallet, reference))?.get();
        let newest = known.and_then(|known| known.0.last());
        let id = newest.and_then(|id| ids::parse(wallet, id)).ok_or(Refusal::NotFound)?;
        self.look(wallet, id)
    }

    fn reverse(
        &mut self,
        wallet: Wallet,
        id: RecordId,
        amount: Option<Tiyin>,
        reference: Option<&str>,
    ) -> Result<Answer, Stop> {
        let mut payment = self.payment(wallet, id)?;
        if reference.is_some() && reference != payment.reference.as_deref() {
            return Err(Refusal::NotFound.into());
        }
        match payment.stage(self.now) {
            Stage::Success => {}
            Stage::Created => payment.fate = Fate::Cancelled,
            // Click reverses successful payments and no others; for the others once is enough.
            Stage::Reversed | Stage::Cancelled if wallet != Wallet::Click => {
                return Ok(shown(id, payment));
            }
            _ => return Err(Refusal::NotReversible.into()),
        }
        if payment.fate == Fate::Paid {
            let back = amount.unwrap_or_else(|| payment.left());
            if back == Tiyin::ZERO || back > payment.left() {
                return Err(Refusal::NotReversible.into());
            }
            if wallet == Wallet::Click && is_closed(payment.created_at, self.now) {
                return Err(Refusal::TooOld.into());
            }
            self.count(wallet, |totals| totals.reverse(back))?;
            payment.reversed = payment.reversed.checked_add(back).ok_or(Refusal::Unavailable)?;
        }
        payment.ended_at = Some(self.now.0);
        self.put(wallet, id, payment)
    }

    fn fiscal(&mut self, wallet: Wallet, id: RecordId, url: &str) -> Result<Answer, Stop> {
        let mut payment = self.payment(wallet, id)?;
        if !url.starts_with(FISCAL_URL) || url.len() > FISCAL_URL_BYTES {
            return Err(Refusal::BadFiscalUrl.into());
        }
        if !matches!(payment.stage(self.now), Stage::Success | Stage::Reversed) {
            return Err(Refusal::NotFiscal.into());
        }
        match payment.fiscal_url.as_deref() {
            Some(before) if before == url => return Ok(shown(id, payment)),
            Some(_) => return Err(Refusal::NotFiscal.into()),
            None => payment.fiscal_url = Some(url.to_owned()),
        }
        self.count(wallet, |totals| Ok(Totals { fiscal: totals.fiscal + 1, ..totals }))?;
        self.put(wallet, id, payment)
    }

    fn put_items(&mut self, wallet: Wallet, id: RecordId, items: &str) -> Result<Answer, Stop> {
        if self.payment(wallet, id)?.stage(self.now) != Stage::Success {
            return Err(Refusal::NotFiscal.into());
        }
        self.items.open(self.records, items_key(wallet, id))?.set(Items(items.to_owned()));
        Ok(Outcome::Done.into())
    }

    fn payment(&mut self, wallet: Wallet, id: RecordId) -> Result<Payment, Stop> {
        let opened = self.payments.open(self.records, payment_key(wallet, id))?;
        Ok(opened.get().cloned().ok_or(Refusal::NotFound)?)
    }

    /// Whether there is room for a new payment; nothing may be changed before this is known.
    fn check_room(
        &mut self,
        wallet: Wallet,
        id: RecordId,
        reference: Option<&str>,
    ) -> Result<(), Stop> {
        if self.payments.open(self.records, payment_key(wallet, id))?.get().is_some() {
            // Two processes have drawn the same id.
            return Err(Refusal::Unavailable.into());
        }
        if let Some(reference) = reference {
            let id = reference_id(reference).ok_or(Refusal::BadRequest)?;
            let known = self.references.open(self.records, reference_key(wallet, id))?.get();
            if known.is_some_and(|known| known.0.len() >= SAME_REFERENCE) {
                return Err(Refusal::BadRequest.into());
            }
        }
        Ok(())
    }

    /// Enters a new payment, also under its reference.
    fn enter(&mut self, wallet: Wallet, id: RecordId, payment: Payment) -> Result<Answer, Stop> {
        if let Some(reference) = payment.reference.as_deref().and_then(reference_id) {
            let opened = self.references.open(self.records, reference_key(wallet, reference))?;
            let mut known = opened.get().cloned().unwrap_or_default();
            known.0.push(ids::text(wallet, id));
            opened.set(known);
        }
        self.put(wallet, id, payment)
    }

    fn put(&mut self, wallet: Wallet, id: RecordId, payment: Payment) -> Result<Answer, Stop> {
        self.payments.open(self.records, payment_key(wallet, id))?.set(payment.clone());
        Ok(shown(id, payment))
    }

    fn count(
        &mut self,
        wallet: Wallet,
        change: impl FnOnce(Totals) -> Result<Totals, Refusal>,
    ) -> Result<(), Stop> {
        let opened = self.totals.open(self.records, totals_key(wallet))?;
        let after = change(opened.get().copied().unwrap_or_default())?;
        opened.set(after);
        Ok(())
    }
}

fn shown(id: RecordId, payment: Payment) -> Answer {
    Outcome::Payment { id, payment: Box::new(payment) }.into()
}

/// The answer to a payment as this customer lets it come.
fn conduct(answer: Answer, customer: &Customer) -> Answer {
    let wait_ms = if customer.conduct == Conduct::Slow { SLOW_MS } else { 0 };
    Answer { wait_ms, lost: customer.conduct == Conduct::LostAfter, ..answer }
}

fn check_amount(amount: Tiyin) -> Result<(), Refusal> {
    match amount.get() {
        ..SMALLEST => Err(Refusal::TooSmall),
        SMALLEST..=LARGEST => Ok(()),
        _ => Err(Refusal::TooLarge),
    }
}

/// Whether the month of a payment is closed for reversals: Click reverses those of this month, and
/// on its first day those of the month before.
fn is_closed(paid_at: i64, now: UnixMillis) -> bool {
    let month = UnixMillis(paid_at).tashkent_month();
    month != now.tashkent_month() && month != now.plus(-DAY_MS).tashkent_month()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_close_after_the_first_day_of_the_next() {
        let paid = 1_706_000_000_000; // 2024-01-23
        let day = |days: i64| UnixMillis(paid).plus(days * DAY_MS);
        let cases = [(0, false), (8, false), (9, false), (10, true), (40, true)];
        for (days, closed) in cases {
            assert_eq!(is_closed(paid, day(days)), closed, "{days}");
        }
    }
}
