//! What a wallet can answer.

/// A definite no, in the wallet's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The wallet's error code; a positive one is an HTTP status where the answer had none.
    pub code: i64,
    /// Its text, possibly empty.
    pub message: String,
}

/// Whose card was debited, as far as the wallet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardOwner {
    /// A company.
    Corporate,
    /// A person.
    Private,
}

/// A payment that went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The wallet's id of it.
    pub payment_id: String,
    /// The customer's phone, when the wallet told it.
    pub phone: Option<String>,
    /// The wallet's words.
    pub message: Option<String>,
    /// Whose card it was.
    pub card: Option<CardOwner>,
}

/// The answer to a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayAnswer {
    /// The money is ours.
    Paid(Payment),
    /// Nothing was taken, and nothing will be.
    Refused(Refusal),
    /// No outcome yet: ask.
    Pending {
        /// The wallet's id of the payment, to ask by.
        payment_id: Option<String>,
    },
    /// It waits for our confirmation, which has brought no answer: ask, with the id as what was
    /// prepared, so that asking confirms.
    Unconfirmed {
        /// The wallet's id of the payment, to ask by.
        payment_id: String,
    },
}

/// The answer to the question what became of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskAnswer {
    /// The money is ours.
    Paid(Payment),
    /// The money is ours, and it was this question that took it: until then it was not.
    PaidByAsking(Payment),
    /// Nothing was taken, and nothing will be.
    Refused(Refusal),
    /// It was taken and given back.
    Reversed,
    /// The wallet has not seen it, so long after it was sent that it never should.
    NotFound,
    /// No outcome yet: ask again.
    Pending {
        /// The wallet's id of the payment, to ask by.
        payment_id: Option<String>,
    },
}

/// The answer to a reversal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReverseAnswer {
    /// None of the money is with us, be it by this reversal or by an earlier one.
    Reversed,
    /// The wallet will not; the money stays with us.
    Refused(Refusal),
    /// No outcome yet: send the reversal again, which is safe.
    Pending,
}

/// The answer to the delivery of a fiscal receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FiscalAnswer {
    /// The wallet has it.
    Delivered,
    /// The wallet does not want it.
    Refused(Refusal),
}

/// What one answer on the wire says: the thing asked for, or a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<T> {
    /// Yes.
    Done(T),
    /// No.
    Refused(Refusal),
}
