//! Payments from CSV, in the encodings and with the separators that spreadsheets write.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use csv::{ByteRecord, Reader, ReaderBuilder};
use encoding_rs::{DecoderResult, UTF_8};

use super::BulkRow;
use super::MAX_ITEM_BYTES;
use super::draft::Draft;
use super::header::Header;
use super::problem::{BulkError, FileError, Problem, RowError};
use crate::bounded::Bounded;
use crate::cp1251;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// How much the CSV reader reads ahead of the record that it gives.
const READ_AHEAD: usize = 8 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Windows1251,
}

/// The payments of a CSV file.
pub(crate) struct CsvRows<R> {
    reader: Reader<Bounded<R>>,
    record: ByteRecord,
    header: Header,
    encoding: Encoding,
    row: u64,
}

impl<R: Read + Seek> CsvRows<R> {
    /// Reads the headings. The whole file is looked through once before that: its encoding cannot
    /// be told from its beginning.
    pub(crate) fn open(mut source: R) -> Result<Self, FileError> {
        source.seek(SeekFrom::Start(0)).map_err(FileError::Read)?;
        let encoding = encoding_of(&mut source)?;
        source.seek(SeekFrom::Start(0)).map_err(FileError::Read)?;
        let delimiter = delimiter_of(&mut source)?;
        source.seek(SeekFrom::Start(0)).map_err(FileError::Read)?;
        skip_mark(&mut source)?;
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(READ_AHEAD)
            .from_reader(Bounded::new(source, MAX_ITEM_BYTES + READ_AHEAD));
        let mut record = ByteRecord::new();
        let cells: Vec<String> = if read(&mut reader, &mut record)? {
            record.iter().map(|cell| decoded(cell, encoding)).collect()
        } else {
            return Err(FileError::NoHeadings);
        };
        let header = Header::parse(cells.iter().map(String::as_str))?;
        Ok(Self { reader, record, header, encoding, row: 1 })
    }

    /// Headings without a meaning.
    pub(crate) fn ignored_columns(&self) -> &[String] {
        self.header.ignored()
    }

    /// The next payment; rows without anything in them are passed over.
    pub(crate) fn next(&mut self) -> Option<Result<BulkRow, BulkError>> {
        loop {
            match read(&mut self.reader, &mut self.record) {
                Err(error) => return Some(Err(error.into())),
                Ok(false) => return None,
                Ok(true) => {}
            }
            // A row of a sheet may have many lines, so rows are counted and not lines.
            self.row += 1;
            let row = self.row;
            if self.record.iter().skip(self.header.width()).any(|cell| !cell.is_empty()) {
                let problem = Problem::TooManyCells;
                return Some(Err(RowError { row, column: None, problem }.into()));
            }
            let draft = self.draft();
            if !draft.is_blank() {
                return Some(draft.into_row(row).map_err(BulkError::from));
            }
        }
    }

    fn draft(&self) -> Draft {
        let mut draft = Draft::default();
        for (place, cell) in self.record.iter().enumerate() {
            if let Some(column) = self.header.column(place) {
                draft.set(column, decoded(cell, self.encoding));
            }
        }
        draft
    }
}

/// The next record; `false` at the end of the file.
fn read<R: Read>(
    reader: &mut Reader<Bounded<R>>,
    record: &mut ByteRecord,
) -> Result<bool, FileError> {
    reader.get_mut().next_item();
    let result = reader.read_byte_record(record);
    match result {
        Ok(more) if record.as_slice().len() <= MAX_ITEM_BYTES => Ok(more),
        Ok(_) => Err(FileError::TooLong),
        Err(_) if reader.get_ref().is_spent() => Err(FileError::TooLong),
        Err(error) => Err(FileError::Read(error.into())),
    }
}

/// The text of a cell. UTF-8 was checked for the whole file, so nothing is lost here.
fn decoded(cell: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(cell).into_owned(),
        Encoding::Windows1251 => cp1251::decode(cell),
    }
}

/// UTF-8 when all of `source` is; otherwise windows-1251, in which everything is text.
fn encoding_of(source: &mut impl Read) -> Result<Encoding, FileError> {
    let mut input = BufReader::with_capacity(READ_AHEAD, source);
    let mut decoder = UTF_8.new_decoder_without_bom_handling();
    let mut text = vec![0; 2 * READ_AHEAD];
    let (mut begun, mut marked) = (false, false);
    loop {
        let bytes = input.fill_buf().map_err(FileError::Read)?;
        if !begun {
            if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
                return Err(FileError::Encoding);
            }
            marked = bytes.starts_with(BYTE_ORDER_MARK);
            begun = true;
        }
        let last = bytes.is_empty();
        let (result, used, _) = decoder.decode_to_utf8_without_replacement(bytes, &mut text, last);
        match result {
            DecoderResult::Malformed(..) if marked => return Err(FileError::Encoding),
            DecoderResult::Malformed(..) => return Ok(Encoding::Windows1251),
            DecoderResult::InputEmpty if last => return Ok(Encoding::Utf8),
            DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
        }
        input.consume(used);
    }
}

/// The sign that parts the headings: the commonest of semicolon, comma and tab that is not quoted.
fn delimiter_of(source: &mut impl Read) -> Result<u8, FileError> {
    let mut line = Vec::new();
    BufReader::with_capacity(READ_AHEAD, source.take(MAX_ITEM_BYTES as u64))
        .read_until(b'\n', &mut line)
        .map_err(FileError::Read)?;
    let mut counts = [(b';', 0), (b',', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in line {
        quoted ^= byte == b'"';
        for (sign, count) in &mut counts {
            *count += u32::from(!quoted && byte == *sign);
        }
    }
    // Of equals, the last one would win; the order of preference is the other way round.
    Ok(counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b';', |(sign, _)| *sign))
}

/// Leaves `source` behind its byte order mark, if it has one.
fn skip_mark<R: Read + Seek>(source: &mut R) -> Result<(), FileError> {
    let mut mark = [0; BYTE_ORDER_MARK.len()];
    let found = match source.read_exact(&mut mark) {
        Ok(()) => mark == *BYTE_ORDER_MARK,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
        Err(error) => return Err(FileError::Read(error)),
    };
    if !found {
        source.seek(SeekFrom::Start(0)).map_err(FileError::Read)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn encodings_are_told_by_the_whole_file() {
        let mut late = vec![b'a'; 3 * READ_AHEAD - 1];
        late.extend("ж".as_bytes());
        let mut russian = late.clone();
        russian.pop();
        let cases: [(&[u8], Option<Encoding>); 7] = [
            (b"", Some(Encoding::Utf8)),
            (&late, Some(Encoding::Utf8)),
            (&russian, Some(Encoding::Windows1251)),
            (b"\xf1\xf7\xe5\xf2", Some(Encoding::Windows1251)),
            (b"\xef\xbb\xbfa", Some(Encoding::Utf8)),
            (b"\xef\xbb\xbf\xf1", None),
            (b"\xff\xfea\0", None),
        ];
        for (bytes, want) in cases {
            let found = encoding_of(&mut Cursor::new(bytes)).ok();
            assert_eq!(found, want);
        }
    }

    #[test]
    fn the_delimiter_is_the_commonest() {
        let cases: [(&str, u8); 5] = [
            ("a;b;c\n1,2,3,4,5\n", b';'),
            ("a,b,c\n", b','),
            ("a\tb\n", b'\t'),
            ("\"сумма, сум, всего\";b;\"c\"\n", b';'),
            ("a", b';'),
        ];
        for (text, want) in cases {
            assert_eq!(delimiter_of(&mut text.as_bytes()).unwrap(), want, "{text}");
        }
    }
}
