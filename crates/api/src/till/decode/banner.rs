//! What a till wants printed beside the receipt: banners and lines of prices.

use serde_json::value::RawValue;

use super::field::Given;
use crate::json::read;
use crate::till::order::{Banner, BannerKind, BannerStyle, PriceLine};
use crate::till::problems::Problems;

use super::order::{MONEY_MAX, money};

/// Most banners, and most lines of prices.
const COUNT_MAX: usize = 100;
/// Longest text of a banner.
const DATA_MAX: usize = 4_096;
/// Longest name of a line.
const NAME_MAX: usize = 128;
/// Largest font, in whatever the printer counts.
const FONT_MAX: i64 = 1_000;

/// The banners of a request; none when absent.
pub(super) fn banners(problems: &mut Problems, raw: Given<'_>) -> Vec<Banner> {
    objects(problems, "banners", raw, banner)
}

/// The lines of prices of a request; none when absent.
pub(super) fn prices(problems: &mut Problems, raw: Given<'_>) -> Vec<PriceLine> {
    objects(problems, "prices", raw, price)
}

/// Reads each object of a list; all problems are kept by place.
fn objects<T>(
    problems: &mut Problems,
    name: &'static str,
    raw: Given<'_>,
    read: fn(&mut Problems, &RawValue) -> Option<T>,
) -> Vec<T> {
    let Some(raw) = read::unless_null(raw) else { return Vec::new() };
    let Some(elements) = problems.list(name, raw, COUNT_MAX) else { return Vec::new() };
    let mut found = Vec::with_capacity(elements.len());
    let mut inner = Vec::with_capacity(elements.len());
    for element in elements {
        let mut problems = Problems::default();
        found.extend(read(&mut problems, element));
        inner.push(problems);
    }
    problems.add_list(name, inner);
    found
}

fn banner(problems: &mut Problems, raw: &RawValue) -> Option<Banner> {
    let [kind, data, cut, style] = problems.members(raw, &["type", "data", "cut", "style"])?;
    let kind = problems.text("type", kind, NAME_MAX);
    let known = kind.as_deref().and_then(BannerKind::from_name);
    if let (Some(kind), None) = (kind, known) {
        problems.add("type", format!("\"{kind}\" is not a valid choice."));
    }
    let data = problems.text_as_is("data", data, DATA_MAX).unwrap_or_default();
    let cut = problems.flag("cut", cut);
    let style = style.and_then(|raw| read::unless_null(Some(raw))).and_then(|raw| {
        let mut inner = Problems::default();
        let style = banner_style(&mut inner, raw);
        problems.add_object("style", inner);
        style
    });
    Some(Banner { kind: known?, data, cut, style })
}

fn banner_style(problems: &mut Problems, raw: &RawValue) -> Option<BannerStyle> {
    let [width, height, bold] = problems.members(raw, &["font_width", "font_height", "is_bold"])?;
    let mut size = |name, raw| {
        let value = problems.integer_or_none(name, raw, 0..=FONT_MAX)?;
        u16::try_from(value).ok()
    };
    let (font_width, font_height) = (size("font_width", width), size("font_height", height));
    Some(BannerStyle { font_width, font_height, is_bold: problems.flag("is_bold", bold) })
}

fn price(problems: &mut Problems, raw: &RawValue) -> Option<PriceLine> {
    let names = ["name", "type", "price", "vat_type", "vat_price"];
    let [name, kind, price, vat_type, vat_price] = problems.members(raw, &names)?;
    let name = problems.text("name", name, NAME_MAX);
    let kind = problems.text_or_none("type", kind, NAME_MAX);
    let price = problems.integer("price", price, 0..=MONEY_MAX);
    let vat_type = problems.text_or_none("vat_type", vat_type, NAME_MAX);
    let vat_price = money(problems, "vat_price", vat_price);
    let price = price.and_then(chorsu_core::Tiyin::new)?;
    Some(PriceLine { name: name?, kind, price, vat_type, vat_price })
}
