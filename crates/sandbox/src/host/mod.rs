//! The played host of one network: a TCP server that speaks ISO 8583.
//!
//! It reads requests, lets the keeper decide them and sends the answers, in the order in which they
//! are ready. It keeps nothing itself.

mod connection;
mod faults;
mod incoming;
mod outgoing;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chorsu_core::Network;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use crate::keeper::Keeper;
use connection::Host;
pub(crate) use connection::ReplyTo;
pub use faults::{Fault, FaultCalls, FaultRule, HostControls};

/// Connections to one host at most; more are closed at once.
const CONNECTIONS: usize = 256;

/// A running host; it stops, with all its connections, when this is dropped.
pub struct NetworkHost {
    address: SocketAddr,
    controls: Arc<HostControls>,
    task: AbortHandle,
}

impl NetworkHost {
    /// Starts the host of `network` on a free port of the loopback interface.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub async fn start(
        network: Network,
        keeper: Keeper,
        controls: Arc<HostControls>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let host = Arc::new(Host { network, keeper, controls: Arc::clone(&controls) });
        let task = tokio::spawn(listen(listener, host)).abort_handle();
        tracing::info!(network = network.name(), %address, "the sandbox's host listens");
        Ok(Self { address, controls, task })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its latency and faults.
    #[must_use]
    pub fn controls(&self) -> &HostControls {
        &self.controls
    }
}

impl Drop for NetworkHost {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, host: Arc<Host>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < CONNECTIONS => {
                    connections.spawn(connection::serve(stream, Arc::clone(&host)));
                }
                Ok(_) => tracing::warn!("the sandbox's host has too many connections"),
                Err(error) => {
                    // Out of descriptors, as a rule: it passes.
                    tracing::warn!(%error, "the sandbox's host cannot accept a connection");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
