//! QR codes as the shapes of an SVG.

use fast_qr::{ECL, QRBuilder};

/// Light modules that a reader wants around a code.
const QUIET_ZONE: usize = 4;

/// A QR code to be drawn on a light ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Qr {
    /// Modules in a row and in a column.
    size: usize,
    /// The dark modules as the `d` of a path, one unit a module.
    pub(crate) path: String,
}

impl Qr {
    /// The code that says `text`; `None` when that is empty or too long for one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for row in 0..code.size {
            let mut column = 0;
            while column < code.size {
                let rest = code.data[row * code.size + column..(row + 1) * code.size].iter();
                let run = rest.take_while(|module| module.value()).count();
                if run > 0 {
                    path.push_str(&format!("M{column} {row}h{run}v1h-{run}z"));
                }
                column += run + 1;
            }
        }
        Some(Self { size: code.size, path })
    }

    /// The `viewBox` of the SVG, with the light zone around the code.
    pub(crate) fn view_box(&self) -> String {
        let side = self.size + 2 * QUIET_ZONE;
        format!("-{QUIET_ZONE} -{QUIET_ZONE} {side} {side}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that the path darkens.
    fn drawn(qr: &Qr) -> Vec<bool> {
        let mut dark = vec![false; qr.size * qr.size];
        for run in qr.path.split('z').filter(|run| !run.is_empty()) {
            let (place, length) = run[1..].split_once('h').unwrap();
            let (column, row) = place.split_once(' ').unwrap();
            let (column, row): (usize, usize) = (column.parse().unwrap(), row.parse().unwrap());
            let length: usize = length.split_once('v').unwrap().0.parse().unwrap();
            dark[row * qr.size + column..][..length].fill(true);
        }
        dark
    }

    /// What a reader makes of the picture.
    fn read(qr: &Qr) -> String {
        const SCALE: usize = 4;
        let (dark, side) = (drawn(qr), (qr.size + 2 * QUIET_ZONE) * SCALE);
        let module = |place: usize| (place / SCALE).checked_sub(QUIET_ZONE);
        let grey = |x, y| match (module(x), module(y)) {
            (Some(x), Some(y)) if x < qr.size && y < qr.size && dark[y * qr.size + x] => 0,
            _ => 255,
        };
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, grey);
        let grids = picture.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    #[test]
    fn a_reader_gets_the_text_back() {
        for text in [
            "880101698207133392",
            "50501010793410469483",
            "7993:5061401:01JD8Z6W4R2K9T3X5Y7B1C0VQM:q3Zt8LxVb2mKp7Rd5NwHYbA=",
        ] {
            let qr = Qr::of(text).unwrap();
            assert_eq!(read(&qr), text);
            let side = qr.size + 8;
            assert_eq!(qr.view_box(), format!("-4 -4 {side} {side}"));
        }
        assert_eq!(Qr::of(""), None);
        assert_eq!(Qr::of(&"x".repeat(3_000)), None);
    }
}
