//! `extra_info` of an order: the buyer, and the wallet payment that paid for it.

use chorsu_core::fiscal::{ExtraInfo, QrProvider};
use serde_json::value::RawValue;

use super::field::Given;
use crate::json::read;
use crate::till::problems::{self, Problems};

const NAME: &str = "extra_info";
/// Longest text.
const TEXT_MAX: usize = 64;

/// Reads the object; documents also show it as a list of one. Nothing when absent or empty.
pub(super) fn extra(problems: &mut Problems, raw: Given<'_>) -> ExtraInfo {
    let Some(mut raw) = read::unless_null(raw) else { return ExtraInfo::default() };
    if raw.get().starts_with('[') {
        match problems.list(NAME, raw, 1).as_deref() {
            Some([only]) => raw = only,
            _ => return ExtraInfo::default(),
        }
    }
    let mut inner = Problems::default();
    let extra = fields(&mut inner, raw).unwrap_or_default();
    problems.add_object(NAME, inner);
    extra
}

fn fields(problems: &mut Problems, raw: &RawValue) -> Option<ExtraInfo> {
    let names = [
        "phone_number",
        "qr_payment_id",
        "qr_payment_provider",
        "scan2pay_id",
        "card_number",
        "tin",
        "pinfl",
        "car_number",
        "other",
    ];
    let [phone, payment, provider, scan2pay, card, tin, pinfl, car, other] =
        problems.members(raw, &names)?;
    let mut text = |name, raw| problems.text_or_none(name, raw, TEXT_MAX);
    let mut extra = ExtraInfo {
        phone_number: text("phone_number", phone),
        qr_payment_id: text("qr_payment_id", payment),
        qr_payment_provider: None,
        scan2pay_id: text("scan2pay_id", scan2pay),
        card_number: text("card_number", card),
        tin: text("tin", tin),
        pinfl: text("pinfl", pinfl),
        car_number: text("car_number", car),
        other: text("other", other),
    };
    // Texts are padded with zeros, "0141"; a blank one is none.
    let provider = provider.filter(|raw| read::string(raw).is_none_or(|t| !t.trim().is_empty()));
    let code = problems.integer_or_none("qr_payment_provider", provider, 0..=i64::from(u16::MAX));
    extra.qr_payment_provider = code
        .and_then(|code| u16::try_from(code).ok())
        .filter(|code| *code != 0)
        .map(QrProvider::from_code);
    // A wallet payment is named by both or not at all.
    match (&extra.qr_payment_id, extra.qr_payment_provider) {
        (Some(_), None) if problems.is_empty() => {
            problems.add("qr_payment_provider", problems::REQUIRED);
        }
        (None, Some(_)) if problems.is_empty() => {
            problems.add("qr_payment_id", problems::REQUIRED);
        }
        _ => {}
    }
    Some(extra)
}
