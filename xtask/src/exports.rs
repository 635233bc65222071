//! The exports of a running server, read by libraries that are not ours.
//!
//! `tests/files/trade_and_export.py` trades a marketplace's day of 10,000 payments and writes the
//! files, `check_exports.py` loads them.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::clients::{environment, verify};
use crate::process::{output, run_within};
use crate::report::Report;
use crate::scratch::Scratch;
use crate::served::{SETTINGS, Served};
use crate::workspace::Workspace;

/// A script that takes longer than this hangs.
const SCRIPT_LIMIT: Duration = Duration::from_secs(180);
/// What the first script writes for the second: a statement, and the settlements.
const FILES: [&[&str]; 2] =
    [&["utf8.txt", "windows.txt", "camt.xml", "sheet.xlsx"], &["settled.txt", "settled.xml"]];
/// Sellers of the day.
const SELLERS: usize = 50;

/// Runs both scripts, counted as one check.
pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    report.gate("exports in readers that are not ours", || check(workspace));
}

fn check(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root().join("tests/files");
    let python = environment(workspace, &folder, "files")?;
    let binary = workspace.built_binary()?;
    let scratch = Scratch::new("exports")?;
    let data = scratch.path().join("data");
    let sellers = scratch.path().join("sellers");
    std::fs::write(&sellers, open_sellers(&binary, &data)?)?;
    let served = Served::start(&binary, &data, None)?;
    let script = |name: &str| {
        let mut command = Command::new(&python);
        command.arg("-B").arg(folder.join(name));
        command
    };
    let mut trade = script("trade_and_export.py");
    trade.arg(served.url()).arg(scratch.path()).arg(&sellers);
    if let Err(error) = run_within(&mut trade, SCRIPT_LIMIT) {
        bail!("{error:#}\n--- the server said:\n{}", served.log_text());
    }
    served.stop()?;
    verify(&binary, &data, None)?;
    for names in FILES {
        let files = names.iter().map(|name| scratch.path().join(name));
        run_within(script("check_exports.py").args(files), SCRIPT_LIMIT)?;
    }
    Ok(())
}

/// Opens the sellers' kassas: a line for each, its id and what it calls with.
fn open_sellers(binary: &Path, data: &Path) -> Result<String> {
    let mut lines = String::new();
    for number in 0..SELLERS {
        let mut command = Command::new(binary);
        command.args(["kassa", "add", &format!("Продавец {number}"), "--data"]).arg(data);
        for name in SETTINGS {
            command.env_remove(name);
        }
        let said = output(&mut command)?;
        let after = |word: &str| said.lines().find_map(|line| line.strip_prefix(word));
        let (Some(id), Some(auth)) = (after("Kassa   "), after("X-Auth  ")) else {
            bail!("no kassa was opened: {said}");
        };
        writeln!(lines, "{id} {auth}")?;
    }
    Ok(lines)
}
