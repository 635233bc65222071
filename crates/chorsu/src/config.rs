//! The configuration: built-in values, then the file, then variables and options.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use chorsu_store::OpenOptions;
use serde::Deserialize;

use crate::bank::settings::{BankKeys, BankSettings, UpstreamKeys};
use crate::cli::ServeArgs;
use crate::payme_kassas::PaymeKassaConfig;
use crate::till::config::TillConfig;

/// Where Chorsu listens unless told otherwise.
pub(crate) const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
/// Where the data is unless told otherwise.
pub(crate) const DEFAULT_DATA: &str = "chorsu-data";

/// Whether the counterparties are played or real.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Every counterparty is played by Chorsu, and the demo kassas are open.
    #[default]
    Sandbox,
    /// Real counterparties; nothing of the sandbox is there.
    Live,
}

/// The configuration file. An unknown key is an error that names it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mode: Option<Mode>,
    listen: Option<String>,
    data: Option<PathBuf>,
    database: Option<String>,
    /// The base of links sent to payers, as they reach this server from outside.
    public_url: Option<String>,
    /// A file with the master key, 64 hexadecimal digits.
    master_key_file: Option<PathBuf>,
    /// `host:port` of the UZCARD host (ISO 8583).
    uzcard_address: Option<String>,
    /// `host:port` of the HUMO host (ISO 8583).
    humo_address: Option<String>,
    /// The SMS gateway's URL.
    sms_url: Option<String>,
    /// How the bank API works.
    #[serde(default)]
    bank: BankKeys,
    /// The banks that keep the accounts of bank services.
    #[serde(default)]
    bank_upstream: Vec<UpstreamKeys>,
    /// The kassas at Payme that stand behind some of ours.
    #[serde(default)]
    payme_kassa: Vec<PaymeKassaConfig>,
    /// Networks that may use the till API beside this machine, as `192.168.7.0/24`.
    #[serde(default)]
    till_networks: Vec<String>,
    /// The tills.
    #[serde(default)]
    till: Vec<TillConfig>,
}

/// What `chorsu serve` works with.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Sandbox or live.
    pub(crate) mode: Mode,
    /// Where to listen.
    pub(crate) listen: String,
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The database, when it is not SQLite in the data folder.
    pub(crate) database: Option<String>,
    /// The base of links sent to payers; the listening address when absent.
    pub(crate) public_url: Option<String>,
    /// A file with the master key.
    pub(crate) master_key_file: Option<PathBuf>,
    /// How the bank API works.
    pub(crate) bank: BankSettings,
    /// The kassas at Payme that stand behind some of ours.
    pub(crate) payme_kassas: Vec<PaymeKassaConfig>,
    /// Networks that may use the till API beside this machine.
    pub(crate) till_networks: Vec<String>,
    /// The tills.
    pub(crate) tills: Vec<TillConfig>,
    /// The real card networks, in live mode.
    pub(crate) live: Option<Live>,
}

/// What live mode reaches; what is absent is out of reach.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    /// `host:port` of the UZCARD host.
    pub(crate) uzcard_address: Option<String>,
    /// `host:port` of the HUMO host.
    pub(crate) humo_address: Option<String>,
    /// The SMS gateway's URL.
    pub(crate) sms_url: Option<String>,
}

impl Config {
    /// The configuration of these options and the file they name.
    pub(crate) fn load(args: &ServeArgs) -> anyhow::Result<Self> {
        let file = match &args.config {
            Some(path) => read(path)?,
            None => File::default(),
        };
        Self::merge(args, file)
    }

    fn merge(args: &ServeArgs, file: File) -> anyhow::Result<Self> {
        let mode = file.mode.unwrap_or_default();
        let live = match (mode, file.uzcard_address, file.humo_address, file.sms_url) {
            (Mode::Sandbox, None, None, None) => None,
            (Mode::Sandbox, ..) => bail!(
                "uzcard_address, humo_address and sms_url belong to mode = \"live\"; the sandbox \
                 plays them"
            ),
            (Mode::Live, uzcard_address, humo_address, sms_url) => {
                let is_whole =
                    uzcard_address.is_some() && humo_address.is_some() && sms_url.is_some();
                // A shop whose cards are all Payme's has no line to the networks.
                ensure!(
                    is_whole || !file.payme_kassa.is_empty(),
                    "mode = \"live\" needs uzcard_address, humo_address and sms_url, or a \
                     [[payme_kassa]]"
                );
                Some(Live { uzcard_address, humo_address, sms_url })
            }
        };
        if mode == Mode::Live {
            ensure!(
                file.master_key_file.is_some(),
                "mode = \"live\" needs master_key_file (make a key with: openssl rand -hex 32)"
            );
        }
        let data = args.data.clone().or(file.data).unwrap_or_else(|| DEFAULT_DATA.into());
        Ok(Self {
            mode,
            listen: args.listen.clone().or(file.listen).unwrap_or_else(|| DEFAULT_LISTEN.into()),
            data,
            database: args.database.clone().or(file.database),
            public_url: file.public_url,
            master_key_file: file.master_key_file,
            bank: BankSettings::new(file.bank, file.bank_upstream)?,
            payme_kassas: file.payme_kassa,
            till_networks: file.till_networks,
            tills: file.till,
            live,
        })
    }

    /// Where the store is.
    pub(crate) fn store(&self) -> OpenOptions {
        store(self.database.clone(), self.data.clone())
    }
}

/// PostgreSQL when `database` is given, else SQLite in `data`.
pub(crate) fn store(database: Option<String>, data: PathBuf) -> OpenOptions {
    match database {
        Some(url) => OpenOptions::Postgres { url },
        None => OpenOptions::Sqlite { dir: data },
    }
}

fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("in the configuration {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> anyhow::Result<Config> {
        Config::merge(&ServeArgs::default(), toml::from_str(text)?)
    }

    #[test]
    fn without_anything_it_is_the_sandbox_on_loopback() {
        let config = load("").unwrap();
        assert_eq!((config.mode, config.listen.as_str()), (Mode::Sandbox, DEFAULT_LISTEN));
        assert_eq!(config.data, Path::new(DEFAULT_DATA));
    }

    #[test]
    fn options_come_before_the_file() {
        let args = ServeArgs { listen: Some("127.0.0.1:1".into()), ..ServeArgs::default() };
        let file = toml::from_str("listen = \"127.0.0.1:2\"\ndatabase = \"postgres://x\"").unwrap();
        let config = Config::merge(&args, file).unwrap();
        assert_eq!(config.listen, "127.0.0.1:1");
        assert_eq!(config.database.as_deref(), Some("postgres://x"));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, want) in [
            ("listne = \"x\"", "listne"),
            ("mode = \"production\"", "production"),
            ("mode = \"live\"", "uzcard_address"),
            ("sms_url = \"http://x\"", "live"),
            (
                "mode = \"live\"\nuzcard_address = \"a:1\"\nhumo_address = \"b:1\"\nsms_url = \"c\"",
                "master_key_file",
            ),
            ("mode = \"live\"\nuzcard_address = \"a:1\"", "[[payme_kassa]]"),
            ("[[payme_kassa]]\nkassa = \"x\"", "merchant_id"),
        ] {
            let error = format!("{:#}", load(text).unwrap_err());
            assert!(error.contains(want), "{text}: {error}");
        }
    }
}
