//! What becomes of a merchant's money: a pure function from a rule and a sum to shares.

use chorsu_core::Tiyin;

use super::rule::{FeePayer, Rule};

/// A sum divided by a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Divided {
    /// What stays here.
    pub(crate) commission: Tiyin,
    /// What receivers get: the place of the rule's share, or none for the merchant's own account.
    pub(crate) shares: Vec<(Option<usize>, Tiyin)>,
}

/// Why a sum is not paid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooLittle {
    /// Nothing is owed.
    #[error("nothing is owed")]
    Nothing,
    /// Less than the rule asks for.
    #[error("it is less than the minimum")]
    BelowMinimum,
    /// Less than the shares and fees of the rule.
    #[error("it does not cover the shares and fees of the rule")]
    Uncovered,
}

/// Divides what a merchant is owed. Shares and the commission are parts of all of it; the merchant
/// gets the rest. A share of nothing is left out.
///
/// # Errors
/// [`TooLittle`] when nobody is paid.
pub(crate) fn divide(rule: &Rule, gross: Tiyin) -> Result<Divided, TooLittle> {
    use TooLittle::Uncovered;

    if gross == Tiyin::ZERO {
        return Err(TooLittle::Nothing);
    }
    if gross.get() < rule.minimum {
        return Err(TooLittle::BelowMinimum);
    }
    let commission = gross.share(rule.commission_ppm).ok_or(Uncovered)?;
    let fee = Tiyin::new(rule.bank_fee).ok_or(Uncovered)?;
    let (from_merchant, from_receiver) = match rule.fee_paid_by {
        FeePayer::Merchant => (fee, Tiyin::ZERO),
        FeePayer::Receivers => (Tiyin::ZERO, fee),
        FeePayer::Service => (Tiyin::ZERO, Tiyin::ZERO),
    };
    let mut rest = gross.checked_sub(commission).ok_or(Uncovered)?;
    let mut shares = Vec::with_capacity(rule.shares.len() + 1);
    for (place, share) in rule.shares.iter().enumerate() {
        let part = share.part.of(gross).ok_or(Uncovered)?;
        if part == Tiyin::ZERO {
            continue;
        }
        rest = rest.checked_sub(part).ok_or(Uncovered)?;
        rest = rest.checked_sub(from_merchant).ok_or(Uncovered)?;
        shares.push((Some(place), above_zero(part.checked_sub(from_receiver))?));
    }
    if rest > Tiyin::ZERO {
        let own = rest.checked_sub(from_merchant).and_then(|own| own.checked_sub(from_receiver));
        shares.push((None, above_zero(own)?));
    }
    Ok(Divided { commission, shares })
}

/// An order is of more than nothing.
fn above_zero(amount: Option<Tiyin>) -> Result<Tiyin, TooLittle> {
    amount.filter(|amount| *amount > Tiyin::ZERO).ok_or(TooLittle::Uncovered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settlement::payee::{Part, Payee};
    use crate::settlement::rule::Split;

    /// Two percent stay; 1,000 tiyin go to one and 10 % to another.
    fn rule(fee_paid_by: FeePayer) -> Rule {
        let text = r#"{"service":33,"merchant":{"account":"1"}}"#;
        let split = |part| Split { part, to: Payee::default() };
        Rule {
            minimum: 1_000,
            commission_ppm: 20_000,
            bank_fee: 50,
            fee_paid_by,
            shares: vec![split(Part::Fixed(1_000)), split(Part::Ppm(100_000))],
            ..Rule::from_json(text.as_bytes()).unwrap()
        }
    }

    fn divided(rule: &Rule, gross: i64) -> Result<(i64, Vec<i64>), TooLittle> {
        let divided = divide(rule, Tiyin::new(gross).unwrap())?;
        let amounts = divided.shares.iter().map(|(_, amount)| amount.get()).collect();
        Ok((divided.commission.get(), amounts))
    }

    #[test]
    fn whoever_pays_the_fee_everything_is_divided() {
        let cases = [
            (FeePayer::Merchant, vec![1_000, 10_000, 86_850], 150),
            (FeePayer::Receivers, vec![950, 9_950, 86_950], 150),
            (FeePayer::Service, vec![1_000, 10_000, 87_000], 0),
        ];
        for (payer, want, fees) in cases {
            let (commission, shares) = divided(&rule(payer), 100_000).unwrap();
            assert_eq!((commission, &shares), (2_000, &want), "{payer:?}");
            assert_eq!(commission + shares.iter().sum::<i64>() + fees, 100_000);
        }
    }

    #[test]
    fn too_little_is_not_paid_out() {
        let rule = rule(FeePayer::Merchant);
        let cases = [
            (0, Err(TooLittle::Nothing)),
            (999, Err(TooLittle::BelowMinimum)),
            (1_249, Err(TooLittle::Uncovered)),
            (1_250, Ok((25, vec![1_000, 125]))),
            (1_306, Err(TooLittle::Uncovered)),
            (1_307, Ok((26, vec![1_000, 130, 1]))),
        ];
        for (gross, want) in cases {
            assert_eq!(divided(&rule, gross), want, "{gross}");
        }
    }

    #[test]
    fn the_largest_sum_is_divided_without_a_remainder() {
        let rule = Rule { bank_fee: 0, ..rule(FeePayer::Merchant) };
        let (commission, shares) = divided(&rule, i64::MAX).unwrap();
        let total: i128 = shares.iter().chain([&commission]).map(|n| i128::from(*n)).sum();
        assert_eq!(total, i128::from(i64::MAX));
    }
}
