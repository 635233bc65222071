//! A page as plain text, one line feed after each line.

use crate::charset::{FIXED_SPACE, width};
use crate::page::{Block, Page, Place};
use crate::qr::{QUIET_ZONE, Qr};
use crate::wrap::wrap;

/// Light modules at each side that a code on white paper can do with.
const QUIET_ZONE_LEAST: usize = 2;

impl Page {
    /// The page as text of the paper's width, without spaces at the ends of lines.
    ///
    /// QR codes are drawn in half blocks: dark modules are ink, so this is for light paper. One
    /// that is wider than the paper is written out as text, as on 32 columns. Bars are not drawn;
    /// what they say stands there anyway.
    #[must_use]
    pub fn to_text(&self) -> String {
        let columns = self.width.columns();
        let mut text = String::new();
        for block in &self.blocks {
            match block {
                Block::Line(line) => push_line(&mut text, &placed(&line.place, columns)),
                Block::Rule => push_line(&mut text, &"-".repeat(columns)),
                Block::Cut => push_line(&mut text, &"- ".repeat(columns / 2)),
                Block::Gap => text.push('\n'),
                Block::Qr(qr) => push_qr(&mut text, qr, columns),
                Block::Bars(_) => {}
            }
        }
        text
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line.replace(FIXED_SPACE, " ").trim_end());
    text.push('\n');
}

fn placed(place: &Place, columns: usize) -> String {
    match place {
        Place::Left(text) => text.clone(),
        Place::Center(text) => {
            let indent = columns.saturating_sub(width(text)) / 2;
            format!("{:indent$}{text}", "")
        }
        Place::Ends(left, right) => {
            let gap = columns.saturating_sub(width(left) + width(right));
            format!("{left}{:gap$}{right}", "")
        }
    }
}

/// Two rows of modules make one line.
fn push_qr(text: &mut String, qr: &Qr, columns: usize) {
    if qr.size + 2 * QUIET_ZONE_LEAST > columns {
        for line in wrap(&crate::charset::printable_words(&qr.text), columns) {
            push_line(text, &placed(&Place::Center(line), columns));
        }
        return;
    }
    let indent = (columns - qr.size) / 2;
    text.push_str(&"\n".repeat(QUIET_ZONE / 2));
    for row in (0..qr.size).step_by(2) {
        let blocks = (0..qr.size).map(|column| {
            match (qr.is_dark(row, column), qr.is_dark(row + 1, column)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            }
        });
        let line: String = std::iter::repeat_n(' ', indent).chain(blocks).collect();
        push_line(text, &line);
    }
    text.push_str(&"\n".repeat(QUIET_ZONE_LEAST / 2));
}
