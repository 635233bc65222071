//! Single calls before and after a load, which nobody measures: set-up, and questions about what
//! became of it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::Value;

use super::connection::{Answer, Connection, ExchangeError};
use super::target::{RequestHead, Target};

/// How long an answer may take.
const ANSWER_WAIT: Duration = Duration::from_secs(15);

/// A connection for single calls, opened anew when the server has closed it.
pub(super) struct Caller {
    target: Arc<Target>,
    headers: Vec<(HeaderName, HeaderValue)>,
    connection: Option<Connection>,
}

impl Caller {
    /// A caller of `target` whose requests carry `headers`; nothing is sent yet.
    pub(super) fn new(target: &Arc<Target>, headers: &[(HeaderName, HeaderValue)]) -> Self {
        Self { target: Arc::clone(target), headers: headers.to_vec(), connection: None }
    }

    /// The JSON that a GET of `path` answers with; `None` when there is no such path.
    ///
    /// # Errors
    /// No answer, another status, no JSON.
    pub(super) async fn get(&mut self, path: &str) -> Result<Option<Value>> {
        self.call(Method::GET, path, None).await
    }

    /// The same of another method, with `body`.
    ///
    /// # Errors
    /// As [`Caller::get`].
    pub(super) async fn call(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Option<Value>> {
        let Some(answer) = self.answer(method, path, body).await? else { return Ok(None) };
        let value = serde_json::from_slice(&answer.body);
        value.map(Some).with_context(|| format!("{path} answered with no JSON"))
    }

    /// The text that a GET of `path` answers with; `None` when there is no such path.
    ///
    /// # Errors
    /// No answer, another status, no text.
    pub(super) async fn text(&mut self, path: &str) -> Result<Option<String>> {
        let Some(answer) = self.answer(Method::GET, path, None).await? else { return Ok(None) };
        let text = String::from_utf8(answer.body.to_vec());
        text.map(Some).with_context(|| format!("{path} answered with no text"))
    }

    async fn answer(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Option<Answer>> {
        let head = self.target.request(method, path, &self.headers)?;
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let answer = tokio::time::timeout(ANSWER_WAIT, self.exchange(&head, body))
            .await
            .map_err(|_| anyhow!("{path}: no answer in {} s", ANSWER_WAIT.as_secs()))?
            .with_context(|| format!("{path} got no answer"))?;
        match answer.status {
            status if status.is_success() => Ok(Some(answer)),
            StatusCode::NOT_FOUND => Ok(None),
            status => {
                let text = String::from_utf8_lossy(&answer.body);
                bail!("{path}: HTTP status {status}: {}", text.trim());
            }
        }
    }

    async fn exchange(&mut self, head: &RequestHead, body: Bytes) -> Result<Answer, ExchangeError> {
        if let Some(mut connection) = self.connection.take() {
            match connection.exchange(head, body.clone()).await {
                Err(ExchangeError::Closed) => {}
                outcome => {
                    self.connection = outcome.is_ok().then_some(connection);
                    return outcome;
                }
            }
        }
        let mut connection = Connection::open(&self.target).await?;
        let answer = connection.exchange(head, body).await?;
        self.connection = Some(connection);
        Ok(answer)
    }
}
