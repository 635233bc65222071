//! The wallets' customers: whoever a scanned QR code belongs to, and how codes are made.
//!
//! A customer exists as soon as a code of the right form is shown, has enough money, and pays once
//! with each code. The last three digits of a code choose another conduct, see [`Conduct`].

use chorsu_core::Wallet;
use sha2::{Digest, Sha256};

/// The codes of the till API's examples: good customers of every wallet.
const EXAMPLES: [&str; 2] = ["880101698207133392", "50501010793410469483"];
/// The phone in the till API's examples.
const EXAMPLE_PHONE: &str = "998946532140";
/// The shortest code that Uzum takes whatever it looks like.
const UZUM_LENGTH: usize = 40;
/// How Uzum's codes begin.
const UZUM_PREFIX: &str = "7993:";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How a customer behaves, by the last three digits of the code (at Uzum: the three characters
/// before the padding `=`). Other endings are [`Conduct::Good`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conduct {
    /// Pays at once.
    #[default]
    Good,
    /// `001`: has too little money.
    NoFunds,
    /// `002`: shows a code whose time is over.
    Expired,
    /// `003`: is blocked.
    Blocked,
    /// `004`: pays at once, and the answer comes three seconds later.
    Slow,
    /// `005`: pays, and the connection is closed instead of the answer.
    LostAfter,
    /// `006`: at the first try the connection is closed and nothing happens; later tries are good.
    LostBefore,
    /// `007`: the payment is in progress for five seconds of the sandbox clock, then succeeds.
    SlowSuccess,
    /// `008`: the payment is in progress for five seconds of the sandbox clock, then is refused.
    SlowRefusal,
}

impl Conduct {
    /// All, for lists of them.
    pub const ALL: [Self; 9] = [
        Self::Good,
        Self::NoFunds,
        Self::Expired,
        Self::Blocked,
        Self::Slow,
        Self::LostAfter,
        Self::LostBefore,
        Self::SlowSuccess,
        Self::SlowRefusal,
    ];

    /// The ending of its codes; none for the good ones.
    #[must_use]
    pub const fn ending(self) -> Option<&'static str> {
        Some(match self {
            Self::Good => return None,
            Self::NoFunds => "001",
            Self::Expired => "002",
            Self::Blocked => "003",
            Self::Slow => "004",
            Self::LostAfter => "005",
            Self::LostBefore => "006",
            Self::SlowSuccess => "007",
            Self::SlowRefusal => "008",
        })
    }

    fn of(code: &str) -> Self {
        let code = code.trim_end_matches('=');
        let named = |conduct: &Self| conduct.ending().is_some_and(|ending| code.ends_with(ending));
        Self::ALL.into_iter().find(named).unwrap_or_default()
    }
}

/// SHA-256 of a code: what the book knows it by.
pub(super) type CodeTag = [u8; 32];

/// Whom a code belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Customer {
    pub(super) tag: CodeTag,
    pub(super) conduct: Conduct,
    is_example: bool,
}

impl Customer {
    /// The customer of `wallet` who shows `code`; `None` when it is not a code of this wallet.
    pub(super) fn of(wallet: Wallet, code: &str) -> Option<Self> {
        let is_example = EXAMPLES.contains(&code);
        if !is_example && !has_form(wallet, code) {
            return None;
        }
        let conduct = if is_example { Conduct::Good } else { Conduct::of(code) };
        Some(Self { tag: Sha256::digest(code).into(), conduct, is_example })
    }

    /// The customer's phone, 12 digits.
    pub(super) fn phone(&self) -> String {
        if self.is_example {
            return EXAMPLE_PHONE.to_owned();
        }
        let [a, b, c, d, ..] = self.tag;
        format!("99890{:07}", u32::from_be_bytes([a, b, c, d]) % 10_000_000)
    }
}

fn has_form(wallet: Wallet, code: &str) -> bool {
    let digits = |count: usize, prefix: &str| {
        code.len() == count && code.starts_with(prefix) && code.bytes().all(|b| b.is_ascii_digit())
    };
    match wallet {
        Wallet::Click => digits(18, "880"),
        Wallet::Payme => digits(20, "505"),
        Wallet::Uzum => code.starts_with(UZUM_PREFIX) || code.len() >= UZUM_LENGTH,
    }
}

/// A new code of a customer of `wallet` who behaves as `conduct` says. `random` makes it one that
/// nobody has used; equal bytes give equal codes.
#[must_use]
pub fn issue_code(wallet: Wallet, conduct: Conduct, random: [u8; 16]) -> String {
    let number = u128::from_be_bytes(random);
    // No good code ends like one of the others: theirs begin with a zero.
    let last = || conduct.ending().map_or_else(|| (100 + number % 900).to_string(), str::to_owned);
    match wallet {
        Wallet::Click => format!("880{:012}{}", number / 900 % 10_u128.pow(12), last()),
        Wallet::Payme => format!("505{:014}{}", number / 900 % 10_u128.pow(14), last()),
        Wallet::Uzum => {
            let ulid: String = (0..26)
                .rev()
                .map(|place| char::from(CROCKFORD[(number >> (5 * place)) as usize % 32]))
                .collect();
            let noise = Sha256::digest(random);
            let noise: String =
                noise[..20].iter().map(|byte| char::from(BASE64[usize::from(byte % 64)])).collect();
            let last = conduct.ending().unwrap_or("YbA");
            format!("{UZUM_PREFIX}5061401:{ulid}:{noise}{last}=")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issued_codes_have_the_form_and_the_conduct() {
        for wallet in Wallet::ALL {
            for conduct in Conduct::ALL {
                for byte in [0, 7, 0xab, 0xff] {
                    let code = issue_code(wallet, conduct, [byte; 16]);
                    let customer = Customer::of(wallet, &code).unwrap();
                    assert_eq!(customer.conduct, conduct, "{code}");
                    assert_eq!(customer.phone().len(), 12);
                    let others = Wallet::ALL.into_iter().filter(|other| *other != wallet);
                    for other in others {
                        assert!(Customer::of(other, &code).is_none() || code.len() >= UZUM_LENGTH);
                    }
                }
            }
        }
        let uzum = issue_code(Wallet::Uzum, Conduct::Good, [9; 16]);
        assert_eq!(uzum.split(':').map(str::len).collect::<Vec<_>>(), [4, 7, 26, 24]);
    }

    #[test]
    fn the_examples_are_good_everywhere_and_other_texts_nowhere() {
        for wallet in Wallet::ALL {
            for code in EXAMPLES {
                let customer = Customer::of(wallet, code).unwrap();
                assert_eq!(customer.conduct, Conduct::Good);
                assert_eq!(customer.phone(), EXAMPLE_PHONE);
            }
            for bad in ["", "880", "88010169820713339x", "5050101079341046948", "7993", "ёж"] {
                assert!(Customer::of(wallet, bad).is_none(), "{bad}");
            }
        }
    }
}
