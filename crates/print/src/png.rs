//! A page as a grey PNG, two pixels to a printer's dot (16 to the millimetre, 406 to the inch).
//!
//! The picture is painted and written in bands, so memory does not grow with the receipt.

use std::io::Write;

use ab_glyph::{Font, FontRef, PxScale, point};
use png::{BitDepth, ColorType, Compression, Encoder, PixelDimensions, Unit};

use crate::error::PrintError;
use crate::font::{ADVANCE_EM, ASCENT_EM, DESCENT_EM, Face};
use crate::page::Page;
use crate::sheet::{DOTS_PER_MM, Mark, Rectangle, Sheet, Text};

/// Pixels to a printer's dot, in both directions.
const SCALE: u32 = 2;
/// Rows painted at once.
const BAND_ROWS: u32 = 512;
const WHITE: u8 = 255;

impl Page {
    /// The page as a PNG file: 8-bit grey, as wide as the paper at 16 pixels to the millimetre.
    ///
    /// # Errors
    /// [`PrintError::Png`] when the encoder fails, which it has no reason to.
    pub fn to_png(&self) -> Result<Vec<u8>, PrintError> {
        let mut file = Vec::new();
        for sheet in Sheet::lay(self, u32::MAX) {
            write_sheet(&sheet, &mut file).map_err(PrintError::Png)?;
        }
        Ok(file)
    }
}

fn write_sheet(sheet: &Sheet, file: &mut Vec<u8>) -> Result<(), png::EncodingError> {
    let (width, height) = (sheet.width * SCALE, sheet.height * SCALE);
    let mut encoder = Encoder::new(file, width, height);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    let per_metre = DOTS_PER_MM * SCALE * 1_000;
    encoder.set_pixel_dims(Some(PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    let brush = Brush::new();
    let mut marks = sheet.marks.as_slice();
    for top in (0..height).step_by(BAND_ROWS as usize) {
        let rows = BAND_ROWS.min(height - top);
        let mut band = Band::new(width, top, rows);
        // Marks come from top to bottom; a mark that reaches into the next band stays for it.
        let mut is_first_open = true;
        let mut done = 0;
        for mark in marks {
            let (above, below) = mark.span();
            if above * SCALE as f32 >= (top + rows) as f32 {
                break;
            }
            brush.paint(mark, &mut band);
            is_first_open &= below * SCALE as f32 <= (top + rows) as f32;
            done += usize::from(is_first_open);
        }
        marks = &marks[done..];
        stream.write_all(&band.pixels)?;
    }
    stream.finish()
}

/// Some rows of the picture.
struct Band {
    width: u32,
    top: u32,
    rows: u32,
    pixels: Vec<u8>,
}

impl Band {
    fn new(width: u32, top: u32, rows: u32) -> Self {
        Self { width, top, rows, pixels: vec![WHITE; width as usize * rows as usize] }
    }

    /// Darkens a pixel of the picture by `ink` (0 to 1), if it is in this band.
    fn darken(&mut self, x: i64, y: i64, ink: f32) {
        let row = y - i64::from(self.top);
        if !(0..i64::from(self.rows)).contains(&row) || !(0..i64::from(self.width)).contains(&x) {
            return;
        }
        let at = row as usize * self.width as usize + x as usize;
        let grey = (f32::from(WHITE) * (1.0 - ink.clamp(0.0, 1.0))).round() as u8;
        self.pixels[at] = self.pixels[at].min(grey);
    }

    fn fill(&mut self, rectangle: &Rectangle) {
        let first = (rectangle.top * SCALE).max(self.top) - self.top;
        let end = ((rectangle.top + rectangle.height) * SCALE).min(self.top + self.rows);
        let left = (rectangle.left * SCALE) as usize;
        let length = (rectangle.width * SCALE) as usize;
        for row in first..end.saturating_sub(self.top) {
            let at = row as usize * self.width as usize + left;
            self.pixels[at..at + length].fill(0);
        }
    }
}

/// The fonts, loaded once for a picture.
struct Brush {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

impl Brush {
    fn new() -> Self {
        Self { regular: Face::Regular.load(), bold: Face::Bold.load() }
    }

    fn paint(&self, mark: &Mark, band: &mut Band) {
        match mark {
            Mark::Box(rectangle) => band.fill(rectangle),
            Mark::Text(text) => self.write(text, band),
            Mark::Link(..) => {}
        }
    }

    fn write(&self, text: &Text, band: &mut Band) {
        let font = if text.face == Face::Bold { &self.bold } else { &self.regular };
        let size = text.size * SCALE as f32;
        // This crate measures a font by ascent plus descent, not by its size.
        let scale = PxScale::from(size * (ASCENT_EM + DESCENT_EM));
        let baseline = (text.baseline * SCALE as f32).round();
        for (index, character) in text.text.chars().enumerate() {
            // Whole pixels: every `0` of a column of sums looks the same.
            let left = (text.left * SCALE as f32 + index as f32 * size * ADVANCE_EM).round();
            let glyph =
                font.glyph_id(character).with_scale_and_position(scale, point(left, baseline));
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, ink| {
                let (x, y) = (corner.x as i64 + i64::from(x), corner.y as i64 + i64::from(y));
                band.darken(x, y, ink);
            });
        }
    }
}
