//! Payments that are in a wallet's book without anybody having called for them: those that the
//! published examples of the till API speak of.

use chorsu_core::{Tiyin, Wallet};

use super::call::reference_id;
use super::desk::Desk;
use super::record::{Fate, Payment, payment_key, reference_key, totals_key};
use super::{WalletWorld, ids};
use crate::book::{Book, BookError};

/// A payment that a customer has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPayment {
    /// The wallet's id of it.
    pub payment_id: String,
    /// The merchant's own id of it.
    pub transaction_id: String,
    /// How much was paid.
    pub amount: Tiyin,
    /// The customer's phone.
    pub phone: Option<String>,
}

impl WalletWorld {
    /// Puts a payment into the book of `wallet`; one of the same id stays as it is. `false` when
    /// the wallet writes no such ids.
    ///
    /// # Errors
    /// [`BookError`].
    pub async fn put_known(&self, wallet: Wallet, known: KnownPayment) -> Result<bool, BookError> {
        let id = ids::parse(wallet, &known.payment_id);
        let reference = reference_id(&known.transaction_id);
        let (Some(id), Some(reference)) = (id, reference) else { return Ok(false) };
        let now = (self.clock)();
        let payment = Payment {
            fate: Fate::Paid,
            phone: known.phone,
            ..Payment::new(Some(&known.transaction_id), known.amount, now)
        };
        let work = move |book: &mut dyn Book| {
            let key = payment_key(wallet, id);
            let mut keys = [key, reference_key(wallet, reference), totals_key(wallet)];
            keys.sort_unstable();
            let mut outcome = Ok(true);
            book.transact(&keys, &mut |records| {
                let mut desk = Desk::new(records, now);
                match desk.know(wallet, id, payment.clone()) {
                    Ok(()) => desk.save(),
                    Err(_) => outcome = Err(BookError::Broken(key)),
                }
            })?;
            outcome
        };
        self.keeper.with_book(work).await
    }
}
