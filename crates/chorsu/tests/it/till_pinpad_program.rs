//! A pinpad's program that is not ours: what it prints and how it ends, as the till configures it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::place::Place;
use crate::till_stand::{Chorsu, State, till_settings};

/// The slip of a payment over 500 sum; `@D` and `@T` stand for when it is printed.
fn slip(verdict: &str, code: &str, rrn: &str) -> String {
    format!(
        "ID Терминала:01000002  Номер смены 1\n               Оплата\n              {verdict}\n\
         СУММА:                    500.00 UZS\nКарта: HUMO              Срок: 01/25\n        \
         986009******7856:01\n                     Код ответа:\n{code}\nRRN:{rrn}\n              \
         Дата:@D\n@T\n====================================\n"
    )
}

/// A program that leaves the slip `n` at its run `n` and ends with the status beside it.
fn install(folder: &Path, runs: &[(String, u8)]) -> String {
    // Tashkent is five hours ahead of Greenwich, whatever data about zones the machine has.
    let script = "#!/bin/sh
        export TZ=UZT-5
        echo \"$@\" >> calls
        if [ \"$1\" != sale ]; then cp last cheq.out; exit; fi
        n=$(($(cat count) + 1)); echo $n > count
        sed \"s|@D|$(date +%d/%m/%y)|; s|@T|$(date +%H:%M:%S)|\" slip.$n > last
        cp last cheq.out
        exit $(cat status.$n)\n";
    let program = folder.join("pinpad");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(folder.join("count"), "0").unwrap();
    for (number, (slip, status)) in runs.iter().enumerate() {
        std::fs::write(folder.join(format!("slip.{}", number + 1)), slip).unwrap();
        std::fs::write(folder.join(format!("status.{}", number + 1)), status.to_string()).unwrap();
    }
    format!(
        "[till.pinpad]\nsale = [{program:?}, \"sale\", \"{{amount}}\"]\n\
         void = [{program:?}, \"void\", \"{{amount}}\", \"{{rrn}}\"]\n\
         print_last = [{program:?}, \"last\"]\ndirectory = {folder:?}\n\
         slip_file = {:?}\ntime_limit_seconds = 10\n",
        folder.join("cheq.out")
    )
}

/// A card that is declined is charged nothing, whatever status the program ends with; the till
/// hears why, and the next customer is served at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_card_does_not_keep_the_next_customer() {
    let folder = tempfile::tempdir().unwrap();
    let runs = [
        (slip("ОТКЛОНЕНА", "116", "231511584541"), 0),
        (slip("ОДОБРЕНО", "000", "231511584542"), 0),
        // The slip says what happened, so it is asked for where the program has failed.
        (slip("ОТКЛОНЕНА", "117", "231511584543"), 1),
        (slip("ОДОБРЕНО", "000", "231511584544"), 0),
    ];
    let pinpad = install(folder.path(), &runs);
    let config = format!("{}{pinpad}", till_settings("desk", 25));
    let chorsu = Chorsu::start(Place::sqlite(), &config).await;
    let till = chorsu.till().named("desk");
    for (declined, served) in [("116", "231511584542"), ("117", "231511584544")] {
        let (code, message) = till.card(50_000).await.no();
        assert!(code == 108 && message.contains(declined), "{code} {message}");
        let paid = till.card(50_000).await.done();
        assert_eq!(paid["ppt_id"], served);
    }
    chorsu.wait_until_settled().await;
    let (paid, declined) = (State::Paid, State::Declined);
    assert_eq!(chorsu.states(50_000).await, [declined, paid, declined, paid]);
    assert_eq!(chorsu.balance("network:humo").await, 100_000);
    let calls = std::fs::read_to_string(folder.path().join("calls")).unwrap();
    let count = |operation: &str| calls.lines().filter(|line| line.starts_with(operation)).count();
    assert_eq!((count("sale 50000"), count("void")), (4, 0), "{calls}");
    assert!(count("last") >= 1, "{calls}");
    chorsu.finish().await;
}
