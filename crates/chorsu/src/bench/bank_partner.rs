//! A partner of the bank API, as the scenarios `orders` and `statement` need one.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::Value;

use super::answer_bank::{self, Row};
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

    /// The page of the statement that begins after row `after`.
    ///
    /// # Errors
    /// The server is not reached, or answers with something else.
    pub(super) async fn page(
        &self,
        caller: &mut Caller,
        after: i64,
        only: Only<'_>,
    ) -> Result<Vec<Row>> {
        let request: Value = serde_json::from_slice(&self.page_request(after, only))?;
        let page = caller.call(Method::POST, STATEMENT, Some(&request)).await?;
        let page = page.with_context(|| format!("{STATEMENT}: HTTP status 404"))?;
        answer_bank::page(&page).with_context(|| format!("{STATEMENT} gave no page"))
    }

    /// The body of the request for that page.
    pub(super) fn page_request(&self, after: i64, only: Only<'_>) -> Vec<u8> {
        let service = self.service;
        let (kind, from, to) = match only {
            Only::Everything => ("0", "2000-01-01", "2999-12-31"),
            Only::Incoming => ("1", "2000-01-01", "2999-12-31"),
            Only::Day(day) => ("0", day, day),
        };
        format!(
            "{{\"type\":\"{kind}\",\"lastId\":{after},\"fromDate\":\"{from}\",\
             \"toDate\":\"{to}\",\"serviceId\":{service}}}"
        )
        .into_bytes()
    }
}

/// Which rows of a statement are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Only<'a> {
    /// All of them.
    Everything,
    /// What came in.
    Incoming,
    /// Those of one day, as `2026-11-20`.
    Day(&'a str),
}

/// The path of statements.
pub(super) const STATEMENT: &str = "/api/v2/account/payments";
