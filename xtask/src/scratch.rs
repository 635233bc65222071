//! Temporary folders that go away with us.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};

use crate::reaper::Reaper;

/// A new empty folder under the system's temporary one; removed when dropped, or when we die.
pub(crate) struct Scratch {
    path: PathBuf,
    _reaper: Reaper,
}

impl Scratch {
    /// Makes the folder; `name` is only there to recognise it.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let path = create(name)?;
        let reaper = Reaper::arm(&[], Some(&path))?;
        Ok(Self { path, _reaper: reaper })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes a folder that did not exist before; the caller removes it.
pub(crate) fn create(name: &str) -> Result<PathBuf> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    let unique = format!("chorsu-{name}-{}-{number}-{nanos:x}", std::process::id());
    let path = std::env::temp_dir().join(unique);
    std::fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_is_new_and_goes_away_with_its_content() {
        let first = Scratch::new("test").unwrap();
        let second = Scratch::new("test").unwrap();
        assert_ne!(first.path(), second.path());
        let path = first.path().to_path_buf();
        std::fs::write(path.join("file"), "x").unwrap();
        drop(first);
        assert!(!path.exists() && second.path().exists());
    }
}
