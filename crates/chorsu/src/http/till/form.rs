//! The forms in which paper is sent: text, PNG and PDF, as wide as the printer's roll.

use axum::body::Body;
use axum::extract::Query;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use chorsu_api::till::{Problems, TillError};
use chorsu_print::{Page, PaperWidth, PrintError, slip_page};
use serde::Deserialize;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Lines of characters.
    Text,
    /// A picture.
    Png,
    /// A page.
    Pdf,
}

/// A form that was drawn: the type of its content, and the content.
pub(super) type Drawn = (&'static str, Vec<u8>);

/// The form that is asked for, if any is.
pub(super) fn format(problems: &mut Problems, given: Option<&str>) -> Option<Format> {
    choice(problems, "format", given, |name| match name {
        "text" => Some(Format::Text),
        "png" => Some(Format::Png),
        "pdf" => Some(Format::Pdf),
        _ => None,
    })
}

/// The width that is asked for, or that of most printers.
pub(super) fn width(problems: &mut Problems, given: Option<&str>) -> PaperWidth {
    let width = choice(problems, "width", given, |columns| {
        columns.parse().ok().and_then(PaperWidth::from_columns)
    });
    width.unwrap_or(PaperWidth::Columns48)
}

/// A parameter, unless it is blank.
pub(super) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// What a parameter stands for; another value than there is, is a problem.
pub(super) fn choice<T>(
    problems: &mut Problems,
    name: &'static str,
    given: Option<&str>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let text = filled(given)?;
    let found = read(text);
    if found.is_none() {
        problems.add(name, format!("\"{text}\" is not a valid choice."));
    }
    found
}

/// Draws a page in a form.
///
/// # Errors
/// [`PrintError`].
pub(super) fn draw(page: &Page, format: Format) -> Result<Drawn, PrintError> {
    Ok(match format {
        Format::Text => ("text/plain; charset=utf-8", page.to_text().into_bytes()),
        Format::Png => ("image/png", page.to_png()?),
        Format::Pdf => ("application/pdf", page.to_pdf()),
    })
}

/// The answer that is a drawn form.
pub(super) fn sent((kind, bytes): Drawn) -> Response {
    let mut response = Body::from(bytes).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[derive(Debug, Default, Deserialize)]
struct Parameters {
    format: Option<String>,
    width: Option<String>,
}

/// In which form the address asks for a slip, and how wide; `None` for the slip inside of JSON.
///
/// # Errors
/// Code 7 for a form or a width that there is not.
pub(super) fn of_slip(uri: &Uri) -> Result<Option<(Format, PaperWidth)>, TillError> {
    let parameters = Query::<Parameters>::try_from_uri(uri);
    let Query(given) = parameters
        .map_err(|_| TillError::whole("The parameters of the address are not readable."))?;
    let mut problems = Problems::default();
    let format = format(&mut problems, given.format.as_deref());
    let width = width(&mut problems, given.width.as_deref());
    if problems.is_empty() {
        Ok(format.map(|format| (format, width)))
    } else {
        Err(problems.into())
    }
}

/// A slip in this form.
///
/// # Errors
/// [`TillError::PrinterNotWorking`].
pub(super) async fn slip(
    text: String,
    (format, width): (Format, PaperWidth),
) -> Result<Response, TillError> {
    let drawn = tokio::task::spawn_blocking(move || draw(&slip_page(&text, width)?, format)).await;
    let drawn = drawn.map_err(|_| TillError::PrinterNotWorking)?;
    drawn.map(sent).map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "a slip cannot be printed");
        TillError::PrinterNotWorking
    })
}
