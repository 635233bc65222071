//! ISO 20022 camt.053.001.02: the bank to customer statement.
//!
//! Version 02 is the one that every reader understands. Uzbekistan has no IBAN, so accounts go into
//! `Othr/Id`; the bank's code is the clearing system's member id; INN go under the scheme `TXID`.
//! Lengths are those of the schema, in characters.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use crate::day::{Day, iso_moment};
use crate::error::ExportError;
use crate::line_text::{one_line, pieces};
use crate::statement::{Direction, Line, Party, Statement};
use crate::sums::in_sums;
use crate::xml_elements::Elements;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02";
const CURRENCY: &str = "UZS";
/// Lengths of the schema's types `Max34Text` (accounts), `Max35Text`, `Max140Text`, `Max500Text`.
const ACCOUNT: usize = 34;
const ID: usize = 35;
const NAME: usize = 140;
const NOTE: usize = 500;
/// The text of a payment goes into pieces of `Ustrd`, 140 characters each.
pub(crate) const REMITTANCE: usize = 140;
/// An amount has at most 18 digits, two of them decimals.
const LARGEST_TIYIN: u64 = 999_999_999_999_999_999;
/// What a payment that nobody gave an end-to-end id has in its place.
pub(crate) const NOT_PROVIDED: &str = "NOTPROVIDED";

/// A statement that is being written.
pub(crate) struct Camt053<W> {
    xml: Elements<W>,
}

impl<W: Write> Camt053<W> {
    /// Writes everything before the first entry of the first statement.
    pub(crate) fn begin(out: W, head: &Statement) -> Result<Self, ExportError> {
        let mut xml = Elements::begin(out, "Document", NAMESPACE)?;
        xml.open("BkToCstmrStmt")?;
        xml.open("GrpHdr")?;
        xml.text("MsgId", &format!("{}-{}", head.created_at.0, head.account), ID)?;
        xml.text("CreDtTm", &iso_moment(head.created_at), ID)?;
        xml.close(1)?;
        let mut file = Self { xml };
        file.head(head)?;
        Ok(file)
    }

    /// Ends the statement and begins another one.
    pub(crate) fn next(&mut self, head: &Statement) -> Result<(), ExportError> {
        self.xml.close(1)?;
        self.head(head)
    }

    fn head(&mut self, head: &Statement) -> Result<(), ExportError> {
        let xml = &mut self.xml;
        let made = iso_moment(head.created_at);
        xml.open("Stmt")?;
        let (from, to) = (head.from.compact(), head.to.compact());
        xml.text("Id", &format!("{}-{from}-{to}", head.account), ID)?;
        xml.text("CreDtTm", &made, ID)?;
        xml.open("FrToDt")?;
        xml.text("FrDtTm", &format!("{}T00:00:00+05:00", head.from.iso()), ID)?;
        xml.text("ToDtTm", &format!("{}T23:59:59+05:00", head.to.iso()), ID)?;
        xml.close(1)?;
        account_of(xml, head)?;
        balance(xml, "OPBD", head.opening_tiyin, head.from)?;
        balance(xml, "CLBD", head.closing_tiyin, head.to)?;
        xml.open("TxsSummry")?;
        for (name, total) in [("TtlCdtNtries", head.incoming), ("TtlDbtNtries", head.outgoing)] {
            xml.path(&[name, "Sum"], &decimal(total.get())?, ID)?;
        }
        xml.close(1)?;
        Ok(())
    }

    /// Writes one entry with its only transaction.
    pub(crate) fn line(&mut self, line: &Line) -> Result<(), ExportError> {
        let xml = &mut self.xml;
        xml.open("Ntry")?;
        xml.text("NtryRef", &line.id.to_string(), ID)?;
        amount(xml, line.amount.get())?;
        let (side, family) = match line.direction {
            Direction::Incoming => ("CRDT", "RCDT"),
            Direction::Outgoing => ("DBIT", "ICDT"),
        };
        xml.text("CdtDbtInd", side, ID)?;
        xml.text("Sts", "BOOK", ID)?;
        let posted = line.bank_day.iso();
        xml.path(&["BookgDt", "Dt"], &posted, ID)?;
        xml.path(&["ValDt", "Dt"], &posted, ID)?;
        let id = line.id.to_string();
        xml.text("AcctSvcrRef", line.doc_id.as_deref().unwrap_or(&id), ID)?;
        xml.open("BkTxCd")?;
        xml.open("Domn")?;
        xml.text("Cd", "PMNT", ID)?;
        xml.open("Fmly")?;
        xml.text("Cd", family, ID)?;
        xml.text("SubFmlyCd", "DMCT", ID)?;
        xml.close(3)?;
        xml.open("NtryDtls")?;
        xml.open("TxDtls")?;
        transaction(xml, line)?;
        xml.close(3)?;
        Ok(())
    }

    /// Writes the end and gives the writer back.
    pub(crate) fn finish(self) -> Result<W, ExportError> {
        Ok(self.xml.finish()?)
    }
}

/// `Acct`: number, currency, owner and bank.
fn account_of<W: Write>(xml: &mut Elements<W>, head: &Statement) -> io::Result<()> {
    xml.open("Acct")?;
    xml.path(&["Id", "Othr", "Id"], &head.account, ACCOUNT)?;
    xml.text("Ccy", CURRENCY, ID)?;
    xml.open("Ownr")?;
    named(xml, &head.owner_name, head.owner_inn.as_deref())?;
    xml.close(1)?;
    xml.path(&["Svcr", "FinInstnId", "ClrSysMmbId", "MmbId"], &head.mfo, ID)?;
    xml.close(1)
}

/// One `Bal`.
fn balance<W: Write>(
    xml: &mut Elements<W>,
    code: &str,
    tiyin: i64,
    day: Day,
) -> Result<(), ExportError> {
    xml.open("Bal")?;
    xml.path(&["Tp", "CdOrPrtry", "Cd"], code, ID)?;
    amount(xml, tiyin)?;
    xml.text("CdtDbtInd", if tiyin < 0 { "DBIT" } else { "CRDT" }, ID)?;
    xml.path(&["Dt", "Dt"], &day.iso(), ID)?;
    xml.close(1)?;
    Ok(())
}

/// `Amt`: the size of `tiyin` in sums; its sign is told beside it.
fn amount<W: Write>(xml: &mut Elements<W>, tiyin: i64) -> Result<(), ExportError> {
    xml.with_attribute("Amt", ("Ccy", CURRENCY), &decimal(tiyin)?)?;
    Ok(())
}

/// The size of `tiyin` in sums, if the schema's 18 digits can hold it.
fn decimal(tiyin: i64) -> Result<String, ExportError> {
    if tiyin.unsigned_abs() > LARGEST_TIYIN {
        return Err(ExportError::AmountTooLarge);
    }
    Ok(in_sums(tiyin).trim_start_matches('-').to_owned())
}

/// What is inside `TxDtls`.
fn transaction<W: Write>(xml: &mut Elements<W>, line: &Line) -> io::Result<()> {
    let key = line.order_key.as_deref().unwrap_or(NOT_PROVIDED);
    let short = end_to_end_id(key);
    xml.open("Refs")?;
    xml.text("InstrId", &line.number, ID)?;
    xml.text("EndToEndId", &short, ID)?;
    xml.close(1)?;
    xml.open("RltdPties")?;
    party(xml, ("Dbtr", "DbtrAcct"), &line.payer)?;
    party(xml, ("Cdtr", "CdtrAcct"), &line.receiver)?;
    xml.close(1)?;
    xml.open("RltdAgts")?;
    xml.path(&["DbtrAgt", "FinInstnId", "ClrSysMmbId", "MmbId"], &line.payer.mfo, ID)?;
    xml.path(&["CdtrAgt", "FinInstnId", "ClrSysMmbId", "MmbId"], &line.receiver.mfo, ID)?;
    xml.close(1)?;
    xml.path(&["Purp", "Prtry"], line.purpose_code.as_deref().unwrap_or_default(), ID)?;
    let purpose = one_line(&line.purpose);
    if !purpose.is_empty() {
        xml.open("RmtInf")?;
        for piece in pieces(&purpose, REMITTANCE) {
            xml.text("Ustrd", piece, REMITTANCE)?;
        }
        xml.close(1)?;
    }
    xml.path(&["RltdDts", "TxDtTm"], &iso_moment(line.doc_time), ID)?;
    if short != key {
        xml.text("AddtlTxInf", &format!("orderId {key}"), NOTE)?;
    }
    Ok(())
}

/// A side of the payment and its account.
fn party<W: Write>(
    xml: &mut Elements<W>,
    names: (&'static str, &'static str),
    party: &Party,
) -> io::Result<()> {
    xml.open(names.0)?;
    named(xml, &party.name, party.inn.as_deref())?;
    xml.close(1)?;
    xml.path(&[names.1, "Id", "Othr", "Id"], &party.account, ACCOUNT)
}

/// Name and taxpayer number.
fn named<W: Write>(xml: &mut Elements<W>, name: &str, inn: Option<&str>) -> io::Result<()> {
    xml.text("Nm", name, NAME)?;
    let Some(inn) = inn.filter(|inn| !inn.trim().is_empty()) else { return Ok(()) };
    for name in ["Id", "OrgId", "Othr"] {
        xml.open(name)?;
    }
    xml.text("Id", inn, ID)?;
    xml.path(&["SchmeNm", "Cd"], "TXID", ID)?;
    xml.close(3)
}

/// An order id of at most 35 characters: itself, a UUID without dashes, or half of its SHA-256.
fn end_to_end_id(key: &str) -> String {
    if key.chars().count() <= ID {
        return key.to_owned();
    }
    let bare: String = key.chars().filter(|c| *c != '-').collect();
    if bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return bare;
    }
    Sha256::digest(key.as_bytes())[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_ids_fit_into_35_characters() {
        let uuid = "5153f545-52bf-46fd-af1a-c31b43fe043e";
        assert_eq!(end_to_end_id("009445151277"), "009445151277");
        assert_eq!(end_to_end_id(uuid), "5153f54552bf46fdaf1ac31b43fe043e");
        let long = end_to_end_id(&"x".repeat(36));
        assert_eq!(long.len(), 32);
        assert_ne!(long, end_to_end_id(&"y".repeat(36)));
    }
}
