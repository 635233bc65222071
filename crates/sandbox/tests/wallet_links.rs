//! Both ends of the wallets over real sockets: the production links and the played wallets.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail at any step")]

use std::time::Duration;

use chorsu_connectors::click::{ClickLink, ClickSettings, answer};
use chorsu_connectors::http::{HttpClient, HttpSettings};
use chorsu_connectors::payme::{PaymeLink, PaymeSettings};
use chorsu_connectors::uzum::{UzumLink, UzumSettings};
use chorsu_connectors::wallet::{
    AskAnswer, AskRequest, FiscalAnswer, FiscalDelivery, PayAnswer, PayRequest, ReverseAnswer,
    ReverseRequest, SETTLED_AFTER, Till, TransactionRef, WalletError, WalletLink,
};
use chorsu_connectors::{Effect, Secret};
use chorsu_core::{Tiyin, Wallet};
use chorsu_sandbox::{
    Conduct, DEMO_CLICK, DEMO_PAYME, DEMO_UZUM, MemoryBook, Sandbox, SandboxClock, WalletFaultRule,
    issue_code,
};

struct Stage {
    sandbox: Sandbox,
    clock: SandboxClock,
    http: HttpClient,
}

impl Stage {
    async fn new() -> Self {
        let clock = SandboxClock::default();
        let sandbox = Sandbox::start(MemoryBook::default(), clock.reader()).await.unwrap();
        Self { sandbox, clock, http: HttpClient::new(HttpSettings::default()) }
    }

    fn link(&self, wallet: Wallet) -> WalletLink {
        let url = self.sandbox.wallets().base_url(wallet).parse().unwrap();
        let http = self.http.clone();
        match wallet {
            Wallet::Click => {
                let settings = ClickSettings {
                    base_url: url,
                    merchant_user_id: DEMO_CLICK.merchant_user_id.to_string(),
                    secret: Secret::new(DEMO_CLICK.secret_key),
                    service_id: DEMO_CLICK.service_id,
                    cashbox_code: None,
                    confirmation_mode: false,
                    not_found_after: SETTLED_AFTER,
                    not_found_code: answer::NOT_FOUND,
                };
                WalletLink::Click(ClickLink::new(http, settings))
            }
            Wallet::Payme => {
                let settings = PaymeSettings {
                    url,
                    merchant_id: DEMO_PAYME.merchant_id.to_string(),
                    key: Secret::new(DEMO_PAYME.key),
                    account_field: "document".into(),
                };
                WalletLink::Payme(PaymeLink::new(http, settings))
            }
            Wallet::Uzum => {
                let settings = UzumSettings {
                    base_url: url,
                    merchant_service_user_id: DEMO_UZUM.merchant_service_user_id.to_string(),
                    secret: Secret::new(DEMO_UZUM.secret),
                    service_id: DEMO_UZUM.service_id,
                    cashbox_code: Some("1".into()),
                    time_offset_ms: 0,
                };
                WalletLink::Uzum(UzumLink::new(http, settings))
            }
        }
    }

    fn arm(&self, wallet: Wallet, rule: &str) {
        let rule: WalletFaultRule = serde_json::from_str(rule).unwrap();
        assert!(self.sandbox.wallets().controls(wallet).add_fault(rule));
    }

    async fn charges(&self, wallet: Wallet, pay: &PayRequest) -> usize {
        let wallets = self.sandbox.wallets();
        let transaction = wallets.transaction(wallet, pay.transaction.as_str()).await.unwrap();
        transaction.map_or(0, |transaction| transaction.charges)
    }
}

/// A prepared payment over 500 sum.
async fn prepared(link: &WalletLink, wallet: Wallet, conduct: Conduct, byte: u8) -> PayRequest {
    let mut pay = PayRequest {
        transaction: TransactionRef::new(format!("019c0000-0000-7000-8000-0000000000{byte:02x}"))
            .unwrap(),
        code: issue_code(wallet, conduct, [byte; 16]),
        amount: Tiyin::new(50_000).unwrap(),
        prepared: None,
        till: Till::default(),
    };
    pay.prepared = link.prepare(&pay).await.unwrap();
    pay
}

/// Asks until there is an answer, as if the payment were old.
async fn settled(link: &WalletLink, pay: &PayRequest) -> AskAnswer {
    let mut ask = AskRequest { payment: pay.clone(), payment_id: None, age: SETTLED_AFTER };
    for _ in 0..5 {
        match link.ask(&ask).await {
            Ok(AskAnswer::Pending { payment_id }) => ask.payment_id = payment_id,
            // Who asks does not mind which of the two it was.
            Ok(AskAnswer::PaidByAsking(payment)) => return AskAnswer::Paid(payment),
            Ok(answer) => return answer,
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("no answer: {ask:?}");
}

#[tokio::test]
async fn a_payment_its_fiscal_receipt_and_its_reversal() {
    let stage = Stage::new().await;
    for wallet in Wallet::ALL {
        let link = stage.link(wallet);
        let pay = prepared(&link, wallet, Conduct::Good, 1).await;
        let PayAnswer::Paid(payment) = link.pay(&pay).await.unwrap() else {
            panic!("{wallet:?}");
        };
        assert!(payment.phone.is_some_and(|phone| phone.starts_with("998")), "{wallet:?}");
        let AskAnswer::Paid(found) = settled(&link, &pay).await else { panic!("{wallet:?}") };
        assert_eq!(found.payment_id, payment.payment_id);
        let delivery = FiscalDelivery {
            payment_id: payment.payment_id.clone(),
            url: "https://ofd.soliq.uz/check?t=UZ1&r=2421&c=20230104121801&s=0".into(),
            terminal: None,
            receipt: 2_421,
            date: None,
            sign: None,
        };
        let (transaction, payment_id) = (pay.transaction.clone(), payment.payment_id);
        let reverse = ReverseRequest { transaction, payment_id };
        for _ in 0..2 {
            assert_eq!(link.deliver_fiscal(&delivery).await.unwrap(), FiscalAnswer::Delivered);
        }
        for _ in 0..2 {
            let answer = link.reverse(&reverse).await.unwrap();
            assert_ne!(stage.charges(wallet, &pay).await, 1);
            // Payme keeps a cancellation in its queue for a moment.
            assert!(answer == ReverseAnswer::Reversed || wallet == Wallet::Payme, "{answer:?}");
            stage.clock.advance(1_000);
        }
        assert_eq!(link.reverse(&reverse).await.unwrap(), ReverseAnswer::Reversed);
        let totals = stage.sandbox.wallets().totals(wallet).await.unwrap();
        assert_eq!((totals.payments, totals.reversals, totals.net), (1, 1, 0));
        assert_eq!(totals.fiscal_delivered, 1);
    }
}

#[tokio::test]
async fn a_spoilt_answer_is_unknown_and_the_question_finds_the_payment() {
    let stage = Stage::new().await;
    let faults = [
        "http_500",
        "broken_json",
        "drop_after",
        "duplicate_answer",
        "wrong_amount",
        "unknown_status",
    ];
    for wallet in Wallet::ALL {
        let link = stage.link(wallet);
        for (byte, fault) in (1..).zip(faults) {
            let pay = prepared(&link, wallet, Conduct::Good, byte).await;
            stage.arm(wallet, &format!(r#"{{"fault":"{fault}","times":1}}"#));
            let lost = link.pay(&pay).await;
            let effect = lost.as_ref().err().map(WalletError::effect);
            assert_eq!(effect, Some(Effect::Unknown), "{wallet:?} {fault} {lost:?}");
            let answer = settled(&link, &pay).await;
            assert!(matches!(answer, AskAnswer::Paid(_)), "{wallet:?} {fault} {answer:?}");
            assert_eq!(stage.charges(wallet, &pay).await, 1, "{wallet:?} {fault}");
        }
    }
}

#[tokio::test]
async fn what_never_came_is_not_found_or_made_once() {
    let stage = Stage::new().await;
    for wallet in Wallet::ALL {
        let link = stage.link(wallet);
        for (byte, conduct) in [(1, Conduct::Good), (2, Conduct::LostBefore)] {
            let pay = prepared(&link, wallet, conduct, byte).await;
            if conduct == Conduct::Good {
                stage.arm(wallet, r#"{"fault":"drop_before","times":1}"#);
            }
            assert!(link.pay(&pay).await.is_err());
            assert_eq!(stage.charges(wallet, &pay).await, 0);
            let answer = settled(&link, &pay).await;
            let made = matches!(answer, AskAnswer::Paid(_));
            assert!(made || answer == AskAnswer::NotFound, "{wallet:?} {answer:?}");
            assert_eq!(stage.charges(wallet, &pay).await, usize::from(made), "{wallet:?}");
        }
    }
}

#[tokio::test]
async fn refusals_and_progress_end_in_the_truth() {
    let stage = Stage::new().await;
    let cases = [
        (Conduct::NoFunds, false),
        (Conduct::Expired, false),
        (Conduct::Blocked, false),
        (Conduct::SlowSuccess, true),
        (Conduct::SlowRefusal, false),
        (Conduct::LostAfter, true),
    ];
    for wallet in Wallet::ALL {
        let link = stage.link(wallet);
        for (byte, (conduct, paid)) in (1..).zip(cases) {
            let pay = prepared(&link, wallet, conduct, byte).await;
            let first = link.pay(&pay).await;
            assert!(!matches!(first, Ok(PayAnswer::Paid(_))), "{wallet:?} {conduct:?}");
            stage.clock.advance(5_000);
            if !matches!(first, Ok(PayAnswer::Refused(_))) {
                let answer = settled(&link, &pay).await;
                let is_paid = matches!(answer, AskAnswer::Paid(_));
                assert_eq!(is_paid, paid, "{wallet:?} {conduct:?} {first:?} {answer:?}");
            }
            let charges = stage.charges(wallet, &pay).await;
            assert_eq!(charges, usize::from(paid), "{wallet:?} {conduct:?}");
        }
    }
}

#[tokio::test]
async fn a_wallet_that_never_answers_is_unknown() {
    let mut stage = Stage::new().await;
    let call_timeout = Duration::from_millis(300);
    let settings = HttpSettings { call_timeout, ..HttpSettings::default() };
    stage.http = HttpClient::new(settings);
    for wallet in Wallet::ALL {
        let link = stage.link(wallet);
        let pay = prepared(&link, wallet, Conduct::Good, 1).await;
        stage.arm(wallet, r#"{"fault":"hang","times":1}"#);
        assert_eq!(link.pay(&pay).await.unwrap_err().effect(), Effect::Unknown);
        assert!(matches!(settled(&link, &pay).await, AskAnswer::Paid(_)), "{wallet:?}");
        assert_eq!(stage.charges(wallet, &pay).await, 1);
    }
}
