//! The methods of the Subscribe API.

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Makes a token for a card.
    CardsCreate,
    /// Sends a one-time code to the card's holder.
    CardsGetVerifyCode,
    /// Proves the card by the code.
    CardsVerify,
    /// Shows the card behind a token.
    CardsCheck,
    /// Takes a token out of use.
    CardsRemove,
    /// Makes a receipt to be paid.
    ReceiptsCreate,
    /// Pays or holds.
    ReceiptsPay,
    /// Sends a receipt to a phone.
    ReceiptsSend,
    /// Cancels, refunds or releases.
    ReceiptsCancel,
    /// Tells the state.
    ReceiptsCheck,
    /// Shows a receipt.
    ReceiptsGet,
    /// Lists receipts of a period.
    ReceiptsGetAll,
    /// Attaches the fiscal receipt.
    ReceiptsSetFiscalData,
    /// Captures a hold.
    ReceiptsConfirmHold,
}

impl Method {
    /// Every method with its name on the wire.
    pub const ALL: [(Self, &'static str); 14] = [
        (Self::CardsCreate, "cards.create"),
        (Self::CardsGetVerifyCode, "cards.get_verify_code"),
        (Self::CardsVerify, "cards.verify"),
        (Self::CardsCheck, "cards.check"),
        (Self::CardsRemove, "cards.remove"),
        (Self::ReceiptsCreate, "receipts.create"),
        (Self::ReceiptsPay, "receipts.pay"),
        (Self::ReceiptsSend, "receipts.send"),
        (Self::ReceiptsCancel, "receipts.cancel"),
        (Self::ReceiptsCheck, "receipts.check"),
        (Self::ReceiptsGet, "receipts.get"),
        (Self::ReceiptsGetAll, "receipts.get_all"),
        (Self::ReceiptsSetFiscalData, "receipts.set_fiscal_data"),
        (Self::ReceiptsConfirmHold, "receipts.confirm_hold"),
    ];

    /// The method called `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(method, _)| *method)
    }

    /// The name on the wire, for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CardsCreate => "cards.create",
            Self::CardsGetVerifyCode => "cards.get_verify_code",
            Self::CardsVerify => "cards.verify",
            Self::CardsCheck => "cards.check",
            Self::CardsRemove => "cards.remove",
            Self::ReceiptsCreate => "receipts.create",
            Self::ReceiptsPay => "receipts.pay",
            Self::ReceiptsSend => "receipts.send",
            Self::ReceiptsCancel => "receipts.cancel",
            Self::ReceiptsCheck => "receipts.check",
            Self::ReceiptsGet => "receipts.get",
            Self::ReceiptsGetAll => "receipts.get_all",
            Self::ReceiptsSetFiscalData => "receipts.set_fiscal_data",
            Self::ReceiptsConfirmHold => "receipts.confirm_hold",
        }
    }

    /// Whether the caller must show the kassa's key. The card methods are called from browsers
    /// and phones, which know the id only ("Payme Subscribe API, X-Auth").
    #[must_use]
    pub const fn needs_key(self) -> bool {
        match self {
            Self::CardsCreate
            | Self::CardsGetVerifyCode
            | Self::CardsVerify
            | Self::CardsCheck
            | Self::CardsRemove => false,
            Self::ReceiptsCreate
            | Self::ReceiptsPay
            | Self::ReceiptsSend
            | Self::ReceiptsCancel
            | Self::ReceiptsCheck
            | Self::ReceiptsGet
            | Self::ReceiptsGetAll
            | Self::ReceiptsSetFiscalData
            | Self::ReceiptsConfirmHold => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_methods_are_one_to_one() {
        for (method, name) in Method::ALL {
            assert_eq!((method.name(), Method::from_name(name)), (name, Some(method)));
            assert_eq!(method.needs_key(), name.starts_with("receipts."));
        }
        for unknown in ["", "receipts.p2p", "cards.checkBalance", "Receipts.create"] {
            assert_eq!(Method::from_name(unknown), None);
        }
    }
}
