//! The results of Subscribe calls, written in the documented shapes.

use chorsu_core::card::CardFace;
use chorsu_core::otp::CODE_LIFE_MS;
use chorsu_core::{Kassa, Receipt, ReceiptState};
use serde_json::value::RawValue;

use super::body::{BrokenBody, ReceiptBody};
use super::encode::{self, Shape};
use super::jsonrpc;
use crate::json::write;
use crate::language::Language;

/// The result of a call.
#[derive(Debug)]
pub enum Answer<'a> {
    /// cards.create, cards.verify and cards.check
    Card(CardView<'a>),
    /// cards.get_verify_code: the code went to this phone, which is shown masked.
    CodeSent {
        /// The phone number, whole or masked.
        phone: &'a str,
    },
    /// cards.remove, receipts.send and receipts.set_fiscal_data
    Success,
    /// receipts.check
    State(ReceiptState),
    /// receipts.create, receipts.pay, receipts.cancel, receipts.get and receipts.confirm_hold
    Receipt(ReceiptView<'a>, Language),
    /// The answer of another server, passed on as it came: one JSON value.
    Relayed(&'a str),
    /// receipts.get_all
    Receipts(Vec<ReceiptView<'a>>),
}

/// A card as its shop sees it.
#[derive(Clone, Copy)]
pub struct CardView<'a> {
    /// Masked number and expiry.
    pub face: &'a CardFace,
    /// The token, as the caller gave it or as it was just made.
    pub token: &'a str,
    /// Whether the token lives on after a payment.
    pub recurrent: bool,
    /// Whether the holder has proved the card.
    pub verified: bool,
}

impl std::fmt::Debug for CardView<'_> {
    /// Without the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CardView").field("face", self.face).finish_non_exhaustive()
    }
}

/// A receipt together with the kassa it belongs to and its body, read.
#[derive(Clone, Debug)]
pub struct ReceiptView<'a> {
    pub(super) receipt: &'a Receipt,
    pub(super) kassa: &'a Kassa,
    pub(super) body: ReceiptBody<'a>,
}

impl<'a> ReceiptView<'a> {
    /// The view of a receipt of `kassa`.
    ///
    /// # Errors
    /// [`BrokenBody`] when the stored body cannot be read; answer `-32400` and log it.
    ///
    /// # Panics
    /// When the receipt belongs to another kassa.
    pub fn new(receipt: &'a Receipt, kassa: &'a Kassa) -> Result<Self, BrokenBody> {
        assert!(receipt.kassa == kassa.id, "a receipt is shown to its own kassa only");
        Ok(Self { receipt, kassa, body: ReceiptBody::parse(&receipt.body)? })
    }
}

impl Answer<'_> {
    /// Writes the answer in its envelope.
    pub fn write(&self, out: &mut Vec<u8>, id: Option<&RawValue>) {
        jsonrpc::write_result(out, id, |out| self.write_result(out));
    }

    fn write_result(&self, out: &mut Vec<u8>) {
        if let Self::Receipts(receipts) = self {
            return write::array(out, |list| {
                for view in receipts {
                    list.object(|object| encode::receipt(object, view, Shape::Listed));
                }
            });
        }
        if let Self::Relayed(result) = self {
            return out.extend_from_slice(result.as_bytes());
        }
        write::object(out, |result| match self {
            Self::Card(card) => result.object("card", |object| encode::card(object, card)),
            Self::CodeSent { phone } => {
                result.boolean("sent", true);
                result.string("phone", &encode::masked_phone(phone));
                result.integer("wait", CODE_LIFE_MS);
            }
            Self::Success => result.boolean("success", true),
            Self::State(state) => result.integer("state", state.number().into()),
            Self::Receipt(view, language) => {
                let shape = Shape::Single(*language);
                result.object("receipt", |object| encode::receipt(object, view, shape));
            }
            Self::Relayed(_) | Self::Receipts(_) => {}
        });
    }
}
