//! cards.*: tokens, one-time codes and their removal.

use std::sync::Arc;

use crate::card::{Card, SealedPan};
use crate::command::{IdempotencyKey, Token};
use crate::id::{CardId, KassaId};
use crate::plan::{IdempotencyRow, Plan, Reply};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::secret::SecretHash;
use crate::time::UnixMillis;

/// The live card a token stands for. Another kassa's card does not exist for the caller.
pub(super) fn find(rows: &Rows, kassa: KassaId, token: &Token) -> Result<Arc<Card>, Reject> {
    let card = rows.cards.get(&token.card).ok_or(Reject::CardNotFound)?;
    card.check_token(kassa, token)?;
    Ok(card.clone())
}

pub(super) fn create(card: &Card, key: Option<&IdempotencyKey>) -> Plan {
    let document = *card.id().as_bytes();
    let at = card.created_at;
    let key = key.map(|key| IdempotencyRow { key: key.clone(), document, at });
    Plan { key, ..Plan::card(card.clone()) }
}

pub(super) fn send_code(card: &Card, code: SecretHash, now: UnixMillis) -> Result<Plan, Reject> {
    let mut card = card.clone();
    card.code.send(code, now)?;
    Ok(Plan::card(card))
}

/// A wrong code is refused, but the try is written down.
pub(super) fn verify(card: &Card, code: &SecretHash, now: UnixMillis) -> Plan {
    let mut card = card.clone();
    match card.code.attempt(code, now) {
        Ok(()) => {
            card.verified = true;
            Plan::card(card)
        }
        Err(reject) => Plan { reply: Reply::Refused(reject), ..Plan::card(card) },
    }
}

pub(super) fn remove(card: &Card, now: UnixMillis) -> Plan {
    let mut card = card.clone();
    card.remove(now);
    Plan::card(card)
}

/// Puts the number sealed anew in place of the old one, unless the card has changed meanwhile.
pub(super) fn reseal(
    rows: &Rows,
    id: CardId,
    from: &SealedPan,
    to: &SealedPan,
) -> Result<Plan, Reject> {
    let current = rows.cards.get(&id).ok_or(Reject::CardNotFound)?;
    if current.pan.as_ref() != Some(from) {
        return Err(Reject::CardNotFound);
    }
    let mut card = Card::clone(current);
    card.pan = Some(to.clone());
    Ok(Plan::card(card))
}
