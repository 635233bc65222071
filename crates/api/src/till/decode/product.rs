//! One line of an order.

use chorsu_core::Tiyin;
use chorsu_core::fiscal::{Commission, FiscalItem, OwnerType, Quantity, vat_inside};
use serde_json::value::RawValue;

use super::field::Given;
use super::order::{MONEY_MAX, money};
use crate::json::read;
use crate::till::problems::Problems;

const NAME_MAX: usize = 255;
const BARCODE_MAX: usize = 32;
const UNIT_NAME_MAX: usize = 64;
const UNIT_CODE_MAX: i64 = 1_000_000_000;
const CODE_MAX: usize = 32;
const VAT_PERCENT_MAX: i64 = 99;
const LABELS_MAX: usize = 300;
/// A marking code as scanned; the module keeps its first part.
const LABEL_MAX: usize = 255;
/// A thousand million units.
const QUANTITY_MAX: i64 = 1_000_000_000_000;

const FIELDS: [&str; 16] = [
    "name",
    "barcode",
    "amount",
    "units",
    "unit_name",
    "price",
    "product_price",
    "vat",
    "vat_percent",
    "discount",
    "other",
    "labels",
    "class_code",
    "package_code",
    "owner_type",
    "comission_info",
];

/// Reads a line. The price of a unit and the VAT are worked out where they are not given; a package
/// code of zero is none, because clients without one send that.
pub(super) fn product(problems: &mut Problems, raw: &RawValue) -> Option<FiscalItem> {
    let [
        name,
        barcode,
        amount,
        units,
        unit_name,
        price,
        product_price,
        vat,
        vat_percent,
        discount,
        other,
        labels_,
        class_code,
        package_code,
        owner_type,
        comission_info,
    ] = problems.members(raw, &FIELDS)?;
    let name = problems.text("name", name, NAME_MAX);
    let quantity = problems.integer("amount", amount, 1..=QUANTITY_MAX).and_then(Quantity::new);
    let price = problems.integer("price", price, 0..=MONEY_MAX).and_then(Tiyin::new);
    let class_code = problems.text("class_code", class_code, CODE_MAX);
    let barcode = problems.text_or_none("barcode", barcode, BARCODE_MAX).unwrap_or_default();
    let unit_code = problems.integer_or_none("units", units, 0..=UNIT_CODE_MAX);
    let unit_name = problems.text_or_none("unit_name", unit_name, UNIT_NAME_MAX);
    let unit_price = amount_or_none(problems, "product_price", product_price);
    let vat = amount_or_none(problems, "vat", vat);
    let percent = problems.integer_or_none("vat_percent", vat_percent, 0..=VAT_PERCENT_MAX);
    let discount = money(problems, "discount", discount);
    let other = money(problems, "other", other);
    let labels = labels(problems, labels_);
    let package_code = problems.text_or_none("package_code", package_code, CODE_MAX);
    let owner = owner(problems, owner_type);
    let commission = commission(problems, comission_info);

    let (quantity, price) = (quantity?, price?);
    let vat_percent = percent.and_then(|percent| u8::try_from(percent).ok());
    let mut item = FiscalItem {
        name: name?,
        barcode,
        quantity,
        unit_name: unit_name.unwrap_or_default(),
        unit_code: unit_code.and_then(|code| u32::try_from(code).ok()),
        price,
        unit_price: unit_price.or_else(|| quantity.unit_price(price)).unwrap_or(price),
        vat: vat.unwrap_or(Tiyin::ZERO),
        vat_percent,
        discount,
        other,
        labels,
        class_code: class_code?,
        package_code: package_code.filter(|code| code != "0"),
        owner,
        commission,
    };
    if vat.is_none() {
        let net = item.net().unwrap_or(Tiyin::ZERO);
        item.vat = vat_inside(net, vat_percent.unwrap_or(0));
    }
    Some(item)
}

fn amount_or_none(problems: &mut Problems, name: &'static str, raw: Given<'_>) -> Option<Tiyin> {
    problems.integer_or_none(name, raw, 0..=MONEY_MAX).and_then(Tiyin::new)
}

fn labels(problems: &mut Problems, raw: Given<'_>) -> Vec<String> {
    let Some(raw) = read::unless_null(raw) else { return Vec::new() };
    let elements = problems.list("labels", raw, LABELS_MAX).unwrap_or_default();
    let mut found = Vec::with_capacity(elements.len());
    for element in elements {
        match problems.text("labels", Some(element), LABEL_MAX) {
            Some(label) => found.push(label),
            // One complaint is enough for a list.
            None => break,
        }
    }
    found
}

fn owner(problems: &mut Problems, raw: Given<'_>) -> OwnerType {
    match problems.integer_or_none("owner_type", raw, i64::MIN..=i64::MAX) {
        None => OwnerType::default(),
        Some(code) => OwnerType::from_code(code).unwrap_or_else(|| {
            problems.add("owner_type", format!("\"{code}\" is not a valid choice."));
            OwnerType::default()
        }),
    }
}

fn commission(problems: &mut Problems, raw: Given<'_>) -> Option<Commission> {
    let raw = read::unless_null(raw)?;
    let mut inner = Problems::default();
    let found = inner.members(raw, &["inn", "pinfl"]).map(|[inn, pinfl]| Commission {
        inn: inner.text_or_none("inn", inn, CODE_MAX),
        pinfl: inner.text_or_none("pinfl", pinfl, CODE_MAX),
    });
    problems.add_object("comission_info", inner);
    found.filter(|commission| !commission.is_empty())
}
