//! How a merchant is paid out: one rule for each merchant, kept as JSON.

use std::collections::BTreeMap;

use chorsu_core::bank::{BankCalendar, BankDay, CardRule, ReceiverLookup, ServiceFound};
use chorsu_core::time::SECOND_MS;
use chorsu_core::{KassaId, PartnerId, ServiceId, Tiyin, UnixMillis};
use chorsu_store::{Register, Store, StoreError};
use serde::{Deserialize, Serialize};

use super::payee::{Part, Payee};
use crate::bank::service_book::ServiceBook;

/// Receivers of a rule beside the merchant.
const SHARES_MAX: usize = 32;
/// The longest delay, in banking days.
const DELAY_MAX: u16 = 90;
const MILLION: u32 = 1_000_000;
const DAY_MINUTES: u16 = 24 * 60;
/// How many days back the last day is looked for that is due: the longest delay and its days off.
const LOOK_BACK: i32 = 400;

/// Whose money pays the bank for the orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FeePayer {
    /// The merchant: what is left for it is that much less.
    #[default]
    Merchant,
    /// Each receiver for its own order.
    Receivers,
    /// The service, out of its own money.
    Service,
}

/// A receiver beside the merchant, and what it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Split {
    /// How much.
    #[serde(flatten)]
    pub(crate) part: Part,
    /// Who.
    pub(crate) to: Payee,
}

/// How a merchant is paid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// The partner whose service pays it out; filled in by whoever keeps the rule.
    #[serde(default)]
    pub(crate) partner: String,
    /// The service that pays it out.
    pub(crate) service: u32,
    /// Banking days between a day's end of business and its payout: T+n.
    #[serde(default)]
    pub(crate) delay_days: u16,
    /// When on that day, `HH:MM` in Tashkent.
    #[serde(default = "ten_o_clock")]
    pub(crate) pay_at: String,
    /// Whether it is computed and sent without being asked.
    #[serde(default)]
    pub(crate) auto: bool,
    /// Less than this waits for the next time; tiyin.
    #[serde(default)]
    pub(crate) minimum: i64,
    /// What of the turnover stays here, in millionths.
    #[serde(default)]
    pub(crate) commission_ppm: u32,
    /// What the bank takes for each order, in tiyin.
    #[serde(default)]
    pub(crate) bank_fee: i64,
    /// Who pays that.
    #[serde(default)]
    pub(crate) fee_paid_by: FeePayer,
    /// The merchant's own account: it gets what is left.
    pub(crate) merchant: Payee,
    /// The others.
    #[serde(default)]
    pub(crate) shares: Vec<Split>,
}

fn ten_o_clock() -> String {
    "10:00".to_owned()
}

/// Why a rule cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub(crate) struct RuleError {
    /// Where.
    pub(crate) field: String,
    /// What is wrong there.
    pub(crate) problem: String,
}

fn wrong(field: impl Into<String>, problem: impl Into<String>) -> RuleError {
    RuleError { field: field.into(), problem: problem.into() }
}

impl Rule {
    /// The rule of a text.
    ///
    /// # Errors
    /// When it is no JSON of a rule.
    pub(crate) fn from_json(text: &[u8]) -> Result<Self, RuleError> {
        serde_json::from_slice(text).map_err(|error| wrong("rule", error.to_string()))
    }

    /// The stored text.
    pub(crate) fn to_json(&self) -> String {
        // Texts and numbers can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Looks at everything that a rule says.
    ///
    /// # Errors
    /// The first thing that is wrong, with its field.
    pub(crate) fn check(
        &self,
        services: &ServiceBook,
        lookup: &impl ReceiverLookup,
    ) -> Result<(), RuleError> {
        let partner = self.partner()?;
        let service = services.get(self.service()).filter(|one| one.settings.partner == partner);
        let service = service.ok_or_else(|| wrong("service", "the partner has no such service"))?;
        if service.found() == ServiceFound::NotConfigured {
            return Err(wrong("service", "it takes no orders"));
        }
        if service.settings.cards != CardRule::Optional {
            return Err(wrong("service", "its orders must name a card"));
        }
        if self.delay_days > DELAY_MAX {
            return Err(wrong("delay_days", format!("at most {DELAY_MAX}")));
        }
        self.pay_minute().ok_or_else(|| wrong("pay_at", "not a time like 10:00"))?;
        for (field, amount) in [("minimum", self.minimum), ("bank_fee", self.bank_fee)] {
            Tiyin::new(amount).ok_or_else(|| wrong(field, "below zero"))?;
        }
        if self.shares.len() > SHARES_MAX {
            return Err(wrong("shares", format!("at most {SHARES_MAX}")));
        }
        let mut ppm = u64::from(self.commission_ppm);
        for (number, share) in self.shares.iter().enumerate() {
            let place = |field: &str| format!("shares[{number}].{field}");
            match share.part {
                Part::Fixed(amount) if amount <= 0 => {
                    return Err(wrong(place("fixed"), "not above zero"));
                }
                Part::Ppm(0) => return Err(wrong(place("ppm"), "not above zero")),
                Part::Fixed(_) => {}
                Part::Ppm(part) => ppm += u64::from(part),
            }
            payee(&share.to, &place("to"), lookup)?;
        }
        if ppm > u64::from(MILLION) {
            return Err(wrong("shares", "commission and shares are more than everything"));
        }
        payee(&self.merchant, "merchant", lookup)
    }

    /// Everybody who is paid.
    pub(crate) fn payees(&self) -> impl Iterator<Item = &Payee> {
        self.shares.iter().map(|share| &share.to).chain([&self.merchant])
    }

    /// The partner whose service pays.
    ///
    /// # Errors
    /// When the rule has none.
    pub(crate) fn partner(&self) -> Result<PartnerId, RuleError> {
        self.partner.parse().map_err(|_| wrong("partner", "not the id of a partner"))
    }

    /// The service that pays.
    pub(crate) const fn service(&self) -> ServiceId {
        ServiceId(self.service)
    }

    /// Minutes after midnight at which it pays.
    fn pay_minute(&self) -> Option<u16> {
        let (hour, minute) = self.pay_at.split_once(':')?;
        let two = |text: &str| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse::<u16>().ok()).flatten()
        };
        let (hour, minute) = (two(hour)?, two(minute)?);
        let at = hour * 60 + minute;
        (minute < 60 && at < DAY_MINUTES).then_some(at)
    }

    /// The last day that is to be paid out at `now`: the newest whose T+n has come. `None` when
    /// nothing is due at this hour or on this day.
    pub(crate) fn due_day(&self, calendar: &BankCalendar, now: UnixMillis) -> Option<BankDay> {
        let today = BankDay::of(now);
        let at = i64::from(self.pay_minute()?) * 60 * SECOND_MS;
        if !calendar.is_working(today) || now.since(today.start()) < at {
            return None;
        }
        (0..LOOK_BACK)
            .map(|back| today.plus(-back))
            .find(|day| calendar.plus_working(*day, self.delay_days) <= today)
    }
}

fn payee(payee: &Payee, field: &str, lookup: &impl ReceiverLookup) -> Result<(), RuleError> {
    let checked = payee.requisites(BankDay::LAST, lookup);
    checked.map(drop).map_err(|code| {
        wrong(field, format!("an order to it would be answered with code {}", code.number()))
    })
}

/// Every rule, by merchant.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleBook(BTreeMap<KassaId, Rule>);

impl RuleBook {
    /// The rules as they are stored.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut rules = BTreeMap::new();
        for (id, text) in store.register(Register::SettlementRules).await? {
            match Rule::from_json(text.as_bytes()) {
                Ok(rule) => drop(rules.insert(KassaId(id), rule)),
                Err(error) => {
                    tracing::error!(merchant = %KassaId(id), %error, "a rule cannot be read");
                }
            }
        }
        Ok(Self(rules))
    }

    /// The rule of a merchant.
    pub(crate) fn get(&self, merchant: KassaId) -> Option<&Rule> {
        self.0.get(&merchant)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (KassaId, &Rule)> {
        self.0.iter().map(|(merchant, rule)| (*merchant, rule))
    }

    /// The merchants that are paid out by a partner's services.
    pub(crate) fn merchants_of(&self, partner: PartnerId) -> Vec<KassaId> {
        let is_theirs = |rule: &Rule| rule.partner() == Ok(partner);
        self.iter().filter(|(_, rule)| is_theirs(rule)).map(|(merchant, _)| merchant).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(delay_days: u16) -> Rule {
        let text = r#"{"service":33,"pay_at":"09:30","merchant":{"account":"1"}}"#;
        Rule { delay_days, ..Rule::from_json(text.as_bytes()).unwrap() }
    }

    #[test]
    fn a_rule_comes_back_as_it_was_written() {
        let text = r#"{"partner":"070707070707070707070707","service":33,"delay_days":2,
            "pay_at":"10:00","auto":true,"minimum":100,"commission_ppm":20000,"bank_fee":5,
            "fee_paid_by":"receivers","merchant":{"account":"1"},
            "shares":[{"fixed":7,"to":{"account":"2","purpose_code":"00668"}},
                      {"ppm":100000,"to":{"account":"3","name":"Доставка"}}]}"#;
        let rule = Rule::from_json(text.as_bytes()).unwrap();
        assert_eq!(rule.shares[1].part, Part::Ppm(100_000));
        assert_eq!(Rule::from_json(rule.to_json().as_bytes()), Ok(rule));
        assert!(Rule::from_json(br#"{"service":33}"#).is_err());
        assert!(Rule::from_json(br#"{"service":33,"merchant":{"account":"1"},"x":1}"#).is_err());
    }

    #[test]
    fn a_day_is_due_when_its_banking_days_have_passed() {
        // 2026-11-20 is a Friday.
        let calendar = BankCalendar::parse("2026-11-24 off").unwrap();
        let cases = [
            ("2026-11-20", 0, Some("2026-11-20")),
            ("2026-11-20", 1, Some("2026-11-19")),
            ("2026-11-21", 0, None),
            ("2026-11-23", 0, Some("2026-11-23")),
            ("2026-11-23", 1, Some("2026-11-20")),
            ("2026-11-24", 1, None),
            ("2026-11-25", 1, Some("2026-11-23")),
            ("2026-11-26", 1, Some("2026-11-25")),
        ];
        for (today, delay, want) in cases {
            let now = BankDay::parse(today).unwrap().start().plus(9 * 3_600_000 + 30 * 60_000);
            let due = rule(delay).due_day(&calendar, now);
            assert_eq!(due, want.and_then(BankDay::parse), "{today} T+{delay}");
            assert_eq!(rule(delay).due_day(&calendar, now.plus(-1)), None, "{today} too early");
        }
    }

    #[test]
    fn an_hour_of_payment_is_a_time() {
        for (text, want) in [("00:00", true), ("23:59", true), ("24:00", false), ("9:00", false)] {
            let rule = Rule { pay_at: text.to_owned(), ..rule(0) };
            assert_eq!(rule.pay_minute().is_some(), want, "{text}");
        }
    }
}
