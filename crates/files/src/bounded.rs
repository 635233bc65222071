//! A reader that gives up when one item of a file is too long to be meant.
//!
//! CSV and XML parsers collect a cell or a tag until it ends. A file with an open quotation mark
//! never ends one, so the bound has to sit below the parser.

use std::io::{self, BufRead, Read};

/// Lets `limit` bytes through, then fails, unless it is told that a new item begins.
pub(crate) struct Bounded<R> {
    inner: R,
    limit: usize,
    left: usize,
}

impl<R> Bounded<R> {
    /// A reader over `inner` that lets `limit` bytes through for each item.
    pub(crate) const fn new(inner: R, limit: usize) -> Self {
        Self { inner, limit, left: limit }
    }

    /// A new item begins.
    pub(crate) const fn next_item(&mut self) {
        self.left = self.limit;
    }

    /// Whether the last failure came from the bound.
    pub(crate) const fn is_spent(&self) -> bool {
        self.left == 0
    }

    fn spent() -> io::Error {
        io::Error::new(io::ErrorKind::FileTooLarge, "one item of the file is too long")
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(Self::spent());
        }
        let room = buffer.len().min(self.left);
        let count = self.inner.read(&mut buffer[..room])?;
        self.left -= count;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(Self::spent());
        }
        let left = self.left;
        self.inner.fill_buf().map(|bytes| &bytes[..bytes.len().min(left)])
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.inner.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_may_have_so_many_bytes_and_no_more() {
        let mut reader = Bounded::new(&b"abcdefgh"[..], 4);
        let mut four = [0; 4];
        reader.read_exact(&mut four).unwrap();
        assert!(reader.read(&mut four).is_err() && reader.is_spent());
        reader.next_item();
        reader.read_exact(&mut four).unwrap();
        assert_eq!(&four, b"efgh");
    }

    #[test]
    fn buffered_reading_has_the_same_bound() {
        let mut reader = Bounded::new(&b"abcdefgh"[..], 4);
        let mut found = Vec::new();
        assert!(reader.read_until(b'h', &mut found).is_err());
        assert_eq!(found, b"abcd");
    }
}
