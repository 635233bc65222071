//! Puts texts on a page so that every line fits, and counts the lines.

use crate::barcode::Bars;
use crate::charset::{FIXED_SPACE, printable, printable_words, width};
use crate::error::PrintError;
use crate::page::{Block, LINES_MAX, Line, Page, PaperWidth, Place, Style};
use crate::qr::Qr;
use crate::wrap::wrap;

/// A page in the making.
pub(crate) struct Composer {
    width: PaperWidth,
    blocks: Vec<Block>,
    too_long: bool,
}

impl Composer {
    pub(crate) const fn new(width: PaperWidth) -> Self {
        Self { width, blocks: Vec::new(), too_long: false }
    }

    /// The page, unless it has more than [`LINES_MAX`] lines.
    pub(crate) fn finish(
        self,
        title: String,
        language_tag: &'static str,
    ) -> Result<Page, PrintError> {
        if self.too_long {
            return Err(PrintError::TooLong);
        }
        Ok(Page { width: self.width, title, language_tag, blocks: self.blocks })
    }

    /// Whether more would not be printed any more.
    pub(crate) const fn is_full(&self) -> bool {
        self.too_long
    }

    pub(crate) fn rule(&mut self) {
        self.push(Block::Rule);
    }

    pub(crate) fn gap(&mut self) {
        self.push(Block::Gap);
    }

    pub(crate) fn cut(&mut self) {
        self.push(Block::Cut);
    }

    /// `text` in the middle, in as many lines as it needs; an empty one prints nothing.
    ///
    /// Large letters become smaller rather than break a word.
    pub(crate) fn center(&mut self, text: &str, style: Style) {
        let text = printable_words(text);
        if text.is_empty() {
            return;
        }
        let large_fits =
            text.split(' ').all(|word| width(word) <= Style::Large.room(self.columns()));
        let style = if large_fits { style } else { style.not_large() };
        for line in wrap(&text, style.room(self.columns())) {
            self.line(Place::Center(line), style);
        }
    }

    /// `text` at the left, `indent` columns in; an empty one prints nothing.
    pub(crate) fn left(&mut self, indent: usize, text: &str, style: Style) {
        let text = printable_words(text);
        if text.is_empty() {
            return;
        }
        for line in wrap(&text, style.room(self.columns()) - indent) {
            self.line(Place::Left(indented(indent, &line)), style);
        }
    }

    /// `label` at the left and `value` at the right of one line, or below one another.
    ///
    /// A value is broken only when it is wider than the paper by itself. Large letters become
    /// smaller when the pair does not fit one line.
    pub(crate) fn pair(&mut self, indent: usize, label: &str, value: &str, style: Style) {
        let (label, value) = (printable_words(label), printable_words(value));
        let wanted = indent + width(&label) + 1 + width(&value);
        let large_fits = wanted <= Style::Large.room(self.columns());
        let style = if large_fits { style } else { style.not_large() };
        let room = style.room(self.columns());
        let mut labels = wrap(&label, room - indent);
        let last = labels.pop().unwrap_or_default();
        for line in labels {
            self.line(Place::Left(indented(indent, &line)), style);
        }
        let last = indented(indent, &last);
        if width(&last) + 1 + width(&value) <= room {
            self.line(Place::Ends(last, value), style);
            return;
        }
        self.line(Place::Left(last), style);
        for line in wrap(&value, room) {
            self.line(Place::Ends(String::new(), line), style);
        }
    }

    /// [`Self::pair`], unless `value` shows nothing.
    pub(crate) fn pair_if(&mut self, indent: usize, label: &str, value: &str) {
        if !printable_words(value).is_empty() {
            self.pair(indent, label, value, Style::Plain);
        }
    }

    /// A line that was laid out with spaces by somebody else, `indent` columns in.
    ///
    /// A line that is too long loses spaces from its widest gap first, then it is wrapped.
    pub(crate) fn laid_out(&mut self, indent: usize, text: &str, style: Style) {
        let text = printable(text);
        let room = self.columns() - indent;
        let text = squeezed(text.trim_end(), room);
        if width(&text) <= room {
            self.line(Place::Left(indented(indent, &text)), style);
            return;
        }
        self.left(indent, &text, style);
    }

    /// A QR code of `text`, or the text itself when it is too long for one.
    pub(crate) fn qr(&mut self, text: &str) {
        match Qr::of(text) {
            Some(qr) => self.push(Block::Qr(qr)),
            None => self.center(text, Style::Plain),
        }
    }

    /// A barcode of `text` with the text below, or the text alone when no barcode fits.
    pub(crate) fn barcode(&mut self, text: &str) {
        if let Some(bars) = Bars::of(text, self.width) {
            self.push(Block::Bars(bars));
        }
        self.center(text, Style::Plain);
    }

    /// Columns of the paper.
    pub(crate) const fn columns(&self) -> usize {
        self.width.columns()
    }

    fn line(&mut self, place: Place, style: Style) {
        self.push(Block::Line(Line { place, style }));
    }

    fn push(&mut self, block: Block) {
        if self.blocks.len() < LINES_MAX {
            self.blocks.push(block);
        } else {
            self.too_long = true;
        }
    }
}

fn indented(indent: usize, text: &str) -> String {
    format!("{:indent$}{text}", "")
}

/// `text` with the longest run of one character shortened until `room` is enough: a gap of spaces
/// first, else a ruler of `=`, `-` or the like. One of the run stays.
fn squeezed(text: &str, room: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    let Some(excess) = characters.len().checked_sub(room + 1).map(|excess| excess + 1) else {
        return text.to_owned();
    };
    let longest = |wanted: &dyn Fn(char) -> bool| {
        let mut best = 0..0;
        let mut start = 0;
        for end in 1..=characters.len() {
            if characters.get(end) != characters.get(start) {
                if wanted(characters[start]) && end - start > best.len() {
                    best = start..end;
                }
                start = end;
            }
        }
        best
    };
    let gap = longest(&|character| character == ' ' || character == FIXED_SPACE);
    let ruler = longest(&|character| "=-_*.#~".contains(character));
    let run = if gap.len() > excess || ruler.len() <= excess { gap } else { ruler };
    let dropped = excess.min(run.len().saturating_sub(1));
    let (head, tail) = characters.split_at(run.start);
    head.iter().chain(&tail[dropped..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laid_out_lines_lose_their_widest_gap_first() {
        let cases = [
            ("fits", 4, "fits"),
            ("SUM:      500.00 UZS", 16, "SUM:  500.00 UZS"),
            ("a  b      c", 7, "a  b  c"),
            ("==========", 4, "===="),
            ("     Reply code", 12, "  Reply code"),
            ("no gap here", 4, "no gap here"),
            ("", 4, ""),
        ];
        for (text, room, want) in cases {
            assert_eq!(squeezed(text, room), want, "{text:?} in {room}");
        }
    }

    #[test]
    fn values_go_below_when_there_is_no_room_beside() {
        let mut page = Composer::new(PaperWidth::Columns32);
        page.pair(2, "Payment", "4710103925", Style::Plain);
        page.pair(2, "Payment", "bb75f609-6d97-4b45-9ed3-80e5fcd19ef1", Style::Plain);
        let page = page.finish(String::new(), "").unwrap();
        let want = "  Payment             4710103925\n  Payment\n        bb75f609-6d97-4b45-9ed3-\n\
                    \x20                   80e5fcd19ef1\n";
        assert_eq!(page.to_text(), want);
    }

    #[test]
    fn a_page_without_end_is_refused() {
        let mut page = Composer::new(PaperWidth::Columns32);
        for _ in 0..=LINES_MAX {
            page.rule();
        }
        assert!(page.is_full());
        assert!(matches!(page.finish(String::new(), ""), Err(PrintError::TooLong)));
    }
}
