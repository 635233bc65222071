//! Receipts that were handed to a wallet.

use super::success;
use crate::till::view::{ClickConfirmed, PaymeConfirmed};

/// The answer of `/payment/click_confirm`.
pub fn click_confirmed(out: &mut Vec<u8>, confirmed: &ClickConfirmed<'_>) {
    success(out, |data| {
        data.string("inn", confirmed.inn);
        data.string("payment_id", confirmed.payment_id);
        data.string("qr_code", &confirmed.receipt.to_string());
        data.string("status", "successfully");
        data.null("error");
    });
}

/// The answer of `/payment/payme_confirm`, in the shape of an answer about the payment.
pub fn payme_confirmed(out: &mut Vec<u8>, confirmed: &PaymeConfirmed<'_>) {
    success(out, |data| {
        data.integer("id", confirmed.request_id);
        data.object("result", |result| {
            result.object("receipt", |receipt| {
                receipt.string("_id", confirmed.payment_id);
                receipt.integer("create_time", confirmed.create_time);
                receipt.integer("pay_time", confirmed.pay_time);
            });
        });
        data.null("error");
    });
}
