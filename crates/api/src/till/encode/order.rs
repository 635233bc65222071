//! Registered orders, and an order in the form it was asked for.

use chorsu_core::fiscal::{ExtraInfo, FiscalItem, FiscalOrder, Operation};

use super::{success, success_in_result, text_or_null};
use crate::json::write::{self, Object};
use crate::till::OrderRequest;
use crate::till::order::{Banner, PriceLine};
use crate::till::view::{LastOrder, Registered};

/// The answer of `/order/create/` and `/order/refuse/`.
pub fn registered(out: &mut Vec<u8>, registered: &Registered<'_>) {
    success(out, |data| {
        data.string("terminal_id", registered.terminal_id);
        data.integer("receipt_count", registered.receipt_number.into());
        data.string("date_time", &registered.time.compact());
        text_or_null(data, "fiscal_sign", registered.fiscal_sign);
        data.string("applet_version", registered.applet_version);
        text_or_null(data, "qr_url", url(registered).as_deref());
        data.string("cash_box_number", registered.cash_box_number);
    });
}

/// The answer of `/order/last/`.
pub fn last_order(out: &mut Vec<u8>, last: &LastOrder<'_>) {
    let LastOrder { order, registered } = last;
    success_in_result(out, |data| {
        data.object("order", |object| write_order(object, order, told_extra));
        data.object("result", |result| {
            result.string("TerminalID", registered.terminal_id);
            result.integer("ReceiptSeq", registered.receipt_number.into());
            result.string("DateTime", &registered.time.compact());
            text_or_null(result, "FiscalSign", registered.fiscal_sign);
            result.string("AppletVersion", registered.applet_version);
            text_or_null(result, "QRCodeURL", url(registered).as_deref());
        });
        data.boolean("isRefund", order.fiscal.operation.is_refund());
    });
}

impl OrderRequest {
    /// The order as the body of a request, for storing; `decode::stored_order` reads it.
    #[must_use]
    pub fn body(&self) -> String {
        let mut out = Vec::with_capacity(1_024);
        write::object(&mut out, |object| write_order(object, self, asked_extra));
        write::into_text(out)
    }
}

fn url(registered: &Registered<'_>) -> Option<String> {
    registered.url.map(ToString::to_string)
}

fn write_order(
    object: &mut Object<'_>,
    order: &OrderRequest,
    extra: fn(&mut Object<'_>, &FiscalOrder),
) {
    integer_or_null(object, "number", order.number);
    text_or_null(object, "uuid", order.uuid.as_deref());
    write_fiscal(object, &order.fiscal);
    object.object("extra_info", |inner| extra(inner, &order.fiscal));
    text_or_null(object, "cashier", order.cashier.as_deref());
    object.boolean("scan2pay_paid", order.scan2pay_paid);
    object.boolean("open_cashbox", order.open_cashbox);
    object.boolean("send_email", order.send_email);
    text_or_null(object, "email", order.email.as_deref());
    text_or_null(object, "sms_phone_number", order.sms_phone_number.as_deref());
    object.array("banners", |list| {
        for banner in &order.banners {
            list.object(|object| write_banner(object, banner));
        }
    });
    object.array("prices", |list| {
        for price in &order.prices {
            list.object(|object| write_price(object, price));
        }
    });
}

fn write_fiscal(object: &mut Object<'_>, order: &FiscalOrder) {
    object.string("receipt_type", order.kind.name());
    if let Operation::Refund { original } = &order.operation {
        object.string("qr_code", &original.to_string());
    }
    object.array("products", |list| {
        for item in &order.items {
            list.object(|object| write_item(object, item));
        }
    });
    object.string("time", &order.time.to_string());
    object.integer("received_cash", order.received_cash.get());
    object.integer("change", order.change.get());
    object.integer("received_card", order.received_card.get());
    integer_or_null(object, "card_type", order.card_type.map(|kind| kind.code()));
    text_or_null(object, "ppt_id", order.ppt_id.as_deref());
}

fn write_item(object: &mut Object<'_>, item: &FiscalItem) {
    object.string("name", &item.name);
    object.string("barcode", &item.barcode);
    object.integer("amount", item.quantity.thousandths());
    integer_or_null(object, "units", item.unit_code.map(i64::from));
    object.string("unit_name", &item.unit_name);
    object.integer("price", item.price.get());
    object.integer("product_price", item.unit_price.get());
    object.integer("vat", item.vat.get());
    integer_or_null(object, "vat_percent", item.vat_percent.map(i64::from));
    object.integer("discount", item.discount.get());
    object.integer("other", item.other.get());
    object.with("labels", |out| write_texts(out, &item.labels));
    object.string("class_code", &item.class_code);
    text_or_null(object, "package_code", item.package_code.as_deref());
    object.integer("owner_type", item.owner.code());
    match &item.commission {
        None => object.null("comission_info"),
        Some(principal) => object.object("comission_info", |inner| {
            text_or_null(inner, "inn", principal.inn.as_deref());
            text_or_null(inner, "pinfl", principal.pinfl.as_deref());
        }),
    }
}

/// `extra_info` as tills send it.
fn asked_extra(object: &mut Object<'_>, order: &FiscalOrder) {
    let extra = &order.extra;
    text_or_null(object, "phone_number", extra.phone_number.as_deref());
    text_or_null(object, "qr_payment_id", extra.qr_payment_id.as_deref());
    integer_or_null(object, "qr_payment_provider", provider(extra));
    text_or_null(object, "scan2pay_id", extra.scan2pay_id.as_deref());
    text_or_null(object, "card_number", extra.card_number.as_deref());
    text_or_null(object, "tin", extra.tin.as_deref());
    text_or_null(object, "pinfl", extra.pinfl.as_deref());
    text_or_null(object, "car_number", extra.car_number.as_deref());
    text_or_null(object, "other", extra.other.as_deref());
}

/// `extra_info` as `/order/last/` tells it, in the names of the fiscal module.
fn told_extra(object: &mut Object<'_>, order: &FiscalOrder) {
    let extra = &order.extra;
    text_or_null(object, "PhoneNumber", extra.phone_number.as_deref());
    text_or_null(object, "TIN", extra.tin.as_deref());
    text_or_null(object, "PINFL", extra.pinfl.as_deref());
    text_or_null(object, "CarNumber", extra.car_number.as_deref());
    text_or_null(object, "CardNumber", extra.card_number.as_deref());
    text_or_null(object, "QrPaymentID", extra.qr_payment_id.as_deref());
    integer_or_null(object, "QrPaymentProvider", provider(extra));
    integer_or_null(object, "CardType", order.card_type.map(|kind| kind.code()));
    text_or_null(object, "PPTID", order.ppt_id.as_deref());
    text_or_null(object, "Other", extra.other.as_deref());
}

fn provider(extra: &ExtraInfo) -> Option<i64> {
    extra.qr_payment_provider.map(|provider| provider.code().into())
}

fn write_banner(object: &mut Object<'_>, banner: &Banner) {
    object.string("type", banner.kind.name());
    object.string("data", &banner.data);
    object.boolean("cut", banner.cut);
    if let Some(style) = banner.style {
        object.object("style", |inner| {
            integer_or_null(inner, "font_width", style.font_width.map(i64::from));
            integer_or_null(inner, "font_height", style.font_height.map(i64::from));
            inner.boolean("is_bold", style.is_bold);
        });
    }
}

fn write_price(object: &mut Object<'_>, price: &PriceLine) {
    object.string("name", &price.name);
    text_or_null(object, "type", price.kind.as_deref());
    object.integer("price", price.price.get());
    text_or_null(object, "vat_type", price.vat_type.as_deref());
    object.integer("vat_price", price.vat_price.get());
}

fn write_texts(out: &mut Vec<u8>, texts: &[String]) {
    out.push(b'[');
    for (place, text) in texts.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write::string(out, text);
    }
    out.push(b']');
}

fn integer_or_null(object: &mut Object<'_>, key: &str, value: Option<i64>) {
    match value {
        Some(value) => object.integer(key, value),
        None => object.null(key),
    }
}
