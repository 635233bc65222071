//! Answers of a host, written as messages.

use chorsu_connectors::card::private::Private;
use chorsu_connectors::card::wire::amount_digits;
use chorsu_connectors::card::{APPROVED, CardRefusal, IN_PROGRESS};
use chorsu_connectors::iso8583::{EncodeError, Field, Message};
use chorsu_core::Tiyin;

use super::faults::Fault;
use super::incoming::Envelope;
use crate::bank::{HostAnswer, Verdict, auth_code, rrn};

/// A response code nothing documents.
const UNDOCUMENTED: &str = "Z9";
/// A frame of the right form around what is no message.
const GARBAGE: [u8; 26] = *b"\0\x18This is not a message...";

/// Appends the answer as one frame to `out`, spoilt by `fault`; `scratch` is for building text.
pub(super) fn write_answer(
    envelope: &Envelope,
    answer: &HostAnswer,
    fault: Option<Fault>,
    scratch: &mut String,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    if fault == Some(Fault::GarbageAnswer) {
        out.extend_from_slice(&GARBAGE);
        return Ok(());
    }
    let start = out.len();
    write_message(envelope, answer, fault, scratch, out)?;
    if fault == Some(Fault::DuplicateAnswer) {
        out.extend_from_within(start..);
    }
    Ok(())
}

fn write_message(
    envelope: &Envelope,
    answer: &HostAnswer,
    fault: Option<Fault>,
    scratch: &mut String,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let phone =
        if let HostAnswer::Card { phone, .. } = answer { Some(phone.to_string()) } else { None };
    let private = Private { operation: envelope.operation, ..Private::default() };
    let (code, approved, private) = match *answer {
        HostAnswer::Card { sms, .. } => {
            (APPROVED, None, Private { phone: phone.as_deref(), sms: Some(sms), ..private })
        }
        HostAnswer::Decided { verdict, amount, .. } => {
            (verdict.code(), (verdict == Verdict::Approved).then_some(amount), private)
        }
        HostAnswer::Told { verdict, amount, released } => {
            let private = Private { told_code: Some(verdict.code()), released, ..private };
            (APPROVED, (verdict == Verdict::Approved).then_some(amount), private)
        }
        HostAnswer::Unseen => (CardRefusal::NotFound.code(), None, private),
        HostAnswer::InProgress => (IN_PROGRESS, None, private),
        HostAnswer::Refused(refusal) => (refusal.code(), None, private),
    };
    scratch.clear();
    private.write(scratch);
    let amount = approved.map(|amount| spoil(amount, fault)).map(amount_digits).transpose()?;
    let references = envelope.operation.map(|id| (rrn(id), auth_code(id)));
    let code = if fault == Some(Fault::UndocumentedCode) { UNDOCUMENTED } else { code };

    let mut message = Message::new(envelope.mti.answer());
    message.set(Field::ProcessingCode, envelope.processing_code.as_str());
    message.set(Field::TransmittedAt, envelope.trace.sent_at.as_str());
    message.set(Field::Stan, envelope.trace.stan.as_str());
    message.set(Field::ResponseCode, code);
    if let Some(terminal) = &envelope.terminal {
        message.set(Field::Terminal, terminal.as_str());
    }
    if let (Some(amount), Some((rrn, auth_code))) = (&amount, &references) {
        message.set(Field::Amount, amount.as_str());
        message.set(Field::Rrn, rrn.as_str());
        message.set(Field::AuthCode, auth_code.as_str());
    }
    if !scratch.is_empty() {
        message.set(Field::Private, scratch);
    }
    message.encode(out)
}

/// The amount as the answer names it.
fn spoil(amount: Tiyin, fault: Option<Fault>) -> Tiyin {
    if fault != Some(Fault::WrongAmount) {
        return amount;
    }
    let one = Tiyin::new(1).unwrap_or(Tiyin::ZERO);
    amount.checked_sub(one).unwrap_or(one)
}
