//! PNG and PDF, read back by other people's decoders.

use lopdf::{Document, Object};
use rqrr::PreparedImage;

use crate::sample::{QR_URL, SLIP, refund, sale, text};
use chorsu_print::{
    Language, Page, PaperWidth, ReceiptKind, ReceiptPaper, banner_page, receipt_page, slip_page,
};

/// Width, height, grey values.
fn decoded(png: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    (frame.width as usize, frame.height as usize, pixels)
}

/// The texts of all QR codes in a grey picture.
fn qr_codes((width, height, pixels): (usize, usize, Vec<u8>)) -> Vec<String> {
    let mut image =
        PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    image.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect()
}

/// The text form as a picture: a character is 6 pixels wide and 12 high, as in a terminal.
fn photographed(text: &str) -> (usize, usize, Vec<u8>) {
    let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let width = 6 * (lines.iter().map(Vec::len).max().unwrap() + 4);
    let mut pixels = Vec::new();
    for y in 0..12 * lines.len() {
        for x in 0..width {
            let character = (x / 6).checked_sub(2).and_then(|column| lines[y / 12].get(column));
            let dark = match character {
                Some('█') => true,
                Some('▀') => y % 12 < 6,
                Some('▄') => y % 12 >= 6,
                _ => false,
            };
            pixels.push(if dark { 0 } else { 255 });
        }
    }
    (width, 12 * lines.len(), pixels)
}

fn pages() -> Vec<Page> {
    PaperWidth::ALL
        .into_iter()
        .flat_map(|width| {
            [
                receipt_page(&sale(), width, Language::Russian).unwrap(),
                receipt_page(&refund(), width, Language::Uzbek).unwrap(),
                slip_page(SLIP, width).unwrap(),
            ]
        })
        .collect()
}

#[test]
fn a_reader_finds_the_address_in_the_picture() {
    for width in PaperWidth::ALL {
        let page = receipt_page(&sale(), width, Language::Russian).unwrap();
        let picture = decoded(&page.to_png().unwrap());
        assert_eq!(picture.0, page.width().paper_mm() as usize * 16);
        assert_eq!(qr_codes(picture), [QR_URL], "{width:?}");
        let refund = receipt_page(&refund(), width, Language::Russian).unwrap();
        let picture = decoded(&refund.to_png().unwrap());
        assert_eq!(qr_codes(picture), [QR_URL, "https://chorsu.uz"], "{width:?}");
    }
}

#[test]
fn a_reader_finds_the_address_in_the_text() {
    for width in [PaperWidth::Columns42, PaperWidth::Columns48] {
        let page = receipt_page(&sale(), width, Language::Russian).unwrap();
        assert_eq!(qr_codes(photographed(&page.to_text())), [QR_URL], "{width:?}");
    }
    // 32 columns are too few for its 37 modules.
    let narrow = receipt_page(&sale(), PaperWidth::Columns32, Language::Russian).unwrap().to_text();
    let joined: String = narrow.lines().map(str::trim).collect();
    assert!(joined.contains(QR_URL), "{narrow}");
}

#[test]
fn advance_and_credit_receipts_show_no_code() {
    for kind in [ReceiptKind::Prepaid, ReceiptKind::Credit] {
        let paper = ReceiptPaper { kind, ..sale() };
        let page = receipt_page(&paper, PaperWidth::Columns48, Language::Uzbek).unwrap();
        assert!(qr_codes(decoded(&page.to_png().unwrap())).is_empty());
    }
}

#[test]
fn a_pdf_has_the_width_of_the_paper_and_the_words_of_the_text() {
    for page in pages() {
        let document = Document::load_mem(&page.to_pdf()).unwrap();
        let ids = document.get_pages();
        assert_eq!(ids.len(), 1);
        let size = document.get_object(ids[&1]).unwrap().as_dict().unwrap();
        let size: Vec<f32> = size
            .get(b"MediaBox")
            .and_then(Object::as_array)
            .unwrap()
            .iter()
            .map(|number| number.as_float().unwrap())
            .collect();
        let points = page.width().paper_mm() as f32 * 72.0 / 25.4;
        assert!((size[2] - points).abs() < 0.01, "{size:?}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let drawn = |word: &String| word.contains(['█', '▀', '▄', '-', '=']);
        let got = words(&document.extract_text(&[1]).unwrap()).concat();
        let address = words(&page.to_text()).iter().position(|word| word.starts_with("https://"));
        for word in words(&page.to_text()).iter().take(address.unwrap_or(usize::MAX)) {
            assert!(drawn(word) || got.contains(word.as_str()), "no {word} in {got}");
        }
    }
}

#[test]
fn a_tap_on_the_code_of_a_pdf_leads_to_its_address() {
    let page = receipt_page(&sale(), PaperWidth::Columns48, Language::Russian).unwrap();
    let document = Document::load_mem(&page.to_pdf()).unwrap();
    let links = document.get_page_annotations(document.get_pages()[&1]).unwrap();
    let [link] = links.as_slice() else { panic!("one code, one link: {links:?}") };
    let action = link.get(b"A").and_then(Object::as_dict).unwrap();
    assert_eq!(action.get(b"URI").and_then(Object::as_str).unwrap(), QR_URL.as_bytes());
}

#[test]
fn equal_pages_are_equal_files() {
    for (first, second) in pages().into_iter().zip(pages()) {
        assert_eq!(first.to_pdf(), second.to_pdf());
        assert_eq!(first.to_png().unwrap(), second.to_png().unwrap());
    }
}

#[test]
fn a_long_receipt_is_whole_in_every_form() {
    const LINES: usize = 1_200;
    let banners = vec![text("line"); LINES];
    let page = banner_page(&banners, PaperWidth::Columns48).unwrap();
    assert_eq!(page.to_text().matches("line").count(), LINES);
    let document = Document::load_mem(&page.to_pdf()).unwrap();
    let numbers: Vec<u32> = document.get_pages().into_keys().collect();
    assert!(numbers.len() > 1, "longer than a page of a PDF may be");
    assert_eq!(document.extract_text(&numbers).unwrap().matches("line").count(), LINES);
    // 27 dots of a line and 14 of a gap, and the margins.
    let picture = decoded(&page.to_png().unwrap());
    assert_eq!(picture.1, 2 * (2 * 40 + LINES * (27 + 14)));
    // Every line has the same ink, those on the seams of bands too.
    let ink = |line: usize| {
        let (from, to) = (2 * (40 + line * 41), 2 * (40 + (line + 1) * 41));
        let rows = &picture.2[from * picture.0..to * picture.0];
        rows.iter().map(|grey| u64::from(255 - grey)).sum::<u64>()
    };
    assert!((1..LINES).all(|line| ink(line) == ink(0)));
}
