//! Calls at a kassa behind which another server of this API stands, with tokens of its own.
//!
//! Card calls are passed on with the parameters as they came: here is only looked whether they can
//! be parameters at all. Everything else is decoded like any other call.

use std::borrow::Cow;

use chorsu_core::ReceiptId;

use super::catalogue;
use super::decode::{self, cards, field, payer};
use super::error::RpcError;
use super::jsonrpc::Call;
use super::method::Method;
use super::request::Request;

/// The longest token that is passed on, in bytes. Payme's have 280 to 415 characters.
const TOKEN_MAX: usize = 2_048;

/// A call to be passed on.
pub enum Relayed<'a> {
    /// cards.*
    Card {
        /// Whether a token that lives on is asked for.
        save: bool,
    },
    /// receipts.pay
    Pay(RelayedPay<'a>),
    /// Everything else.
    Other(Request<'a>),
}

/// A payment with another server's token. It has no Debug: it holds the token.
pub struct RelayedPay<'a> {
    /// Which receipt.
    pub receipt: ReceiptId,
    /// With which card.
    pub token: Cow<'a, str>,
    /// Who pays, as a JSON object of the documented fields.
    pub payer: Option<String>,
    /// Whether to hold although the receipt was not created so.
    pub hold: bool,
}

/// Decodes the parameters of a call that is passed on.
///
/// # Errors
/// As [`decode::decode`], but that any text may be a token.
pub fn decode_relayed<'a>(call: &Call<'a>) -> Result<Relayed<'a>, RpcError> {
    let params = call.params;
    Ok(match call.method {
        Method::CardsCreate => Relayed::Card { save: cards::create(params)?.save },
        Method::CardsGetVerifyCode
        | Method::CardsVerify
        | Method::CardsCheck
        | Method::CardsRemove => {
            let [given] = field::members(params, &["token"], "params")?;
            token(given)?;
            Relayed::Card { save: false }
        }
        Method::ReceiptsPay => {
            let names = ["id", "token", "payer", "hold"];
            let [id, given, payer, hold] = field::members(params, &names, "params")?;
            Relayed::Pay(RelayedPay {
                receipt: field::receipt_id(id)?,
                token: token(given)?,
                payer: payer::normalised(payer)?,
                hold: field::flag(hold, "hold")?,
            })
        }
        _ => Relayed::Other(decode::decode(call)?),
    })
}

fn token(given: field::Given<'_>) -> Result<Cow<'_, str>, RpcError> {
    let token = field::string(field::required(given, "token")?, TOKEN_MAX, "token")?;
    if token.trim().is_empty() { Err((&catalogue::TOKEN_FORMAT).into()) } else { Ok(token) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscribe::parse;

    fn code(body: &str) -> i64 {
        let call = parse(body.as_bytes()).unwrap();
        decode_relayed(&call).err().map_or(0, |error| error.code())
    }

    #[test]
    fn any_text_may_be_a_token_of_another_server() {
        let plain = "a token with /+= of no form";
        let body = format!(
            r#"{{"method":"receipts.pay","params":{{"id":"2e0b1bc1f1eb50d487ba268d","token":"{plain}","hold":true,"payer":{{"phone":998901304527}}}}}}"#
        );
        let call = parse(body.as_bytes()).unwrap();
        let Ok(Relayed::Pay(pay)) = decode_relayed(&call) else { panic!("not a payment") };
        assert_eq!((pay.token.as_ref(), pay.hold), (plain, true));
        assert_eq!(pay.payer.as_deref(), Some(r#"{"phone":"998901304527"}"#));
    }

    #[test]
    fn what_cannot_be_a_call_is_not_passed_on() {
        let long = "a".repeat(TOKEN_MAX + 1);
        let cases = [
            (r#"{"method":"cards.check","params":{"token":"x"}}"#.to_owned(), 0),
            (r#"{"method":"cards.check","params":{"token":" "}}"#.to_owned(), -32500),
            (r#"{"method":"cards.remove","params":{}}"#.to_owned(), -32602),
            (format!(r#"{{"method":"cards.verify","params":{{"token":"{long}"}}}}"#), -32602),
            (r#"{"method":"cards.create","params":{"card":{"number":"1"}}}"#.to_owned(), -32602),
            (r#"{"method":"receipts.get","params":{"id":"x"}}"#.to_owned(), -31602),
        ];
        for (body, want) in cases {
            assert_eq!(code(&body), want, "{body:.80}");
        }
    }
}
