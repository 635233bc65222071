//! The file in which the pinpad's program leaves its slip.
//!
//! Before each operation the old slip is set aside, so that one that is there afterwards is new;
//! times of files are too coarse, and can be wrong, to tell the two apart. A lock beside it keeps
//! other processes away meanwhile.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::Doubt;

/// The longest slip that is read. Slips have some hundred bytes, reports some thousand.
pub(super) const SLIP_BYTES: usize = 64 * 1024;

/// Moves the slip of the operation before to the same name with `.previous`.
pub(super) fn set_aside(slip: &Path) -> io::Result<()> {
    match fs::rename(slip, previous(slip)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a copy of the last slip, which another copy is to follow.
pub(super) fn remove(slip: &Path) -> io::Result<()> {
    match fs::remove_file(slip) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// How often a lock is tried, and the pause in between. Any program that this process starts has a
/// copy of every open file for a moment, and with it a lock that has just been given back.
const LOCK_TRIES: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Takes the lock at `path`; `None` when somebody else has it. It is free again when every copy of
/// the result is closed, also one that a program has got. Blocks for a moment.
pub(super) fn lock(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).open(path)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// The bytes of the slip.
pub(super) fn read(slip: &Path) -> Result<Vec<u8>, Doubt> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Doubt::NoSlip,
        kind => Doubt::SlipUnreadable(kind),
    };
    let file = File::open(slip).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(SLIP_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Where the slip of the operation before is.
pub(super) fn previous(slip: &Path) -> PathBuf {
    let mut name = OsString::from(slip);
    name.push(".previous");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_slip_is_set_aside_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let slip = dir.path().join("cheq.out");
        set_aside(&slip).unwrap();
        assert_eq!(read(&slip), Err(Doubt::NoSlip));
        for text in ["first", "second"] {
            fs::write(&slip, text).unwrap();
            assert_eq!(read(&slip).unwrap(), text.as_bytes());
            set_aside(&slip).unwrap();
            assert_eq!(read(&slip), Err(Doubt::NoSlip));
            assert_eq!(fs::read_to_string(previous(&slip)).unwrap(), text);
        }
        assert!(set_aside(&dir.path().join("slip\0")).is_err());
    }
}
