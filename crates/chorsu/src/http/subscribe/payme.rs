//! The Subscribe API at a kassa behind which a kassa at Payme stands.

use axum::http::{HeaderMap, header};
use chorsu_api::subscribe::{
    self, Answer, Method, Relayed, RelayedPay, Request, RpcError, Stage, catalogue,
};
use chorsu_connectors::payme::kassa::CardMethod;
use chorsu_core::command::IdempotencyKey;
use chorsu_core::{Acquirer, Receipt, ReceiptId, Reject};

use super::{Reply, failure, idempotency_key};
use crate::payme_kassas::PaymeKassa;
use crate::service::{ServiceError, payme, receipts};

/// One call on its way to Payme and back.
struct Carried<'a> {
    reply: Reply<'a>,
    desk: &'a PaymeKassa,
    /// The caller's Accept-Language.
    accepts: Option<&'a str>,
}

/// Answers a call.
pub(super) async fn serve(
    reply: Reply<'_>,
    desk: &PaymeKassa,
    headers: &HeaderMap,
) -> Result<(), RpcError> {
    let accepts = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let key = idempotency_key(headers, reply.kassa, reply.call)?;
    let raced = key.clone();
    let Reply { app, kassa, call, language, out } = reply;
    let first = Reply { app, kassa, call, language, out: &mut *out };
    match (Carried { reply: first, desk, accepts }).answer(key).await {
        // Another request with this key came first, a moment ago: now its outcome can be read.
        Err(error) if std::ptr::eq(error.fault, &catalogue::IDEMPOTENCY_KEY_USED) => {
            let again = Reply { app, kassa, call, language, out };
            Carried { reply: again, desk, accepts }.answer(raced).await
        }
        answered => answered,
    }
}

impl Carried<'_> {
    async fn answer(self, key: Option<IdempotencyKey>) -> Result<(), RpcError> {
        match subscribe::decode_relayed(self.reply.call)? {
            Relayed::Card { save } => self.card(save).await,
            Relayed::Pay(pay) => self.pay(pay, key).await,
            Relayed::Other(request) => self.receipts(request, key).await,
        }
    }

    async fn card(self, save: bool) -> Result<(), RpcError> {
        if save && !self.reply.kassa.save_allowed {
            return Err(self.failed(Reject::SaveNotAllowed.into()));
        }
        let call = self.reply.call;
        let Some(method) = card_method(call.method) else {
            return Err((&catalogue::SYSTEM_ERROR).into());
        };
        match payme::relay(self.desk, method, call.params, self.accepts).await {
            Ok(result) => {
                self.reply.answer(&Answer::Relayed(&result));
                Ok(())
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn pay(self, pay: RelayedPay<'_>, key: Option<IdempotencyKey>) -> Result<(), RpcError> {
        let Some(receipt) = self.find(pay.receipt).await? else { return self.ordinary(key).await };
        let payment = payme::Payment {
            receipt: receipt.id,
            token: pay.token.into_owned(),
            hold: pay.hold,
            payer: pay.payer.map(Into::into),
            key,
            language: self.accepts.map(str::to_owned),
        };
        let (app, kassa) = (self.reply.app, self.reply.kassa);
        match payme::pay(app, kassa, payment).await {
            Ok(receipt) => self.reply.receipt(&receipt),
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn receipts(
        self,
        request: Request<'_>,
        key: Option<IdempotencyKey>,
    ) -> Result<(), RpcError> {
        let (app, kassa) = (self.reply.app, self.reply.kassa);
        let answered = match request {
            Request::ReceiptsCreate(new) => {
                let given = new.account_values();
                let words = new.body(&given);
                let kept = kassa.check_account(given);
                let kept = kept.map_err(|reject| self.failed(reject.into()))?;
                let body = new.body(&kept).into();
                let new = receipts::NewReceipt { amount: new.amount, hold: new.hold, body, key };
                payme::create(app, (kassa, self.desk), new, &words, self.accepts).await
            }
            Request::ReceiptsCancel(id) => {
                let Some(receipt) = self.find(id).await? else { return self.ordinary(key).await };
                payme::cancel(app, &receipt, key).await
            }
            Request::ReceiptsGet(id) => match self.current(id).await {
                Ok(receipt) => return self.reply.receipt(&receipt),
                Err(error) => Err(error),
            },
            Request::ReceiptsCheck(id) => match self.current(id).await {
                Ok(receipt) => {
                    self.reply.answer(&Answer::State(receipt.state));
                    return Ok(());
                }
                Err(error) => Err(error),
            },
            Request::ReceiptsSend(send) => {
                let found = self.find(send.receipt).await?;
                let Some(receipt) = found else { return self.ordinary(key).await };
                let sent = payme::send(self.desk, &receipt, &send.phone, self.accepts).await;
                return self.success(sent);
            }
            Request::ReceiptsSetFiscalData(data) => {
                let found = self.find(data.receipt).await?;
                let Some(receipt) = found else { return self.ordinary(key).await };
                let fiscal = (data.fiscal.into(), key);
                let set = payme::set_fiscal(app, self.desk, &receipt, fiscal, self.accepts).await;
                return self.success(set);
            }
            _ => return self.ordinary(key).await,
        };
        match answered {
            Ok(receipt) => self.reply.receipt(&receipt),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// The kassa's receipt, if it is Payme's. Those from before Payme are answered as ever.
    async fn find(&self, id: ReceiptId) -> Result<Option<Receipt>, RpcError> {
        match receipts::find(self.reply.app, self.reply.kassa.id, id).await {
            Ok(receipt) => Ok(Some(receipt).filter(|found| found.acquirer == Acquirer::Payme)),
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn current(&self, id: ReceiptId) -> Result<Receipt, ServiceError> {
        let (app, kassa) = (self.reply.app, self.reply.kassa);
        payme::current(app, receipts::find(app, kassa.id, id).await?).await
    }

    /// What does not differ from other kassas.
    async fn ordinary(self, key: Option<IdempotencyKey>) -> Result<(), RpcError> {
        let request = subscribe::decode(self.reply.call)?;
        self.reply.answer_to(request, key).await
    }

    fn success(self, done: Result<(), ServiceError>) -> Result<(), RpcError> {
        match done {
            Ok(()) => {
                self.reply.answer(&Answer::Success);
                Ok(())
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, error: ServiceError) -> RpcError {
        let method = self.reply.call.method;
        let stage = if card_method(method).is_some() { Stage::Card } else { Stage::Pay };
        failure(error, stage, method)
    }
}

const fn card_method(method: Method) -> Option<CardMethod> {
    match method {
        Method::CardsCreate => Some(CardMethod::Create),
        Method::CardsGetVerifyCode => Some(CardMethod::GetVerifyCode),
        Method::CardsVerify => Some(CardMethod::Verify),
        Method::CardsCheck => Some(CardMethod::Check),
        Method::CardsRemove => Some(CardMethod::Remove),
        _ => None,
    }
}
