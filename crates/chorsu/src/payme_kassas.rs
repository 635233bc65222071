//! Kassas behind which a kassa at Payme stands (`[[payme_kassa]]`): which they are, and the ways
//! there. What is asked of them is in `service::payme`.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use chorsu_connectors::Secret;
use chorsu_connectors::http::{HttpClient, HttpSettings};
use chorsu_connectors::payme::kassa::{KassaLink, KassaSettings};
use chorsu_core::{KassaId, ReceiptId};
use serde::Deserialize;

use crate::till::config::Hidden;

/// `[[payme_kassa]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymeKassaConfig {
    /// Our kassa, 24 hexadecimal digits.
    kassa: String,
    /// Where Payme is.
    #[serde(default = "payme_url")]
    url: String,
    /// The kassa there, 24 hexadecimal digits.
    merchant_id: String,
    /// Its key.
    key: Hidden,
    /// What stands before a receipt's id in the address where payers pay it; `url` without `/api`
    /// when absent.
    checkout_url: Option<String>,
    /// Whether Payme has cancelled a receipt by itself is asked about those of so many days; 0 is
    /// never.
    #[serde(default = "look_back_days")]
    look_back_days: u16,
    /// How often.
    #[serde(default = "look_every_seconds")]
    look_every_seconds: u32,
}

const fn look_back_days() -> u16 {
    3
}

const fn look_every_seconds() -> u32 {
    3_600
}

fn payme_url() -> String {
    "https://checkout.paycom.uz/api".to_owned()
}

/// How receipts are looked after that Payme may cancel by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Watch {
    /// How old they are at most.
    pub(crate) back: Duration,
    /// How long after one look the next begins.
    pub(crate) every: Duration,
}

/// A kassa at Payme behind one of ours.
#[derive(Clone, Debug)]
pub(crate) struct PaymeKassa {
    /// The way there.
    pub(crate) link: KassaLink,
    /// What stands before a receipt's id in the address where payers pay it, without a slash at
    /// the end.
    checkout_url: String,
    /// Whether and how its receipts are looked after.
    watch: Option<Watch>,
}

impl PaymeKassa {
    /// Where payers pay a receipt.
    pub(crate) fn checkout_link(&self, receipt: ReceiptId) -> String {
        format!("{}/{receipt}", self.checkout_url)
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct PaymeKassas(HashMap<KassaId, PaymeKassa>);

impl PaymeKassas {
    /// Reads the settings; `exists` tells which kassas there are.
    ///
    /// # Errors
    /// A sentence about the setting that cannot be right.
    pub(crate) fn open(
        configs: &[PaymeKassaConfig],
        exists: impl Fn(KassaId) -> bool,
    ) -> anyhow::Result<Self> {
        let http = HttpClient::new(HttpSettings::default());
        let mut kassas = HashMap::with_capacity(configs.len());
        for config in configs {
            let name = &config.kassa;
            let kassa: KassaId = name.parse().with_context(|| {
                format!("payme_kassa: kassa must be the id of a kassa, not {name:?}")
            })?;
            ensure!(exists(kassa), "payme_kassa {name}: there is no such kassa");
            let built = build(config, &http).with_context(|| format!("payme_kassa {name}"))?;
            ensure!(kassas.insert(kassa, built).is_none(), "payme_kassa {name}: it is there twice");
        }
        Ok(Self(kassas))
    }

    /// The kassa at Payme behind this one.
    pub(crate) fn of(&self, kassa: KassaId) -> Option<&PaymeKassa> {
        self.0.get(&kassa)
    }

    /// The kassas whose receipts are to be looked after.
    pub(crate) fn watched(&self) -> impl Iterator<Item = (KassaId, Watch)> {
        self.0.iter().filter_map(|(kassa, desk)| Some((*kassa, desk.watch?)))
    }
}

fn build(config: &PaymeKassaConfig, http: &HttpClient) -> anyhow::Result<PaymeKassa> {
    let PaymeKassaConfig { url, merchant_id, key, checkout_url, .. } = config;
    let is_id = merchant_id.parse::<KassaId>().is_ok();
    ensure!(is_id, "merchant_id must be the kassa's id at Payme, 24 hexadecimal digits");
    let is_key = !key.0.is_empty() && key.0.bytes().all(|byte| byte.is_ascii_graphic());
    ensure!(is_key, "key must be the kassa's key at Payme");
    ensure!(config.look_every_seconds > 0, "look_every_seconds must be at least 1");
    let days = Duration::from_secs(u64::from(config.look_back_days) * 24 * 60 * 60);
    let every = Duration::from_secs(config.look_every_seconds.into());
    let base = url.parse().with_context(|| format!("url {url:?} is not the address of an API"))?;
    let checkout_url = match checkout_url {
        Some(given) => {
            let is_address = given.starts_with("https://") || given.starts_with("http://");
            ensure!(is_address, "checkout_url {given:?} is not an address");
            given
        }
        None => url.trim_end_matches('/').trim_end_matches("/api"),
    };
    let settings = KassaSettings {
        url: base,
        merchant_id: merchant_id.clone(),
        key: Secret::new(key.0.clone()),
    };
    Ok(PaymeKassa {
        link: KassaLink::new(http.clone(), settings),
        checkout_url: checkout_url.trim_end_matches('/').to_owned(),
        watch: (!days.is_zero()).then_some(Watch { back: days, every }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KASSA: &str = "100fe486b33784292111b7dc";

    fn open(text: &str) -> anyhow::Result<PaymeKassas> {
        #[derive(Deserialize)]
        struct File {
            payme_kassa: Vec<PaymeKassaConfig>,
        }
        let file: File = toml::from_str(text)?;
        PaymeKassas::open(&file.payme_kassa, |kassa| kassa.to_string() == KASSA)
    }

    fn section(kassa: &str, rest: &str) -> String {
        let id = "5e730e8e0b852a417aa49ceb";
        format!("[[payme_kassa]]\nkassa = {kassa:?}\nmerchant_id = {id:?}\nkey = \"k#?\"\n{rest}\n")
    }

    #[test]
    fn the_address_has_a_default() {
        let (kassa, receipt) = (KASSA.parse().unwrap(), "2e0b1bc1f1eb50d487ba268d");
        for (rest, want) in [
            ("", "https://checkout.paycom.uz"),
            ("url = \"http://127.0.0.1:1/api/\"", "http://127.0.0.1:1"),
            ("checkout_url = \"http://127.0.0.1:1/pay/\"", "http://127.0.0.1:1/pay"),
        ] {
            let kassas = open(&section(KASSA, rest)).unwrap();
            let link = kassas.of(kassa).unwrap().checkout_link(receipt.parse().unwrap());
            assert_eq!(link, format!("{want}/{receipt}"));
            assert!(kassas.of(KassaId([1; 12])).is_none());
        }
    }

    #[test]
    fn receipts_are_looked_after_unless_that_is_off() {
        for (rest, want) in [
            ("", Some((3 * 86_400, 3_600))),
            ("look_back_days = 1\nlook_every_seconds = 60", Some((86_400, 60))),
            ("look_back_days = 0", None),
        ] {
            let kassas = open(&section(KASSA, rest)).unwrap();
            let watched: Vec<_> = kassas.watched().collect();
            let seconds = |(_, watch): &(_, Watch)| (watch.back.as_secs(), watch.every.as_secs());
            assert_eq!(watched.first().map(seconds), want);
        }
    }

    #[test]
    fn mistakes_are_named() {
        let good = section(KASSA, "");
        for (text, want) in [
            (section("shop", ""), "must be the id of a kassa"),
            (section("5e730e8e0b852a417aa49ceb", ""), "there is no such kassa"),
            (section(KASSA, "url = \"checkout\""), "not the address"),
            (section(KASSA, "checkout_url = \"checkout\""), "checkout_url"),
            (section(KASSA, "token = \"x\""), "token"),
            (section(KASSA, "look_every_seconds = 0"), "look_every_seconds"),
            (good.replace("5e730e8e0b852a417aa49ceb", "shop"), "merchant_id"),
            (good.replace("k#?", ""), "key must be"),
            (good.replace("k#?", "k k"), "key must be"),
            (format!("{good}{good}"), "twice"),
        ] {
            let error = format!("{:#}", open(&text).unwrap_err());
            assert!(error.contains(want), "{text}: {error}");
        }
    }

    #[test]
    fn a_key_is_not_printed() {
        let kassas = open(&section(KASSA, "").replace("k#?", "topsecret")).unwrap();
        assert!(!format!("{kassas:?}").contains("topsecret"));
    }
}
