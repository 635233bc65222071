//! Sending SMS through a gateway that takes JSON over HTTP.
//!
//! `POST <url>` with `{"id": …, "to": "998901234567", "text": …}`; any 2xx answer means accepted.

use std::time::Duration;

use anyhow::{Context, ensure};
use chorsu_connectors::http::{BaseUrl, HttpClient, HttpRequest, HttpSettings, Method};

const TIMEOUT: Duration = Duration::from_secs(10);

/// The way to the gateway.
pub(crate) struct Sms {
    http: HttpClient,
    base: BaseUrl,
    /// What follows the path, with its question mark: gateways take their keys there.
    query: String,
}

impl Sms {
    /// A way to the gateway at `url`.
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        let (base, query) = url.split_at(url.find('?').unwrap_or(url.len()));
        let base = base.parse().with_context(|| format!("the SMS gateway's address {base:?}"))?;
        let settings = HttpSettings { call_timeout: TIMEOUT, ..HttpSettings::default() };
        Ok(Self { http: HttpClient::new(settings), base, query: query.to_owned() })
    }

    /// Sends `text` to `phone` (12 digits with the country code).
    pub(crate) async fn send(&self, phone: &str, text: &str) -> anyhow::Result<()> {
        let mut id = [0; 8];
        crate::ids::fill(&mut id);
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let message = serde_json::json!({ "id": id, "to": phone, "text": text });
        let request = HttpRequest::json(Method::Post, &*self.query, message.to_string().into());
        let answer = self.http.call(&self.base, request).await;
        let status = answer.context("the SMS gateway cannot be reached")?.status;
        ensure!((200..300).contains(&status), "the SMS gateway answered {status}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_carry_a_key_and_has_to_be_one() {
        for (url, query) in [
            ("https://sms.example", ""),
            ("https://sms.example/send", ""),
            ("https://sms.example/send?key=a?b", "?key=a?b"),
        ] {
            assert_eq!(Sms::new(url).unwrap().query, query, "{url}");
        }
        for url in ["", "sms.example", "ftp://sms.example/", "https://user:word@sms.example"] {
            assert!(Sms::new(url).is_err(), "{url}");
        }
    }
}
