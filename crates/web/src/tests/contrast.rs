//! Whether the colours of the style sheet can be read: WCAG 2.2, success criteria 1.4.3 and 1.4.11.

use crate::assets::STYLE;

/// What stands on what, and the least contrast.
const PAIRS: [(&str, &str, f64); 20] = [
    ("text", "ground", 4.5),
    ("text", "surface", 4.5),
    ("text", "sunken", 4.5),
    ("muted", "ground", 4.5),
    ("muted", "surface", 4.5),
    ("muted", "sunken", 4.5),
    ("accent", "ground", 4.5),
    ("accent", "surface", 4.5),
    ("accent", "accent-soft", 4.5),
    ("accent-deep", "surface", 4.5),
    ("accent-deep", "accent-soft", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-deep", 4.5),
    ("good", "good-soft", 4.5),
    ("bad", "bad-soft", 4.5),
    ("wait", "wait-soft", 4.5),
    ("field-line", "surface", 3.0),
    ("accent", "sunken", 4.5),
    ("bad", "surface", 4.5),
    ("ink", "plate", 15.0),
];

/// The relative luminance of the colour `name` in a block of the sheet.
fn luminance(block: &str, name: &str) -> f64 {
    let start = format!("--{name}: #");
    let hex = block.split(&start).nth(1).unwrap().get(..6).unwrap();
    let channel = |place: usize| {
        let value = f64::from(u8::from_str_radix(&hex[place..place + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

#[test]
fn every_text_can_be_read_in_light_and_dark() {
    let sheet = std::str::from_utf8(STYLE.bytes).unwrap();
    let blocks: Vec<&str> =
        sheet.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert_eq!(blocks.len(), 2, "light and dark");
    for (scheme, block) in ["light", "dark"].iter().zip(blocks) {
        for (front, back, least) in PAIRS {
            let (one, other) = (luminance(block, front), luminance(block, back));
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(contrast >= least, "{front} on {back}, {scheme}: {contrast:.2}");
        }
    }
}
