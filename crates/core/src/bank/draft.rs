//! An order as it was asked for, in the texts of the request, and the checks that make it an order.
//!
//! Requests over the wire and rows of a file are the same drafts. The checks run in the documented
//! order of codes: what must be there (1017), texts (1015, 1016), the account (1013), the bank
//! (1014).

use std::borrow::Cow;
use std::fmt;

use super::account::{BankAccount, BudgetAccount};
use super::code::BankCode;
use super::directory::Mfo;
use super::facts::{AccountFound, BankFound, ReceiverLookup};
use super::order::{NewOrder, OrderKey};
use super::purpose::{PURPOSE_MAX, PurposeCode};
use super::requisites::{OrderCard, OrderKind, Receiver, Requisites};
use super::service::{CardRule, ServiceNumber};
use super::sum::OrderSum;
use super::tax_id::TaxId;
use super::text::{NAME_MAX, TextProblem, check_text, text_warnings};
use super::warning::{Warning, Warnings};
use crate::card::Pan;
use crate::money::Tiyin;
use crate::network::Network;

/// Longest reference of a card payment, in characters.
const REFERENCE_MAX: usize = 64;
/// No number of ours has more digits.
const NUMBER_DIGITS_MAX: usize = 19;

/// A field of a request; `None` when it is absent. An empty one counts as absent too.
pub type Field<'a> = Option<Cow<'a, str>>;

/// The fields of a request for an order, not looked at yet.
#[derive(Clone, Default)]
pub struct OrderDraft<'a> {
    /// Whether a field had a value that is no text and no whole number.
    pub malformed: bool,
    /// The partner's number of the order.
    pub key: Field<'a>,
    /// The service's number.
    pub service: Field<'a>,
    /// The amount in tiyin.
    pub amount: Field<'a>,
    /// The commission in tiyin.
    pub commission: Field<'a>,
    /// The receiver's name; ordinary orders only.
    pub name: Field<'a>,
    /// The code of the receiver's bank; ordinary orders only.
    pub mfo: Field<'a>,
    /// The receiver's account.
    pub account: Field<'a>,
    /// The receiver's taxpayer number.
    pub tax_id: Field<'a>,
    /// The code of the purpose; budget orders only.
    pub purpose_code: Field<'a>,
    /// The purpose.
    pub purpose: Field<'a>,
    /// The number under which the card's network knows the payment.
    pub reference: Field<'a>,
    /// The card's network.
    pub card_type: Field<'a>,
    /// The card's number.
    pub card_number: Field<'a>,
}

impl fmt::Debug for OrderDraft<'_> {
    /// The card's number and what else people sent stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrderDraft(key {:?}, service {:?})", self.key, self.service)
    }
}

/// What the stage "what must be there" has found.
struct Shape<'f> {
    key: OrderKey,
    service: ServiceNumber,
    sum: OrderSum,
    target: Target<'f>,
    purpose: &'f str,
    card: OrderCard,
    warnings: Warnings,
}

/// The fields that name the receiver, by the kind of the order.
enum Target<'f> {
    Ordinary { name: &'f str, mfo: &'f str, account: &'f str, tax_id: Option<TaxId> },
    Budget { account: &'f str, tax_id: TaxId, code: PurposeCode },
}

impl OrderDraft<'_> {
    /// The number of the service that the order is for: asked for before anything else.
    ///
    /// # Errors
    /// 1017 when it is missing or not a number.
    pub fn service(&self) -> Result<ServiceNumber, BankCode> {
        let number = given(&self.service).and_then(whole);
        number.map(ServiceNumber).ok_or(BankCode::FieldMissing)
    }

    /// Checks an order of `kind` for a service of `service_kind`.
    ///
    /// # Errors
    /// The first of 1017, 1015, 1016, 1013, 1014 that applies. Nothing was created.
    pub fn check(
        &self,
        kind: OrderKind,
        service_kind: CardRule,
        lookup: &impl ReceiverLookup,
    ) -> Result<NewOrder, BankCode> {
        let shape = self.shape(kind, service_kind).ok_or(BankCode::FieldMissing)?;
        if let Target::Ordinary { name, .. } = shape.target {
            printable(name, NAME_MAX, BankCode::NameUnprintable)?;
        }
        printable(shape.purpose, PURPOSE_MAX, BankCode::PurposeUnprintable)?;
        let receiver = shape.target.find(lookup)?;
        let warnings =
            shape.warnings.and(text_warnings(shape.purpose)).and(receiver_warnings(&receiver));
        let requisites = Requisites {
            receiver,
            purpose: shape.purpose.into(),
            card: shape.card,
            payer: None,
            warnings,
        };
        Ok(NewOrder { key: shape.key, service: shape.service, sum: shape.sum, requisites })
    }

    /// Everything that must be there, in its form; `None` is code 1017.
    fn shape(&self, kind: OrderKind, service_kind: CardRule) -> Option<Shape<'_>> {
        if self.malformed {
            return None;
        }
        // Not `given`: an empty key is no key, and a key of spaces neither.
        let key = OrderKey::parse(self.key.as_deref()?)?;
        let service = self.service().ok()?;
        let amount = Tiyin::new(given(&self.amount).and_then(whole)?)?;
        let commission = Tiyin::new(given(&self.commission).and_then(whole)?)?;
        let sum = OrderSum::new(amount, commission)?;
        let target = self.target(kind)?;
        let purpose = fitting(&self.purpose, PURPOSE_MAX)?;
        let (card, warnings) = self.card()?;
        let complete = card.reference.is_some() && card.network.is_some() && card.masked.is_some();
        if service_kind == CardRule::Required && !complete {
            return None;
        }
        Some(Shape { key, service, sum, target, purpose, card, warnings })
    }

    fn target(&self, kind: OrderKind) -> Option<Target<'_>> {
        let account = given(&self.account)?;
        let tax_id = given(&self.tax_id);
        Some(match kind {
            OrderKind::Ordinary => Target::Ordinary {
                name: fitting(&self.name, NAME_MAX)?,
                mfo: given(&self.mfo)?,
                account,
                tax_id: match tax_id {
                    Some(text) => Some(TaxId::parse(text)?),
                    None => None,
                },
            },
            OrderKind::Budget => Target::Budget {
                account,
                tax_id: TaxId::parse_lenient(tax_id?)?,
                code: given(&self.purpose_code).and_then(PurposeCode::parse)?,
            },
        })
    }

    /// The fields of the card; each may be absent, and none may be of another form.
    fn card(&self) -> Option<(OrderCard, Warnings)> {
        let reference = match given(&self.reference) {
            Some(text) => {
                check_text(text, REFERENCE_MAX).ok()?;
                Some(text.into())
            }
            None => None,
        };
        let network = match given(&self.card_type) {
            Some(word) => Some(Network::from_name(&word.to_ascii_lowercase())?),
            None => None,
        };
        let pan = match given(&self.card_number) {
            Some(digits) => Some(Pan::parse(digits)?),
            None => None,
        };
        let warnings = pan.as_ref().map_or(Warnings::NONE, |pan| card_warnings(pan, network));
        Some((OrderCard { reference, network, masked: pan.map(|pan| pan.masked()) }, warnings))
    }
}

impl Target<'_> {
    /// The receiver, once account (1013) and bank (1014) are found; in that order.
    fn find(&self, lookup: &impl ReceiverLookup) -> Result<Receiver, BankCode> {
        match *self {
            Self::Ordinary { name, mfo, account, tax_id } => {
                let mfo = Mfo::parse(mfo);
                let account = BankAccount::parse(account)
                    .filter(|found| is_found(lookup, mfo.as_ref(), found.as_str()))
                    .ok_or(BankCode::AccountNotFound)?;
                let mfo = mfo
                    .filter(|mfo| lookup.find_bank(mfo) == BankFound::Participant)
                    .ok_or(BankCode::BankNotInSystem)?;
                Ok(Receiver::Ordinary { name: name.into(), mfo, account, tax_id })
            }
            Self::Budget { account, tax_id, code } => {
                let account = BudgetAccount::parse(account)
                    .filter(|found| is_found(lookup, None, found.as_str()))
                    .ok_or(BankCode::AccountNotFound)?;
                Ok(Receiver::Budget { account, tax_id, code })
            }
        }
    }
}

fn is_found(lookup: &impl ReceiverLookup, mfo: Option<&Mfo>, account: &str) -> bool {
    lookup.find_account(mfo, account) == AccountFound::Yes
}

/// A field's text, unless it is absent or empty.
fn given<'f>(field: &'f Field<'_>) -> Option<&'f str> {
    field.as_deref().filter(|text| !text.is_empty())
}

/// A text that is there and not longer than its field; whether it can be printed is asked later.
fn fitting<'f>(field: &'f Field<'_>, max: usize) -> Option<&'f str> {
    let text = given(field)?;
    match check_text(text, max) {
        Ok(()) | Err(TextProblem::Unprintable) => Some(text),
        Err(TextProblem::Blank | TextProblem::TooLong) => None,
    }
}

fn printable(text: &str, max: usize, otherwise: BankCode) -> Result<(), BankCode> {
    check_text(text, max).map_err(|_| otherwise)
}

/// A number of plain digits; a sign, a space, a fraction or an exponent makes it none.
fn whole(text: &str) -> Option<i64> {
    let plain = text.len() <= NUMBER_DIGITS_MAX && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn card_warnings(pan: &Pan, named: Option<Network>) -> Warnings {
    let digit = (!pan.passes_luhn()).then_some(Warning::CardCheckDigit);
    let network = match (Network::of(pan), named) {
        (None, _) => Some(Warning::CardNetwork),
        (Some(found), Some(named)) if found != named => Some(Warning::CardNetwork),
        (Some(_), _) => None,
    };
    digit.into_iter().chain(network).collect()
}

fn receiver_warnings(receiver: &Receiver) -> Warnings {
    match receiver {
        Receiver::Ordinary { name, account, tax_id, .. } => {
            let currency = (!account.is_in_sum()).then_some(Warning::AccountCurrency);
            currency
                .map_or(Warnings::NONE, Warnings::from)
                .and(text_warnings(name))
                .and(tax_id.map_or(Warnings::NONE, |id| id.warnings()))
        }
        Receiver::Budget { account: BudgetAccount::Bank(_), tax_id, .. } => {
            tax_id.warnings().and(Warning::BudgetAccountShort.into())
        }
        Receiver::Budget { tax_id, .. } => tax_id.warnings(),
    }
}

#[cfg(test)]
mod tests;
