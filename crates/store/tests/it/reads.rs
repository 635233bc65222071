//! Pages of receipts, old holds, kassas, settings and vault keys.

use chorsu_core::kassa::{AccountField, Merchant, Titles};
use chorsu_core::{Kassa, Tiyin, UnixMillis};
use chorsu_store::{ReceiptRange, VaultKey};

use crate::fresh::Fresh;
use crate::world::{KASSA, NOW, OTHER_KASSA, Shop, new_receipt, receipt_of};

conformance!(
    receipts_come_newest_first_in_pages,
    old_holds_are_found,
    kassas_are_kept_as_they_are,
    settings_and_vault_keys_are_kept,
    what_does_not_exist_is_not_found,
);

async fn receipts_come_newest_first_in_pages(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let mut ids = Vec::new();
    for minute in 0..10 {
        let at = NOW.plus(minute * 60_000);
        ids.push(receipt_of(shop.create(new_receipt(at)).await).id);
        let mut theirs = new_receipt(at);
        theirs.kassa = OTHER_KASSA;
        shop.create(theirs).await.unwrap();
    }
    ids.reverse();
    let range = |from: i64, to: i64, offset, limit| ReceiptRange {
        foreign_ids: false,
        kassa: KASSA,
        from: NOW.plus(from * 60_000),
        to: NOW.plus(to * 60_000),
        offset,
        limit,
    };
    let cases = [
        (range(0, 9, 0, 50), &ids[..]),
        (range(0, 9, 0, 3), &ids[..3]),
        (range(0, 9, 3, 3), &ids[3..6]),
        (range(0, 9, 9, 3), &ids[9..]),
        (range(0, 9, 10, 3), &[]),
        (range(2, 4, 0, 50), &ids[5..8]),
        (range(5, 4, 0, 50), &[]),
        (range(10, 20, 0, 50), &[]),
    ];
    for (range, want) in cases {
        let found = store.receipts(range).await.unwrap();
        let found: Vec<_> = found.iter().map(|receipt| receipt.id).collect();
        assert_eq!(found, want, "{range:?}");
    }
    let whole = store.receipts(range(9, 9, 0, 1)).await.unwrap().remove(0);
    assert_eq!(whole, shop.stored(ids[0]).await);
}

async fn old_holds_are_found(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let card = shop.card(true).await;
    let held = shop.paid(&card, true).await;
    let second = shop.paid(&card, true).await;
    shop.paid(&card, false).await;
    let released = shop.paid(&card, true).await;
    shop.begin_cancel(released.id).await.unwrap();
    let held_at = held.held_at.unwrap();
    assert_eq!(store.holds_made_before(held_at, 10).await.unwrap(), vec![]);
    let found = store.holds_made_before(held_at.plus(1), 10).await.unwrap();
    let mut found: Vec<_> = found.into_iter().map(|receipt| receipt.id).collect();
    found.sort_unstable();
    assert_eq!(found, [held.id, second.id]);
    assert_eq!(store.holds_made_before(held_at.plus(1), 1).await.unwrap().len(), 1);
}

async fn kassas_are_kept_as_they_are(fresh: Fresh) {
    let store = fresh.open().await;
    assert_eq!(store.kassas().await.unwrap(), vec![]);
    let titles = |text: &str| Titles {
        ru: format!("{text} ру"),
        uz: format!("{text} oʻz"),
        en: format!("{text} en"),
    };
    let mut kassa = Kassa {
        id: KASSA,
        keys: vec![Kassa::hash_key(KASSA, "old"), Kassa::hash_key(KASSA, "new")],
        merchant: Merchant {
            name: "Чорсу".to_owned(),
            organization: "OOO \"Бозор\"".to_owned(),
            address: String::new(),
            business_id: "b".to_owned(),
            epos_merchant_id: "m".to_owned(),
            epos_terminal_id: "t".to_owned(),
            line: titles("line"),
        },
        account: vec![AccountField {
            name: "order_id".to_owned(),
            titles: titles("order"),
            required: true,
        }],
        amount_min: Tiyin::new(100).unwrap(),
        amount_max: Tiyin::new(i64::MAX).unwrap(),
        commission_ppm: 10_000,
        hold_allowed: true,
        save_allowed: false,
        blocked: false,
        created_at: NOW,
    };
    store.put_kassa(&kassa).await.unwrap();
    assert_eq!(store.kassas().await.unwrap(), vec![kassa.clone()]);
    kassa.blocked = true;
    kassa.keys.pop();
    store.put_kassa(&kassa).await.unwrap();
    store.close().await;
    assert_eq!(fresh.open().await.kassas().await.unwrap(), vec![kassa]);
}

async fn settings_and_vault_keys_are_kept(fresh: Fresh) {
    let store = fresh.open().await;
    assert_eq!(store.setting("clock").await.unwrap(), None);
    store.put_setting("clock", "1".to_owned()).await.unwrap();
    store.put_setting("clock", "2".to_owned()).await.unwrap();
    assert_eq!(store.setting("clock").await.unwrap().as_deref(), Some("2"));

    let key = |key_id, sealed: &[u8]| VaultKey { key_id, sealed: sealed.to_vec() };
    for added in [key(u32::MAX, b"last"), key(1, b"first"), key(1, b"another first")] {
        store.add_vault_key(added, NOW).await.unwrap();
    }
    let stored = store.vault_keys().await.unwrap();
    assert_eq!(stored, [key(1, b"first"), key(u32::MAX, b"last")]);
}

async fn what_does_not_exist_is_not_found(fresh: Fresh) {
    let store = fresh.open().await;
    assert!(store.receipt(new_receipt(NOW).id).await.unwrap().is_none());
    assert_eq!(store.outbox_depth().await.unwrap(), 0);
    assert_eq!(store.lease(10).await.unwrap(), vec![]);
    assert_eq!(store.holds_made_before(UnixMillis(i64::MAX), 10).await.unwrap(), vec![]);
    let report = fresh.assert_clean().await;
    assert_eq!((report.entries, report.receipts, report.accounts), (0, 0, 0));
}
