//! Answers as bytes: the envelope `{data, error, is_success}` and what stands in it.
//!
//! A few calls have the envelope once more inside `result`; which ones is what their clients
//! expect. Each function appends one JSON value to `out`.

mod confirm;
mod order;
mod payment;
mod shift;

pub use confirm::{click_confirmed, payme_confirmed};
pub use order::{last_order, registered};
pub use payment::{slip, uzum_done, wallet_paid};
pub use shift::{module_info, zreport, zreport_info, zreport_opened};

use super::TillError;
use crate::json::write::{self, Object};

/// An error.
pub fn error(out: &mut Vec<u8>, error: &TillError) {
    write::object(out, |answer| failure(answer, error));
}

/// An error of a call whose answer stands inside `result`: `/order/last/`, `/order/print/` and
/// `/zreport/info/`.
pub fn error_in_result(out: &mut Vec<u8>, error: &TillError) {
    write::object(out, |answer| answer.object("result", |inner| failure(inner, error)));
}

/// The answer of `/order/print/`: nothing but that it was done.
pub fn printed(out: &mut Vec<u8>) {
    write::object(out, |answer| {
        answer.object("result", |inner| {
            inner.null("data");
            inner.null("error");
            inner.boolean("is_success", true);
        });
    });
}

fn failure(answer: &mut Object<'_>, error: &TillError) {
    answer.null("data");
    answer.object("error", |object| {
        object.integer("code", error.code().into());
        object.string("message", &error.message());
        object.with("data", |out| error.write_data(out));
    });
    answer.boolean("is_success", false);
}

/// A success.
fn success(out: &mut Vec<u8>, data: impl FnOnce(&mut Object<'_>)) {
    write::object(out, |answer| envelope(answer, data));
}

/// A success inside `result`.
fn success_in_result(out: &mut Vec<u8>, data: impl FnOnce(&mut Object<'_>)) {
    write::object(out, |answer| answer.object("result", |inner| envelope(inner, data)));
}

fn envelope(answer: &mut Object<'_>, data: impl FnOnce(&mut Object<'_>)) {
    answer.object("data", data);
    answer.null("error");
    answer.boolean("is_success", true);
}

/// A text, or null.
fn text_or_null(object: &mut Object<'_>, key: &str, text: Option<&str>) {
    match text {
        Some(text) => object.string(key, text),
        None => object.null(key),
    }
}
