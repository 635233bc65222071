//! Addresses and connections. What a connection must be like is said here once.

use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};

use crate::error::StoreError;

/// How long to wait for a server to take a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// After this long without a sign of life the other side counts as gone.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// The first halves of our advisory locks ("CHO" and a letter), so that another program in the same
/// database is unlikely to meet them.
pub(super) mod lock {
    /// One per ledger chain; the second half is its number.
    pub(in crate::postgres) const LANE: i32 = 0x4348_4f4c;
    /// Held while the schema is being made.
    pub(in crate::postgres) const SCHEMA: i32 = 0x4348_4f53;
}

/// Settings of every session. An answer is given after its commit, so a commit must mean "on disk"
/// at least; a client that is gone or stuck must lose its row locks before those who wait for them
/// give up.
const SESSION: &str = "SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') = 'off'; \
     SET jit = off; SET statement_timeout = '60s'; SET lock_timeout = '15s'; \
     SET idle_in_transaction_session_timeout = '10s'; SET tcp_keepalives_idle = 10; \
     SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
     SET default_transaction_isolation = 'read committed'";

/// Settings of lanes, readers and books. What they do often goes by key; a plan that was made while a
/// table was small, and scans it, would be kept until long after the table has grown.
pub(super) const BY_KEY_ONLY: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; \
     SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan";

/// Settings of readers. Their pages follow an index and end early. A bitmap would first read all
/// that may be on a page, and sort it; that is chosen as long as nothing is known of a large table.
pub(super) const IN_ORDER: &str = "SET enable_bitmapscan = off";

/// The configuration of an address.
///
/// # Errors
/// [`StoreError::Address`] says what is wrong with it, without repeating it: it holds a password.
pub(super) fn configuration(url: &str) -> Result<Config, StoreError> {
    let address = |why: &str| StoreError::Address(why.to_owned());
    let no_tls = "TLS to PostgreSQL is not supported yet: sslmode must be disable or prefer, \
                  over a network that is trusted";
    let mut config = match url.parse::<Config>() {
        Ok(config) => config,
        Err(_) if url.contains("sslmode=") => return Err(address(no_tls)),
        Err(_) => return Err(address("expected postgres://user:password@host:port/database")),
    };
    if !matches!(config.get_ssl_mode(), SslMode::Disable | SslMode::Prefer) {
        return Err(address(no_tls));
    }
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(address("the address names no host"));
    }
    // What the operator wrote about these wins.
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_application_name().is_none() {
        config.application_name("chorsu");
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE_MAX);
    }
    config.keepalives_idle(Duration::from_secs(5)).keepalives_interval(Duration::from_secs(5));
    config.keepalives_retries(2);
    Ok(config)
}

/// Whether everything said to this server stays on this machine.
pub(super) fn is_local(config: &Config) -> bool {
    config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
        && config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => {
                name == "localhost"
                    || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
            }
            Host::Unix(_) => true,
        })
}

/// Connects; the connection lives on the current runtime until its client is dropped.
///
/// # Errors
/// When the server cannot be reached or refuses.
pub(super) async fn connect(config: &Config) -> Result<Client, StoreError> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        // The one who uses the client next is told of the same failure.
        let _ = connection.await;
    });
    client.batch_execute(SESSION).await?;
    Ok(client)
}

/// Whether a connection is whole as far as can be known without asking. One on a runtime of its own
/// sees only here what happened to it since it was used last.
pub(super) async fn is_alive(client: &Client) -> bool {
    for _ in 0..2 {
        tokio::task::yield_now().await;
    }
    !client.is_closed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_never_repeated() {
        let good = ["postgres://u:secret@127.0.0.1:5432/d", "host=localhost user=u dbname=d"];
        for url in good {
            assert!(is_local(&configuration(url).unwrap()), "{url}");
        }
        assert!(!is_local(&configuration("postgres://u@db.example/d").unwrap()));
        let cases = [
            ("postgres://u:secret@db/d?sslmode=require", "TLS"),
            ("postgres://u:secret@db/d?sslmode=verify-full", "TLS"),
            ("mysql://u:secret@db/d", "expected postgres://"),
            ("postgres://u:secret@db:port/d", "expected postgres://"),
            ("user=u password=secret", "no host"),
        ];
        for (url, want) in cases {
            let error = configuration(url).unwrap_err().to_string();
            assert!(error.contains(want) && !error.contains("secret"), "{url}: {error}");
        }
    }
}
