//! Small tables of settings, and the directory of banks.

use chorsu_store::{BankEntry, Register};

use crate::fresh::Fresh;

conformance!(settings_are_kept_by_id, banks_are_kept_by_code);

async fn settings_are_kept_by_id(fresh: Fresh) {
    let store = fresh.open().await;
    for register in [Register::Partners, Register::SettlementRules] {
        assert_eq!(store.register(register).await.unwrap(), []);
        for (id, text) in [([2; 12], "two"), ([1; 12], "один"), ([2; 12], "{\"two\":2}")] {
            store.put_register(register, id, text.to_owned()).await.unwrap();
        }
        let own = |id: u8, text: &str| ([id; 12], text.to_owned());
        let want = [own(1, "один"), own(2, "{\"two\":2}")];
        assert_eq!(store.register(register).await.unwrap(), want);
    }
    store.put_register(Register::Partners, [3; 12], String::new()).await.unwrap();
    store.close().await;
    let store = fresh.open().await;
    assert_eq!(store.register(Register::Partners).await.unwrap().len(), 3);
    assert_eq!(store.register(Register::SettlementRules).await.unwrap().len(), 2);
}

async fn banks_are_kept_by_code(fresh: Fresh) {
    let store = fresh.open().await;
    let bank = |mfo: &str, name: &str, is_member| BankEntry {
        mfo: mfo.to_owned(),
        name: name.to_owned(),
        is_member,
    };
    store.put_bank_directory(Vec::new()).await.unwrap();
    assert_eq!(store.bank_directory().await.unwrap(), []);
    let first = vec![bank("00440", "«Асака» банк", true), bank("00014", "ЦБ", false)];
    store.put_bank_directory(first).await.unwrap();
    let second = vec![
        bank("00440", "old name", false),
        bank("01186", "TBC", true),
        bank("00440", "Asakabank", false),
    ];
    store.put_bank_directory(second).await.unwrap();
    let want =
        [bank("00014", "ЦБ", false), bank("00440", "Asakabank", false), bank("01186", "TBC", true)];
    assert_eq!(store.bank_directory().await.unwrap(), want, "of a code the last name counts");
    let many = (0..1_500).map(|number| bank(&format!("{number:05}"), "many", true)).collect();
    store.put_bank_directory(many).await.unwrap();
    assert_eq!(store.bank_directory().await.unwrap().len(), 1_500);
}
