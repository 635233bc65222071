//! Who may use the till API. It has no keys of its own, so it serves this machine and the networks
//! that the operator lists.

use std::net::IpAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::{Request, State};
use axum::http::StatusCode;
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

    /// Whether a request from `address` is let in.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_loopback() || self.0.iter().any(|network| network.contains(&address))
    }
}

/// Turns away whoever may not use the till API.
pub(super) async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    if peer.is_some_and(|Peer(address)| app.till_guard.admits(address)) {
        return next.run(request).await;
    }
    let text = "The till API serves this machine and the networks in till_networks only.\n";
    (StatusCode::FORBIDDEN, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_networks_and_this_machine_are_let_in() {
        let networks = ["192.168.7.0/24".to_owned(), "10.1.2.3".to_owned()];
        let guard = TillGuard::new(&networks).unwrap();
        for (address, want) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.168.7.99", true),
            ("::ffff:192.168.7.99", true),
            ("10.1.2.3", true),
            ("192.168.8.1", false),
            ("10.1.2.4", false),
        ] {
            assert_eq!(guard.admits(address.parse().unwrap()), want, "{address}");
        }
        assert!(TillGuard::new(&["everyone".to_owned()]).is_err());
    }
}
