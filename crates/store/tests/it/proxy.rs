//! A way to the PostgreSQL server that breaks when it is told to.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use chorsu_store::OpenOptions;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::fresh::Fresh;

/// The message by which a client begins a transaction.
const BEGIN: &[u8] = b"Q\0\0\0\x0aBEGIN\0";
/// The message by which it commits.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";
/// The message by which it gives a transaction up.
const ROLLBACK: &[u8] = b"Q\0\0\0\x0dROLLBACK\0";
/// What stands in the statement that writes a batch. Outside a transaction it commits by itself.
const WRITE: &[u8] = b"UPDATE lane SET seq";
/// The server is ready for the next message, and no transaction is open.
const IDLE: &[u8] = b"Z\0\0\0\x05I";

/// How the connection of the next commit breaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// Whether the commit still reaches the server, and only its answer is lost.
    pub(crate) commits: bool,
    /// Whether the server notices that its client is gone.
    pub(crate) server_notices: bool,
    /// Whether no new connection is let through afterwards.
    pub(crate) cuts: bool,
}

/// Relays connections to the server of a database.
pub(crate) struct Proxy {
    pub(crate) options: OpenOptions,
    wires: Arc<Wires>,
}

struct Wires {
    server: (String, u16),
    fault: Mutex<Option<Fault>>,
    is_cut: AtomicBool,
    broken: AtomicU32,
    /// Says that every connection is to end now.
    ends: watch::Sender<()>,
    /// Ends towards the server that stay open although their clients are gone.
    kept: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    pub(crate) async fn before(fresh: &Fresh) -> Self {
        let OpenOptions::Postgres { url } = &fresh.options else { panic!("not PostgreSQL") };
        let config: Config = url.parse().unwrap();
        let [Host::Tcp(host)] = config.get_hosts() else { panic!("not one host by TCP") };
        let server = (host.clone(), config.get_ports().first().copied().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let password = String::from_utf8(config.get_password().unwrap_or_default().to_vec());
        let url = format!(
            "postgres://{}:{}@127.0.0.1:{}/{}",
            config.get_user().unwrap_or("postgres"),
            password.unwrap(),
            listener.local_addr().unwrap().port(),
            config.get_dbname().unwrap(),
        );
        let wires = Arc::new(Wires {
            server,
            fault: Mutex::new(None),
            is_cut: AtomicBool::new(false),
            broken: AtomicU32::new(0),
            ends: watch::Sender::new(()),
            kept: Mutex::new(Vec::new()),
        });
        let relayed = wires.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !relayed.is_cut.load(Ordering::Relaxed) {
                    tokio::spawn(relay(relayed.clone(), client));
                }
            }
        });
        Self { options: OpenOptions::Postgres { url }, wires }
    }

    /// Breaks the connection that commits next.
    pub(crate) fn break_next_commit(&self, fault: Fault) {
        *self.wires.fault.lock().unwrap() = Some(fault);
    }

    /// Lets no new connection through, or lets them through again.
    pub(crate) fn cut(&self, is_cut: bool) {
        self.wires.is_cut.store(is_cut, Ordering::Relaxed);
    }

    /// Ends every connection there is.
    pub(crate) async fn end_all(&self) {
        self.wires.ends.send_replace(());
        self.wires.ends.closed().await;
    }

    /// How many connections were broken.
    pub(crate) fn broken(&self) -> u32 {
        self.wires.broken.load(Ordering::Relaxed)
    }
}

fn place_of(wanted: &[u8], bytes: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// What is known of one connection, from what its client says.
#[derive(Default)]
struct Talk {
    /// The names of the statements that write a batch, as they stand in a message that uses them.
    writes: Vec<Vec<u8>>,
    is_in_transaction: bool,
}

impl Talk {
    /// Where in what the client says now a commit begins.
    fn hear(&mut self, bytes: &[u8]) -> Option<usize> {
        if bytes[0] == b'P' && place_of(WRITE, bytes).is_some() {
            let name = bytes[5..].split(|byte| *byte == 0).next().unwrap();
            self.writes.push([b"\0", name, b"\0"].concat());
        }
        self.is_in_transaction |= place_of(BEGIN, bytes).is_some();
        let commit = place_of(COMMIT, bytes);
        if self.is_in_transaction {
            self.is_in_transaction = commit.or(place_of(ROLLBACK, bytes)).is_none();
            return commit;
        }
        // The name follows a byte, a length and the empty name of a portal.
        let write = self.writes.iter().find_map(|name| place_of(name, bytes));
        write.and_then(|place| place.checked_sub(5)).filter(|place| bytes[*place] == b'B')
    }
}

/// Carries bytes both ways until one side is gone or the connection is to break.
async fn relay(wires: Arc<Wires>, mut client: TcpStream) {
    let Ok(mut server) = TcpStream::connect(wires.server.clone()).await else { return };
    // Without these, each relayed message may wait for the other side's acknowledgement.
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    let mut ends = wires.ends.subscribe();
    let mut talk = Talk::default();
    loop {
        tokio::select! {
            _ = ends.changed() => return,
            read = client.read(&mut up) => {
                let Ok(count @ 1..) = read else { return };
                let bytes = &up[..count];
                let commit = talk.hear(bytes);
                let fault = commit.and_then(|_| wires.fault.lock().unwrap().take());
                if let (Some(place), Some(fault)) = (commit, fault) {
                    return break_at(&wires, server, bytes, place, fault).await;
                }
                if server.write_all(bytes).await.is_err() { return }
            }
            read = server.read(&mut down) => {
                let Ok(count @ 1..) = read else { return };
                if client.write_all(&down[..count]).await.is_err() { return }
            }
        }
    }
}

/// Ends the connection at the commit that stands at `place` in `bytes`; the client's end is
/// dropped by the caller.
async fn break_at(wires: &Wires, mut server: TcpStream, bytes: &[u8], place: usize, fault: Fault) {
    if fault.commits {
        server.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(IDLE) {
            assert!(server.read_buf(&mut answer).await.unwrap() > 0, "the server went away");
        }
    } else {
        server.write_all(&bytes[..place]).await.unwrap();
    }
    wires.is_cut.store(fault.cuts, Ordering::Relaxed);
    wires.broken.fetch_add(1, Ordering::Relaxed);
    if !fault.server_notices {
        wires.kept.lock().unwrap().push(server);
    }
}
