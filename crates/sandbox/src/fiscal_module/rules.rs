//! What a receipt has to be for a module to write it: lengths of fields and sums that match. Pure.

use chorsu_connectors::fiscal_module::{ExtraInfo, Item, Receipt};
use chorsu_core::Tiyin;

/// By how much the sum received may differ from the sum of the lines, either way: 100 sum.
const BALANCE_TIYIN: i64 = 10_000;
/// The most lines a receipt can have.
const ITEMS: usize = 256;

/// Why `receipt` cannot be written, in words for the error's data.
pub(super) fn fault(receipt: &Receipt) -> Option<String> {
    if !(1..=64).contains(&receipt.txid.len()) {
        return Some("TXID must have 1 to 64 characters".into());
    }
    if receipt.items.is_empty() || receipt.items.len() > ITEMS {
        return Some(format!("a receipt has 1 to {ITEMS} items"));
    }
    let wrong =
        receipt.items.iter().enumerate().find_map(|(place, item)| {
            item_fault(item).map(|what| format!("Items[{place}]: {what}"))
        });
    wrong
        .or_else(|| receipt.extra_info.as_ref().and_then(extra_fault).map(str::to_owned))
        .or_else(|| balance_fault(receipt))
}

fn item_fault(item: &Item) -> Option<&'static str> {
    let commission = item.commission_info.as_ref();
    let checks = [
        (within(&item.name, 1, 63), "Name must have 1 to 63 characters"),
        (within(&item.barcode, 0, 63), "Barcode is too long"),
        (within(&item.label, 0, 63), "Label must have at most 63 characters"),
        (digits(&item.spic, 17), "SPIC must have 17 digits"),
        (within(&item.package_code, 0, 20), "PackageCode must have at most 20 characters"),
        (item.owner_type <= 2, "OwnerType must be 0, 1 or 2"),
        (item.amount > 0, "Amount must be positive"),
        (item.vat_percent <= 99, "VATPercent must be at most 99"),
        (
            commission.is_none_or(|to| to.tin.is_empty() || digits(&to.tin, 9)),
            "TIN must have 9 digits",
        ),
        (
            commission.is_none_or(|to| to.pinfl.is_empty() || digits(&to.pinfl, 14)),
            "PINFL must have 14 digits",
        ),
    ];
    let field = checks.into_iter().find(|(holds, _)| !holds).map(|(_, what)| what);
    field.or_else(|| match paid(item) {
        None => Some("Price is less than Discount and Other"),
        Some(paid) if item.vat > paid => Some("VAT is more than what is paid"),
        Some(_) => None,
    })
}

fn extra_fault(extra: &ExtraInfo) -> Option<&'static str> {
    let empty_or = |text: &str, count| text.is_empty() || digits(text, count);
    let checks = [
        (empty_or(&extra.tin, 9), "TIN must have 9 digits"),
        (empty_or(&extra.pinfl, 14), "PINFL must have 14 digits"),
        (empty_or(&extra.phone_number, 12), "PhoneNumber must have 12 digits"),
        (within(&extra.car_number, 0, 8), "CarNumber must have at most 8 characters"),
        (within(&extra.qr_payment_id, 0, 36), "QRPaymentID must have at most 36 characters"),
        (extra.card_type.is_none_or(|kind| (1..=3).contains(&kind)), "CardType must be 1, 2 or 3"),
        (within(&extra.ppt_id, 0, 16), "PPTID must have at most 16 characters"),
        (within(&extra.other, 0, 32), "Other must have at most 32 characters"),
    ];
    checks.into_iter().find(|(holds, _)| !holds).map(|(_, what)| what)
}

/// The rule of the applet's manual, as an absolute difference: too little is refused like too much.
fn balance_fault(receipt: &Receipt) -> Option<String> {
    let received = receipt.received_cash.checked_add(receipt.received_card);
    let add = |sum: Tiyin, item| sum.checked_add(paid(item)?);
    let lines = receipt.items.iter().try_fold(Tiyin::ZERO, add);
    let (Some(received), Some(lines)) = (received, lines) else {
        return Some("the sums are too large".into());
    };
    let (received, lines) = (received.get(), lines.get());
    let difference = (received - lines).abs();
    (difference > BALANCE_TIYIN).then(|| {
        format!(
            "difference {difference} between {received} and {lines} is larger than {BALANCE_TIYIN}"
        )
    })
}

/// What of a line is paid in cash or by card; `None` when discount and other exceed its price.
fn paid(item: &Item) -> Option<Tiyin> {
    item.price.checked_sub(item.discount)?.checked_sub(item.other)
}

fn within(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.chars().count())
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}
