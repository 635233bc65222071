//! Parameters into requests, one function a method.
//!
//! Unknown parameters are ignored: SDKs send many. A parameter that is null counts as absent. A
//! missing or ill-typed one is `-32602` with its path in `data`.

pub(super) mod cards;
mod detail;
pub(super) mod field;
mod fiscal;
pub(super) mod payer;
mod receipts;

use super::error::RpcError;
use super::jsonrpc::Call;
use super::method::Method;
use super::request::Request;

/// Decodes the parameters of a call.
///
/// # Errors
/// `-32602` for parameters that are missing, of a wrong type or too long; `-31602` for what cannot
/// be a receipt's id; `-32500` or `-31400` for what cannot be a token of ours; `-31611` for an
/// amount that is not positive; `-31300` for an impossible expiry.
pub fn decode<'a>(call: &Call<'a>) -> Result<Request<'a>, RpcError> {
    let params = call.params;
    match call.method {
        Method::CardsCreate => cards::create(params).map(Request::CardsCreate),
        Method::CardsGetVerifyCode => cards::token(params).map(Request::CardsGetVerifyCode),
        Method::CardsVerify => cards::verify(params).map(Request::CardsVerify),
        Method::CardsCheck => cards::token(params).map(Request::CardsCheck),
        Method::CardsRemove => cards::token(params).map(Request::CardsRemove),
        Method::ReceiptsCreate => receipts::create(params).map(Request::ReceiptsCreate),
        Method::ReceiptsPay => receipts::pay(params).map(Request::ReceiptsPay),
        Method::ReceiptsSend => receipts::send(params).map(Request::ReceiptsSend),
        Method::ReceiptsCancel => receipts::id(params).map(Request::ReceiptsCancel),
        Method::ReceiptsCheck => receipts::id(params).map(Request::ReceiptsCheck),
        Method::ReceiptsGet => receipts::id(params).map(Request::ReceiptsGet),
        Method::ReceiptsGetAll => receipts::get_all(params).map(Request::ReceiptsGetAll),
        Method::ReceiptsSetFiscalData => {
            receipts::set_fiscal_data(params).map(Request::ReceiptsSetFiscalData)
        }
        Method::ReceiptsConfirmHold => {
            receipts::confirm_hold(params).map(Request::ReceiptsConfirmHold)
        }
    }
}
