//! Where everything on a page stands, in dots of a receipt printer (1/8 mm, 203 to the inch).
//!
//! The PNG and the PDF paint the same sheet, so they cannot differ.

use crate::barcode::Bars;
use crate::charset::width;
use crate::font::{ADVANCE_EM, ASCENT_EM, DESCENT_EM, Face};
use crate::page::{Block, Line, Page, PaperWidth, Place, Style};
use crate::qr::{QUIET_ZONE, Qr};

/// A receipt printer's dots in a millimetre.
pub(crate) const DOTS_PER_MM: u32 = 8;
/// White paper above the first line and below the last.
const MARGIN: u32 = 40;
/// Height of a line in widths of a column.
const LINE_HEIGHT: f32 = 2.25;
/// How much larger the letters of [`Style::Large`] are.
const LARGE: f32 = 1.5;
/// White paper above and below a rule.
const RULE_SPACE: u32 = 12;
/// Dash and space of a rule, dash and space of a cut.
const RULE_DASHES: (u32, u32) = (6, 6);
const CUT_DASHES: (u32, u32) = (24, 16);
const DASH_THICKNESS: u32 = 2;
const GAP: u32 = 14;
/// A QR code is as wide as this where its modules allow: 30 mm.
const QR_WIDTH: u32 = 240;
/// Dots of a QR module: below two a printer smears them, above eight a code only wastes paper.
const QR_MODULE: (u32, u32) = (2, 8);
const BARS_HEIGHT: u32 = 80;
const BARS_SPACE: u32 = 8;

/// A piece of paper with marks on it, in dots from its upper left corner.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// From top to bottom.
    pub(crate) marks: Vec<Mark>,
}

/// Something black.
#[derive(Debug)]
pub(crate) enum Mark {
    Text(Text),
    Box(Rectangle),
    /// Nothing to see: an address that a tap on the place leads to, where a form has such a thing.
    Link(Rectangle, String),
}

/// A run of letters.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) left: f32,
    pub(crate) baseline: f32,
    /// The font's size (1 em) in dots.
    pub(crate) size: f32,
    pub(crate) face: Face,
    pub(crate) text: String,
}

/// A filled rectangle.
#[derive(Debug)]
pub(crate) struct Rectangle {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Mark {
    /// Its upper and lower end; letters with marks reach a little beyond the line.
    pub(crate) fn span(&self) -> (f32, f32) {
        match self {
            Self::Text(text) => (text.baseline - 1.2 * text.size, text.baseline + 0.4 * text.size),
            Self::Box(rectangle) | Self::Link(rectangle, _) => {
                (rectangle.top as f32, (rectangle.top + rectangle.height) as f32)
            }
        }
    }
}

impl Sheet {
    /// The page on sheets of at most `height_max` dots; a block is never divided.
    pub(crate) fn lay(page: &Page, height_max: u32) -> Vec<Self> {
        let mut sheets = Vec::new();
        let mut table = Table::new(page.width);
        for block in &page.blocks {
            if table.top + table.height(block) + MARGIN > height_max && !table.marks.is_empty() {
                sheets.push(table.into_sheet());
                table = Table::new(page.width);
            }
            table.place(block);
        }
        sheets.push(table.into_sheet());
        sheets
    }
}

/// A sheet while things are being laid on it.
struct Table {
    paper: PaperWidth,
    marks: Vec<Mark>,
    /// Where the next block begins.
    top: u32,
}

impl Table {
    const fn new(paper: PaperWidth) -> Self {
        Self { paper, marks: Vec::new(), top: MARGIN }
    }

    fn into_sheet(self) -> Sheet {
        Sheet {
            width: self.paper.paper_mm() * DOTS_PER_MM,
            height: self.top + MARGIN,
            marks: self.marks,
        }
    }

    /// What can be printed on.
    const fn room(&self) -> u32 {
        self.paper.printed_mm() * DOTS_PER_MM
    }

    /// The edge of what can be printed on.
    const fn left(&self) -> u32 {
        (self.paper.paper_mm() - self.paper.printed_mm()) * DOTS_PER_MM / 2
    }

    /// Width of a character.
    fn column(&self, style: Style) -> f32 {
        let plain = self.room() as f32 / self.paper.columns() as f32;
        if style == Style::Large { plain * LARGE } else { plain }
    }

    fn line_height(&self, style: Style) -> u32 {
        (self.column(style) * LINE_HEIGHT).round() as u32
    }

    fn qr_module(&self, qr: &Qr) -> u32 {
        let (least, most) = QR_MODULE;
        let wanted = (QR_WIDTH / qr.size as u32).clamp(least, most);
        wanted.min(self.room() / (qr.size + 2 * QUIET_ZONE) as u32).max(1)
    }

    fn height(&self, block: &Block) -> u32 {
        match block {
            Block::Line(line) => self.line_height(line.style),
            Block::Rule | Block::Cut => 2 * RULE_SPACE + DASH_THICKNESS,
            Block::Gap => GAP,
            Block::Qr(qr) => (qr.size + 2 * QUIET_ZONE) as u32 * self.qr_module(qr),
            Block::Bars(_) => BARS_HEIGHT + 2 * BARS_SPACE,
        }
    }

    fn place(&mut self, block: &Block) {
        let height = self.height(block);
        match block {
            Block::Line(line) => self.line(line),
            Block::Rule => self.dashes(RULE_DASHES),
            Block::Cut => self.dashes(CUT_DASHES),
            Block::Gap => {}
            Block::Qr(qr) => self.qr(qr),
            Block::Bars(bars) => self.bars(bars),
        }
        self.top += height;
    }

    fn line(&mut self, line: &Line) {
        let (room, column) = (self.room() as f32, self.column(line.style));
        match &line.place {
            Place::Left(text) => self.text(0.0, text, line.style),
            Place::Center(text) => {
                self.text((room - width(text) as f32 * column) / 2.0, text, line.style);
            }
            Place::Ends(left, right) => {
                self.text(0.0, left, line.style);
                self.text(room - width(right) as f32 * column, right, line.style);
            }
        }
    }

    fn text(&mut self, left: f32, text: &str, style: Style) {
        // What is indented begins further right; blank glyphs would only be in the way of copying.
        let shown = text.trim_start_matches(' ');
        if shown.is_empty() {
            return;
        }
        let column = self.column(style);
        let indent = (text.len() - shown.len()) as f32 * column;
        let size = column / ADVANCE_EM;
        let above = (self.line_height(style) as f32 - (ASCENT_EM + DESCENT_EM) * size) / 2.0;
        self.marks.push(Mark::Text(Text {
            left: self.left() as f32 + left + indent,
            baseline: self.top as f32 + above + ASCENT_EM * size,
            size,
            face: if style == Style::Plain { Face::Regular } else { Face::Bold },
            text: shown.to_owned(),
        }));
    }

    fn dashes(&mut self, (dash, space): (u32, u32)) {
        let (mut at, end) = (self.left(), self.left() + self.room());
        while at < end {
            self.rectangle(at, RULE_SPACE, dash.min(end - at), DASH_THICKNESS);
            at += dash + space;
        }
    }

    fn qr(&mut self, qr: &Qr) {
        let module = self.qr_module(qr);
        let (side, quiet) = (qr.size as u32 * module, QUIET_ZONE as u32 * module);
        let left = self.left() + (self.room() - side) / 2;
        if qr.is_address() {
            let place = Rectangle { left, top: self.top + quiet, width: side, height: side };
            self.marks.push(Mark::Link(place, qr.text.clone()));
        }
        for row in 0..qr.size {
            let below = quiet + row as u32 * module;
            for (start, length) in qr.dark_runs(row) {
                self.rectangle(left + start as u32 * module, below, length as u32 * module, module);
            }
        }
    }

    fn bars(&mut self, bars: &Bars) {
        let mut at = self.left() + self.room().saturating_sub(bars.dots()) / 2;
        for (index, modules) in bars.widths.iter().enumerate() {
            let dots = modules * bars.module_dots;
            if index % 2 == 0 {
                self.rectangle(at, BARS_SPACE, dots, BARS_HEIGHT);
            }
            at += dots;
        }
    }

    /// A rectangle `below` dots under the top of the block that is being placed.
    fn rectangle(&mut self, left: u32, below: u32, width: u32, height: u32) {
        self.marks.push(Mark::Box(Rectangle { left, top: self.top + below, width, height }));
    }
}
