//! Where things are in the checkout: its root, the target directory, the built binary.
//!
//! Only paths and the `cargo` command; what is run with them is decided elsewhere.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The checkout that xtask works on.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the checkout from the manifest directory that `cargo run` hands over.
    pub(crate) fn locate() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().context("the xtask folder has no parent")?.to_path_buf();
        ensure!(root.join("Cargo.toml").is_file(), "no Cargo.toml in {}", root.display());
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(path) => root.join(path),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The folder that holds the workspace's `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's build folder; also home of the Python environment of the conformance scripts.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The release binary, whether it is built yet or not.
    pub(crate) fn binary(&self) -> PathBuf {
        self.target.join("release").join("chorsu")
    }

    /// The release binary; an error that says how to get it when it is not built.
    pub(crate) fn built_binary(&self) -> Result<PathBuf> {
        let binary = self.binary();
        ensure!(
            binary.is_file(),
            "{} is missing: `cargo build --release` makes it",
            binary.display()
        );
        Ok(binary)
    }

    /// A `cargo` command, the same cargo that runs us, in the root of the checkout.
    pub(crate) fn cargo(&self) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(&self.root);
        command
    }
}
