//! A request and an answer as plain data.

use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The verbs that counterparties use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Do.
    Post,
    /// Change.
    Put,
    /// Undo.
    Delete,
}

impl Method {
    /// The verb as it stands in the request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// One HTTP request, relative to the base URL of its counterparty.
///
/// Header values may hold keys, bodies may hold one-time codes and card numbers: neither is printed,
/// and both are wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The verb.
    pub method: Method,
    /// What comes after the base URL's path; empty, or beginning with `/`.
    pub path: String,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, Zeroizing<String>)>,
    /// The body; an empty one is sent as none. It is wiped once it is sent.
    pub body: Zeroizing<Vec<u8>>,
}

impl HttpRequest {
    /// A request that carries `body` as JSON; an empty body is for verbs without one.
    #[must_use]
    pub fn json(method: Method, path: impl Into<String>, body: Vec<u8>) -> Self {
        let mut headers = vec![("accept", Zeroizing::new("application/json".to_owned()))];
        if !body.is_empty() {
            headers.push(("content-type", Zeroizing::new("application/json".to_owned())));
        }
        Self { method, path: path.into(), headers, body: Zeroizing::new(body) }
    }

    /// The same request with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Zeroizing<String>) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same request with basic authentication.
    #[must_use]
    pub fn with_login(self, username: &str, password: &str) -> Self {
        let login = Zeroizing::new(format!("{username}:{password}"));
        let encoded = Zeroizing::new(STANDARD.encode(login.as_bytes()));
        self.with("authorization", Zeroizing::new(format!("Basic {}", encoded.as_str())))
    }
}

/// A text as one segment of a path: everything but letters, digits and `-._~` is escaped.
#[must_use]
pub fn path_segment(text: &str) -> String {
    // A segment of dots alone would lead to another path, however it is written.
    let dots = text.bytes().all(|byte| byte == b'.');
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~');
        if plain || (byte == b'.' && !dots) {
            segment.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(segment, "%{byte:02X}");
        }
    }
    segment
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// One HTTP answer, read to its end. Its body names people, so it is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_a_message_shows_neither_keys_nor_bodies() {
        let request = HttpRequest::json(Method::Post, "/pay", b"880101698207133392".to_vec())
            .with("x-auth", Zeroizing::new("id:topsecret".to_owned()));
        let printed = format!("{request:?}");
        assert!(printed.contains("x-auth") && printed.contains("/pay"), "{printed}");
        assert!(!printed.contains("topsecret") && !printed.contains("8801"), "{printed}");
        let response = HttpResponse { status: 200, body: b"998901234567".to_vec() };
        assert_eq!(format!("{response:?}"), "HttpResponse { status: 200, body_bytes: 12 }");
    }
}
