//! What is looked at before a workbook is handed to the library that reads it.
//!
//! A few kilobytes can unpack into more than any memory holds, and what an archive says about its
//! sizes need not be true. So everything is unpacked once into nothing. The library also sets memory
//! aside for as many texts as the workbook announces; no memory for that would end the process.

use std::io::{self, BufReader, Read, Seek};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use crate::bounded::Bounded;
use crate::bulk::MAX_ITEM_BYTES;
use crate::bulk::problem::FileError;

/// Most bytes of a workbook when it is unpacked: some 200,000 payments.
pub const MAX_SHEET_BYTES: u64 = 128 * 1024 * 1024;
/// Most texts that a workbook may announce; `<si/>`, the shortest, has five bytes, but a payment's
/// have dozens.
const MAX_TEXTS: u64 = 4_000_000;
/// The end of the name of the file with the texts, in small letters.
const TEXTS_FILE: &str = "sharedstrings.xml";

/// Refuses a workbook that would need too much memory, and what is no workbook.
pub(super) fn check(source: &mut (impl Read + Seek)) -> Result<(), FileError> {
    let broken = |error| FileError::Workbook(Box::new(error));
    let mut archive = ZipArchive::new(source).map_err(broken)?;
    let mut left = MAX_SHEET_BYTES;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(broken)?;
        let has_texts = file.name().map_err(broken)?.to_ascii_lowercase().ends_with(TEXTS_FILE);
        let mut counted = file.take(left + 1);
        if has_texts {
            check_announced(&mut counted)?;
        }
        io::copy(&mut counted, &mut io::sink()).map_err(FileError::Read)?;
        left = counted.limit().checked_sub(1).ok_or(FileError::WorkbookTooLarge)?;
    }
    Ok(())
}

/// Reads as far as the root element and looks at the number of texts that it announces.
fn check_announced(file: &mut impl Read) -> Result<(), FileError> {
    let mut reader = Reader::from_reader(Bounded::new(BufReader::new(file), MAX_ITEM_BYTES));
    let mut buffer = Vec::new();
    loop {
        reader.get_mut().next_item();
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "sst" => {
                for attribute in tag.attributes().with_checks(false) {
                    let attribute =
                        attribute.map_err(|error| FileError::Workbook(Box::new(error)))?;
                    if attribute.value.parse().is_ok_and(|count: u64| count > MAX_TEXTS) {
                        return Err(FileError::WorkbookTooLarge);
                    }
                }
                return Ok(());
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(_) if reader.get_ref().is_spent() => return Err(FileError::WorkbookTooLarge),
            Err(error) => return Err(FileError::Workbook(Box::new(error))),
        }
    }
}
