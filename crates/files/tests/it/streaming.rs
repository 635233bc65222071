//! Files of 100,000 payments: read as they come, with nothing of them kept.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use chorsu_files::{BulkFormat, BulkRows};

const ROWS: u64 = 100_000;
/// What parsers may read ahead of the row that they give.
const AHEAD: u64 = 64 * 1024;

/// A file that exists only in the parts that are being read.
struct Made {
    head: String,
    row: fn(u64) -> String,
    tail: &'static str,
    part: Vec<u8>,
    next: u64,
    place: Rc<Cell<u64>>,
}

impl Made {
    fn new(head: String, row: fn(u64) -> String, tail: &'static str) -> (Self, Rc<Cell<u64>>) {
        let place = Rc::new(Cell::new(0));
        let made = Self { head, row, tail, part: Vec::new(), next: 0, place: Rc::clone(&place) };
        (made, place)
    }
}

impl Read for Made {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.part.is_empty() && self.next <= ROWS + 1 {
            self.part = match self.next {
                0 => self.head.clone(),
                row if row <= ROWS => (self.row)(row),
                _ => self.tail.to_owned(),
            }
            .into_bytes();
            self.next += 1;
        }
        let count = self.part.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.part[..count]);
        self.part.drain(..count);
        self.place.set(self.place.get() + count as u64);
        Ok(count)
    }
}

impl Seek for Made {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        assert!(matches!(to, SeekFrom::Start(0)), "{to:?}");
        self.part.clear();
        self.next = 0;
        self.place.set(0);
        Ok(0)
    }
}

fn csv_row(row: u64) -> String {
    format!("order-{row};OOO «Гул»;00401;20208000405273320010;307692757;{row};За товар\n")
}

fn xml_row(row: u64) -> String {
    format!(
        "<CdtTrfTxInf><PmtId><EndToEndId>order-{row}</EndToEndId></PmtId>\
         <Amt><InstdAmt Ccy=\"UZS\">{row}.00</InstdAmt></Amt>\
         <CdtrAgt><FinInstnId><ClrSysMmbId><MmbId>00401</MmbId></ClrSysMmbId></FinInstnId></CdtrAgt>\
         <Cdtr><Nm>OOO «Гул»</Nm></Cdtr>\
         <CdtrAcct><Id><Othr><Id>20208000405273320010</Id></Othr></Id></CdtrAcct>\
         <RmtInf><Ustrd>За товар</Ustrd></RmtInf></CdtTrfTxInf>\n"
    )
}

fn check(format: BulkFormat, made: Made, place: &Cell<u64>, row: fn(u64) -> String) {
    let mut read = 0;
    let mut expected = 0;
    for found in BulkRows::open(format, made).unwrap() {
        let found = found.unwrap();
        read += 1;
        assert_eq!(found.order_key, format!("order-{read}"));
        expected += row(read).len() as u64;
        assert!(place.get() <= expected + AHEAD, "row {read} is given at byte {}", place.get());
    }
    assert_eq!(read, ROWS);
}

#[test]
fn a_long_csv_is_read_as_it_comes() {
    let head = "orderId;receiverName;mfoReceiver;receiverAccount;innReceiver;amount;purpose\n";
    let (made, place) = Made::new(head.into(), csv_row, "");
    check(BulkFormat::Csv, made, &place, csv_row);
}

#[test]
fn a_long_pain001_is_read_as_it_comes() {
    let sum = ROWS * (ROWS + 1) / 2;
    let head = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>\
         <GrpHdr><NbOfTxs>{ROWS}</NbOfTxs><CtrlSum>{sum}.00</CtrlSum></GrpHdr>\
         <PmtInf><PmtMtd>TRF</PmtMtd>"
    );
    let (made, place) = Made::new(head, xml_row, "</PmtInf></CstmrCdtTrfInitn></Document>");
    check(BulkFormat::Pain001, made, &place, xml_row);
}
