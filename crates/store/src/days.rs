//! Sums by day: how they are counted, behind the writer, by whoever needs them, in pieces; and in
//! which steps a page of a statement is read by them. The reading itself is each backend's business.
//!
//! What is counted already is never read again. What is not yet, after the mark, is read as it is:
//! the answers are the same whether anything was counted or not.

use chorsu_core::order::StatementLine;

use crate::range::StatementRange;

/// Rows that are counted in one transaction. On SQLite the writer waits for it.
pub(crate) const CHUNK: i64 = 5_000;
/// Pieces that one question counts at most; the rest is read uncounted, and counted by the next.
pub(crate) const CHUNKS_MAX: usize = 200;
/// So many rows are read uncounted rather than counted one by one.
pub(crate) const LAG_MAX: i64 = 1_000;
/// What the clock of Tashkent is ahead by, in milliseconds.
pub(crate) const TASHKENT_MS: i64 = 5 * 60 * 60 * 1_000;
/// So many times as many lines as a page has room for are looked through before days are asked for.
const LOOK: i64 = 4;

/// Numbers of lines: after the first, up to and with the second.
pub(crate) type Place = (i64, i64);

/// A page of a statement while it is read.
///
/// Most pages are full after a look at the lines that come next, whatever is counted. Only for the
/// others, days tell where their lines are. Each step is a transaction of its own, and goes on
/// after the last line that was found, not after the last number that was looked at. Numbers are
/// given in the order of the commits: nothing appears any more before a line that was found, but
/// behind it a number that was free is taken meanwhile.
pub(crate) struct Page {
    lines: Vec<StatementLine>,
    /// What is still wanted.
    rest: StatementRange,
    look: Place,
}

impl Page {
    /// A page without lines.
    pub(crate) fn new(range: StatementRange) -> Self {
        let numbers = i64::from(range.limit).saturating_mul(LOOK);
        let look = (range.after, range.after.saturating_add(numbers));
        Self { lines: Vec::new(), rest: range, look }
    }

    /// Where to look first.
    pub(crate) const fn look(&self) -> Place {
        self.look
    }

    /// What to read at a place; nothing when the page is full, or was read beyond the place.
    pub(crate) fn wanted(&self, (after, last): Place) -> Option<StatementRange> {
        let range = StatementRange { after: self.rest.after.max(after), ..self.rest };
        (range.limit > 0 && range.after < last).then_some(range)
    }

    /// Adds what was found there.
    pub(crate) fn add(&mut self, found: Vec<StatementLine>) {
        self.rest.after = found.last().map_or(self.rest.after, |line| line.id);
        let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
        self.rest.limit = self.rest.limit.saturating_sub(count);
        self.lines.extend(found);
    }

    /// Whether there is no room for more.
    pub(crate) const fn is_full(&self) -> bool {
        self.rest.limit == 0
    }

    /// The lines that were found.
    pub(crate) fn into_lines(self) -> Vec<StatementLine> {
        self.lines
    }
}

/// How far a statement reaches and was counted, and where the counted lines of some days are.
pub(crate) struct Span {
    /// The statement's last line.
    pub(crate) end: i64,
    /// The last line that is counted.
    pub(crate) mark: i64,
    /// The first and the last of those days, when there are any.
    pub(crate) lines: Option<(i64, i64)>,
}

impl Span {
    /// Whether the first look has seen all that there was: even now there is nothing behind it.
    pub(crate) const fn was_seen(&self, page: &Page) -> bool {
        self.end <= page.look.1
    }

    /// Whether so little is uncounted that it is read as it is.
    pub(crate) const fn is_counted(&self) -> bool {
        self.end - self.mark <= LAG_MAX
    }

    /// Where lines of those days may be: among the counted ones, and behind them.
    pub(crate) fn places(&self) -> [Place; 2] {
        let counted = self.lines.map_or((0, 0), |(first, last)| (first - 1, last));
        [counted, (self.mark, i64::MAX)]
    }
}
