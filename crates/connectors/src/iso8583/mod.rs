//! ISO 8583:1987 messages as the card networks exchange them: pure bytes in, bytes out.
//!
//! A frame is a 2-byte big-endian length and a message; a message is a 4-digit type, a raw (binary)
//! 8-byte bitmap and ASCII fields. Only the fields Chorsu uses exist; a message with any other is
//! an error, because the length of an unknown field cannot be known. Nothing here opens a socket,
//! and nothing prints field 2.

mod ascii;
mod field;
mod frame;
mod message;

pub use ascii::Ascii;
pub use field::Field;
pub use frame::{FrameError, MAX_MESSAGE_BYTES, next_frame};
pub use message::{DecodeError, EncodeError, Message, Mti};
