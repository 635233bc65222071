//! What an operator sees of the wallets' books. Amounts are tiyin, times UNIX milliseconds of the
//! sandbox clock.

use chorsu_core::{UnixMillis, Wallet};
use serde::Serialize;

use super::ids;
use super::record::{Payment, Totals};
use crate::book::RecordId;

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WalletPayment {
    /// `click`, `payme` or `uzum`.
    pub wallet: &'static str,
    /// The wallet's id of it.
    pub payment_id: String,
    /// The merchant's own id of it, if it was given.
    pub transaction_id: Option<String>,
    /// How much.
    pub amount: i64,
    /// How much of it was given back.
    pub reversed: i64,
    /// What the customer has paid and not got back.
    pub net: i64,
    /// `created`, `processing`, `success`, `refused`, `reversed` or `cancelled`.
    pub status: &'static str,
    /// The customer's phone, once there is a customer.
    pub phone: Option<String>,
    /// The URL of the fiscal receipt, once it was delivered.
    pub fiscal_url: Option<String>,
    /// When it was created.
    pub created_at: i64,
    /// When it was, or will be, decided.
    pub decided_at: i64,
}

/// All payments under one id of the merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WalletTransaction {
    /// The merchant's id.
    pub transaction_id: String,
    /// How many of the payments the customer has paid and not wholly got back.
    pub charges: usize,
    /// How much the customer has paid and not got back.
    pub net: i64,
    /// The payments, the oldest first.
    pub payments: Vec<WalletPayment>,
}

/// What a wallet has moved, for comparison with the ledger. A payment in progress that will succeed
/// is counted from its beginning; one that waits for a confirmation from its confirmation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WalletTotals {
    /// How many payments there were.
    pub payments: u64,
    /// Their sum.
    pub paid: i64,
    /// How many reversals there were, partial ones among them.
    pub reversals: u64,
    /// Their sum.
    pub reversed: i64,
    /// What the wallet owes the merchant: paid less reversed.
    pub net: i64,
    /// How many payments have got their fiscal receipt.
    pub fiscal_delivered: u64,
}

impl WalletPayment {
    pub(super) fn new(wallet: Wallet, id: RecordId, payment: Payment, now: UnixMillis) -> Self {
        Self {
            wallet: wallet.name(),
            payment_id: ids::text(wallet, id),
            amount: payment.amount.get(),
            reversed: payment.reversed.get(),
            net: payment.left().get(),
            status: payment.stage(now).name(),
            created_at: payment.created_at,
            decided_at: payment.decided_at,
            transaction_id: payment.reference,
            phone: payment.phone,
            fiscal_url: payment.fiscal_url,
        }
    }
}

impl WalletTransaction {
    pub(super) fn new(transaction_id: &str, payments: Vec<WalletPayment>) -> Self {
        Self {
            transaction_id: transaction_id.to_owned(),
            charges: payments.iter().filter(|payment| payment.net > 0).count(),
            net: payments.iter().map(|payment| payment.net).fold(0, i64::saturating_add),
            payments,
        }
    }
}

impl From<Totals> for WalletTotals {
    fn from(totals: Totals) -> Self {
        let (paid, reversed) = (totals.paid.get(), totals.reversed.get());
        Self {
            payments: totals.payments,
            paid,
            reversals: totals.reversals,
            reversed,
            net: paid - reversed,
            fiscal_delivered: totals.fiscal,
        }
    }
}
