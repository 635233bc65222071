//! The start page, the assets and the answer to unknown paths, and what all pages share: the
//! visitor's language, forms, headers.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Form, FromRequest, FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chorsu_web::{
    ASSET_CACHE_CONTROL, Asset, DemoKassa, DemoPartner, ErrorPage, Language, NotFoundPage,
    PAGE_HEADERS, PUBLISHED_TEST_CARDS, RenderError, StartPage,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::{bank, demo, ids};

/// The largest form. The longest field, a card's token, has 68 characters.
pub(super) const FORM_MAX: usize = 16 * 1024;

/// The language a visitor wants: `?lang=`, else what the browser asks for.
#[derive(Clone, Copy)]
pub(super) struct Wanted(pub(super) Language);

#[derive(Deserialize)]
struct LanguageQuery {
    lang: Option<String>,
}

impl Wanted {
    /// The language of a visitor who sent a form with this field `lang`.
    pub(super) fn or_of_form(self, lang: &str) -> Language {
        Language::from_tag(lang).unwrap_or(self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for Wanted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = Query::<LanguageQuery>::try_from_uri(&parts.uri).ok();
        let chosen = query.and_then(|Query(query)| query.lang);
        let header = text(&parts.headers, &header::ACCEPT_LANGUAGE);
        Ok(Self(Language::choose(chosen.as_deref(), header)))
    }
}

/// The name in a path; empty, which names nothing, where it is no text.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let name = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(name.map(|Path(name)| name).unwrap_or_default()))
    }
}

/// A form that one of our own pages sent.
///
/// Where the browser says that another site's page sent it (Fetch Metadata, "Sec-Fetch-Site"), it
/// is refused, for the visitor did not mean to send it here.
pub(super) struct OwnForm<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OwnForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let site = text(request.headers(), &HeaderName::from_static("sec-fetch-site"));
        if !matches!(site, None | Some("same-origin" | "none")) {
            return Err(refused(StatusCode::FORBIDDEN, "the form is of another site\n"));
        }
        match Form::from_request(request, state).await {
            Ok(Form(form)) => Ok(Self(form)),
            // Our pages send no such forms, so this is read by developers.
            Err(error) => Err(refused(error.status(), "the form cannot be read\n")),
        }
    }
}

fn refused(status: StatusCode, why: &'static str) -> Response {
    (status, PAGE_HEADERS, why).into_response()
}

/// Why there is no page of what was asked for.
pub(super) enum Problem {
    /// There is no such thing.
    NotFound(Language),
    /// A failure of ours, already logged.
    Failed(Language),
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound(language) => {
                page(StatusCode::NOT_FOUND, NotFoundPage { language }.render())
            }
            Self::Failed(language) => {
                let mut bytes = [0; 8];
                ids::fill(&mut bytes);
                let trace_id = format!("{:016x}", u64::from_be_bytes(bytes));
                tracing::error!(trace_id, "a visitor was shown that something of ours failed");
                let failure = ErrorPage { language, trace_id: &trace_id };
                page(StatusCode::INTERNAL_SERVER_ERROR, failure.render())
            }
        }
    }
}

/// A page as an answer.
pub(super) fn page(status: StatusCode, html: Result<String, RenderError>) -> Response {
    match html {
        Ok(html) => {
            let html_type = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (status, PAGE_HEADERS, html_type, html).into_response()
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page was not written");
            refused(StatusCode::INTERNAL_SERVER_ERROR, "the page cannot be written\n")
        }
    }
}

/// Sends the visitor on to `path`, to be read with GET.
pub(super) fn see(path: &str, language: Language) -> Response {
    see_address(&format!("{path}?lang={}", language.tag()))
}

/// Sends the visitor on to a whole address of ours, to be read with GET.
pub(super) fn see_address(address: &str) -> Response {
    (PAGE_HEADERS, Redirect::to(address)).into_response()
}

/// The start page.
pub(super) async fn start(State(app): State<Arc<App>>, Wanted(language): Wanted) -> Response {
    let sandbox = app.sandbox.is_some();
    let shown = |demo: &'static demo::DemoKassa| DemoKassa {
        id: demo.id,
        key: demo.keys.first().copied().unwrap_or_default(),
        fields: demo.fields,
    };
    let kassas = demo::KASSAS.each_ref().map(shown);
    let services = app.bank.services();
    let numbers = services.of(bank::demo::PARTNER).map(|service| service.settings.id.0);
    let numbers: Vec<u32> = numbers.collect();
    let partner = sandbox.then_some(DemoPartner {
        username: bank::demo::USERNAME,
        password: bank::demo::PASSWORD,
        services: &numbers,
    });
    let start = StartPage {
        language,
        sandbox,
        version: env!("CARGO_PKG_VERSION"),
        base_url: &app.public_url,
        partner,
        kassas: if sandbox { &kassas } else { &[] },
        cards: if sandbox { &PUBLISHED_TEST_CARDS } else { &[] },
    };
    page(StatusCode::OK, start.render())
}

/// Style, script and logo.
pub(super) async fn asset(Named(name): Named, wanted: Wanted, headers: HeaderMap) -> Response {
    let Some(asset) = Asset::find(&name) else { return not_found(wanted, headers).await };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, ASSET_CACHE_CONTROL),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.bytes).into_response()
}

/// The answer where nothing is: a page for people, JSON for programs.
pub(super) async fn not_found(Wanted(language): Wanted, headers: HeaderMap) -> Response {
    if text(&headers, &header::ACCEPT).is_some_and(|accept| accept.contains("text/html")) {
        return Problem::NotFound(language).into_response();
    }
    let body = Json(serde_json::json!({ "error": "not found" }));
    (StatusCode::NOT_FOUND, PAGE_HEADERS, body).into_response()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(HeaderValue::to_str)?.ok()
}
