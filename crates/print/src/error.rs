//! Why a page could not be made.

/// Why a page could not be made. Nothing is printed in part.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// More lines than a page may have; a receipt is never cut short.
    #[error("the page has more than {} lines", crate::page::LINES_MAX)]
    TooLong,
    /// The PNG could not be written.
    #[error("the PNG could not be written")]
    Png(#[source] png::EncodingError),
}
