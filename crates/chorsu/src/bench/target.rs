//! The server under test: its address, and the prebuilt heads of the requests sent to it.
//! It opens no connection.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, Result, bail};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};

/// One server, resolved once so that no connection waits for a name.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// As the user wrote it, without a trailing slash.
    pub(super) url: String,
    /// Every address the name has; the first that answers is used.
    pub(super) addresses: Vec<SocketAddr>,
    host: HeaderValue,
}

impl Target {
    /// Reads `http://host[:port]` and resolves the host.
    ///
    /// # Errors
    /// The URL is not of that form, or the name has no address.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("{url:?} is not a URL"))?;
        if uri.scheme_str() != Some("http") {
            bail!("{url:?} must begin with http:// (the load generator speaks no TLS)");
        }
        if uri.path() != "/" || uri.query().is_some() {
            bail!(
                "{url:?} must be scheme, host and port only; the path follows from the scenario\n\n\
                 Hint: for example --url http://127.0.0.1:8080"
            );
        }
        let authority = uri.authority().with_context(|| format!("{url:?} names no host"))?;
        // An IPv6 address stands in brackets in a URL, and without them everywhere else.
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<SocketAddr> = (name, authority.port_u16().unwrap_or(80))
            .to_socket_addrs()
            .with_context(|| format!("cannot resolve the host of {url}"))?
            .collect();
        if addresses.is_empty() {
            bail!("the host of {url} has no address");
        }
        let host = HeaderValue::from_str(authority.as_str())
            .with_context(|| format!("{url:?} has a host that no header can carry"))?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), addresses, host })
    }

    /// The head of a POST of JSON to `path`, with `extra` headers.
    pub(super) fn post(
        &self,
        path: &'static str,
        extra: &[(HeaderName, HeaderValue)],
    ) -> RequestHead {
        let mut headers = HeaderMap::with_capacity(2 + extra.len());
        headers.insert(HOST, self.host.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(extra.iter().cloned());
        RequestHead { method: Method::POST, uri: Uri::from_static(path), headers }
    }

    /// The head of any request, with `extra` headers; a body is JSON.
    ///
    /// # Errors
    /// The path has characters that no path can have.
    pub(super) fn request(
        &self,
        method: Method,
        path: &str,
        extra: &[(HeaderName, HeaderValue)],
    ) -> Result<RequestHead> {
        let uri = path.parse().with_context(|| format!("{path:?} is not a path"))?;
        let RequestHead { headers, .. } = self.post("/", extra);
        Ok(RequestHead { method, uri, headers })
    }

    /// The head of a GET of `path`.
    pub(super) fn get(&self, path: &'static str) -> RequestHead {
        let headers = HeaderMap::from_iter([(HOST, self.host.clone())]);
        RequestHead { method: Method::GET, uri: Uri::from_static(path), headers }
    }
}

/// All of a request but its body, built once and copied for every request.
#[derive(Clone, Debug)]
pub(super) struct RequestHead {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl RequestHead {
    /// A request with this head and `body`.
    pub(super) fn with_body<B>(&self, body: B) -> Request<B> {
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }
}
