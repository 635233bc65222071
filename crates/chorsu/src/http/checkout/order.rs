//! What the payer sees of a receipt, read from the JSON that is stored with it.

use chorsu_api::subscribe::{BrokenBody, ReceiptBody};
use chorsu_core::{Kassa, Receipt, Tiyin};
use chorsu_web::{AccountLine, ItemLine, Language, ReceiptSummary};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Decimals of a count that are looked at; goods are weighed to the gram.
const COUNT_DECIMALS_MAX: usize = 6;

/// The readable parts of a receipt's body.
pub(super) struct Order {
    description: String,
    account: Vec<(String, String)>,
    items: Vec<Item>,
    discount: Option<Tiyin>,
}

/// An item, or the delivery, which has no count.
#[derive(Debug, PartialEq, Eq)]
struct Item {
    title: String,
    count: String,
    sum: Tiyin,
}

/// The documented members of `detail` that a payer is shown.
#[derive(Deserialize)]
struct Detail<'a> {
    #[serde(borrow)]
    items: Option<Vec<Line<'a>>>,
    shipping: Option<Line<'a>>,
    discount: Option<Line<'a>>,
}

/// A title with a price in tiyin; the numbers as the shop wrote them.
#[derive(Deserialize)]
struct Line<'a> {
    title: String,
    #[serde(borrow)]
    price: &'a RawValue,
    #[serde(borrow)]
    count: Option<&'a RawValue>,
}

impl Order {
    /// Reads what is stored with `receipt`, with the titles of `kassa`.
    ///
    /// # Errors
    /// [`BrokenBody`] when it was not stored by Chorsu.
    pub(super) fn read(
        receipt: &Receipt,
        kassa: &Kassa,
        language: Language,
    ) -> Result<Self, BrokenBody> {
        let body = ReceiptBody::parse(&receipt.body)?;
        let line = |(name, value): (&str, &str)| {
            let field = kassa.account.iter().find(|field| field.name == name);
            let title = field.map_or("", |field| language.of(&field.titles));
            let title = if title.is_empty() { name } else { title };
            (title.to_owned(), text(value))
        };
        let account = body.account().map(line).collect();
        // The list is an extra: one that cannot be shown whole is not shown, and the amount stays.
        let (items, discount) = items(body.detail()).unwrap_or_default();
        Ok(Self { description: text(body.description()), account, items, discount })
    }

    /// The summary for the page.
    pub(super) fn summary<'a>(&'a self, receipt: &Receipt, kassa: &'a Kassa) -> ReceiptSummary<'a> {
        let account = |(title, value): &'a (String, String)| AccountLine { title, value };
        let item = |item: &'a Item| {
            let Item { title, count, sum } = item;
            ItemLine { title, count, sum: *sum }
        };
        ReceiptSummary {
            id: receipt.id,
            number: receipt.number,
            amount: receipt.amount,
            hold: receipt.hold,
            shop: &kassa.merchant.name,
            organization: &kassa.merchant.organization,
            description: &self.description,
            account: self.account.iter().map(account).collect(),
            items: self.items.iter().map(item).collect(),
            discount: self.discount,
        }
    }
}

/// The text of a JSON string; a number as it is written.
fn text(json: &str) -> String {
    serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())
}

/// The items with the delivery as the last of them, and the discount on the whole; `None` when
/// one of them cannot be read.
fn items(detail: &str) -> Option<(Vec<Item>, Option<Tiyin>)> {
    let Detail { items, shipping, discount } = serde_json::from_str(detail).ok()?;
    let item = |line: Line<'_>| {
        let count = line.count.map_or("1", RawValue::get).to_owned();
        Some(Item { sum: cost(line.price.get(), &count)?, title: line.title, count })
    };
    let mut list = items.unwrap_or_default().into_iter().map(item).collect::<Option<Vec<_>>>()?;
    if let Some(delivery) = shipping {
        let sum = cost(delivery.price.get(), "1")?;
        list.push(Item { title: delivery.title, count: String::new(), sum });
    }
    let discount = match discount {
        Some(discount) => Some(cost(discount.price.get(), "1")?),
        None => None,
    };
    Some((list, discount.filter(|discount| *discount > Tiyin::ZERO)))
}

/// `price` tiyin times `count`, both as JSON writes numbers, rounded to the nearest tiyin; `None`
/// for negative numbers, exponents and sums that do not fit.
fn cost(price: &str, count: &str) -> Option<Tiyin> {
    let (price, price_scale) = decimal(price)?;
    let (count, count_scale) = decimal(count)?;
    let scale = price_scale.checked_mul(count_scale)?;
    let sum = price.checked_mul(count)?.checked_add(scale / 2)? / scale;
    Tiyin::new(i64::try_from(sum).ok()?)
}

/// The digits of a decimal fraction and the power of ten to divide them by.
fn decimal(number: &str) -> Option<(u128, u128)> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > COUNT_DECIMALS_MAX {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    Some((format!("{whole}{fraction}").parse().ok()?, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiyin(value: i64) -> Tiyin {
        Tiyin::new(value).unwrap()
    }

    #[test]
    fn the_items_of_the_published_example_are_listed() {
        let detail = r#"{"discount":{"title":"Скидка 5%","price":10000},
            "shipping":{"title":"Доставка до ттз-4 28/23","price":500000},
            "items":[{"title":"Помидоры","price":505000,"count":2,"code":"00702001001000001",
                      "units":241092,"vat_percent":15,"package_code":"123456"}]}"#;
        let item = |title: &str, count: &str, sum| Item {
            title: title.to_owned(),
            count: count.to_owned(),
            sum: tiyin(sum),
        };
        let (list, discount) = items(detail).unwrap();
        let want = [item("Помидоры", "2", 1_010_000), item("Доставка до ттз-4 28/23", "", 500_000)];
        assert_eq!((list.as_slice(), discount), (want.as_slice(), Some(tiyin(10_000))));
    }

    #[test]
    fn a_list_that_cannot_be_shown_whole_is_not_shown() {
        for (detail, want) in [
            ("null", None),
            ("{}", Some(0)),
            (r#"{"items":null,"discount":{"title":"","price":0}}"#, Some(0)),
            (r#"{"items":[{"title":"a","price":1}]}"#, Some(1)),
            (r#"{"items":[{"title":"a","price":1},{"title":"b","price":1e3}]}"#, None),
            (r#"{"items":[{"title":"a","price":-1,"count":1}]}"#, None),
            (r#"{"items":[{"title":"a","price":1,"count":"x"}]}"#, None),
            (r#"{"items":[{"price":1}]}"#, None),
            (r#"{"shipping":{"title":"a","price":null}}"#, None),
        ] {
            assert_eq!(items(detail).map(|(list, _)| list.len()), want, "{detail}");
        }
    }

    #[test]
    fn an_item_costs_price_times_count_to_the_nearest_tiyin() {
        for (price, count, want) in [
            ("505000", "2", Some(1_010_000)),
            ("505000.0", "2.00", Some(1_010_000)),
            ("999", "0.5", Some(500)),
            ("100", "1.234", Some(123)),
            ("0", "7", Some(0)),
            ("9223372036854775807", "1", Some(i64::MAX)),
            ("9223372036854775807", "2", None),
            ("99999999999999999999999999999", "99999999999999999999999", None),
            ("1e3", "1", None),
            ("1", "-1", None),
            ("1", "0.0000001", None),
        ] {
            assert_eq!(cost(price, count), want.map(tiyin), "{price} x {count}");
        }
    }

    #[test]
    fn account_values_are_texts_or_numbers() {
        for (json, want) in [(r#""Заказ \"5\"""#, "Заказ \"5\""), ("12", "12"), (r#""""#, "")]
        {
            assert_eq!(text(json), want);
        }
    }
}
