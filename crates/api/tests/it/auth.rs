//! X-Auth: which header opens which method.

use chorsu_api::subscribe::{Credentials, Method, authorize};

use crate::world::{KASSA, KEY, kassa};

/// What a header gets at a method: nothing, or the data of its `-32504`.
fn outcome(header: Option<&[u8]>, method: Method) -> Result<(), String> {
    let kassa = kassa();
    let result = Credentials::parse(header).and_then(|credentials| {
        let found = (credentials.kassa == kassa.id).then_some(&kassa);
        authorize(&credentials, found, method).map(drop)
    });
    result.map_err(|error| {
        assert_eq!(error.fault.code, -32504);
        error.data().unwrap().to_owned()
    })
}

/// A header, and what `-32504` says at cards.* and at receipts.*, if they refuse it.
type Case<'a> = (Option<&'a [u8]>, Option<&'a str>, Option<&'a str>);

#[test]
fn each_method_asks_for_the_key_or_not() {
    let right = format!("{KASSA}:{KEY}");
    let spaced = format!("  {KASSA} : {KEY} ");
    let upper = format!("{}:{KEY}", KASSA.to_uppercase());
    let wrong = format!("{KASSA}:{KEY}:");
    let empty = format!("{KASSA}:");
    let unknown = format!("000000000000000000000000:{KEY}");
    let no_hex = format!("shop:{KEY}");
    let long = format!("{KASSA}:{}", "k".repeat(100_000));
    let [no_key, header] = ["invalid_key", "invalid_authorization_header"].map(Some);
    let id = Some("invalid_id");
    let cases: [Case<'_>; 12] = [
        (Some(right.as_bytes()), None, None),
        (Some(spaced.as_bytes()), None, None),
        (Some(upper.as_bytes()), None, None),
        (Some(KASSA.as_bytes()), None, header),
        (Some(empty.as_bytes()), None, header),
        (Some(wrong.as_bytes()), no_key, no_key),
        (Some(unknown.as_bytes()), id, id),
        (Some(no_hex.as_bytes()), id, id),
        (Some(b"  "), header, header),
        (Some(b"\xFF\xFE"), header, header),
        (Some(long.as_bytes()), header, header),
        (None, header, header),
    ];
    for (sent, at_cards, at_receipts) in cases {
        for (method, name) in Method::ALL {
            let want = if name.starts_with("cards.") { at_cards } else { at_receipts };
            let got = outcome(sent, method).err();
            assert_eq!(got.as_deref(), want, "{name} {:?}", sent.map(String::from_utf8_lossy));
        }
    }
}

#[test]
fn a_key_may_hold_colons_and_is_not_printed() {
    let header = format!("{KASSA}:a:b:c");
    let credentials = Credentials::parse(Some(header.as_bytes())).unwrap();
    assert_eq!(credentials.key, Some("a:b:c"));
    assert!(!format!("{credentials:?}").contains("a:b"));
}
