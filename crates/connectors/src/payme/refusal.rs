//! What Payme's error codes mean for the call that was answered with them.

/// What an error says about the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It was not done.
    No,
    /// It may have been done, or may yet be: something behind Payme is down, or the receipt is in
    /// another state than expected.
    Unsettled,
}

/// The meaning of `code`; `None` for a code that no document names. Several codes have more than
/// one cause in the documents; such a code is as uncertain as its worst cause.
#[must_use]
pub const fn meaning(code: i64) -> Option<Meaning> {
    match code {
        // The call itself: its method, its form, its fields, who makes it.
        -32_300 | -32_500 | -32_504 | -32_600 | -32_601 | -32_602 | -32_700
        // The amount, the currency, the account, the merchant.
        | -31_099..=-31_050 | -31_601 | -31_610 | -31_611 | -31_612 | -31_613
        // The code or the card behind it.
        | -31_101 | -31_102 | -31_103 | -31_110 | -31_151 | -31_200 | -31_201
        | -31_300 | -31_301 | -31_302 | -31_303 | -31_400 | -31_630 | -31_640 | -31_650
        | -31_900 | -31_901
        // Payments are suspended.
        | -31_700
        // Not to be cancelled.
        | -31_007 | -31_800 => Some(Meaning::No),
        // Payme or the processing is down.
        -32_400 | -31_001 | -31_002 | -31_100 | -31_620 | -31_624
        // The merchant's billing is down or confused.
        | -31_622 | -31_623 | -31_625
        // Not found or paid already; not found; cannot be performed.
        | -31_602 | -31_003 | -31_008 => Some(Meaning::Unsettled),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_several_causes_is_as_uncertain_as_the_worst() {
        let cases = [
            (-31_400, Some(Meaning::No)),
            (-31_630, Some(Meaning::No)),
            (-31_050, Some(Meaning::No)),
            (-31_099, Some(Meaning::No)),
            (-31_602, Some(Meaning::Unsettled)),
            (-32_400, Some(Meaning::Unsettled)),
            (-31_100, Some(Meaning::Unsettled)),
            (-31_049, None),
            (0, None),
            (1, None),
        ];
        for (code, want) in cases {
            assert_eq!(meaning(code), want, "{code}");
        }
    }
}
