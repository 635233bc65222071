//! `detail` of receipts.create: the sale for the fiscal receipt.
//!
//! What is not documented is kept as it came, because shops put their own things here. What is
//! documented must have its documented type, or the fiscal receipt would fail after the payment.

use serde_json::value::RawValue;

use super::field::Given;
use crate::json::{number, read};
use crate::subscribe::error::RpcError;

/// Longest detail, in bytes.
const DETAIL_MAX: usize = 64 * 1024;
/// Most items of a sale.
const ITEMS_MAX: usize = 1000;
/// Longest title, in bytes.
const TITLE_MAX: usize = 1024;
/// Longest code, in bytes; a product code has 17 digits.
const CODE_MAX: usize = 64;
/// The title of the sum of the items' discounts.
const DISCOUNT_TITLE: &str = "Скидка";

/// The detail as a JSON object without white space; `None` for null and for a text, which some
/// clients send to say that there is none.
///
/// When items carry discounts and the sale has none of its own, their sum is added as `discount`:
/// answers show it there ("Payme Subscribe API, receipts.create").
pub(super) fn checked(detail: Given<'_>) -> Result<Option<String>, RpcError> {
    let Some(detail) = detail else { return Ok(None) };
    let text = detail.get();
    if text.starts_with('"') {
        return Ok(None);
    }
    if text.len() > DETAIL_MAX || !read::has_whole_characters(text) {
        return Err(RpcError::invalid("detail"));
    }
    let names = ["receipt_type", "shipping", "discount", "items"];
    let members = read::members(text, &names).map_err(|_| RpcError::invalid("detail"))?;
    // A discount that is null is one of its own, too: a second member of that name would make an
    // object that readers disagree about.
    let has_discount = members[2].is_some();
    let [receipt_type, shipping, discount, items] = members.map(read::unless_null);
    integer(receipt_type).map_err(|Wrong| RpcError::invalid("detail.receipt_type"))?;
    for (part, path) in [(shipping, "detail.shipping"), (discount, "detail.discount")] {
        if let Some(part) = part {
            priced(part).map_err(|member| RpcError::invalid(join(path, member)))?;
        }
    }
    let discounts = items.map(check_items).transpose()?.unwrap_or(0);

    let detail = read::minified(text);
    if discounts == 0 || has_discount {
        return Ok(Some(detail));
    }
    // The object has items, so a comma joins the two.
    let members = &detail[1..];
    Ok(Some(format!(
        r#"{{"discount":{{"title":"{DISCOUNT_TITLE}","price":{discounts}}},{members}"#
    )))
}

/// A member that is missing or has the wrong type.
struct Wrong;

/// Checks the items and sums their discounts, in tiyin.
fn check_items(items: &RawValue) -> Result<i64, RpcError> {
    let items = read::elements(items.get()).map_err(|_| RpcError::invalid("detail.items"))?;
    if items.len() > ITEMS_MAX {
        return Err(RpcError::invalid("detail.items"));
    }
    let mut discounts = 0_i64;
    for (place, item) in items.iter().enumerate() {
        let wrong = |member| RpcError::invalid(join(&format!("detail.items[{place}]"), member));
        let discount = check_item(item).map_err(wrong)?;
        discounts = discounts.checked_add(discount).ok_or_else(|| wrong("discount"))?;
    }
    Ok(discounts)
}

/// Checks an item and returns its discount; an error names the member, or nothing when the item
/// itself is no object.
fn check_item(item: &RawValue) -> Result<i64, &'static str> {
    let names = ["discount", "count", "code", "units", "vat_percent", "package_code"];
    let members = read::present(item.get(), &names).map_err(|_| "")?;
    let [discount, count, code, units, vat_percent, package_code] = members;
    priced(item)?;
    // Goods are weighed as well as counted, so a count may have a fraction.
    let count = count.and_then(read::number).ok_or("count")?;
    if count.starts_with('-') || number::whole(count) == Some(0) {
        return Err("count");
    }
    for (name, text) in [("code", code), ("package_code", package_code)] {
        bounded_text(text, CODE_MAX).map_err(|Wrong| name)?;
    }
    integer(units).map_err(|Wrong| "units")?;
    if vat_percent.is_some_and(|raw| read::number(raw).is_none_or(|n| n.starts_with('-'))) {
        return Err("vat_percent");
    }
    match discount {
        None => Ok(0),
        Some(raw) => money(raw).map_err(|Wrong| "discount"),
    }
}

/// Checks that an object has a title and a price.
fn priced(object: &RawValue) -> Result<(), &'static str> {
    let [title, price] = read::present(object.get(), &["title", "price"]).map_err(|_| "")?;
    bounded_text(Some(title.ok_or("title")?), TITLE_MAX).map_err(|Wrong| "title")?;
    money(price.ok_or("price")?).map(drop).map_err(|Wrong| "price")
}

/// A whole number of tiyin, not negative.
fn money(raw: &RawValue) -> Result<i64, Wrong> {
    number::whole(raw.get()).filter(|value| *value >= 0).ok_or(Wrong)
}

/// A whole number, if given.
fn integer(raw: Given<'_>) -> Result<(), Wrong> {
    match raw {
        Some(raw) => number::whole(raw.get()).map(drop).ok_or(Wrong),
        None => Ok(()),
    }
}

/// A text, if given.
fn bounded_text(raw: Given<'_>, max: usize) -> Result<(), Wrong> {
    match raw {
        Some(raw) if read::string(raw).is_none_or(|text| text.len() > max) => Err(Wrong),
        _ => Ok(()),
    }
}

fn join(path: &str, member: &str) -> String {
    if member.is_empty() { path.to_owned() } else { format!("{path}.{member}") }
}
