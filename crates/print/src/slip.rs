//! A pinpad's slip: text that the terminal laid out itself, 36 columns as a rule.

use crate::charset::{printable, width};
use crate::compose::Composer;
use crate::error::PrintError;
use crate::page::{LINES_MAX, Page, PaperWidth, Style};

/// The slip as a page of `width`.
///
/// Its lines keep their spaces and stand in the middle of wider paper. On narrower paper a line
/// loses spaces from its widest gap, and only then it is wrapped.
///
/// # Errors
/// [`PrintError::TooLong`] when it has more lines than a page may have.
pub fn slip_page(slip: &str, paper: PaperWidth) -> Result<Page, PrintError> {
    let mut page = Composer::new(paper);
    let columns = page.columns();
    let lines = slip.lines().take(LINES_MAX);
    let widest = lines.map(|line| width(printable(line).trim_end())).max();
    let indent = columns.saturating_sub(widest.unwrap_or_default()) / 2;
    for line in slip.trim_end().lines() {
        if page.is_full() {
            break;
        }
        if line.trim().is_empty() {
            page.gap();
        } else {
            page.laid_out(indent, line, Style::Plain);
        }
    }
    page.finish("Slip".to_owned(), "")
}
