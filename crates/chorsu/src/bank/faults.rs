//! What the played bank does wrong when it is told to: by the last digits of the receiver's account
//! or by rules, both in sandbox mode only.

use std::sync::atomic::{AtomicU64, Ordering};

use chorsu_api::bank::Method;
use chorsu_core::bank::BankCode;
use chorsu_sandbox::{Controls, Rule};
use chorsu_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

use super::settings::SETTLE_AFTER_MS_MAX;

/// The setting that keeps how long the played bank takes.
const SETTLE_SETTING: &str = "sandbox_bank_settle_after_ms";
/// The longest delay of a call, in milliseconds.
const DELAY_MS_MAX: u64 = 60_000;

/// How the played bank spoils the answer to an order that it has accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoiled {
    /// The answer is another code.
    Code(BankCode),
    /// The answer never comes.
    Hangs,
    /// The answer is cut off in its middle.
    Broken,
    /// The connection is closed instead.
    Dropped,
    /// The answer is HTTP status 500 with a page that says nothing.
    Http500,
    /// The order's status is a word that is not documented.
    UnknownStatus,
    /// The answer stands there twice.
    Twice,
}

/// What the last four digits of the receiver's account mean in the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suffix {
    /// The order is not created; this is the code.
    Refused(BankCode),
    /// The order is accepted, and its answer is spoiled.
    Spoiled(Spoiled),
    /// The order is accepted and stays `Введен`.
    Stays,
    /// The order is accepted and ends `Удален`.
    Deleted,
}

impl Suffix {
    /// The meaning of an account's last four digits, if they have one.
    pub(crate) fn of(account: &str) -> Option<Self> {
        let digits = account.get(account.len().checked_sub(4)?..)?;
        Some(match digits {
            "0013" => Self::Refused(BankCode::AccountNotFound),
            "0014" => Self::Refused(BankCode::BankNotInSystem),
            "1017" => Self::Refused(BankCode::FieldMissing),
            "3333" => Self::Refused(BankCode::DateBeforeOperatingDay),
            "1008" => Self::Refused(BankCode::NotRecorded),
            "2222" => Self::Refused(BankCode::CriticalError),
            "1111" => Self::Spoiled(Spoiled::Code(BankCode::SystemError)),
            "9999" => Self::Spoiled(Spoiled::Hangs),
            "8888" => Self::Spoiled(Spoiled::Broken),
            "7777" => Self::Stays,
            "6666" => Self::Deleted,
            _ => return None,
        })
    }
}

/// What a rule makes go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub(crate) enum BankFault {
    /// Nothing is done, and the answer is this code.
    Refuse {
        /// One of the documented codes.
        code: u16,
    },
    /// Nothing is done, and the answer is HTTP status 503.
    Unavailable,
    /// It is done, and the answer is this code.
    CodeAfterEffect {
        /// One of the documented codes.
        code: u16,
    },
    /// It is done, and the answer never comes.
    Hang,
    /// It is done, and the answer is cut off in its middle.
    BrokenAnswer,
    /// Nothing is done, and the connection is closed.
    DropBefore,
    /// It is done, and the connection is closed.
    DropAfter,
    /// It is done after this time.
    Delay {
        /// Milliseconds.
        delay_ms: u64,
    },
    /// It is done, and the answer is HTTP status 500.
    #[serde(rename = "http_500")]
    Http500,
    /// It is done, and the order's status is a word that is not documented.
    UnknownStatus,
    /// It is done, and the answer stands there twice.
    DuplicateAnswer,
    /// The next order whose time has come ends `Удален`.
    Delete,
}

impl BankFault {
    /// Whether its code is one of the documented ones, and its delay not too long.
    pub(crate) fn is_sound(self) -> bool {
        match self {
            Self::Refuse { code } | Self::CodeAfterEffect { code } => code_of(code).is_some(),
            Self::Delay { delay_ms } => delay_ms <= DELAY_MS_MAX,
            _ => true,
        }
    }

    /// The code of a request that is turned away before anything is done.
    pub(crate) fn refusal(self) -> Option<BankCode> {
        match self {
            Self::Refuse { code } => code_of(code),
            _ => None,
        }
    }

    /// How it spoils the answer to what was done.
    pub(crate) fn spoiled(self) -> Option<Spoiled> {
        match self {
            Self::CodeAfterEffect { code } => code_of(code).map(Spoiled::Code),
            Self::Hang => Some(Spoiled::Hangs),
            Self::BrokenAnswer => Some(Spoiled::Broken),
            Self::DropAfter => Some(Spoiled::Dropped),
            Self::Http500 => Some(Spoiled::Http500),
            Self::UnknownStatus => Some(Spoiled::UnknownStatus),
            Self::DuplicateAnswer => Some(Spoiled::Twice),
            Self::Refuse { .. }
            | Self::Unavailable
            | Self::DropBefore
            | Self::Delay { .. }
            | Self::Delete => None,
        }
    }
}

fn code_of(number: u16) -> Option<BankCode> {
    BankCode::from_number(i64::from(number))
}

/// Which calls a rule is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BankCalls {
    /// Both methods that create orders.
    #[default]
    Orders,
    /// The question where an order stands.
    Status,
    /// Services, balance and statement.
    Reads,
    /// All of them.
    All,
}

impl BankCalls {
    const fn include(self, method: Method) -> bool {
        match self {
            Self::All => true,
            Self::Orders => matches!(method, Method::Payment | Method::PaymentBudget),
            Self::Status => matches!(method, Method::Status),
            Self::Reads => {
                matches!(method, Method::Services | Method::Balance | Method::Payments)
            }
        }
    }
}

/// A fault and the calls it befalls.
pub(crate) type BankFaultRule = Rule<BankFault, BankCalls>;

/// Delay and faults of the played bank, changeable while it runs. The delay is shared by all
/// processes of a database, the rules are this process's own.
pub(crate) struct BankControls {
    settle_after_ms: AtomicU64,
    /// What the configuration says, until the sandbox says something else.
    configured_ms: u64,
    rules: Controls<BankFault, BankCalls>,
}

impl BankControls {
    /// The controls with the delay that was set last, else `configured_ms`.
    pub(super) async fn open(store: &Store, configured_ms: u64) -> Result<Self, StoreError> {
        let settle_after_ms = AtomicU64::new(configured_ms);
        let controls = Self { settle_after_ms, configured_ms, rules: Controls::default() };
        controls.follow(store).await?;
        Ok(controls)
    }

    /// Reads the delay again, as another process may have changed it.
    pub(super) async fn follow(&self, store: &Store) -> Result<(), StoreError> {
        let stored = store.setting(SETTLE_SETTING).await?;
        let stored = stored.and_then(|text| text.parse().ok()).unwrap_or(self.configured_ms);
        self.settle_after_ms.store(stored, Ordering::Relaxed);
        Ok(())
    }

    /// How many milliseconds an order waits before it is carried out.
    pub(crate) fn settle_after_ms(&self) -> i64 {
        i64::try_from(self.settle_after_ms.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// Changes the delay, for orders accepted from now on; `false` when it is too long.
    pub(crate) async fn set_settle_after_ms(
        &self,
        store: &Store,
        ms: u64,
    ) -> Result<bool, StoreError> {
        if ms > SETTLE_AFTER_MS_MAX {
            return Ok(false);
        }
        store.put_setting(SETTLE_SETTING, ms.to_string()).await?;
        self.settle_after_ms.store(ms, Ordering::Relaxed);
        Ok(true)
    }

    /// The rules that hold, the first to be applied first.
    pub(crate) fn faults(&self) -> Vec<BankFaultRule> {
        self.rules.faults()
    }

    /// Adds a rule behind the others; `false` when there are 64 already.
    pub(crate) fn add_fault(&self, rule: BankFaultRule) -> bool {
        self.rules.add_fault(rule)
    }

    /// Removes all rules.
    pub(crate) fn clear_faults(&self) {
        self.rules.clear_faults();
    }

    /// The fault that befalls a call of `method`, counted off its rule.
    pub(crate) fn befall(&self, method: Method) -> Option<BankFault> {
        self.rules.befall(|rule| rule.fault != BankFault::Delete && rule.calls.include(method))
    }

    /// Whether the next order to be carried out is deleted instead, counted off its rule.
    pub(super) fn deletes_next(&self) -> bool {
        self.rules.befall(|rule| rule.fault == BankFault::Delete).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_accounts_are_harmless_and_endings_have_their_meaning() {
        for account in ["29801000990248844444", "29801000599024884444", "16103000900000401001"] {
            assert_eq!(Suffix::of(account), None, "{account}");
        }
        let refusals = [
            ("0013", 1013),
            ("0014", 1014),
            ("1017", 1017),
            ("3333", 3333),
            ("1008", 1008),
            ("2222", 2222),
        ];
        for (ending, code) in refusals {
            let Some(Suffix::Refused(found)) = Suffix::of(&format!("2020800090000000{ending}"))
            else {
                panic!("{ending} is not refused");
            };
            assert_eq!(found.number(), code, "{ending}");
        }
        assert_eq!(Suffix::of("77"), None);
    }

    #[test]
    fn rules_are_counted_down_and_kept_apart() {
        let controls = BankControls {
            settle_after_ms: AtomicU64::new(0),
            configured_ms: 0,
            rules: Controls::default(),
        };
        let rule = |json| serde_json::from_str::<BankFaultRule>(json).unwrap();
        controls.add_fault(rule(r#"{"fault":"delete","times":1}"#));
        controls.add_fault(rule(r#"{"fault":"refuse","code":2222,"times":2}"#));
        controls.add_fault(rule(r#"{"fault":"hang","calls":"status"}"#));
        assert_eq!(controls.befall(Method::Balance), None);
        let refuse = Some(BankFault::Refuse { code: 2222 });
        let orders = [Method::Payment, Method::PaymentBudget, Method::Payment];
        assert_eq!(orders.map(|method| controls.befall(method)), [refuse, refuse, None]);
        assert_eq!([(); 2].map(|()| controls.befall(Method::Status)), [Some(BankFault::Hang); 2]);
        assert_eq!([(); 2].map(|()| controls.deletes_next()), [true, false]);
        controls.clear_faults();
        assert!(controls.faults().is_empty());
        assert!(!BankFault::Refuse { code: 1012 }.is_sound());
        assert!(!BankFault::Delay { delay_ms: 60_001 }.is_sound());
        for (name, fault) in [
            ("drop_before", BankFault::DropBefore),
            ("drop_after", BankFault::DropAfter),
            ("http_500", BankFault::Http500),
            ("unknown_status", BankFault::UnknownStatus),
            ("duplicate_answer", BankFault::DuplicateAnswer),
        ] {
            let json = serde_json::json!({ "fault": name });
            assert_eq!(serde_json::from_value::<BankFaultRule>(json).unwrap().fault, fault);
        }
    }
}
