//! The requests of the Subscribe API, decoded: what was asked, in the domain's types.
//!
//! Sizes are bounded here; whether a receipt exists, a card is good or an amount is within the
//! kassa's limits is for others to say.

use std::borrow::Cow;
use std::fmt;

use chorsu_core::kassa::AccountValue;
use chorsu_core::time::DAY_MS;
use chorsu_core::{Expiry, Pan, ReceiptId, Tiyin, UnixMillis};

use super::body;
use super::method::Method;
use super::token::TokenText;

/// A call's parameters, decoded.
pub enum Request<'a> {
    /// cards.create
    CardsCreate(CardsCreate),
    /// cards.get_verify_code
    CardsGetVerifyCode(TokenText<'a>),
    /// cards.verify
    CardsVerify(CardsVerify<'a>),
    /// cards.check
    CardsCheck(TokenText<'a>),
    /// cards.remove
    CardsRemove(TokenText<'a>),
    /// receipts.create
    ReceiptsCreate(ReceiptsCreate<'a>),
    /// receipts.pay
    ReceiptsPay(ReceiptsPay<'a>),
    /// receipts.send
    ReceiptsSend(ReceiptsSend),
    /// receipts.cancel
    ReceiptsCancel(ReceiptId),
    /// receipts.check
    ReceiptsCheck(ReceiptId),
    /// receipts.get
    ReceiptsGet(ReceiptId),
    /// receipts.get_all
    ReceiptsGetAll(ReceiptsGetAll),
    /// receipts.set_fiscal_data
    ReceiptsSetFiscalData(ReceiptsSetFiscalData),
    /// receipts.confirm_hold
    ReceiptsConfirmHold(ReceiptsConfirmHold),
}

impl Request<'_> {
    /// The method it is a request of.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self {
            Self::CardsCreate(_) => Method::CardsCreate,
            Self::CardsGetVerifyCode(_) => Method::CardsGetVerifyCode,
            Self::CardsVerify(_) => Method::CardsVerify,
            Self::CardsCheck(_) => Method::CardsCheck,
            Self::CardsRemove(_) => Method::CardsRemove,
            Self::ReceiptsCreate(_) => Method::ReceiptsCreate,
            Self::ReceiptsPay(_) => Method::ReceiptsPay,
            Self::ReceiptsSend(_) => Method::ReceiptsSend,
            Self::ReceiptsCancel(_) => Method::ReceiptsCancel,
            Self::ReceiptsCheck(_) => Method::ReceiptsCheck,
            Self::ReceiptsGet(_) => Method::ReceiptsGet,
            Self::ReceiptsGetAll(_) => Method::ReceiptsGetAll,
            Self::ReceiptsSetFiscalData(_) => Method::ReceiptsSetFiscalData,
            Self::ReceiptsConfirmHold(_) => Method::ReceiptsConfirmHold,
        }
    }
}

impl fmt::Debug for Request<'_> {
    /// The method only: the rest are cards, codes, tokens and people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({})", self.method().name())
    }
}

/// A card to make a token for.
pub struct CardsCreate {
    /// Its number.
    pub pan: Pan,
    /// Its expiry.
    pub expiry: Expiry,
    /// Whether the token shall live on after a payment.
    pub save: bool,
}

/// A one-time code to try.
pub struct CardsVerify<'a> {
    /// For which card.
    pub token: TokenText<'a>,
    /// The code as it was typed.
    pub code: Cow<'a, str>,
}

/// A receipt to be made.
pub struct ReceiptsCreate<'a> {
    /// What the payer pays; more than nothing.
    pub amount: Tiyin,
    /// The account fields, in the caller's order.
    pub account: Vec<AccountField<'a>>,
    /// The text for people; may be empty.
    pub description: Cow<'a, str>,
    /// The sale in detail, as a JSON object without white space.
    pub detail: Option<String>,
    /// Whether the money is held first.
    pub hold: bool,
}

impl ReceiptsCreate<'_> {
    /// The account fields for [`chorsu_core::Kassa::check_account`].
    #[must_use]
    pub fn account_values(&self) -> Vec<AccountValue> {
        let value = |field: &AccountField<'_>| AccountValue {
            name: field.name.clone().into_owned(),
            text: field.value.text().map(str::to_owned),
        };
        self.account.iter().map(value).collect()
    }

    /// The body to store with the receipt, with the account fields the kassa keeps.
    #[must_use]
    pub fn body(&self, kept: &[AccountValue]) -> String {
        body::to_json(self, kept)
    }
}

/// A field of `account`.
pub struct AccountField<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its value.
    pub value: AccountText<'a>,
}

/// The value of an account field.
pub enum AccountText<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number that every JSON reader keeps exactly, as its digits.
    Number(&'a str),
    /// Null, an empty text or something without a text form.
    Nothing,
}

impl AccountText<'_> {
    /// The value as text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(digits) => Some(digits),
            Self::Nothing => None,
        }
    }
}

/// A payment.
pub struct ReceiptsPay<'a> {
    /// Which receipt.
    pub receipt: ReceiptId,
    /// With which card.
    pub token: TokenText<'a>,
    /// Who pays, as a JSON object of the documented fields, to be stored with the receipt.
    pub payer: Option<String>,
    /// Whether to hold although the receipt was not created so.
    pub hold: bool,
}

/// A receipt to be sent to a phone.
pub struct ReceiptsSend {
    /// Which receipt.
    pub receipt: ReceiptId,
    /// 12 digits starting with 998.
    pub phone: String,
}

/// A page of a list of receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptsGetAll {
    /// How many: 1 to 50.
    pub count: u32,
    /// From when.
    pub from: UnixMillis,
    /// To when, as the caller gave it; see [`ReceiptsGetAll::until`].
    pub to: UnixMillis,
    /// How many to skip.
    pub offset: u32,
}

impl ReceiptsGetAll {
    /// The first moment after the period.
    ///
    /// `to` belongs to the period. When it is a midnight of Tashkent it is a date rather than a
    /// moment, and the whole day belongs to it: in the documented example `from` and `to` are the
    /// same midnight, and receipts of that day are listed.
    #[must_use]
    pub const fn until(&self) -> UnixMillis {
        self.to.plus(if self.to.is_tashkent_midnight() { DAY_MS } else { 1 })
    }
}

/// A fiscal receipt to be attached.
pub struct ReceiptsSetFiscalData {
    /// To which receipt.
    pub receipt: ReceiptId,
    /// The documented fields as a JSON object, to be stored with the receipt.
    pub fiscal: String,
}

/// A hold to be captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptsConfirmHold {
    /// Of which receipt.
    pub receipt: ReceiptId,
    /// How much of it, more than nothing; all when absent.
    pub amount: Option<Tiyin>,
}
