//! Who may use the till API. It has no keys of its own, so it serves this machine and the networks
//! that the operator lists.

use std::net::IpAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;

use crate::app::App;

/// The address a request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The networks that may use the till API.
#[derive(Debug)]
pub(crate) struct TillGuard(Vec<IpNet>);

/// Why a request may not use the till API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// Its address is in no listed network.
    Address,
    /// It came through a proxy on this machine, so its address says nothing.
    Proxied,
    /// A browser sends it for the page of another site.
    OtherSite,
}

impl Stranger {
    const fn text(self) -> &'static str {
        match self {
            Self::Address => {
                "The till API serves this machine and the networks in till_networks only.\n"
            }
            Self::Proxied => {
                "The till API does not serve what comes through a proxy, unless the proxy's \
                 address is in till_networks.\n"
            }
            Self::OtherSite => "The till API does not serve the pages of other sites.\n",
        }
    }
}

/// What a proxy adds to a request.
const PROXIED: [HeaderName; 4] = [
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("via"),
];

impl TillGuard {
    /// A guard that lets this machine and `networks` in.
    ///
    /// # Errors
    /// A sentence about the network that is none.
    pub(crate) fn new(networks: &[String]) -> anyhow::Result<Self> {
        let parse = |text: &String| {
            let single = text.parse::<IpAddr>().map(IpNet::from);
            single.or_else(|_| text.parse()).with_context(|| {
                format!("till_networks: {text} is no network; write it as 192.168.7.0/24")
            })
        };
        networks.iter().map(parse).collect::<anyhow::Result<_>>().map(Self)
    }

    /// Lets a request from `address` with these headers in.
    ///
    /// This machine is let in without being listed, but neither a visitor behind a proxy on it nor
    /// a web page that somebody has opened on it: the till API has no keys that would stop them.
    ///
    /// # Errors
    /// Why it is not let in.
    pub(crate) fn admit(&self, address: IpAddr, headers: &HeaderMap) -> Result<(), Stranger> {
        let address = address.to_canonical();
        let is_listed = self.0.iter().any(|network| network.contains(&address));
        if !is_listed && !address.is_loopback() {
            return Err(Stranger::Address);
        }
        if !is_listed && PROXIED.iter().any(|name| headers.contains_key(name)) {
            return Err(Stranger::Proxied);
        }
        if is_of_other_site(headers) { Err(Stranger::OtherSite) } else { Ok(()) }
    }
}

/// Whether a browser says that the page of another site is behind a request. Programs say nothing
/// of the kind.
fn is_of_other_site(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.as_bytes());
    if let Some(site) = text(&HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, b"same-origin" | b"none");
    }
    let Some(origin) = text(&header::ORIGIN) else { return false };
    let authority = origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"));
    authority.is_none() || authority != text(&header::HOST)
}

/// Turns away whoever may not use the till API.
pub(super) async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let admitted = match peer {
        Some(Peer(address)) => app.till_guard.admit(address, request.headers()),
        None => Err(Stranger::Address),
    };
    match admitted {
        Ok(()) => next.run(request).await,
        Err(stranger) => (StatusCode::FORBIDDEN, stranger.text()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), header::HeaderValue::from_static(value))
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn only_listed_networks_and_this_machine_are_let_in() {
        let networks = ["192.168.7.0/24".to_owned(), "10.1.2.3".to_owned()];
        let guard = TillGuard::new(&networks).unwrap();
        for (address, want) in [
            ("127.0.0.1", Ok(())),
            ("::1", Ok(())),
            ("::ffff:127.0.0.1", Ok(())),
            ("192.168.7.99", Ok(())),
            ("::ffff:192.168.7.99", Ok(())),
            ("10.1.2.3", Ok(())),
            ("192.168.8.1", Err(Stranger::Address)),
            ("10.1.2.4", Err(Stranger::Address)),
        ] {
            let admitted = guard.admit(address.parse().unwrap(), &HeaderMap::new());
            assert_eq!(admitted, want, "{address}");
        }
        assert!(TillGuard::new(&["everyone".to_owned()]).is_err());
    }

    #[test]
    fn neither_visitors_of_a_proxy_nor_pages_of_other_sites_are_let_in() {
        let unlisted = TillGuard::new(&[]).unwrap();
        let listed = TillGuard::new(&["127.0.0.1".to_owned()]).unwrap();
        let here = "127.0.0.1".parse().unwrap();
        for proxied in ["forwarded", "x-forwarded-for", "x-real-ip", "via"] {
            let headers = headers(&[(proxied, "203.0.113.7")]);
            assert_eq!(unlisted.admit(here, &headers), Err(Stranger::Proxied), "{proxied}");
            assert_eq!(listed.admit(here, &headers), Ok(()), "{proxied}");
        }
        let host = ("host", "127.0.0.1:8080");
        for (lines, want) in [
            (vec![host, ("sec-fetch-site", "cross-site")], Err(Stranger::OtherSite)),
            (vec![host, ("sec-fetch-site", "same-site")], Err(Stranger::OtherSite)),
            (vec![host, ("sec-fetch-site", "same-origin")], Ok(())),
            (vec![host, ("sec-fetch-site", "none")], Ok(())),
            (vec![host, ("origin", "http://example.com")], Err(Stranger::OtherSite)),
            (vec![host, ("origin", "null")], Err(Stranger::OtherSite)),
            (vec![host, ("origin", "http://127.0.0.1:8080")], Ok(())),
            (vec![host], Ok(())),
        ] {
            assert_eq!(listed.admit(here, &headers(&lines)), want, "{lines:?}");
        }
    }
}
