//! How sums by day are counted: behind the writer, by whoever needs them, in pieces.

/// Rows that are counted in one transaction. On SQLite the writer waits for it.
pub(crate) const CHUNK: i64 = 5_000;
/// Pieces that one question counts at most; the rest is read uncounted, and counted by the next.
pub(crate) const CHUNKS_MAX: usize = 200;
/// So many rows are read uncounted rather than counted one by one.
pub(crate) const LAG_MAX: i64 = 1_000;
/// What the clock of Tashkent is ahead by, in milliseconds.
pub(crate) const TASHKENT_MS: i64 = 5 * 60 * 60 * 1_000;
