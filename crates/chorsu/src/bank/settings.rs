//! The key `[bank]` of the configuration file.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use chorsu_core::UnixMillis;
use chorsu_core::bank::{BankCalendar, BankDay};
use serde::Deserialize;

pub(crate) use super::upstream::{UpstreamKeys, UpstreamSettings};

/// Rows of a page of a statement unless the operator wants another number.
const STATEMENT_PAGE: u32 = 1_000;
/// Rows of a page at most: a page is built in memory, about 600 bytes a row.
const STATEMENT_PAGE_MAX: u32 = 10_000;
/// How long the played bank takes for an order.
const SETTLE_AFTER_MS: u64 = 10_000;
/// The longest delay of the played bank: a day.
pub(crate) const SETTLE_AFTER_MS_MAX: u64 = 24 * 60 * 60 * 1_000;
/// A minute of the day that never comes.
const NEVER: u16 = 24 * 60;

/// What a repeated order number is answered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Repeated {
    /// Code 1111, whose documented action is to ask for the status.
    #[default]
    Error,
    /// The stored answer when everything else is the same too, else 1111.
    Stored,
}

/// What an order is answered with when the service has too little money for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Underfunded {
    /// It is accepted and ends deleted.
    #[default]
    Accept,
    /// Code 1017, with a text that says why.
    Refuse,
}

/// `[bank]` as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BankKeys {
    unauthorized_status: Option<u16>,
    #[serde(default)]
    repeated_order: Repeated,
    #[serde(default)]
    underfunded: Underfunded,
    statement_page: Option<u32>,
    settle_after_ms: Option<u64>,
    /// `HH:MM` in Tashkent; without it, orders are taken round the clock.
    day_closes: Option<String>,
    /// A file with the days that differ from "Monday to Friday"; it takes the place of the table
    /// in the store.
    holidays: Option<PathBuf>,
}

/// When the bank's day ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hours {
    close_minute: u16,
}

/// How the operator wants the bank API.
#[derive(Clone, Debug)]
pub(crate) struct BankSettings {
    /// HTTP status of an answer to an unknown user.
    pub(crate) unauthorized_status: u16,
    /// What a repeated order number is answered with.
    pub(crate) repeated: Repeated,
    /// What an order without money is answered with.
    pub(crate) underfunded: Underfunded,
    /// Rows of a page of a statement.
    pub(crate) statement_page: u32,
    /// Milliseconds that the played bank takes for an order, until the sandbox changes it.
    pub(crate) settle_after_ms: u64,
    /// The banks behind our services.
    pub(crate) upstreams: Vec<UpstreamSettings>,
    /// The days that differ from "Monday to Friday", when a file says so. Else they are those of
    /// the store.
    pub(crate) calendar: Option<BankCalendar>,
    hours: Option<Hours>,
}

impl BankSettings {
    /// The settings of these keys; paths in them are as they stand.
    ///
    /// # Errors
    /// When a key has a value that means nothing, or a service is kept at two banks.
    pub(crate) fn new(keys: BankKeys, upstreams: Vec<UpstreamKeys>) -> anyhow::Result<Self> {
        let unauthorized_status = keys.unauthorized_status.unwrap_or(200);
        ensure!(matches!(unauthorized_status, 200 | 401), "bank.unauthorized_status is 200 or 401");
        let statement_page = keys.statement_page.unwrap_or(STATEMENT_PAGE);
        ensure!(
            (1..=STATEMENT_PAGE_MAX).contains(&statement_page),
            "bank.statement_page is a number from 1 to {STATEMENT_PAGE_MAX}"
        );
        let settle_after_ms = keys.settle_after_ms.unwrap_or(SETTLE_AFTER_MS);
        ensure!(
            settle_after_ms <= SETTLE_AFTER_MS_MAX,
            "bank.settle_after_ms is at most {SETTLE_AFTER_MS_MAX}, a day"
        );
        let upstreams = upstreams.into_iter().map(UpstreamSettings::new);
        let upstreams = upstreams.collect::<anyhow::Result<Vec<_>>>()?;
        let mut seen = std::collections::BTreeSet::new();
        for service in upstreams.iter().flat_map(|upstream| upstream.services.keys()) {
            ensure!(seen.insert(service), "service {service} is in two bank_upstream tables");
        }
        Ok(Self {
            unauthorized_status,
            repeated: keys.repeated_order,
            underfunded: keys.underfunded,
            statement_page,
            settle_after_ms,
            upstreams,
            calendar: calendar(keys.holidays.as_deref())?,
            hours: hours(keys.day_closes.as_deref(), keys.holidays.is_some())?,
        })
    }

    /// The day in whose books a document is entered at `now`. Without closing hours the bank works
    /// round the clock, as instant payments do.
    pub(super) fn operating_day(&self, calendar: &BankCalendar, now: UnixMillis) -> BankDay {
        match self.hours {
            Some(hours) => calendar.operating_day(now, hours.close_minute),
            None => BankDay::of(now),
        }
    }
}

fn calendar(holidays: Option<&Path>) -> anyhow::Result<Option<BankCalendar>> {
    let Some(path) = holidays else { return Ok(None) };
    let table = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read bank.holidays {}", path.display()))?;
    let calendar = BankCalendar::parse(&table);
    Ok(Some(calendar.with_context(|| format!("bank.holidays {}", path.display()))?))
}

fn hours(closes: Option<&str>, has_holidays: bool) -> anyhow::Result<Option<Hours>> {
    match closes {
        Some(text) => match minute(text) {
            Some(close_minute) => Ok(Some(Hours { close_minute })),
            None => bail!("bank.day_closes {text:?} is not a time like 18:00"),
        },
        None => Ok(has_holidays.then_some(Hours { close_minute: NEVER })),
    }
}

/// Minutes since midnight of `HH:MM`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60 && hour * 60 + minute <= NEVER).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use chorsu_core::{Account, Network, ServiceId, bank};

    use super::*;

    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        bank: BankKeys,
        #[serde(default)]
        bank_upstream: Vec<UpstreamKeys>,
    }

    fn read(text: &str) -> anyhow::Result<BankSettings> {
        let file: File = toml::from_str(text)?;
        BankSettings::new(file.bank, file.bank_upstream)
    }

    #[test]
    fn without_keys_the_document_decides() {
        let settings = read("").unwrap();
        assert_eq!((settings.unauthorized_status, settings.statement_page), (200, 1_000));
        assert_eq!((settings.repeated, settings.settle_after_ms), (Repeated::Error, 10_000));
        assert_eq!(settings.underfunded, Underfunded::Accept);
        assert!(settings.upstreams.is_empty());
    }

    #[test]
    fn a_bank_behind_our_services_is_read() {
        let text = "[[bank_upstream]]\nurl = \"https://bank.example/api/v2\"\nusername = \"u\"\n\
                    password = \"secret-word\"\nservices = { 33 = 7 }";
        let settings = read(text).unwrap();
        let found = settings.upstreams[0].services.get(&ServiceId(33));
        assert_eq!(found, Some(&bank::ServiceNumber(7)));
        assert!(!format!("{settings:?}").contains("secret-word"));
        let upstream = &settings.upstreams[0];
        assert_eq!(
            (upstream.believe_1008_after_ms, upstream.statement_every_seconds),
            (60_000, 60)
        );
        let more = "order_prefix = \"c1-\"\nbelieve_1008_after_seconds = 0\n\
                    statement_every_seconds = 5\nstatement_from = \"2026-11-01\"\n\
                    payers = { \"17409000400000401248\" = \"network:humo\" }";
        let settings = read(&format!("{text}\n{more}")).unwrap();
        let upstream = &settings.upstreams[0];
        assert_eq!((&*upstream.order_prefix, upstream.believe_1008_after_ms), ("c1-", 0));
        assert_eq!(upstream.statement_from, BankDay::parse("2026-11-01"));
        assert_eq!(upstream.payers["17409000400000401248"], Account::Network(Network::Humo));
    }

    #[test]
    fn mistakes_are_named() {
        let bank = "[[bank_upstream]]\nurl = \"http://b\"\nusername = \"u\"\npassword = \"p\"\n";
        let cases = [
            ("[bank]\nunauthorized_status = 403".to_owned(), "unauthorized_status"),
            ("[bank]\nstatement_page = 0".to_owned(), "statement_page"),
            ("[bank]\nsettle_after_ms = 86400001".to_owned(), "settle_after_ms"),
            ("[bank]\nday_closes = \"25:00\"".to_owned(), "day_closes"),
            ("[bank]\nday_closes = \"9:00\"".to_owned(), "day_closes"),
            ("[bank]\nholidays = \"/no/such/file\"".to_owned(), "holidays"),
            ("[bank]\ncolour = 1".to_owned(), "colour"),
            (format!("{bank}services = {{}}"), "no services"),
            (format!("{bank}services = {{ a = 1 }}"), "service number"),
            (format!("{bank}services = {{ 1 = 1 }}\norder_prefix = \"a b\""), "order_prefix"),
            (format!("{bank}services = {{ 1 = 1 }}\nstatement_from = \"1.1.26\""), "no date"),
            (format!("{bank}services = {{ 1 = 1 }}\npayers = {{ 1 = \"fees\" }}"), "no account"),
            (
                format!(
                    "{bank}services = {{ 1 = 1 }}\n\
                     payers = {{ \"17409000400000401248\" = \"fees\" }}"
                ),
                "neither",
            ),
            (format!("{bank}services = {{ 1 = 1 }}\nbelieve_1008_after_seconds = 3601"), "at most"),
            (format!("{bank}services = {{ 1 = 1 }}\n{bank}services = {{ 1 = 2 }}"), "two"),
        ];
        for (text, want) in cases {
            let error = format!("{:#}", read(&text).unwrap_err());
            assert!(error.contains(want), "{text}: {error}");
        }
    }

    #[test]
    fn the_operating_day_turns_when_the_bank_closes() {
        let friday = BankDay::parse("2026-11-20").unwrap();
        let noon = friday.start().plus(12 * 3_600_000);
        let round_the_clock = read("").unwrap();
        let office = read("[bank]\nday_closes = \"18:00\"").unwrap();
        let calendar = BankCalendar::parse("2026-11-23 off").unwrap();
        let holidays = "2026-11-24";
        let cases = [
            (&round_the_clock, noon, "2026-11-20"),
            (&round_the_clock, friday.end(), "2026-11-21"),
            (&office, noon.plus(6 * 3_600_000 - 1), "2026-11-20"),
            (&office, noon.plus(6 * 3_600_000), holidays),
            (&office, friday.end(), holidays),
        ];
        for (settings, now, want) in cases {
            let found = settings.operating_day(&calendar, now);
            assert_eq!(Some(found), BankDay::parse(want), "{now:?}");
        }
    }
}
