//! The hosted checkout at `/pay/{receipt}`: card, one-time code, result.

mod problem;
mod template;

use chorsu_core::{MaskedPan, Receipt, ReceiptId, ReceiptState, Tiyin, UnixMillis};

pub use problem::{CardProblem, CodeProblem, Refusal};

use crate::language::Language;
use crate::mask::MaskedPhone;

/// How soon a page that waits for the outcome asks again, in seconds.
const REFRESH_SECONDS: u16 = 3;

/// The checkout of one receipt.
///
/// Its forms post, urlencoded, `number`, `expire`, `lang` to `/pay/{receipt}/card`; `token`,
/// `phone` (masked, may be absent), `code`, `lang` to `/pay/{receipt}/code`; and `token`, `phone`,
/// `lang` to `/pay/{receipt}/resend`.
#[derive(Clone, Debug)]
pub struct CheckoutPage<'a> {
    /// The visitor's language.
    pub language: Language,
    /// Whether no real money moves here.
    pub sandbox: bool,
    /// What is being paid.
    pub receipt: ReceiptSummary<'a>,
    /// Where the visitor stands.
    pub step: CheckoutStep<'a>,
}

/// What the payer sees of a receipt. Texts that are empty are left out.
#[derive(Clone, Debug)]
pub struct ReceiptSummary<'a> {
    /// Its id, part of every address of the checkout.
    pub id: ReceiptId,
    /// The short number people read out.
    pub number: i64,
    /// What is to be paid.
    pub amount: Tiyin,
    /// Whether it is held first.
    pub hold: bool,
    /// The shop's name.
    pub shop: &'a str,
    /// The shop's legal name.
    pub organization: &'a str,
    /// What the shop said of the payment.
    pub description: &'a str,
    /// The account fields.
    pub account: Vec<AccountLine<'a>>,
    /// The items of the detail, the delivery as one of them.
    pub items: Vec<ItemLine<'a>>,
    /// The discount on the whole order.
    pub discount: Option<Tiyin>,
}

/// An account field with its value.
#[derive(Clone, Copy, Debug)]
pub struct AccountLine<'a> {
    /// The field's title in the visitor's language.
    pub title: &'a str,
    /// The value the shop sent.
    pub value: &'a str,
}

/// An item of the order.
#[derive(Clone, Copy, Debug)]
pub struct ItemLine<'a> {
    /// Its title.
    pub title: &'a str,
    /// How many, as the shop wrote it; empty where there is nothing to count.
    pub count: &'a str,
    /// What they cost together.
    pub sum: Tiyin,
}

/// Where the visitor stands.
#[derive(Clone, Debug)]
pub enum CheckoutStep<'a> {
    /// The card is asked for.
    Card(CardStep<'a>),
    /// The one-time code is asked for.
    Code(CodeStep<'a>),
    /// Paid.
    Paid(Payment),
    /// Held on the card.
    Held(Payment),
    /// Cancelled.
    Cancelled(Refund),
    /// The outcome is not known yet; the page asks again by itself.
    Processing,
    /// The outcome is with an operator.
    Paused,
    /// Refused, and certainly nothing was taken: while that is not known, the step is
    /// [`CheckoutStep::Processing`].
    Refused(Refusal),
}

/// The card form.
#[derive(Clone, Copy, Debug, Default)]
pub struct CardStep<'a> {
    /// What was typed as the expiry, to be shown again. The number is never shown again.
    pub expiry: &'a str,
    /// What is wrong with what was typed.
    pub problems: &'a [CardProblem],
}

/// The code form.
#[derive(Clone, Copy, Debug)]
pub struct CodeStep<'a> {
    /// The card's token, carried by the form.
    pub token: &'a str,
    /// The phone the code went to, if it is still known.
    pub phone: Option<&'a MaskedPhone>,
    /// How many seconds the code is still good for.
    pub seconds: u32,
    /// Whether the code was sent again just now.
    pub resent: bool,
    /// What is wrong with the code that was typed.
    pub problem: Option<CodeProblem>,
}

/// How and when it was paid or held.
#[derive(Clone, Copy, Debug, Default)]
pub struct Payment {
    /// With which card.
    pub card: Option<MaskedPan>,
    /// When.
    pub at: Option<UnixMillis>,
}

/// What becomes of the money of a cancelled receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refund {
    /// None had been taken.
    Nothing,
    /// It is on its way back.
    UnderWay,
    /// It went back.
    Done,
}

impl CheckoutStep<'_> {
    /// The step that a receipt's state alone leads to: the empty card form, or a result.
    #[must_use]
    pub fn of_receipt(receipt: &Receipt) -> Self {
        let payment = |at| Payment { card: receipt.card.map(|face| face.masked), at };
        match receipt.state {
            ReceiptState::Created => Self::Card(CardStep::default()),
            ReceiptState::Checking
            | ReceiptState::Debiting
            | ReceiptState::Closing
            | ReceiptState::Holding => Self::Processing,
            ReceiptState::Paid => Self::Paid(payment(receipt.paid_at)),
            ReceiptState::Held | ReceiptState::CloseQueued => Self::Held(payment(receipt.held_at)),
            ReceiptState::Paused => Self::Paused,
            ReceiptState::CancelQueued => Self::Cancelled(Refund::UnderWay),
            ReceiptState::Cancelled => {
                let paid = receipt.paid_at.is_some() || receipt.held_at.is_some();
                Self::Cancelled(if paid { Refund::Done } else { Refund::Nothing })
            }
        }
    }
}
