//! A body that is written while it is sent: at most a few pieces of it are in memory.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::Frame;
use tokio::sync::mpsc;

/// Pieces that wait to be sent.
const PIECES: usize = 8;
/// What a writer gathers before it is a piece.
const PIECE: usize = 64 * 1024;

/// The sending end is gone before the whole was written: the receiver must not take it for whole.
#[derive(Debug, thiserror::Error)]
#[error("the file broke off")]
struct BrokeOff;

/// A piece, or the end of a whole body.
enum Piece {
    Data(Bytes),
    End,
}

struct Streamed {
    pieces: mpsc::Receiver<Piece>,
    is_over: bool,
}

/// The writing end of a body. Unless it is finished, the body is cut off.
pub(super) struct Sender(mpsc::Sender<Piece>);

/// A body and its writing end.
pub(super) fn body() -> (Sender, Body) {
    let (sender, pieces) = mpsc::channel(PIECES);
    (Sender(sender), Body::new(Streamed { pieces, is_over: false }))
}

impl Sender {
    /// Sends a piece; waits until there is room.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub(super) async fn send(&self, data: impl Into<Bytes>) -> Result<(), io::Error> {
        self.0.send(Piece::Data(data.into())).await.map_err(|_| gone())
    }

    /// Ends the body as a whole one.
    pub(super) async fn finish(self) {
        // Whoever has hung up does not need the end.
        let _ = self.0.send(Piece::End).await;
    }

    /// A blocking writer, for a thread that may wait.
    pub(super) fn into_writer(self) -> BlockingWriter {
        BlockingWriter { sender: self, gathered: Vec::with_capacity(PIECE) }
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the reader has hung up")
}

/// Writes to a body from a thread that may wait.
pub(super) struct BlockingWriter {
    sender: Sender,
    gathered: Vec<u8>,
}

impl BlockingWriter {
    /// Sends what is left and ends the body as a whole one.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub(super) fn finish(mut self) -> Result<(), io::Error> {
        self.flush()?;
        self.sender.0.blocking_send(Piece::End).map_err(|_| gone())
    }
}

impl Write for BlockingWriter {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(data);
        if self.gathered.len() >= PIECE {
            self.flush()?;
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let data = std::mem::replace(&mut self.gathered, Vec::with_capacity(PIECE));
        self.sender.0.blocking_send(Piece::Data(data.into())).map_err(|_| gone())
    }
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = BrokeOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokeOff>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        self.pieces.poll_recv(context).map(|piece| match piece {
            Some(Piece::Data(data)) => Some(Ok(Frame::data(data))),
            Some(Piece::End) => {
                self.is_over = true;
                None
            }
            None => {
                self.is_over = true;
                Some(Err(BrokeOff))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.is_over
    }
}
