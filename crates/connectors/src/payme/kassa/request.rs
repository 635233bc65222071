//! Requests to a kassa at Payme: JSON-RPC with named parameters, all to one address.

use std::fmt;

use chorsu_core::{ReceiptId, Tiyin, UnixMillis};
use serde::Serialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::http::{BaseUrl, HttpRequest};
use crate::payme::request::{call, call_once_written};
use crate::secret::Secret;
use crate::writing::as_tiyin;

/// Receipts of a page; Payme gives no more at once ("receipts.get_all", `count`).
pub const PAGE: u32 = 50;
/// The longest Accept-Language that is passed on, in bytes.
const LANGUAGE_MAX: usize = 128;

/// A kassa at Payme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KassaSettings {
    /// As published: `https://checkout.paycom.uz/api`.
    pub url: BaseUrl,
    /// The kassa's id: 24 hexadecimal digits.
    pub merchant_id: String,
    /// Its key.
    pub key: Secret,
}

/// A method about a card, which is passed on with the parameters that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardMethod {
    /// Makes a token.
    Create,
    /// Sends a one-time code.
    GetVerifyCode,
    /// Tries the code.
    Verify,
    /// Shows the card.
    Check,
    /// Takes the token out of use.
    Remove,
}

impl CardMethod {
    /// Every method.
    pub const ALL: [Self; 5] =
        [Self::Create, Self::GetVerifyCode, Self::Verify, Self::Check, Self::Remove];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "cards.create",
            Self::GetVerifyCode => "cards.get_verify_code",
            Self::Verify => "cards.verify",
            Self::Check => "cards.check",
            Self::Remove => "cards.remove",
        }
    }

    /// The member without which a result means nothing.
    pub(super) const fn member(self) -> &'static str {
        match self {
            Self::Create | Self::Verify | Self::Check => "card",
            Self::GetVerifyCode => "sent",
            Self::Remove => "success",
        }
    }

    /// Whether the documents show it with the kassa's key.
    const fn needs_key(self) -> bool {
        matches!(self, Self::Remove)
    }
}

/// A receipt to be created.
#[derive(Clone, Debug)]
pub struct KassaReceipt<'a> {
    /// Over how much.
    pub amount: Tiyin,
    /// Whether to hold first.
    pub hold: bool,
    /// What the shop says of it: an object.
    pub account: &'a RawValue,
    /// A string.
    pub description: &'a RawValue,
    /// An object, or null.
    pub detail: &'a RawValue,
}

/// A receipt to be paid.
#[derive(Clone, Copy)]
pub struct KassaPayment<'a> {
    /// Which.
    pub receipt: ReceiptId,
    /// Over how much.
    pub amount: Tiyin,
    /// With which card; not printed.
    pub token: &'a str,
    /// Whether to hold.
    pub hold: bool,
    /// Who pays: an object.
    pub payer: Option<&'a RawValue>,
}

impl fmt::Debug for KassaPayment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { receipt, amount, hold, .. } = self;
        write!(f, "KassaPayment({receipt}, {}, hold {hold})", amount.get())
    }
}

/// Signs requests of one kassa, each with its own number.
#[derive(Clone, Copy, Debug)]
pub struct KassaRequests<'a> {
    /// The kassa.
    pub settings: &'a KassaSettings,
    /// The number of the request, which its answer repeats.
    pub id: u64,
    /// The Accept-Language of who asks.
    pub language: Option<&'a str>,
}

#[derive(Serialize)]
struct CreateParams<'a> {
    #[serde(serialize_with = "as_tiyin")]
    amount: Tiyin,
    account: &'a RawValue,
    description: &'a RawValue,
    detail: &'a RawValue,
    #[serde(skip_serializing_if = "is_false")]
    hold: bool,
}

#[derive(Serialize)]
struct PayParams<'a> {
    id: String,
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "is_false")]
    hold: bool,
}

#[derive(Serialize)]
struct ReceiptParams {
    id: String,
}

#[derive(Serialize)]
struct PageParams {
    count: u32,
    from: i64,
    to: i64,
    offset: u32,
}

#[derive(Serialize)]
struct SendParams<'a> {
    id: String,
    phone: &'a str,
}

#[derive(Serialize)]
struct FiscalParams<'a> {
    id: String,
    fiscal_data: &'a RawValue,
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl KassaRequests<'_> {
    /// A call about a card with the parameters that came.
    #[must_use]
    pub fn card(&self, method: CardMethod, params: &RawValue) -> HttpRequest {
        let auth = if method.needs_key() {
            self.whole_auth()
        } else {
            Zeroizing::new(self.settings.merchant_id.clone())
        };
        self.with_language(call_once_written(auth, self.id, method.name(), params))
    }

    /// Create a receipt: `receipts.create`. It takes no money.
    #[must_use]
    pub fn create(&self, receipt: &KassaReceipt<'_>) -> HttpRequest {
        let &KassaReceipt { amount, hold, account, description, detail } = receipt;
        let params = CreateParams { amount, account, description, detail, hold };
        self.receipts("receipts.create", params)
    }

    /// Pay it or hold its amount: `receipts.pay`.
    #[must_use]
    pub fn pay(&self, payment: &KassaPayment<'_>) -> HttpRequest {
        let &KassaPayment { receipt, token, hold, payer, .. } = payment;
        let params = PayParams { id: receipt.to_string(), token, payer, hold };
        self.receipts("receipts.pay", params)
    }

    /// What state is it in? `receipts.check`.
    #[must_use]
    pub fn check(&self, receipt: ReceiptId) -> HttpRequest {
        self.receipts("receipts.check", ReceiptParams { id: receipt.to_string() })
    }

    /// All about it: `receipts.get`.
    #[must_use]
    pub fn get(&self, receipt: ReceiptId) -> HttpRequest {
        self.receipts("receipts.get", ReceiptParams { id: receipt.to_string() })
    }

    /// Those created from the first moment to the second, a page after `offset` of them:
    /// `receipts.get_all`.
    #[must_use]
    pub fn page(&self, (from, to): (UnixMillis, UnixMillis), offset: u32) -> HttpRequest {
        let params = PageParams { count: PAGE, from: from.0, to: to.0, offset };
        self.receipts("receipts.get_all", params)
    }

    /// Take what is held: `receipts.confirm_hold`.
    #[must_use]
    pub fn confirm_hold(&self, receipt: ReceiptId) -> HttpRequest {
        self.receipts("receipts.confirm_hold", ReceiptParams { id: receipt.to_string() })
    }

    /// Close it if it is unpaid, give the money back otherwise: `receipts.cancel`.
    #[must_use]
    pub fn cancel(&self, receipt: ReceiptId) -> HttpRequest {
        self.receipts("receipts.cancel", ReceiptParams { id: receipt.to_string() })
    }

    /// Send a link to pay it to `phone`: `receipts.send`.
    #[must_use]
    pub fn send(&self, receipt: ReceiptId, phone: &str) -> HttpRequest {
        self.receipts("receipts.send", SendParams { id: receipt.to_string(), phone })
    }

    /// Hand over the fiscal receipt: `receipts.set_fiscal_data`.
    #[must_use]
    pub fn set_fiscal_data(&self, receipt: ReceiptId, fiscal: &RawValue) -> HttpRequest {
        let params = FiscalParams { id: receipt.to_string(), fiscal_data: fiscal };
        self.receipts("receipts.set_fiscal_data", params)
    }

    fn receipts(&self, method: &'static str, params: impl Serialize) -> HttpRequest {
        self.with_language(call(self.whole_auth(), self.id, method, params))
    }

    fn whole_auth(&self) -> Zeroizing<String> {
        let KassaSettings { merchant_id, key, .. } = self.settings;
        Zeroizing::new(format!("{merchant_id}:{}", key.expose()))
    }

    fn with_language(&self, request: HttpRequest) -> HttpRequest {
        match self.language.filter(|language| language.len() <= LANGUAGE_MAX) {
            Some(language) => request.with("accept-language", Zeroizing::new(language.to_owned())),
            None => request,
        }
    }
}
