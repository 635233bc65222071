//! cards.*: tokens for cards, proved by a code that is sent to the holder's phone.

use std::sync::Arc;

use chorsu_api::subscribe::TokenText;
use chorsu_api::subscribe::token::SECRET_BYTES;
use chorsu_connectors::card::{CardAnswer, CardRefusal, CardRequest, Holder};
use chorsu_core::card::CardFace;
use chorsu_core::command::{IdempotencyKey, Token};
use chorsu_core::otp::PendingCode;
use chorsu_core::secret::SecretHash;
use chorsu_core::{Card, CardId, Command, Expiry, Kassa, KassaId, Network, Pan, Reject, Reply};

use super::ServiceError;
use crate::app::App;
use crate::ids;

/// What cards.create asks for.
pub(crate) struct NewCard {
    /// The number.
    pub(crate) pan: Pan,
    /// The expiry.
    pub(crate) expiry: Expiry,
    /// Whether the token shall live on after a payment.
    pub(crate) save: bool,
    /// The caller's idempotency key.
    pub(crate) key: Option<IdempotencyKey>,
}

/// Asks the network about the card and makes a token for it ("cards.create").
///
/// With an idempotency key the token's secret follows from the key, so that a repeat can be
/// answered with the same token although only its hash is stored.
///
/// # Errors
/// [`ServiceError::Card`] for a card that cannot be used.
pub(crate) async fn create(
    app: &App,
    kassa: &Kassa,
    new: NewCard,
) -> Result<(Arc<Card>, TokenText<'static>), ServiceError> {
    let NewCard { pan, expiry, save, key } = new;
    if save && !kassa.save_allowed {
        return Err(Reject::SaveNotAllowed.into());
    }
    let secret = key.as_ref().map_or_else(random_secret, |key| {
        app.vault.derive(&[b"token", kassa.id.as_bytes(), key.key.as_bytes(), &key.fingerprint.0])
    });
    if let Some(key) = &key
        && let Some(document) = app.earlier_document(key).await?
    {
        let id = CardId(document);
        let card = app.store.card(id).await?.ok_or(Reject::CardNotFound)?;
        let token = TokenText::new(id, &secret);
        card.check_token(kassa.id, &token.hashed())?;
        return Ok((Arc::new(card), token));
    }
    let network = Network::of(&pan).ok_or(ServiceError::Card(CardRefusal::NotFound))?;
    inquire(app, network, pan.clone(), expiry).await?;

    let now = app.clock.now();
    let id = ids::card(now);
    let token = TokenText::new(id, &secret);
    let card = Card {
        face: CardFace { id, masked: pan.masked(), expiry, network },
        kassa: kassa.id,
        token: token.hashed().secret,
        recurrent: save,
        verified: false,
        removed_at: None,
        created_at: now,
        pan: Some(app.vault.seal(id, &pan)),
        code: PendingCode::default(),
        in_use: None,
    };
    let command = Command::CreateCard { card: Box::new(card), key };
    Ok((expect_card(app.store.submit(command).await?)?, token))
}

fn random_secret() -> [u8; SECRET_BYTES] {
    let mut secret = [0; SECRET_BYTES];
    ids::fill(&mut secret);
    secret
}

async fn inquire(
    app: &App,
    network: Network,
    pan: Pan,
    expiry: Expiry,
) -> Result<Holder, ServiceError> {
    match app.networks.link(network).call(CardRequest::Inquire { pan, expiry }).await {
        Ok(CardAnswer::Card(holder)) => Ok(holder),
        Ok(CardAnswer::Refused(refusal)) => Err(ServiceError::Card(refusal)),
        Ok(other) => {
            tracing::error!(?other, network = network.name(), "not an answer to an inquiry");
            Err(ServiceError::Unreachable)
        }
        // An inquiry moves nothing, so it does not matter whether it was heard.
        Err(error) => {
            tracing::warn!(%error, network = network.name(), "inquiry failed");
            Err(ServiceError::Unreachable)
        }
    }
}

/// The live card a token stands for ("cards.check").
///
/// # Errors
/// [`Reject::CardNotFound`] and [`Reject::CardRemoved`].
pub(crate) async fn check(app: &App, kassa: KassaId, token: &Token) -> Result<Card, ServiceError> {
    let card = app.store.card(token.card).await?.ok_or(Reject::CardNotFound)?;
    card.check_token(kassa, token)?;
    Ok(card)
}

/// Sends a one-time code to the holder ("cards.get_verify_code") and tells the phone it went to.
///
/// # Errors
/// [`ServiceError::Card`] when the card has no SMS informing, [`Reject::TooManyCodes`],
/// [`ServiceError::Sms`].
pub(crate) async fn send_code(
    app: &App,
    kassa: &Kassa,
    token: Token,
) -> Result<String, ServiceError> {
    let card = check(app, kassa.id, &token).await?;
    let pan = card.pan.as_ref().and_then(|sealed| app.vault.open_pan(card.id(), sealed));
    let pan = pan.ok_or(ServiceError::Internal)?;
    let fixed = app.sandbox.as_ref().and_then(|sandbox| sandbox.fixed_code(&pan));
    let holder = inquire(app, card.face.network, pan, card.face.expiry).await?;
    let phone = match holder.phone {
        Some(phone) if holder.sms => phone,
        _ => return Err(ServiceError::Card(CardRefusal::SmsOff)),
    };
    let code = fixed.map_or_else(ids::one_time_code, str::to_owned);
    let hash = code_hash(token.card, &code);
    let now = app.clock.now();
    let command = Command::SendCode { kassa: kassa.id, token, code: hash, now };
    expect_card(app.store.submit(command).await?)?;
    let text = format!("{}: code {code} for card {}", kassa.merchant.name, card.face.masked);
    app.sms.send(&phone, &text).await.map_err(|error| {
        tracing::error!(error = %error, "sending a code failed");
        ServiceError::Sms
    })?;
    Ok(phone)
}

/// Tries a one-time code ("cards.verify").
///
/// # Errors
/// [`Reject::CodeWrong`], [`Reject::CodeExpired`], [`Reject::CodeTriesExceeded`].
pub(crate) async fn verify(
    app: &App,
    kassa: KassaId,
    token: Token,
    code: &str,
) -> Result<Arc<Card>, ServiceError> {
    let code = code_hash(token.card, code);
    let now = app.clock.now();
    expect_card(app.store.submit(Command::VerifyCard { kassa, token, code, now }).await?)
}

/// Takes a token out of use ("cards.remove").
///
/// # Errors
/// [`Reject::CardNotFound`], and [`Reject::CardRemoved`] the second time.
pub(crate) async fn remove(app: &App, kassa: KassaId, token: Token) -> Result<(), ServiceError> {
    let now = app.clock.now();
    expect_card(app.store.submit(Command::RemoveCard { kassa, token, now }).await?)?;
    Ok(())
}

fn code_hash(card: CardId, code: &str) -> SecretHash {
    SecretHash::of(card.as_bytes(), code.as_bytes())
}

fn expect_card(reply: Reply) -> Result<Arc<Card>, ServiceError> {
    match reply {
        Reply::Card(card) => Ok(card),
        Reply::Refused(reject) => Err(reject.into()),
        _ => Err(ServiceError::Internal),
    }
}
