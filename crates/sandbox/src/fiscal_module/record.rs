//! What a module remembers: itself, its shifts, its receipts, and which TXID is which receipt.

use chorsu_connectors::fiscal_module::{Applet, LocalTime, Receipt, ReceiptOperation};
use chorsu_core::Tiyin;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::book::{RecordId, RecordKey};

/// The kind of a module's own record.
pub(super) const MODULE: &str = "fiscal.module";
const SHIFT: &str = "fiscal.shift";
const RECEIPT: &str = "fiscal.receipt";
const TXID: &str = "fiscal.txid";

/// The longest factory id.
const FACTORY_BYTES: usize = 40;
/// Two letters and twelve digits.
const TERMINAL_BYTES: usize = 14;

/// The name a module is asked by: 1 to 40 letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FactoryId(String);

impl FactoryId {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let fits = (1..=FACTORY_BYTES).contains(&text.len()) && text.bytes().all(plain);
        fits.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The module's number at the tax committee, made from the factory id.
    pub(super) fn terminal(&self) -> TerminalId {
        TerminalId(format!("ZZ{:012}", number(&Sha256::digest(&self.0)) % 1_000_000_000_000))
    }

    pub(super) fn module_key(&self) -> RecordKey {
        RecordKey { kind: MODULE, id: id(self.0.as_bytes()) }
    }
}

/// A module's number at the tax committee: two letters and twelve digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TerminalId(String);

impl TerminalId {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let form = bytes.len() == TERMINAL_BYTES
            && bytes[..2].iter().all(u8::is_ascii_uppercase)
            && bytes[2..].iter().all(u8::is_ascii_digit);
        form.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of shift `number`.
    pub(super) fn shift_key(&self, number: u32) -> RecordKey {
        self.key(SHIFT, &number.to_be_bytes())
    }

    /// The key of receipt `seq`.
    pub(super) fn receipt_key(&self, seq: u64) -> RecordKey {
        self.key(RECEIPT, &seq.to_be_bytes())
    }

    /// The key under which the receipt `txid` is found.
    pub(super) fn txid_key(&self, txid: &str) -> RecordKey {
        self.key(TXID, &Sha256::digest(txid)[..16])
    }

    fn key(&self, kind: &'static str, tail: &[u8]) -> RecordKey {
        RecordKey { kind, id: id(&[self.0.as_bytes(), tail].concat()) }
    }
}

/// An id of at most 40 bytes, which all of the above are by their forms.
fn id(bytes: &[u8]) -> RecordId {
    let id = RecordId::new(bytes);
    assert!(id.is_some(), "ids of fiscal records have at most 40 bytes");
    id.unwrap_or(RecordId::of([]))
}

/// The first eight bytes of a digest.
fn number(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Sums in tiyin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sums {
    #[serde(rename = "h")]
    pub(super) cash: i64,
    #[serde(rename = "c")]
    pub(super) card: i64,
    #[serde(rename = "v")]
    pub(super) vat: i64,
    /// Receipts.
    #[serde(rename = "n")]
    pub(super) count: u64,
}

impl Sums {
    /// The sums of one receipt; `None` when they do not fit.
    pub(super) fn of(receipt: &Receipt) -> Option<Self> {
        let vat = receipt.items.iter().try_fold(Tiyin::ZERO, |sum, item| sum.checked_add(item.vat));
        Some(Self {
            cash: receipt.received_cash.get(),
            card: receipt.received_card.get(),
            vat: vat?.get(),
            count: 1,
        })
    }

    /// Both together; `None` when they do not fit.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            cash: self.cash.checked_add(other.cash)?,
            card: self.card.checked_add(other.card)?,
            vat: self.vat.checked_add(other.vat)?,
            count: self.count.checked_add(other.count)?,
        })
    }
}

/// A module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Module {
    /// Whether its applet is of the earlier generation.
    #[serde(default)]
    pub(super) earlier: bool,
    /// The number of the receipt registered last.
    pub(super) seq: u64,
    /// The number of the latest shift; 0 before the first.
    pub(super) shifts: u32,
    /// Whether that shift is open.
    pub(super) open: bool,
    /// The time of the last operation.
    pub(super) last: Option<LocalTime>,
    /// The last receipt that is acknowledged.
    pub(super) acked: u64,
    /// The time of the first one that is not.
    pub(super) unsent_since: Option<LocalTime>,
    /// Everything that was sold.
    pub(super) sold: Sums,
    /// Everything that was given back.
    pub(super) refunded: Sums,
    #[serde(default)]
    pub(super) not_initialised: bool,
    #[serde(default)]
    pub(super) ofd_stopped: bool,
}

impl Module {
    pub(super) const fn applet(&self) -> Applet {
        if self.earlier { Applet::Earlier } else { Applet::V0400 }
    }

    pub(super) const fn version(&self) -> &'static str {
        if self.earlier { "0324" } else { "0400" }
    }

    /// How many receipts are not acknowledged.
    pub(super) const fn unsent(&self) -> u64 {
        self.seq.saturating_sub(self.acked)
    }

    /// Has the tax committee acknowledge everything, if it is there.
    pub(super) fn acknowledge(&mut self) {
        if !self.ofd_stopped {
            self.acked = self.seq;
            self.unsent_since = None;
        }
    }
}

/// A shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shift {
    pub(super) number: u32,
    pub(super) opened: LocalTime,
    pub(super) closed: Option<LocalTime>,
    /// Its first receipt; 0 while there is none.
    pub(super) first: u64,
    /// Its last receipt; 0 while there is none.
    pub(super) last: u64,
    pub(super) sold: Sums,
    pub(super) refunded: Sums,
}

impl Shift {
    pub(super) fn new(number: u32, opened: LocalTime) -> Self {
        let (sold, refunded) = Default::default();
        Self { number, opened, closed: None, first: 0, last: 0, sold, refunded }
    }

    /// How many receipts it has.
    pub(super) const fn receipts(&self) -> u64 {
        if self.first == 0 { 0 } else { self.last - self.first + 1 }
    }
}

/// A receipt as it was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Registration {
    pub(super) txid: String,
    pub(super) terminal: String,
    pub(super) seq: u64,
    pub(super) shift: u32,
    pub(super) time: LocalTime,
    /// None for advances and credits.
    pub(super) sign: Option<String>,
    pub(super) refund: bool,
    /// 0 purchase, 1 advance, 2 credit.
    pub(super) kind: u8,
    pub(super) sums: Sums,
    /// The wallet's id of the payment, if it was one.
    #[serde(default)]
    pub(super) payment: String,
}

impl Registration {
    /// The registration of `receipt` as number `seq` of `terminal`.
    pub(super) fn new(
        receipt: &Receipt,
        terminal: &TerminalId,
        seq: u64,
        shift: u32,
        sums: Sums,
    ) -> Self {
        let extra = receipt.extra_info.as_ref();
        Self {
            txid: receipt.txid.clone(),
            terminal: terminal.as_str().to_owned(),
            seq,
            shift,
            time: receipt.time,
            sign: receipt.is_signed().then(|| sign(receipt, terminal, seq)),
            refund: receipt.operation == ReceiptOperation::Refund,
            kind: receipt.kind.into(),
            sums,
            payment: extra.map(|extra| extra.qr_payment_id.clone()).unwrap_or_default(),
        }
    }

    /// Where the tax committee would show it.
    pub(super) fn url(&self) -> Option<String> {
        let (terminal, seq, time) = (&self.terminal, self.seq, self.time.compact());
        let sign = self.sign.as_ref()?;
        Some(format!("https://ofd.soliq.uz/check?t={terminal}&r={seq}&c={time}&s={sign}"))
    }
}

/// Twelve digits that nobody can tell beforehand, and the same for the same receipt.
fn sign(receipt: &Receipt, terminal: &TerminalId, seq: u64) -> String {
    let (cash, card) = (receipt.received_cash.get(), receipt.received_card.get());
    let text =
        format!("{}|{seq}|{}|{}|{cash}|{card}", terminal.as_str(), receipt.time, receipt.txid);
    format!("{:012}", number(&Sha256::digest(text)) % 1_000_000_000_000)
}
