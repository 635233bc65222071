//! Services in memory, by number and by account: every request looks one up. Their money is not
//! here but in the store.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chorsu_core::bank::{CardRule, ServiceFound, ServiceNumber};
use chorsu_core::{BankService, PartnerId, ServiceId};

use super::upstream::{Upstream, Upstreams};

/// A service and who carries its orders out.
pub(crate) struct Service {
    /// Its settings. The sums in it are those of some moment in the past.
    pub(crate) settings: BankService,
    /// The bank that keeps its account; absent when we play that bank ourselves.
    pub(super) upstream: Option<Arc<Upstream>>,
    /// Whether orders can be taken at all.
    is_usable: bool,
}

impl Service {
    /// Whether it must name cards, or why it cannot be used ("1002").
    pub(crate) fn found(&self) -> ServiceFound {
        if !self.is_usable || !self.settings.activated {
            return ServiceFound::NotConfigured;
        }
        ServiceFound::Ready(self.settings.cards)
    }
}

/// All services, replaced as a whole when they change.
#[derive(Default)]
pub(crate) struct ServiceBook {
    by_id: BTreeMap<ServiceId, Arc<Service>>,
    by_account: HashMap<Arc<str>, ServiceId>,
}

impl ServiceBook {
    /// The book of these services. One that does not fit to its bank cannot be used; nor, in live
    /// mode, one without a bank behind it: nobody would carry its orders out.
    pub(crate) fn new(services: Vec<BankService>, upstreams: &Upstreams, is_live: bool) -> Self {
        let mut book = Self::default();
        for settings in services {
            let found = upstreams.of(settings.id);
            let is_usable = match &found {
                // Card numbers are not kept, so what asks for them could never be paid.
                Some(upstream) => {
                    settings.cards == CardRule::Optional && upstream.unfit(settings.id).is_none()
                }
                None => !is_live,
            };
            book.by_account.insert(settings.account.clone(), settings.id);
            let service = Service { upstream: found, is_usable, settings };
            book.by_id.insert(service.settings.id, Arc::new(service));
        }
        book
    }

    /// The service of this number, of whatever partner.
    pub(crate) fn get(&self, id: ServiceId) -> Option<&Arc<Service>> {
        self.by_id.get(&id)
    }

    /// The service that a partner's request names.
    pub(crate) fn find(&self, partner: PartnerId, number: ServiceNumber) -> Option<&Arc<Service>> {
        self.get(number.ours()?).filter(|service| service.settings.partner == partner)
    }

    /// The service with this account, at whatever bank.
    pub(crate) fn with_account(&self, account: &str) -> Option<&Arc<Service>> {
        self.get(*self.by_account.get(account)?)
    }

    /// The service whose account at the bank `mfo` this is.
    pub(crate) fn at_account(&self, mfo: &str, account: &str) -> Option<&Arc<Service>> {
        self.with_account(account).filter(|service| &*service.settings.mfo == mfo)
    }

    /// The services of a partner, by number.
    pub(crate) fn of(&self, partner: PartnerId) -> impl Iterator<Item = &Arc<Service>> {
        self.by_id.values().filter(move |service| service.settings.partner == partner)
    }
}
