//! The bytes of an XML file as UTF-8, whatever its declaration says that they are.

use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1251};

use crate::bulk::problem::FileError;
use crate::cp1251::Decoding;

/// A declaration is not longer than this.
const DECLARATION_BYTES: u64 = 256;

/// A file in one of the two encodings that are read.
pub(super) enum Source<R> {
    Utf8(R),
    Windows1251(Decoding<R>),
}

impl<R: Read + Seek> Source<R> {
    /// `reader` from its beginning, in the encoding that its declaration names.
    pub(super) fn open(mut reader: R) -> Result<Self, FileError> {
        reader.seek(SeekFrom::Start(0)).map_err(FileError::Read)?;
        let mut start = Vec::new();
        reader.by_ref().take(DECLARATION_BYTES).read_to_end(&mut start).map_err(FileError::Read)?;
        reader.seek(SeekFrom::Start(0)).map_err(FileError::Read)?;
        let encoding = match declared(&start) {
            None => UTF_8,
            Some(label) => Encoding::for_label(label).ok_or(FileError::Encoding)?,
        };
        // UTF-16 shows itself by its mark or by a zero beside the first bracket.
        if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") || start.contains(&0) {
            return Err(FileError::Encoding);
        }
        if encoding == UTF_8 {
            Ok(Self::Utf8(reader))
        } else if encoding == WINDOWS_1251 {
            Ok(Self::Windows1251(Decoding::new(reader)))
        } else {
            Err(FileError::Encoding)
        }
    }
}

/// The encoding in the declaration at the beginning of `start`, if it names one.
fn declared(start: &[u8]) -> Option<&[u8]> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let inside = start.strip_prefix(b"<?xml")?;
    let inside = &inside[..inside.windows(2).position(|two| two == b"?>")?];
    let key = b"encoding";
    let after = inside.windows(key.len()).position(|word| word == key)? + key.len();
    let value = inside[after..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    Some(&value[..value.iter().position(|byte| byte == quote)?])
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Utf8(reader) => reader.read(buffer),
            Self::Windows1251(reader) => reader.read(buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_names_the_encoding() {
        let cases: [(&[u8], Option<&[u8]>); 6] = [
            (b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>", Some(b"UTF-8")),
            (
                b"\xef\xbb\xbf<?xml version='1.0' encoding = 'windows-1251' ?>",
                Some(b"windows-1251"),
            ),
            (b"<?xml version=\"1.0\"?><a encoding=\"x\"/>", None),
            (b"<a/>", None),
            (b"<?xml encoding=\"UTF-8", None),
            (b"", None),
        ];
        for (start, want) in cases {
            assert_eq!(declared(start), want);
        }
    }
}
