//! The bank of this Chorsu: partners with services, their payment orders, and what becomes of them.
//!
//! Nothing here knows HTTP. What an order must say is decided by `chorsu_core::bank`, what may
//! happen to its money by `chorsu_core::decide`; this module looks partners and services up, gives
//! orders to the store, and carries accepted ones to their end.

pub(crate) mod clearing;
pub(crate) mod command_line;
pub(crate) mod demo;
pub(crate) mod faults;
pub(crate) mod holidays;
pub(crate) mod incoming;
pub(crate) mod login;
pub(crate) mod order_command;
pub(crate) mod orders;
pub(crate) mod parties;
pub(crate) mod partner;
mod password;
pub(crate) mod requisites;
pub(crate) mod service_book;
pub(crate) mod settings;
mod upstream;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use chorsu_core::UnixMillis;
use chorsu_core::bank::{
    Bank as BankName, BankCalendar, BankDay, BankDirectory, DocumentDate, Mfo,
};
use chorsu_store::{Register, Store, StoreError};
use tokio::sync::Notify;

use self::faults::BankControls;
use self::holidays::HolidaysRefused;
use self::login::Logins;
use self::partner::{Partner, PartnerBook};
use self::service_book::ServiceBook;
use self::settings::BankSettings;
use self::upstream::Upstreams;
pub(crate) use self::upstream::{check_services, read_statements};

/// The real time. Orders are looked after by it: a sandbox's clock may stand still or leap.
pub(crate) fn real_now() -> UnixMillis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// What the bank API and the clearing share.
pub(crate) struct Bank {
    /// How the operator wants it.
    pub(crate) settings: BankSettings,
    /// Delay and faults of the played bank; absent in live mode.
    pub(crate) controls: Option<BankControls>,
    /// Wakes the clearing when there is something to do at once.
    pub(crate) wake: Notify,
    /// The banks that services are kept at.
    upstreams: Upstreams,
    logins: Logins,
    partners: RwLock<Arc<PartnerBook>>,
    services: RwLock<Arc<ServiceBook>>,
    directory: RwLock<Arc<BankDirectory>>,
    calendar: RwLock<Arc<BankCalendar>>,
}

impl Bank {
    /// The bank over what `store` has. Demo partners are left out unless `is_sandbox`.
    ///
    /// # Errors
    /// When the store fails or holds settings that cannot be read.
    pub(crate) async fn open(
        settings: BankSettings,
        store: &Store,
        is_sandbox: bool,
    ) -> anyhow::Result<Self> {
        let controls = match is_sandbox {
            true => Some(BankControls::open(store, settings.settle_after_ms).await?),
            false => None,
        };
        let bank = Self {
            upstreams: Upstreams::new(&settings.upstreams),
            calendar: RwLock::new(Arc::new(settings.calendar.clone().unwrap_or_default())),
            settings,
            controls,
            wake: Notify::new(),
            logins: Logins::new(),
            partners: RwLock::default(),
            services: RwLock::default(),
            directory: RwLock::new(Arc::new(BankDirectory::built_in())),
        };
        bank.follow(store).await.context("cannot read the partners of the bank API")?;
        Ok(bank)
    }

    /// Reads partners, services, the directory and the sandbox's delay again, as other processes
    /// may have changed them.
    ///
    /// # Errors
    /// When the store fails; what was not read stays as it was.
    pub(crate) async fn follow(&self, store: &Store) -> Result<(), StoreError> {
        let partners = PartnerBook::new(store.register(Register::Partners).await?, self.is_live());
        put(&self.partners, partners);
        let services = ServiceBook::new(store.services().await?, &self.upstreams, self.is_live());
        put(&self.services, services);
        let imported = store.bank_directory().await?.into_iter().filter_map(|entry| {
            let bank = BankName { name: entry.name.into(), in_instant_system: entry.is_member };
            Mfo::parse(&entry.mfo).map(|mfo| (mfo, bank))
        });
        put(&self.directory, BankDirectory::built_in().with(BankDirectory::new(imported)));
        if let Some(controls) = &self.controls {
            controls.follow(store).await?;
        }
        if self.settings.calendar.is_none() {
            put(&self.calendar, holidays::read(store).await?);
        }
        Ok(())
    }

    /// Replaces the table of days off in the store.
    ///
    /// # Errors
    /// The inner one when it cannot be, the outer one when the store fails.
    pub(crate) async fn put_holidays(
        &self,
        store: &Store,
        table: String,
    ) -> Result<Result<(), HolidaysRefused>, StoreError> {
        if self.settings.calendar.is_some() {
            return Ok(Err(HolidaysRefused::InAFile));
        }
        let stored = holidays::put(store, table).await?;
        Ok(stored.map(|calendar| put(&self.calendar, calendar)).map_err(Into::into))
    }

    /// The days on which banks work: for the operating day and for settlements alike.
    pub(crate) fn calendar(&self) -> Arc<BankCalendar> {
        get(&self.calendar)
    }

    /// The day in whose books a document is entered at `now`.
    pub(crate) fn operating_day(&self, now: UnixMillis) -> BankDay {
        self.settings.operating_day(&self.calendar(), now)
    }

    /// Whether an order that came at `received` is too late by `now`: the operating day has turned
    /// ("3333").
    pub(crate) fn date(&self, received: UnixMillis, now: UnixMillis) -> DocumentDate {
        DocumentDate::of(BankDay::of(received), self.operating_day(now))
    }

    /// Whether no bank is played here.
    pub(crate) const fn is_live(&self) -> bool {
        self.controls.is_none()
    }

    /// The services by number and by account.
    pub(crate) fn services(&self) -> Arc<ServiceBook> {
        get(&self.services)
    }

    /// The banks and which of them take part in the instant payment system.
    pub(crate) fn directory(&self) -> Arc<BankDirectory> {
        get(&self.directory)
    }

    /// The partner who calls, when the password is right.
    pub(crate) async fn partner(
        &self,
        login: chorsu_api::bank::Login,
    ) -> Result<Arc<Partner>, login::Denied> {
        let partner = get(&self.partners).by_name(&login.username);
        self.logins.check(partner, login.password).await
    }
}

fn get<T>(place: &RwLock<Arc<T>>) -> Arc<T> {
    place.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn put<T>(place: &RwLock<Arc<T>>, value: T) {
    *place.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
}
