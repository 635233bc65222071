//! Banks that keep the accounts of our services: which there are, whether they answer, and whether
//! what they say about a service fits to it. What is done about an order is in `look`, reading their
//! statements in `statement`.

mod commission;
mod fitness;
mod journal;
mod look;
mod matching;
mod settings;
mod statement;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chorsu_connectors::bank::{BankError, BankLink};
use chorsu_connectors::http::{HttpClient, HttpError, HttpSettings};
use chorsu_core::{ServiceId, bank};
use tokio::sync::Semaphore;

pub(crate) use self::fitness::run as check_services;
pub(super) use self::journal::Note;
pub(super) use self::look::{is_late, look_after};
pub(crate) use self::settings::{UpstreamKeys, UpstreamSettings};
pub(crate) use self::statement::run as read_statements;

/// Orders that are being asked for at one bank at once.
const ASKING_MAX: usize = 64;
/// The largest answer: a page of a statement, of which a row takes about 600 bytes.
const BODY_MAX: usize = 32 * 1024 * 1024;
/// Calls in a row without an answer after which a bank is left alone for a while.
const SILENT_MAX: u32 = 3;
/// How long that is: twice as long each time, up to the second.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// A bank behind some of our services.
pub(crate) struct Upstream {
    settings: UpstreamSettings,
    link: BankLink,
    /// Room for orders that are being asked for.
    pub(super) room: Arc<Semaphore>,
    silence: Mutex<Silence>,
    /// Why services cannot be used, as far as the bank has said so.
    unfit: Mutex<BTreeMap<ServiceId, String>>,
}

/// How often a bank has not answered.
#[derive(Default)]
struct Silence {
    calls: u32,
    until: Option<Instant>,
}

impl Upstream {
    fn new(http: HttpClient, settings: UpstreamSettings) -> Self {
        let link = BankLink::new(http, settings.link.clone());
        let room = Arc::new(Semaphore::new(ASKING_MAX));
        Self { settings, link, room, silence: Mutex::default(), unfit: Mutex::default() }
    }

    /// The number of one of our services over there.
    fn number_of(&self, service: ServiceId) -> Option<bank::ServiceNumber> {
        self.settings.services.get(&service).copied()
    }

    /// Whether it is left alone because it does not answer.
    pub(super) fn is_silent(&self) -> bool {
        self.silence().until.is_some_and(|until| until > Instant::now())
    }

    /// Notes whether a call was answered, and gives its result back.
    fn heard<T>(&self, answer: Result<T, BankError>) -> Result<T, BankError> {
        let mut silence = self.silence();
        match &answer {
            Err(BankError::Http(HttpError::Busy | HttpError::NotEncodable)) => {}
            // What was asked before the pause says nothing about the time after it.
            Err(BankError::Http(_)) if silence.until.is_some_and(|end| end > Instant::now()) => {}
            Err(BankError::Http(_)) => {
                silence.calls = silence.calls.saturating_add(1);
                if let Some(more) = silence.calls.checked_sub(SILENT_MAX) {
                    let pause = PAUSE_MIN.saturating_mul(1 << more.min(6)).min(PAUSE_MAX);
                    silence.until = Some(Instant::now() + pause);
                    let url = &self.settings.link.base_url;
                    tracing::error!(?url, ?pause, "the bank does not answer and is left alone");
                }
            }
            _ => *silence = Silence::default(),
        }
        answer
    }

    fn silence(&self) -> MutexGuard<'_, Silence> {
        self.silence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why a service of ours cannot be used, as the bank has shown it last.
    pub(super) fn unfit(&self, service: ServiceId) -> Option<String> {
        self.unfit.lock().unwrap_or_else(PoisonError::into_inner).get(&service).cloned()
    }
}

/// The banks behind our services.
#[derive(Default)]
pub(crate) struct Upstreams(Vec<Arc<Upstream>>);

impl Upstreams {
    /// Links to these banks; nothing is sent yet.
    pub(super) fn new(settings: &[UpstreamSettings]) -> Self {
        let http = HttpSettings { body_max: BODY_MAX, ..HttpSettings::default() };
        let http = HttpClient::new(http);
        let upstream =
            |settings: &UpstreamSettings| Arc::new(Upstream::new(http.clone(), settings.clone()));
        Self(settings.iter().map(upstream).collect())
    }

    /// The bank behind a service.
    pub(super) fn of(&self, service: ServiceId) -> Option<Arc<Upstream>> {
        self.0.iter().find(|upstream| upstream.number_of(service).is_some()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream() -> Upstream {
        let keys = "url = \"http://127.0.0.1:1\"\nusername = \"u\"\npassword = \"p\"\n\
                    services = { 33 = 7 }";
        let keys: UpstreamKeys = toml::from_str(keys).unwrap();
        let settings = UpstreamSettings::new(keys).unwrap();
        Upstream::new(HttpClient::new(HttpSettings::default()), settings)
    }

    #[tokio::test]
    async fn a_bank_that_does_not_answer_is_left_alone_until_it_does() {
        let bank = upstream();
        let lost = || Err::<(), _>(BankError::Http(HttpError::Timeout));
        let busy = || Err::<(), _>(BankError::Http(HttpError::Busy));
        for _ in 0..SILENT_MAX - 1 {
            assert!(bank.heard(lost()).is_err() && bank.heard(busy()).is_err());
            assert!(!bank.is_silent());
        }
        assert!(bank.heard(lost()).is_err());
        assert!(bank.is_silent());
        let calls = bank.silence().calls;
        assert!(bank.heard(lost()).is_err());
        assert_eq!(bank.silence().calls, calls, "what was under way does not count");
        bank.silence().until = Some(Instant::now());
        assert!(!bank.is_silent());
        assert!(bank.heard(lost()).is_err());
        assert!(bank.silence().until.unwrap() > Instant::now() + PAUSE_MIN, "longer each time");
        bank.heard(Ok(())).unwrap();
        assert!(!bank.is_silent());
    }
}
