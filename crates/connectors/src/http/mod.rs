//! HTTP/1.1 and HTTPS to counterparties: one pooled client for all of them.
//!
//! Requests and answers are plain data, so every protocol above is pure. The client does not
//! follow redirects, does not repeat what may have arrived, and reads no meaning into a status: it
//! says what came back, or what is known when nothing usable did.

mod base_url;
mod client;
mod connector;
mod message;

pub use base_url::{BadUrl, BaseUrl};
pub use client::{HttpAnswer, HttpClient, HttpError, HttpSettings};
pub use message::{HttpRequest, HttpResponse, Method, path_segment};
