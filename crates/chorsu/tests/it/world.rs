//! What nearly every test starts with: a server on an empty store, a shop, and the sandbox.

use crate::place::Place;
use crate::sandbox::Sandbox;
use crate::server::{self, Server};
use crate::shop::Shop;

/// A server with everything that talks to it. The server ends before its place is removed.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) shop: Shop,
    pub(crate) sandbox: Sandbox,
    pub(crate) place: Place,
}

impl World {
    /// On SQLite.
    pub(crate) async fn sqlite() -> Self {
        Self::at(Place::sqlite()).await
    }

    /// On this place.
    pub(crate) async fn at(place: Place) -> Self {
        let server = Server::start(&place).await;
        let (shop, sandbox) = (Shop::at(&server), Sandbox::at(&server));
        Self { server, shop, sandbox, place }
    }

    /// Stops the server well, and replays the ledger, which must be in order.
    pub(crate) async fn finish(self) {
        let Self { server, place, .. } = self;
        server.stop().await;
        server::assert_verified(&place);
    }
}
