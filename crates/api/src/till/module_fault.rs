//! What a fiscal module refuses, by the codes tills know.
//!
//! The codes are the decimals of the status words of applets 0300 to 0323, and of the service in
//! front of them. Applet 0400 uses the same words for other faults: they are never mapped by
//! number without knowing the applet.

/// A refusal of the fiscal module.
#[derive(Debug, PartialEq, Eq)]
pub struct ModuleFault {
    /// Its code on the wire.
    pub code: u32,
    /// Its name on the wire.
    pub name: &'static str,
}

const fn fault(code: u32, name: &'static str) -> ModuleFault {
    ModuleFault { code, name }
}

/// No receipt of that number.
pub const RECEIPT_INDEX: ModuleFault = fault(36_871, "RECEIPT_INDEX_OUT_OF_BOUNDS");
/// No room for another receipt.
pub const RECEIPT_MEMORY_FULL: ModuleFault = fault(36_886, "RECEIPT_MEMORY_FULL");
/// Less than a second since the last operation.
pub const RECEIPT_TIME_PAST: ModuleFault = fault(36_888, "RECEIPT_TIME_PAST");
/// Receipts have waited too many days for being sent.
pub const STORE_DAYS_LIMIT: ModuleFault = fault(36_889, "RECEIPT_STORE_DAYS_LIMIT_EXCEEDED");
/// The shift's end is before its last operation.
pub const CLOSE_TIME_PAST: ModuleFault = fault(36_897, "CLOSE_ZREPORT_TIME_PAST");
/// No room for another shift.
pub const ZREPORT_MEMORY_FULL: ModuleFault = fault(36_898, "ZREPORT_SPACE_IS_FULL");
/// No shift of that number.
pub const ZREPORT_INDEX: ModuleFault = fault(36_902, "ZREPORT_INDEX_OUT_OF_BOUNDS");
/// A shift without a receipt cannot be closed.
pub const ZREPORT_EMPTY: ModuleFault = fault(36_907, "CURRENT_ZREPORT_IS_EMPTY");
/// A receipt of nothing.
pub const TOTAL_ZERO: ModuleFault = fault(36_908, "RECEIPT_TOTAL_PRICE_ZERO");
/// No shift is open. Clients open one when they see this code, and try again.
pub const ZREPORT_NOT_OPEN: ModuleFault = fault(36_909, "ZREPORT_IS_NOT_OPEN");
/// The time of opening has another form.
pub const OPEN_TIME_FORM: ModuleFault = fault(36_910, "ZREPORT_OPEN_TIME_FORMAT_INVALID");
/// Too many operations in this shift.
pub const OPERATIONS_LIMIT: ModuleFault = fault(36_911, "SALE_REFUND_COUNT_OVERFLOW");
/// A shift is open already.
pub const ZREPORT_OPEN: ModuleFault = fault(36_912, "ZREPORT_IS_ALREADY_OPEN");
/// More cash would be given back than was taken.
pub const REFUND_CASH: ModuleFault = fault(36_913, "NOT_ENOUGH_CASH_FOR_REFUND");
/// More would be given back to cards than was taken.
pub const REFUND_CARD: ModuleFault = fault(36_914, "NOT_ENOUGH_CARD_FOR_REFUND");
/// More VAT would be given back than was taken.
pub const REFUND_VAT: ModuleFault = fault(36_915, "NOT_ENOUGH_VAT_FOR_REFUND");
/// The shift's begin is before the last operation.
pub const OPEN_TIME_PAST: ModuleFault = fault(36_916, "OPEN_ZREPORT_TIME_PAST");
/// The original of a refund has another sign.
pub const REFUND_SIGN: ModuleFault = fault(65_274, "NOT_VALID_REFUND_INFO_SIGN");
/// The original of a refund has other values.
pub const REFUND_VALUES: ModuleFault = fault(65_276, "WRONG_REFUND_INFO");
/// A refund without its original.
pub const REFUND_ORIGINAL: ModuleFault = fault(65_277, "REFUND_INFO_REQUIRED");
/// The module is locked.
pub const LOCKED: ModuleFault = fault(65_279, "FISCAL_MODULE_LOCKED");
/// The receipt cannot be encoded: its sums do not fit together.
pub const ENCODE: ModuleFault = fault(65_531, "CANNOT_ENCODE_RECEIPT");
/// The module does not understand what it was asked.
pub const ARGUMENT: ModuleFault = fault(65_532, "ILLEGAL_ARGUMENT");
/// The module's program cannot be selected.
pub const SELECT: ModuleFault = fault(65_533, "CANNOT_SELECT_APPLET");
/// The module cannot be reached.
pub const CONNECT: ModuleFault = fault(65_534, "CANNOT_CONNECT_CARD");

/// Every refusal, by rising code.
pub static ALL: [&ModuleFault; 25] = [
    &RECEIPT_INDEX,
    &RECEIPT_MEMORY_FULL,
    &RECEIPT_TIME_PAST,
    &STORE_DAYS_LIMIT,
    &CLOSE_TIME_PAST,
    &ZREPORT_MEMORY_FULL,
    &ZREPORT_INDEX,
    &ZREPORT_EMPTY,
    &TOTAL_ZERO,
    &ZREPORT_NOT_OPEN,
    &OPEN_TIME_FORM,
    &OPERATIONS_LIMIT,
    &ZREPORT_OPEN,
    &REFUND_CASH,
    &REFUND_CARD,
    &REFUND_VAT,
    &OPEN_TIME_PAST,
    &REFUND_SIGN,
    &REFUND_VALUES,
    &REFUND_ORIGINAL,
    &LOCKED,
    &ENCODE,
    &ARGUMENT,
    &SELECT,
    &CONNECT,
];

/// The refusal of this code, if it is in the table.
#[must_use]
pub fn of_code(code: u32) -> Option<&'static ModuleFault> {
    ALL.into_iter().find(|fault| fault.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_found() {
        assert!(ALL.is_sorted_by(|a, b| a.code < b.code));
        assert_eq!(of_code(36_909), Some(&ZREPORT_NOT_OPEN));
        assert_eq!(of_code(0x9031), Some(&REFUND_CASH));
        assert_eq!(of_code(0), None);
    }
}
