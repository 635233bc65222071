//! What a module can be asked, and what it answers.

use chorsu_connectors::fiscal_module::{
    LocalTime, Receipt, ReceiptOperation, ReceiptType, Refusal,
};

use super::faults::FiscalCalls;
use super::record::{Module, Registration, Shift};

/// A request to one module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    OpenShift(LocalTime),
    CloseShift(LocalTime),
    Register(Box<Receipt>),
    Shift(u32),
    Info,
    Last,
    Resend,
}

impl Call {
    /// Which faults it can meet.
    pub(super) const fn sort(&self) -> FiscalCalls {
        match self {
            Self::OpenShift(_) | Self::CloseShift(_) => FiscalCalls::Shifts,
            Self::Register(_) => FiscalCalls::Receipts,
            Self::Shift(_) | Self::Info | Self::Last | Self::Resend => FiscalCalls::Questions,
        }
    }
}

/// Whether a receipt may come by `method`: each kind has its own.
pub(super) fn is_by(method: &str, receipt: &Receipt) -> bool {
    match method {
        "Api.SendRefundReceipt" => receipt.operation == ReceiptOperation::Refund,
        "Api.SendSaleReceipt" => sells(receipt, ReceiptType::Purchase),
        "Api.SendAdvanceReceipt" => sells(receipt, ReceiptType::Advance),
        "Api.SendCreditReceipt" => sells(receipt, ReceiptType::Credit),
        _ => false,
    }
}

fn sells(receipt: &Receipt, kind: ReceiptType) -> bool {
    receipt.operation == ReceiptOperation::Sale && receipt.kind == kind
}

/// A definite no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) refusal: Refusal,
    /// The code, where the refusal has more than one.
    pub(super) code: Option<u16>,
    /// Why, in words.
    pub(super) why: String,
}

impl Refused {
    /// A refusal that needs no words.
    pub(super) const fn plain(refusal: Refusal) -> Self {
        Self { refusal, code: None, why: String::new() }
    }

    /// A refusal and why.
    pub(super) fn because(refusal: Refusal, why: impl Into<String>) -> Self {
        Self { refusal, code: None, why: why.into() }
    }
}

/// What a request brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is done.
    Done,
    /// The receipt, as it was registered, now or before.
    Registered(Registration),
    /// A shift of the module.
    Shift(Shift),
    /// The module itself.
    Info,
}

/// What a module made of a request, and the module after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) module: Module,
    pub(super) answer: Result<Answer, Refused>,
}
