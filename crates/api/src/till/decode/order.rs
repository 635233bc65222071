//! Orders and refunds.

use chorsu_core::fiscal::{CardType, FiscalItem, FiscalOrder, FiscalTime, Operation, OrderKind};
use chorsu_core::{Tiyin, UnixMillis};
use serde_json::value::RawValue;

use super::body::Body;
use super::field::Given;
use super::{banner, confirm, extra, product};
use crate::json::read;
use crate::till::problems::{self, Problems};
use crate::till::{OrderRequest, TillError};

/// Largest sum in an order, in tiyin: ten million million sum. Sums of so many lines still fit.
pub(super) const MONEY_MAX: i64 = 1_000_000_000_000_000;
/// Most lines.
const PRODUCTS_MAX: usize = 500;
/// After so many lines with errors the rest is not looked at.
const BAD_PRODUCTS_MAX: usize = 20;
/// Longest text.
const TEXT_MAX: usize = 255;

/// Reads `POST /order`, `/order/create/`: a sale, an advance or a credit. An order without a time
/// is of `now`; whether a given one is near the clock is not checked here.
///
/// # Errors
/// Code 7 for fields that are missing, of a wrong type, or out of bounds.
pub fn order(body: &[u8], now: UnixMillis) -> Result<OrderRequest, TillError> {
    decode(body, now, |_, _| Some(Operation::Sale))
}

/// Reads `POST /order/refuse/`: an order with the address of the receipt it takes back.
///
/// # Errors
/// Code 7 for fields that are missing, of a wrong type, or out of bounds.
pub fn refund(body: &[u8], now: UnixMillis) -> Result<OrderRequest, TillError> {
    decode(body, now, |problems, qr_code| {
        confirm::receipt(problems, qr_code).map(|original| Operation::Refund { original })
    })
}

/// Reads what [`OrderRequest::body`] wrote.
///
/// # Errors
/// Code 7 when it was not written by this version.
pub fn stored_order(body: &str) -> Result<OrderRequest, TillError> {
    let object = Body::read(body.as_bytes())?;
    let [qr_code] = object.fields(&["qr_code"])?;
    let read = if qr_code.is_some() { refund } else { order };
    read(body.as_bytes(), UnixMillis(0))
}

/// A sum of tiyin; none at all when absent or null.
pub(super) fn money(problems: &mut Problems, name: &'static str, raw: Given<'_>) -> Tiyin {
    let value = problems.integer_or_none(name, raw, 0..=MONEY_MAX);
    value.and_then(Tiyin::new).unwrap_or(Tiyin::ZERO)
}

type ReadOperation = fn(&mut Problems, Given<'_>) -> Option<Operation>;

fn decode(body: &[u8], now: UnixMillis, op: ReadOperation) -> Result<OrderRequest, TillError> {
    let body = Body::read(body)?;
    let mut problems = Problems::default();
    let names = ["number", "uuid", "cashier", "email", "sms_phone_number"];
    let [number, uuid, cashier, email, phone] = body.fields(&names)?;
    let number = problems.integer_or_none("number", number, 0..=i64::MAX);
    let fiscal = fiscal(&mut problems, &body, now, op)?;
    let mut text = |name, raw| problems.text_or_none(name, raw, TEXT_MAX);
    let (uuid, cashier) = (text("uuid", uuid), text("cashier", cashier));
    let (email, sms_phone_number) = (text("email", email), text("sms_phone_number", phone));
    let names = ["scan2pay_paid", "open_cashbox", "send_email", "banners", "prices"];
    let [paid, open, send, banners, prices] = body.fields(&names)?;
    let scan2pay_paid = problems.flag("scan2pay_paid", paid);
    let open_cashbox = problems.flag("open_cashbox", open);
    let send_email = problems.flag("send_email", send);
    let banners = banner::banners(&mut problems, banners);
    let prices = banner::prices(&mut problems, prices);
    match fiscal {
        Some(fiscal) if problems.is_empty() => Ok(OrderRequest {
            number,
            uuid,
            cashier,
            fiscal,
            scan2pay_paid,
            open_cashbox,
            send_email,
            email,
            sms_phone_number,
            banners,
            prices,
        }),
        _ => Err(problems.into()),
    }
}

fn fiscal(
    problems: &mut Problems,
    body: &Body<'_>,
    now: UnixMillis,
    op: ReadOperation,
) -> Result<Option<FiscalOrder>, TillError> {
    let names = [
        "receipt_type",
        "products",
        "qr_code",
        "time",
        "received_cash",
        "received_card",
        "change",
        "card_type",
        "ppt_id",
        "extra_info",
    ];
    let [kind, products, qr_code, time, cash, card, change, card_type, ppt_id, extra_info] =
        body.fields(&names)?;
    let kind = order_kind(problems, kind);
    let items = items(problems, products);
    let operation = op(problems, qr_code);
    let time = order_time(problems, "time", time);
    let received_cash = money(problems, "received_cash", cash);
    let received_card = money(problems, "received_card", card);
    let change = money(problems, "change", change);
    let card_type = card_kind(problems, card_type);
    let ppt_id = problems.text_or_none("ppt_id", ppt_id, TEXT_MAX).filter(|id| id != "0");
    let extra = extra::extra(problems, extra_info);
    Ok(operation.map(|operation| FiscalOrder {
        kind,
        operation,
        items,
        received_cash,
        received_card,
        change,
        card_type,
        ppt_id,
        extra,
        time: time.unwrap_or_else(|| FiscalTime::at(now)),
    }))
}

/// The kind of receipt; a plain order when absent, as in refunds.
fn order_kind(problems: &mut Problems, raw: Given<'_>) -> OrderKind {
    let Some(name) = problems.text_or_none("receipt_type", raw, TEXT_MAX) else {
        return OrderKind::default();
    };
    OrderKind::from_name(&name).unwrap_or_else(|| {
        problems.add("receipt_type", format!("\"{name}\" is not a valid choice."));
        OrderKind::default()
    })
}

/// The kind of card; zero is none, because clients without a card send that.
fn card_kind(problems: &mut Problems, raw: Given<'_>) -> Option<CardType> {
    let raw = raw.filter(|raw| read::string(raw).is_none_or(|text| !text.trim().is_empty()));
    let code = problems.integer_or_none("card_type", raw, i64::MIN..=i64::MAX)?;
    let kind = CardType::from_code(code);
    if kind.is_none() && code != 0 {
        problems.add("card_type", format!("\"{code}\" is not a valid choice."));
    }
    kind
}

/// A time of the form `YYYY-MM-DD HH:MM:SS`; absent, null and blank are `None`.
fn order_time(problems: &mut Problems, name: &'static str, raw: Given<'_>) -> Option<FiscalTime> {
    let text = problems.text_or_none(name, raw, TEXT_MAX)?;
    let time = FiscalTime::parse_spaced(&text).ok();
    if time.is_none() {
        problems.add(name, problems::TIME);
    }
    time
}

fn items(problems: &mut Problems, raw: Given<'_>) -> Vec<FiscalItem> {
    let elements = problems
        .required("products", raw)
        .and_then(|raw: &RawValue| problems.list("products", raw, PRODUCTS_MAX));
    let Some(elements) = elements else { return Vec::new() };
    if elements.is_empty() {
        problems.add("products", problems::EMPTY_LIST);
    }
    let mut items = Vec::with_capacity(elements.len());
    let (mut inner, mut bad) = (Vec::with_capacity(elements.len()), 0);
    for element in elements {
        let mut found = Problems::default();
        items.extend(product::product(&mut found, element));
        bad += usize::from(!found.is_empty());
        inner.push(found);
        if bad == BAD_PRODUCTS_MAX {
            break;
        }
    }
    problems.add_list("products", inner);
    items
}
