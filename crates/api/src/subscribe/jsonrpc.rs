//! The envelope: JSON-RPC 2.0 as the SDKs of this API speak it, which is not quite the standard.
//!
//! A call without `id` or without `jsonrpc` is answered like any other; an answer has either
//! `result` or `error`, never the other one as null; a batch is not served.

use std::fmt;

use serde_json::value::RawValue;

use super::catalogue::{self, Fault};
use super::error::RpcError;
use super::method::Method;
use crate::json::{read, write};
use crate::language::Language;

/// Longest `id` that is echoed, in bytes; real ones are numbers and UUIDs.
const ID_MAX: usize = 1024;
/// Deepest nesting in an `id`.
const ID_DEPTH_MAX: usize = 16;
/// Deepest nesting in `params`. The documented ones need five levels.
const PARAMS_DEPTH_MAX: usize = 32;
/// How much of an unknown method's name is repeated, in characters.
const METHOD_ECHO_MAX: usize = 64;

/// Whose word an error of another server is, when it does not say.
const FOREIGN_ORIGIN: &str = "processing";

/// A call whose envelope is sound.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The id, verbatim; absent when the caller gave none.
    pub id: Option<&'a RawValue>,
    /// What is called.
    pub method: Method,
    /// The parameters: an object of bounded depth, `{}` when the caller gave none.
    pub params: &'a str,
}

impl fmt::Debug for Call<'_> {
    /// Without the parameters: they hold card numbers and tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.map(RawValue::get);
        f.debug_struct("Call").field("id", &id).field("method", &self.method).finish()
    }
}

/// A request that is no call, and the id its answer carries.
#[derive(Clone, Debug)]
pub struct Failure<'a> {
    /// The id: null when it could not be read, absent when the caller gave none.
    pub id: Option<&'a RawValue>,
    /// Why.
    pub error: RpcError,
}

impl Failure<'_> {
    /// The failure of a request whose id is not known, because it was not or could not be read.
    #[must_use]
    pub fn without_id(fault: &'static Fault) -> Self {
        Self { id: Some(RawValue::NULL), error: fault.into() }
    }
}

/// Reads the envelope.
///
/// # Errors
/// `-32700` for what is not JSON in UTF-8, `-32600` for JSON of another shape (a batch among them)
/// or an id that cannot be echoed, `-32601` with the name of an unknown method, `-32602` when the
/// parameters are not an object or too deep.
pub fn parse(body: &[u8]) -> Result<Call<'_>, Failure<'_>> {
    let broken = |fault| Failure::without_id(fault);
    let text = std::str::from_utf8(body).map_err(|_| broken(&catalogue::PARSE_ERROR))?;
    let envelope = read::members(text, &["id", "method", "params"]);
    let [id, method, params] = envelope.map_err(|_| {
        // The reader stops at the first surprise; only a second look tells broken JSON from JSON
        // of another shape.
        let sound = read::is_json(text);
        broken(if sound { &catalogue::INVALID_REQUEST } else { &catalogue::PARSE_ERROR })
    })?;
    if id.is_some_and(|id| !may_be_echoed(id.get())) {
        return Err(broken(&catalogue::INVALID_REQUEST));
    }

    let failure = |error| Failure { id, error };
    let name = method
        .and_then(read::string)
        .ok_or_else(|| failure((&catalogue::INVALID_REQUEST).into()))?;
    let method = Method::from_name(&name).ok_or_else(|| {
        let echo: String = name.chars().take(METHOD_ECHO_MAX).collect();
        failure(RpcError::with_data(&catalogue::METHOD_NOT_FOUND, echo))
    })?;
    let params = read::unless_null(params).map_or("{}", RawValue::get);
    if !params.starts_with('{') || read::is_deeper_than(params, PARAMS_DEPTH_MAX) {
        return Err(failure(RpcError::invalid("params")));
    }
    Ok(Call { id, method, params })
}

fn may_be_echoed(id: &str) -> bool {
    id.len() <= ID_MAX && !read::is_deeper_than(id, ID_DEPTH_MAX) && read::has_whole_characters(id)
}

/// Writes an answer; `result` writes exactly one JSON value.
pub fn write_result(out: &mut Vec<u8>, id: Option<&RawValue>, result: impl FnOnce(&mut Vec<u8>)) {
    write::object(out, |answer| {
        envelope(answer, id);
        answer.with("result", result);
    });
}

/// Writes an error, its message in `language`. The message is a plain string: clients that print
/// or decode it as one would take an object for success.
pub fn write_error(out: &mut Vec<u8>, id: Option<&RawValue>, error: &RpcError, language: Language) {
    write::object(out, |answer| {
        envelope(answer, id);
        if let Some(foreign) = &error.foreign {
            return answer.object("error", |object| {
                object.integer("code", foreign.code);
                object.string("message", &foreign.message);
                object.raw("data", &foreign.data);
                object.string("origin", foreign.origin.as_deref().unwrap_or(FOREIGN_ORIGIN));
            });
        }
        answer.object("error", |object| {
            object.integer("code", error.fault.code.into());
            object.string("message", error.fault.text(language));
            match error.data() {
                Some(data) => object.string("data", data),
                None => object.null("data"),
            }
            object.string("origin", error.fault.origin.name());
        });
    });
}

fn envelope(answer: &mut write::Object<'_>, id: Option<&RawValue>) {
    answer.string("jsonrpc", "2.0");
    if let Some(id) = id {
        answer.raw("id", id.get());
    }
}
