//! Registering a receipt: the rules, in the order in which a module meets them. Pure.

use chorsu_connectors::fiscal_module::{Receipt, ReceiptOperation, ReceiptType, Refusal};

use super::call::{Answer, Refused};
use super::desk::{Desk, Halt, PATIENCE_MS, Stop, in_time};
use super::record::{Module, Registration, Shift, Sums, TerminalId};
use super::rules;
use crate::book::RecordKey;

/// A receipt's number has up to ten digits.
const SEQUENCE_END: u64 = 9_999_999_999;
/// How far a receipt's time may be ahead of the module's clock.
const AHEAD_MS: i64 = PATIENCE_MS;
/// The sign of the original is not its own.
const BAD_SIGN: u16 = 65_274;
/// The original is not as described.
const WRONG_VALUES: u16 = 65_276;
/// A refund without its original.
const MISSING: u16 = 65_277;

impl Desk<'_> {
    /// Registers `receipt`, or finds it registered.
    pub(super) fn register(
        &mut self,
        module: &mut Module,
        receipt: &Receipt,
    ) -> Result<Answer, Stop> {
        let txid_key = self.terminal.txid_key(&receipt.txid);
        if let Some(seq) = self.load::<u64>(txid_key)? {
            let key = self.terminal.receipt_key(seq);
            return Ok(Answer::Registered(self.load(key)?.ok_or(Halt::Broken(key))?));
        }
        if let Some(why) = rules::fault(receipt) {
            return Err(Refused::because(Refusal::BadReceipt, why).into());
        }
        if !module.open {
            return Err(Refusal::ShiftNotOpen.into());
        }
        let seq = module.seq + 1;
        let receipt_key = self.terminal.receipt_key(seq);
        self.need(&[self.terminal.shift_key(module.shifts), receipt_key])?;
        let mut shift = self.shift(module.shifts)?;
        self.room(module, &shift, receipt)?;
        let sums = Sums::of(receipt).ok_or(Refusal::BadReceipt)?;
        if receipt.operation == ReceiptOperation::Refund {
            self.original(receipt)?;
            enough(module, sums)?;
        }
        count(module, &mut shift, receipt, sums).ok_or(Refusal::BadReceipt)?;
        if shift.first == 0 {
            shift.first = seq;
        }
        shift.last = seq;
        module.seq = seq;
        module.last = Some(receipt.time);
        module.unsent_since = module.unsent_since.or(Some(receipt.time));
        let registration = Registration::new(receipt, &self.terminal, seq, shift.number, sums);
        self.store(self.terminal.shift_key(shift.number), &shift)?;
        self.store(receipt_key, &registration)?;
        self.store(txid_key, &seq)?;
        Ok(Answer::Registered(registration))
    }

    /// Whether the module can take another receipt, of this time.
    fn room(&self, module: &Module, shift: &Shift, receipt: &Receipt) -> Result<(), Stop> {
        let waited = module.unsent_since.map(|since| receipt.time.moment().since(since.moment()));
        if waited.is_some_and(|waited| waited > PATIENCE_MS) {
            return Err(Refusal::SendFirst.into());
        }
        if receipt.time.moment().since(self.now) > AHEAD_MS {
            return Err(Refusal::ClockAhead.into());
        }
        in_time(module, receipt.time)?;
        if module.unsent() >= self.limits.unsent_receipts {
            return Err(Refusal::MemoryFull.into());
        }
        if shift.receipts() >= self.limits.shift_receipts {
            return Err(Refusal::ShiftFull.into());
        }
        if module.seq >= SEQUENCE_END {
            return Err(Refusal::SequenceEnd.into());
        }
        Ok(())
    }

    /// Finds the receipt that a refund gives back, as the tax committee would: by any module.
    fn original(&self, refund: &Receipt) -> Result<(), Stop> {
        let bad = |code, why: &str| Refused {
            refusal: Refusal::BadOriginal,
            code: Some(code),
            why: why.to_owned(),
        };
        let Some(info) = &refund.refund_info else {
            return Err(bad(MISSING, "RefundInfo is missing").into());
        };
        let named = TerminalId::parse(&info.terminal_id).zip(info.receipt_seq.parse().ok());
        let Some((terminal, seq)) = named else {
            return Err(bad(WRONG_VALUES, "TerminalID or ReceiptSeq is none").into());
        };
        let Some(original) = self.receipt(&terminal, seq)? else {
            return Err(bad(WRONG_VALUES, "there is no such receipt").into());
        };
        if original.sign.as_deref() != Some(info.fiscal_sign.as_str()) {
            return Err(bad(BAD_SIGN, "FiscalSign is not that of the receipt").into());
        }
        if original.refund || original.time.compact() != info.date_time {
            return Err(bad(WRONG_VALUES, "the receipt is another one").into());
        }
        Ok(())
    }

    /// Asks for all of `keys` at once, to save rounds.
    fn need(&self, keys: &[RecordKey]) -> Result<(), Halt> {
        let missing: Vec<_> =
            keys.iter().copied().filter(|key| self.records.place(key).is_none()).collect();
        if missing.is_empty() { Ok(()) } else { Err(Halt::Needs(missing)) }
    }
}

/// Whether a refund gives back no more than the module ever took.
fn enough(module: &Module, sums: Sums) -> Result<(), Stop> {
    let after = module.refunded.plus(sums).ok_or(Refusal::NotEnoughForRefund)?;
    if after.cash > module.sold.cash || after.card > module.sold.card {
        return Err(Refusal::NotEnoughForRefund.into());
    }
    if after.vat > module.sold.vat {
        return Err(Refusal::NotEnoughVatForRefund.into());
    }
    Ok(())
}

/// Adds a receipt to the sums of its module and its shift. Advances and credits take a number and
/// are no sale yet.
fn count(module: &mut Module, shift: &mut Shift, receipt: &Receipt, sums: Sums) -> Option<()> {
    if receipt.kind != ReceiptType::Purchase {
        return Some(());
    }
    let (of_module, of_shift) = match receipt.operation {
        ReceiptOperation::Sale => (&mut module.sold, &mut shift.sold),
        ReceiptOperation::Refund => (&mut module.refunded, &mut shift.refunded),
    };
    *of_module = of_module.plus(sums)?;
    *of_shift = of_shift.plus(sums)?;
    Some(())
}
