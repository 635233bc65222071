//! The program's arguments.

use chorsu_connectors::pinpad::Rrn;
use chorsu_core::Tiyin;

/// Uzbek sums, by their number in ISO 4217.
const CURRENCY: &str = "860";

/// What a run is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Take a payment.
    Sale(Tiyin),
    /// Take back a payment.
    Void(Tiyin, Rrn),
    /// Print the totals and close the shift.
    Reconcile,
    /// Print the totals.
    ShortReport,
    /// Print the last slip.
    PrintLast,
}

/// The order in `arguments`; `None` when they are not one.
pub(super) fn parse(arguments: &[String]) -> Option<Order> {
    let (mut code, mut amount, mut rrn, mut currency) = (None, None, None, None);
    for argument in arguments {
        let rest = argument.strip_prefix('/')?;
        let (flag, value) = rest.split_at_checked(1)?;
        let place = match flag {
            "o" => &mut code,
            "a" => &mut amount,
            "r" => &mut rrn,
            "c" => &mut currency,
            _ => return None,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    let money = || {
        let digits = amount.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
        let amount = digits.parse().ok().and_then(Tiyin::new)?;
        (currency == Some(CURRENCY) && amount > Tiyin::ZERO).then_some(amount)
    };
    let alone = |order| (amount.is_none() && rrn.is_none()).then_some(order);
    match code? {
        "1" if rrn.is_none() => Some(Order::Sale(money()?)),
        "4" => Some(Order::Void(money()?, Rrn::parse(rrn?)?)),
        "98" => alone(Order::Reconcile),
        "97" => alone(Order::ShortReport),
        "96" => alone(Order::PrintLast),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_meant_is_understood() {
        let rrn = Rrn::parse("231511584547").unwrap();
        let amount = Tiyin::new(50_000).unwrap();
        let cases = [
            ("/o1 /a50000 /c860", Some(Order::Sale(amount))),
            ("/c860 /a50000 /o1", Some(Order::Sale(amount))),
            ("/o4 /a50000 /c860 /r231511584547", Some(Order::Void(amount, rrn))),
            ("/o98", Some(Order::Reconcile)),
            ("/o97", Some(Order::ShortReport)),
            ("/o96", Some(Order::PrintLast)),
            ("/o1 /a0 /c860", None),
            ("/o1 /a-5 /c860", None),
            ("/o1 /a+5 /c860", None),
            ("/o1 /a50000", None),
            ("/o1 /a50000 /c840", None),
            ("/o1 /a5 /a5 /c860", None),
            ("/o4 /a50000 /c860", None),
            ("/o98 /a5", None),
            ("/o2", None),
            ("o98", None),
            ("/", None),
            ("/я", None),
            ("", None),
        ];
        for (text, want) in cases {
            let arguments: Vec<String> = text.split(' ').map(str::to_owned).collect();
            assert_eq!(parse(&arguments), want, "{text}");
        }
    }
}
