//! An order as the receipt that a fiscal module takes, and the module's answer as a registration.

use std::sync::Arc;

use chorsu_connectors::fiscal_module::{
    CommissionInfo, ExtraInfo, Item, LocalTime, Receipt, ReceiptOperation, ReceiptType, RefundInfo,
    Registered,
};
use chorsu_core::fiscal::{
    FiscalItem, FiscalOrder, FiscalTime, Operation, OrderKind, ReceiptPage, ReceiptUrl,
};
use chorsu_core::fiscal_receipt::Registration;
use chorsu_core::{DocumentId, Tiyin};

/// The longest name, and the longest marking code, that a module takes.
const NAME_MAX: usize = 63;
/// The longest free text.
const OTHER_MAX: usize = 32;
/// The digits of a phone number with the country's code.
const PHONE_DIGITS: usize = 12;
const COUNTRY: &str = "998";

/// The receipt of `order`, which the module knows by `id`; `None` for a time that no module has.
#[must_use]
pub(in crate::till) fn module_receipt(id: DocumentId, order: &FiscalOrder) -> Option<Receipt> {
    let (operation, refund_info) = match &order.operation {
        Operation::Sale => (ReceiptOperation::Sale, None),
        Operation::Refund { original } => (ReceiptOperation::Refund, Some(refund_info(original))),
    };
    let extra = extra_info(order);
    Some(Receipt {
        txid: id.uuid(),
        time: LocalTime::at(order.time.moment())?,
        received_cash: order.received_cash,
        received_card: order.received_card,
        kind: match order.kind {
            OrderKind::Order => ReceiptType::Purchase,
            OrderKind::Prepaid => ReceiptType::Advance,
            OrderKind::Credit => ReceiptType::Credit,
        },
        operation,
        location: None,
        items: order.items.iter().flat_map(items).collect(),
        extra_info: (extra != ExtraInfo::default()).then_some(extra),
        refund_info,
    })
}

/// What the module has made of a receipt.
#[must_use]
pub(in crate::till) fn registration(registered: &Registered) -> Registration {
    let sign = registered.fiscal_sign.as_deref().unwrap_or_default();
    let url = registered.qr_code_url.as_deref().map(|url| address(url, registered, sign));
    Registration {
        terminal: Arc::from(registered.terminal_id.as_str()),
        number: i64::try_from(registered.receipt_seq).unwrap_or(i64::MAX),
        date_time: Arc::from(registered.date_time.compact()),
        sign: Arc::from(sign),
        url: Arc::from(url.unwrap_or_default()),
    }
}

/// The address as everybody writes it. One of another form is made of its parts, for a wallet
/// takes no other.
fn address(url: &str, registered: &Registered, sign: &str) -> String {
    if let Ok(url) = url.parse::<ReceiptUrl>() {
        return url.to_string();
    }
    let number = u32::try_from(registered.receipt_seq).unwrap_or(0);
    let time = FiscalTime::at(registered.date_time.moment());
    ReceiptUrl::new(ReceiptPage::Check, &registered.terminal_id, number, time, sign)
        .map_or_else(|_| url.to_owned(), |url| url.to_string())
}

fn refund_info(original: &ReceiptUrl) -> RefundInfo {
    RefundInfo {
        terminal_id: original.terminal().to_owned(),
        receipt_seq: original.number().to_string(),
        date_time: original.time().compact(),
        fiscal_sign: original.sign().to_owned(),
    }
}

/// The lines of `item`: one for each marking code, because a line of the module has room for one.
fn items(item: &FiscalItem) -> impl Iterator<Item = Item> {
    let count = i64::try_from(item.labels.len()).unwrap_or(i64::MAX).max(1);
    // Nothing is divided into pieces of nothing.
    let count = count.min(item.quantity.thousandths());
    (0..count).map(move |place| {
        let part = |whole: Tiyin| Tiyin::new(share(whole.get(), count, place));
        let part = |whole| part(whole).unwrap_or(Tiyin::ZERO);
        let label = usize::try_from(place).ok().and_then(|place| item.labels.get(place));
        Item {
            name: start_of(&item.name, NAME_MAX),
            barcode: item.barcode.clone(),
            label: label.map(|label| start_of(label, NAME_MAX)).unwrap_or_default(),
            spic: item.class_code.clone(),
            units: item.unit_code.map_or(0, u64::from),
            package_code: item.package_code.clone().unwrap_or_default(),
            owner_type: u8::try_from(item.owner.code()).unwrap_or(0),
            amount: share(item.quantity.thousandths(), count, place).unsigned_abs(),
            price: part(item.price),
            discount: part(item.discount),
            other: part(item.other),
            vat_percent: item.vat_percent.unwrap_or(0),
            vat: part(item.vat),
            commission_info: item.commission.as_ref().map(|principal| CommissionInfo {
                tin: principal.inn.clone().unwrap_or_default(),
                pinfl: principal.pinfl.clone().unwrap_or_default(),
            }),
        }
    })
}

/// The part at `place` of `whole` in `count` parts that differ by one at most and come to it.
const fn share(whole: i64, count: i64, place: i64) -> i64 {
    let rest = whole % count;
    whole / count + if place < rest { 1 } else { 0 }
}

fn extra_info(order: &FiscalOrder) -> ExtraInfo {
    let extra = &order.extra;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    ExtraInfo {
        tin: text(&extra.tin),
        pinfl: text(&extra.pinfl),
        phone_number: extra.phone_number.as_deref().and_then(phone).unwrap_or_default(),
        car_number: text(&extra.car_number),
        qr_payment_id: text(&extra.qr_payment_id),
        qr_payment_provider: extra.qr_payment_provider.map(|provider| provider.code()),
        cashed_out_from_card: None,
        card_type: order.card_type.and_then(|kind| u8::try_from(kind.code()).ok()),
        ppt_id: text(&order.ppt_id),
        card_number: text(&extra.card_number),
        other: extra.other.as_deref().map(|text| start_of(text, OTHER_MAX)).unwrap_or_default(),
    }
}

/// The number with the country's code and without signs; `None` for what is no phone's.
fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let whole = match digits.len() {
        9 => format!("{COUNTRY}{digits}"),
        _ => digits,
    };
    (whole.len() == PHONE_DIGITS).then_some(whole)
}

fn start_of(text: &str, count: usize) -> String {
    text.chars().take(count).collect()
}

#[cfg(test)]
mod tests {
    use chorsu_core::UnixMillis;

    use super::*;

    const ORIGINAL: &str =
        "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=014343190161";

    fn order(body: &str) -> FiscalOrder {
        chorsu_api::till::decode::stored_order(body).unwrap().fiscal
    }

    fn receipt(order: &FiscalOrder) -> Receipt {
        module_receipt(DocumentId([7; 12]), order).unwrap()
    }

    fn body(line: &str, rest: &str) -> String {
        format!(
            r#"{{"time":"2024-02-21 13:19:43","received_card":20000,"received_cash":1,
            "products":[{{"name":"Non","class_code":"01905001001000000","amount":3000,
            "price":20001,"vat_percent":12,"vat":2143{line}}}]{rest}}}"#
        )
    }

    #[test]
    fn an_order_keeps_every_sum_and_code() {
        let rest = r#","card_type":2,"ppt_id":"231511584547","extra_info":{"phone_number":
            "+998 (94) 653-21-40","qr_payment_id":"4710103925","qr_payment_provider":"0064",
            "other":"12345678901234567890123456789012345"}"#;
        let line = r#","package_code":"1234567","units":5,"discount":10,"other":20,
            "owner_type":1,"comission_info":{"inn":"123456789"}"#;
        let receipt = receipt(&order(&body(line, rest)));
        assert_eq!(receipt.txid, DocumentId([7; 12]).uuid());
        assert_eq!(receipt.time.to_string(), "2024-02-21 13:19:43");
        assert_eq!((receipt.received_cash.get(), receipt.received_card.get()), (1, 20_000));
        assert_eq!(
            (receipt.kind, receipt.operation),
            (ReceiptType::Purchase, ReceiptOperation::Sale)
        );
        let [item] = receipt.items.as_slice() else { panic!("one line") };
        let sums = [item.price, item.discount, item.other, item.vat].map(Tiyin::get);
        assert_eq!((sums, item.amount, item.vat_percent), ([20_001, 10, 20, 2_143], 3_000, 12));
        assert_eq!((item.units, item.package_code.as_str(), item.owner_type), (5, "1234567", 1));
        assert_eq!(item.commission_info.as_ref().unwrap().tin, "123456789");
        let extra = receipt.extra_info.unwrap();
        assert_eq!(
            (extra.phone_number.as_str(), extra.qr_payment_provider),
            ("998946532140", Some(64))
        );
        assert_eq!((extra.card_type, extra.ppt_id.as_str()), (Some(2), "231511584547"));
        assert_eq!((extra.qr_payment_id.as_str(), extra.other.len()), ("4710103925", 32));
    }

    #[test]
    fn each_marking_code_has_a_line_and_the_sums_stay() {
        let long = "x".repeat(80);
        let line = format!(r#","labels":["one","two","{long}"],"discount":100"#);
        let receipt = receipt(&order(&body(&line, "")));
        let labels: Vec<_> = receipt.items.iter().map(|item| item.label.as_str()).collect();
        assert_eq!(labels, ["one", "two", &long[..63]]);
        let sum = |of: fn(&Item) -> i64| receipt.items.iter().map(of).sum::<i64>();
        assert_eq!(sum(|item| item.price.get()), 20_001);
        assert_eq!((sum(|item| item.vat.get()), sum(|item| item.discount.get())), (2_143, 100));
        assert_eq!(receipt.items.iter().map(|item| item.amount).sum::<u64>(), 3_000);
        assert!(receipt.items.iter().all(|item| item.vat <= item.price));
        assert_eq!(receipt.extra_info, None, "nobody said anything");
    }

    #[test]
    fn a_refund_names_its_original() {
        let rest = format!(r#","qr_code":"{ORIGINAL}","receipt_type":"credit""#);
        let receipt = receipt(&order(&body("", &rest)));
        assert_eq!(receipt.operation, ReceiptOperation::Refund);
        assert_eq!(receipt.kind, ReceiptType::Credit);
        let original = receipt.refund_info.unwrap();
        assert_eq!(original.terminal_id, "UZ170703100597");
        assert_eq!(
            (original.receipt_seq.as_str(), original.fiscal_sign.as_str()),
            ("2421", "014343190161")
        );
        assert_eq!(original.date_time, "20230104121801");
    }

    #[test]
    fn phones_are_twelve_digits_or_none() {
        for (text, want) in [
            ("998946532140", Some("998946532140")),
            ("946532140", Some("998946532140")),
            ("12", None),
            ("", None),
            ("99894653214001", None),
        ] {
            assert_eq!(phone(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn addresses_of_other_forms_are_made_of_their_parts() {
        let registered = |url: Option<&str>| Registered {
            terminal_id: "UZ170703100597".to_owned(),
            receipt_seq: 2_421,
            date_time: LocalTime::at(UnixMillis(1_672_816_681_000)).unwrap(),
            fiscal_sign: url.map(|_| "014343190161".to_owned()),
            qr_code_url: url.map(str::to_owned),
        };
        for url in [ORIGINAL, "http://ofd.soliq.uz/check/?t=UZ170703100597", "elsewhere"] {
            let made = registration(&registered(Some(url)));
            assert_eq!((&*made.url, &*made.sign), (ORIGINAL, "014343190161"), "{url}");
            assert_eq!((made.number, &*made.date_time), (2_421, "20230104121801"));
        }
        let unsigned = registration(&registered(None));
        assert_eq!((&*unsigned.url, &*unsigned.sign), ("", ""));
    }
}
