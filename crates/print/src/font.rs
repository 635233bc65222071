//! The bundled typeface: DejaVu Sans Mono, cut down to the characters of [`crate::charset`].
//!
//! `fonts/README.md` tells where it comes from, `fonts/LICENSE` on which terms.

use ab_glyph::FontRef;

/// Width of every character, in parts of the font's size.
pub(crate) const ADVANCE_EM: f32 = 1233.0 / 2048.0;
/// From the baseline up, in parts of the font's size.
pub(crate) const ASCENT_EM: f32 = 1901.0 / 2048.0;
/// From the baseline down, in parts of the font's size.
pub(crate) const DESCENT_EM: f32 = 483.0 / 2048.0;

/// A weight of the typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Regular,
    Bold,
}

impl Face {
    pub(crate) const ALL: [Self; 2] = [Self::Regular, Self::Bold];

    /// The PostScript name, as a PDF wants it; six letters mark a part of a typeface.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Regular => "CHORSU+DejaVuSansMono",
            Self::Bold => "CHORSU+DejaVuSansMono-Bold",
        }
    }

    /// The TrueType file.
    pub(crate) const fn file(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../fonts/DejaVuSansMono-subset.ttf"),
            Self::Bold => include_bytes!("../fonts/DejaVuSansMono-Bold-subset.ttf"),
        }
    }

    /// The file, ready to be asked for glyphs.
    #[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
    pub(crate) fn load(self) -> FontRef<'static> {
        FontRef::try_from_slice(self.file()).expect("the bundled font is a font")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charset::all_printable;
    use ab_glyph::Font;

    #[test]
    fn the_font_has_every_printable_character_at_one_width() {
        for face in Face::ALL {
            let font = face.load();
            assert_eq!(font.units_per_em(), Some(2048.0));
            assert_eq!(font.ascent_unscaled(), 2048.0 * ASCENT_EM);
            assert_eq!(-font.descent_unscaled(), 2048.0 * DESCENT_EM);
            for character in all_printable() {
                let glyph = font.glyph_id(character);
                assert_ne!(glyph.0, 0, "{face:?} has no {character:?}");
                assert_eq!(font.h_advance_unscaled(glyph), 2048.0 * ADVANCE_EM, "{character:?}");
            }
        }
    }
}
