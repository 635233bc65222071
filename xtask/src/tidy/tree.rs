//! The text files of a checkout, read once into memory.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that are made by tools and are not part of the tree.
const NOT_OURS: [&str; 5] = ["target", ".git", "chorsu-data", "node_modules", "__pycache__"];

/// One file that is valid UTF-8.
pub(crate) struct TextFile {
    path: PathBuf,
    text: String,
}

impl TextFile {
    /// Path from the root of the tree.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The whole content.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Lines with their numbers, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Whether the file's name ends in that extension.
    pub(crate) fn is(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|found| found == extension)
    }

    /// Whether the file is somewhere below that folder.
    pub(crate) fn under(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }
}

/// All files of a tree; the content only of those that are text.
#[derive(Default)]
pub(crate) struct Tree {
    paths: BTreeSet<PathBuf>,
    files: Vec<TextFile>,
}

impl Tree {
    /// Reads everything below a folder, except what tools made.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.add_folder(root, Path::new(""))?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn add_folder(&mut self, root: &Path, folder: &Path) -> Result<()> {
        let place = root.join(folder);
        let entries = std::fs::read_dir(&place)
            .with_context(|| format!("cannot list {}", place.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if !NOT_OURS.iter().any(|name| entry.file_name() == *name) {
                    self.paths.insert(path.clone());
                    self.add_folder(root, &path)?;
                }
                continue;
            }
            let bytes = std::fs::read(entry.path())
                .with_context(|| format!("cannot read {}", entry.path().display()))?;
            self.add_file(path, String::from_utf8(bytes).ok());
        }
        Ok(())
    }

    fn add_file(&mut self, path: PathBuf, text: Option<String>) {
        self.paths.insert(path.clone());
        if let Some(text) = text {
            self.files.push(TextFile { path, text });
        }
    }

    /// All text files, in the order of their paths.
    pub(crate) fn files(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter()
    }

    /// All Rust sources.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &TextFile> {
        self.files().filter(|file| file.is("rs"))
    }

    /// Whether there is a file or folder at that path; `.` and `..` in it are followed.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let mut plain = PathBuf::new();
        for part in path.components() {
            match part {
                Component::Normal(name) => plain.push(name),
                Component::ParentDir if !plain.pop() => return false,
                _ => {}
            }
        }
        plain.as_os_str().is_empty() || self.paths.contains(&plain)
    }

    /// A tree made up for a test.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            let path = PathBuf::from(path);
            for folder in path.ancestors().skip(1).filter(|folder| *folder != Path::new("")) {
                tree.paths.insert(folder.to_path_buf());
            }
            tree.add_file(path, Some((*text).to_owned()));
        }
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_tree_has_its_files_but_not_what_tools_made() {
        let scratch = Scratch::new("tree").unwrap();
        for folder in ["src", "target/debug", "empty"] {
            std::fs::create_dir_all(scratch.path().join(folder)).unwrap();
        }
        std::fs::write(scratch.path().join("src/lib.rs"), "//! x\n").unwrap();
        std::fs::write(scratch.path().join("target/debug/made.rs"), "x").unwrap();
        std::fs::write(scratch.path().join("picture.png"), [0xFF, 0xD8]).unwrap();
        let tree = Tree::load(scratch.path()).unwrap();
        let names: Vec<_> = tree.files().map(|file| file.path().to_path_buf()).collect();
        assert_eq!(names, [Path::new("src/lib.rs")]);
        for (path, there) in [
            ("picture.png", true),
            ("empty", true),
            ("src/../src/lib.rs", true),
            ("target", false),
            ("../outside", false),
        ] {
            assert_eq!(tree.has(Path::new(path)), there, "{path}");
        }
    }
}
