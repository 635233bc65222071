//! What the till's page shows of each side: wallets, payments, pinpad, fiscal module.

use chorsu_core::till::{Delivery, TillState};
use chorsu_core::{Provider, Tiyin, UnixMillis, Wallet};

use super::customer::{Customer, PinpadCustomer};

/// The code on the customer's telephone.
#[derive(Clone, Copy, Debug)]
pub struct CodePanel<'a> {
    /// Whose app shows it.
    pub wallet: Wallet,
    /// How its owner behaves.
    pub customer: Customer,
    /// What the code was made of, digits and letters: it brings the same code back.
    pub seed: &'a str,
    /// The code.
    pub code: &'a str,
    /// What the lines for the terminal pay.
    pub amount: Tiyin,
    /// The same as a number of the unit that the till counts in.
    pub amount_number: i64,
    /// What became of it, once it was scanned.
    pub scan: Option<Scan<'a>>,
}

/// A code that was scanned.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    /// Chorsu's id of the payment, a UUID.
    pub transaction_id: &'a str,
    /// Where the payment stands.
    pub state: TillState,
    /// How much it is.
    pub amount: Tiyin,
    /// The wallet's id of it.
    pub payment_id: Option<&'a str>,
    /// The customer's phone, digits.
    pub phone: Option<&'a str>,
    /// Whether it has a fiscal receipt.
    pub is_registered: bool,
}

/// A payment at a till.
#[derive(Clone, Copy, Debug)]
pub struct PaymentLine<'a> {
    /// Chorsu's id, a UUID.
    pub transaction_id: &'a str,
    /// When it began.
    pub at: UnixMillis,
    /// Who takes it.
    pub provider: Provider,
    /// At which till.
    pub till: &'a str,
    /// How much it is.
    pub amount: Tiyin,
    /// Where it stands in Chorsu's books.
    pub state: TillState,
    /// What its customer has paid by the wallet's own book; `None` for a pinpad.
    pub charged: Option<Tiyin>,
    /// Its fiscal receipt.
    pub fiscal: Option<FiscalMark<'a>>,
}

/// The fiscal receipt of a payment.
#[derive(Clone, Copy, Debug)]
pub struct FiscalMark<'a> {
    /// Its address at the tax committee.
    pub url: &'a str,
    /// How far it has come to the wallet.
    pub delivery: Delivery,
}

impl<'a> FiscalMark<'a> {
    /// The receipt's number in its module, `r` in the address.
    pub(super) fn number(&self) -> Option<&'a str> {
        let (_, query) = self.url.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix("r="))
    }
}

/// A played wallet.
#[derive(Clone, Copy, Debug)]
pub struct WalletPanel<'a> {
    /// Which.
    pub wallet: Wallet,
    /// Where it listens.
    pub base_url: &'a str,
    /// How many milliseconds its answers are delayed.
    pub latency_ms: u64,
    /// What was paid in all.
    pub paid: Tiyin,
    /// In how many payments.
    pub payments: u64,
    /// What was given back in all.
    pub reversed: Tiyin,
    /// In how many reversals.
    pub reversals: u64,
    /// What it owes the merchant.
    pub net: Tiyin,
    /// How many fiscal receipts it has got.
    pub receipts: u64,
}

/// The played pinpad.
#[derive(Clone, Copy, Debug)]
pub struct PinpadPanel {
    /// What the next customer shows.
    pub customer: PinpadCustomer,
    /// The number of its shift.
    pub shift: u32,
    /// What has moved in this shift.
    pub in_shift: PinpadSums,
    /// What has moved in all.
    pub in_all: PinpadSums,
}

/// What a pinpad has moved.
#[derive(Clone, Copy, Debug)]
pub struct PinpadSums {
    /// What was paid.
    pub sold: Tiyin,
    /// In how many payments.
    pub sales: u64,
    /// What was taken back.
    pub voided: Tiyin,
    /// In how many voids.
    pub voids: u64,
    /// How many operations were declined.
    pub declined: u64,
}

/// The played fiscal module.
#[derive(Clone, Debug)]
pub struct ModulePanel<'a> {
    /// Its number at the tax committee.
    pub terminal: &'a str,
    /// The number of its latest shift; 0 before the first.
    pub shift: u32,
    /// Whether that shift is open.
    pub is_open: bool,
    /// How many receipts it has registered.
    pub registered: u64,
    /// How many of them the tax committee does not have.
    pub unsent: u64,
    /// What was sold in all.
    pub sold: Tiyin,
    /// What was given back in all.
    pub refunded: Tiyin,
    /// Whether it can be reached.
    pub is_connected: bool,
    /// Whether the tax committee can be reached.
    pub is_online: bool,
    /// The newest receipts, the newest first.
    pub receipts: Vec<ReceiptLine<'a>>,
}

/// A receipt in the module.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptLine<'a> {
    /// Its number.
    pub number: u64,
    /// Its time in Tashkent, as the module writes it.
    pub time: &'a str,
    /// Its sign; none for advances and credits.
    pub sign: Option<&'a str>,
    /// Its sum.
    pub sum: Tiyin,
    /// Whether it gives a receipt back.
    pub is_refund: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipts_number_is_read_from_its_address() {
        for (url, number) in [
            (
                "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=2023&s=514343190161",
                Some("2421"),
            ),
            ("https://ofd.soliq.uz/check?r=7", Some("7")),
            ("https://ofd.soliq.uz/check?t=UZ1", None),
            ("r=1", None),
        ] {
            let mark = FiscalMark { url, delivery: Delivery::Queued };
            assert_eq!(mark.number(), number, "{url}");
        }
    }
}
