//! Payments from ISO 20022 pain.001, in any of its versions.
//!
//! Elements are told by their local names and places, which are the same from version 03 on. Entities
//! are neither defined nor expanded, and everything that could grow has a bound.

mod path;
mod source;
mod transaction;

use std::io::{BufReader, Read, Seek};

use chorsu_core::Tiyin;
use quick_xml::Reader;
use quick_xml::errors::Error as XmlError;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use self::path::Path;
use self::source::Source;
use self::transaction::Transaction;
use super::problem::{BulkError, FileError};
use super::{BulkRow, MAX_ITEM_BYTES};
use crate::bounded::Bounded;
use crate::sums::parse_sums;

const ROOT: &str = "/Document";
const MESSAGE: &str = "/Document/CstmrCdtTrfInitn";
const HEAD: &str = "/Document/CstmrCdtTrfInitn/GrpHdr";
const GROUP: &str = "/Document/CstmrCdtTrfInitn/PmtInf";
const PAYMENT: &str = "/Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf";
/// The kind of payment that a transfer is.
const TRANSFER: &str = "TRF";

/// The payments of a pain.001.
pub(crate) struct Pain001Rows<R> {
    reader: Reader<Bounded<BufReader<Source<R>>>>,
    buffer: Vec<u8>,
    place: Place,
    head: Head,
    group: Group,
    payment: Transaction,
}

/// Where in the document we are, and the text there.
#[derive(Default)]
struct Place {
    path: Path,
    text: String,
    ended: bool,
}

/// What the head of the message promised, and what has been found of it.
#[derive(Default)]
struct Head {
    count: Option<String>,
    sum: Option<String>,
    found: u64,
    /// The total; `None` once a payment could not be read.
    total: Option<Tiyin>,
}

/// What is common to the payments of one group.
#[derive(Default)]
struct Group {
    payer_account: Option<String>,
    method: Option<String>,
}

/// What one event of the parser led to.
enum Step {
    /// Nothing to tell yet.
    Further,
    /// A payment is complete.
    Payment,
    /// The document is.
    End,
}

impl<R: Read + Seek> Pain001Rows<R> {
    /// Reads to the message, to see that there is one.
    pub(crate) fn open(source: R) -> Result<Self, FileError> {
        let source = BufReader::new(Source::open(source)?);
        let reader = Reader::from_reader(Bounded::new(source, MAX_ITEM_BYTES));
        let mut rows = Self {
            reader,
            buffer: Vec::new(),
            place: Place::default(),
            head: Head { total: Some(Tiyin::ZERO), ..Head::default() },
            group: Group::default(),
            payment: Transaction::default(),
        };
        while !rows.place.path.is(MESSAGE) {
            if matches!(rows.step()?, Step::End) {
                return Err(FileError::NotPain001);
            }
        }
        Ok(rows)
    }

    /// The next payment.
    pub(crate) fn next(&mut self) -> Option<Result<BulkRow, BulkError>> {
        loop {
            match self.step() {
                Err(error) => return Some(Err(error.into())),
                Ok(Step::Further) => {}
                Ok(Step::Payment) => return Some(self.finish_payment()),
                Ok(Step::End) => return self.check_end().err().map(|error| Err(error.into())),
            }
        }
    }

    fn finish_payment(&mut self) -> Result<BulkRow, BulkError> {
        let payment = std::mem::take(&mut self.payment);
        let is_transfer = self.group.method.as_deref().is_none_or(|method| method == TRANSFER);
        self.head.found += 1;
        let row = payment.into_row(self.head.found, self.group.payer_account.clone(), is_transfer);
        let amount = row.as_ref().ok().map(|row| row.amount);
        self.head.total = self.head.total.zip(amount).and_then(|(sum, one)| sum.checked_add(one));
        row.map_err(BulkError::from)
    }

    /// Holds what was found against what the head promised.
    fn check_end(&self) -> Result<(), FileError> {
        if !self.place.ended {
            return Err(FileError::Truncated);
        }
        let head = &self.head;
        if let Some(count) = head.count.as_ref().filter(|count| !is_count(count, head.found)) {
            return Err(FileError::Count(count.clone(), head.found));
        }
        match (&head.sum, head.total) {
            (Some(sum), Some(total)) if parse_sums(sum) != Ok(total) => Err(FileError::ControlSum),
            _ => Ok(()),
        }
    }

    /// Reads one event.
    fn step(&mut self) -> Result<Step, FileError> {
        self.reader.get_mut().next_item();
        self.buffer.clear();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(failure(&self.reader, error)),
        };
        match event {
            Event::Start(tag) => {
                begin(&mut self.place, &mut self.group, &mut self.payment, &tag)?;
            }
            Event::Empty(tag) => {
                begin(&mut self.place, &mut self.group, &mut self.payment, &tag)?;
                return self.end();
            }
            Event::End(_) => return self.end(),
            Event::Text(text) => push(&mut self.place.text, &text)?,
            Event::CData(text) => push(&mut self.place.text, &text)?,
            Event::GeneralRef(entity) => {
                let character = entity.resolve_char_ref().map_err(|_| FileError::Entities)?;
                match (character, resolve_xml_entity(&entity)) {
                    (Some(c), _) => push(&mut self.place.text, c.encode_utf8(&mut [0; 4]))?,
                    (None, Some(known)) => push(&mut self.place.text, known)?,
                    (None, None) => return Err(FileError::Entities),
                }
            }
            Event::DocType(_) => return Err(FileError::Entities),
            Event::Eof => return Ok(Step::End),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
        Ok(Step::Further)
    }

    /// An element ends: its text is known now.
    fn end(&mut self) -> Result<Step, FileError> {
        let text = std::mem::take(&mut self.place.text);
        let (path, value) = (&self.place.path, text.trim());
        let mut step = Step::Further;
        if path.is(PAYMENT) {
            step = Step::Payment;
        } else if let Some(field) = path.below(PAYMENT) {
            self.payment.end(field, value);
        } else {
            let some = || Some(value.to_owned());
            match (path.below(HEAD), path.below(GROUP)) {
                (Some("/NbOfTxs"), _) => self.head.count = some(),
                (Some("/CtrlSum"), _) => self.head.sum = some(),
                (_, Some("/PmtMtd")) => self.group.method = some(),
                (_, Some("/DbtrAcct/Id/Othr/Id")) => self.group.payer_account = some(),
                _ => {}
            }
            self.place.ended |= path.is(ROOT);
        }
        self.place.path.pop();
        Ok(step)
    }
}

/// An element begins.
fn begin(
    place: &mut Place,
    group: &mut Group,
    payment: &mut Transaction,
    tag: &BytesStart<'_>,
) -> Result<(), FileError> {
    let name = tag.local_name();
    if !place.path.push(name.as_ref()) {
        return Err(FileError::TooDeep);
    }
    if !place.path.is_towards(MESSAGE) {
        return Err(FileError::NotPain001);
    }
    place.text.clear();
    if place.path.is(GROUP) {
        *group = Group::default();
    } else if place.path.is(PAYMENT) {
        *payment = Transaction::default();
    } else if place.path.below(PAYMENT) == Some("/Amt/InstdAmt") {
        let currency = tag.try_get_attribute("Ccy").ok().flatten();
        payment.currency(currency.as_ref().map(|found| found.value.as_ref()));
    }
    Ok(())
}

/// Adds to the text of an element.
fn push(text: &mut String, more: &str) -> Result<(), FileError> {
    if text.len() + more.len() > MAX_ITEM_BYTES {
        return Err(FileError::TooLong);
    }
    text.push_str(more);
    Ok(())
}

/// Whether `text` is the number `found`; zeros in front are allowed by the schema.
fn is_count(text: &str, found: u64) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse() == Ok(found)
}

/// What a failure of the parser means.
fn failure<R>(reader: &Reader<Bounded<R>>, error: XmlError) -> FileError {
    if reader.get_ref().is_spent() {
        return FileError::TooLong;
    }
    match error {
        XmlError::Io(error) => FileError::Read(std::io::Error::new(error.kind(), error)),
        XmlError::Encoding(_) => FileError::Encoding,
        other => FileError::Xml { position: reader.error_position(), source: Box::new(other) },
    }
}
