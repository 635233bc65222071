//! A partner of the bank API, as the scenarios `orders` and `statement` need one.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::Value;

use super::answer_bank;
use super::caller::Caller;
use super::target::Target;

/// Who orders, and from which service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login<'a> {
    pub(super) username: &'a str,
    pub(super) password: &'a str,
    pub(super) service: u32,
}

/// The partner after it was let in.
pub(super) struct Partner {
    pub(super) target: Arc<Target>,
    /// What proves it.
    pub(super) headers: [(HeaderName, HeaderValue); 1],
    pub(super) service: u32,
}

impl Partner {
    /// Logs in by asking for the service's balance; that balance, in tiyin.
    ///
    /// # Errors
    /// The server is not reached, or does not let the partner in.
    pub(super) async fn enter(target: &Arc<Target>, login: Login<'_>) -> Result<(Self, i64)> {
        let Login { username, password, service } = login;
        let pair = STANDARD.encode(format!("{username}:{password}"));
        let header = HeaderValue::from_str(&format!("Basic {pair}"))
            .context("base64 consists of visible ASCII characters")?;
        let headers = [(AUTHORIZATION, header)];
        let partner = Self { target: Arc::clone(target), headers, service };
        let path = format!("/api/v2/account/{service}/balance");
        let Some(answer) = partner.caller().get(&path).await? else {
            bail!(
                "{path}: HTTP status 404\n\nHint: is this the address of a server of the bank API?"
            );
        };
        let balance = answer_bank::balance(&answer).with_context(|| {
            format!(
                "{path} gave no balance\n\n\
                 Hint: give a partner of the server with --partner, --password and --service"
            )
        })?;
        Ok((partner, balance))
    }

    /// A connection for single calls.
    pub(super) fn caller(&self) -> Caller {
        Caller::new(&self.target, &self.headers)
    }

    /// The page of the statement that begins after row `after`, whole.
    ///
    /// # Errors
    /// The server is not reached, or answers with something else.
    pub(super) async fn page(&self, caller: &mut Caller, after: i64) -> Result<Vec<i64>> {
        let request: Value = serde_json::from_slice(&self.page_request(after))?;
        let page = caller.call(Method::POST, STATEMENT, Some(&request)).await?;
        let page = page.with_context(|| format!("{STATEMENT}: HTTP status 404"))?;
        answer_bank::row_ids(&page).with_context(|| format!("{STATEMENT} gave no page"))
    }

    /// The body of the request for that page: all rows of all days.
    pub(super) fn page_request(&self, after: i64) -> Vec<u8> {
        let service = self.service;
        format!(
            "{{\"type\":\"0\",\"lastId\":{after},\"fromDate\":\"2000-01-01\",\
             \"toDate\":\"2999-12-31\",\"serviceId\":{service}}}"
        )
        .into_bytes()
    }
}

/// The path of statements.
pub(super) const STATEMENT: &str = "/api/v2/account/payments";
