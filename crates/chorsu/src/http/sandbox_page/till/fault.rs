//! What the page's words for a fault mean at each counterparty.

use chorsu_sandbox::fiscal_module::{FiscalCalls, FiscalFault, FiscalFaultRule};
use chorsu_sandbox::pinpad::{PinpadCalls, PinpadFault, PinpadFaultRule};
use chorsu_sandbox::{WalletCalls, WalletFault, WalletFaultRule};
use chorsu_web::{CommonFault, Counterparty, FaultChoice, FaultyCalls};

use super::{PinpadFailure, at_pinpad};
use crate::sandbox::Sandbox;

/// How late a late answer is.
const DELAY_MS: u64 = 5_000;
/// The response code of a pinpad that refuses: too little money.
const REFUSED: &str = "116";

/// What came of adding a fault.
pub(super) enum Added {
    /// It holds.
    Yes,
    /// The counterparty cannot do that.
    Impossible,
    /// The counterparty has too many already.
    Full,
}

impl From<bool> for Added {
    fn from(has_room: bool) -> Self {
        if has_room { Self::Yes } else { Self::Full }
    }
}

/// Makes the chosen thing go wrong, `times` times or until cleared.
pub(super) async fn add(
    sandbox: &Sandbox,
    choice: &FaultChoice,
    times: Option<u64>,
) -> Result<Added, PinpadFailure> {
    let FaultChoice { fault, calls, .. } = *choice;
    Ok(match choice.at {
        Counterparty::Wallet(wallet) => {
            let rule = wallet_rule(fault, calls, times);
            sandbox.world.wallets().controls(wallet).add_fault(rule).into()
        }
        Counterparty::Pinpad => match pinpad_rule(fault, calls, times) {
            Some(rule) => at_pinpad(sandbox, move |pinpad| pinpad.add_fault(rule)).await?.into(),
            None => Added::Impossible,
        },
        Counterparty::Module => match fiscal_rule(fault, calls, times) {
            Some(rule) => sandbox.world.fiscal().controls().add_fault(rule).into(),
            None => Added::Impossible,
        },
    })
}

/// Lets nothing go wrong any more.
pub(super) async fn clear(sandbox: &Sandbox, at: Counterparty) -> Result<(), PinpadFailure> {
    match at {
        Counterparty::Wallet(wallet) => {
            sandbox.world.wallets().controls(wallet).clear_faults();
            Ok(())
        }
        Counterparty::Pinpad => {
            at_pinpad(sandbox, chorsu_sandbox::pinpad::PlayedPinpad::clear_faults).await
        }
        Counterparty::Module => {
            sandbox.world.fiscal().controls().clear_faults();
            Ok(())
        }
    }
}

const fn wallet_rule(
    fault: CommonFault,
    calls: FaultyCalls,
    times: Option<u64>,
) -> WalletFaultRule {
    let fault = match fault {
        CommonFault::Refuse => WalletFault::Refuse { code: None },
        CommonFault::Delay => WalletFault::Delay { delay_ms: DELAY_MS },
        CommonFault::DropBefore => WalletFault::DropBefore,
        CommonFault::DropAfter => WalletFault::DropAfter,
        CommonFault::Failure => WalletFault::Http500,
        CommonFault::Garbled => WalletFault::BrokenJson,
        CommonFault::WrongAmount => WalletFault::WrongAmount,
        CommonFault::UnknownStatus => WalletFault::UnknownStatus,
        CommonFault::Twice => WalletFault::DuplicateAnswer,
        CommonFault::Hang => WalletFault::Hang,
    };
    let calls = match calls {
        FaultyCalls::Main => WalletCalls::Pay,
        FaultyCalls::Ask => WalletCalls::Ask,
        FaultyCalls::Reverse => WalletCalls::Reverse,
        FaultyCalls::Fiscal => WalletCalls::Fiscal,
        FaultyCalls::All => WalletCalls::All,
    };
    WalletFaultRule { fault, calls, times }
}

fn pinpad_rule(
    fault: CommonFault,
    calls: FaultyCalls,
    times: Option<u64>,
) -> Option<PinpadFaultRule> {
    let fault = match fault {
        CommonFault::Refuse => PinpadFault::Refuse { code: REFUSED.to_owned() },
        CommonFault::Delay => PinpadFault::Delay { delay_ms: DELAY_MS },
        CommonFault::DropBefore => PinpadFault::CrashBefore,
        CommonFault::DropAfter => PinpadFault::CrashAfter,
        CommonFault::Failure => PinpadFault::NoSlip,
        CommonFault::Garbled => PinpadFault::GarbageSlip,
        CommonFault::WrongAmount => PinpadFault::WrongAmount,
        CommonFault::UnknownStatus => PinpadFault::UnknownCode,
        CommonFault::Hang => PinpadFault::HangAfter,
        CommonFault::Twice => return None,
    };
    let calls = match calls {
        FaultyCalls::Main => PinpadCalls::Sale,
        FaultyCalls::Ask => PinpadCalls::Last,
        FaultyCalls::Reverse => PinpadCalls::Void,
        FaultyCalls::All => PinpadCalls::All,
        FaultyCalls::Fiscal => return None,
    };
    Some(PinpadFaultRule { fault, calls, times })
}

const fn fiscal_rule(
    fault: CommonFault,
    calls: FaultyCalls,
    times: Option<u64>,
) -> Option<FiscalFaultRule> {
    let fault = match fault {
        CommonFault::Refuse => FiscalFault::Refuse { code: None },
        CommonFault::Delay => FiscalFault::Delay { delay_ms: DELAY_MS },
        CommonFault::DropBefore => FiscalFault::DropBefore,
        CommonFault::DropAfter => FiscalFault::DropAfter,
        CommonFault::Failure => FiscalFault::Http500,
        CommonFault::Garbled => FiscalFault::BrokenJson,
        CommonFault::Hang => FiscalFault::Hang,
        CommonFault::WrongAmount | CommonFault::UnknownStatus | CommonFault::Twice => return None,
    };
    let calls = match calls {
        FaultyCalls::Main => FiscalCalls::Receipts,
        FaultyCalls::Ask => FiscalCalls::Questions,
        FaultyCalls::All => FiscalCalls::All,
        FaultyCalls::Reverse | FaultyCalls::Fiscal => return None,
    };
    Some(FiscalFaultRule { fault, calls, times })
}
