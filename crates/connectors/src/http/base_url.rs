//! The address of a counterparty, checked once when it is configured.

use std::fmt;
use std::str::FromStr;

use hyper::Uri;
use hyper::http::uri::{Authority, PathAndQuery, Scheme};

/// The text is not an address that a connector can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// Not a URL with a scheme and a host.
    #[error("not a URL with a scheme and a host")]
    NotAUrl,
    /// Neither `http` nor `https`.
    #[error("neither http nor https")]
    Scheme,
    /// A user name, a query or a fragment, none of which belongs there.
    #[error("a user name, a query or a fragment is not allowed here")]
    Extra,
}

/// Where a counterparty is: scheme, host, and the path that all its calls begin with.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at its end.
    path: String,
}

impl BaseUrl {
    /// The whole address of `path`, which is empty or begins with `/`; `None` when `path` holds
    /// characters that no path has.
    pub(super) fn join(&self, path: &str) -> Option<Uri> {
        let joined = format!("{}{path}", self.path);
        let joined = if joined.is_empty() { "/".to_owned() } else { joined };
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(PathAndQuery::try_from(joined).ok()?)
            .build()
            .ok()
    }
}

impl FromStr for BaseUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        if text.contains(['#', '?', '@']) {
            return Err(BadUrl::Extra);
        }
        let parts = text.parse::<Uri>().map_err(|_| BadUrl::NotAUrl)?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(BadUrl::NotAUrl);
        };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(BadUrl::Scheme);
        }
        let path = parts.path_and_query.map_or(String::new(), |path| path.path().to_owned());
        Ok(Self { scheme, authority, path: path.trim_end_matches('/').to_owned() })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_joined_with_and_without_slashes() {
        let cases = [
            ("https://api.click.uz/v2/merchant/", "/payment", "/v2/merchant/payment"),
            ("http://127.0.0.1:8081", "/payment", "/payment"),
            ("https://checkout.paycom.uz/api", "", "/api"),
            ("http://localhost:1/", "", "/"),
        ];
        for (base, path, want) in cases {
            let base = base.parse::<BaseUrl>().unwrap();
            let uri = base.join(path).unwrap();
            assert_eq!((uri.path(), uri.host()), (want, Some(base.authority.host())));
        }
        assert_eq!("http://h:1/a/".parse::<BaseUrl>().unwrap().to_string(), "http://h:1/a");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let cases = [
            ("", BadUrl::NotAUrl),
            ("/v2", BadUrl::NotAUrl),
            ("127.0.0.1:80", BadUrl::NotAUrl),
            ("ftp://host/", BadUrl::Scheme),
            ("http://user:pass@host/", BadUrl::Extra),
            ("http://host/?a=1", BadUrl::Extra),
        ];
        for (text, want) in cases {
            assert_eq!(text.parse::<BaseUrl>(), Err(want), "{text}");
        }
        let base = "http://h".parse::<BaseUrl>().unwrap();
        assert_eq!(base.join("/a b"), None);
        assert_eq!(base.join("/a\r\nx: y"), None);
    }
}
