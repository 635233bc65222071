//! The style sheet, the script and the logo, inside the binary.
//!
//! The URL of each carries a hash of its content, so that browsers may keep it for ever and still
//! never show an old one.

/// The Cache-Control of an asset: another content has another URL.
pub const ASSET_CACHE_CONTROL: &str = "public, max-age=31536000, immutable";
/// The folder of the assets in URLs.
const FOLDER: &str = "/assets/";

/// A file that the pages refer to.
#[derive(Debug)]
pub struct Asset {
    /// Its Content-Type.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
    stem: &'static str,
    extension: &'static str,
    hash: u64,
}

/// The style sheet of all pages.
pub(crate) static STYLE: Asset =
    Asset::new("chorsu", "css", "text/css; charset=utf-8", include_bytes!("../assets/chorsu.css"));
/// What makes the forms more comfortable where scripts run.
pub(crate) static SCRIPT: Asset = Asset::new(
    "chorsu",
    "js",
    "text/javascript; charset=utf-8",
    include_bytes!("../assets/chorsu.js"),
);
/// The logo, also the icon of the page.
pub(crate) static LOGO: Asset =
    Asset::new("logo", "svg", "image/svg+xml", include_bytes!("../assets/logo.svg"));

impl Asset {
    const fn new(
        stem: &'static str,
        extension: &'static str,
        content_type: &'static str,
        bytes: &'static [u8],
    ) -> Self {
        Self { content_type, bytes, stem, extension, hash: hash(bytes) }
    }

    /// Every asset.
    #[must_use]
    pub fn all() -> [&'static Self; 3] {
        [&STYLE, &SCRIPT, &LOGO]
    }

    /// The asset with this file name, the part of its URL after `/assets/`; `None` for any other
    /// name, also for an earlier content's.
    #[must_use]
    pub fn find(file_name: &str) -> Option<&'static Self> {
        Self::all().into_iter().find(|asset| asset.file_name() == file_name)
    }

    /// Its file name, for example `chorsu.0123456789abcdef.css`.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.{:016x}.{}", self.stem, self.hash, self.extension)
    }

    /// Its path, for example `/assets/chorsu.0123456789abcdef.css`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{FOLDER}{}", self.file_name())
    }
}

/// FNV-1a of 64 bits: tells contents of our own apart, and guards against nobody.
const fn hash(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut place = 0;
    while place < bytes.len() {
        hash = (hash ^ bytes[place] as u64).wrapping_mul(0x0100_0000_01b3);
        place += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        let published = [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ];
        for (text, want) in published {
            assert_eq!(hash(text.as_bytes()), want, "{text}");
        }
    }

    #[test]
    fn every_asset_is_found_by_its_own_name_only() {
        for asset in Asset::all() {
            assert!(!asset.bytes.is_empty());
            let found = Asset::find(&asset.file_name()).unwrap();
            assert!(std::ptr::eq(found, asset));
            assert_eq!(asset.url(), format!("/assets/{}", asset.file_name()));
        }
        let stale = format!("{}.{:016x}.{}", STYLE.stem, STYLE.hash ^ 1, STYLE.extension);
        for name in ["", "chorsu.css", "../Cargo.toml", stale.as_str()] {
            assert!(Asset::find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn assets_fetch_nothing_from_elsewhere() {
        for asset in Asset::all() {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            let text = text.replace("http://www.w3.org/2000/svg", "").replace("url(#", "");
            for forbidden in ["http:", "https:", "@import", "url(", "eval(", "innerHTML"] {
                assert!(!text.contains(forbidden), "{forbidden} in {}", asset.file_name());
            }
        }
    }
}
