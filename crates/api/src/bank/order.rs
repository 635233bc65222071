//! Requests for orders, ordinary and budget, into drafts.

use chorsu_core::bank::{BankCode, OrderDraft, OrderKind};

use super::fields::Fields;

/// Fields that both kinds of orders have; `comissionAmount` is the documented spelling.
const SHARED: [&str; 10] = [
    "orderId",
    "serviceId",
    "amount",
    "comissionAmount",
    "receiverAccount",
    "innReceiver",
    "purpose",
    "refNumber",
    "cardType",
    "cardNumber",
];

/// Reads the body of `payment` or `paymentBudget`. Fields of the other kind are skipped, unknown
/// ones too.
///
/// # Errors
/// 1017 for a body that is no JSON object, or names a field twice. All that is wrong with a field
/// is said later, by the draft: the service comes first.
pub fn read_order(kind: OrderKind, body: &[u8]) -> Result<OrderDraft<'_>, BankCode> {
    match kind {
        OrderKind::Ordinary => ordinary(body),
        OrderKind::Budget => budget(body),
    }
    .ok_or(BankCode::FieldMissing)
}

fn ordinary(body: &[u8]) -> Option<OrderDraft<'_>> {
    let [a, b, c, d, e, f, g, h, i, j] = SHARED;
    let names = [a, b, c, d, e, f, g, h, i, j, "receiverName", "mfoReceiver"];
    let Fields { values, malformed } = Fields::of_json(body, &names)?;
    let [
        key,
        service,
        amount,
        commission,
        account,
        tax_id,
        purpose,
        reference,
        card_type,
        card_number,
        name,
        mfo,
    ] = values;
    Some(OrderDraft {
        malformed,
        key,
        service,
        amount,
        commission,
        name,
        mfo,
        account,
        tax_id,
        purpose_code: None,
        purpose,
        reference,
        card_type,
        card_number,
    })
}

fn budget(body: &[u8]) -> Option<OrderDraft<'_>> {
    let [a, b, c, d, e, f, g, h, i, j] = SHARED;
    let names = [a, b, c, d, e, f, g, h, i, j, "purposeCode"];
    let Fields { values, malformed } = Fields::of_json(body, &names)?;
    let [
        key,
        service,
        amount,
        commission,
        account,
        tax_id,
        purpose,
        reference,
        card_type,
        card_number,
        purpose_code,
    ] = values;
    Some(OrderDraft {
        malformed,
        key,
        service,
        amount,
        commission,
        name: None,
        mfo: None,
        account,
        tax_id,
        purpose_code,
        purpose,
        reference,
        card_type,
        card_number,
    })
}
