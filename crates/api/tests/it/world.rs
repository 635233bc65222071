//! A kassa, its receipts, and calls made of text.

use std::sync::Arc;

use chorsu_api::subscribe::{self, Call, Failure, Request, RpcError};
use chorsu_core::card::CardFace;
use chorsu_core::kassa::{AccountField, Kassa, Merchant, Titles};
use chorsu_core::{
    Acquirer, CardId, Expiry, KassaId, MaskedPan, Network, OperationId, Receipt, ReceiptId,
    ReceiptState, Tiyin, UnixMillis,
};
use serde_json::Value;

pub(crate) const KASSA: &str = "100fe486b33784292111b7dc";
pub(crate) const KEY: &str = "Rw712wMJspZBczFvrG09?bHkSNxnD4PY0n1C";
pub(crate) const RECEIPT: &str = "2e0b1bc1f1eb50d487ba268d";
pub(crate) const TOKEN: &str =
    "584a84d62abb5caa31079914_Zm9yLXRoZS1leGFtcGxlcy1vZi10aGUtZml4dHVyZXM";

pub(crate) fn titles(ru: &str, uz: &str, en: &str) -> Titles {
    Titles { ru: ru.into(), uz: uz.into(), en: en.into() }
}

pub(crate) fn kassa() -> Kassa {
    let id: KassaId = KASSA.parse().unwrap();
    let field = |name: &str, titles| AccountField { name: name.into(), titles, required: false };
    Kassa {
        id,
        keys: vec![Kassa::hash_key(id, KEY)],
        merchant: Merchant {
            name: "Online Shop LLC".into(),
            organization: "ЧП «Online Shop»".into(),
            address: String::new(),
            business_id: "5e730e740b852a417aa49cea".into(),
            epos_merchant_id: "106600000050000".into(),
            epos_terminal_id: "20660000".into(),
            line: titles("Интернет", "Internet", ""),
        },
        account: vec![
            field("order_id", titles("Номер заказа", "Buyurtma raqami", "Order")),
            field("loan_id", titles("", "", "")),
        ],
        amount_min: Tiyin::new(100).unwrap(),
        amount_max: Tiyin::new(1_000_000_000).unwrap(),
        commission_ppm: 0,
        hold_allowed: true,
        save_allowed: true,
        blocked: false,
        created_at: UnixMillis(1_480_582_278_779),
    }
}

pub(crate) fn face() -> CardFace {
    CardFace {
        id: CardId([3; 12]),
        masked: MaskedPan::parse("860006******6311").unwrap(),
        expiry: Expiry::parse_mmyy("0399").unwrap(),
        network: Network::Uzcard,
    }
}

/// A receipt of `kassa()` as it stands before payment, with this stored body.
pub(crate) fn receipt(body: &str) -> Receipt {
    Receipt {
        id: RECEIPT.parse().unwrap(),
        kassa: KASSA.parse().unwrap(),
        acquirer: Acquirer::Networks,
        state: ReceiptState::Created,
        amount: Tiyin::new(500_000).unwrap(),
        commission: Tiyin::ZERO,
        number: 80,
        hold: false,
        created_at: UnixMillis(1_658_483_632_482),
        paid_at: None,
        held_at: None,
        cancelled_at: None,
        operation: None,
        debit: None,
        card: None,
        body: Arc::from(body),
        payer: None,
        fiscal: None,
    }
}

/// The same receipt once a card has paid it, or holds its money.
pub(crate) fn charged(receipt: Receipt, state: ReceiptState) -> Receipt {
    let at = receipt.created_at.plus(300);
    let held = state == ReceiptState::Held;
    Receipt {
        state,
        hold: held,
        paid_at: (!held).then_some(at),
        held_at: held.then_some(at),
        debit: Some(OperationId([4; 12])),
        card: Some(face()),
        ..receipt
    }
}

pub(crate) fn parse(body: &str) -> Result<Call<'_>, Failure<'_>> {
    subscribe::parse(body.as_bytes())
}

/// What becomes of a whole request, decoded.
pub(crate) fn decode(body: &str) -> Result<Request<'_>, RpcError> {
    let call = parse(body).map_err(|failure| failure.error)?;
    subscribe::decode(&call)
}

/// A request of `method` with these parameters.
pub(crate) fn request(method: &str, params: &str) -> String {
    format!(r#"{{"id":1,"method":"{method}","params":{params}}}"#)
}

/// The code and data of the error a request gets.
pub(crate) fn refusal(body: &str) -> (i32, Option<String>) {
    match decode(body) {
        Ok(request) => panic!("accepted as {request:?}: {body:.200}"),
        Err(error) => (error.fault.code, error.data().map(str::to_owned)),
    }
}

/// What a receipt made by this `params` of receipts.create would store.
pub(crate) fn body_of(params: &str) -> String {
    let text = request("receipts.create", params);
    match decode(&text).unwrap() {
        Request::ReceiptsCreate(create) => {
            let kept = kassa().check_account(create.account_values()).unwrap();
            create.body(&kept)
        }
        other => panic!("{other:?}"),
    }
}

/// The id that fills in where a fixture needs one.
pub(crate) fn receipt_id() -> ReceiptId {
    RECEIPT.parse().unwrap()
}

pub(crate) fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}
