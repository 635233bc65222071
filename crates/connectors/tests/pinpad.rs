//! The pinpad against real processes: what every kind of ending is reported as.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail at any step")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chorsu_connectors::Effect;
use chorsu_connectors::pinpad::{
    Answer, CommandTemplate, Doubt, Pinpad, PinpadError, PinpadOperation, PinpadSettings, Rrn,
    Slip, SlipSource,
};
use chorsu_core::Tiyin;
use tempfile::TempDir;

const SLIP: &str = "Оплата\nОДОБРЕНО\nСУММА: 500.00 UZS\nКод ответа:\n000\nRRN:231511584547\n";
const LIMIT: Duration = Duration::from_secs(20);

/// A pinpad whose program is a shell script in a folder of its own.
struct Desk {
    dir: TempDir,
    pinpad: Pinpad,
}

impl Desk {
    fn new(script: &str) -> Self {
        Self::with(script, LIMIT, |slip| SlipSource::File(slip.to_owned()))
    }

    fn with(script: &str, time_limit: Duration, slip: impl Fn(&Path) -> SlipSource) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(SLIP);
        fs::write(dir.path().join("good"), bytes).unwrap();
        fs::write(dir.path().join("script"), script).unwrap();
        let command = |operation, parts: &[&str]| {
            let parts: Vec<String> =
                ["sh", "script"].iter().chain(parts).map(|part| (*part).to_owned()).collect();
            CommandTemplate::parse(operation, &parts).unwrap()
        };
        let pinpad = Pinpad::new(PinpadSettings {
            sale: command(PinpadOperation::Sale, &["sale", "{amount}"]),
            void: Some(command(PinpadOperation::Void, &["void", "{amount}", "{rrn}"])),
            reconcile: Some(command(PinpadOperation::Reconcile, &["reconcile"])),
            short_report: None,
            print_last: None,
            directory: Some(dir.path().to_owned()),
            slip: slip(&dir.path().join("slip")),
            time_limit,
        });
        Self { dir, pinpad }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn sale(&self) -> Result<Answer, PinpadError> {
        self.pinpad.sale(amount()).await
    }
}

fn amount() -> Tiyin {
    Tiyin::new(50_000).unwrap()
}

#[track_caller]
fn approved(answer: Result<Answer, PinpadError>) -> Slip {
    match answer {
        Ok(Answer::Approved(approval)) => approval.slip,
        other => panic!("{other:?}"),
    }
}

/// The doubt, and whether a slip came with it.
#[track_caller]
fn doubt(answer: Result<Answer, PinpadError>) -> (Doubt, bool) {
    match answer {
        Err(error @ PinpadError::Unclear { .. }) => {
            assert_eq!(error.effect(), Effect::Unknown);
            let PinpadError::Unclear { doubt, slip } = error else { unreachable!() };
            (doubt, slip.is_some())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_sale_is_read_from_the_file_and_from_the_output() {
    let desk = Desk::new("echo \"$@\" > arguments; cp good slip");
    assert_eq!(approved(desk.sale().await).amount, Some(amount()));
    assert_eq!(fs::read_to_string(desk.path("arguments")).unwrap(), "sale 50000\n");
    let desk = Desk::with("cat good", LIMIT, |_| SlipSource::Output);
    assert_eq!(approved(desk.sale().await).text, SLIP);
}

#[tokio::test]
async fn a_void_names_its_payment_and_a_reconciliation_has_no_verdict() {
    let desk = Desk::new("echo \"$@\" > arguments; echo report > slip");
    let rrn = Rrn::parse("231511584547").unwrap();
    assert_eq!(doubt(desk.pinpad.void(amount(), &rrn).await), (Doubt::NoVerdict, true));
    assert_eq!(fs::read_to_string(desk.path("arguments")).unwrap(), "void 50000 231511584547\n");
    assert_eq!(desk.pinpad.reconcile().await.unwrap().text, "report\n");
    let missing = PinpadError::NotConfigured(PinpadOperation::ShortReport);
    assert_eq!(desk.pinpad.short_report().await, Err(missing.clone()));
    assert_eq!(missing.effect(), Effect::None);
}

#[tokio::test]
async fn whatever_else_happens_leaves_the_outcome_open() {
    let cases = [
        ("true", (Doubt::NoSlip, false)),
        (": > slip", (Doubt::NoSlip, false)),
        ("exit 3", (Doubt::Failed(Some(3)), false)),
        ("cp good slip; exit 1", (Doubt::Failed(Some(1)), true)),
        ("cp good slip; kill -9 $$", (Doubt::Failed(None), true)),
        ("mkdir slip", (Doubt::SlipUnreadable(std::io::ErrorKind::IsADirectory), false)),
        ("head -c 70000 /dev/zero > slip", (Doubt::SlipTooLong, false)),
        ("head -c 9000 good | tr -d '0' > slip", (Doubt::NoApprovedCode, true)),
        ("echo hello > slip", (Doubt::NoVerdict, true)),
    ];
    for (script, want) in cases {
        assert_eq!(doubt(Desk::new(script).sale().await), want, "{script}");
    }
}

#[tokio::test]
async fn an_old_slip_is_never_taken_for_a_new_one() {
    let desk = Desk::new("true");
    fs::copy(desk.path("good"), desk.path("slip")).unwrap();
    assert_eq!(doubt(desk.sale().await), (Doubt::NoSlip, false));
    assert!(desk.path("slip.previous").exists());
}

#[tokio::test]
async fn what_cannot_be_started_has_no_effect() {
    let desk = Desk::new("cp good slip");
    let parts = ["/nonexistent/pinpad".to_owned(), "{amount}".to_owned()];
    let sale = CommandTemplate::parse(PinpadOperation::Sale, &parts).unwrap();
    let settings = PinpadSettings {
        sale,
        void: None,
        reconcile: None,
        short_report: None,
        print_last: None,
        directory: None,
        slip: SlipSource::File(desk.path("slip")),
        time_limit: LIMIT,
    };
    let error = Pinpad::new(settings.clone()).sale(amount()).await.unwrap_err();
    assert_eq!(error, PinpadError::NotStarted(std::io::ErrorKind::NotFound));
    assert_eq!(error.effect(), Effect::None);

    // The slip is where nothing can be set aside: in a folder that is a file.
    let slip = SlipSource::File(desk.path("good").join("slip"));
    let error = Pinpad::new(PinpadSettings { slip, ..settings }).sale(amount()).await.unwrap_err();
    assert!(matches!(error, PinpadError::SlipInTheWay(_)), "{error:?}");
    assert_eq!(error.effect(), Effect::None);
}

#[tokio::test]
async fn a_program_that_takes_too_long_is_ended() {
    for source in [SlipSource::Output, SlipSource::File("slip".into())] {
        let limit = Duration::from_millis(300);
        let desk = Desk::with("echo $$ > pid; exec sleep 600", limit, |path| match source {
            SlipSource::Output => SlipSource::Output,
            SlipSource::File(_) => SlipSource::File(path.to_owned()),
        });
        let start = Instant::now();
        assert_eq!(doubt(desk.sale().await), (Doubt::TimedOut, false));
        assert!(start.elapsed() < LIMIT);
        // It was reaped, so nobody has its number any more.
        let pid = fs::read_to_string(desk.path("pid")).unwrap();
        assert!(!Path::new("/proc").join(pid.trim()).exists(), "{pid}");
    }
}

#[tokio::test]
async fn what_a_program_leaves_behind_does_not_hold_the_till() {
    let desk = Desk::with("sleep 600 & echo $! > pid; cat good", LIMIT, |_| SlipSource::Output);
    let (why, _) = doubt(desk.sale().await);
    assert_eq!(why, Doubt::Lost(std::io::ErrorKind::TimedOut));
    let pid = fs::read_to_string(desk.path("pid")).unwrap();
    let ended = std::process::Command::new("kill").arg(pid.trim()).status().unwrap();
    assert!(ended.success());
}

#[tokio::test]
async fn one_pinpad_serves_one_customer_at_a_time() {
    // The script goes on when the test opens the other end of its pipe.
    let desk = Desk::new("read line < gate; cp good slip");
    let made = std::process::Command::new("mkfifo").arg(desk.path("gate")).status().unwrap();
    assert!(made.success());
    let first = tokio::spawn({
        let pinpad = desk.pinpad.clone();
        async move { pinpad.sale(amount()).await }
    });
    // Opening the gate for writing waits until the script reads: then the first sale is under way.
    let gate = desk.path("gate");
    let open = move || fs::OpenOptions::new().write(true).open(gate);
    let mut gate = tokio::task::spawn_blocking(open).await.unwrap().unwrap();
    for busy in [desk.sale().await.map(drop), desk.pinpad.last().await.map(drop)] {
        assert_eq!(busy, Err(PinpadError::Busy));
    }
    assert_eq!(PinpadError::Busy.effect(), Effect::None);
    // A caller who gives up does not free the pinpad.
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(desk.sale().await, Err(PinpadError::Busy));
    std::io::Write::write_all(&mut gate, b"go\n").unwrap();
    drop(gate);
    let last = loop {
        match desk.pinpad.last().await {
            Err(PinpadError::Busy) => tokio::task::yield_now().await,
            other => break other,
        }
    };
    assert_eq!(last.unwrap().text, SLIP);
}

#[tokio::test]
async fn one_process_at_a_time_has_the_pinpad_and_its_program_keeps_it() {
    let desk = Desk::new("touch begun; cp good slip; sleep 1");
    // Another process of the same settings.
    let other = Pinpad::new(desk.pinpad.settings().clone());
    let sale = tokio::spawn({
        let pinpad = desk.pinpad.clone();
        async move { pinpad.sale(amount()).await }
    });
    while !desk.path("begun").exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(other.sale(amount()).await, Err(PinpadError::Busy));
    assert_eq!(other.last().await, Err(PinpadError::Busy));
    approved(sale.await.unwrap());
    approved(other.sale(amount()).await);

    // What the program has left running is still at the pinpad.
    let desk = Desk::new("cp good slip; exec 3<&0; sleep 1 &");
    approved(desk.sale().await);
    assert_eq!(desk.sale().await, Err(PinpadError::Busy));
    let begin = Instant::now();
    while desk.sale().await == Err(PinpadError::Busy) {
        assert!(begin.elapsed() < LIMIT);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_terminal_may_go_on_behind_a_program_that_was_ended() {
    let limit = Duration::from_millis(500);
    let slip = |slip: &Path| SlipSource::File(slip.to_owned());
    let desk = Desk::with("exec sleep 20", limit, slip);
    assert!(desk.pinpad.is_settled());
    assert_eq!(doubt(desk.sale().await), (Doubt::TimedOut, false));
    assert!(!desk.pinpad.is_settled());
    tokio::time::sleep(limit).await;
    assert!(desk.pinpad.is_settled());
    let desk = Desk::with("cp good slip", LIMIT, slip);
    approved(desk.sale().await);
    assert!(desk.pinpad.is_settled());
}

#[tokio::test]
async fn the_slip_from_before_an_operation_is_known_again() {
    let script = "test -e crash && exit 1; cp good slip";
    let desk = Desk::new(script);
    let slip = approved(desk.sale().await);
    assert!(!desk.pinpad.is_previous(&slip).await);
    fs::write(desk.path("crash"), "").unwrap();
    assert_eq!(doubt(desk.sale().await), (Doubt::Failed(Some(1)), false));
    assert!(desk.pinpad.is_previous(&slip).await);
    let other = Slip { rrn: Rrn::parse("231511584548"), ..slip };
    assert!(!desk.pinpad.is_previous(&other).await);
}
