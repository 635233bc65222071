//! The link to one bank: each method is one call.

use chorsu_core::Tiyin;
use chorsu_core::bank::{OrderKey, ServiceNumber};

use super::answer::{self, ServiceShown, StatusAnswer, SubmitAnswer};
use super::error::BankError;
use super::request::{BankSettings, Requests, StatementQuery, Submit};
use super::statement::{self, StatementEntry};
use crate::http::{HttpClient, HttpRequest, HttpResponse};

/// The link to one bank with the credentials of one partner; clones share connections.
///
/// A page of a statement has about 600 bytes a row: the client's limit on bodies has to leave room
/// for the bank's pages.
#[derive(Clone, Debug)]
pub struct BankLink {
    http: HttpClient,
    settings: BankSettings,
}

impl BankLink {
    /// A link; nothing is sent yet.
    #[must_use]
    pub const fn new(http: HttpClient, settings: BankSettings) -> Self {
        Self { http, settings }
    }

    /// Sends an order. To be called once for each; after an unknown outcome [`BankLink::status`].
    ///
    /// # Errors
    /// [`BankError`]; its effect says whether the order may have been created.
    pub async fn submit(&self, order: &Submit<'_>) -> Result<SubmitAnswer, BankError> {
        answer::read_submit(&self.send(self.requests().submit(order)).await?)
    }

    /// Asks where an order stands. May be repeated, see [`super::next_poll`].
    ///
    /// # Errors
    /// [`BankError`]. Whatever its effect, nothing is known about the order.
    pub async fn status(&self, key: &OrderKey) -> Result<StatusAnswer, BankError> {
        answer::read_status(&self.send(self.requests().status(key)).await?)
    }

    /// Asks for a service's money, in tiyin.
    ///
    /// # Errors
    /// [`BankError`].
    pub async fn balance(&self, service: ServiceNumber) -> Result<Tiyin, BankError> {
        answer::read_balance(&self.send(self.requests().balance(service)).await?)
    }

    /// Asks for a page of a service's statement.
    ///
    /// # Errors
    /// [`BankError`].
    pub async fn statement(
        &self,
        query: &StatementQuery,
    ) -> Result<Vec<StatementEntry>, BankError> {
        statement::read_statement(&self.send(self.requests().statement(query)).await?)
    }

    /// Asks for the partner's services.
    ///
    /// # Errors
    /// [`BankError`].
    pub async fn services(&self) -> Result<Vec<ServiceShown>, BankError> {
        answer::read_services(&self.send(self.requests().services()).await?)
    }

    const fn requests(&self) -> Requests<'_> {
        Requests { settings: &self.settings }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, BankError> {
        Ok(self.http.call(&self.settings.base_url, request).await?)
    }
}
