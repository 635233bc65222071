//! The payment that an order says it was paid by.
//!
//! A wallet's payment must be one of ours, for its receipt goes to that wallet. A card's need not:
//! there are pinpads that Chorsu does not drive.

use chorsu_core::command::fiscal::PaymentLink;
use chorsu_core::fiscal::FiscalOrder;
use chorsu_core::till::TillState;
use chorsu_core::{Document, DocumentId, Provider, Reject, TillPayment, Tiyin, Wallet};

use super::OrderFailure;
use crate::app::App;
use crate::till::TillFailure;
use crate::till::registry::Till;

/// The field of an order that names a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// `extra_info.qr_payment_id`.
    Wallet,
    /// `extra_info.qr_payment_provider`.
    Provider,
    /// `ppt_id`.
    Pinpad,
}

/// What is wrong with the payment that an order names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field:?}: {reason}")]
pub(crate) struct PaymentProblem {
    /// The field that names it.
    pub(crate) field: Field,
    /// What is wrong.
    pub(crate) reason: Reason,
}

/// Why an order may not name a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    /// No such payment at this till.
    #[error("There is no such payment at this till.")]
    Unknown,
    /// Another system's payments are not known here.
    #[error("Payments of this provider are not taken here: 64 Click, 141 Payme, 161 Uzum.")]
    Provider,
    /// Its money has gone back, or is about to.
    #[error("The payment is {}.", .0.name())]
    State(TillState),
    /// It is of another amount.
    #[error("The payment is of {} tiyin, the order has {} for it.", paid.get(), due.get())]
    Amount {
        /// What was paid.
        paid: Tiyin,
        /// What the order says of it.
        due: Tiyin,
    },
    /// Another receipt was made for it.
    #[error("The payment is on another fiscal receipt.")]
    OtherReceipt,
}

/// The payments an order names, as far as they are ours.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claim {
    wallet: Option<Named>,
    /// Whether a pinpad's payment is named, ours or not.
    has_pinpad: bool,
    pinpad: Option<TillPayment>,
}

#[derive(Clone, Debug)]
struct Named {
    /// Whose payment; `None` for a system that is not ours.
    wallet: Option<Wallet>,
    payment: Option<TillPayment>,
}

impl Claim {
    /// Looks the payments of `order` up. A refund names those of its sale, which stay with that.
    ///
    /// # Errors
    /// [`TillFailure`] when the store fails.
    pub(super) async fn find(
        app: &App,
        till: &Till,
        order: &FiscalOrder,
    ) -> Result<Self, TillFailure> {
        let mut claim = Self::default();
        if order.operation.is_refund() {
            return Ok(claim);
        }
        if let (Some(id), Some(provider)) =
            (&order.extra.qr_payment_id, order.extra.qr_payment_provider)
        {
            let wallet = Wallet::from_fiscal_code(provider.code());
            let payment = match wallet {
                Some(wallet) => payment(app, till, Provider::Wallet(wallet), id).await?,
                None => None,
            };
            claim.wallet = Some(Named { wallet, payment });
        }
        if let Some(rrn) = &order.ppt_id {
            claim.has_pinpad = true;
            for provider in Provider::ALL {
                if matches!(provider, Provider::Pinpad(_)) && claim.pinpad.is_none() {
                    claim.pinpad = payment(app, till, provider, rrn).await?;
                }
            }
        }
        Ok(claim)
    }

    /// The order that the payment is on already.
    pub(super) fn order(&self) -> Option<DocumentId> {
        let linked = self.linked().map(|(_, payment)| payment);
        linked.into_iter().chain(&self.pinpad).find_map(|payment| payment.order)
    }

    /// The payment that the order is linked to: the wallet's if there is one.
    fn linked(&self) -> Option<(Field, &TillPayment)> {
        match &self.wallet {
            Some(named) => named.payment.as_ref().map(|payment| (Field::Wallet, payment)),
            None => self.pinpad.as_ref().map(|payment| (Field::Pinpad, payment)),
        }
    }

    /// The links of an order that was paid with `card` by cards and wallets together.
    ///
    /// # Errors
    /// [`PaymentProblem`].
    pub(super) fn judged(&self, card: Tiyin) -> Result<[Option<PaymentLink>; 2], PaymentProblem> {
        let problem = |field, reason| Err(PaymentProblem { field, reason });
        if let Some(named) = &self.wallet {
            if named.wallet.is_none() {
                return problem(Field::Provider, Reason::Provider);
            }
            if named.payment.is_none() {
                return problem(Field::Wallet, Reason::Unknown);
            }
        }
        let Some((field, payment)) = self.linked() else { return Ok([None, None]) };
        let due = match (field, &self.pinpad) {
            // What the card has paid is not the wallet's part.
            (Field::Wallet, Some(pinpad)) => {
                free(Field::Pinpad, pinpad)?;
                let (paid, due) = (pinpad.amount, card);
                let rest = card.checked_sub(paid);
                rest.ok_or(PaymentProblem {
                    field: Field::Pinpad,
                    reason: Reason::Amount { paid, due },
                })?
            }
            // How much a pinpad that is not ours has taken is not known; the rest is its part.
            (Field::Wallet, None) if self.has_pinpad => card.min(payment.amount),
            _ => card,
        };
        free(field, payment)?;
        if payment.amount != due {
            return problem(field, Reason::Amount { paid: payment.amount, due });
        }
        let beside = self.pinpad.as_ref().filter(|pinpad| pinpad.id != payment.id);
        Ok([Some(link(payment)), beside.map(link)])
    }

    /// What a refusal of the core says about this order.
    pub(super) fn refused(&self, reject: Reject) -> OrderFailure {
        let field = self.linked().map_or(Field::Wallet, |(field, _)| field);
        let reason = match reject {
            Reject::PaymentNotFound => Reason::Unknown,
            Reject::TillState(state) => Reason::State(state),
            Reject::OtherFiscalReceipt => Reason::OtherReceipt,
            other => return TillFailure::Rejected(other).into(),
        };
        PaymentProblem { field, reason }.into()
    }
}

/// The link to a payment, of all of it.
fn link(payment: &TillPayment) -> PaymentLink {
    let number = payment.payment_id.as_deref().unwrap_or_default();
    PaymentLink { paid_key: payment.own_paid_key(number), amount: payment.amount }
}

/// Whether a receipt may be made for a payment.
fn free(field: Field, payment: &TillPayment) -> Result<(), PaymentProblem> {
    let reason = match payment.state {
        TillState::Succeeded if payment.order.is_some() || payment.fiscal.is_some() => {
            Reason::OtherReceipt
        }
        TillState::Succeeded => return Ok(()),
        other => Reason::State(other),
    };
    Err(PaymentProblem { field, reason })
}

async fn payment(
    app: &App,
    till: &Till,
    provider: Provider,
    number: &str,
) -> Result<Option<TillPayment>, TillFailure> {
    let key = TillPayment::paid_key(provider, &till.id, number);
    let found = app.store.document_by_key(key).await?;
    Ok(match found {
        Some(Document::Till(payment)) if payment.till == till.id => Some(payment),
        _ => None,
    })
}
