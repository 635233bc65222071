//! Plain HTTP to a server under test, and the envelope that every answer of the API must keep.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

/// An HTTP client that goes nowhere but to the server.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// An answer as it came.
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// Sends a request as it is.
pub(crate) async fn send(request: reqwest::RequestBuilder) -> Result<Raw, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Raw { status, headers, text: response.text().await? })
}

/// Posts these bytes with these headers and no others of our own.
pub(crate) async fn post(
    http: &reqwest::Client,
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> Raw {
    let mut request = http.request(Method::POST, url).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request).await.unwrap()
}

/// The error object of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    pub(crate) data: Value,
    pub(crate) message: String,
}

/// `result`, or `error`.
pub(crate) type Answer = Result<Value, Refusal>;

impl Raw {
    /// The value of a header.
    pub(crate) fn header(&self, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// What the API answered. It must be JSON with status 200, and have either a result or an
    /// error, whose message is a plain text; the other key must not be there at all.
    pub(crate) fn answer(&self) -> Answer {
        let text = &self.text;
        assert_eq!(self.status, 200, "{text}");
        assert_eq!(self.header(CONTENT_TYPE), Some("application/json"), "{text}");
        let envelope: Value = serde_json::from_str(text).unwrap();
        let envelope = envelope.as_object().unwrap();
        assert_eq!(envelope["jsonrpc"], "2.0", "{text}");
        for key in envelope.keys() {
            assert!(["jsonrpc", "id", "result", "error"].contains(&key.as_str()), "{text}");
        }
        match (envelope.get("result"), envelope.get("error")) {
            (Some(result), None) => Ok(result.clone()),
            (None, Some(error)) => {
                let message = error["message"].as_str().unwrap().to_owned();
                assert!(!message.is_empty(), "{text}");
                let data = error.get("data").unwrap().clone();
                assert!(data.is_null() || data.is_string(), "{text}");
                Err(Refusal { code: error["code"].as_i64().unwrap(), data, message })
            }
            _ => panic!("neither or both of result and error: {text}"),
        }
    }

    /// The `id` of the answer, verbatim; `None` when it has none.
    pub(crate) fn id(&self) -> Option<String> {
        let envelope: std::collections::HashMap<&str, &serde_json::value::RawValue> =
            serde_json::from_str(&self.text).unwrap();
        envelope.get("id").map(|id| id.get().to_owned())
    }
}
