//! The place of an element in a document: the local names from the root, with slashes.

/// Deepest nesting that is followed; pain.001 needs 14.
const MAX_DEPTH: usize = 32;
/// Longest path; names beyond this belong to no document of ours.
const MAX_LENGTH: usize = 2_048;

/// A path like `/Document/CstmrCdtTrfInitn/GrpHdr`.
#[derive(Debug, Default)]
pub(super) struct Path {
    text: String,
    lengths: Vec<usize>,
}

impl Path {
    /// One element deeper; `false` when that is too deep.
    pub(super) fn push(&mut self, name: &str) -> bool {
        if self.lengths.len() == MAX_DEPTH || self.text.len() + name.len() >= MAX_LENGTH {
            return false;
        }
        self.lengths.push(self.text.len());
        self.text.push('/');
        self.text.push_str(name);
        true
    }

    /// Back to the element around this one.
    pub(super) fn pop(&mut self) {
        self.text.truncate(self.lengths.pop().unwrap_or(0));
    }

    /// Whether this is the place `path`.
    pub(super) fn is(&self, path: &str) -> bool {
        self.text == path
    }

    /// Whether this lies on the way to `path`, or within it.
    pub(super) fn is_towards(&self, path: &str) -> bool {
        let (short, long) = if self.text.len() < path.len() {
            (self.text.as_str(), path)
        } else {
            (path, self.text.as_str())
        };
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What follows `path` in this place, with its slash; `None` outside of `path`.
    pub(super) fn below(&self, path: &str) -> Option<&str> {
        self.text.strip_prefix(path).filter(|rest| rest.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart_by_whole_names() {
        let mut path = Path::default();
        assert!(path.push("a") && path.push("bc"));
        assert!(path.is("/a/bc") && path.is_towards("/a/bc/d") && path.is_towards("/a"));
        assert!(!path.is_towards("/a/b") && !path.is_towards("/a/bcd"));
        assert_eq!(path.below("/a"), Some("/bc"));
        assert_eq!(path.below("/a/b"), None);
        path.pop();
        assert!(path.is("/a"));
        path.pop();
        path.pop();
        assert!(path.is(""));
    }

    #[test]
    fn the_depth_has_an_end() {
        let mut path = Path::default();
        let pushed = (0..100).take_while(|_| path.push("x")).count();
        assert_eq!(pushed, MAX_DEPTH);
        assert!(!Path::default().push(&"x".repeat(MAX_LENGTH)));
    }
}
