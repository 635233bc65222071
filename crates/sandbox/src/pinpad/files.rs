//! The files of a pinpad's folder: replaced whole, and held by one run at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The slip, by the name that ARCUS gives it.
pub(super) const SLIP: &str = "cheq.out";
/// What the terminal remembers.
pub(super) const TERMINAL: &str = "terminal.json";
/// The faults that wait for their runs.
pub(super) const FAULTS: &str = "faults.json";
/// The card that is shown.
pub(super) const CARD: &str = "card.json";
/// Held by the run that uses the terminal; it is free again when that process is gone.
pub(super) const IN_USE: &str = "in-use.lock";
/// Held while faults or the card are changed.
pub(super) const CONTROLS: &str = "controls.lock";

/// The pinpad's folder cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PinpadFilesError {
    /// The disk failed.
    #[error("the pinpad's file {name} failed")]
    Io {
        /// Which file.
        name: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("the pinpad's file {name} cannot be read")]
    Broken {
        /// Which file.
        name: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// A pinpad's folder.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Waits for the lock called `name`; it is free again when the result is dropped.
    pub(super) fn lock(&self, name: &'static str) -> Result<File, PinpadFilesError> {
        let file = self.lock_file(name)?;
        file.lock().map_err(failed(name))?;
        Ok(file)
    }

    /// Takes the lock called `name`; `None` when somebody else has it.
    pub(super) fn try_lock(&self, name: &'static str) -> Result<Option<File>, PinpadFilesError> {
        let file = self.lock_file(name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(name)(error)),
        }
    }

    /// The JSON in a file; the default when there is none.
    pub(super) fn read<T: DeserializeOwned + Default>(
        &self,
        name: &'static str,
    ) -> Result<T, PinpadFilesError> {
        match fs::read(self.path(name)) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|source| PinpadFilesError::Broken { name, source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
            Err(error) => Err(failed(name)(error)),
        }
    }

    /// Replaces a file with `value` as JSON; durable when it returns.
    pub(super) fn write<T: Serialize>(
        &self,
        name: &'static str,
        value: &T,
    ) -> Result<(), PinpadFilesError> {
        let bytes = serde_json::to_vec(value)
            .map_err(|source| PinpadFilesError::Broken { name, source })?;
        self.replace(name, &bytes)
    }

    /// Replaces a file with `bytes`; durable when it returns. Only the holder of a lock may.
    pub(super) fn replace(&self, name: &'static str, bytes: &[u8]) -> Result<(), PinpadFilesError> {
        let fresh = self.path(&format!("{name}.new"));
        let replace = || {
            let mut file = File::create(&fresh)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&fresh, self.path(name))?;
            sync(&self.0)
        };
        replace().map_err(failed(name))
    }

    fn lock_file(&self, name: &'static str) -> Result<File, PinpadFilesError> {
        let open = || {
            fs::create_dir_all(&self.0)?;
            OpenOptions::new().write(true).create(true).truncate(false).open(self.path(name))
        };
        open().map_err(failed(name))
    }
}

/// Makes a rename in `dir` durable, where folders can be flushed.
#[cfg(unix)]
fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

fn failed(name: &'static str) -> impl Fn(io::Error) -> PinpadFilesError {
    move |source| PinpadFilesError::Io { name, source }
}
