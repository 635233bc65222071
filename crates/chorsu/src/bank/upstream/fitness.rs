//! Whether the services of other banks fit to those of ours that are kept there: a mistake in the
//! numbers would pay from somebody else's account, and a service that asks for cards could pay
//! nothing, because card numbers are not kept.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use chorsu_connectors::bank::ServiceShown;
use chorsu_core::bank::{self, CardRule};
use chorsu_core::{BankService, ServiceId};
use tokio::sync::watch;

use super::Upstream;
use super::look::text;
use crate::app::App;

/// How often the banks are asked for their services.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// How soon again when one has not said.
const AGAIN: Duration = Duration::from_secs(10);

/// Asks all banks for their services until `stop` changes.
pub(crate) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    loop {
        let mut pause = EVERY;
        for upstream in &app.bank.upstreams.0 {
            tokio::select! {
                known = check(&app, upstream) => {
                    if !known {
                        pause = AGAIN;
                    }
                }
                _ = stop.changed() => return,
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Asks one bank; false when it has not said. What it said before stays so then.
async fn check(app: &App, upstream: &Upstream) -> bool {
    let shown = match upstream.heard(upstream.link.services().await) {
        Ok(shown) => shown,
        Err(error) => {
            let url = &upstream.settings.link.base_url;
            tracing::warn!(%url, error = text(&error), "the bank has not shown its services");
            return false;
        }
    };
    let services = app.bank.services();
    let mut found = BTreeMap::new();
    for (ours, theirs) in &upstream.settings.services {
        // A service that is added later is looked at the next time.
        let Some(service) = services.get(*ours) else { continue };
        if let Some(why) = unfit(&service.settings, *theirs, &shown) {
            tracing::error!(service = %ours, why, "a service cannot be used: orders get code 1002");
            found.insert(*ours, why);
        }
    }
    if put_unfit(upstream, found)
        && let Err(error) = app.bank.follow(&app.store).await
    {
        tracing::warn!(error = &error as &dyn std::error::Error, "bank services not read");
    }
    true
}

/// Keeps what the bank has shown; whether that is new.
fn put_unfit(upstream: &Upstream, found: BTreeMap<ServiceId, String>) -> bool {
    let mut known = upstream.unfit.lock().unwrap_or_else(PoisonError::into_inner);
    let is_news = *known != found;
    *known = found;
    is_news
}

/// Why a service of ours cannot be kept at the bank's service of this number, among those shown.
fn unfit(
    ours: &BankService,
    theirs: bank::ServiceNumber,
    shown: &[ServiceShown],
) -> Option<String> {
    if ours.cards == CardRule::Required {
        return Some("it asks for cards, whose numbers are not kept and cannot be sent".to_owned());
    }
    let Some(found) = shown.iter().find(|one| one.id == theirs) else {
        return Some(format!("the bank has no service {theirs}"));
    };
    if !found.activated {
        return Some(format!("the bank's service {theirs} is not activated"));
    }
    if found.kind == CardRule::Required {
        return Some(format!("the bank's service {theirs} asks for cards"));
    }
    if !found.account.is_empty() && found.account != *ours.account {
        let account = &found.account;
        return Some(format!("the bank's service {theirs} has the account {account}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use chorsu_core::{PartnerId, Tiyin};

    use super::*;

    #[test]
    fn services_must_be_the_same_at_both_ends() {
        let ours = BankService {
            id: ServiceId(33),
            partner: PartnerId([7; 12]),
            name: "Выплаты".into(),
            activated: true,
            cards: CardRule::Optional,
            account: "29896000200000401033".into(),
            mfo: "00401".into(),
            owner_name: "Shop".into(),
            inn: "307692757".into(),
            available: Tiyin::ZERO,
            reserved: Tiyin::ZERO,
            last_line: 0,
        };
        let theirs = ServiceShown {
            id: bank::ServiceNumber(7),
            name: "Расщепления".to_owned(),
            activated: true,
            kind: CardRule::Optional,
            account: "29896000200000401033".to_owned(),
        };
        let why = |ours: &BankService, shown: &ServiceShown| {
            unfit(ours, bank::ServiceNumber(7), std::slice::from_ref(shown)).unwrap_or_default()
        };
        assert_eq!(why(&ours, &theirs), "");
        let cases = [
            (ServiceShown { id: bank::ServiceNumber(8), ..theirs.clone() }, "no service 7"),
            (ServiceShown { activated: false, ..theirs.clone() }, "not activated"),
            (ServiceShown { kind: CardRule::Required, ..theirs.clone() }, "cards"),
            (
                ServiceShown { account: "29896000200000401034".to_owned(), ..theirs.clone() },
                "00401034",
            ),
        ];
        for (shown, said) in cases {
            assert!(why(&ours, &shown).contains(said), "{shown:?}");
        }
        let cards = BankService { cards: CardRule::Required, ..ours };
        assert!(why(&cards, &theirs).contains("not kept"));
    }
}
