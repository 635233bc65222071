//! Random bytes from the system, and new ids made of them.

use std::cell::RefCell;

use chorsu_core::id::{CardId, DocumentId, OperationId, ReceiptId};
use chorsu_core::time::UnixMillis;

/// Bytes fetched from the system at once: ids take six each, and a call each would be the most
/// expensive part of making one.
const BUFFER_BYTES: usize = 240;

thread_local! {
    static BUFFER: RefCell<([u8; BUFFER_BYTES], usize)> =
        const { RefCell::new(([0; BUFFER_BYTES], BUFFER_BYTES)) };
}

/// Fills `bytes` from the system's random numbers.
///
/// # Panics
/// When the system has none: nothing secret could be made then.
pub(crate) fn fill(bytes: &mut [u8]) {
    #[expect(clippy::expect_used, reason = "there is no safe way on without random numbers")]
    getrandom::fill(bytes).expect("the system has random numbers");
}

/// Six random bytes, for an id.
pub(crate) fn random() -> [u8; 6] {
    BUFFER.with_borrow_mut(|(bytes, used)| {
        if *used + 6 > BUFFER_BYTES {
            fill(bytes);
            *used = 0;
        }
        let mut six = [0; 6];
        six.copy_from_slice(&bytes[*used..*used + 6]);
        *used += 6;
        six
    })
}

/// A new receipt's id.
pub(crate) fn receipt(now: UnixMillis) -> ReceiptId {
    ReceiptId::new(now, random())
}

/// A new card's id.
pub(crate) fn card(now: UnixMillis) -> CardId {
    CardId::new(now, random())
}

/// A new document's id.
pub(crate) fn document(now: UnixMillis) -> DocumentId {
    DocumentId::new(now, random())
}

/// A new operation's id.
pub(crate) fn operation(now: UnixMillis) -> OperationId {
    OperationId::new(now, random())
}

/// A one-time code of six digits.
pub(crate) fn one_time_code() -> String {
    // Values past the largest multiple of a million would make some codes likelier.
    const LIMIT: u32 = u32::MAX - u32::MAX % 1_000_000;
    loop {
        let mut bytes = [0; 4];
        fill(&mut bytes);
        let number = u32::from_be_bytes(bytes);
        if number < LIMIT {
            return format!("{:06}", number % 1_000_000);
        }
    }
}
