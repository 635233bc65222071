//! Sending SMS through a gateway that takes JSON over HTTP.
//!
//! `POST <url>` with `{"id": …, "to": "998901234567", "text": …}`; any 2xx answer means accepted.

use std::time::Duration;

use anyhow::{Context, ensure};

const TIMEOUT: Duration = Duration::from_secs(10);

/// The way to the gateway.
pub(crate) struct Sms {
    client: reqwest::Client,
    url: String,
}

impl Sms {
    /// A way to the gateway at `url`.
    pub(crate) fn new(url: String) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .context("cannot make an HTTP client")?;
        Ok(Self { client, url })
    }

    /// Sends `text` to `phone` (12 digits with the country code).
    pub(crate) async fn send(&self, phone: &str, text: &str) -> anyhow::Result<()> {
        let mut id = [0; 8];
        crate::ids::fill(&mut id);
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let message = serde_json::json!({ "id": id, "to": phone, "text": text });
        let answer = self
            .client
            .post(&self.url)
            .json(&message)
            .send()
            .await
            .context("the SMS gateway cannot be reached")?;
        ensure!(answer.status().is_success(), "the SMS gateway answered {}", answer.status());
        Ok(())
    }
}
