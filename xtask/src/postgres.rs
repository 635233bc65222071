//! A throw-away PostgreSQL server for tests and measurements.
//!
//! Its own data folder, a free loopback port, no password, and durability as in production
//! (`fsync` stays on: what the tests prove about durable answers depends on it). The server refuses
//! to run as root, so root hands it to the user `postgres`. It never touches an installed cluster.

use std::ffi::{OsStr, OsString};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::install::{apt_install, find, is_root};
use crate::process::output;
use crate::reaper::Reaper;
use crate::scratch;

/// The oldest major version that the product supports.
const OLDEST: u32 = 15;
/// Programs that make a folder usable as PostgreSQL's program folder.
const PROGRAMS: [&str; 4] = ["initdb", "pg_ctl", "postgres", "psql"];
/// Another program may take the free port between our look and the server's start.
const START_TRIES: u32 = 3;

/// A running server; dropping it stops it and removes its data.
pub(crate) struct Postgres {
    programs: PathBuf,
    port: u16,
    _reaper: Reaper,
}

impl Postgres {
    /// Starts a new, empty server; installs PostgreSQL first when it is missing and we may.
    pub(crate) fn start() -> Result<Self> {
        let programs = programs()?;
        let mut last = None;
        for _ in 0..START_TRIES {
            match Self::try_start(&programs) {
                Ok(server) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        bail!("PostgreSQL does not start: {:#}", last.context("it was never tried")?)
    }

    fn try_start(programs: &Path) -> Result<Self> {
        let folder = scratch::create("pg")?;
        let data = folder.join("data");
        let user = ServerUser::choose(&folder)?;
        let mut stop: Vec<OsString> = user.prefix();
        stop.extend([programs.join("pg_ctl").into_os_string(), "-D".into(), (&data).into()]);
        stop.extend(["-m", "immediate", "-w", "stop"].map(OsString::from));
        let stop: Vec<&OsStr> = stop.iter().map(OsString::as_os_str).collect();
        let reaper = Reaper::arm(&stop, Some(&folder))?;

        let mut initdb = user.command(&programs.join("initdb"));
        initdb.arg("-D").arg(&data).args(["--username=chorsu", "--auth=trust", "--no-sync"]);
        output(initdb.args(["--encoding=UTF8", "--locale=C"]).current_dir(&folder))?;
        let port = free_port()?;
        let mut settings =
            std::fs::OpenOptions::new().append(true).open(data.join("postgresql.conf"))?;
        settings.write_all(configuration(port, &folder).as_bytes())?;

        let log = folder.join("server.log");
        let mut start = user.command(&programs.join("pg_ctl"));
        start.arg("-D").arg(&data).arg("-l").arg(&log).args(["-w", "-t", "60", "start"]);
        if let Err(error) = output(start.current_dir(&folder)) {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!("{error:#}\n{said}");
        }
        Ok(Self { programs: programs.to_path_buf(), port, _reaper: reaper })
    }

    /// The URL of one database of the server.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://chorsu@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a new database and returns its URL.
    pub(crate) fn create_database(&self, name: &str) -> Result<String> {
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(name))
    }

    /// Runs SQL in one database and returns what psql printed, unaligned.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> Result<String> {
        let mut psql = self.program("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d"]);
        output(psql.arg(self.url(database)).args(["-c", sql]))
    }

    /// One of PostgreSQL's own programs, of the version that the server has.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(name))
    }
}

/// `cargo xtask postgres`: a server that lives until standard input closes or Ctrl-C.
pub(crate) fn foreground() -> Result<()> {
    let server = Postgres::start()?;
    println!("{}", server.url("postgres"));
    eprintln!("PostgreSQL runs until Ctrl-C or the end of standard input. For the tests:");
    eprintln!("  export CHORSU_TEST_POSTGRES={}", server.url("postgres"));
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Who the server runs as: ourselves, or `postgres` when we are root.
struct ServerUser {
    runuser: bool,
}

impl ServerUser {
    /// Chooses the user and gives it the server's folder.
    fn choose(folder: &Path) -> Result<Self> {
        if !is_root()? {
            return Ok(Self { runuser: false });
        }
        let id = |flag: &str| -> Result<u32> {
            let text = output(Command::new("id").args([flag, "postgres"]))
                .context("we are root and there is no user 'postgres' to run the server as")?;
            text.trim().parse().context("the id of user 'postgres' is not a number")
        };
        chown(folder, Some(id("-u")?), Some(id("-g")?))?;
        Ok(Self { runuser: true })
    }

    fn prefix(&self) -> Vec<OsString> {
        if !self.runuser {
            return Vec::new();
        }
        ["runuser", "-u", "postgres", "--"].map(OsString::from).into()
    }

    fn command(&self, program: &Path) -> Command {
        let mut words = self.prefix();
        words.push(program.into());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }
}

/// The lines added to the server's configuration; everything else stays as PostgreSQL ships it.
fn configuration(port: u16, folder: &Path) -> String {
    format!(
        "\nlisten_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\n\
         max_connections = 200\nfsync = on\nsynchronous_commit = on\nmax_wal_size = 2GB\n\
         lc_messages = 'C'\n",
        folder.display()
    )
}

/// A port of the loopback address that nothing listened on a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free loopback port")?;
    Ok(listener.local_addr()?.port())
}

/// The folder of PostgreSQL's programs, after installing them when there is none.
fn programs() -> Result<PathBuf> {
    if let Some(found) = find_programs(Path::new("/usr/lib/postgresql")) {
        return Ok(found);
    }
    apt_install(&["postgresql"]).context("the tests need a PostgreSQL server")?;
    find_programs(Path::new("/usr/lib/postgresql"))
        .context("PostgreSQL was installed, but its programs are not where Debian puts them")
}

/// The newest supported version under Debian's folder, or else what `PATH` has.
fn find_programs(debian: &Path) -> Option<PathBuf> {
    let mut versions: Vec<u32> = std::fs::read_dir(debian)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|version| *version >= OLDEST)
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    let folders = versions.into_iter().map(|version| debian.join(version.to_string()).join("bin"));
    let on_path = find("initdb").and_then(|file| file.parent().map(Path::to_path_buf));
    folders
        .chain(on_path)
        .find(|folder| PROGRAMS.iter().all(|program| folder.join(program).is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn the_newest_supported_version_with_a_server_is_chosen() {
        let scratch = Scratch::new("pgfind").unwrap();
        for (version, server) in [("9", true), ("13", true), ("15", true), ("17", true)] {
            add_version(scratch.path(), version, server);
        }
        add_version(scratch.path(), "18", false);
        let found = find_programs(scratch.path()).unwrap();
        assert_eq!(found, scratch.path().join("17/bin"));
    }

    fn add_version(folder: &Path, version: &str, server: bool) {
        let programs = folder.join(version).join("bin");
        std::fs::create_dir_all(&programs).unwrap();
        let names: &[&str] = if server { &PROGRAMS } else { &["psql"] };
        for name in names {
            std::fs::write(programs.join(name), "").unwrap();
        }
    }

    #[test]
    fn the_server_stays_durable_and_on_loopback() {
        let text = configuration(5999, Path::new("/tmp/x"));
        for line in ["fsync = on", "listen_addresses = '127.0.0.1'", "port = 5999"] {
            assert!(text.lines().any(|found| found == line), "{line}");
        }
    }
}
