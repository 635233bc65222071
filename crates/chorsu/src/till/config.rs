//! The tills of the configuration file (`[[till]]`), and who may use them.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use chorsu_api::till::AmountUnit;
use chorsu_core::KassaId;
use serde::Deserialize;

/// The till that paths without a till's name mean.
pub(crate) const DEFAULT_TILL: &str = "default";
/// How long a till waits for the truth unless told otherwise.
const BUDGET_SECONDS: u64 = 25;
/// The longest name of a till.
const NAME_MAX: usize = 32;

/// A till as the file describes it. In the sandbox, what is left out is played.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TillConfig {
    /// Its name in paths: letters, digits, `-` and `_`.
    pub(crate) id: String,
    /// The kassa whose money its payments are, 24 hexadecimal digits.
    pub(crate) merchant: String,
    /// The seller's taxpayer number.
    #[serde(default)]
    pub(crate) inn: String,
    /// The seller's name, for receipts.
    #[serde(default)]
    pub(crate) name: String,
    /// The seller's address, for receipts.
    #[serde(default)]
    pub(crate) address: String,
    /// The cash register's number, as the wallets know it.
    #[serde(default)]
    pub(crate) kkm_id: String,
    /// The device's number, as the wallets know it.
    #[serde(default)]
    pub(crate) device_id: String,
    /// What `amount` counts in `/payment/{click,payme,uzum}`: `sum` or `tiyin`.
    #[serde(default)]
    pub(crate) amount_unit: Option<String>,
    /// How long a payment's caller waits for the truth, in seconds.
    #[serde(default = "budget_seconds")]
    pub(crate) budget_seconds: u64,
    /// The commission withheld from the merchant, in millionths.
    #[serde(default)]
    pub(crate) commission_ppm: u32,
    /// Whether payments are taken while no fiscal receipt could follow: without a fiscal module,
    /// or when it is away.
    #[serde(default)]
    pub(crate) payments_without_fiscal_module: bool,
    /// For how long a wallet that refuses to give back what has to go back is asked again, in
    /// seconds.
    #[serde(default = "give_back_seconds")]
    pub(crate) give_back_seconds: u64,
    /// The contract with Click.
    pub(crate) click: Option<ClickConfig>,
    /// The contract with Payme.
    pub(crate) payme: Option<PaymeConfig>,
    /// The contract with Uzum.
    pub(crate) uzum: Option<UzumConfig>,
    /// The HUMO pinpad.
    pub(crate) pinpad: Option<PinpadConfig>,
    /// The fiscal module.
    pub(crate) fiscal_module: Option<FiscalModuleConfig>,
}

const fn budget_seconds() -> u64 {
    BUDGET_SECONDS
}

/// `[till.click]`: Merchant API v2.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClickConfig {
    #[serde(default = "click_url")]
    pub(crate) base_url: String,
    pub(crate) merchant_user_id: String,
    pub(crate) secret_key: Hidden,
    pub(crate) service_id: u64,
    pub(crate) cashbox_code: Option<String>,
    /// Whether payments wait for a confirmation. It has to be as it is at Click.
    #[serde(default)]
    pub(crate) confirmation_mode: bool,
    /// So long after a call has ended "there is no such payment" is believed.
    #[serde(default = "not_found_after_seconds")]
    pub(crate) not_found_after_seconds: u64,
    /// The error code of "there is no such payment".
    #[serde(default = "not_found_code")]
    pub(crate) not_found_code: i64,
    /// How long after it was believed Click is asked again, in seconds, each time.
    #[serde(default = "ask_again_seconds")]
    pub(crate) ask_again_seconds: Vec<u64>,
}

impl ClickConfig {
    /// How long after "there is no such payment" Click is asked again.
    pub(crate) fn ask_again(&self) -> Vec<Duration> {
        self.ask_again_seconds.iter().copied().map(Duration::from_secs).collect()
    }

    fn check(&self) -> anyhow::Result<()> {
        ensure!(
            (1..=3_600).contains(&self.not_found_after_seconds),
            "click.not_found_after_seconds must be between 1 and 3600"
        );
        ensure!(
            self.ask_again_seconds.len() <= 16 && self.ask_again_seconds.is_sorted(),
            "click.ask_again_seconds is at most 16 numbers, the smallest first"
        );
        Ok(())
    }
}

pub(crate) const fn not_found_after_seconds() -> u64 {
    60
}

pub(crate) const fn not_found_code() -> i64 {
    chorsu_connectors::click::answer::NOT_FOUND
}

pub(crate) fn ask_again_seconds() -> Vec<u64> {
    vec![60, 300, 1_800]
}

/// A day.
pub(crate) const fn give_back_seconds() -> u64 {
    86_400
}

/// `[till.payme]`: Payme Go over the Subscribe API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymeConfig {
    #[serde(default = "payme_url")]
    pub(crate) url: String,
    pub(crate) merchant_id: String,
    pub(crate) key: Hidden,
    /// The account field that carries our reference.
    #[serde(default = "payme_field")]
    pub(crate) account_field: String,
}

/// `[till.uzum]`: FastPay.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UzumConfig {
    #[serde(default = "uzum_url")]
    pub(crate) base_url: String,
    pub(crate) merchant_service_user_id: String,
    pub(crate) secret: Hidden,
    pub(crate) service_id: u64,
    pub(crate) cashbox_code: Option<String>,
    #[serde(default)]
    pub(crate) time_offset_ms: i64,
}

fn click_url() -> String {
    "https://api.click.uz/v2/merchant".to_owned()
}

fn payme_url() -> String {
    "https://checkout.paycom.uz/api".to_owned()
}

fn payme_field() -> String {
    "document".to_owned()
}

fn uzum_url() -> String {
    "https://mobile.apelsin.uz/api/apelsin-pay".to_owned()
}

/// `[till.pinpad]`: a command for each operation, as a list of the program and its arguments.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PinpadConfig {
    pub(crate) sale: Vec<String>,
    pub(crate) void: Option<Vec<String>>,
    pub(crate) reconcile: Option<Vec<String>>,
    pub(crate) short_report: Option<Vec<String>>,
    pub(crate) print_last: Option<Vec<String>>,
    /// Where the program runs.
    pub(crate) directory: Option<PathBuf>,
    /// The file with the slip; the program's output when absent.
    pub(crate) slip_file: Option<PathBuf>,
    #[serde(default = "pinpad_seconds")]
    pub(crate) time_limit_seconds: u64,
}

const fn pinpad_seconds() -> u64 {
    90
}

/// `[till.fiscal_module]`: FiscalDriveAPI.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FiscalModuleConfig {
    #[serde(default = "module_url")]
    pub(crate) url: String,
    pub(crate) factory_id: String,
    /// The four digits of its applet's version.
    #[serde(default = "applet")]
    pub(crate) applet: String,
}

fn module_url() -> String {
    "http://127.0.0.1:3448/rpc/api".to_owned()
}

fn applet() -> String {
    "0400".to_owned()
}

/// A secret of the file; it is never printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hidden(pub(crate) String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(..)")
    }
}

impl TillConfig {
    /// The merchant.
    pub(crate) fn merchant(&self) -> anyhow::Result<KassaId> {
        let wrong = || format!("till {}: merchant must be the id of a kassa", self.id);
        self.merchant.parse().with_context(wrong)
    }

    /// The unit of amounts, `sum` unless told otherwise.
    pub(crate) fn unit(&self) -> anyhow::Result<AmountUnit> {
        let Some(name) = &self.amount_unit else { return Ok(AmountUnit::Sum) };
        let wrong = || format!("till {}: amount_unit must be sum or tiyin", self.id);
        AmountUnit::from_name(name).with_context(wrong)
    }

    /// Checks what can be checked without asking anybody.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(is_name(&self.id), "a till's id is 1 to 32 letters, digits, - and _: {}", self.id);
        ensure!(
            (1..=300).contains(&self.budget_seconds),
            "till {}: budget_seconds must be between 1 and 300",
            self.id
        );
        ensure!(self.commission_ppm <= 1_000_000, "till {}: commission_ppm", self.id);
        self.click.as_ref().map(ClickConfig::check).transpose()?;
        self.merchant()?;
        self.unit().map(drop)
    }
}

/// Whether `name` may name a till.
pub(crate) fn is_name(name: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(good)
}
