//! A receipt as JSON.

use chorsu_core::kassa::{Merchant, Titles};
use chorsu_core::{Kassa, Receipt, ReceiptState, UnixMillis};

use crate::json::write::{Array, Object};
use crate::language::Language;
use crate::subscribe::answer::ReceiptView;

/// Payments over this API; the documentation's examples have 1 or 2, newer ones 2.
const RECEIPT_TYPE: i64 = 2;
/// The number of the sum in ISO 4217.
const CURRENCY_UZS: i64 = 860;
/// What `operation` is in every example.
const NO_OPERATION: i64 = -1;
/// The field that shows the receipt's number.
const NUMBER_FIELD: &str = "transaction";
/// And its title in Russian, Uzbek and English.
const NUMBER_TITLES: [&str; 3] = ["Номер чека", "Chek raqami", "Receipt number"];

/// Which of the two documented shapes a receipt is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::subscribe) enum Shape {
    /// Alone: titles are strings in this language, every account value is a string.
    Single(Language),
    /// In a list: titles are objects of all languages, numbers stay numbers.
    Listed,
}

/// Writes the members of `receipt`.
pub(in crate::subscribe) fn receipt(object: &mut Object<'_>, view: &ReceiptView<'_>, shape: Shape) {
    let ReceiptView { receipt, kassa, body } = view;
    object.with("_id", |out| id(out, receipt.id));
    object.integer("create_time", receipt.created_at.0);
    object.integer("pay_time", moment(receipt.paid_at));
    object.integer("cancel_time", moment(receipt.cancelled_at));
    object.integer("state", receipt.state.number().into());
    object.integer("type", RECEIPT_TYPE);
    object.boolean("external", false);
    object.integer("operation", NO_OPERATION);
    object.null("category");
    object.null("error");
    object.raw("description", body.description());
    object.raw("detail", body.detail());
    object.integer("amount", receipt.amount.get());
    object.integer("currency", CURRENCY_UZS);
    object.integer("commission", receipt.commission.get());
    object.array("account", |list| account(list, view, shape));
    if receipt.hold {
        object.array("sensitive_data", |_| {});
    }
    match &receipt.card {
        None => object.null("card"),
        Some(card) => object.object("card", |object| {
            object.string("number", card.masked.as_str());
            object.string("expire", &card.expiry.yymm());
        }),
    }
    object.object("merchant", |object| merchant(object, kassa, receipt, shape));
    object.object("meta", |object| {
        object.string("source", "subscribe");
        object.with("owner", |out| id(out, kassa.id));
        if matches!(receipt.state, ReceiptState::CancelQueued | ReceiptState::Cancelled) {
            object.string("source_cancel", "subscribe");
        }
    });
    // Null until the processing centre has taken the money or held it.
    match receipt.debit {
        None => object.null("processing_id"),
        Some(_) => object.integer("processing_id", 0),
    }
    // Documented within `merchant`; SDKs read it here as well.
    if let Some(payer) = &receipt.payer {
        object.raw("payer", payer);
    }
}

/// The requisites, the main one first, and the receipt's number after them.
fn account(list: &mut Array<'_>, view: &ReceiptView<'_>, shape: Shape) {
    let ReceiptView { receipt, kassa, body } = view;
    let mut is_main = true;
    for (name, value) in body.account() {
        list.object(|object| {
            object.string("name", name);
            let field = kassa.account.iter().find(|field| field.name == name);
            match field.map(|field| &field.titles).filter(|titles| !titles.ru.is_empty()) {
                Some(titles) => title(object, "title", in_all_languages(titles), shape),
                // A field without titles, or one the kassa has given up since.
                None => title(object, "title", [name; 3], shape),
            }
            let is_number = !value.starts_with('"');
            match shape {
                Shape::Single(_) if is_number => object.string("value", value),
                _ => object.raw("value", value),
            }
            object.boolean("main", std::mem::replace(&mut is_main, false));
        });
    }
    list.object(|object| {
        object.string("name", NUMBER_FIELD);
        title(object, "title", NUMBER_TITLES, shape);
        match shape {
            Shape::Single(_) => object.string("value", &receipt.number.to_string()),
            Shape::Listed => object.integer("value", receipt.number),
        }
        object.boolean("main", is_main);
    });
}

fn merchant(object: &mut Object<'_>, kassa: &Kassa, receipt: &Receipt, shape: Shape) {
    let Merchant {
        name,
        organization,
        address,
        business_id,
        epos_merchant_id,
        epos_terminal_id,
        line,
    } = &kassa.merchant;
    object.with("_id", |out| id(out, kassa.id));
    object.string("name", name);
    object.string("organization", organization);
    object.string("address", address);
    object.string("business_id", business_id);
    object.object("epos", |object| {
        object.string("merchantId", epos_merchant_id);
        object.string("terminalId", epos_terminal_id);
    });
    object.integer("date", kassa.created_at.0);
    object.null("logo");
    title(object, "type", in_all_languages(line), shape);
    object.null("terms");
    if let Some(payer) = &receipt.payer {
        object.raw("payer", payer);
    }
}

/// A text in Russian, Uzbek and English.
fn in_all_languages(titles: &Titles) -> [&str; 3] {
    [Language::Ru, Language::Uz, Language::En].map(|language| language.of(titles))
}

/// A text in the language of the shape, or in all three.
fn title(object: &mut Object<'_>, key: &str, [ru, uz, en]: [&str; 3], shape: Shape) {
    match shape {
        Shape::Single(Language::Ru) => object.string(key, ru),
        Shape::Single(Language::Uz) => object.string(key, uz),
        Shape::Single(Language::En) => object.string(key, en),
        Shape::Listed => object.object(key, |object| {
            object.string("ru", ru);
            object.string("uz", uz);
            object.string("en", en);
        }),
    }
}

/// A moment in milliseconds; 0 when it has not come.
fn moment(at: Option<UnixMillis>) -> i64 {
    at.map_or(0, |at| at.0)
}

/// An id in quotes; its hex digits need no escaping.
fn id(out: &mut Vec<u8>, id: impl std::fmt::Display) {
    use std::io::Write as _;

    // Writing to a Vec cannot fail.
    let _ = write!(out, "\"{id}\"");
}
