//! Both ends of the pinpad over real processes: the production connector and the played program.
//!
//! The program is this test binary itself: asked for [`the_program`] with a pinpad's arguments
//! behind it, it is the pinpad in the folder it runs in.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail at any step")]

use std::fs::OpenOptions;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chorsu_connectors::pinpad::{
    Answer, Asked, CommandTemplate, Doubt, LastSlip, Pinpad, PinpadError, PinpadOperation,
    PinpadSettings, Rrn, Slip, SlipSource, judge_last,
};
use chorsu_core::{Tiyin, UnixMillis};
use chorsu_sandbox::pinpad::{
    PinpadCalls, PinpadCard, PinpadFault, PinpadFaultRule, PlayedPinpad, run,
};
use tempfile::TempDir;

const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_program() {
    let order: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument.starts_with('/')).collect();
    if !order.is_empty() {
        let status = run(&order, &std::env::current_dir().unwrap(), now());
        std::process::exit(status.into());
    }
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixMillis(i64::try_from(since.as_millis()).unwrap())
}

struct Till {
    dir: TempDir,
    played: PlayedPinpad,
    pinpad: Pinpad,
}

impl Till {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let played = PlayedPinpad::new(dir.path());
        let pinpad = connect(&dir, LONG);
        Self { dir, played, pinpad }
    }

    /// The same pinpad for one who does not wait long.
    fn hurried(&self) -> Pinpad {
        connect(&self.dir, Duration::from_millis(500))
    }

    fn fault(&self, fault: PinpadFault) {
        let rule = PinpadFaultRule { fault, calls: PinpadCalls::Operations, times: Some(1) };
        assert!(self.played.add_fault(rule).unwrap());
    }

    /// What was paid and not taken back, and in how many payments.
    fn moved(&self) -> (i64, u64) {
        let totals = self.played.journal().unwrap().totals;
        (totals.net(), totals.sales)
    }
}

fn connect(dir: &TempDir, time_limit: Duration) -> Pinpad {
    let program = std::env::current_exe().unwrap().to_str().unwrap().to_owned();
    let command = |operation| {
        let mut parts = vec![program.clone(), "--exact".to_owned(), "the_program".to_owned()];
        parts.extend(PlayedPinpad::arguments(operation).iter().map(|part| (*part).to_owned()));
        CommandTemplate::parse(operation, &parts).unwrap()
    };
    Pinpad::new(PinpadSettings {
        sale: command(PinpadOperation::Sale),
        void: Some(command(PinpadOperation::Void)),
        reconcile: Some(command(PinpadOperation::Reconcile)),
        short_report: Some(command(PinpadOperation::ShortReport)),
        print_last: Some(command(PinpadOperation::PrintLast)),
        directory: Some(dir.path().to_owned()),
        slip: SlipSource::File(PlayedPinpad::new(dir.path()).slip_path()),
        time_limit,
    })
}

fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

#[track_caller]
fn approved(answer: Result<Answer, PinpadError>) -> (Rrn, Slip) {
    match answer {
        Ok(Answer::Approved(approval)) => (approval.rrn.unwrap(), approval.slip),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn declined(answer: Result<Answer, PinpadError>) -> &'static str {
    match answer {
        Ok(Answer::Declined(decline)) => decline.reason.name(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn doubt(answer: Result<Answer, PinpadError>) -> Doubt {
    match answer {
        Err(PinpadError::Unclear { doubt, .. }) => doubt,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn payments_are_taken_and_given_back_within_their_shift() {
    let till = Till::new();
    let (first, slip) = approved(till.pinpad.sale(tiyin(50_000)).await);
    assert_eq!(slip.masked_pan.as_deref(), Some("986009******7856"));
    assert_eq!((slip.receipt_number.as_deref(), slip.shift.as_deref()), (Some("1"), Some("1")));
    let (second, _) = approved(till.pinpad.sale(tiyin(1)).await);
    assert_ne!(first, second);
    assert_eq!(till.moved(), (50_001, 2));

    assert_eq!(declined(till.pinpad.void(tiyin(50_001), &first).await), "above_original");
    assert_eq!(declined(till.pinpad.void(tiyin(49_999), &first).await), "cannot_void");
    let stranger = Rrn::parse("000000000000").unwrap();
    assert_eq!(declined(till.pinpad.void(tiyin(1), &stranger).await), "not_found");
    let (_, slip) = approved(till.pinpad.void(tiyin(50_000), &first).await);
    assert_eq!(slip.response_code.as_deref(), Some("400"));
    assert_eq!(declined(till.pinpad.void(tiyin(50_000), &first).await), "already_void");
    assert_eq!(till.moved(), (1, 2));

    let short = till.pinpad.short_report().await.unwrap();
    assert!(short.text.contains("Номер смены 1") && short.text.contains("0.01 UZS"), "{short:?}");
    let report = till.pinpad.reconcile().await.unwrap();
    assert!(report.text.contains("Сверка итогов"), "{report:?}");
    assert_eq!(declined(till.pinpad.void(tiyin(1), &second).await), "cannot_void");
    let journal = till.played.journal().unwrap();
    assert_eq!((journal.shift, journal.shift_totals.declined), (2, 1));
    assert_eq!((journal.totals.voids, journal.totals.declined), (1, 5));
    let newest: Vec<_> = journal.operations.iter().map(|row| (row.kind, row.approved)).collect();
    assert_eq!(newest[..3], [("void", false), ("void", false), ("void", true)]);
}

#[tokio::test]
async fn each_card_is_declined_in_its_own_way() {
    let till = Till::new();
    let cards = [
        (PinpadCard::Poor, "insufficient_funds"),
        (PinpadCard::Expired, "expired"),
        (PinpadCard::WrongPin, "wrong_pin"),
        (PinpadCard::Stolen, "stolen"),
        (PinpadCard::Removed, "card_removed"),
        (PinpadCard::NoCard, "cancelled_by_cashier"),
    ];
    for (card, reason) in cards {
        till.played.put_card(card).unwrap();
        assert_eq!(declined(till.pinpad.sale(tiyin(5)).await), reason);
    }
    till.fault(PinpadFault::Refuse { code: "000".into() });
    till.played.put_card(PinpadCard::Plenty).unwrap();
    assert_eq!(declined(till.pinpad.sale(tiyin(5)).await), "declined");
    assert_eq!(till.moved(), (0, 0));
    assert_eq!(till.played.journal().unwrap().totals.declined, 7);
}

/// What the last slip says after a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Found {
    /// The payment was taken after all.
    Taken,
    /// The slip is that of the payment before.
    Earlier,
}

#[tokio::test]
async fn after_every_fault_the_last_slip_tells_the_truth() {
    let cases = [
        (PinpadFault::NoSlip, Doubt::NoSlip, Found::Taken),
        (PinpadFault::GarbageSlip, Doubt::NoVerdict, Found::Taken),
        (PinpadFault::CrashBefore, Doubt::Failed(Some(1)), Found::Earlier),
        (PinpadFault::CrashAfter, Doubt::Failed(Some(1)), Found::Taken),
        (PinpadFault::WrongAmount, Doubt::OtherAmount, Found::Taken),
        (PinpadFault::UnknownCode, Doubt::NoApprovedCode, Found::Taken),
        (PinpadFault::Refuse { code: "912".into() }, Doubt::UnclearCode, Found::Earlier),
        (PinpadFault::Hang, Doubt::TimedOut, Found::Earlier),
        (PinpadFault::HangAfter, Doubt::TimedOut, Found::Taken),
        (PinpadFault::Delay { delay_ms: 60_000 }, Doubt::TimedOut, Found::Taken),
    ];
    for (fault, why, found) in cases {
        let till = Till::new();
        let (before, _) = approved(till.pinpad.sale(tiyin(700)).await);
        till.fault(fault.clone());
        let ends = !matches!(why, Doubt::TimedOut);
        let pinpad = if ends { till.pinpad.clone() } else { till.hurried() };
        assert_eq!(doubt(pinpad.sale(tiyin(500)).await), why, "{fault:?}");

        let slip = till.pinpad.last().await.unwrap();
        let known = slip.rrn.as_ref() == Some(&before);
        let judged = judge_last(&Asked::Sale { amount: tiyin(500) }, slip, known);
        let moved = match (found, judged) {
            (Found::Taken, Ok(LastSlip::Ours(answer))) => {
                approved(Ok(*answer));
                500
            }
            (Found::Earlier, Ok(LastSlip::Earlier)) => 0,
            // The terminal itself does not know; its slip cannot say more.
            (Found::Earlier, Err(Doubt::UnclearCode)) if why == Doubt::UnclearCode => 0,
            (_, judged) => panic!("{fault:?}: {judged:?}"),
        };
        assert_eq!(till.moved().0, 700 + moved, "{fault:?}");
        assert_eq!(till.played.faults().unwrap(), [], "{fault:?}");
    }
}

#[tokio::test]
async fn a_late_slip_is_waited_for() {
    let till = Till::new();
    till.fault(PinpadFault::Delay { delay_ms: 100 });
    approved(till.pinpad.sale(tiyin(5)).await);
    let rule =
        PinpadFaultRule { fault: PinpadFault::NoSlip, calls: PinpadCalls::Last, times: None };
    till.played.add_fault(rule).unwrap();
    let error = till.pinpad.last().await.unwrap_err();
    assert!(matches!(error, PinpadError::Unclear { doubt: Doubt::NoSlip, .. }), "{error:?}");
    till.played.clear_faults().unwrap();
    assert_eq!(till.pinpad.last().await.unwrap().amount, Some(tiyin(5)));
}

#[tokio::test]
async fn a_pinpad_in_use_and_a_wrong_order_are_left_alone() {
    let till = Till::new();
    let slip = till.pinpad.last().await.unwrap();
    assert!(slip.text.contains("НЕТ ОПЕРАЦИЙ"));
    let lock = till.dir.path().join("in-use.lock");
    let held = OpenOptions::new().write(true).open(lock).unwrap();
    held.lock().unwrap();
    assert_eq!(doubt(till.pinpad.sale(tiyin(5)).await), Doubt::Failed(Some(3)));
    drop(held);
    assert_eq!(run(&["/o5".to_owned()], till.dir.path(), now()), 2);
    std::fs::write(till.dir.path().join("terminal.json"), "{").unwrap();
    assert_eq!(doubt(till.pinpad.sale(tiyin(5)).await), Doubt::Failed(Some(4)));
}

#[test]
fn a_killed_run_leaves_the_journal_whole() {
    let dir = tempfile::tempdir().unwrap();
    let played = PlayedPinpad::new(dir.path());
    for round in 0..40_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_program", "/o1", "/a100", "/c860"])
            .current_dir(dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(round * 250));
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();
        let journal = played.journal().unwrap();
        let sold: i64 = journal.operations.iter().map(|row| row.amount).sum();
        assert_eq!(journal.totals.sold, sold);
        assert_eq!(journal.totals.sales, journal.operations.len() as u64);
        let mut rrns: Vec<_> = journal.operations.iter().map(|row| &row.rrn).collect();
        rrns.sort_unstable();
        rrns.dedup();
        assert_eq!(rrns.len(), journal.operations.len());
    }
    assert_eq!(run(&["/o97".to_owned()], dir.path(), now()), 0);
}
