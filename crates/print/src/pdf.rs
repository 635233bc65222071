//! A page as a PDF: one long sheet of the paper's width, real text in an embedded font, the QR
//! code as vectors.
//!
//! Two dozen objects written directly need neither a layout engine nor a font subsetter: the
//! bundled font is a subset already. No date and no random id, so equal pages are equal files.

use std::collections::BTreeMap;
use std::io::Write;

use ab_glyph::Font;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{
    ActionType, AnnotationType, CidFontType, FontFlags, SystemInfo, UnicodeCmap,
};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use crate::font::{ADVANCE_EM, ASCENT_EM, DESCENT_EM, Face};
use crate::page::Page;
use crate::sheet::{DOTS_PER_MM, Mark, Rectangle, Sheet};

/// Points (1/72 inch) of a printer's dot.
const POINTS_PER_DOT: f32 = 72.0 / 25.4 / DOTS_PER_MM as f32;
/// No page of a PDF is taller than 200 inches; what is longer goes on the next page.
const HEIGHT_MAX_DOTS: u32 = 200 * 254 * DOTS_PER_MM / 10;
/// Font metrics in a PDF are in thousandths of the font's size.
const PER_EM: f32 = 1_000.0;
const COLLECTION: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

impl Page {
    /// The page as a PDF 1.7 file, as wide as the paper and as long as the receipt.
    #[must_use]
    pub fn to_pdf(&self) -> Vec<u8> {
        let mut document = Document::new();
        for sheet in Sheet::lay(self, HEIGHT_MAX_DOTS) {
            document.sheet(&sheet);
        }
        document.finish(self)
    }
}

/// Which glyph shows which character, for those that are used.
type Glyphs = BTreeMap<u16, char>;

struct Document {
    pdf: Pdf,
    last: Ref,
    catalog: Ref,
    tree: Ref,
    pages: Vec<Ref>,
    /// One object for each of [`Face::ALL`], and what is used of it.
    fonts: [(Face, Ref, Glyphs); 2],
}

impl Document {
    fn new() -> Self {
        let mut last = Ref::new(1);
        let catalog = last.bump();
        let tree = last.bump();
        let fonts = Face::ALL.map(|face| (face, last.bump(), Glyphs::new()));
        Self { pdf: Pdf::new(), last, catalog, tree, pages: Vec::new(), fonts }
    }

    /// Adds a page that shows `sheet`.
    fn sheet(&mut self, sheet: &Sheet) {
        let (id, content_id) = (self.last.bump(), self.last.bump());
        let content = deflated(&self.content(sheet));
        self.pdf.stream(content_id, &content).filter(Filter::FlateDecode);
        let links = self.links(sheet);
        let mut page = self.pdf.page(id);
        page.parent(self.tree).contents(content_id).annotations(links);
        let [width, height] = [sheet.width, sheet.height].map(points);
        page.media_box(Rect::new(0.0, 0.0, width, height));
        let mut resources = page.resources();
        let mut fonts = resources.fonts();
        for (face, id, _) in &self.fonts {
            fonts.pair(resource(*face), *id);
        }
        fonts.finish();
        resources.finish();
        page.finish();
        self.pages.push(id);
    }

    /// The places of a sheet that lead somewhere.
    fn links(&mut self, sheet: &Sheet) -> Vec<Ref> {
        let mut ids = Vec::new();
        for mark in &sheet.marks {
            let Mark::Link(place, address) = mark else { continue };
            let id = self.last.bump();
            let [left, low, width, height] = from_below(sheet, place);
            let mut link = self.pdf.annotation(id);
            link.subtype(AnnotationType::Link)
                .rect(Rect::new(left, low, left + width, low + height))
                .border(0.0, 0.0, 0.0, None);
            link.action().action_type(ActionType::Uri).uri(Str(address.as_bytes()));
            link.finish();
            ids.push(id);
        }
        ids
    }

    fn content(&mut self, sheet: &Sheet) -> Vec<u8> {
        let mut content = Content::new();
        let faces = Face::ALL.map(Face::load);
        content.set_fill_gray(0.0);
        // Boxes that follow one another are one path: filled apart, viewers show seams in a code.
        let mut path_is_open = false;
        for mark in &sheet.marks {
            if path_is_open && !matches!(mark, Mark::Box(_)) {
                content.fill_nonzero();
                path_is_open = false;
            }
            match mark {
                Mark::Link(..) => {}
                Mark::Box(place) => {
                    let [left, low, width, height] = from_below(sheet, place);
                    content.rect(left, low, width, height);
                    path_is_open = true;
                }
                Mark::Text(text) => {
                    let index = usize::from(text.face == Face::Bold);
                    let mut shown = Vec::with_capacity(2 * text.text.len());
                    for character in text.text.chars() {
                        let glyph = faces[index].glyph_id(character).0;
                        self.fonts[index].2.insert(glyph, character);
                        shown.extend(glyph.to_be_bytes());
                    }
                    content.begin_text();
                    content.set_font(resource(text.face), text.size * POINTS_PER_DOT);
                    content.next_line(
                        text.left * POINTS_PER_DOT,
                        (sheet.height as f32 - text.baseline) * POINTS_PER_DOT,
                    );
                    content.show(Str(&shown));
                    content.end_text();
                }
            }
        }
        if path_is_open {
            content.fill_nonzero();
        }
        content.finish().into_vec()
    }

    fn finish(mut self, page: &Page) -> Vec<u8> {
        let count = i32::try_from(self.pages.len()).unwrap_or(i32::MAX);
        self.pdf.pages(self.tree).kids(self.pages.iter().copied()).count(count);
        let mut catalog = self.pdf.catalog(self.catalog);
        catalog.pages(self.tree);
        if !page.language_tag.is_empty() {
            catalog.lang(TextStr(page.language_tag));
        }
        catalog.viewer_preferences().display_doc_title(true);
        catalog.finish();
        let info = self.last.bump();
        self.pdf.document_info(info).title(TextStr(&page.title)).producer(TextStr("Chorsu"));
        for (face, id, glyphs) in &self.fonts {
            write_font(&mut self.pdf, &mut self.last, *id, (*face, glyphs));
        }
        self.pdf.finish()
    }
}

/// A composite font whose character codes are the glyph numbers of the embedded file.
fn write_font(pdf: &mut Pdf, last: &mut Ref, id: Ref, (face, glyphs): (Face, &Glyphs)) {
    let [cid_font, descriptor, file, map] = std::array::from_fn(|_| last.bump());
    let name = Name(face.name().as_bytes());
    pdf.type0_font(id)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid_font)
        .to_unicode(map);
    pdf.cid_font(cid_font)
        .subtype(CidFontType::Type2)
        .base_font(name)
        .system_info(COLLECTION)
        .font_descriptor(descriptor)
        .default_width(ADVANCE_EM * PER_EM)
        .cid_to_gid_map_predefined(Name(b"Identity"));
    let (ascent, descent) = (ASCENT_EM * PER_EM, -DESCENT_EM * PER_EM);
    pdf.font_descriptor(descriptor)
        .name(name)
        .flags(FontFlags::FIXED_PITCH | FontFlags::SYMBOLIC)
        .bbox(Rect::new(0.0, descent, ADVANCE_EM * PER_EM, ascent))
        .italic_angle(0.0)
        .ascent(ascent)
        .descent(descent)
        .cap_height(729.0)
        .stem_v(if face == Face::Bold { 140.0 } else { 80.0 })
        .font_file2(file);
    let data = face.file();
    pdf.stream(file, &deflated(data))
        .filter(Filter::FlateDecode)
        .pair(Name(b"Length1"), i32::try_from(data.len()).unwrap_or(i32::MAX));
    let mut cmap = UnicodeCmap::new(Name(b"Chorsu"), COLLECTION);
    for (glyph, character) in glyphs {
        cmap.pair(*glyph, *character);
    }
    pdf.cmap(map, &deflated(&cmap.finish())).filter(Filter::FlateDecode);
}

fn points(dots: u32) -> f32 {
    dots as f32 * POINTS_PER_DOT
}

/// Left, lower edge, width and height in points from the lower left corner of the sheet.
fn from_below(sheet: &Sheet, place: &Rectangle) -> [f32; 4] {
    let low = sheet.height - place.top - place.height;
    [place.left, low, place.width, place.height].map(points)
}

const fn resource(face: Face) -> Name<'static> {
    match face {
        Face::Regular => Name(b"R"),
        Face::Bold => Name(b"B"),
    }
}

/// `data` as a zlib stream.
#[expect(clippy::expect_used, reason = "writing to memory does not fail")]
fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).and_then(|()| encoder.finish()).expect("memory takes what it is given")
}
