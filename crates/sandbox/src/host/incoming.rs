//! Messages from an acquirer, read as requests.

use chorsu_connectors::card::Stamp;
use chorsu_connectors::card::private::Private;
use chorsu_connectors::card::wire::{CURRENCY, INQUIRY, PURCHASE, REFUND, Trace, read_amount};
use chorsu_connectors::iso8583::{Ascii, Field, Message, Mti};
use chorsu_core::{Expiry, Network, OperationId, Pan, Tiyin};

use crate::bank::{Call, FollowUp, Kind, Opening, Sight};

/// What an answer repeats of its request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    /// The request's type.
    pub(super) mti: Mti,
    /// Field 3.
    pub(super) processing_code: Ascii<6>,
    /// Fields 11 and 7.
    pub(super) trace: Trace,
    /// Field 41.
    pub(super) terminal: Option<Ascii<8>>,
    /// The operation in field 48.
    pub(super) operation: Option<OperationId>,
}

impl Envelope {
    /// The envelope of `message`; `None` when it cannot be answered at all.
    pub(super) fn read(message: &Message<'_>) -> Option<Self> {
        let private = Private::read(message.get(Field::Private).unwrap_or_default());
        Some(Self {
            mti: message.mti(),
            processing_code: message.get(Field::ProcessingCode).and_then(Ascii::parse)?,
            trace: Trace {
                stan: message.get(Field::Stan).and_then(Ascii::parse)?,
                sent_at: message.get(Field::TransmittedAt).and_then(Stamp::parse)?,
            },
            terminal: message.get(Field::Terminal).and_then(Ascii::parse),
            operation: private.ok().and_then(|private| private.operation),
        })
    }
}

/// The request in `message`; `None` when it is not one this host knows.
pub(super) fn read_call(network: Network, message: &Message<'_>) -> Option<Call> {
    let private = Private::read(message.get(Field::Private).unwrap_or_default()).ok()?;
    let processing_code = message.get(Field::ProcessingCode)?;
    if (message.mti(), processing_code) == (Mti::AUTHORISATION, INQUIRY) {
        return read_card(network, message).map(Call::Inquire);
    }
    let operation = private.operation?;
    let opening = |kind| {
        let (card, amount) = (read_card(network, message)?, read_money(message)?);
        Some(Call::Open(Opening { operation, kind, card, amount }))
    };
    let follow_up = |kind, amount| {
        Some(Call::Follow(FollowUp { operation, kind, original: private.original?, amount }))
    };
    match (message.mti(), processing_code) {
        (Mti::FINANCIAL, PURCHASE) => opening(Kind::Debit),
        (Mti::AUTHORISATION, PURCHASE) => opening(Kind::Hold),
        (Mti::ADVICE, PURCHASE) => follow_up(Kind::Capture, Some(read_money(message)?)),
        (Mti::ADVICE, REFUND) => follow_up(Kind::Refund, Some(read_money(message)?)),
        (Mti::REVERSAL, PURCHASE) => follow_up(Kind::Release, None),
        (Mti::ADMINISTRATIVE, PURCHASE) => Some(Call::Ask(operation)),
        _ => None,
    }
}

fn read_card(network: Network, message: &Message<'_>) -> Option<Sight> {
    let pan = Pan::parse(message.get(Field::Pan)?)?;
    let yymm = message.get(Field::Expiry)?;
    Expiry::parse_yymm(yymm)?;
    Some(Sight::new(network, &pan, Ascii::parse(yymm)))
}

fn read_money(message: &Message<'_>) -> Option<Tiyin> {
    (message.get(Field::Currency) == Some(CURRENCY)).then(|| read_amount(message)).flatten()
}
