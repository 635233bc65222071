//! A Chorsu of its own for each test, and the little of a browser that the tests need.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// A demo kassa, and the X-Auth header that opens it.
pub(crate) const KASSA: &str = "100fe486b33784292111b7dc";
const AUTH: &str = "100fe486b33784292111b7dc:Rw712wMJspZBczFvrG09?bHkSNxnD4PY0n1C";
/// The published test card.
pub(crate) const CARD: &str = "8600 0691 9540 6311";
const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
const FORM: &str = "application/x-www-form-urlencoded";

/// A Chorsu of its own, killed when dropped.
pub(crate) struct Browser {
    process: Child,
    /// Kept open: the process goes on printing.
    _output: BufReader<ChildStdout>,
    pub(crate) client: Client,
    pub(crate) base: String,
    _data: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An answer, read to its end.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The page when all is well with it as a page.
    pub(crate) fn html(self, status: StatusCode) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8");
        for (name, value) in chorsu_web::PAGE_HEADERS {
            assert_eq!(self.header(name), value, "{name}");
        }
        self.text
    }

    /// Where the visitor is sent.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.header(LOCATION.as_str())
    }
}

impl Browser {
    pub(crate) fn start() -> Self {
        Self::with_config(|_| String::new())
    }

    /// Starts with a configuration made for its data folder.
    pub(crate) fn with_config(config: impl FnOnce(&Path) -> String) -> Self {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("chorsu.toml");
        std::fs::write(&file, config(data.path())).unwrap();
        let program = std::env::var_os("CHORSU_BIN");
        let mut process =
            Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_chorsu").into()))
                .args(["serve", "--listen", "127.0.0.1:0", "--data"])
                .arg(data.path().join("data"))
                .arg("--config")
                .arg(file)
                .env_remove("CHORSU_DATABASE")
                .env_remove("CHORSU_LOG_FORMAT")
                .env("CHORSU_LOG", "error")
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let address = |line: String| {
            let url = line.trim().strip_prefix("Start page")?;
            Some(url.trim().trim_end_matches('/').to_owned())
        };
        let base = output.by_ref().lines().map_while(Result::ok).find_map(address).unwrap();
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { process, _output: output, client, base, _data: data }
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Page {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        Page { status, headers, text: answer.text().await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        let url = format!("{}{path}", self.base);
        self.send(self.client.get(url).header("accept", HTML)).await
    }

    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let encoded =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02x}")).collect() };
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        self.client.post(format!("{}{path}", self.base)).header(CONTENT_TYPE, FORM).body(body)
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send(self.form(path, fields)).await
    }

    pub(crate) async fn call(&self, method: &str, params: Value) -> Value {
        let body = json!({ "id": 1, "method": method, "params": params });
        let url = format!("{}/api", self.base);
        let answer = self.send(self.client.post(url).header("x-auth", AUTH).json(&body)).await;
        let answer: Value = serde_json::from_str(&answer.text).unwrap();
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    /// Asks the sandbox's JSON endpoints.
    pub(crate) async fn sandbox(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("{}/sandbox{path}", self.base);
        let answer = self.send(self.client.request(method, url).json(&body)).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        serde_json::from_str(&answer.text).unwrap_or_default()
    }

    /// A new receipt's id.
    pub(crate) async fn receipt(&self, hold: bool) -> String {
        let params = json!({
            "amount": 500_000,
            "account": { "order_id": "A-77" },
            "description": "Помидоры <b>",
            "hold": hold,
            "detail": { "receipt_type": 0, "items": [{
                "title": "Tomatoes", "price": 250_000, "count": 2, "code": "00702001001000001",
                "vat_percent": 15, "package_code": "123456",
            }] },
        });
        let receipt = self.call("receipts.create", params).await;
        receipt["receipt"]["_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn state(&self, receipt: &str) -> i64 {
        let answer = self.call("receipts.check", json!({ "id": receipt })).await;
        answer["state"].as_i64().unwrap()
    }

    /// Types a card in; the next page.
    pub(crate) async fn type_card(&self, receipt: &str, number: &str, expire: &str) -> Page {
        let fields = [("number", number), ("expire", expire), ("lang", "en")];
        self.post(&format!("/pay/{receipt}/card"), &fields).await
    }

    /// Types a card in and gives the token of the code page that follows.
    pub(crate) async fn token(&self, receipt: &str, number: &str) -> String {
        let page = self.type_card(receipt, number, "03/99").await.html(StatusCode::OK);
        assert!(page.contains("Enter the SMS code"), "{page}");
        assert!(!page.contains(&number.replace(' ', "")), "the number came back");
        hidden(&page, "token").to_owned()
    }

    pub(crate) async fn type_code(&self, receipt: &str, token: &str, code: &str) -> Page {
        let fields = [("token", token), ("code", code), ("lang", "en"), ("phone", "")];
        self.post(&format!("/pay/{receipt}/code"), &fields).await
    }
}

/// The value of a hidden field.
pub(crate) fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let start = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split_once('"').unwrap().0
}
