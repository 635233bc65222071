//! Response codes on slips, and what each says for certain.
//!
//! The table is FBOX's, as far as it is public. A code that is not in it means nothing.

/// Why an operation was declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeclineReason {
    /// No reason, or one that needs no words of its own.
    Declined,
    /// The card is past its expiry.
    Expired,
    /// The card may not be used for this.
    Restricted,
    /// The PIN was wrong too often.
    PinTries,
    /// The PIN is wrong.
    WrongPin,
    /// The merchant or the terminal is not set up.
    Merchant,
    /// The amount cannot be taken.
    Amount,
    /// The card has not that much.
    InsufficientFunds,
    /// The card's limit does not allow that much.
    Limit,
    /// There is no such operation or card.
    NotFound,
    /// The card is stolen.
    Stolen,
    /// The cashier gave up.
    CancelledByCashier,
    /// The payment is void already.
    AlreadyVoid,
    /// More is asked back than was paid.
    AboveOriginal,
    /// The payment cannot be voided: of another shift, as a rule.
    CannotVoid,
    /// The card was taken out too early.
    CardRemoved,
    /// The terminal is not ready: its journal is full, or it is busy.
    NotReady,
    /// No pinpad is connected.
    NotConnected,
}

impl DeclineReason {
    /// The name for logs, metrics and the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Restricted => "restricted",
            Self::PinTries => "pin_tries",
            Self::WrongPin => "wrong_pin",
            Self::Merchant => "merchant",
            Self::Amount => "amount",
            Self::InsufficientFunds => "insufficient_funds",
            Self::Limit => "limit",
            Self::NotFound => "not_found",
            Self::Stolen => "stolen",
            Self::CancelledByCashier => "cancelled_by_cashier",
            Self::AlreadyVoid => "already_void",
            Self::AboveOriginal => "above_original",
            Self::CannotVoid => "cannot_void",
            Self::CardRemoved => "card_removed",
            Self::NotReady => "not_ready",
            Self::NotConnected => "not_connected",
        }
    }
}

/// What a response code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeMeaning {
    /// Approved.
    Approved,
    /// Approved, when the operation is a void.
    ApprovedVoid,
    /// Declined: nothing was done.
    Declined(DeclineReason),
    /// The terminal does not know itself: a timeout, a lost link, a host that was out of step.
    Unclear,
    /// Not in the table.
    Unknown,
}

/// What the response code `code` of a slip says.
#[must_use]
pub fn code_meaning(code: &str) -> CodeMeaning {
    use DeclineReason as Why;

    let reason = match code {
        "000" | "001" | "003" | "020" => return CodeMeaning::Approved,
        "400" => return CodeMeaning::ApprovedVoid,
        "240" | "241" | "242" | "243" | "402" | "403" | "404" | "411" | "903" | "905" | "906"
        | "907" | "908" | "909" | "910" | "911" | "912" | "913" | "923" | "987" | "992" | "998" => {
            return CodeMeaning::Unclear;
        }
        "100" | "118" | "304" | "902" | "996" => Why::Declined,
        "101" => Why::Expired,
        "104" | "305" => Why::Restricted,
        "106" => Why::PinTries,
        "109" | "301" => Why::Merchant,
        "110" => Why::Amount,
        "116" => Why::InsufficientFunds,
        "117" => Why::WrongPin,
        "121" => Why::Limit,
        "202" | "914" => Why::NotFound,
        "209" => Why::Stolen,
        "212" => Why::CancelledByCashier,
        "218" => Why::AlreadyVoid,
        "235" | "915" => Why::AboveOriginal,
        "250" => Why::CardRemoved,
        "302" => Why::CannotVoid,
        "303" | "984" => Why::NotReady,
        "999" => Why::NotConnected,
        _ => return CodeMeaning::Unknown,
    };
    CodeMeaning::Declined(reason)
}
