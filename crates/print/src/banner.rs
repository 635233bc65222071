//! Texts, barcodes and QR codes that a till adds to a receipt or prints alone.

use crate::compose::Composer;
use crate::error::PrintError;
use crate::page::{Page, PaperWidth, Style};
use crate::paper::{Banner, BannerContent};

/// A page of banners alone.
///
/// # Errors
/// [`PrintError::TooLong`] when it has more lines than a page may have.
pub fn banner_page(banners: &[Banner], width: PaperWidth) -> Result<Page, PrintError> {
    let mut page = Composer::new(width);
    add(&mut page, banners);
    page.finish("Banner".to_owned(), "")
}

/// Adds `banners` to `page`, each a little apart from what is above it.
pub(crate) fn add(page: &mut Composer, banners: &[Banner]) {
    for banner in banners {
        if page.is_full() {
            break;
        }
        page.gap();
        match &banner.content {
            BannerContent::Text(text) => {
                lines(page, text, if banner.bold { Style::Bold } else { Style::Plain });
            }
            BannerContent::Barcode(text) => page.barcode(text),
            BannerContent::QrCode(text) => page.qr(text),
        }
        if banner.cut {
            page.cut();
        }
    }
}

/// A text's lines, in the middle unless they were laid out with spaces.
fn lines(page: &mut Composer, text: &str, style: Style) {
    for line in text.lines() {
        if page.is_full() {
            break;
        }
        if line.trim().is_empty() {
            page.gap();
        } else if line.starts_with(' ') || line.trim_end().contains("  ") {
            page.laid_out(0, line, style);
        } else {
            page.center(line, style);
        }
    }
}
