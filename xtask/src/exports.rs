//! The exports of a running server, read by libraries that are not ours.
//!
//! `tests/files/trade_and_export.py` trades and writes the files, `check_exports.py` loads them.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::clients::{environment, verify};
use crate::process::run_within;
use crate::report::Report;
use crate::scratch::Scratch;
use crate::served::Served;
use crate::workspace::Workspace;

/// A script that takes longer than this hangs.
const SCRIPT_LIMIT: Duration = Duration::from_secs(180);
/// What the first script writes for the second.
const FILES: [&str; 4] = ["utf8.txt", "windows.txt", "camt.xml", "sheet.xlsx"];

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
    let served = Served::start(&binary, &data, None)?;
    let script = |name: &str| {
        let mut command = Command::new(&python);
        command.arg("-B").arg(folder.join(name));
        command
    };
    let mut trade = script("trade_and_export.py");
    if let Err(error) = run_within(trade.arg(served.url()).arg(scratch.path()), SCRIPT_LIMIT) {
        bail!("{error:#}\n--- the server said:\n{}", served.log_text());
    }
    served.stop()?;
    verify(&binary, &data, None)?;
    let files = FILES.map(|name| scratch.path().join(name));
    run_within(script("check_exports.py").args(files), SCRIPT_LIMIT)
}
