//! What a till is told when the fiscal module has not done what it was asked.
//!
//! The module's codes are those of its applet's generation. Tills know the codes of the earlier
//! one as they are, and those of applet 4 as the text of error 122.

use chorsu_api::till::{TillError, module_fault};
use chorsu_connectors::fiscal_module::ModuleRefusal;

use crate::till::TillFailure;

/// The codes of a service that cannot reach its module.
const OUT_OF_REACH: [u32; 2] = [65_533, 65_534];
/// JSON-RPC's own codes: the service has not understood the request.
const JSON_RPC: std::ops::RangeInclusive<i64> = -32_768..=-32_000;

/// What is kept of a refusal, and told: its code and name, and what else the module said.
#[must_use]
pub(in crate::till) fn refusal_text(refusal: &ModuleRefusal) -> String {
    let (text, said) = (refusal.to_string(), refusal.message.trim());
    if said.is_empty() || said == text { text } else { format!("{text}; {said}") }
}

/// The error for a failure around the fiscal module.
pub(crate) fn fiscal_error(failure: &TillFailure) -> TillError {
    match failure {
        TillFailure::NotConfigured => TillError::FiscalModuleNotInitialized,
        TillFailure::Module(refusal) => refused(&refusal_text(refusal)),
        TillFailure::Refused(text) => refused(text),
        TillFailure::ModuleSilent => TillError::SaveOrder(Some(
            "The order is being registered. Send it again to learn what became of it.".to_owned(),
        )),
        _ => TillError::Internal,
    }
}

/// The error for a refusal, as [`refusal_text`] has written it.
fn refused(text: &str) -> TillError {
    let code = text.split(' ').next().unwrap_or_default();
    let is_of_applet4 = code.len() == 4 && u16::from_str_radix(code, 16).is_ok();
    if is_of_applet4 {
        return TillError::Applet4(text.to_owned());
    }
    let said = || text.split_once("; ").map(|(_, said)| said.to_owned());
    match code.parse::<i64>() {
        Ok(code) if JSON_RPC.contains(&code) => TillError::Module(&module_fault::ARGUMENT, said()),
        Ok(code) => match u32::try_from(code) {
            Ok(code) if OUT_OF_REACH.contains(&code) => TillError::Billing,
            // Services disagree about which of two numbers this is.
            Ok(65_275) => TillError::Module(&module_fault::REFUND_VALUES, said()),
            Ok(code) => match module_fault::of_code(code) {
                Some(fault) => TillError::Module(fault, said()),
                None => TillError::SaveOrder(Some(text.to_owned())),
            },
            Err(_) => TillError::SaveOrder(Some(text.to_owned())),
        },
        Err(_) => TillError::SaveOrder(Some(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use chorsu_connectors::fiscal_module::Applet;

    use super::*;

    #[test]
    fn refusals_have_the_codes_tills_know() {
        let cases = [
            (Applet::V0400, 0x9021, "", 122, "9021 - ZREPORT_IS_NOT_OPENED"),
            (Applet::V0400, 0x90f0, "full", 122, "90F0 - MEMORY_FULL; full"),
            (Applet::V0400, 9_021, "", 122, "9021 - ZREPORT_IS_NOT_OPENED"),
            (Applet::V0400, 65_531, "", 65_531, "CANNOT_ENCODE_RECEIPT"),
            (Applet::V0400, 65_534, "", 104, "BILLING_ERROR"),
            (Applet::V0400, 65_279, "", 65_279, "FISCAL_MODULE_LOCKED"),
            (Applet::Earlier, 36_909, "", 36_909, "ZREPORT_IS_NOT_OPEN"),
            (Applet::Earlier, 36_914, "", 36_914, "NOT_ENOUGH_CARD_FOR_REFUND"),
            (Applet::Earlier, 65_275, "", 65_276, "WRONG_REFUND_INFO"),
            (Applet::Earlier, -32_602, "no", 65_532, "ILLEGAL_ARGUMENT"),
        ];
        for (applet, code, said, want, message) in cases {
            let refusal = ModuleRefusal::read(applet, code, said).unwrap();
            let text = refusal_text(&refusal);
            for failure in [TillFailure::Module(refusal), TillFailure::Refused(text.into())] {
                let error = fiscal_error(&failure);
                assert_eq!((error.code(), error.message().as_ref()), (want, message), "{code}");
            }
        }
    }

    #[test]
    fn what_else_can_happen_is_told_apart() {
        for (failure, code) in [
            (TillFailure::NotConfigured, 102),
            (TillFailure::ModuleSilent, 303),
            (TillFailure::Refused("lost its mind".into()), 303),
            (TillFailure::Internal, 103),
            (TillFailure::Busy, 103),
        ] {
            assert_eq!(fiscal_error(&failure).code(), code, "{failure}");
        }
    }
}
