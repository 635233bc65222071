//! Both ends of the fiscal module over real sockets: the production link and the played modules.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail at any step")]

use std::time::Duration;

use chorsu_connectors::Effect;
use chorsu_connectors::fiscal_module::{
    Applet, FiscalModule, FiscalModuleSettings, Item, LocalTime, ModuleError, Receipt,
    ReceiptOperation, ReceiptType, RefundInfo, Refusal, Registered,
};
use chorsu_connectors::http::{HttpClient, HttpSettings};
use chorsu_core::time::{DAY_MS, SECOND_MS};
use chorsu_core::{Tiyin, UnixMillis};
use chorsu_sandbox::fiscal_module::{
    FiscalCalls, FiscalFault, FiscalFaultRule, FiscalLimits, FiscalModuleChange, FiscalWorld,
};
use chorsu_sandbox::{Keeper, MemoryBook, SandboxClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const TILL: &str = "till-1";

struct Stage {
    book: MemoryBook,
    clock: SandboxClock,
    limits: FiscalLimits,
    world: FiscalWorld,
    start: UnixMillis,
}

impl Stage {
    async fn new() -> Self {
        Self::with(FiscalLimits::default()).await
    }

    async fn with(limits: FiscalLimits) -> Self {
        let (book, clock) = (MemoryBook::default(), SandboxClock::default());
        let world = world(&book, &clock, limits).await;
        let start = clock.now();
        Self { book, clock, limits, world, start }
    }

    /// A second of this stage's time.
    fn at(&self, second: i64) -> LocalTime {
        LocalTime::at(self.start.plus(second * SECOND_MS)).unwrap()
    }

    fn link(&self, factory_id: &str) -> FiscalModule {
        self.link_with(factory_id, Applet::V0400, Duration::from_secs(15))
    }

    fn link_with(&self, factory_id: &str, applet: Applet, call_timeout: Duration) -> FiscalModule {
        let http = HttpClient::new(HttpSettings { call_timeout, ..HttpSettings::default() });
        let url = self.world.base_url().parse().unwrap();
        FiscalModule::new(http, FiscalModuleSettings { url, factory_id: factory_id.into(), applet })
    }

    /// A link to a module whose shift was opened at second 0.
    async fn opened(&self) -> FiscalModule {
        let link = self.link(TILL);
        link.open_z_report(self.at(0)).await.unwrap();
        link
    }

    async fn change(&self, change: FiscalModuleChange) {
        self.world.change(TILL, change).await.unwrap().unwrap();
    }

    fn fault(&self, fault: FiscalFault) {
        let rule = FiscalFaultRule { fault, calls: FiscalCalls::All, times: Some(1) };
        assert!(self.world.controls().add_fault(rule));
    }

    /// A sale of `card` tiyin at `second`, whose TXID is both.
    fn sale(&self, second: i64, card: i64) -> Receipt {
        Receipt {
            txid: format!("tx-{second}-{card}"),
            time: self.at(second),
            received_cash: Tiyin::ZERO,
            received_card: tiyin(card),
            kind: ReceiptType::Purchase,
            operation: ReceiptOperation::Sale,
            location: None,
            items: vec![Item {
                name: "Non".into(),
                barcode: String::new(),
                label: String::new(),
                spic: "01905001001000000".into(),
                units: 0,
                package_code: String::new(),
                owner_type: 0,
                amount: 1_000,
                price: tiyin(card),
                discount: Tiyin::ZERO,
                other: Tiyin::ZERO,
                vat_percent: 12,
                vat: tiyin(card * 12 / 112),
                commission_info: None,
            }],
            extra_info: None,
            refund_info: None,
        }
    }

    fn refund(&self, second: i64, card: i64, original: &Registered) -> Receipt {
        Receipt {
            operation: ReceiptOperation::Refund,
            refund_info: Some(RefundInfo {
                terminal_id: original.terminal_id.clone(),
                receipt_seq: original.receipt_seq.to_string(),
                date_time: original.date_time.compact(),
                fiscal_sign: original.fiscal_sign.clone().unwrap(),
            }),
            ..self.sale(second, card)
        }
    }
}

async fn world(book: &MemoryBook, clock: &SandboxClock, limits: FiscalLimits) -> FiscalWorld {
    let keeper = Keeper::start(book.clone(), clock.reader()).unwrap();
    FiscalWorld::start(keeper, clock.reader(), limits).await.unwrap()
}

fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, ModuleError>) -> Refusal {
    match result {
        Err(ModuleError::Refused(refusal)) => refusal.refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_shift_is_opened_filled_and_closed() {
    let stage = Stage::new().await;
    let link = stage.link(TILL);
    assert_eq!(refused(link.z_report(0).await), Refusal::BadIndex);
    assert_eq!(refused(link.last_registered_receipt().await), Refusal::NotFound);
    assert_eq!(refused(link.register(&stage.sale(0, 500)).await), Refusal::ShiftNotOpen);
    assert_eq!(refused(link.close_z_report(stage.at(0)).await), Refusal::ShiftNotOpen);
    link.open_z_report(stage.at(0)).await.unwrap();
    assert_eq!(refused(link.open_z_report(stage.at(1)).await), Refusal::ShiftAlreadyOpen);
    assert_eq!(refused(link.close_z_report(stage.at(1)).await), Refusal::ShiftEmpty);

    let first = link.register(&stage.sale(1, 112_000)).await.unwrap();
    let mut cash = stage.sale(2, 56_000);
    (cash.received_cash, cash.received_card) = (tiyin(56_000), Tiyin::ZERO);
    let second = link.register(&cash).await.unwrap();
    assert_eq!((first.receipt_seq, second.receipt_seq), (1, 2));
    let (sign, url) = (first.fiscal_sign.clone().unwrap(), first.qr_code_url.clone().unwrap());
    let time = stage.at(1).compact();
    let want = format!("https://ofd.soliq.uz/check?t={}&r=1&c={time}&s={sign}", first.terminal_id);
    assert_eq!((url, sign.len()), (want, 12));
    assert_eq!(link.last_registered_receipt().await.unwrap().registered, second);
    let refund = link.register(&stage.refund(3, 112_000, &first)).await.unwrap();
    assert_eq!(refund.receipt_seq, 3);

    let shift = link.z_report(0).await.unwrap();
    assert_eq!(
        (shift.number, shift.count, shift.opened, shift.closed),
        (1, 1, Some(stage.at(0)), None)
    );
    assert_eq!((shift.first_receipt_seq, shift.last_receipt_seq), (Some(1), Some(3)));
    let sums = |totals: chorsu_connectors::fiscal_module::ShiftTotals| {
        (totals.cash.get(), totals.card.get(), totals.vat.get(), totals.count)
    };
    assert_eq!(sums(shift.sale), (56_000, 112_000, 18_000, 2));
    assert_eq!(sums(shift.refund), (0, 112_000, 12_000, 1));

    link.close_z_report(stage.at(4)).await.unwrap();
    assert_eq!(refused(link.close_z_report(stage.at(5)).await), Refusal::ShiftAlreadyClosed);
    assert_eq!(refused(link.register(&stage.sale(5, 1)).await), Refusal::ShiftNotOpen);
    link.open_z_report(stage.at(5)).await.unwrap();
    assert_eq!(link.z_report(0).await.unwrap().first_receipt_seq, None);
    assert_eq!(link.z_report(1).await.unwrap().closed, Some(stage.at(4)));
    assert_eq!(refused(link.z_report(2).await), Refusal::BadIndex);
    let info = link.info().await.unwrap();
    assert_eq!((info.current_receipt_seq, info.receipt_count, info.z_report_count), (3, 0, 2));
    assert_eq!(
        (info.applet_version.as_str(), info.last_operation_time),
        ("0400", Some(stage.at(5)))
    );
}

#[tokio::test]
async fn a_txid_is_registered_once_whatever_happens_to_the_answers() {
    let stage = Stage::new().await;
    stage.opened().await;
    let link = stage.link_with(TILL, Applet::V0400, Duration::from_millis(300));
    let done = [
        FiscalFault::Delay { delay_ms: 60_000 },
        FiscalFault::Http500,
        FiscalFault::BrokenJson,
        FiscalFault::DropAfter,
        FiscalFault::Hang,
    ];
    for (second, fault) in (1..).zip(done) {
        let receipt = stage.sale(second, 700);
        stage.fault(fault);
        let error = link.register(&receipt).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown, "{fault:?}: {error:?}");
        let again = link.register(&receipt).await.unwrap();
        assert_eq!(again.receipt_seq, u64::try_from(second).unwrap(), "{fault:?}");
        assert_eq!(link.register(&receipt).await.unwrap(), again);
    }
    stage.fault(FiscalFault::DropBefore);
    let receipt = stage.sale(6, 700);
    assert_eq!(link.register(&receipt).await.unwrap_err().effect(), Effect::Unknown);
    assert_eq!(link.info().await.unwrap().current_receipt_seq, 5);
    stage.fault(FiscalFault::Refuse { code: None });
    assert_eq!(refused(link.register(&receipt).await), Refusal::Locked);
    stage.fault(FiscalFault::Refuse { code: Some(-32_603) });
    assert_eq!(link.register(&receipt).await.unwrap_err().effect(), Effect::Unknown);
    link.register(&receipt).await.unwrap();
    // Even when the shift is closed, what is registered stays so.
    link.close_z_report(stage.at(7)).await.unwrap();
    assert_eq!(link.register(&receipt).await.unwrap().receipt_seq, 6);
    assert_eq!(stage.world.module(TILL).await.unwrap().unwrap().sold.card, 4_200);
}

#[tokio::test]
async fn refunds_give_back_what_was_sold_and_no_more() {
    let stage = Stage::new().await;
    let link = stage.opened().await;
    let sold = link.register(&stage.sale(1, 1_000)).await.unwrap();
    let good = stage.refund(2, 1_000, &sold);
    let spoil = |change: &dyn Fn(&mut RefundInfo)| {
        let mut refund = good.clone();
        change(refund.refund_info.as_mut().unwrap());
        refund
    };
    let bad = [
        Receipt { refund_info: None, ..good.clone() },
        spoil(&|info| info.fiscal_sign = "000000000000".into()),
        spoil(&|info| info.receipt_seq = "2".into()),
        spoil(&|info| info.receipt_seq = "x".into()),
        spoil(&|info| info.date_time = "20200101000000".into()),
        spoil(&|info| info.terminal_id = "ZZ000000000000".into()),
    ];
    for refund in bad {
        assert_eq!(refused(link.register(&refund).await), Refusal::BadOriginal, "{refund:?}");
    }
    let too_much = stage.refund(2, 1_001, &sold);
    assert_eq!(refused(link.register(&too_much).await), Refusal::NotEnoughForRefund);
    let mut vat = stage.refund(2, 1_000, &sold);
    vat.items[0].vat = tiyin(108);
    assert_eq!(refused(link.register(&vat).await), Refusal::NotEnoughVatForRefund);
    let mut cash = stage.refund(2, 1_000, &sold);
    (cash.received_cash, cash.received_card) = (tiyin(1_000), Tiyin::ZERO);
    assert_eq!(refused(link.register(&cash).await), Refusal::NotEnoughForRefund);
    let given = link.register(&good).await.unwrap();
    // What was given back is no sale that could be given back again.
    link.register(&stage.sale(3, 5_000)).await.unwrap();
    let twice = stage.refund(4, 1_000, &given);
    assert_eq!(refused(link.register(&twice).await), Refusal::BadOriginal);

    // Another till may give back what this one sold, as long as it sold as much itself.
    let other = stage.link("till-2");
    other.open_z_report(stage.at(0)).await.unwrap();
    let elsewhere = stage.refund(5, 1_000, &sold);
    assert_eq!(refused(other.register(&elsewhere).await), Refusal::NotEnoughForRefund);
    other.register(&stage.sale(5, 1_000)).await.unwrap();
    let elsewhere = Receipt { time: stage.at(6), ..elsewhere };
    other.register(&Receipt { txid: "other".into(), ..elsewhere }).await.unwrap();
}

#[tokio::test]
async fn advances_and_credits_get_a_number_and_no_sign() {
    let stage = Stage::new().await;
    let link = stage.opened().await;
    for (second, kind) in [(1, ReceiptType::Advance), (2, ReceiptType::Credit)] {
        let receipt = Receipt { kind, ..stage.sale(second, 500) };
        let registered = link.register(&receipt).await.unwrap();
        assert_eq!((registered.fiscal_sign, registered.qr_code_url), (None, None));
    }
    assert_eq!(link.z_report(0).await.unwrap().sale.count, 0);
    link.close_z_report(stage.at(3)).await.unwrap();
    let rows = stage.world.receipts(TILL, 10).await.unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| (row.kind, row.seq, row.acknowledged)).collect();
    assert_eq!(kinds, [("credit", 2, true), ("advance", 1, true)]);
}

#[tokio::test]
async fn a_module_keeps_its_order_in_time() {
    let stage = Stage::new().await;
    let link = stage.opened().await;
    assert_eq!(refused(link.register(&stage.sale(0, 5)).await), Refusal::TimeInPast);
    link.register(&stage.sale(1, 5)).await.unwrap();
    for second in [1, 0, -100] {
        let receipt = stage.sale(second, 6);
        assert_eq!(refused(link.register(&receipt).await), Refusal::TimeInPast, "{second}");
        assert_eq!(refused(link.close_z_report(stage.at(second)).await), Refusal::TimeInPast);
    }
    let three_days = 3 * DAY_MS / SECOND_MS;
    let ahead = stage.sale(three_days, 6);
    assert_eq!(refused(link.register(&ahead).await), Refusal::ClockAhead);
    stage.clock.advance(3 * DAY_MS);
    link.register(&ahead).await.unwrap();
    // Without the tax committee, the module cannot tell whether the clock is right.
    stage.change(FiscalModuleChange { ofd_stopped: Some(true), ..Default::default() }).await;
    stage.clock.advance(3 * DAY_MS);
    let later = stage.sale(2 * three_days, 6);
    assert_eq!(refused(link.register(&later).await), Refusal::ClockAhead);
    stage.change(FiscalModuleChange { ofd_stopped: Some(false), ..Default::default() }).await;
    link.register(&later).await.unwrap();
}

#[tokio::test]
async fn receipts_that_nobody_takes_fill_the_module() {
    let limits = FiscalLimits { unsent_receipts: 3, shifts: 2, shift_receipts: 5 };
    let stage = Stage::with(limits).await;
    let link = stage.opened().await;
    stage.change(FiscalModuleChange { ofd_stopped: Some(true), ..Default::default() }).await;
    for second in 1..=3 {
        link.register(&stage.sale(second, 5)).await.unwrap();
    }
    assert_eq!(refused(link.register(&stage.sale(4, 5)).await), Refusal::MemoryFull);
    link.resend_unsent().await.unwrap();
    let info = link.info().await.unwrap();
    assert_eq!((info.receipt_count, info.receipt_max_count), (3, 3));
    assert_eq!(info.first_unacknowledged_time, Some(stage.at(1)));
    assert!(!stage.world.receipts(TILL, 1).await.unwrap()[0].acknowledged);

    // After two days the oldest of them blocks the module, full or not.
    let day = DAY_MS / SECOND_MS;
    stage.clock.advance(2 * DAY_MS);
    let late = stage.sale(2 * day + 2, 5);
    assert_eq!(refused(link.register(&late).await), Refusal::SendFirst);
    stage.change(FiscalModuleChange { ofd_stopped: Some(false), ..Default::default() }).await;
    link.register(&late).await.unwrap();
    link.register(&stage.sale(2 * day + 3, 5)).await.unwrap();
    assert_eq!(link.info().await.unwrap().receipt_count, 0);
    let full = stage.sale(2 * day + 4, 5);
    assert_eq!(refused(link.register(&full).await), Refusal::ShiftFull);

    link.close_z_report(stage.at(2 * day + 4)).await.unwrap();
    link.open_z_report(stage.at(2 * day + 5)).await.unwrap();
    link.register(&stage.sale(2 * day + 6, 5)).await.unwrap();
    link.close_z_report(stage.at(2 * day + 7)).await.unwrap();
    assert_eq!(refused(link.open_z_report(stage.at(2 * day + 8)).await), Refusal::MemoryFull);
}

#[tokio::test]
async fn a_module_that_is_not_there_says_so_and_codes_follow_the_applet() {
    let stage = Stage::new().await;
    let link = stage.opened().await;
    stage.change(FiscalModuleChange { not_initialised: Some(true), ..Default::default() }).await;
    assert_eq!(refused(link.info().await), Refusal::NotConnected);
    assert_eq!(refused(link.register(&stage.sale(1, 5)).await), Refusal::NotConnected);
    stage
        .change(FiscalModuleChange {
            not_initialised: Some(false),
            earlier_applet: Some(true),
            ..Default::default()
        })
        .await;
    let earlier = stage.link_with(TILL, Applet::Earlier, Duration::from_secs(15));
    let error = earlier.open_z_report(stage.at(1)).await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.refusal, refusal.code), (Refusal::ShiftAlreadyOpen, 36_912));
    assert_eq!(earlier.info().await.unwrap().applet_version, "0324");
    // Read by the wrong table, the same code means something else: the setting matters.
    assert_eq!(refused(link.open_z_report(stage.at(1)).await), Refusal::TimeInPast);
}

#[tokio::test]
async fn modules_are_apart_and_remember_everything_when_they_start_again() {
    let mut stage = Stage::new().await;
    let link = stage.opened().await;
    let first = link.register(&stage.sale(1, 500)).await.unwrap();
    stage.world = world(&stage.book, &stage.clock, stage.limits).await;
    let link = stage.link(TILL);
    assert_eq!(link.register(&stage.sale(1, 500)).await.unwrap(), first);
    assert_eq!(link.register(&stage.sale(2, 500)).await.unwrap().receipt_seq, 2);
    let other = stage.link("till-2");
    assert_eq!(refused(other.register(&stage.sale(3, 5)).await), Refusal::ShiftNotOpen);
    other.open_z_report(stage.at(0)).await.unwrap();
    let theirs = other.register(&stage.sale(1, 500)).await.unwrap();
    assert_eq!(theirs.receipt_seq, 1);
    assert_ne!(theirs.terminal_id, first.terminal_id);
    let modules = stage.world.modules().await.unwrap();
    let names: Vec<_> =
        modules.iter().map(|row| (row.factory_id.as_str(), row.sold.card)).collect();
    assert_eq!(names, [("till-2", 500), (TILL, 1_000)]);
    assert_eq!(stage.world.module("a b").await.unwrap(), None);
}

#[tokio::test]
async fn many_tills_register_at_once_without_losing_a_receipt() {
    let stage = Stage::new().await;
    let mut tills = tokio::task::JoinSet::new();
    for till in 0..8 {
        let link = stage.link(&format!("till-{till}"));
        let receipts: Vec<_> = (1..=10).map(|second| stage.sale(second, 100)).collect();
        let opened = stage.at(0);
        tills.spawn(async move {
            link.open_z_report(opened).await.unwrap();
            for receipt in receipts {
                let twice = tokio::join!(link.register(&receipt), link.register(&receipt));
                assert_eq!(twice.0.unwrap(), twice.1.unwrap());
            }
        });
    }
    tills.join_all().await;
    for module in stage.world.modules().await.unwrap() {
        assert_eq!((module.receipt_seq, module.sold.card), (10, 1_000), "{}", module.factory_id);
    }
}

#[tokio::test]
async fn what_is_no_request_gets_an_error_and_harms_nobody() {
    let stage = Stage::new().await;
    let bad = [
        ("POST /rpc/api", "{", "-32700"),
        ("POST /rpc/api", "[]", "-32600"),
        ("POST /rpc/api", r#"{"method":"Api.GetInfo","params":{"FactoryID":"a b"}}"#, "-32602"),
        ("POST /rpc/api", r#"{"method":"Api.GetInfo"}"#, "-32602"),
        ("POST /rpc/api", r#"{"method":"Api.Nope","params":{"FactoryID":"a"}}"#, "-32601"),
        ("POST /rpc/api", r#"{"method":"Api.OpenZReport","params":{"FactoryID":"a"}}"#, "-32602"),
        (
            "POST /rpc/api",
            r#"{"id":1,"method":"Api.SendSaleReceipt","params":{"FactoryID":"a"}}"#,
            "-32602",
        ),
        ("POST /", "{}", "404 Not Found"),
        ("GET /rpc/api", "", "404 Not Found"),
    ];
    for (line, body, want) in bad {
        let mut stream = TcpStream::connect(stage.world.address()).await.unwrap();
        let head = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(want), "{line} {body}: {answer}");
    }
    assert_eq!(stage.world.modules().await.unwrap(), []);
}
