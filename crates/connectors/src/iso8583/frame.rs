//! Frames of a byte stream: a 2-byte big-endian length, then a message of that many bytes.

use super::message::MIN_MESSAGE_BYTES;

/// The longest message accepted or sent.
pub const MAX_MESSAGE_BYTES: usize = 4096;

/// Bytes of the length in front of a message.
pub(super) const PREFIX_BYTES: usize = 2;

/// The announced length cannot be that of a message: the stream is not (or no longer) in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame announces {0} bytes, which no message has")]
pub struct FrameError(pub usize);

/// The first whole message in `bytes` and how many bytes its frame takes; `None` while it is not
/// whole yet.
///
/// # Errors
/// [`FrameError`] when the announced length is not that of a message; the stream must be given up.
pub fn next_frame(bytes: &[u8]) -> Result<Option<(&[u8], usize)>, FrameError> {
    let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX_BYTES>() else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes(*prefix));
    if !(MIN_MESSAGE_BYTES..=MAX_MESSAGE_BYTES).contains(&length) {
        return Err(FrameError(length));
    }
    Ok(rest.get(..length).map(|message| (message, PREFIX_BYTES + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_cut_whole_and_bounded() {
        let mut stream = vec![0, 12];
        stream.extend([b'x'; 12]);
        stream.push(0);
        for partial in 0..14 {
            assert_eq!(next_frame(&stream[..partial]), Ok(None), "{partial}");
        }
        assert_eq!(next_frame(&stream), Ok(Some((&[b'x'; 12][..], 14))));
        assert_eq!(next_frame(&[0, 11, 1]), Err(FrameError(11)));
        assert_eq!(next_frame(&[16, 1]), Err(FrameError(4097)));
        assert_eq!(next_frame(&[16, 0]), Ok(None));
    }
}
