//! The tills of a running Chorsu: each with its contracts, its pinpad and its fiscal module.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context as _, bail};
use chorsu_api::till::AmountUnit;
use chorsu_connectors::Secret;
use chorsu_connectors::click::{ClickLink, ClickSettings};
use chorsu_connectors::fiscal_module::{Applet, FiscalModule, FiscalModuleSettings};
use chorsu_connectors::http::{HttpClient, HttpSettings};
use chorsu_connectors::payme::{PaymeLink, PaymeSettings};
use chorsu_connectors::pinpad::{
    CommandTemplate, Pinpad, PinpadOperation, PinpadSettings, SlipSource,
};
use chorsu_connectors::uzum::{UzumLink, UzumSettings};
use chorsu_connectors::wallet::{self, WalletLink};
use chorsu_core::{KassaId, Provider, Wallet};

use super::config::{
    ClickConfig, FiscalModuleConfig, PaymeConfig, PinpadConfig, TillConfig, UzumConfig,
    give_back_seconds, is_name,
};
use super::fiscalise::nameless::WaitedFor;
use super::shift::desk::Turn;

/// Tills that the sandbox makes for names it has not heard before.
const PLAYED_MAX: usize = 1_000;

/// A till.
pub(crate) struct Till {
    /// Its name in paths.
    pub(crate) id: Arc<str>,
    /// Whose money its payments are.
    pub(crate) merchant: KassaId,
    /// The seller's taxpayer number.
    pub(crate) inn: String,
    /// The seller's name.
    pub(crate) name: String,
    /// The seller's address.
    pub(crate) address: String,
    /// The cash register's number at the wallets.
    pub(crate) kkm_id: String,
    /// The device's number at the wallets.
    pub(crate) device_id: String,
    /// What amounts of wallet payments count.
    pub(crate) unit: AmountUnit,
    /// How long a payment's caller waits for the truth.
    pub(crate) budget: Duration,
    /// The commission withheld from the merchant, in millionths.
    pub(crate) commission_ppm: u32,
    /// Whether payments are taken while no fiscal receipt could follow.
    pub(crate) sells_without_module: bool,
    /// How long after it was declined a payment that was not seen is asked about again.
    pub(crate) ask_again: Vec<Duration>,
    /// For how long a refusal to give money back that has to go back is not believed.
    pub(crate) give_back_for: Duration,
    /// Receipts and shifts go to the fiscal module one after the other.
    pub(crate) module_turn: Turn,
    /// Receipts of nameless orders that somebody is waiting for.
    pub(crate) waited_for: WaitedFor,
    wallets: [Option<WalletLink>; 3],
    /// Which of them the sandbox plays.
    plays: [bool; 3],
    pinpad: Option<Pinpad>,
    module: Option<FiscalModule>,
}

impl Till {
    /// The link to a wallet, if there is a contract.
    pub(crate) const fn wallet(&self, wallet: Wallet) -> Option<&WalletLink> {
        self.wallets[wallet as usize].as_ref()
    }

    /// Whether the sandbox plays this wallet for the till.
    pub(crate) const fn plays(&self, wallet: Wallet) -> bool {
        self.plays[wallet as usize]
    }

    /// The pinpad, if there is one.
    pub(crate) const fn pinpad(&self) -> Option<&Pinpad> {
        self.pinpad.as_ref()
    }

    /// The fiscal module, if there is one.
    pub(crate) const fn module(&self) -> Option<&FiscalModule> {
        self.module.as_ref()
    }

    /// How the wallets know this till.
    pub(crate) fn at_provider(&self) -> wallet::Till {
        wallet::Till {
            cashbox_code: None,
            kkm_id: Some(self.kkm_id.clone()).filter(|id| !id.is_empty()),
            device_id: Some(self.device_id.clone()).filter(|id| !id.is_empty()),
        }
    }

    /// Whether a payment at this provider has a number of the provider's before it is sent.
    pub(crate) const fn prepares(&self, provider: Provider) -> bool {
        matches!(provider, Provider::Wallet(Wallet::Payme))
    }
}

/// What fills the gaps of a till in the sandbox: the played counterparties.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    /// The contract with the played Click.
    pub(crate) click: ClickConfig,
    /// The contract with the played Payme.
    pub(crate) payme: PaymeConfig,
    /// The contract with the played Uzum.
    pub(crate) uzum: UzumConfig,
    /// The played fiscal modules' address.
    pub(crate) module_url: String,
    /// The program that plays a pinpad.
    pub(crate) pinpad_program: PathBuf,
    /// Where played pinpads keep their state, a folder each.
    pub(crate) pinpad_dir: PathBuf,
    /// The kassa whose money payments at made-up tills are.
    pub(crate) merchant: KassaId,
}

/// The tills.
pub(crate) struct Tills {
    http: HttpClient,
    configured: HashMap<Arc<str>, Arc<Till>>,
    /// In the sandbox: those that were asked for by name only.
    made: RwLock<HashMap<Arc<str>, Arc<Till>>>,
    played: Option<Played>,
}

impl Tills {
    /// The tills of the configuration. `played` is there in the sandbox only.
    ///
    /// # Errors
    /// A sentence about the setting that is wrong.
    pub(crate) fn open(configs: &[TillConfig], played: Option<Played>) -> anyhow::Result<Self> {
        let http = HttpClient::new(HttpSettings::default());
        let mut configured = HashMap::new();
        for config in configs {
            config.check()?;
            let till = build(config, &http, played.as_ref())
                .with_context(|| format!("in the settings of till {}", config.id))?;
            if configured.insert(till.id.clone(), Arc::new(till)).is_some() {
                bail!("two tills are called {}", config.id);
            }
        }
        Ok(Self { http, configured, made: RwLock::default(), played })
    }

    /// Every till that was used so far, and whether the configuration has it.
    pub(crate) fn all(&self) -> Vec<(Arc<Till>, bool)> {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        let configured = self.configured.values().map(|till| (till.clone(), true));
        configured.chain(made.values().map(|till| (till.clone(), false))).collect()
    }

    /// The till of this name. The sandbox has one for every name.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Till>> {
        if let Some(till) = self.configured.get(id) {
            return Some(till.clone());
        }
        let played = self.played.as_ref().filter(|_| is_name(id))?;
        let known = self.made.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if known.is_some() {
            return known;
        }
        let till = build(&made_up(id, played), &self.http, Some(played));
        let till = Arc::new(
            till.inspect_err(|error| tracing::error!(%error, "a played till cannot be made"))
                .ok()?,
        );
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= PLAYED_MAX {
            return None;
        }
        Some(made.entry(till.id.clone()).or_insert(till).clone())
    }
}

/// A till of the sandbox that nobody has configured.
fn made_up(id: &str, played: &Played) -> TillConfig {
    TillConfig {
        id: id.to_owned(),
        merchant: played.merchant.to_string(),
        inn: "123456789".to_owned(),
        name: "Chorsu Demo".to_owned(),
        address: "Tashkent".to_owned(),
        kkm_id: "00000001".to_owned(),
        device_id: "00000001".to_owned(),
        amount_unit: None,
        budget_seconds: 25,
        commission_ppm: 0,
        payments_without_fiscal_module: false,
        give_back_seconds: give_back_seconds(),
        click: None,
        payme: None,
        uzum: None,
        pinpad: None,
        fiscal_module: None,
    }
}

fn build(config: &TillConfig, http: &HttpClient, played: Option<&Played>) -> anyhow::Result<Till> {
    let click = config.click.as_ref().or(played.map(|played| &played.click));
    let payme = config.payme.as_ref().or(played.map(|played| &played.payme));
    let uzum = config.uzum.as_ref().or(played.map(|played| &played.uzum));
    let pinpad = match (&config.pinpad, played) {
        (Some(pinpad), _) => Some(configured_pinpad(pinpad)?),
        (None, Some(played)) => Some(played_pinpad(&config.id, played)?),
        (None, None) => None,
    };
    let module = match (&config.fiscal_module, played) {
        (Some(module), _) => Some(module.clone()),
        (None, Some(played)) => Some(FiscalModuleConfig {
            url: played.module_url.clone(),
            factory_id: config.id.clone(),
            applet: "0400".to_owned(),
        }),
        (None, None) => None,
    };
    Ok(Till {
        id: Arc::from(config.id.as_str()),
        merchant: config.merchant()?,
        inn: config.inn.clone(),
        name: config.name.clone(),
        address: config.address.clone(),
        kkm_id: config.kkm_id.clone(),
        device_id: config.device_id.clone(),
        unit: config.unit()?,
        budget: Duration::from_secs(config.budget_seconds),
        commission_ppm: config.commission_ppm,
        sells_without_module: config.payments_without_fiscal_module,
        ask_again: click.map_or_else(Vec::new, |click| click.ask_again()),
        give_back_for: Duration::from_secs(config.give_back_seconds),
        module_turn: Turn::default(),
        waited_for: WaitedFor::default(),
        wallets: [
            click.map(|click| click_link(http, click)).transpose()?,
            payme.map(|payme| payme_link(http, payme)).transpose()?,
            uzum.map(|uzum| uzum_link(http, uzum)).transpose()?,
        ],
        plays: [config.click.is_none(), config.payme.is_none(), config.uzum.is_none()]
            .map(|is_left_out| is_left_out && played.is_some()),
        pinpad,
        module: module.map(|module| fiscal_module(http, &module)).transpose()?,
    })
}

fn click_link(http: &HttpClient, config: &ClickConfig) -> anyhow::Result<WalletLink> {
    let settings = ClickSettings {
        base_url: config.base_url.parse().context("click.base_url")?,
        merchant_user_id: config.merchant_user_id.clone(),
        secret: Secret::new(config.secret_key.0.clone()),
        service_id: config.service_id,
        cashbox_code: config.cashbox_code.clone(),
        confirmation_mode: config.confirmation_mode,
        not_found_after: Duration::from_secs(config.not_found_after_seconds),
        not_found_code: config.not_found_code,
    };
    Ok(WalletLink::Click(ClickLink::new(http.clone(), settings)))
}

fn payme_link(http: &HttpClient, config: &PaymeConfig) -> anyhow::Result<WalletLink> {
    let settings = PaymeSettings {
        url: config.url.parse().context("payme.url")?,
        merchant_id: config.merchant_id.clone(),
        key: Secret::new(config.key.0.clone()),
        account_field: config.account_field.clone(),
    };
    Ok(WalletLink::Payme(PaymeLink::new(http.clone(), settings)))
}

fn uzum_link(http: &HttpClient, config: &UzumConfig) -> anyhow::Result<WalletLink> {
    let settings = UzumSettings {
        base_url: config.base_url.parse().context("uzum.base_url")?,
        merchant_service_user_id: config.merchant_service_user_id.clone(),
        secret: Secret::new(config.secret.0.clone()),
        service_id: config.service_id,
        cashbox_code: config.cashbox_code.clone(),
        time_offset_ms: config.time_offset_ms,
    };
    Ok(WalletLink::Uzum(UzumLink::new(http.clone(), settings)))
}

fn fiscal_module(http: &HttpClient, config: &FiscalModuleConfig) -> anyhow::Result<FiscalModule> {
    let settings = FiscalModuleSettings {
        url: config.url.parse().context("fiscal_module.url")?,
        factory_id: config.factory_id.clone(),
        applet: Applet::from_version(&config.applet)
            .context("fiscal_module.applet must be four digits, as 0400")?,
    };
    Ok(FiscalModule::new(http.clone(), settings))
}

fn configured_pinpad(config: &PinpadConfig) -> anyhow::Result<Pinpad> {
    let optional = |operation, parts: &Option<Vec<String>>| -> anyhow::Result<_> {
        let parsed = parts.as_ref().map(|parts| CommandTemplate::parse(operation, parts));
        Ok(parsed.transpose()?)
    };
    Ok(Pinpad::new(PinpadSettings {
        sale: CommandTemplate::parse(PinpadOperation::Sale, &config.sale)?,
        void: optional(PinpadOperation::Void, &config.void)?,
        reconcile: optional(PinpadOperation::Reconcile, &config.reconcile)?,
        short_report: optional(PinpadOperation::ShortReport, &config.short_report)?,
        print_last: optional(PinpadOperation::PrintLast, &config.print_last)?,
        directory: config.directory.clone(),
        slip: match &config.slip_file {
            Some(path) => SlipSource::File(path.clone()),
            None => SlipSource::Output,
        },
        time_limit: Duration::from_secs(config.time_limit_seconds),
    }))
}

/// The played pinpad of a till: this program again, in a folder of the till's own.
fn played_pinpad(till: &str, played: &Played) -> anyhow::Result<Pinpad> {
    let dir = played.pinpad_dir.join(till);
    std::fs::create_dir_all(&dir)
        .with_context(|| format!("cannot make the folder of the pinpad {}", dir.display()))?;
    let dir = dir.canonicalize()?;
    let command = |arguments: &[&str]| {
        let program = played.pinpad_program.display().to_string();
        let mut parts = vec![program, "pinpad".to_owned(), "--dir".to_owned()];
        parts.push(dir.display().to_string());
        parts.push("--".to_owned());
        parts.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        Some(parts)
    };
    configured_pinpad(&PinpadConfig {
        sale: command(&["/o1", "/a{amount}", "/c860"]).unwrap_or_default(),
        void: command(&["/o4", "/a{amount}", "/c860", "/r{rrn}"]),
        reconcile: command(&["/o98"]),
        short_report: command(&["/o97"]),
        print_last: command(&["/o96"]),
        directory: Some(dir.clone()),
        slip_file: Some(dir.join("cheq.out")),
        time_limit_seconds: 90,
    })
}
