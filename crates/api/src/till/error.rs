//! The error of a till call: its code, message and data.

use std::borrow::Cow;

use chorsu_core::fiscal::Fault;

use super::module_fault::{self, ModuleFault};
use super::problems::{self, Problems};
use crate::json::write;

/// Why a till call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {}", self.code(), self.message())]
pub enum TillError {
    /// 7: fields of the request. The message is JSON.
    Invalid(Problems),
    /// 101: the receipt cannot be printed.
    PrinterNotWorking,
    /// 102: there is no fiscal module to ask.
    FiscalModuleNotInitialized,
    /// 103: a fault of ours; nothing was done.
    Internal,
    /// 104: the till may not take payments now, among other things because its fiscal module is
    /// not initialised (till specification, examples of errors).
    Billing,
    /// 104 as well, with what is wrong: an argument that has the right form but not the right
    /// value, such as a time far from the clock.
    InvalidArgument(Cow<'static, str>),
    /// 105: the payment is known and no money has moved.
    NotPaid(PaymentRef),
    /// 106: the provider refused, and said so.
    Declined(Refusal),
    /// 106: whether money moved is not known yet; the id is there to ask by.
    Unknown(PaymentRef),
    /// 108: the pinpad or the card's bank refused.
    Pinpad(Refusal),
    /// 122: a refusal of a fiscal module of applet 4, as `9023 - NAME`.
    Applet4(String),
    /// 303: the order could not be registered.
    SaveOrder(Option<String>),
    /// 401: the IKPU of a line, counted from 0.
    ClassCode(usize),
    /// 402: the package code of a line, counted from 0.
    PackageCode(usize),
    /// 9326: there is no open shift to close.
    ZreportAlreadyClosed,
    /// 9327: a shift is open already.
    ZreportAlreadyOpen,
    /// 36xxx and 65xxx: a refusal of the fiscal module, and what it said.
    Module(&'static ModuleFault, Option<String>),
}

/// A payment in an error's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRef {
    /// Our id of the payment, a UUID.
    pub transaction_id: String,
}

/// What a provider or a pinpad said when it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Our id of the payment, a UUID.
    pub transaction_id: String,
    /// Who refused: `click`, `payme`, `uzum`, `humo`.
    pub provider: &'static str,
    /// Its code, as it writes it.
    pub code: String,
    /// Its words; may be empty.
    pub message: String,
}

impl TillError {
    /// Code 7 about one field.
    #[must_use]
    pub fn invalid(field: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(Problems::one(field, text))
    }

    /// Code 7 about the request as a whole.
    #[must_use]
    pub fn whole(text: impl Into<Cow<'static, str>>) -> Self {
        Self::invalid(problems::WHOLE, text)
    }

    /// Code 7 about a field of an order's `extra_info`.
    #[must_use]
    pub fn extra_info(field: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        let mut problems = Problems::default();
        problems.add_object("extra_info", Problems::one(field, text));
        Self::Invalid(problems)
    }

    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> u32 {
        match self {
            Self::Invalid(_) => 7,
            Self::PrinterNotWorking => 101,
            Self::FiscalModuleNotInitialized => 102,
            Self::Internal => 103,
            Self::Billing | Self::InvalidArgument(_) => 104,
            Self::NotPaid(_) => 105,
            Self::Declined(_) | Self::Unknown(_) => 106,
            Self::Pinpad(_) => 108,
            Self::Applet4(_) => 122,
            Self::SaveOrder(_) => 303,
            Self::ClassCode(_) => 401,
            Self::PackageCode(_) => 402,
            Self::ZreportAlreadyClosed => 9326,
            Self::ZreportAlreadyOpen => 9327,
            Self::Module(fault, _) => fault.code,
        }
    }

    /// The message on the wire.
    #[must_use]
    pub fn message(&self) -> Cow<'_, str> {
        let fixed = match self {
            Self::Invalid(problems) => return problems.to_json().into(),
            Self::InvalidArgument(text) => return text.as_ref().into(),
            Self::Applet4(text) => return text.into(),
            // A cashier reads the message: the provider's own words say most.
            Self::Declined(refusal) | Self::Pinpad(refusal) if !refusal.message.is_empty() => {
                return refusal.message.as_str().into();
            }
            Self::PrinterNotWorking => "PRINTER_NOT_WORKING",
            Self::FiscalModuleNotInitialized => "FISCAL_MODULE_NOT_INITIALIZED",
            Self::Internal => "INTERNAL_ERROR",
            Self::Billing => "BILLING_ERROR",
            Self::NotPaid(_) => "PAYMENT_NOT_PAID",
            Self::Declined(_) => "PAYMENT_ERROR",
            Self::Unknown(_) => "PAYMENT_STATUS_UNKNOWN",
            Self::Pinpad(_) => "XUMO_ERROR",
            Self::SaveOrder(_) => "SAVE_ORDER_ERROR",
            Self::ClassCode(_) => "CLASS_CODE_ERROR",
            Self::PackageCode(_) => "PACKAGE_CODE_ERROR",
            Self::ZreportAlreadyClosed => "ZREPORT_ALREADY_CLOSE",
            Self::ZreportAlreadyOpen => "ZREPORT_ALREADY_OPEN",
            Self::Module(fault, _) => fault.name,
        };
        fixed.into()
    }

    /// Writes what `data` says: an object about a payment, a text, or null.
    pub(super) fn write_data(&self, out: &mut Vec<u8>) {
        match self {
            Self::NotPaid(payment) => write_payment(out, payment, "not_paid"),
            Self::Unknown(payment) => write_payment(out, payment, "unknown"),
            Self::Declined(refusal) | Self::Pinpad(refusal) => write_refusal(out, refusal),
            Self::ClassCode(place) => {
                write::string(out, &format!("products[{place}].class_code"));
            }
            Self::PackageCode(place) => {
                write::string(out, &format!("products[{place}].package_code"));
            }
            Self::SaveOrder(Some(text)) | Self::Module(_, Some(text)) => write::string(out, text),
            _ => out.extend_from_slice(b"null"),
        }
    }
}

fn write_payment(out: &mut Vec<u8>, payment: &PaymentRef, status: &str) {
    write::object(out, |data| {
        data.string("transaction_id", &payment.transaction_id);
        data.string("status", status);
    });
}

fn write_refusal(out: &mut Vec<u8>, refusal: &Refusal) {
    write::object(out, |data| {
        data.string("transaction_id", &refusal.transaction_id);
        data.string("status", "declined");
        data.string("provider", refusal.provider);
        data.string("error_code", &refusal.code);
        data.string("error_message", &refusal.message);
    });
}

impl From<Problems> for TillError {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems)
    }
}

impl From<Fault> for TillError {
    /// The error for an order that breaks a rule.
    fn from(fault: Fault) -> Self {
        let line = |item, field, text: &'static str| {
            Self::Invalid(Problems::of_item("products", item, Problems::one(field, text)))
        };
        match fault {
            Fault::NoItems => Self::invalid("products", problems::EMPTY_LIST),
            Fault::Overflow => Self::whole("The sums of the order are too large."),
            Fault::ClassCode { item } => Self::ClassCode(item),
            Fault::PackageCode { item } => Self::PackageCode(item),
            Fault::Discount { item } => {
                line(item, "discount", "Discount and other are more than the price.")
            }
            Fault::Vat { item } => line(item, "vat", "VAT is more than the price."),
            Fault::VatPercent { item } => {
                line(item, "vat_percent", "Ensure this value is less than or equal to 99.")
            }
            Fault::Balance { received, due } => {
                let (received, due) = (received.get(), due.get());
                let difference = (received - due).abs();
                let limit = chorsu_core::fiscal::rules::BALANCE_TOLERANCE;
                let text = format!(
                    "difference {difference} between {received} and {due} is larger than {limit}"
                );
                Self::Module(&module_fault::ENCODE, Some(text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chorsu_core::Tiyin;

    use super::*;

    fn data(error: &TillError) -> String {
        let mut out = Vec::new();
        error.write_data(&mut out);
        write::into_text(out)
    }

    #[test]
    fn errors_have_the_codes_tills_know() {
        let payment = || PaymentRef { transaction_id: "0e43".to_owned() };
        let refusal = |message: &str| Refusal {
            transaction_id: "0e43".to_owned(),
            provider: "click",
            code: "-301".to_owned(),
            message: message.to_owned(),
        };
        let told = r#"{"transaction_id":"0e43","status":"declined","provider":"click","#;
        let cases = [
            (
                TillError::invalid("a", problems::NULL),
                7,
                r#"{"a":["This field may not be null."]}"#,
                "null",
            ),
            (TillError::Internal, 103, "INTERNAL_ERROR", "null"),
            (TillError::Billing, 104, "BILLING_ERROR", "null"),
            (TillError::InvalidArgument("Invalid time".into()), 104, "Invalid time", "null"),
            (
                TillError::NotPaid(payment()),
                105,
                "PAYMENT_NOT_PAID",
                r#"{"transaction_id":"0e43","status":"not_paid"}"#,
            ),
            (
                TillError::Unknown(payment()),
                106,
                "PAYMENT_STATUS_UNKNOWN",
                r#"{"transaction_id":"0e43","status":"unknown"}"#,
            ),
            (TillError::Declined(refusal("Used")), 106, "Used", told),
            (TillError::Declined(refusal("")), 106, "PAYMENT_ERROR", told),
            (TillError::Pinpad(refusal("")), 108, "XUMO_ERROR", told),
            (TillError::SaveOrder(None), 303, "SAVE_ORDER_ERROR", "null"),
            (TillError::ClassCode(2), 401, "CLASS_CODE_ERROR", "\"products[2].class_code\""),
            (TillError::ZreportAlreadyClosed, 9326, "ZREPORT_ALREADY_CLOSE", "null"),
            (
                TillError::Module(&module_fault::REFUND_CASH, None),
                36_913,
                "NOT_ENOUGH_CASH_FOR_REFUND",
                "null",
            ),
        ];
        for (error, code, message, want) in cases {
            assert_eq!((error.code(), error.message().as_ref()), (code, message));
            assert!(data(&error).starts_with(want), "{error}: {}", data(&error));
        }
    }

    #[test]
    fn broken_rules_have_errors_of_the_request_or_of_the_module() {
        let tiyin = |value| Tiyin::new(value).unwrap();
        let balance = Fault::Balance { received: tiyin(50_000), due: tiyin(115_000) };
        let error = TillError::from(balance);
        assert_eq!(error.code(), 65_531);
        assert_eq!(
            data(&error),
            "\"difference 65000 between 50000 and 115000 is larger than 10000\""
        );
        let error = TillError::from(Fault::Discount { item: 1 });
        assert_eq!(
            error.message(),
            r#"{"products":[{},{"discount":["Discount and other are more than the price."]}]}"#
        );
        assert_eq!(TillError::from(Fault::ClassCode { item: 0 }).code(), 401);
        assert_eq!(TillError::from(Fault::PackageCode { item: 0 }).code(), 402);
        assert_eq!(TillError::from(Fault::NoItems).code(), 7);
    }
}
