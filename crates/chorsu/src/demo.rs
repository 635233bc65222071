//! The sandbox's demo data: the kassas that the published examples of the API use.

use chorsu_core::kassa::{AccountField, Merchant, Titles};
use chorsu_core::{Kassa, KassaId, Tiyin, UnixMillis};
use chorsu_store::Store;

/// A demo kassa as it is shown to people.
pub(crate) struct DemoKassa {
    /// Its id.
    pub(crate) id: &'static str,
    /// Its keys. The published examples use the first kassa with the second one's key too.
    pub(crate) keys: &'static [&'static str],
    /// Its account fields.
    pub(crate) fields: &'static [&'static str],
}

/// The demo kassas.
pub(crate) const KASSAS: [DemoKassa; 2] = [
    DemoKassa {
        id: "100fe486b33784292111b7dc",
        keys: &["Rw712wMJspZBczFvrG09?bHkSNxnD4PY0n1C", "mjES8ycLucnvygt4dPwerK2vj45Eensn3ZPr"],
        fields: &["order_id"],
    },
    DemoKassa {
        id: "5e730e8e0b852a417aa49ceb",
        keys: &["mjES8ycLucnvygt4dPwerK2vj45Eensn3ZPr"],
        fields: &["order_id", "loan_id"],
    },
];

/// The smallest and the largest demo payment, in tiyin: 1 tiyin and 10 billion sum.
const AMOUNT_MIN: i64 = 1;
const AMOUNT_MAX: i64 = 999_999_999_999;

/// Opens the demo kassas that are not there yet; those that are stay as they were changed.
pub(crate) async fn seed(store: &Store, now: UnixMillis) -> anyhow::Result<()> {
    let known = store.kassas().await?;
    for demo in &KASSAS {
        let id: KassaId = demo.id.parse()?;
        if known.iter().all(|kassa| kassa.id != id) {
            store.put_kassa(&kassa(id, demo, now)).await?;
        }
    }
    Ok(())
}

/// The kassa whose money payments at the sandbox's tills are.
pub(crate) fn merchant() -> anyhow::Result<KassaId> {
    Ok(KASSAS[0].id.parse()?)
}

/// Whether `id` is a demo kassa, which live mode refuses.
pub(crate) fn is_demo(id: KassaId) -> bool {
    let text = id.to_string();
    KASSAS.iter().any(|demo| demo.id == text)
}

fn titles(ru: &str, uz: &str, en: &str) -> Titles {
    Titles { ru: ru.to_owned(), uz: uz.to_owned(), en: en.to_owned() }
}

fn kassa(id: KassaId, demo: &DemoKassa, now: UnixMillis) -> Kassa {
    let field = |name: &&str| AccountField {
        name: (*name).to_owned(),
        titles: match *name {
            "loan_id" => titles("Номер займа", "Qarz raqami", "Loan number"),
            _ => titles("Номер заказа", "Buyurtma raqami", "Order number"),
        },
        // With one field it is required; with several any of them will do.
        required: demo.fields.len() == 1,
    };
    Kassa {
        id,
        keys: demo.keys.iter().map(|key| Kassa::hash_key(id, key)).collect(),
        merchant: Merchant {
            name: "Chorsu Demo Shop".to_owned(),
            organization: "ЧП «Chorsu Demo»".to_owned(),
            address: "Ташкент, площадь Чорсу, 1".to_owned(),
            business_id: format!("b{}", &demo.id[1..]),
            epos_merchant_id: "106600000050000".to_owned(),
            epos_terminal_id: "20660000".to_owned(),
            line: titles("Интернет-магазин", "Internet-do'kon", "Online shop"),
        },
        account: demo.fields.iter().map(field).collect(),
        amount_min: Tiyin::new(AMOUNT_MIN).unwrap_or(Tiyin::ZERO),
        amount_max: Tiyin::new(AMOUNT_MAX).unwrap_or(Tiyin::ZERO),
        commission_ppm: 0,
        hold_allowed: true,
        save_allowed: true,
        blocked: false,
        created_at: now,
    }
}
