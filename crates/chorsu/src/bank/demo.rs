//! The sandbox's demo partner with the services that the document's examples use.

use chorsu_core::bank::CardRule;
use chorsu_core::command::bank::BankCommand;
use chorsu_core::id::ID_BYTES;
use chorsu_core::order::Incoming;
use chorsu_core::{BankService, Command, PartnerId, ServiceId, Tiyin, UnixMillis};
use chorsu_store::{Register, Store};

use super::parties::{Parties, Side};
use super::partner::Partner;
use super::settings::BankSettings;
use crate::ids;

/// The demo partner's name.
pub(crate) const USERNAME: &str = "gray";
/// Its password.
pub(crate) const PASSWORD: &str = "p@ssw0rd";
/// Its id.
pub(crate) const PARTNER: PartnerId = PartnerId(*b"demo partner");
/// What each service begins with, in tiyin.
const FUNDS: i64 = 10_000_000_000;
/// The reference of that money: it is booked once for each service.
const FUNDS_REFERENCE: &str = "demo-opening-balance";
/// The bank that keeps the accounts, and who holds them.
const MFO: &str = "00401";
const OWNER: &str = "SELLO - C2C";
const INN: &str = "307692757";

/// Number, name, account, and whether orders must name a card.
const SERVICES: [(u32, &str, &str, CardRule); 6] = [
    (1, "Оплата в бюджет", "29896000200000401001", CardRule::Optional),
    (2, "Оплата по реквизитам", "29896000200000401002", CardRule::Optional),
    (27, "Маркетплейс", "29896000200000401070", CardRule::Optional),
    (33, "Расщепления", "29896000200000401033", CardRule::Optional),
    (34, "Оплата по реквизитам UZCARD", "29896000200000401034", CardRule::Required),
    (35, "Оплата по реквизитам HUMO", "29896000200000401035", CardRule::Required),
];

/// Whether `id` is the demo partner's, which live mode refuses.
pub(super) fn is_demo(id: PartnerId) -> bool {
    id == PARTNER
}

/// Adds what of the demo partner is not there yet; what is there stays as it was changed. Several
/// processes may do it at once. Services that another bank keeps get no money: they have what is
/// there.
///
/// # Errors
/// When the store fails.
pub(crate) async fn seed(
    store: &Store,
    now: UnixMillis,
    settings: &BankSettings,
) -> anyhow::Result<()> {
    let partners = store.register(Register::Partners).await?;
    if partners.iter().all(|(id, _): &([u8; ID_BYTES], String)| *id != PARTNER.0) {
        let partner = Partner::new(PARTNER, USERNAME, PASSWORD)?;
        store.put_register(Register::Partners, PARTNER.0, partner.to_json()?).await?;
    }
    let known = store.services().await?;
    for (number, name, account, cards) in SERVICES {
        let service = BankService {
            id: ServiceId(number),
            partner: PARTNER,
            name: name.into(),
            activated: true,
            cards,
            account: account.into(),
            mfo: MFO.into(),
            owner_name: OWNER.into(),
            inn: INN.into(),
            available: Tiyin::ZERO,
            reserved: Tiyin::ZERO,
            last_line: 0,
        };
        let found = known.iter().find(|known| known.id == service.id);
        if found.is_none() {
            store.put_service(&service).await?;
        }
        let is_elsewhere =
            settings.upstreams.iter().any(|bank| bank.services.contains_key(&service.id));
        let is_empty = |found: &BankService| found.last_line == 0 && found.partner == PARTNER;
        if !is_elsewhere && found.is_none_or(is_empty) {
            fund(store, &service, now).await?;
        }
    }
    Ok(())
}

/// Gives a service its first money.
async fn fund(store: &Store, service: &BankService, now: UnixMillis) -> anyhow::Result<()> {
    let id = ids::document(now);
    let payer = Side {
        mfo: MFO.into(),
        account: "20208000405273320010".into(),
        name: "ООО \"MARKETPLACE TRADING\"".into(),
        inn: INN.into(),
    };
    let parties = Parties {
        payer,
        receiver: Side::of_service(service),
        purpose: "Начальный остаток песочницы".into(),
        ..Parties::default()
    };
    let incoming = Incoming {
        id,
        reference: FUNDS_REFERENCE.into(),
        service: service.id,
        partner: service.partner,
        amount: Tiyin::new(FUNDS).unwrap_or(Tiyin::ZERO),
        at: now,
        bank_day: now.tashkent_day(),
        number: i64::from(service.id.0),
        parties: parties.to_json(),
    };
    let key = Incoming::key(service.id, FUNDS_REFERENCE).into();
    store.submit(Command::Bank(BankCommand::Receive { incoming: Box::new(incoming), key })).await?;
    Ok(())
}
