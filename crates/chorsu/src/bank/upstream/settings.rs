//! The key `[[bank_upstream]]` of the configuration file: a bank that keeps the accounts of some of
//! our services.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use chorsu_connectors::Secret;
use chorsu_connectors::http::BaseUrl;
use chorsu_core::bank::{self, BankAccount, BankDay, OrderKey};
use chorsu_core::{Account, ServiceId};
use serde::Deserialize;

/// How long after an order was sent the bank's "no such order" is not believed, in seconds: a
/// request may be on its way for longer than anybody waits for its answer.
const BELIEVE_1008_AFTER_SECONDS: u64 = 60;
/// How often the statement is read, in seconds.
const STATEMENT_EVERY_SECONDS: u64 = 60;
/// The longest of either: an hour.
const SECONDS_MAX: u64 = 60 * 60;
/// Longest prefix of order numbers: a number has 64 characters, and an id takes 24 of them.
const PREFIX_MAX: usize = 40;

/// One `[[bank_upstream]]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpstreamKeys {
    url: String,
    username: String,
    password: String,
    /// Our service numbers, each with the number of the service at that bank.
    services: BTreeMap<String, i64>,
    #[serde(default)]
    order_prefix: String,
    believe_1008_after_seconds: Option<u64>,
    statement_every_seconds: Option<u64>,
    /// The first bank day whose statement is booked; without it, the day on which it is first read.
    statement_from: Option<String>,
    /// Accounts of card networks and wallets, each with what it is in the ledger.
    #[serde(default)]
    payers: BTreeMap<String, String>,
}

/// A bank that keeps the accounts of some of our services.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamSettings {
    /// How it is reached.
    pub(crate) link: chorsu_connectors::bank::BankSettings,
    /// Our services, and what they are called there.
    pub(crate) services: BTreeMap<ServiceId, bank::ServiceNumber>,
    /// What our numbers of orders begin with there.
    pub(crate) order_prefix: String,
    /// Milliseconds after sending an order before "no such order" is believed.
    pub(crate) believe_1008_after_ms: i64,
    /// Seconds between two looks at the statement.
    pub(crate) statement_every_seconds: u64,
    /// The first bank day whose statement is booked.
    pub(crate) statement_from: Option<BankDay>,
    /// Accounts from which those pay who owe us money already.
    pub(crate) payers: BTreeMap<String, Account>,
}

impl UpstreamSettings {
    /// The settings of one table.
    ///
    /// # Errors
    /// When a key has a value that means nothing.
    pub(crate) fn new(keys: UpstreamKeys) -> anyhow::Result<Self> {
        let UpstreamKeys { url, username, password, services, order_prefix, .. } = keys;
        let base_url: BaseUrl =
            url.parse().with_context(|| format!("bank_upstream.url {url:?} cannot be used"))?;
        ensure!(!services.is_empty(), "bank_upstream {url} has no services");
        ensure!(
            order_prefix.is_empty()
                || order_prefix.len() <= PREFIX_MAX && OrderKey::parse(&order_prefix).is_some(),
            "bank_upstream.order_prefix has at most {PREFIX_MAX} bytes and no spaces"
        );
        let mapped = services.into_iter().map(|(ours, theirs)| {
            let ours = ServiceId::parse(&ours).with_context(|| {
                format!("bank_upstream.services: {ours:?} is no service number")
            })?;
            Ok((ours, bank::ServiceNumber(theirs)))
        });
        let password = Secret::new(password);
        let link = chorsu_connectors::bank::BankSettings { base_url, username, password };
        let believe = seconds(
            "believe_1008_after_seconds",
            keys.believe_1008_after_seconds.unwrap_or(BELIEVE_1008_AFTER_SECONDS),
        )?;
        let every = keys.statement_every_seconds.unwrap_or(STATEMENT_EVERY_SECONDS);
        let statement_from = keys.statement_from.map(|text| {
            let day = BankDay::parse(&text);
            day.with_context(|| format!("bank_upstream.statement_from {text:?} is no date"))
        });
        Ok(Self {
            link,
            services: mapped.collect::<anyhow::Result<_>>()?,
            order_prefix,
            believe_1008_after_ms: i64::try_from(believe).unwrap_or(i64::MAX) * 1_000,
            statement_every_seconds: seconds("statement_every_seconds", every)?.max(1),
            statement_from: statement_from.transpose()?,
            payers: keys.payers.into_iter().map(payer).collect::<anyhow::Result<_>>()?,
        })
    }
}

fn seconds(key: &str, value: u64) -> anyhow::Result<u64> {
    ensure!(value <= SECONDS_MAX, "bank_upstream.{key} is at most {SECONDS_MAX}");
    Ok(value)
}

fn payer((account, owes): (String, String)) -> anyhow::Result<(String, Account)> {
    BankAccount::parse(&account)
        .with_context(|| format!("bank_upstream.payers: {account:?} is no account"))?;
    let found = owes.parse().ok();
    match found {
        Some(found @ (Account::Network(_) | Account::Wallet(_))) => Ok((account, found)),
        _ => anyhow::bail!(
            "bank_upstream.payers: {owes:?} is neither a network (\"network:humo\") nor a wallet \
             (\"wallet:click\")"
        ),
    }
}
