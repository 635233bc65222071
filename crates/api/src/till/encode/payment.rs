//! Payments that succeeded.

use super::{success, text_or_null};
use crate::till::view::{Slip, UzumDone, WalletPaid};

/// The answer of `/payment/click` and `/payment/payme`: every key that either version of the
/// specification documents.
pub fn wallet_paid(out: &mut Vec<u8>, paid: &WalletPaid<'_>) {
    success(out, |data| {
        data.integer("status_code", 0);
        data.string("status", "successfully");
        data.string("message", paid.message);
        data.string("transaction_id", paid.transaction_id);
        data.string("payment_id", paid.payment_id);
        data.integer("amount", paid.unit.count(paid.amount));
        data.string("qr_code", paid.qr_code);
        data.string("inn", paid.inn);
        data.string("kkm_id", paid.kkm_id);
        data.string("device_id", paid.device_id);
        text_or_null(data, "client_phone_number", paid.client_phone_number);
    });
}

/// The answer of `/payment/uzum` and `/payment/uzum_confirm`.
pub fn uzum_done(out: &mut Vec<u8>, done: &UzumDone<'_>) {
    success(out, |data| {
        data.string("payment_id", done.payment_id);
        data.string("payment_status", "SUCCESS");
        // A text here, though Uzum itself sends a number.
        data.string("error_code", "0");
        data.null("error_message");
        text_or_null(data, "client_phone_number", done.client_phone_number);
    });
}

/// The answer of `/payment/xumo`, and of the pinpad's reports.
pub fn slip(out: &mut Vec<u8>, slip: &Slip<'_>) {
    success(out, |data| {
        data.string("message", slip.text);
        text_or_null(data, "ppt_id", slip.rrn);
    });
}
